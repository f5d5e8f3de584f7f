"""Which features of one document are lost, added, changed or out of order in another, in linear time."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Feature, FeatureKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Key = tuple[FeatureKind, str]


class Placed(NamedTuple):
    """A feature, and the anchor before it: the last feature that both documents hold exactly once."""

    anchor: Key | None
    feature: Feature


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two sequences of features differ; each difference stands in one place only."""

    changed: tuple[tuple[Feature, Feature], ...]
    """Lost here and added there between the same anchors."""
    lost: tuple[Feature, ...]
    added: tuple[Feature, ...]
    kept: tuple[Feature, ...]
    """What the second document holds too, in the order of the first."""
    found: tuple[Feature, ...]
    """The same features in the order of the second document."""


def aligned(expected: Sequence[Feature], found: Sequence[Feature]) -> Alignment:
    """Compare two sequences; one loss does not drag along what comes after it."""
    before, after = Counter(map(_key, expected)), Counter(map(_key, found))
    anchors = {key for key, count in before.items() if count == 1 and after[key] == 1}
    here, there = _placed(expected, anchors), _placed(found, anchors)
    lost, kept = _apart(here, before - after, _per_place(here) - _per_place(there))
    added, met = _apart(there, after - before, _per_place(there) - _per_place(here))
    changed, lost, added = _matched(lost, added)
    return Alignment(
        tuple(changed),
        tuple(place.feature for place in lost),
        tuple(place.feature for place in added),
        tuple(place.feature for place in kept),
        tuple(place.feature for place in met),
    )


def _key(feature: Feature) -> Key:
    return feature.kind, feature.value


def _placed(features: Sequence[Feature], anchors: set[Key]) -> list[Placed]:
    places, anchor = [], None
    for feature in features:
        places.append(Placed(anchor, feature))
        if _key(feature) in anchors:
            anchor = _key(feature)
    return places


def _per_place(places: list[Placed]) -> Counter[tuple[Key | None, Key]]:
    return Counter((place.anchor, _key(place.feature)) for place in places)


def _apart(
    places: list[Placed], surplus: Counter[Key], local: Counter[tuple[Key | None, Key]]
) -> tuple[list[Placed], list[Placed]]:
    """The surplus features and the others; of equal ones, those that are too many between their anchors."""
    surplus, local = surplus.copy(), local.copy()
    chosen: set[int] = set()
    for local_only in (True, False):
        for index, place in enumerate(places):
            key = _key(place.feature)
            if index in chosen or surplus[key] <= 0 or (local_only and local[place.anchor, key] <= 0):
                continue
            chosen.add(index)
            surplus[key] -= 1
            local[place.anchor, key] -= 1
    apart = [place for index, place in enumerate(places) if index in chosen]
    return apart, [place for index, place in enumerate(places) if index not in chosen]


def _matched(
    lost: list[Placed], added: list[Placed]
) -> tuple[list[tuple[Feature, Feature]], list[Placed], list[Placed]]:
    """Pair what is lost and added in one place: the value as another kind, else another value of the kind."""
    changed: list[tuple[Feature, Feature]] = []
    for trait in (_by_value, _by_kind):
        waiting: defaultdict[tuple[Key | None, str], deque[Placed]] = defaultdict(deque)
        for place in added:
            waiting[trait(place)].append(place)
        still_lost = []
        for place in lost:
            queue = waiting[trait(place)]
            if queue:
                changed.append((place.feature, queue.popleft().feature))
            else:
                still_lost.append(place)
        left = {id(place) for queue in waiting.values() for place in queue}
        lost, added = still_lost, [place for place in added if id(place) in left]
    return changed, lost, added


def _by_value(place: Placed) -> tuple[Key | None, str]:
    return place.anchor, place.feature.value


def _by_kind(place: Placed) -> tuple[Key | None, str]:
    return place.anchor, place.feature.kind


def displaced(kept: Sequence[Feature], found: Sequence[Feature]) -> Iterator[tuple[Feature, Feature]]:
    """The first and the last feature of each stretch that is in another order.

    Both sequences hold the same features. Within a line the order is free, for English puts words elsewhere.
    """
    position, start = 0, None
    balance: Counter[str] = Counter()
    for _, line in groupby(kept, key=lambda feature: feature.line):
        group = list(line)
        for one, other in zip(group, found[position : position + len(group)], strict=True):
            _count(balance, one.value, 1)
            _count(balance, other.value, -1)
        position += len(group)
        if balance and start is None:
            start = group[0]
        elif not balance and start is not None:
            yield start, group[-1]
            start = None


def _count(balance: Counter[str], value: str, step: int) -> None:
    """Add to a count and forget it at zero, so that an even balance is empty."""
    balance[value] += step
    if not balance[value]:
        del balance[value]
