"""What a text is made of: Chinese characters, signs, emoji, lines, marks of items, names, our own tags."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import Tag


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same as `re.compile`, later: a short command uses few of our 300 patterns, and all take 0.1 s."""
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))


class _LazyPattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a compiled pattern has
        """Called once for each name: what is found is an attribute from then on, as fast as any other."""
        found = self.__dict__[name] = getattr(self._compiled, name)
        return found


HAN = "々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Ideographs, for use inside a character class."""
KANA_HANGUL = "\u3041-\u3096\u30a1-\u30fa\u30fc\uac00-\ud7a3"
"""The other East Asian letters, for use inside a character class."""

CHINESE_PUNCTUATION = "，。．；：！？、（）【】《》〈〉「」『』〔〕～…"
"""Marks that do not belong in English text. The ellipsis only counts doubled (`……`)."""

IN_ASCII = str.maketrans(
    "，。．；：！？、（）【】《》〈〉「」『』〔〕～％\u3000", """,..;:!?,()[]""" + '"' * 8 + "()~% "
)
"""For `str.translate`: a full-width mark and the mark that English uses in its place."""

_HAN = lazy_pattern(f"[{HAN}]")


def has_han(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return not text.isascii() and _HAN.search(text) is not None


@lru_cache(16)
def han_count(text: str) -> int:
    """How many Chinese characters the text holds."""
    return len(_HAN.findall(text))


CHINESE_SHARE = 0.2
"""Of the words, a character being one: 45 English files have 4 % at most, 119 Chinese ones 30 % at least.

Of texts by which it was not set, two references of an API in Chinese have 55 and 80 %, and four English ones
about Chinese 3 to 17 %. By folds over the issues 0.05 to 0.3 are all right (`python -m benchmarks verdict`).
"""
_LATIN_WORD = lazy_pattern(r"[A-Za-z]+")
_NO_WORDS = lazy_pattern(r"`[^`]*`|https?://\S+|\]\([^()\s]{0,600}")
"""Code and addresses in a line."""
_FENCE = lazy_pattern(r"\s*(```|~~~)(?!.*`)")


def is_chinese(text: str) -> bool:
    """Whether a Markdown file looks like a Chinese one, its code left aside."""
    characters = words = 0
    in_code = ""
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if fence and in_code in {"", fence[1]}:
            in_code = "" if in_code else fence[1]
        elif not in_code:
            prose = _NO_WORDS.sub(" ", line)
            characters += len(_HAN.findall(prose))
            words += len(_LATIN_WORD.findall(prose))
    return characters > CHINESE_SHARE * (characters + words)


def in_half_width(text: str) -> str:
    """Full-width letters, digits and signs in ASCII; each character stays where it was.

    Only U+FF01..U+FF5E and the ideographic space change, so that offsets stay true.
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


# --------------------------------------------------------------------------- emoji

_SIGN = (
    r"\u231A\u231B\u23E9-\u23F3\u25FD\u25FE\u2600-\u2775\u2794-\u27BF\u2B05-\u2B07\u2B1B\u2B1C\u2B50\u2B55"
    r"\U0001F300-\U0001FAFF"
)
_MODIFIED = r"\uFE0F?[\U0001F3FB-\U0001F3FF]?"
EMOJI = (
    r"(?:\U0001F3F4[\U000E0020-\U000E007F]{2,8}"  # the flags of regions: England
    r"|[\U0001F1E6-\U0001F1FF]{2}"  # the flags of countries: two letters
    rf"|[{_SIGN}]{_MODIFIED}(?:\u200D[\u2600-\u27BF\U0001F300-\U0001FAFF]\uFE0F?)*)"
)
"""A pattern of one emoji. The circled figures ❶-❿ among the dingbats are numbers, not emoji."""
EMOJI_BLOCKS = r"\u2300-\u2BFF\U0001F1E6-\U0001FAFF"
"""Where all that begin an emoji are, for use inside a character class: a quick look before a careful one."""
_EMOJI = lazy_pattern(EMOJI)


def emoji_in(text: str) -> Iterator[tuple[int, str]]:
    """Where each emoji begins, and the emoji as one compares it: without the selector of its colored form."""
    return ((match.start(), match[0].replace("\ufe0f", "")) for match in _EMOJI.finditer(text))


def without_emoji(text: str) -> str:
    """The text with a space for each emoji, whose parts (as of England's flag) are no hidden characters."""
    return text if text.isascii() else _EMOJI.sub(" ", text)


# --------------------------------------------------------------------------- lines

LINE_END = lazy_pattern(r"\r\n|\r|\n")
"""Where lines end for Markdown and editors; Python's `splitlines` knows more ends."""


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends; line 1 is the first of the list."""
    return LINE_END.split(text)


def line_starts(text: str) -> list[int]:
    """Where each line begins; the first of the list is line 1."""
    return [0, *(end.end() for end in LINE_END.finditer(text))]


def line_at(text: str, offset: int) -> int:
    """The number of the line in which an offset lies."""
    return len(lines_of(text[:offset]))


def with_replaced(
    text: str, places: Iterable[tuple[int, int, str]], position: int = 0, stop: int | None = None
) -> str:
    """The text, or a stretch of it, with another one from each start to each end; the places are in order."""
    pieces = []
    for start, end, new in places:
        pieces += [text[position:start], new]
        position = end
    return "".join([*pieces, text[position:stop]])


def shortened(text: str, most: int = 60) -> str:
    """The text with at most so many characters, the last one an ellipsis if there are more."""
    return text if len(text) <= most else text[: most - 1] + "…"


# --------------------------------------------------------------------------- the marks around an item

_FIGURES = r"\d{1,3}"
CIRCLED = "①-⑳㉑-㉟㊱-㊿❶-❿"
"""Numbers in circles, for use inside a character class. They read the same in English."""
ITEM = rf"({_FIGURES})[、）]|([（(]{_FIGURES}[)）])"
"""The usual number of an item, which an edition writes as English does; one of the groups is its value."""
ITEM_NUMBER = lazy_pattern(rf"{ITEM}|({_FIGURES})[.)](?=[ \t])")
"""The number of an item in Chinese or English, where its line begins: `1、`, `1. `, `(1)`."""
CIRCLED_NUMBER = lazy_pattern(rf"\s*([{CIRCLED}])")
KEPT_NUMBER = rf"\s*(?:[{CIRCLED}]\s*|{_FIGURES}[.)]\s+)"
"""Numbers that English writes alike: they stay byte for byte."""


class MarkPatterns(NamedTuple):
    """How a newsletter writes its marks. One group of each, the first that took part, is the mark's value.

    `item` is matched where a line begins; `note` and `stars` are searched for at its end, and blanks before
    them belong to them.
    """

    item: re.Pattern[str] = re.compile(rf"\s*(?:{ITEM})\s*")
    note: re.Pattern[str] = re.compile(r"[（(](英文?|中文?|中译|英译|中英|英中|日文?)[)）]\s*\Z")
    stars: re.Pattern[str] = re.compile(
        r"[（(]\s*[Ss][Tt][Aa][Rr][Ss]?\s*[:：]?\s*(\d[\d.,]*\s?[kKwW万]?\+?)\s*[)）]\s*\Z"
    )


def value_of(match: re.Match[str]) -> str:
    """What a mark says: the first group that took part."""
    return match[match.lastindex or 0]


def bare_number(value: str) -> str:
    """The number of an item without the parentheses that it may be written in."""
    return value.strip("（()）")


_RUN = lazy_pattern(r"[^\x00-\x7f]+")
_AROUND = "“”‘’«»—–…"
"""What honest text has beside a word; as bytes of Windows-1252 they would spoil any run."""


def _bytes_of(*encodings: str) -> dict[str, int]:
    """The byte of each non-ASCII character in the first of the encodings that has it."""
    table: dict[str, int] = {}
    for encoding in encodings:
        for byte in range(0x80, 0x100):
            for character in bytes([byte]).decode(encoding, "ignore"):
                table.setdefault(character, byte)
    return table


_TABLES = {
    "Mac Roman": _bytes_of("mac_roman"),
    "Windows-1252": _bytes_of("cp1252", "latin-1"),  # Latin-1 for the five bytes that cp1252 leaves out
}


class Misread(NamedTuple):
    """A run that was read in a wrong encoding, and what it was."""

    start: int
    end: int
    text: str
    """What was meant."""
    encoding: str
    """What it was taken for."""


def misread_runs(text: str) -> list[Misread]:
    """The runs that are mojibake beyond reasonable doubt, in order.

    A run that gives an emoji or three Chinese characters is proof of itself. Shorter ones count when there
    are at least three and they outnumber all the other non-ASCII runs, as in a file that was misread whole.
    """
    return max((_misread_as(name, text) for name in _TABLES), key=len)


def repaired(text: str, runs: list[Misread]) -> str:
    """The text with each run replaced by what was meant."""
    return with_replaced(text, ((run.start, run.end, run.text) for run in runs))


def _misread_as(name: str, text: str) -> list[Misread]:
    runs = [_suspect(run.start(), run[0], name) for run in _RUN.finditer(text)]
    suspects = [suspect for suspect in runs if suspect is not None]
    if len(suspects) > max(2, len(runs) - len(suspects)):
        return suspects
    return [suspect for suspect in suspects if _proves_itself(suspect.text)]


def _suspect(start: int, run: str, name: str) -> Misread | None:
    """A run that was misread, quotes and dashes around it left aside where it says nothing with them."""
    for part in dict.fromkeys((run, run.lstrip(_AROUND), run.rstrip(_AROUND), run.strip(_AROUND))):
        if part and (meant := _read_again(part, _TABLES[name])) is not None:
            first = start + run.index(part)
            return Misread(first, first + len(part), meant, name)
    return None


def _read_again(run: str, table: dict[str, int]) -> str | None:
    try:
        meant = bytes(table[character] for character in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
    return meant if all(map(_is_likely, meant)) else None


def _is_likely(character: str) -> bool:
    """Latin, Greek, or beyond the two-byte scripts: a French `’é` reads as Armenian, which nobody meant."""
    return character <= "\u017f" or "\u0370" <= character <= "\u03ff" or character > "\u07ff"


def _proves_itself(meant: str) -> bool:
    """By chance, honest text forms one sequence of three bytes, but not one of four, nor three in a row."""
    return any(character > "\uffff" for character in meant) or sum(c > "\u07ff" for c in meant) > 2


# --------------------------------------------------------------------------- titles

_NAME = lazy_pattern(r"([!-;=-~][ -;=-~]{0,60}?) ?：(?=.*[㐀-鿿])")
"""Latin before a full-width colon, and no tag: those begin with `<`."""
_SIMILAR = 0.5
"""From here on two Chinese titles of one address name one work: those of a site's pages do not."""


def name_of(title: str) -> str:
    """The `codegate` of `codegate：AI 编程助手的隐私与安全`; nothing where no name stands in front.

    Several blanks in it are one: no reader sees more.
    """
    match = _NAME.match(title)
    return " ".join(match[1].split()) if match else ""


def same_work(one: str, other: str) -> bool:
    """Whether two Chinese titles that link to one address name the same work: a name, or half of the text."""
    if (name := name_of(one)) and name == name_of(other):
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SIMILAR


# --------------------------------------------------------------------------- tags

# `<a1>label</a1>` stands around a label, `<m2/>` for what stands alone. The id is in the closing tag too, so
# that a swapped label is as visible as a lost one. Where a source text already holds a look-alike, its
# segment uses names with a prefix (`<xa1>`): see `free_prefix`.

_KIND_AND_NUMBER = r"[abidcm]\d{1,7}"
"""A line of the greatest length that is read has a million tags at most."""
NAME = rf"[xyz]{{0,3}}{_KIND_AND_NUMBER}"
TAG = lazy_pattern(rf"<(?P<close>/?)(?P<name>{NAME})(?P<alone>/?)>")
_PREFIXES = ("", "x", "y", "z", "xy", "xz", "yz", "xyz")
_TEXTS_AT_HAND = 16
"""All checks ask the same questions about the two texts of a pair, one after the other."""


class Token(NamedTuple):
    """A piece of tagged text: `text` when `name` is empty, else a tag."""

    text: str
    name: str = ""
    closes: bool = False
    alone: bool = False


@lru_cache(_TEXTS_AT_HAND)
def tokens_of(text: str) -> tuple[Token, ...]:
    """The text and the tags of a tagged text, in order; joining their texts gives it back."""
    if "<" not in text:
        return (Token(text),) if text else ()
    tokens: list[Token] = []
    position = 0
    for match in TAG.finditer(text):
        if match.start() > position:
            tokens.append(Token(text[position : match.start()]))
        tokens.append(Token(match[0], match["name"], bool(match["close"]), bool(match["alone"])))
        position = match.end()
    if position < len(text):
        tokens.append(Token(text[position:]))
    return tuple(tokens)


def names_in(text: str) -> list[str]:
    """The tags as they are written (`a1`, `/a1`, `m2/`), in order."""
    return [match[0][1:-1] for match in TAG.finditer(text)]


@lru_cache(_TEXTS_AT_HAND)
def without_tags(text: str) -> str:
    """The words alone; the content of a code tag counts as words."""
    return TAG.sub("", text)


@lru_cache(_TEXTS_AT_HAND)
def prose_of(text: str, *, in_place: bool = False) -> str:
    """The words that are translated: tags are gone, and the content of code tags with them.

    With `in_place`, blanks stand for both, as many as there were characters.
    """
    if "<" not in text:
        return text
    words: list[str] = []
    code = ""
    for token in tokens_of(text):
        is_hidden, is_code = bool(token.name or code), "c" in token.name and not token.alone
        if is_code:
            code = "" if token.closes and token.name == code else code or token.name
        blanks = len(token.text) if in_place else int(is_code)
        words.append(" " * blanks if is_hidden else token.text)
    return "".join(words)


def well_nested(text: str) -> bool:
    """Whether each opening tag is closed once, by its own name, in the right order."""
    open_names: list[str] = []
    for token in tokens_of(text):
        if not token.name or token.alone:
            continue
        if not token.closes:
            open_names.append(token.name)
        elif not open_names or open_names.pop() != token.name:
            return False
    return not open_names


def opening_of(tag: Tag) -> str:
    """The tag as it stands in a text, opening or alone."""
    return f"<{tag.name}>" if tag.closing else f"<{tag.name}/>"


def closing_of(tag: Tag) -> str:
    """The closing tag, or nothing for a tag that stands alone."""
    return f"</{tag.name}>" if tag.closing else ""


def free_prefix(text: str) -> str:
    """The first prefix of which `text` holds no look-alike."""
    if "<" not in text:
        return ""
    free = (one for one in _PREFIXES if not re.search(rf"</?{one}{_KIND_AND_NUMBER}/?>", text))
    return next(free, _PREFIXES[-1])


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 request`, `1,200 requests`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun.removesuffix('y')}ies" if noun.endswith("ry") else f"{number:,} {noun}s"
