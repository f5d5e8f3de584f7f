"""What the checks say about published English was looked at by hand, and is nearly always right."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml
from benchmarks import published

from published import CORPUS, KNOWN
from sown import of_sentences, pairs
from weekly_translate.model import Severity

EVERY = pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the published issues are not here")


@EVERY
def test_every_error_on_a_published_pair_was_looked_at(every: int) -> None:
    found = published.findings_of_today(every)
    new = [one.place for one in found if one.severity is Severity.ERROR and not one.verdict]
    assert not new, "judge them in benchmarks/published.csv; see python -m benchmarks published"


@EVERY
@pytest.mark.parametrize("severity", published.BARS)
def test_what_is_said_is_true(severity: Severity, every: int) -> None:
    found = [one for one in published.findings_of_today(every) if one.severity is severity]
    assert published.precision(found) >= published.BARS[severity]


@EVERY
def test_what_is_known_to_be_wrong_is_found(every: int) -> None:
    tried = {path.stem for path in published.pairs(every)}
    known = Counter(
        {
            (check, issue.removesuffix("-weekly"), line): count
            for check, issues in yaml.safe_load(KNOWN.read_text("utf-8")).items()
            for issue, lines in issues.items()
            if issue in tried
            for line, count in lines.items()
        }
    )
    places = (one.place for one in published.findings_of_today(every))
    seen = Counter((place.check, place.issue, place.source) for place in places)
    assert known - seen == Counter()


@pytest.mark.slow
def test_lost_and_invented_sentences_are_found_in_issues_that_nothing_was_fitted_to() -> None:
    """Of four times as many it is 89 % (`python tests/sown.py`); these few change with the pairs."""
    tried = list(of_sentences(pairs(even=True), count=6))
    assert sum(trial.good for trial in tried) >= 0.88 * sum(len(trial.detections) for trial in tried)
