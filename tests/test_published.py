"""What the checks say about published English was looked at by hand, and is nearly always right."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
import yaml

from published import CORPUS, KNOWN, RECORD, found_today, recorded, totals
from sown import of_sentences, pairs

if TYPE_CHECKING:
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


def test_what_is_known_to_be_wrong_is_found(found: Counter[Found]) -> None:
    known = Counter(
        {
            (check, issue, str(line)): count
            for check, issues in yaml.safe_load(KNOWN.read_text("utf-8")).items()
            for issue, lines in issues.items()
            for line, count in lines.items()
        }
    )
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding, count in found.items():
        seen[finding.check, finding.file, finding.lines.partition("/")[0]] += count
    assert known - seen == Counter()


@pytest.mark.slow
def test_lost_and_invented_sentences_are_found_in_issues_that_nothing_was_fitted_to() -> None:
    tried = list(of_sentences(pairs(even=True), count=6))
    assert sum(trial.good for trial in tried) >= 0.95 * sum(len(trial.detections) for trial in tried)
