"""What `check` says about English that people have published, against verdicts that a person gave by hand.

The issues are read from ../shared/corpus, beside the repository. `published.csv` holds no sentence of theirs:
each verdict names an issue, the lines on both sides and a check.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from benchmarks.rows import Row
from benchmarks.texts import ROOT
from weekly_translate.compare.pair_files import FilePair, Judging, verdict_on
from weekly_translate.compare.style import Rules
from weekly_translate.edition.applying import read_editions
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.model import ComplaintKind, Severity
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.precision import Complaint

CORPUS = ROOT.parent / "shared/corpus"
VERDICTS = Path(__file__).with_name("published.csv")
BARS = {Severity.ERROR: 0.85, Severity.WARNING: 0.6}
"""How many of those that are true or false have to be true."""


class Place(NamedTuple):
    """A finding, as far as a verdict names it; lines are 0 where there are none."""

    issue: str
    source: int
    target: int
    check: str


class Found(NamedTuple):
    """A finding of today, and what a person thinks of it: true, arguable, false, or nothing yet."""

    place: Place
    severity: Severity
    kind: ComplaintKind
    verdict: str


def published() -> Iterator[Row]:
    """For errors and warnings, by half and by check; and the issues in which no error is untrue."""
    if not CORPUS.is_dir():
        yield Row("published pairs", "no data: ../shared/corpus is not there")
        return
    found = findings_of_today()
    for half, is_in in (
        ("one half", is_even),
        ("other half", lambda issue: not is_even(issue)),
        ("all", bool),
    ):
        yield from _half(half, [one for one in found if is_in(one.place.issue)], is_in)
    by_check: defaultdict[tuple[Severity, str], list[Found]] = defaultdict(list)
    for one in found:
        by_check[one.severity, one.place.check].append(one)
    for (severity, check), those in sorted(by_check.items(), key=lambda entry: (entry[0][0], -len(entry[1]))):
        yield Row(f"  {severity} {check}", _counts(those))


def is_even(issue: str) -> bool:
    """Whether an issue belongs to the first of two halves, which show how far figures can be trusted."""
    return crc32(issue.encode()) % 2 == 0


def _half(half: str, found: list[Found], is_in: Callable[[str], bool]) -> Iterator[Row]:
    for severity, bar in BARS.items():
        those = [one for one in found if one.severity is severity]
        share = precision(those)
        yield Row(f"published, {half}: {severity}s true", _counts(those), f">= {bar:.0%}", share >= bar)
    issues = [issue for issue in full_issues() if is_in(issue)]
    wrong = {one.place.issue for one in found if one.severity is Severity.ERROR and one.verdict != "true"}
    sound = sum(issue not in wrong for issue in issues)
    what = f"published, {half}: full issues without an untrue error"
    yield Row(what, f"{sound} of {len(issues)}", ">= 1/3", 3 * sound >= len(issues))


def precision(found: Iterable[Found | Complaint]) -> float:
    """The true ones of those that are true or false; 1 where there are none."""
    counts = Counter(one.verdict for one in found)
    known = counts["true"] + counts["false"]
    return counts["true"] / known if known else 1.0


def _counts(found: list[Found]) -> str:
    counts = Counter(one.verdict or "unjudged" for one in found)
    parts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return f"{precision(found):.0%} of {len(found)}: {parts}"


# --------------------------------------------------------------------------- findings and verdicts


def full_issues() -> list[str]:
    """The published issues with texts below their items, by their dates."""
    names = [path.name for path in sorted((CORPUS / "en").glob("*.md"))]
    full = (name for name in names if "①" not in (CORPUS / "zh" / name).read_text("utf-8"))
    return [name.removesuffix("-weekly.md") for name in full]


@cache
def recorded() -> dict[Place, str]:
    """The verdicts on record."""
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        return {
            Place(row["issue"], int(row["source"]), int(row["target"]), row["check"]): row["verdict"]
            for row in csv.DictReader(file)
        }


def pairs(every: int = 1) -> list[Path]:
    """The published translations, or one of so many."""
    return sorted((CORPUS / "en").glob("*.md"))[::every]


@cache
def findings_of_today(every: int = 1) -> tuple[Found, ...]:
    """The errors and warnings on `pairs(every)`, as `weekly-translate check` gives them without options.

    What has become an information is among them where it was judged: that is why.
    """
    return tuple(found for path in pairs(every) for found in findings_on(path))


@cache
def _judging() -> Judging:
    rules = Rules(read_glossary(None, ROOT).matcher, senses=AllSenses())
    return Judging(rules=rules, editions=read_editions("auto", ROOT))


def findings_on(path: Path) -> Iterator[Found]:
    """Those on one published translation."""
    for finding in verdict_on(FilePair(CORPUS / "zh" / path.name, path), _judging()).judged.findings:
        lines = finding.source_line or 0, finding.target_line or 0
        place = Place(path.stem.removesuffix("-weekly"), *lines, finding.check)
        if finding.severity is not Severity.INFO or place in recorded():
            yield Found(place, finding.severity, finding.kind, recorded().get(place, ""))
