"""Findings as a terminal shows them: by item, both lines side by side, in columns measured in its cells."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from itertools import groupby, pairwise, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import FeatureKind, Kind, MarkKind, Severity, Span
from weekly_translate.text.characters import counted, lazy_pattern, lines_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from weekly_translate.model import Document, Finding


class Styled(NamedTuple):
    """A part of a line and how it looks.

    A severity, `place`, `difference`, `gone`, `new`, `dim`, or plain.
    """

    text: str
    style: str = ""


class Marked(NamedTuple):
    """A part of a text that looks different."""

    span: Span
    style: str = "difference"


Line = tuple[Styled, ...]
_NOT_FIRST = "«，。、；：！？）】》」』”’…"
"""What does not begin a row."""


def cells(text: str) -> int:
    """How many cells a text takes."""
    return sum(map(_width, text))


def table_of(rows: Iterable[Sequence[str]], *, right: Collection[int] = (), gap: str = "  ") -> str:
    """The lines of a table, from its rows: columns are as wide as their widest cell.

    The columns with the numbers `right` are aligned to the right.
    """
    columns = [_filled(column, right=at in right) for at, column in enumerate(zip(*rows, strict=True))]
    return "".join(f"{gap.join(row).rstrip()}\n" for row in zip(*columns, strict=True))


def ranges(numbers: Iterable[int]) -> str:
    """`1-3, 7` for 1, 2, 3 and 7."""
    runs = groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0])
    ends = [(run[0][1], run[-1][1]) for run in (list(group) for _, group in runs)]
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


def lines_in_words(lines: Iterable[int]) -> str:
    """`line 3` or `lines 1-3, 7`."""
    numbers = set(lines)
    return f"{'line' if len(numbers) == 1 else 'lines'} {ranges(numbers)}"


def beside(left: Sequence[Line], right: Sequence[Line], *, width: int, gap: str) -> list[Line]:
    """Two columns; the left one is filled up to `width` cells."""
    return [
        (*here, Styled(" " * (width - sum(cells(piece.text) for piece in here)) + gap, "dim"), *there)
        for here, there in zip_longest(left, right, fillvalue=())
    ]


def wrapped(text: str, marked: Sequence[Marked], *, width: int) -> list[Line]:
    """A text in rows of at most `width` cells, broken at spaces and between Chinese characters."""
    borders = [0, *_breaks(text, width), len(text)]
    return [_row(text, Span(start, end), marked) for start, end in pairwise(borders) if end > start]


def _filled(column: Sequence[str], *, right: bool) -> list[str]:
    width = max(map(cells, column))
    spaces = [" " * (width - cells(cell)) for cell in column]
    return [space + cell if right else cell + space for cell, space in zip(column, spaces, strict=True)]


def _breaks(text: str, width: int) -> list[int]:
    breaks: list[int] = []
    used, possible, used_there = 0, 0, 0
    for index, character in enumerate(text):
        size = _width(character)
        if used + size > width and character != " ":
            at_word = possible > (breaks[-1] if breaks else 0)
            breaks.append(possible if at_word else index)
            used -= used_there if at_word else used
            possible = breaks[-1]
        used += size
        if character == " " or (size == 2 and text[index + 1 : index + 2] not in _NOT_FIRST):
            possible, used_there = index + 1, used
    return breaks


def _row(text: str, row: Span, marked: Sequence[Marked]) -> Line:
    """The pieces of a row, without the space at its end."""
    end = row.start + len(text[slice(*row)].rstrip())
    pieces: list[Styled] = []
    position = row.start
    for span, style in marked:
        start, stop = max(span.start, row.start), min(span.end, end)
        if start < stop:
            pieces += [Styled(text[position:start]), Styled(text[start:stop], style)]
            position = stop
    return tuple(piece for piece in (*pieces, Styled(text[position:end])) if piece.text)


@lru_cache(maxsize=8_192)
def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


_Lines = tuple[int | None, int | None]
INDENT = "    "
GAP = " | "
_NARROW = 80
"""Cells: below this the translation stands under its source."""
_ROWS = 4
"""The rows of an excerpt; the rest of a longer line is left out."""
_BEFORE = 30
"""Characters that are shown before a difference in a long line."""
_LINES = lazy_pattern(r"\blines? \d+(?: to \d+)?")
_MENTIONED = lazy_pattern(
    r"""“(?P<quoted>[^”]+)”
      | `(?P<code>[^`]+)`
      | \((?P<original>[^()]{1,60})\)
      | (?P<address>[a-z][a-z0-9+.-]*://[^\s“”`]+)
      | (?P<number>\d[\d.,:/-]*\d[%KMk]?|\d[%KMk]?)(?:\ (?:hundred|thousand|million|billion|trillion))?
      | (?P<foreign>[^\x00-\x7f“”‘’…–—]+)""",
    re.VERBOSE,
)
_MOST_MARKED = 20
"""Findings of one line that are marked in it: a few rows of the line are shown."""
_LONGEST = 400
"""Characters of a message that are looked at."""
_MOST = 8
"""Things that a message is expected to name."""
_LINK = lazy_pattern(r"\[([^\[\]]*)\]\([^()\s]*\)")
_BETWEEN = " › "
_LOWEST_HEADING = 7


class Side(NamedTuple):
    """One file of a pair: its name, its lines, and under which item each of them stands."""

    name: str
    text: str
    lines: tuple[str, ...]
    places: tuple[tuple[int, str], ...] = ()
    """The first line of each place, in order, and what the place is called."""

    def line(self, number: int | None) -> str:
        """The text of a line, which counts from 1; empty for what is no line of the file."""
        return self.lines[number - 1] if number and number <= len(self.lines) else ""

    def place(self, number: int) -> str:
        """Headings and item that a line stands under: `🦄 Articles › 3. Title`; empty above the first."""
        index = bisect_right(self.places, number, key=lambda place: place[0])
        return self.places[index - 1][1] if index else ""


class Suppressed(NamedTuple):
    """A finding that somebody has looked at and wants silent, and the reason that was given."""

    finding: Finding
    reason: str


class Judged(NamedTuple):
    """A pair of files and what is left to say about it."""

    source: Side
    target: Side
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()

    def count(self, severity: Severity) -> int:
        """The findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


