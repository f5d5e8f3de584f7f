"""The lines of a document as they are compared, and the house marks in them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from weekly_translate.edition.rewriting import ADDRESSED
from weekly_translate.model import (
    Feature,
    FeatureKind,
    Finding,
    Kind,
    Mark,
    MarkKind,
    Segment,
    Severity,
    Span,
    TagKind,
)
from weekly_translate.text.characters import (
    CIRCLED_NUMBER,
    HAN,
    emoji_in,
    has_han,
    lazy_pattern,
    line_starts,
    prose_of,
    shortened,
)
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from decimal import Decimal

    from weekly_translate.compare.ignores import Allowances
    from weekly_translate.model import Document
    from weekly_translate.text.numbers import Quantity

_WORD = lazy_pattern(r"[A-Za-z][A-Za-z0-9_+#]*(?:[.-][A-Za-z0-9_+#]+)*|(?<!\d)\d+(?:\.\d+)+(?!\d| ?[万亿])")
_FOOTNOTE = lazy_pattern(r"[ \t]*(\[\^[^\]\s]+\]):")
_KEY = lazy_pattern(r"[ \t-]*([\w-]+)[ \t]*[:=]")
_NUMBER = lazy_pattern(
    r"(?:&#?\w{2,8};|[^\w\n|])*+([0-9]{1,3})(?:[*_]{0,3}[.:)、：](?![0-9])|(?<=#\d)[ \t]|(?<=#\d\d)[ \t])"
)
"""An item number in another dress: in bold, in a heading, in its link, behind a `#` or an `&emsp;`."""
_SITE = lazy_pattern(r"://([^/\s]+)")
_FORM = lazy_pattern(r"\A[ \t]*(>|[-*+](?=[ \t])|\|)")
"""The marker of a quote, a list item, a table row."""
EMPHASIS = {TagKind.STRONG: "bold", TagKind.EMPHASIS: "italics", TagKind.STRIKE: "strikethrough"}
_GLUED_HEADING = lazy_pattern(r" {0,3}(#{1,6}(?=[^\W\d_])|#{2,6}(?=\d))(?!.*#)")
"""No line of hashtags, and no number of an issue such as `#12`."""
_SHORTEST_LINE = 5
"""A line of code such as `else:` or `});` says nothing."""
_KINDS = {
    FeatureKind.LINK: "url",
    FeatureKind.IMAGE: "url",
    FeatureKind.CODE: "code",
    FeatureKind.HTML: "html",
    FeatureKind.DEFINITION: "definition",
    FeatureKind.FOOTNOTE: "footnote",
}


class LineShape(StrEnum):
    """The kind of a line, as far as it matters for alignment."""

    META = "meta"
    HEADING = "heading"
    TITLE = "title"
    TEXT = "text"
    CELL = "cell"
    BARE = "bare"
    """Nothing but images, code or HTML."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentLine:
    """A line of a document that holds something, from its first to its last line number."""

    number: int
    end: int
    shape: LineShape
    words: str
    """The prose of its segments, alt texts aside."""
    segments: tuple[Segment, ...] = ()
    inner: tuple[Segment, ...] = ()
    """Alt texts and link titles, which stand inside other segments or inside tags."""
    features: tuple[Feature, ...] = ()
    marks: tuple[Mark, ...] = ()
    item: str = ""
    """The number of the item that begins here."""
    evidence: frozenset[str] = frozenset()
    """What a translation keeps: `url:…`, `site:…`, `code:…` (`line:…`), `word:…`, `number:…`, `emoji:…`."""
    emoji: tuple[str, ...] = ()
    """All of the line, also those beside the segments, of a heading, and of a code block."""
    document: str = ""
    """The text of its document, in which the spans of its tags stand."""
    raw: str = ""
    """Its own text in that."""
    parts: tuple[DocumentLine, ...] = ()
    """The lines that it was joined of."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Its number, or those of its parts."""
        return tuple(line.number for line in self.parts) or (self.number,)

    @property
    def is_item(self) -> bool:
        """Whether its number is a marker of its own, and no part of a heading or of a text."""
        return bool(self.values(FeatureKind.ITEM)) or (bool(self.item) and not self.item.isdecimal())

    def values(self, kind: FeatureKind) -> list[str]:
        """The features of a kind, in order."""
        return [feature.value for feature in self.features if feature.kind is kind]


