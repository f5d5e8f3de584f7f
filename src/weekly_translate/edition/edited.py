"""A document as its edition wants it: the order of the steps, and every difference declared (D6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import blocks_of, faults_of
from weekly_translate.edition.expecting import expected_features
from weekly_translate.edition.framing import frame_of
from weekly_translate.edition.headings import settled_headings
from weekly_translate.edition.identity import override_for
from weekly_translate.edition.marks import fixed_texts, mark_uses
from weekly_translate.edition.outcomes import Edited
from weekly_translate.edition.remaining import remaining
from weekly_translate.edition.seams import HOLE, Inserted, seam_texts, seams_of
from weekly_translate.edition.signs import ascii_signs
from weekly_translate.edition.urls import localized
from weekly_translate.edition.variables import missing_for, values_for
from weekly_translate.errors import EditionError
from weekly_translate.model import Feature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.edition.outcomes import Issue
    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Document

FeaturesIn = Callable[[str], tuple[Feature, ...]]
"""What a text of the edition holds: `lambda text: parse(text).features`."""


def edited(document: Document, edition: Edition, issue: Issue, features_in: FeaturesIn) -> Edited:
    """Take away, put in and settle what the edition says. Nothing of that is ever shown to a model.

    Raises `EditionError` with every reason why it cannot be done: a rule that would drop an item, a template
    that needs what nobody knows.
    """
    override = override_for(edition, issue)
    _refuse(missing_for(edition, issue, override))
    values = values_for(edition, issue, override)
    frame = frame_of(document, edition, issue, values)
    blocks = blocks_of(document, edition, values, override.without, frame.reserved)
    _refuse(faults_of(blocks, document, edition))
    covered = frame.covered.union(*(block.lines for block in blocks))
    inserted = [*frame.inserted, *(Inserted(block.lines[0], block.text) for block in blocks if block.text)]
    seams = tuple(seams_of(document.text, covered, inserted))

    left = remaining(document, covered, seams, frame.cut)
    settled, heading_uses = settled_headings(left, edition.headings)
    addresses, address_uses = localized(left.features, edition.urls)
    fixed = {**ascii_signs(left), **fixed_texts(left, edition), **addresses, **frame.fixed}
    whole = [seam._replace(text=seam.text.replace(HOLE, frame.words or "x")) for seam in seams]
    return Edited(
        document=replace(left, findings=(*issue.findings, *left.findings)),
        fixed=fixed | seam_texts(seams, document.text, fixed, frame.cut.span if frame.cut else None),
        settled={**settled, **frame.settled},
        expected=expected_features(document.features, covered, whole, edition, features_in),
        uses=(
            *frame.uses,
            *heading_uses,
            *(block.use for block in blocks),
            *mark_uses(left, edition),
            *address_uses,
        ),
        covered=covered,
        inserted=tuple(one.text for one in inserted),
    )


def _refuse(faults: Iterable[str]) -> None:
    if message := "\n".join(faults):
        raise EditionError(message)