class Look(NamedTuple):
    """How a report looks: its width in cells, whether it has colors, and what makes foreign text harmless."""

    width: int
    colors: bool
    clean: Callable[[str], str]
    least: Severity = Severity.WARNING
    """What is less severe is only counted."""

    @property
    def is_narrow(self) -> bool:
        """Whether two columns have no room beside one another."""
        return self.width < _NARROW

    @property
    def column(self) -> int:
        """The cells of a column."""
        room = self.width - len(INDENT)
        return room if self.is_narrow else (room - len(GAP)) // 2

    def shows(self, severity: Severity) -> bool:
        """Whether a finding of this severity is told."""
        return severity.rank <= self.least.rank


def side_of(name: str, document: Document) -> Side:
    """A file as the reports see it."""
    lines = tuple(lines_of(document.text))
    return Side(name, document.text, lines, tuple(_places(document, lines)))


def _places(document: Document, lines: Sequence[str]) -> Iterable[tuple[int, str]]:
    """The trail of headings, and below it the item, from each heading and each title on."""
    levels = {
        feature.line: len(feature.value) - len(feature.value.lstrip("#"))
        for feature in document.features
        if feature.kind is FeatureKind.HEADING
    }
    items = {
        mark.line: document.text[slice(*mark.span)].strip()
        for mark in document.marks
        if mark.kind is MarkKind.ITEM
    }
    trail: dict[int, str] = {}
    for segment in document.segments:
        words = " ".join(without_tags(segment.text).split())
        if segment.kind is Kind.HEADING:
            level = levels.get(segment.line, 1)
            heading = _LINK.sub(r"\1", lines[segment.line - 1].strip("#> \t"))  # with its emoji
            trail = {upper: name for upper, name in trail.items() if upper < level} | {level: heading}
        elif segment.kind is Kind.TITLE:
            item = items.get(segment.line, "")
            gap = " " if item.endswith((".", ")")) else ""
            trail = trail | {_LOWEST_HEADING: f"{item}{gap}{words}"}
        else:
            continue
        yield segment.line, _BETWEEN.join(trail.values())


def text_of(pair: Judged, look: Look) -> Iterator[Line]:
    """The findings under the item they stand in, then one line that counts them."""
    shown = [one for one in pair.findings if look.shows(one.severity)]
    for place, by_line in _by_place(shown, pair).items():
        yield (Styled(look.clean(place or pair.target.name), "place"),)
        for findings in by_line.values():
            yield from _told(findings, pair, look)
        yield ()
    if look.least is Severity.INFO and pair.suppressed:
        yield (Styled("Silent on purpose", "place"),)
        for finding, reason in pair.suppressed:
            text = f"  {finding.check} {_where(finding, pair)}: {finding.message} (reason: {reason})"
            yield (Styled(look.clean(text), "dim"),)
        yield ()
    yield (Styled(look.clean(summary_of(pair))),)


def summary_of(pair: Judged) -> str:
    """`en.md: 1 error, 2 warnings (1 silent on purpose)`."""
    counts = {severity: pair.count(severity) for severity in Severity}
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
    told = [counted(n, names[one]) for one, n in counts.items() if n]
    silent = f" ({len(pair.suppressed):,} silent on purpose)" if pair.suppressed else ""
    return f"{pair.target.name}: {', '.join(told) or 'no findings'}{silent}"


def _by_place(findings: Iterable[Finding], pair: Judged) -> dict[str, dict[_Lines, list[Finding]]]:
    """By item and then by line, in the order of the lines."""
    groups: dict[str, dict[_Lines, list[Finding]]] = {}
    for finding in sorted(findings, key=lambda one: one.source_line or one.target_line or 0):
        if finding.source_line:
            place = pair.source.place(finding.source_line)
        else:
            place = pair.target.place(finding.target_line) if finding.target_line else ""
        lines = (finding.source_line, finding.target_line)
        groups.setdefault(place, {}).setdefault(lines, []).append(finding)
    return groups


