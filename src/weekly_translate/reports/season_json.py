"""The report of a season as JSON, for CI and for the next program. Its shape has a number: `schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.exchange import Usage
from weekly_translate.model import Severity
from weekly_translate.reports.inventory import COUNTED
from weekly_translate.reports.report import as_json, finding_as_data, usage_as_data
from weekly_translate.reports.season import total_cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from weekly_translate.reports.inventory import Inventory
    from weekly_translate.reports.season import Account


class Place(NamedTuple):
    """Where something stands: the issue by its name, and the line of its source."""

    issue: str
    line: int


class Variety(NamedTuple):
    """A `term`, `name` or `title` that reads in several ways in a season, the most frequent one first."""

    kind: str
    source: str
    renderings: Mapping[str, tuple[Place, ...]]


class Idle(NamedTuple):
    """A rule of an edition that fired in none of its issues."""

    file: str
    line: int
    kind: str
    name: str
    issues: int
    """How many issues took the edition."""


class Season(NamedTuple):
    """All that is told of a season at its end."""

    accounts: Sequence[Account]
    varieties: Sequence[Variety] = ()
    idle: Sequence[Idle] = ()
    inventories: Sequence[Inventory] = ()


def season_report(season: Season, facts: Mapping[str, Any]) -> str:
    """The whole report; `facts` say what was run, and how it ended."""
    accounts = season.accounts
    usage = sum((one.usage for one in accounts), Usage())
    data = {
        **facts,
        "usage": usage_as_data(usage, total_cost(accounts)),
        "issues": [_issue(one) for one in accounts],
        "inventory": [_inventory(one) for one in season.inventories],
        "renderings": [_variety(one) for one in season.varieties],
        "unused_rules": [one._asdict() for one in season.idle],
    }
    return as_json(data)


def account_as_data(one: Account) -> dict[str, Any]:
    """What became of an issue, in numbers: no word of it but its name."""
    return {
        "name": one.name,
        "result": one.ending.name.lower(),
        "written": one.ending.is_written,
        "segments": one.counts._asdict(),
        "memory_share": round(one.share, 4),
        "usage": usage_as_data(one.usage, one.cost),
        "seconds": round(one.seconds, 3),
        "counts": {kind.value: one.number_of(kind) for kind in Severity},
    }


def _issue(one: Account) -> dict[str, Any]:
    return {
        **account_as_data(one),
        "source": one.source,
        "target": one.target,
        "why": one.why or one.ending.value,
        "signature": one.signature or None,
        "edition": one.edition or None,
        "findings": [finding_as_data(finding) for finding in _said(one)],
        "rules": [{"kind": use.kind, "rule": use.rule, "lines": list(use.lines)} for use in one.rules],
    }


def _said(one: Account) -> Iterable[Any]:
    """Errors and warnings; drafts are counted with the segments."""
    return (f for f in one.findings if f.severity is not Severity.INFO and not f.is_of_draft)


def _inventory(one: Inventory) -> dict[str, Any]:
    """What an issue should hold and does; `texts` are those that its edition has for it."""
    counts = {
        COUNTED[kind]: {"found": found, "expected": expected}
        for kind, (found, expected) in one.counts.items()
    }
    return {
        "name": one.name,
        "edition": one.edition,
        "whole": one.is_whole,
        **counts,
        "chinese_lines": one.chinese,
        "texts": one.texts,
    }


def _variety(one: Variety) -> dict[str, Any]:
    renderings = [
        {"text": text, "places": [place._asdict() for place in places]}
        for text, places in one.renderings.items()
    ]
    return {"kind": one.kind, "source": one.source, "renderings": renderings}


def varieties_text(varieties: Iterable[Variety], *, places: int) -> str:
    """A line for each thing that reads in several ways, with the first places of each reading."""
    return "".join(f"{_variety_line(one, places)}\n" for one in varieties)


def _variety_line(one: Variety, most: int) -> str:
    readings = []
    for text, places in one.renderings.items():
        shown = [f"{place.issue}:{place.line}" for place in places[:most]]
        more = [f"{len(places) - most} more"] if len(places) > most else []
        readings.append(f"“{text}” ({', '.join([*shown, *more])})")
    return f"{one.kind} {one.source}: {'; '.join(readings)}"
