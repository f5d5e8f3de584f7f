"""A review for a terminal: a dry run, the card of one segment, and what is left to decide in each issue."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Severity, Span, Status, Verdict
from weekly_translate.report.columns import Line, Marked, Styled, beside, ranges, table_of, wrapped
from weekly_translate.report.diff import ChangeKind, other_lines, word_diff
from weekly_translate.report.findings import GAP, INDENT, finding_lines
from weekly_translate.report.review_values import Origin, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Finding
    from weekly_translate.report.diff import LinesOutside
    from weekly_translate.report.findings import Look
    from weekly_translate.report.review_values import Review, Reviewed, ShownTag, UsedRule

_WHOLE_BLOCKS = ("title", "front matter", "header", "footer", "dropped", "replaced")
"""The kinds of rules that put something in the place of lines; the others only write marks."""
_SIGNS = {ChangeKind.SAME: ("", ""), ChangeKind.GONE: ("[-", "-]"), ChangeKind.NEW: ("{+", "+}")}
"""As `git diff --word-diff` and `wdiff` write it."""
_COLUMNS = ("segments", "approved", "edited", "machine", "rejected", "missing", "findings")
"""`missing` has no English yet; `findings` has errors or warnings, and nobody has vouched for it."""


def dry_run_lines(review: Review, look: Look, old: str = "") -> Iterator[Line]:
    """Against an English file only what differs from it; without one, every segment beside its source.

    `old` is the text of that file.
    """
    yield (Styled(look.clean(_headline(review)), "place"),)
    yield from _rules(review, look)
    shown = [one for one in review.segments if not review.target_name or _differs(one, look)]
    for section, segments in groupby(shown, key=lambda one: one.section):
        yield ()
        yield (Styled(look.clean(section or "Before the first heading"), "place"),)
        for one in segments:
            yield from _segment(one, review, look)
    if review.target_name:
        yield from _others(other_lines(old, review.text, review.segments), look)
    if found := _wanted(review.findings, look):
        yield ()
        yield (Styled("The document as a whole", "place"),)
        yield from _findings(found, look)


def _headline(review: Review) -> str:
    """`out.md: 2 of 86 segments change, 1 is new` or `issue.md: 86 segments, nothing to compare with`."""
    number = len(review.segments)
    if not review.target_name:
        segments = f"{number:,} segment{'s' * (number != 1)}"
        return f"{review.name}: {segments}; there is no English file to compare with"
    changed = sum(one.is_changed for one in review.segments)
    new = sum(one.previous is None and one.target is not None for one in review.segments)
    told = (
        f"{changed:,} of {number:,} segments change" if changed != 1 else f"1 of {number:,} segments changes"
    )
    chinese = sum(one.target is None for one in review.segments)
    if not changed and not new and not chinese:
        return f"{review.target_name}: none of the {number:,} segments changes"
    if new:
        told += f", {new:,} {'is' if new == 1 else 'are'} new"
    if chinese:
        told += f", {chinese:,} {'stays' if chinese == 1 else 'stay'} in Chinese"
    return f"{review.target_name}: {told}"


def _differs(one: Reviewed, look: Look) -> bool:
    """Whether there is something to look at: a change that only moves lines is none."""
    return one.is_changed or one.previous is None or one.target is None or bool(_wanted(one.findings, look))


def _others(lines: LinesOutside, look: Look) -> Iterator[Line]:
    if lines.gone or lines.new:
        yield ()
        yield (Styled("Outside the segments", "place"),)
    for sign, style, texts in (("-", "gone", lines.gone), ("+", "new", lines.new)):
        for text in texts:
            for row in wrapped(f"{sign} {look.clean(text)}", (), width=look.width - len(INDENT)):
                yield Styled(INDENT), *(piece._replace(style=style) for piece in row)


def _rules(review: Review, look: Look) -> Iterator[Line]:
    """What the edition replaces and drops."""
    for rule in review.rules:
        if rule.kind in _WHOLE_BLOCKS:
            name = rule.kind if rule.rule.startswith(rule.kind) else f"{rule.kind} {rule.rule}"
            numbers = set(rule.lines)
            if numbers and rule.kind in ("dropped", "replaced"):  # with the blank lines in between
                numbers = set(range(min(numbers), max(numbers) + 1))
            where = f" ({'line' if len(numbers) == 1 else 'lines'} {ranges(numbers)})" if numbers else ""
            yield (Styled(look.clean(f"  edition {review.edition}: {name}{where}"), "dim"),)


def _segment(one: Reviewed, review: Review, look: Look) -> Iterator[Line]:
    yield Styled("  "), Styled(look.clean(f"{review.name}:{one.line}{_there(one, review)}"), "dim")
    if one.is_changed:
        yield from _changed(one, look)
    else:
        yield from _side_by_side(one, look)
    yield from _findings(_wanted(one.findings, look), look)


def _there(one: Reviewed, review: Review) -> str:
    if not review.target_name:
        return ""
    if one.previous is None:
        return ", new" if one.target is not None else ", not translated"
    return f" -> {review.target_name}:{one.target_line}" if one.target_line else ""


def _changed(one: Reviewed, look: Look) -> Iterator[Line]:
    """The new text, with what has gone from the old one and what has come."""
    old, new = (look.clean(readable(text or "", one.tags)) for text in (one.previous, one.target))
    text, marked = "", []
    for change in word_diff(old, new):
        before, after = ("", "") if look.colors else _SIGNS[change.kind]
        start = len(text)
        text += f"{before}{change.text}{after}"
        if look.colors and change.kind is not ChangeKind.SAME:
            marked.append(Marked(Span(start, len(text)), change.kind.value))
    for row in wrapped(text, marked, width=look.width - len(INDENT)):
        yield Styled(INDENT), *row


def _side_by_side(one: Reviewed, look: Look) -> Iterator[Line]:
    """Source and translation in two columns, or one below the other where there is no room."""
    width = look.column
    target = "(stays in Chinese)" if one.target is None else readable(one.target, one.tags)
    here, there = (
        wrapped(look.clean(text), (), width=width) for text in (readable(one.source, one.tags), target)
    )
    for row in [*here, *there] if look.is_narrow else beside(here, there, width=width, gap=GAP):
        yield Styled(INDENT), *row


def _wanted(findings: Iterable[Finding], look: Look) -> list[Finding]:
    """As severe as the person wants to see them; that all of it is a draft is said once, by the summary."""
    severe = [one for one in findings if look.shows(one.severity)]
    return [one for one in severe if not one.is_of_draft or look.least is Severity.INFO]


def _findings(findings: Iterable[Finding], look: Look) -> Iterator[Line]:
    for finding in findings:
        line = f"line {finding.source_line}: " if finding.segment is None and finding.source_line else ""
        yield from finding_lines(finding, look, line)


def uses_as_text(uses: Iterable[UsedRule]) -> str:
    """A table: what each rule is about, its name unless that is its kind, the lines on which it fired."""
    names = ((use, "" if use.rule.startswith(use.kind) else use.rule) for use in uses)
    return table_of(("", use.kind, name, ranges(use.lines)) for use, name in names)


def card_of(one: Reviewed, look: Look, *, place: str) -> Iterator[Line]:
    """The lines of a segment; `place` says where it stands: `3 of 12, issue.md:45`."""
    section = f", {one.section}" if one.section else ""
    yield ()
    yield (Styled(look.clean(f"{place}{section}"), "place"),)
    yield from _paragraph(one.source, look)
    refused = one.refused
    if one.target is None and refused is not None:
        yield (Styled("  (an answer that did not pass)", "dim"),)
    english = refused.target if refused else one.target
    yield from _paragraph("(not translated yet)" if english is None else english, look)
    for finding in (*(refused.findings if refused else ()), *one.findings):
        yield from said_lines(finding, look)
    for tag in one.tags:  # an address stays whole: who copies it wants no line break in it
        yield (Styled(look.clean(f"  <{tag.name}> {_meaning(tag)}"), "dim"),)
    notes = [f"{term.source} → {term.target}" for term in one.terms]
    if one.decision is not None:
        reason = f": {one.decision.reason}" if one.decision.reason else ""
        who = f" by {one.decision.who}" if one.decision.who else ""
        notes.append(f"{one.decision.verdict}{who}{reason}")
    for note in notes:
        for line in wrapped(look.clean(note), (), width=look.width - 3):
            yield (Styled("  " + "".join(piece.text for piece in line), "dim"),)


def said_lines(finding: Finding, look: Look) -> Iterator[Line]:
    """A finding on a card: how serious it is, which check says it, and what."""
    first, *more = wrapped(f"{finding.check}: {look.clean(finding.message)}", (), width=look.width - 10)
    yield Styled(f"  {finding.severity.value:<8}", finding.severity.value), *first
    for line in more:
        yield Styled(" " * 10), *line


def _paragraph(text: str, look: Look) -> Iterator[Line]:
    for part in look.clean(text).splitlines() or [""]:
        for line in wrapped(part, (), width=look.width - len(INDENT)):
            yield Styled(INDENT), *line
    yield ()


def _meaning(tag: ShownTag) -> str:
    return " ".join(filter(None, (tag.kind, tag.address or tag.text)))


class ReviewStatus(NamedTuple):
    """An issue by name, and how many of its segments are what."""

    name: str
    counts: Counter[str]


def review_status_of(review: Review) -> ReviewStatus:
    """How far people have come; what the edition says in every issue is not counted."""
    segments = [one for one in review.segments if one.origin is not Origin.EDITION]
    counts = Counter(map(_state_of, segments))
    counts["segments"] = len(segments)
    counts["findings"] = sum(
        one.target is not None and not one.is_settled and one.is_doubted for one in segments
    )
    return ReviewStatus(review.name, counts)


def _state_of(one: Reviewed) -> str:
    if one.decision is not None and one.decision.verdict is Verdict.REJECTED:
        return "rejected"
    if one.target is None:
        return "missing"
    return {Status.APPROVED: "approved", Status.EDITED: "edited"}.get(one.status, "machine")


def status_table(issues: Sequence[ReviewStatus]) -> str:
    """One line for each issue, and one for all of them where there are several."""
    rows = [["issue", *_COLUMNS], *map(_row, issues)]
    if len(issues) > 1:
        total: Counter[str] = sum((issue.counts for issue in issues), Counter())
        rows.append(_row(ReviewStatus("all", total)))
    return table_of(rows, right=range(1, len(_COLUMNS) + 1))


def _row(issue: ReviewStatus) -> list[str]:
    return [issue.name, *(f"{issue.counts[column]:,}" for column in _COLUMNS)]
