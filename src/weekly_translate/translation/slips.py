"""Answers that stand under the id of another segment.

What survives a translation untouched tells where an answer belongs: tags, numbers, Latin words. Only those
count that a single segment of the batch has.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate import tags
from weekly_translate.chinese import in_half_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weekly_translate.model import Segment

_WORD = re.compile(r"[a-z][a-z0-9_]{2,}|\d[\d.]*\d(?![\d.]|\s?[万亿千百])", re.ASCII)
"""7.4 万 is another number in English: 74,000."""


def slipped(segments: Sequence[Segment], targets: Mapping[str, str]) -> tuple[str, ...]:
    """The ids whose answers are not to be trusted, because the batch has slipped.

    It has if an answer holds none of the anchors of its own segment while exactly one other answer holds
    all of them. Then only those answers are trusted that do hold anchors of their own segment.
    """
    own = _distinctive(segments)
    held = {id_: anchors_in(text) for id_, text in targets.items()}
    answered = [segment.id for segment in segments if segment.id in held]
    moved = {
        id_ for id_ in answered if own[id_] and not own[id_] & held[id_] and _elsewhere(own[id_], id_, held)
    }
    if not moved:
        return ()
    return tuple(id_ for id_ in answered if not own[id_] & held[id_] or _holds_foreign(id_, moved, own, held))


def anchors_in(text: str) -> frozenset[str]:
    """What survives translation: tags, Latin words from three letters on, numbers from two digits on."""
    words = in_half_width(tags.without_tags(text)).lower().replace(",", "")
    return frozenset(_WORD.findall(words)) | {f"<{name}>" for name in tags.names_in(text)}


def _distinctive(segments: Sequence[Segment]) -> dict[str, frozenset[str]]:
    anchors = {segment.id: anchors_in(segment.text) for segment in segments}
    hints = {segment.id: anchors_in(segment.hint) for segment in segments}
    frequency = Counter(anchor for id_ in anchors for anchor in anchors[id_] | hints[id_])
    return {
        id_: frozenset(anchor for anchor in found if frequency[anchor] == 1) for id_, found in anchors.items()
    }


def _elsewhere(anchors: frozenset[str], id_: str, held: Mapping[str, frozenset[str]]) -> bool:
    return sum(anchors <= others for other, others in held.items() if other != id_) == 1


def _holds_foreign(
    id_: str, moved: set[str], own: Mapping[str, frozenset[str]], held: Mapping[str, frozenset[str]]
) -> bool:
    """Whether the answer holds all that marks a segment whose own answer does not."""
    return any(own[other] <= held[id_] for other in moved if other != id_)
