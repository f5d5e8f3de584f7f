"""A review for a terminal, as one self-contained page, and as the JSON that the page reads (SEC-06).

All that comes from outside is JSON in a script element, escaped where HTML could read it, and the page's
script shows it as text: nothing of a document ever becomes markup. The policy allows only the page's own
script and style, by their hashes. Offsets count UTF-16 units, as JavaScript does. Empty values are left out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections import Counter
from itertools import groupby
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.model import Kind, Severity, Span, Status, Use, Verdict
from weekly_translate.report.data import SCHEMA, finding_as_data
from weekly_translate.report.diff import ChangeKind, other_lines, word_diff
from weekly_translate.report.review_values import Origin, readable
from weekly_translate.report.text import (
    GAP,
    INDENT,
    Line,
    Marked,
    Styled,
    beside,
    differences,
    finding_lines,
    lines_in_words,
    ranges,
    table_of,
    wrapped,
)
from weekly_translate.text.characters import counted, lazy_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.model import Finding
    from weekly_translate.report.diff import LinesOutside
    from weekly_translate.report.review_values import Review, Reviewed, ShownTag
    from weekly_translate.report.text import Look


CARD = "  "
"""Before what is said on the card of a segment."""
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
        return f"{review.name}: {counted(number, 'segment')}; there is no English file to compare with"
    changed = sum(one.is_changed for one in review.segments)
    new = sum(one.previous is None and one.target is not None for one in review.segments)
    told = f"{changed:,} of {counted(number, 'segment')} change{'s' * (changed == 1)}"
    chinese = sum(one.target is None for one in review.segments)
    if not changed and not new and not chinese:
        return f"{review.target_name}: no segment changes"
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
            where = f" ({lines_in_words(rule.whole_lines)})" if rule.lines else ""
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


def uses_as_text(uses: Iterable[Use]) -> str:
    """A table: what each rule is about, its name unless that is its kind, the lines on which it fired."""
    names = ((use, "" if use.rule.startswith(use.kind) else use.rule) for use in uses)
    return table_of(("", use.kind, name, ranges(use.whole_lines)) for use, name in names)


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
    of_answer = refused.findings if refused else ()
    # That the text is missing goes without saying where it is said what is wrong with the answer.
    own = [finding for finding in one.findings if not (of_answer and finding.check == "seg.missing")]
    for finding in (*of_answer, *own):
        yield from finding_lines(finding, look, indent=CARD)
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
    counts["findings"] = sum(one.target is not None and one.is_open for one in segments)
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


_SILENT = frozenset({"seg.missing", "seg.draft"})
"""Their messages name no part of the English."""
_HIDDEN = "\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f"
"""Controls, marks of direction, halves of characters: what a reader of the page's source would not see."""
_UNSEEN = lazy_pattern(f"[\x00-\x1f{_HIDDEN}]")
_DANGEROUS = lazy_pattern(f"[<>&{_HIDDEN}]")
"""What could end the element that the data stands in, or hide in it."""


class PageFiles(NamedTuple):
    """The files of the page: its frame with `$placeholders`, its style, its scripts."""

    frame: str
    style: str
    script: str
    server: bool = False
    """Whether the page sends its decisions to where it came from."""


def segment_island(segment: Reviewed) -> str:
    """A segment as it stands in the page."""
    return island(segment_as_data(segment))


def is_page(data: bytes) -> bool:
    """Whether `review_page` has made these bytes."""
    return data.startswith(b'<!doctype html>\n<html lang="en" data-mode="')


def review_page(
    review: Review,
    files: PageFiles,
    written: Callable[[Reviewed], str] = segment_island,
) -> str:
    """The page as HTML; `written` is `segment_island`, or remembers what that gave."""
    return Template(files.frame).substitute(
        title=as_html(f"{review.name} · review"),
        policy=as_html(page_policy(files)),
        mode="server" if files.server else "file",
        style=files.style,
        data=_data(review, written),
        script=files.script,
    )


