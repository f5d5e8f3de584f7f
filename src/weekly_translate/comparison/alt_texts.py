"""The alternative texts of images and the titles of links, and the image beside which each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.comparison.naming import segment_of
from weekly_translate.model import FeatureKind, Finding, Segment, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.comparison.lines import Line
    from weekly_translate.comparison.matches import Match


def alt_findings(match: Match, source: str, target: str) -> Iterator[Finding]:
    """An alt text that is lost, invented, or but the name of the file; of images that both lines hold.

    `source` and `target` are the texts of the two documents.
    """
    here, there = dict(alt_texts(match.source, source)), dict(alt_texts(match.target, target))
    for line in match.source:
        for address in line.values(FeatureKind.IMAGE):
            if any(address in other.values(FeatureKind.IMAGE) for other in match.target):
                key = f"alt {address}"
                if message := _fault(key, here.get(key), there.get(key)):
                    segment = segment_of(match.source[0])
                    lines = match.source[0].number, match.target[0].number
                    yield Finding("img.alt", Severity.WARNING, message, segment, *lines)


def _fault(key: str, before: Segment | None, after: Segment | None) -> str:
    if before and not after:
        return "the alt text of the image is lost"
    if after and not before:
        return "the image has no alt text in the source"
    named = before and after and names_its_file(key, after) and not names_its_file(key, before)
    return "the alt text is the name of the file" if named else ""


def names_its_file(key: str, segment: Segment) -> bool:
    """Whether an alt text says how the file is called, and not what the image shows."""
    name = key.rpartition("/")[2]
    return "." in name and name in segment.text


def alt_texts(lines: Iterable[Line], text: str) -> Iterator[tuple[str, Segment]]:
    """Alt texts and link titles, each with the bytes of the address beside it."""
    for line in lines:
        addresses = sorted(
            (*line.values(FeatureKind.IMAGE), *line.values(FeatureKind.LINK)), key=len, reverse=True
        )
        for segment in line.inner:
            if segment.quotes:
                before = text[max(0, segment.span.start - 600) : segment.span.start - 1].rstrip()
                beside = next((value for value in addresses if value and before.endswith(value)), None)
                if beside is not None:
                    yield f"title {beside}", segment
            else:
                after = text[segment.span.end : segment.span.end + 600].lstrip("](<")
                beside = next((value for value in addresses if value and after.startswith(value)), None)
                if beside is not None:
                    yield f"alt {beside}", segment