def joined(parts: Sequence[DocumentLine]) -> DocumentLine:
    """Lines that follow one another, read as one."""
    if len(parts) == 1:
        return parts[0]
    return replace(
        next((line for line in parts if line.shape is not LineShape.BARE), parts[0]),
        number=parts[0].number,
        end=parts[-1].end,
        words=" ".join(line.words for line in parts if line.words),
        segments=tuple(chain.from_iterable(line.segments for line in parts)),
        item=parts[0].item,
        inner=tuple(chain.from_iterable(line.inner for line in parts)),
        features=tuple(chain.from_iterable(line.features for line in parts)),
        marks=tuple(chain.from_iterable(line.marks for line in parts)),
        evidence=frozenset(chain.from_iterable(line.evidence for line in parts)),
        emoji=tuple(chain.from_iterable(line.emoji for line in parts)),
        raw="".join(line.raw for line in parts),
        parts=tuple(chain.from_iterable(line.parts or (line,) for line in parts)),
    )


_MID_SENTENCE = lazy_pattern(
    rf"(?:[，、](?= ?\r?\n[ \t>]*\w)|[A-Za-z0-9,)`](?= ?\r?\n[ \t>`(\[*_<“\"]*[a-z][^{HAN}\n]{{8}})"
    r"|\b(?:an?|and|are|as|at|by|for|from|if|in|is|of|on|or|that|the|this|to|which|with)) ?\r?\n[ \t>]*\S"
)
"""A line that ends with a comma or a word that no sentence ends with, or goes on with a small letter."""
_OPEN_END = lazy_pattern(rf"(?:[a-z,，、]|[{HAN}]) ?\r?\n[ \t>]*\[")
"""Before a link in a text: a line that no mark ends."""
_HARD_BREAK = ("  ", "\\")
PROSE = (LineShape.TEXT, LineShape.TITLE)
"""What runs on over lines: a text, and the line with the number of an item."""


