"""`python tests/published.py`: the findings of today on the published pairs, against the verdicts on record.

The record is `docs/checks-on-published.md`; the pairs are not part of the project. Only issues that it has a
chapter about count: whatever else has been published, nobody has judged.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from program import run
from weekly_translate.compare.allowances import parse_allowances
from weekly_translate.data_files import yaml_in
from weekly_translate.edition.blocks import selected
from weekly_translate.markdown.segments import parse

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
ALLOWED = ROOT / "tests" / "cases" / "published" / "allow.yaml"
KNOWN = ROOT / "tests" / "cases" / "published" / "known.yaml"
RECORD = ROOT / "docs" / "checks-on-published.md"
VERDICTS = ("true", "arguable", "false")
_ROW = re.compile(
    r"^\| (?P<lines>[-\d]+/[-\d]+) \| (?P<check>[a-z.-]+)(?: × (?P<count>\d+))? "
    r"\| (?P<severity>error|warning) \| (?P<verdict>true|arguable|false) \| (?P<reason>[^|]+) \|$"
)


class Found(NamedTuple):
    """A finding, as far as a verdict on it names it."""

    file: str
    lines: str
    """`35/33`, of the source and of the target; `-` where there is none."""
    check: str
    severity: str


class Totals(NamedTuple):
    """Verdicts on the errors; of the good segments, those with a warning."""

    errors: Counter[str]
    segments: int
    good: int
    warned: int
    """Good segments with a warning that is false, or arguable."""
    warned_falsely: int


def recorded(text: str) -> dict[Found, tuple[str, int]]:
    """The verdict on each finding of the page, and how many there are of the same kind on the same lines."""
    verdicts: dict[Found, tuple[str, int]] = {}
    file = ""
    for line in text.splitlines():
        file = line.removeprefix("## ") if line.startswith("## ") else file
        if row := _ROW.match(line):
            found = Found(file, row["lines"], row["check"], row["severity"])
            verdicts[found] = row["verdict"], int(row["count"] or 1)
    return verdicts


def judged_issues() -> list[str]:
    """The English files that the page has a chapter about."""
    chapters = {line.removeprefix("## ") for line in RECORD.read_text("utf-8").splitlines()}
    return [f"en/{path.name}" for path in sorted((CORPUS / "en").glob("*.md")) if path.stem in chapters]


def found_today() -> Counter[Found]:
    """The errors and warnings of `weekly-translate check` on the judged pairs."""
    options = ("--allow", ALLOWED, "--edition", "none", "--format", "json")
    ended = run(CORPUS, "check", *judged_issues(), "--pair", "zh/{name}.md=en/{name}.md", *options)
    return Counter(
        Found(Path(pair["target"]).stem, _lines(finding), finding["check"], finding["severity"])
        for pair in json.loads(ended.out)["pairs"]
        for finding in pair["findings"]
        if finding["severity"] != "info"
    )


def _lines(finding: dict[str, object]) -> str:
    return "/".join(str(finding[key] or "-") for key in ("source_line", "target_line"))


def segments() -> int:
    """Titles, headings, paragraphs, list items and alt texts of the English, without what it adds."""
    allowed = parse_allowances(yaml_in(ALLOWED.read_text("utf-8"), ALLOWED.name))
    count = 0
    for name in judged_issues():
        document = parse((CORPUS / name).read_text("utf-8"), every_line=True)
        added = selected(document.text, allowed.inserted)
        count += sum(segment.line not in added for segment in document.segments)
    return count


def totals(found: Counter[Found], verdicts: dict[Found, tuple[str, int]]) -> Totals:
    """Count by the verdicts. A segment is good unless something true is said of it."""
    errors: Counter[str] = Counter()
    warned: dict[str, set[tuple[str, str]]] = {verdict: set() for verdict in VERDICTS}
    for finding, count in found.items():
        verdict = verdicts.get(finding, ("false", 0))[0]
        warned[verdict].add((finding.file, finding.lines))
        if finding.severity == "error":
            errors[verdict] += count
    warnings = {(finding.file, finding.lines) for finding in found if finding.severity == "warning"}
    good = [place for place in warnings if place not in warned["true"]]
    every = segments()
    falsely = sum(place in warned["false"] for place in good)
    return Totals(errors, every, every - len(warned["true"]), len(good), falsely)


def lines_of(result: Totals) -> list[str]:
    """The totals as the page has them."""
    every, right = sum(result.errors.values()), result.errors["true"]
    parts = ", ".join(f"{result.errors[verdict]} {verdict}" for verdict in VERDICTS)
    falsely, warned = result.warned_falsely, result.warned
    warnings = f"{falsely}, {falsely / result.good:.1%}; with a false or an arguable one: {warned}"
    return [
        f"Errors: {every}, of them {parts}: {right / every:.1%} true.",
        f"Segments: {result.segments}, of them {result.good} good.",
        f"Good segments with a false warning: {warnings}, {warned / result.good:.1%}.",
    ]


def main() -> int:
    """Print the totals, and what is new or gone or out of date on the page; 1 if anything is."""
    if not CORPUS.is_dir():
        sys.stdout.write("The published issues are not here: they are read from ../shared/corpus.\n")
        return 2
    page = RECORD.read_text("utf-8")
    verdicts, found = recorded(page), found_today()
    lines = lines_of(totals(found, verdicts))
    expected = Counter({finding: count for finding, (_, count) in verdicts.items()})
    remarks = [
        f"{word}: {' '.join(finding)} × {count}"
        for word, findings in (("new", found - expected), ("gone", expected - found))
        for finding, count in findings.items()
    ]
    remarks += [f"The page does not say: {line}" for line in lines if line not in page]
    sys.stdout.write("\n".join([*lines, *remarks, ""]))
    return int(bool(remarks))


if __name__ == "__main__":
    sys.exit(main())
