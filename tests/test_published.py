"""What the checks say about published English was looked at by hand, and is nearly always right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from published import CORPUS, RECORD, found_today, recorded, totals

if TYPE_CHECKING:
    from collections import Counter

    from published import Found

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the published issues are not here")


@pytest.fixture(scope="module")
def found() -> Counter[Found]:
    return found_today()


def test_every_error_on_a_published_pair_was_looked_at(found: Counter[Found]) -> None:
    verdicts = recorded(RECORD.read_text("utf-8"))
    new = {
        finding
        for finding, count in found.items()
        if finding.severity == "error" and count > verdicts.get(finding, ("", 0))[1]
    }
    assert not new, "judge them in docs/checks-on-published.md; see python tests/published.py"


def test_nine_of_ten_errors_are_true_and_good_text_is_left_alone(found: Counter[Found]) -> None:
    result = totals(found, recorded(RECORD.read_text("utf-8")))
    assert result.errors["true"] >= 0.9 * sum(result.errors.values())
    assert result.warned_falsely <= 0.02 * result.good