def page_policy(files: PageFiles) -> str:
    """The Content-Security-Policy. An image is fetched when a person asks for it, and nothing else ever."""
    rules = (
        "default-src 'none'",
        f"script-src '{_hash(files.script)}'",
        f"style-src '{_hash(files.style)}'",
        "img-src http: https: data:",
        *(("connect-src 'self'",) if files.server else ()),
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(rules)


def as_html(text: str) -> str:
    """Text as text, in an element or in a quoted attribute; what nobody would see is left out."""
    return html.escape(_UNSEEN.sub("", text))


def island(data: object) -> str:
    """JSON that can stand in a script element: no character of it can end that, or hide."""
    return _DANGEROUS.sub(_escape, json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _hash(text: str) -> str:
    """As a policy names a script or style; browsers hash the text with its line ends as they read them."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _data(review: Review, written: Callable[[Reviewed], str]) -> str:
    """`{"schema", "name", "target", "signature", "edition", "rules", "findings", "sections"}`.

    A section is `{"title", "segments"}`; the segments are those of `segment_as_data`.
    """
    about = {
        "schema": SCHEMA,
        "name": review.name,
        "target": review.target_name,
        "signature": review.signature,
        "edition": review.edition,
        "rules": [_filled({**rule._asdict(), "lines": ranges(rule.lines)}) for rule in review.rules],
        "findings": [finding_as_data(finding) for finding in review.findings],
        "of_file": [finding_as_data(finding) for finding in review.of_file],
    }
    sections = ",".join(
        f'{{"title":{island(title)},"segments":[{",".join(map(written, segments))}]}}'
        for title, segments in groupby(review.segments, key=lambda segment: segment.section)
    )
    return f'{island(about)[:-1]},"sections":[{sections}]}}'


def segment_as_data(segment: Reviewed) -> dict[str, Any]:
    """A segment: the fields of `Reviewed`, its word diff and the places that findings speak of."""
    target = segment.target
    data = {
        "id": segment.id,
        "kind": "" if segment.kind is Kind.TEXT else segment.kind.value,
        "line": segment.line,
        "target_line": segment.target_line,
        "source": segment.source,
        "target": target,
        "status": segment.status.name.lower(),
        "settled": segment.is_settled,
        "origin": segment.origin.value,
        "made_by": segment.made_by,
        "title_from": segment.title.value if segment.title else "",
        "remark": segment.remark,
        "link": segment.link,
        "findings": [_finding(finding) for finding in segment.findings],
        "tags": {tag.name: _tag(tag) for tag in segment.tags},
        "terms": [
            _filled({**term._asdict(), "spans": _units(term.spans, segment.source)}) for term in segment.terms
        ],
        "images": [image._asdict() for image in segment.images],
        "changed": segment.is_changed,
        "diff": _diff(segment),
        "marks": _units(_marks(target, segment.findings), target) if target else [],
        "refused": _refused(segment),
        "must_be_mended": segment.must_be_mended,
        "decision": _filled(segment.decision._asdict()) if segment.decision else None,
        "revision": segment.revision,
        "undoable": segment.undoable,
        "corrected": segment.corrected,
    }
    return _filled(data)


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", None, False, [], {}, ())}


def _refused(segment: Reviewed) -> dict[str, Any]:
    if segment.refused is None:
        return {}
    target, made_by, findings = segment.refused
    marks = _units(_marks(target, findings), target)
    said = [_finding(finding) for finding in findings]
    return _filled({"target": target, "made_by": made_by, "findings": said, "marks": marks})


def _finding(finding: Finding) -> dict[str, Any]:
    data = {"check": finding.check, "severity": finding.severity.value, "message": finding.message}
    return {**data, "settled": finding.settled._asdict()} if finding.settled else data


def _tag(tag: ShownTag) -> dict[str, str]:
    return _filled({"kind": tag.kind, "address": tag.address, "text": tag.text})


def _diff(segment: Reviewed) -> list[tuple[str, str]]:
    if not segment.is_changed or segment.previous is None or segment.target is None:
        return []
    return [(change.kind.value, change.text) for change in word_diff(segment.previous, segment.target)]


def _marks(target: str, findings: Iterable[Finding]) -> list[Span]:
    messages = (
        finding.message
        for finding in findings
        if finding.severity is not Severity.INFO and finding.check not in _SILENT
    )
    return differences(messages, target)


def _units(spans: Iterable[Span], text: str) -> list[tuple[int, int]]:
    """Stretches of a text in UTF-16 units: characters beyond U+FFFF take two."""
    if max(text, default="") <= "\uffff":
        return [(span.start, span.end) for span in spans]
    return [(_length(text[: span.start]), _length(text[: span.end])) for span in spans]


def _length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
