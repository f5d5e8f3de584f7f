"""How often each check is right, and whether it may count as what it counts as.

A complaint is right or wrong by what a person has written beside it (`published.csv`), or by the text that
it is about: on free but right English all are wrong, on a text with one mistake those are right that the
same text without it does not get. A check below its bar is demoted to an information, or gone; whether that
holds for other issues, too, is told by folds: each is judged by what the other folds would have decided.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from benchmarks.published import BARS, findings_of_today, precision, recorded
from benchmarks.rows import Row
from weekly_translate.model import ComplaintKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Finding

FOLDS = 5
FEWEST = 5
"""Fewer complaints that are right or wrong tell no precision."""
SURE = 0.8
"""What a doubt has to reach to be a warning where no model is asked: right four times of five."""
_Z = 1.96


class Complaint(NamedTuple):
    """What was said about a text of the corpus, and whether it is true."""

    check: str
    kind: ComplaintKind
    severity: Severity
    verdict: str
    """`true`, `arguable` or `false`."""
    issue: str = ""
    """By which folds are made."""

    @property
    def bar(self) -> float:
        """How often its check has to be right."""
        return (
            SURE if self.kind is ComplaintKind.DOUBTFUL else BARS.get(self.severity, BARS[Severity.WARNING])
        )


def complaints_of(findings: Iterable[Finding], verdict: str) -> Iterator[Complaint]:
    """Findings on texts that are all true, or all false."""
    return (Complaint(one.check, one.kind, one.severity, verdict) for one in findings)


def precision_rows(on_texts: Sequence[Complaint]) -> Iterator[Row]:
    """A row for each check on published pairs, and on single texts; what the folds say about the bars."""
    published = [
        Complaint(one.place.check, one.kind, one.severity, one.verdict, one.place.issue)
        for one in findings_of_today()
        if one.verdict
    ]
    yield from _by_check("published pairs", published)
    yield from _by_folds(published)
    yield from _by_check("single texts", on_texts)


def _by_check(name: str, complaints: Iterable[Complaint]) -> Iterator[Row]:
    """How many are true of those that are true or false, and between which shares that lies with 95 %."""
    groups = defaultdict[tuple[Severity, str, ComplaintKind], list[Complaint]](list)
    for one in complaints:
        groups[one.severity, one.check, one.kind].append(one)
    for (severity, check, kind), ones in sorted(groups.items()):
        bar, known = ones[0].bar, _judged(ones) >= FEWEST
        aloud = severity is not Severity.INFO
        goal = f">= {bar:.0%}" if aloud else ""
        reached = precision(ones) >= bar if known and aloud else None
        yield Row(f"  {name}, {severity}, {kind}: {check}", _share(ones), goal, reached)


def _judged(complaints: Iterable[Complaint]) -> int:
    return sum(one.verdict != "arguable" for one in complaints)


def _share(complaints: Sequence[Complaint]) -> str:
    """`40 of 44, 79-96%; 3 arguable`."""
    counts, judged = Counter(one.verdict for one in complaints), _judged(complaints)
    arguable = f"{counts['arguable']} arguable" if counts["arguable"] else ""
    if not judged:
        return arguable
    low, high = wilson(counts["true"], judged)
    share = f"{counts['true']} of {judged}, {low:.0%}-{high:.0%}"
    return "; ".join(filter(None, (share, arguable)))


def wilson(true: int, count: int) -> tuple[float, float]:
    """The interval in which a share lies with 95 % of which so many of so many were seen."""
    share = true / count
    middle = share + _Z**2 / (2 * count)
    reach = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return (middle - reach) / (1 + _Z**2 / count), (middle + reach) / (1 + _Z**2 / count)


# --------------------------------------------------------------------------- by folds


def _by_folds(complaints: Sequence[Complaint]) -> Iterator[Row]:
    """What four folds let count aloud, on the fifth; what all of them do not, and whether it is silent."""
    folds: list[list[Complaint]] = [[] for _ in range(FOLDS)]
    for one in complaints:
        folds[crc32(one.issue.encode()) % FOLDS].append(one)
    aloud = [
        [one for one in own if _is_sure(one, [other for fold in folds if fold is not own for other in fold])]
        for own in folds
    ]
    shares = "  ".join(f"{precision(own):.0%} of {_judged(own)}" for own in aloud)
    share = precision(one for own in aloud for one in own)
    yield Row(
        "what four fifths of the issues let be said, on the fifth", shares, f">= {SURE:.0%}", share >= SURE
    )
    unsure = [one for one in complaints if not _is_sure(one, complaints)]
    loud = [one for one in unsure if one.severity is not Severity.INFO and one.verdict == "false"]
    yield Row("below the bar, and an information", _listed(unsure), "no warning", not loud)
    today = {one.place for one in findings_of_today()}
    gone = [place for place in recorded() if place not in today]
    wrong = sum(recorded()[place] == "false" for place in gone)
    yield Row(f"judged, and said no longer: {len(gone)}, of which wrong", str(wrong))


def _is_sure(complaint: Complaint, judged: Iterable[Complaint]) -> bool:
    """Whether complaints like this one are right often enough; of few of them, those that are certain."""
    alike = [one for one in judged if one[:3] == complaint[:3]]
    return (
        precision(alike) >= complaint.bar
        if _judged(alike) >= FEWEST
        else complaint.kind is ComplaintKind.CERTAIN
    )


def _listed(complaints: Iterable[Complaint]) -> str:
    return ", ".join(
        f"{check} {count}" for check, count in Counter(one.check for one in complaints).most_common()
    )
