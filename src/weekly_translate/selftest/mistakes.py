"""Mistakes of meaning: the text reads well and says something else.

Rules see a few of them, by their form. The table shows how many, by class, so that its other figures are not
taken for more than they are; no share is demanded.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from weekly_translate.selftest.meaning import OPPOSITES
from weekly_translate.selftest.sites import (
    Edit,
    Goal,
    InjectablePair,
    InjectedFault,
    fault,
    injected,
    plain,
    segments_of,
    shifted,
    words_replaced,
)
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from weekly_translate.selftest.sites import Injector

_NAME = re.compile(r"\b(?=[A-Za-z]*[A-Z])[A-Za-z]{4,}\b")
_VERSION = re.compile(r"\b\d+\.\d+(?:\.\d+)?\b")
_CLAUSE = re.compile(r",(?: (?:and|but|or|which|while|so))? [^,.;:!?()<>]{20,120}(?=[,.])")
_HEDGES = {
    "more than": "less than",
    "less than": "more than",
    "over": "under",
    "nearly": "more than",
    "almost": "more than",
    "at least": "at most",
    "at most": "at least",
}
_MAGNITUDES = {"dozens": "hundreds", "hundreds": "thousands", "thousands": "millions", "millions": "billions"}


def _turned(words: Mapping[str, str], behind: str = "") -> Injector:
    """Each of these words becomes the one beside it."""
    return words_replaced(rf"\b(?:{'|'.join(words)})\b{behind}", lambda match, _: words[match[0]])


@fault("letters of a name exchanged", Goal.MEANING)
def _letters_exchanged(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Two letters of a name that the source has, too, have changed places."""
    for site, segment in segments_of(pair):
        source = " ".join(prose_of(one.text) for one in site.source.segments)
        for match in _NAME.finditer(plain(segment, pair.target)):
            name = match[0]
            spots = [spot for spot in range(1, len(name) - 1) if name[spot] != name[spot + 1]]
            if name in source and spots:
                spot = random.choice(spots)
                other = name[:spot] + name[spot + 1] + name[spot] + name[spot + 2 :]
                yield injected(pair, site, shifted(match, segment.span.start), other)


@fault("versions exchanged", Goal.MEANING)
def _versions_exchanged(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, segment in segments_of(pair):
        found = list(_VERSION.finditer(plain(segment, pair.target)))
        for one, two in combinations(found, 2):
            if one[0] != two[0]:
                edits = (
                    Edit(shifted(one, segment.span.start), two[0]),
                    Edit(shifted(two, segment.span.start), one[0]),
                )
                yield InjectedFault(f"{one[0]} <-> {two[0]}", edits, (site.source.number,))


@fault("clause dropped", Goal.MEANING)
def _clause_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, segment in segments_of(pair):
        for match in _CLAUSE.finditer(plain(segment, pair.target)):
            yield injected(pair, site, shifted(match, segment.span.start), "")


fault("hedge dropped", Goal.MEANING)(
    words_replaced(
        r"\b(?:about|around|nearly|almost|over|more than|less than|up to) (?=\$?\d)", lambda *_: ""
    )
)
fault("hedge turned", Goal.MEANING)(_turned(_HEDGES, r"(?= \$?\d)"))
fault("vague magnitude altered", Goal.MEANING)(_turned(_MAGNITUDES))
fault("word turned into its opposite", Goal.MEANING)(_turned(OPPOSITES))
fault("negation dropped", Goal.MEANING)(words_replaced(r"\b(?:not|never|no longer) ", lambda *_: ""))
fault("negation added", Goal.MEANING)(
    words_replaced(r"\b(?:is|are|was|can|will|does|should)(?= (?!not\b))", lambda match, _: f"{match[0]} not")
)
