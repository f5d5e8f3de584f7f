"""A segment under review on a terminal: both texts, what the checks say, what its tags stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.reports.columns import Line, Piece, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.reports.findings_text import Look
    from weekly_translate.reports.reviewed import Reviewed, ShownTag

_INDENT = "    "


def card_of(one: Reviewed, look: Look, *, place: str) -> Iterator[Line]:
    """The lines of a segment; `place` says where it stands: `3 of 12, issue.md:45`."""
    section = f", {one.section}" if one.section else ""
    yield ()
    yield (Piece(look.clean(f"{place}{section}"), "place"),)
    yield from _paragraph(one.source, look)
    yield from _paragraph("(not translated yet)" if one.target is None else one.target, look)
    for finding in one.findings:
        first, *more = wrapped(f"{finding.check}: {look.clean(finding.message)}", (), width=look.width - 10)
        yield Piece(f"  {finding.severity.value:<8}", finding.severity.value), *first
        for line in more:
            yield Piece(" " * 10), *line
    for tag in one.tags:
        yield (Piece(look.clean(f"  <{tag.name}> {_meaning(tag)}"), "dim"),)
    for term in one.terms:
        yield (Piece(look.clean(f"  {term.source} → {term.target}"), "dim"),)
    if one.decision is not None:
        reason = f": {one.decision.reason}" if one.decision.reason else ""
        who = f" by {one.decision.who}" if one.decision.who else ""
        yield (Piece(look.clean(f"  {one.decision.verdict}{who}{reason}"), "dim"),)


def _paragraph(text: str, look: Look) -> Iterator[Line]:
    for part in look.clean(text).splitlines() or [""]:
        for line in wrapped(part, (), width=look.width - len(_INDENT)):
            yield Piece(_INDENT), *line
    yield ()


def _meaning(tag: ShownTag) -> str:
    return " ".join(filter(None, (tag.kind, tag.address or tag.text)))