def _told(findings: Sequence[Finding], pair: Judged, look: Look) -> Iterator[Line]:
    """What is said about a line of each file, and then these lines."""
    yield Styled("  "), Styled(look.clean(_where(findings[0], pair)))
    for finding in findings:
        yield from finding_lines(finding, look)
    for row in _excerpts(findings, pair, look):
        yield Styled(INDENT), *row


def finding_lines(finding: Finding, look: Look, place: str = "", *, indent: str = INDENT) -> Iterator[Line]:
    """Severity, check and message in rows; `place` stands before the message."""
    severity = finding.severity.value
    hanging = " " * (len(indent) + 8)
    message = look.clean(f"{finding.check}: {place}{finding.message}")
    first, *more = wrapped(message, (), width=look.width - len(hanging))
    yield Styled(indent), Styled(f"{severity:<7}", severity), Styled(" "), *first
    for row in more:
        yield Styled(hanging), *row


def _where(finding: Finding, pair: Judged) -> str:
    """`zh.md:12 -> en.md:14`, or the side on which it stands."""
    places = [
        f"{side.name}:{line}"
        for side, line in ((pair.source, finding.source_line), (pair.target, finding.target_line))
        if line
    ]
    return " -> ".join(places) or pair.target.name


def _excerpts(findings: Sequence[Finding], pair: Judged, look: Look) -> Sequence[Line]:
    width = look.column
    here, there = pair.source.line(findings[0].source_line), pair.target.line(findings[0].target_line)
    messages = [finding.message for finding in findings[:_MOST_MARKED]]
    source = _excerpt(messages, here, look, width, in_source=True)
    target = _excerpt(messages, there, look, width, in_source=False)
    if look.is_narrow or not (source and target):
        return [*source, *target]
    return beside(source, target, width=width, gap=GAP)


def _excerpt(messages: Iterable[str], raw: str, look: Look, width: int, *, in_source: bool) -> list[Line]:
    """The line, or the part of a long one in which the difference stands."""
    line = look.clean(" ".join(raw.split()))
    marked = differences(messages, line, in_source=in_source)
    line, marked = _window(line, marked, length=(_ROWS + 1) * width)
    if not look.colors:
        line, marked = _with_marks(line, marked), []
    rows = wrapped(line, [Marked(span) for span in marked], width=width)
    return rows if len(rows) <= _ROWS else [*rows[: _ROWS - 1], (*rows[_ROWS - 1], Styled("…"))]


def _window(line: str, marked: list[Span], *, length: int) -> tuple[str, list[Span]]:
    start = max(marked[0].start - _BEFORE, 0) if marked else 0
    start = 0 if len(line) <= length // 2 else start
    head, end = "…" if start else "", min(start + length, len(line))
    shift = len(head) - start
    spans = [Span(max(a, start) + shift, min(b, end) + shift) for a, b in marked if a < end]
    return head + line[start:end], spans


def _with_marks(line: str, marked: list[Span]) -> str:
    """Without colors, the difference stands »like this«."""
    pieces, position = [], 0
    for start, end in marked:
        pieces += [line[position:start], f"»{line[start:end]}«"]
        position = end
    return "".join([*pieces, line[position:]])


def differences(messages: Iterable[str], line: str, *, in_source: bool = False) -> list[Span]:
    """Where `line` holds what the messages name, in order and without overlaps.

    Punctuation stands everywhere: only Chinese signs in the translation are a difference.
    """
    things = dict.fromkeys(thing for message in messages for thing in _mentioned(message))
    found = [span for thing in things for span in _places_of(thing, line, in_source=in_source)]
    apart: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return apart


def named_in(message: str, line: str, *, in_source: bool) -> Span | None:
    """Where a line holds what a message is about: what it names first of the source, last of the English."""
    things = list(_mentioned(message))
    for thing in things if in_source else reversed(things):
        for span in _places_of(thing, line, in_source=in_source):
            return span
    return None


def _places_of(thing: str, line: str, *, in_source: bool) -> Iterator[Span]:
    if thing in line and (re.search(r"\w", thing) or not (in_source or thing.isascii())):
        yield from (Span(*match.span()) for match in _whole(thing).finditer(line))


def _mentioned(message: str) -> Iterator[str]:
    """What a message names, without the lines that it counts."""
    seen: set[str] = set()
    for match in _MENTIONED.finditer(_LINES.sub("", message[:_LONGEST])):
        whole = match[match.lastgroup or 0] if match.lastgroup != "number" else match[0]
        thing = whole.rstrip("…").strip()
        if thing and thing not in seen and len(seen) < _MOST:
            seen.add(thing)
            yield thing


def _whole(thing: str) -> re.Pattern[str]:
    """The thing, but not inside a longer word or number: 3 is not in 34 and not in 2.3."""
    before = r"(?<![A-Za-z0-9])(?<!\d[.,])" if thing[0].isascii() and thing[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])(?![.,]\d)" if thing[-1].isascii() and thing[-1].isalnum() else ""
    return re.compile(before + re.escape(thing) + after)