def paragraphs_of(lines: Iterable[DocumentLine]) -> Iterator[list[DocumentLine]]:
    """The lines by the paragraphs that Markdown makes of them; what is no text stands alone."""
    group: list[DocumentLine] = []
    for line in lines:
        if group and not _goes_on(group, line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _goes_on(group: Sequence[DocumentLine], line: DocumentLine) -> bool:
    before = group[-1]
    in_sentence = line.shape is LineShape.TITLE and _OPEN_END.search(before.raw + line.raw)
    if not (line.shape is LineShape.TEXT or in_sentence) or line.number != before.end + 1 or line.item:
        return False
    is_title = before.shape is LineShape.TITLE and len(group) == 1 and not line.raw[:1].isspace()
    quoted, form = (_FORM.match(one.raw) for one in (before, line))
    begins = form is not None and not (quoted and quoted[1] == form[1] == ">")
    in_text = before.shape in PROSE and not is_title
    return in_text and not begins and not before.raw.rstrip("\r\n").endswith(_HARD_BREAK)


def is_wrapped(lines: Sequence[DocumentLine]) -> bool:
    """Whether a paragraph is broken at the width of a page: in the middle of a sentence."""
    return len(lines) > 1 and bool(_MID_SENTENCE.search("".join(line.raw for line in lines)))


def lines_of(document: Document, quantities: Callable[[str], tuple[Quantity, ...]]) -> list[DocumentLine]:
    """The lines that hold a segment, a feature or a mark; `quantities` reads the numbers of a text."""
    starts = line_starts(document.text)
    outer, inner = _outer_and_inner(document.segments)
    ends = {segment.line: bisect_right(starts, segment.span.end - 1) for segment in outer}
    first = {line: start for start, end in ends.items() for line in range(start, end + 1)}
    segments, alts = _by_line(outer, first), _by_line(inner, first)
    every = chain.from_iterable(_as_markdown(document.text, one) for one in document.features)
    features, marks = _by_line(every, first), _by_line(document.marks, first)
    lines = []
    for number in sorted(segments.keys() | alts.keys() | features.keys() | marks.keys()):
        held = segments.get(number, []), features.get(number, [])
        end = max([ends.get(number, number), *(number + feature.value.count("\n") for feature in held[1])])
        raw = document.text[starts[number - 1] : starts[end] if end < len(starts) else None]
        item = _item(held[1], raw)
        lines.append(
            DocumentLine(
                number,
                end,
                _shape(*held, item),
                " ".join(prose_of(segment.text).strip() for segment in held[0]),
                tuple(held[0]),
                tuple(alts.get(number, ())),
                tuple(held[1]),
                tuple(marks.get(number, ())),
                item,
                _evidence(*held, raw, quantities),
                tuple(_emoji_in(raw, starts[number - 1], marks.get(number, ()))),
                document.text,
                raw,
            )
        )
    return lines


_TAG = lazy_pattern(
    r"<!--.*?(?:-->|\Z)|</a>|<(?:a|(?P<image>img))\s(?:[^<>]{0,1000}?\s)?"
    r"(?:href|src)\s*=\s*[\"'](?P<address>[^\"']*)[\"'][^<>]{0,1000}>",
    re.DOTALL | re.IGNORECASE,
)
_PROGRAM = lazy_pattern(r"[\s\"'/]on\w+\s*=[^<>]*", re.IGNORECASE)
"""The attributes of a tag from the first that runs a program on: Markdown cannot write them."""
_BREAK = lazy_pattern(r"<br\s*/?>", re.IGNORECASE)


def _as_markdown(text: str, feature: Feature) -> Iterator[Feature]:
    """The links and images that HTML shows, each where it stands, and what else there is of the HTML."""
    if feature.kind is not FeatureKind.HTML or feature.span is None:
        yield feature
        return
    for tag, written in zip(_TAG.finditer(feature.value), _TAG.finditer(text, *feature.span), strict=False):
        if tag["address"]:
            kind = FeatureKind.IMAGE if tag["image"] else FeatureKind.LINK
            line = feature.line + text.count("\n", feature.span.start, written.start())
            yield Feature(kind, tag["address"], line, Span(*written.span("address")))
    rest = _TAG.sub(
        lambda tag: tag[0] if tag[0][1] == "!" else "".join(_PROGRAM.findall(tag[0])), feature.value
    )
    if rest:
        yield replace(feature, value=_BREAK.sub("<br>", rest))


def as_meant(line: DocumentLine) -> DocumentLine:
    """The line, as a heading where many readers take it for one though CommonMark does not: `##Install`."""
    glued = _GLUED_HEADING.match(line.raw) if line.shape in PROSE else None
    if glued is None:
        return line
    level, first = glued[1], line.segments[0]
    return replace(
        line,
        shape=LineShape.HEADING,
        words=line.words.removeprefix(level),
        segments=(first._replace(text=first.text.removeprefix(level), kind=Kind.HEADING), *line.segments[1:]),
        features=(*line.features, Feature(FeatureKind.HEADING, level, line.number)),
    )


def _outer_and_inner(segments: Iterable[Segment]) -> tuple[list[Segment], list[Segment]]:
    """The segments of the lines, and those that stand in an image, a link or another segment."""
    outer: list[Segment] = []
    inner: list[Segment] = []
    reached = Span(0, 0)
    for segment in segments:
        if segment.kind is Kind.ALT or segment.span.start < reached.end:
            inner.append(segment)
        else:
            outer.append(segment)
            reached = segment.span
    return outer, inner


def _emoji_in(raw: str, start: int, marks: Iterable[Mark]) -> Iterator[str]:
    """The emoji of a line but for those of its marks, such as `⭐2.6k`, which an edition writes anew."""
    spans = [mark.span for mark in marks]
    found = list(emoji_in(raw))
    length = len(peeled(raw).text) if found else 0
    for at, sign in found:
        if at < length and not any(span.start <= start + at < span.end for span in spans):
            yield sign


_Placed = TypeVar("_Placed", Segment, Feature, Mark)


def _by_line(placed: Iterable[_Placed], first: dict[int, int]) -> dict[int, list[_Placed]]:
    lines: defaultdict[int, list[_Placed]] = defaultdict(list)
    for value in placed:
        lines[first.get(value.line, value.line)].append(value)
    return dict(lines)


def _shape(segments: list[Segment], features: list[Feature], item: str) -> LineShape:
    if any(feature.kind is FeatureKind.HEADING for feature in features):
        return LineShape.HEADING
    is_image = any(feature.kind is FeatureKind.IMAGE for feature in features)
    if not segments or (is_image and not any(prose_of(segment.text).strip() for segment in segments)):
        return LineShape.BARE
    numbered_text = segments[0].kind is Kind.TEXT and item
    return LineShape.TITLE if numbered_text else LineShape(segments[0].kind)


def _item(features: list[Feature], raw: str) -> str:
    number = next((feature.value for feature in features if feature.kind is FeatureKind.ITEM), "")
    match = CIRCLED_NUMBER.match(raw) or _NUMBER.match(raw)
    return number or (match[1] if match else "")


def _evidence(
    segments: list[Segment],
    features: list[Feature],
    raw: str,
    quantities: Callable[[str], tuple[Quantity, ...]],
) -> frozenset[str]:
    words = " ".join(prose_of(segment.text) for segment in segments)
    kept = (one for one in features if not has_han(one.value) or _WORD.search(one.value))
    evidence = {
        f"{_KINDS[one.kind]}:{one.value.lstrip('./') if one.kind in ADDRESSED else one.value}"
        for one in kept
        if one.kind in _KINDS
    }
    blocks = (one.value for one in features if one.kind is FeatureKind.CODE and "\n" in one.value)
    evidence |= {f"line:{line}" for block in blocks for line in _lines_of_code(block)}
    evidence |= {f"site:{site}" for site in _SITE.findall(" ".join(evidence))}
    evidence |= {f"word:{word}" for word in _WORD.findall(words.lower())}
    evidence |= {f"note:{note[1]}" for note in [_FOOTNOTE.match(raw)] if note}
    if segments and segments[0].kind is Kind.META and (key := _KEY.match(raw)):
        evidence.add(f"key:{key[1]}")
    evidence |= {f"form:{form[1]}" for form in _FORM.finditer(raw)}
    evidence |= {f"form:{tag.kind}" for segment in segments for tag in segment.tags if tag.kind in EMPHASIS}
    evidence |= {f"emoji:{sign}" for _, sign in emoji_in(raw)}
    values = (quantity.value for quantity in quantities(words) if quantity.demanded)
    evidence |= {f"number:{value if isinstance(value, str) else value.normalize()}" for value in values}
    return frozenset(evidence)


def _lines_of_code(code: str) -> Iterator[str]:
    """The lines inside a block, however they are spaced: a changed block keeps most of them."""
    for line in code.split("\n"):
        bare = "".join(line.split())
        if len(bare) > _SHORTEST_LINE:
            yield bare


# --------------------------------------------------------------------------- which lines belong together


class Match(NamedTuple):
    """Two lines that stand for one another; either may be several lines that are read as one."""

    source: DocumentLine
    target: DocumentLine
    gain: float = 0.0
    moved: bool = False

    @property
    def is_joined(self) -> bool:
        """Whether one of them is several lines that are read as one."""
        return bool(self.source.parts or self.target.parts)


class Pairing(NamedTuple):
    """How the lines of two documents belong together, each line in one place."""

    source: Sequence[DocumentLine]
    target: Sequence[DocumentLine]
    matches: tuple[Match, ...]
    """In the order of the source."""
    lost: tuple[DocumentLine, ...]
    added: tuple[DocumentLine, ...]

    @classmethod
    def of(
        cls, matches: Sequence[Match], source: Sequence[DocumentLine], target: Sequence[DocumentLine]
    ) -> Pairing:
        """What is in no match is lost or added."""
        here, there = ({number for match in matches for number in match[:2][side].numbers} for side in (0, 1))
        lost = (line for line in source if line.number not in here)
        added = (line for line in target if line.number not in there)
        return cls(source, target, tuple(matches), tuple(lost), tuple(added))


def gaps_between(matches: Iterable[Match]) -> tuple[Callable[[float], int], Callable[[float], int]]:
    """What tells the gap that a line of the source stands in, and the same for the target, by its number.

    The gaps are those between matches in the order of the source that have not moved, numbered alike on both
    sides: what has not moved rises on both.
    """
    steady = [match for match in matches if not match.moved]
    here = [match.source.number for match in steady]
    there = [match.target.number for match in steady]
    return partial(bisect_left, here), partial(bisect_left, there)


def finding_of(match: Match, check: str, message: str, severity: Severity = Severity.ERROR) -> Finding:
    """A finding on both lines."""
    here, there = match.source, match.target
    return Finding(check, severity, message, segment_of(here), here.number, there.number)


def is_title(line: DocumentLine) -> bool:
    """Whether a line is the title of the front matter or a heading of the first level."""
    levels = [value.partition(" ")[0] for value in line.values(FeatureKind.HEADING)]
    return line.shape is LineShape.META or levels == ["#"]


class LinePlace(NamedTuple):
    """Where a line stands, by the numbers of the lines that its section and its item begin with, or 0."""

    section: int
    item: int


def parts_of(document: Sequence[DocumentLine]) -> dict[int, LinePlace]:
    """Of which section and of which item each line is, by its number; a heading is an item of its own.

    The title of the document, which may stand in its front matter, begins no section.
    """
    parts: dict[int, LinePlace] = {}
    section = item = 0
    for line in document:
        if line.shape is LineShape.HEADING and (parts or not is_title(line)):
            section = item = line.number
        elif line.item or line.shape is LineShape.TITLE:
            item = line.number
        parts |= dict.fromkeys(line.numbers, LinePlace(section, item))
    return parts


# --------------------------------------------------------------------------- how messages name lines

_LONGEST_SHOWN = 40


def segment_of(line: DocumentLine) -> str | None:
    """The id of its first segment, if it has any."""
    return line.segments[0].id if line.segments else None


def named(group: Sequence[DocumentLine]) -> str:
    """`item 5 “Flask tips” (lines 20 to 24)`, or the passage from one item or text to another."""
    first, last = group[0], group[-1]
    lines = f"line {first.number}" if first is last else f"lines {first.number} to {last.number}"
    starts = [line for line in group if line.item]
    if first.shape is LineShape.HEADING or (first.item and len(starts) == 1):
        return f"{_named(first, is_section=len(group) > 1)} ({lines})"
    end = starts[-1] if starts else last
    passage = f"the passage from {_named(first)} to {_named(end)}" if first is not end else _named(first)
    return f"{passage} ({lines})"


def _named(line: DocumentLine, *, is_section: bool = False) -> str:
    if line.shape is LineShape.HEADING:
        what = "the section" if is_section else "the heading"
    elif line.item:
        what = f"item {line.item}"
    elif line.shape is LineShape.BARE:
        what = f"the {line.features[0].kind}" if line.features else "the line"
    else:
        what = "the title" if line.shape is LineShape.TITLE else "the text"
    words = line.words or (line.features[0].value if line.features else "")
    return f"{what} “{shortened(' '.join(words.split()), _LONGEST_SHOWN)}”"


# --------------------------------------------------------------------------- house marks, such as `(EN)`

_WRITTEN = {
    "English": "en eng english 英",
    "Chinese": "zh cn chn chinese 中",
    "Japanese": "jp japanese 日",
}
_LANGUAGES = {name: language for language, names in _WRITTEN.items() for name in names.split()}
_LANGUAGE = "|".join(sorted(filter(str.isascii, _LANGUAGES), key=len, reverse=True))
_NOTE = lazy_pattern(
    rf"(?<!\s)\s*[(（]\s*(?:in\s+)?({_LANGUAGE})(?:\s*(?:&|and|/|\+|,)\s*({_LANGUAGE}))?"
    r"(\s+(?:translation|translated|version))?\s*[)）]\s*\Z",
    re.IGNORECASE,
)
_STARS = lazy_pattern(
    r"(?<!\s)\s*[(（](?=[^()（）]*(?:star|⭐))\s*(?:GitHub\s+)?(?:stars?\s*[:：]?|⭐)?\s*"
    r"(?P<count>\d[\d.,]*\s?[kKmMwW万]?\+?)\s*(?:GitHub\s+)?(?:stars?)?\s*[)）]\s*\Z",
    re.IGNORECASE,
)


class WithoutMarks(NamedTuple):
    """An English text without the marks at its end, and these, the last first; notes in words."""

    text: str
    marks: tuple[tuple[MarkKind, str], ...] = ()


def peeled(text: str) -> WithoutMarks:
    """Take language notes and star counts off the end of a tagged text."""
    marks = []
    while match := _NOTE.search(text) or _STARS.search(text):
        is_note = match.re.pattern == _NOTE.pattern
        marks.append((MarkKind.NOTE, _meaning(match)) if is_note else (MarkKind.STARS, match["count"]))
        text = text[: match.start()]
    return WithoutMarks(text, tuple(marks))


def english_marks(held: DocumentLine | Document) -> Iterator[tuple[MarkKind, str]]:
    """The marks that the parser of English knows, and those at the ends of its texts; notes in words."""
    for mark in held.marks:
        yield mark.kind, meaning_of(mark.value) if mark.kind is MarkKind.NOTE else mark.value
    for segment in held.segments:
        yield from peeled(segment.text).marks


def _meaning(match: re.Match[str]) -> str:
    languages = (_LANGUAGES[name.lower()] for name in match.groups()[:2] if name)
    return _said(languages, is_translation=bool(match[3]) and "transl" in match[3].lower())


def _said(languages: Iterable[str], *, is_translation: bool) -> str:
    return " & ".join(sorted({*languages})) + " translation" * is_translation


def without_item(text: str, number: str) -> str:
    """A text without the number of its item, right or wrong, that it may begin with (`4. Why`, `#4 Why`)."""
    start = r"\A\s*(?:<(\w+)>)?(?:[(（]?[0-9]{1,3}(?:[.:](?![0-9])|[)）、])|#[0-9]{1,2}(?=\s))(?(1)</\1>)\s*"
    return re.sub(start, "", text) if number else text


def meaning_of(note: str) -> str:
    """What a note (`英文`, `中译`, `EN`) says: `English`, `Chinese & English`, `Chinese translation`."""
    if english := _NOTE.fullmatch(f"({note})"):
        return _meaning(english)
    languages = [_LANGUAGES[sign] for sign in note if sign in _LANGUAGES]
    return _said(languages, is_translation="译" in note) if languages else note


def _star_value(count: str) -> Decimal | str:
    """2600 for `2.6K`, `2.6k` and `2,600`."""
    return next((quantity.value for quantity in chinese_quantities(count)), count)


def _values_in(text: str) -> set[Decimal | str]:
    """Every number in an English text that could be a count of stars."""
    return {quantity.value for quantity in english_quantities(prose_of(text))}


# --------------------------------------------------------------------------- compared


def stars_in_words(match: Match, target: str) -> str:
    """The star counts that a translation tells in a sentence (`with 25K stars`)."""
    words = _values_in(target)
    counts = [mark.value for mark in match.source.marks if mark.kind is MarkKind.STARS]
    return "".join(f" {count}" for count in counts if _star_value(count) in words)


def mark_findings(match: Match, allowed: Allowances) -> Iterator[Finding]:
    """Language notes say the same, star counts have the same value, however they are written."""
    written, marks = list(english_marks(match.target)), match.source.marks
    notes, stars = (
        [said for one, said in written if one is kind] for kind in (MarkKind.NOTE, MarkKind.STARS)
    )
    expected = {meaning_of(mark.value) for mark in marks if mark.kind is MarkKind.NOTE}
    if expected:
        yield from _notes(match, expected, notes, allowed)
    elif {"English", "Chinese"} <= {*notes}:
        message = "the notes (English) and (Chinese) contradict each other"
        yield finding_of(match, "lang.tag", message, Severity.WARNING)
    counts = {_star_value(mark.value): mark.value.strip() for mark in marks if mark.kind is MarkKind.STARS}
    if counts:
        yield from _stars(match, counts, stars)


def _notes(match: Match, expected: set[str], found: list[str], allowed: Allowances) -> Iterator[Finding]:
    """Any other note than those of the source is wrong, even beside a right one."""
    said = ", ".join(f"({one})" for one in sorted(expected))
    other = next((one for one in found if one not in expected), "")
    if other and expected == {""}:
        yield finding_of(match, "lang.tag", f"the note ({other}) goes without saying", Severity.WARNING)
    elif other:
        became = "stands beside" if expected & {*found} else "became"
        message = f"the note {said} {became} ({other})"
        yield finding_of(match, "lang.tag", message)
    elif not found and allowed.notes == "keep" and expected != {""}:
        yield finding_of(match, "lang.tag", f"the note {said} is missing", Severity.WARNING)
    elif found and allowed.notes == "drop":
        yield finding_of(match, "lang.tag", f"the note {said} is to be dropped", Severity.WARNING)


def _stars(match: Match, expected: dict[Decimal | str, str], found: list[str]) -> Iterator[Finding]:
    """Each count of the source once, and no other beside it."""
    values = [_star_value(count) for count in found]
    words = _values_in(" ".join(segment.text for segment in match.target.segments))
    for value, count in expected.items():
        other = next((one for one, new in zip(found, values, strict=True) if new not in expected), "")
        if other:
            became = "stands beside" if value in values else "became"
            yield finding_of(match, "num.value", f"the star count {count} {became} {other.strip()}")
        elif value not in values and value not in words:
            yield finding_of(match, "num.missing", f"the star count {count} is missing")
