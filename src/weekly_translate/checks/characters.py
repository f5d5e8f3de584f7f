"""Characters and punctuation: nothing invisible, nothing broken, what English sets, the same emoji."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.checks.registry import ERROR, WARNING, Stage, check
from weekly_translate.checks.tagged_text import as_read
from weekly_translate.model import Kind
from weekly_translate.text.characters import CHINESE_PUNCTUATION, HAN, IN_ASCII, emoji_in, in_half_width
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_MARKS = "".join(mark for mark in CHINESE_PUNCTUATION if mark not in "…～")
_PUNCTUATION = lazy_pattern(f"(?<![{HAN}])[{_MARKS}](?![{HAN}])|……")
_CONTROL = lazy_pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = lazy_pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN = lazy_pattern("[\U000e0000-\U000e007f\U000e0100-\U000e01ef\ufe00-\ufe0d\u3164\uffa0\u115f\u1160]")
_PICTURE = "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff"
"""The first character of an emoji, and each half of a flag."""
_ZERO_WIDTH = lazy_pattern(f"[\u200b\u200c\u2060-\u2064\ufeff\u00ad]|(?<![{_PICTURE}\ufe0f])\u200d")
_REPLACEMENT = lazy_pattern("\ufffd")
_SURROGATE = lazy_pattern("[\ud800-\udfff]")


@check("char.surrogate", ERROR, Stage.CHARACTERS)
def no_surrogate(pair: Pair) -> Iterator[str]:
    """No half of an emoji: it cannot be written to a file."""
    yield from _unexpected(_SURROGATE, pair, "half of a character")


@check("char.control", ERROR, Stage.CHARACTERS, explains=("num.added", "char.mojibake", "punct.brackets"))
def no_control_character(pair: Pair) -> Iterator[str]:
    """No C0 or C1 control but tab and line feed: an escape could steer a terminal."""
    yield from _unexpected(_CONTROL, pair, "control character")


@check("char.bidi", ERROR, Stage.CHARACTERS)
def no_direction_mark(pair: Pair) -> Iterator[str]:
    """No mark that turns the order in which text is shown."""
    yield from _unexpected(_BIDI, pair, "direction mark")


@check("char.tag-smuggle", ERROR, Stage.CHARACTERS)
def no_hidden_text(pair: Pair) -> Iterator[str]:
    """No tag characters or rare variation selectors, which can carry text that nobody sees."""
    yield from _unexpected(_HIDDEN, pair, "hidden character")


@check("char.replacement", ERROR, Stage.CHARACTERS)
def no_replacement_character(pair: Pair) -> Iterator[str]:
    """No sign of a character that was lost in decoding."""
    yield from _unexpected(_REPLACEMENT, pair, "damaged character")


@check("char.zero-width", WARNING, Stage.CHARACTERS)
def no_zero_width(pair: Pair) -> Iterator[str]:
    """No zero-width space, soft hyphen or byte order mark; a joiner only inside an emoji."""
    yield from _unexpected(_ZERO_WIDTH, pair, "zero-width character")


def _unexpected(pattern: re.Pattern[str], pair: Pair, name: str) -> Iterator[str]:
    """One sentence for all characters of a kind that the source lacks, by their code points."""
    found = sorted(sign for sign in set(pattern.findall(pair.target)) if sign not in pair.segment.text)
    if found:
        yield f"{name} that the source lacks: {', '.join(map(_code_point, found[:5]))}"


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


# --------------------------------------------------------------------------- width, encoding, alphabet

_FULL_WIDTH = lazy_pattern("(?<![\"“'‘０-９Ａ-Ｚａ-ｚ])[０-９Ａ-Ｚａ-ｚ]+")
_MISREAD = lazy_pattern(
    "Ã[\u0080-\u00bf]|â€[\u0080-\u00bf“”™˜œ¦]|Â[\u00a0-\u00bf]|ðŸ|[äåæçèé][\u0080-\u00bf¸º»¼½¾]{2}|ï¼"
)
_ALPHABETS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC", "DEVANAGARI", "THAI", "COPTIC")
_WORD = lazy_pattern(r"[^\W\d_]{2,}")


@check("char.fullwidth", WARNING)
def letters_have_normal_width(pair: Pair) -> Iterator[str]:
    """Latin letters and digits have the width that English gives them, unless they are quoted."""
    found = dict.fromkeys(_FULL_WIDTH.findall(prose_of(pair.target)))
    if found:
        yield f"full-width characters are left: {' '.join(found)}"


@check("char.mojibake", WARNING, explains=("punct.",))
def no_text_is_misread(pair: Pair) -> Iterator[str]:
    """No `â€”` where a dash was: text that was read in the wrong encoding."""
    match = _MISREAD.search(pair.target)
    if match and match[0] not in pair.segment.text:
        yield f"“{match[0]}” was read in the wrong encoding"


@check("char.script", WARNING)
def words_keep_to_one_alphabet(pair: Pair) -> Iterator[str]:
    """No word of another alphabet, nor of two: a Cyrillic а looks like a Latin a."""
    prose = prose_of(pair.target)
    for word in dict.fromkeys(_WORD.findall("" if prose.isascii() else prose)):
        if not word.isascii() and word not in pair.segment.text:
            foreign = [sign for sign in word if unicodedata.name(sign, "").startswith(_ALPHABETS)]
            if foreign:
                yield f"{word} holds {unicodedata.name(foreign[0])}"


# --------------------------------------------------------------------------- punctuation and spaces


@check("punct.cjk", WARNING)
def punctuation_is_english(pair: Pair) -> Iterator[str]:
    """No full-width mark, except beside Chinese characters, where the Chinese is the fault."""
    found = dict.fromkeys(_PUNCTUATION.findall(prose_of(pair.target)))
    if found:
        yield f"Chinese punctuation is left: {' '.join(found)}"


_CLOSING = "\"'”’»)]）】』」》*_~ \ufffc"
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "。", "！", "？")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
REPEATED = lazy_pattern(r"(?<![./\w])\.\.(?![./\w])|(?<=\w)\.\.(?![./\w])|,{2,}|;{2,}|!{2,}|\?{2,}")
_SPACE_BEFORE = lazy_pattern(r"(?<=[A-Za-z0-9)\"]) [,.;:!?](?=\s|\Z)")
_NO_SPACE_AFTER = lazy_pattern(r"[A-Za-z]{2}[,!?](?=[A-Za-z]{2})")
_INCHES = lazy_pattern(r'(?<![\w.])[0-9][0-9.]*"')
_DOUBLE_SPACE = lazy_pattern(r"\S {2,}(?=\S)")


@check("punct.end", WARNING)
def sentence_end_survives(pair: Pair) -> Iterator[str]:
    """What ends a sentence in the source ends one in the translation; a note in brackets may follow."""
    source, target = (as_read(text).rstrip(_CLOSING) for text in (pair.segment.text, pair.target))
    ends = pair.target.rstrip().endswith((")", "）")) or target.endswith(_SENTENCE_ENDS)
    if pair.segment.kind is Kind.TEXT and source.endswith(("。", "！", "？")) and target and not ends:
        yield f"the source ends with {source[-1]}, the translation without a mark"


@check("punct.brackets", WARNING)
def brackets_are_balanced(pair: Pair) -> Iterator[str]:
    """Each bracket that opens is closed, where that holds for the source."""
    source, target = in_half_width(as_read(pair.segment.text)), as_read(pair.target)
    for opening, closing in _PAIRS:
        even = source.count(opening) == source.count(closing)
        if even and target.count(opening) != target.count(closing):
            yield f"{target.count(opening)} times {opening}, {target.count(closing)} times {closing}"


@check("punct.quotes", WARNING)
def quotes_are_paired(pair: Pair) -> Iterator[str]:
    """Double quotes come in pairs and are all straight or all curly."""
    source, target = as_read(pair.segment.text), as_read(pair.target)
    curly = target.count("“") + target.count("”")
    if '"' in target and curly:
        yield "straight and curly quotes are mixed"
        return
    straight = target.count('"') % 2 > source.count('"') % 2 and not _INCHES.search(target)
    even = source.count("“") == source.count("”")
    if straight or (even and target.count("“") != target.count("”")):
        yield "a quote is opened and not closed"


@check("punct.repeat", WARNING)
def no_mark_is_repeated(pair: Pair) -> Iterator[str]:
    """No `..`, `,,` or `!!`, unless the source repeats its mark as well."""
    for mark in dict.fromkeys(REPEATED.findall(as_read(pair.target))):
        if mark not in marks_of(pair.segment.text):
            yield f"{mark} is not in the source"


def marks_of(source: str) -> str:
    """The source with its marks as English writes them."""
    return as_read(source).translate(IN_ASCII)


@check("punct.space", WARNING)
def marks_are_spaced(pair: Pair) -> Iterator[str]:
    """No space before a comma or a full stop, and one behind."""
    source, target = as_read(pair.segment.text), as_read(pair.target)
    for pattern, fault in ((_SPACE_BEFORE, "a space stands before"), (_NO_SPACE_AFTER, "no space follows")):
        match = pattern.search(target)
        if match and match[0] not in source:
            yield f"{fault} “{match[0][-1]}” in “{_around(match)}”"


@check("space.double", WARNING)
def spaces_are_single(pair: Pair) -> Iterator[str]:
    """One space between words."""
    if match := _DOUBLE_SPACE.search(as_read(pair.target)):
        yield f"two spaces in “{_around(match)}”"


def _around(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - 12) : match.end() + 12].strip()


# --------------------------------------------------------------------------- emoji


@check("emoji.body", WARNING)
def emoji_survive(pair: Pair) -> Iterator[str]:
    """The emoji of the source, as often and no others."""
    texts = (prose_of(text) for text in (pair.segment.text, pair.target))
    here, there = ([sign for _, sign in emoji_in(text)] for text in texts)
    if here == there:
        return
    expected, found = Counter(here), Counter(there)
    if lost := expected - found:
        yield f"emoji lost: {' '.join(lost.elements())}"
    if added := found - expected:
        yield f"emoji added: {' '.join(added.elements())}"
