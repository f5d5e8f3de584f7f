"""A review as one self-contained page, and as the JSON that the page reads (SEC-06).

All that comes from outside is JSON in a script element, escaped where HTML could read it, and the page's
script shows it as text: nothing of a document ever becomes markup. The policy allows only the page's own
script and style, by their hashes. Offsets count UTF-16 units, as JavaScript does. Empty values are left out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from itertools import groupby
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.model import Kind, Severity
from weekly_translate.report.columns import ranges
from weekly_translate.report.diff import word_diff
from weekly_translate.report.findings import differences
from weekly_translate.report.json import SCHEMA, finding_as_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from weekly_translate.model import Finding, Span
    from weekly_translate.report.review_values import Review, Reviewed, ShownTag, ShownTerm

_SILENT = frozenset({"seg.missing", "seg.draft"})
"""Their messages name no part of the English."""
_HIDDEN = "\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f"
"""Controls, marks of direction, halves of characters: what a reader of the page's source would not see."""
_UNSEEN = re.compile(f"[\x00-\x1f{_HIDDEN}]")
_DANGEROUS = re.compile(f"[<>&{_HIDDEN}]")
"""What could end the element that the data stands in, or hide in it."""


class PageFiles(NamedTuple):
    """The files of the page: its frame with `$placeholders`, its style, its scripts."""

    frame: str
    style: str
    script: str
    served: str = ""
    """The script that talks to a server; the page without one lacks it."""


def segment_island(segment: Reviewed) -> str:
    """A segment as it stands in the page."""
    return island(segment_as_data(segment))


def review_page(
    review: Review,
    files: PageFiles,
    *,
    server: bool = False,
    written: Callable[[Reviewed], str] = segment_island,
) -> str:
    """The page as HTML; with `server`, it sends its decisions to where it came from.

    `written` is `segment_island`, or remembers what that gave.
    """
    return Template(files.frame).substitute(
        title=as_html(f"{review.name} · review"),
        policy=as_html(page_policy(files, server=server)),
        mode="server" if server else "file",
        style=files.style,
        data=_data(review, written),
        script=_script(files, server=server),
    )


def page_policy(files: PageFiles, *, server: bool = False) -> str:
    """The Content-Security-Policy. An image is fetched when a person asks for it, and nothing else ever."""
    rules = (
        "default-src 'none'",
        f"script-src '{_hash(_script(files, server=server))}'",
        f"style-src '{_hash(files.style)}'",
        "img-src http: https: data:",
        *(("connect-src 'self'",) if server else ()),
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
    return "".join(f"\\u{ord(unit):04x}" for unit in _in_utf16(match[0]))


def _in_utf16(character: str) -> str:
    """One character, or the two halves of one beyond U+FFFF."""
    code = ord(character) - 0x10000
    return character if code < 0 else chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def _script(files: PageFiles, *, server: bool) -> str:
    return files.served + files.script if server else files.script


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
        "terms": [_term(term, segment.source) for term in segment.terms],
        "images": [image._asdict() for image in segment.images],
        "changed": segment.is_changed,
        "diff": _diff(segment),
        "marks": _units(_marks(target, segment.findings), target) if target else [],
        "refused": _refused(segment),
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


def _finding(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "severity": finding.severity.value, "message": finding.message}


def _tag(tag: ShownTag) -> dict[str, str]:
    return _filled({"kind": tag.kind, "address": tag.address, "text": tag.text})


def _term(term: ShownTerm, source: str) -> dict[str, Any]:
    return _filled({**term._asdict(), "spans": _units(term.spans, source)})


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
