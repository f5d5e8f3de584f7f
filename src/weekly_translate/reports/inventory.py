"""What of each issue came through: items, links, images, headings, and the texts of its edition."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import FeatureKind
from weekly_translate.reports.columns import aligned, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import Feature

COUNTED = {
    FeatureKind.ITEM: "items",
    FeatureKind.LINK: "links",
    FeatureKind.IMAGE: "images",
    FeatureKind.HEADING: "headings",
}


class Inventory(NamedTuple):
    """An issue: what it should hold and does, what is Chinese in it, which texts of the edition it has."""

    name: str
    edition: str
    counts: dict[FeatureKind, tuple[int, int]]
    """How many of each kind are there, of how many."""
    chinese: int
    """Lines of the result with Chinese that nobody has allowed."""
    texts: dict[str, bool]
    """`header`, `footer`: whether the text that the edition has for this issue is in the result."""
    errors: int
    warnings: int

    @property
    def is_whole(self) -> bool:
        """Whether everything is there and nothing is Chinese."""
        complete = all(found == expected for found, expected in self.counts.values())
        return complete and not self.chinese and all(self.texts.values())


def counts_of(expected: Iterable[Feature], found: Iterable[Feature]) -> dict[FeatureKind, tuple[int, int]]:
    """How many of the expected features were found, by kind; what is there once more counts once."""
    wanted, held = ({*_keyed(features)} for features in (expected, found))
    return {
        kind: (sum(key in held for key in wanted if key[0] is kind), sum(key[0] is kind for key in wanted))
        for kind in COUNTED
    }


def _keyed(features: Iterable[Feature]) -> Iterable[tuple[FeatureKind, str, int]]:
    """Each feature with the number of equal ones before it."""
    seen: Counter[tuple[FeatureKind, str]] = Counter()
    for feature in features:
        key = feature.kind, feature.value
        seen[key] += 1
        yield *key, seen[key]


def inventory_text(issues: Sequence[Inventory]) -> str:
    """A table: one line for each issue, and one for all of them where there are several."""
    names = list(dict.fromkeys(name for issue in issues for name in issue.texts))
    rows = [["issue", "edition", *COUNTED.values(), "Chinese", *names, "errors", "warnings"]]
    rows += [_row(issue, names) for issue in issues]
    if len(issues) > 1:
        rows.append(_total(issues, names))
    return table_of(aligned(rows))


def _row(issue: Inventory, names: Sequence[str]) -> list[str]:
    counts = [_of(*issue.counts[kind]) for kind in COUNTED]
    texts = [("there" if issue.texts[name] else "MISSING") if name in issue.texts else "-" for name in names]
    numbers = [str(issue.errors), str(issue.warnings)]
    return [issue.name, issue.edition, *counts, str(issue.chinese), *texts, *numbers]


def _total(issues: Sequence[Inventory], names: Sequence[str]) -> list[str]:
    counts = [
        _of(*(sum(issue.counts[kind][side] for issue in issues) for side in (0, 1))) for kind in COUNTED
    ]
    texts = [
        _of(
            sum(issue.texts.get(name, False) for issue in issues),
            sum(name in issue.texts for issue in issues),
        )
        for name in names
    ]
    numbers = [
        str(sum(values)) for values in zip(*((one.errors, one.warnings) for one in issues), strict=True)
    ]
    return ["all", "", *counts, str(sum(issue.chinese for issue in issues)), *texts, *numbers]


def _of(found: int, expected: int) -> str:
    return f"{found:,}" if found == expected else f"{found:,} of {expected:,}"
