"""Decisions that a person has made in the page without a server, from the file that it saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.exchange import Verdict
from weekly_translate.review.deciding import Chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.review.deciding import Session

LIMIT = 4_000_000
"""Bytes of a file with decisions."""
_SCHEMA = 1


class Wanted(NamedTuple):
    """A decision and the texts that the person saw."""

    segment: str
    source: str
    seen: str | None
    chosen: Chosen


def read_decisions(data: bytes, name: str) -> list[Wanted]:
    """The decisions in a file. Raises `UsageError` that names it."""
    try:
        found = json.loads(data)
        if found["schema"] != _SCHEMA:
            raise UsageError(
                f"{name} has schema {found['schema']!r}, this program knows {_SCHEMA}: update it."
            )
        return [_wanted(one) for one in found["decisions"]]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise UsageError(f"{name} holds no decisions of a review page: save them there again.") from error


def _wanted(data: dict[str, str]) -> Wanted:
    verdict = Verdict(data["verdict"])
    texts = {Verdict.EDITED: "target", Verdict.REJECTED: "reason"}
    text = data[texts[verdict]] if verdict in texts else ""
    if not all(isinstance(part, str) for part in (data["segment"], data["source"], text)):
        raise ValueError(data)
    return Wanted(data["segment"], data["source"], data.get("seen"), Chosen(verdict, text))


def applied(decisions: list[Wanted], session: Session) -> Iterator[str]:
    """Store the decisions; gives a sentence for each that could not be stored."""
    for segment, source, seen, chosen in decisions:
        known = {one.id: one for one in session.review.segments}
        one = known.get(segment)
        if one is None or one.source != source:
            yield f"{segment}: the Chinese text is no longer the same, nothing was stored for it"
        elif one.target != seen:
            yield f"line {one.line}: the English has changed since the page was made, look at it again"
        else:
            try:
                session.decide(one.id, one.revision, chosen)
            except UsageError as error:
                yield f"line {one.line}: {error}"
