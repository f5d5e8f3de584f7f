"""Decisions that a person has made in the page without a server, from the file that it saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.exchange import Status, Verdict
from weekly_translate.review.deciding import Chosen
from weekly_translate.store.decisions import OutdatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.reports.reviewed import Reviewed
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
    """Store the decisions; gives a sentence, without its stop, for each that could not be stored.

    What an earlier run has stored is passed over: the same file can be given again.
    """
    decided: set[str] = set()
    known = {one.id: one for one in session.review.segments}
    for wanted in decisions:
        if wanted.source in decided:  # the same sentence elsewhere: what was said there is true of it, too
            session.look()
            decided, known = set(), {one.id: one for one in session.review.segments}
        one = known.get(wanted.segment)
        if one is None or one.source != wanted.source:
            yield f"{wanted.segment}: the Chinese text is no longer the same, nothing was stored for it"
        elif _stands(wanted, one):
            continue
        elif one.target != wanted.seen:
            yield f"line {one.line}: the English has changed since the page was made, look at it again"
        else:
            try:
                session.decide(one.id, one.revision, wanted.chosen, look=False)
                decided.add(one.source)
            except (UsageError, OutdatedError) as error:
                yield f"line {one.line}: {str(error).removesuffix('.')}"


def _stands(wanted: Wanted, one: Reviewed) -> bool:
    """Whether the memory holds this decision already."""
    match wanted.chosen.verdict:
        case Verdict.EDITED:
            return one.is_settled and one.target == wanted.chosen.text
        case Verdict.ACCEPTED:
            return one.status is Status.APPROVED and one.target == wanted.seen
        case Verdict.REJECTED:
            said = one.decision.reason if one.decision else ""
            return bool(said) and said == " ".join(wanted.chosen.text.split())
