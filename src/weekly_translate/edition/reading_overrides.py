"""What an edition does otherwise for single issues, by their number or date."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.edition.templates import IDENTITY
from weekly_translate.edition.values import Override

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from weekly_translate.edition.problems import Problems

_ISSUE = re.compile(r"\d+|\d{4}-\d{2}-\d{2}")
_CHANGEABLE = IDENTITY[:2]


def overrides_in(
    data: Mapping[str, object], rules: Collection[str], values: Collection[str], problems: Problems
) -> Mapping[str, Override]:
    """The entries of `overrides`; `rules` are the names of blocks, `values` those of variables."""
    told = data.get("overrides") or {}
    if not isinstance(told, dict) or not all(isinstance(entry, dict) for entry in told.values()):
        problems.add(
            ("overrides",), "'overrides' maps a number or a date to what is different: 7: {slug: …}."
        )
        return MappingProxyType({})
    return MappingProxyType(dict(_overrides(told, rules, values, problems)))


def _overrides(
    told: Mapping[object, dict[object, object]],
    rules: Collection[str],
    values: Collection[str],
    problems: Problems,
) -> Iterator[tuple[str, Override]]:
    for issue, entry in told.items():
        path = ("overrides", str(issue))
        if not _ISSUE.fullmatch(str(issue)):
            problems.add(path, f"an issue is a number or a date such as 2023-05-31, not {issue!r}.")
        without = entry.get("without", [])
        names = [str(name) for name in (without if isinstance(without, list) else [without])]
        for name in names:
            if name not in rules:
                problems.unknown((*path, "without"), name, rules, "rule")
        changed = {str(key): str(value) for key, value in entry.items() if key != "without"}
        for key in changed:
            if key not in values and key not in _CHANGEABLE:
                problems.unknown((*path, key), key, [*values, *_CHANGEABLE, "without"], "value")
        yield str(issue), Override(MappingProxyType(changed), frozenset(names))
