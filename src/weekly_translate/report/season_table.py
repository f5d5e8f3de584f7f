"""A season in tables: what became of each issue, what of it came through, what reads in several ways."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Counts, Ending, FeatureKind, Kind, Severity, Usage, Use
from weekly_translate.report.text import cells, table_of
from weekly_translate.text.characters import counted, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.checks.characters import Leftover
    from weekly_translate.model import Document, Feature, Finding, Segment

_HEAD = ("issue", "segments", "memory", "requests", "cost", "seconds", "findings", "result")
_NUMBERS = frozenset(_HEAD[1:-1])
"""The columns that are aligned to the right."""
_OMITTED = ("seconds", "memory", "requests", "segments", "cost")
"""The columns that a narrow terminal does without, in this order; the report has them."""
_ALL_GOOD = " as they should be"
COUNTED = {
    FeatureKind.ITEM: "items",
    FeatureKind.LINK: "links",
    FeatureKind.IMAGE: "images",
    FeatureKind.HEADING: "headings",
}
"""The kinds of features that an inventory counts, and their columns."""


class Account(NamedTuple):
    """What became of one issue."""

    name: str
    source: str
    target: str
    ending: Ending
    why: str = ""
    """A sentence, where the name of the ending does not say it all."""
    signature: str = ""
    edition: str = ""
    counts: Counts = Counts()
    share: float = 0.0
    """The part of the characters that the memory has served, from 0 to 1."""
    usage: Usage = Usage()
    cost: Decimal | None = None
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    rules: tuple[Use, ...] = ()
    diff: str = ""
    """What a person has changed in the output."""
    left: tuple[Leftover, ...] = ()
    """The Chinese that is left in it."""
    dropped_errors: int = 0
    """Errors that the second reader has named about words that stand in neither text."""

    @property
    def chinese(self) -> int:
        """In how many places a reader sees it."""
        return sum(one.is_seen for one in self.left)

    def number_of(self, severity: Severity) -> int:
        """How many findings are of this severity; drafts are counted with the segments."""
        return sum(one.severity is severity and not one.is_of_draft for one in self.findings)


_SIGNS: Mapping[str, tuple[str, Callable[[Account], int]]] = {
    "E": ("errors", lambda one: one.number_of(Severity.ERROR)),
    "W": ("warnings", lambda one: one.number_of(Severity.WARNING)),
    "S": (
        "settled complaints",
        lambda one: sum(found.settled is not None for found in one.findings),
    ),
    "D": ("drafts", lambda one: one.counts.drafts),
    "zh": ("places where Chinese is left", lambda one: one.chinese),
}
"""The letters of the column of findings: what each stands for, and how many an issue has."""


def season_verdict(accounts: Sequence[Account]) -> str:
    """What has become of the issues, in one line: `3 issues: 1 written, 2 up to date`."""
    if not accounts:
        return "no issue to translate"
    endings = Counter(one.ending for one in accounts)
    parts = ", ".join(f"{endings[ending]:,} {ending}" for ending in Ending if endings[ending])
    return f"{counted(len(accounts), 'issue')}: {parts}"


def season_text(accounts: Sequence[Account], *, every_one: bool = True, width: int | None = None) -> str:
    """A table: a line for each issue, and one for all of them where there are several.

    Without `every_one`, what was up to date is only counted. Where the table would have more than `width`
    cells, the columns stand closer together, and then some are left out.
    """
    shown = [one for one in accounts if every_one or one.ending is not Ending.CURRENT]
    if not shown:
        return ""
    rows: list[Sequence[str]] = [_HEAD, *map(_season_row, shown)]
    if len(shown) > 1:
        rows.append(_season_total(accounts))
    named = zip(_HEAD, zip(*rows, strict=True), strict=True)
    columns = {name: column for name, column in named if any(map(str.strip, column[1:]))}
    tables = list(_ever_narrower(columns))
    return next((table for table in tables if width is None or _width(table) <= width), tables[-1])


def _ever_narrower(columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield _table(columns)
    columns = {**columns, "result": [cell.removesuffix(_ALL_GOOD) for cell in columns["result"]]}
    yield _table(columns)
    yield _table(columns, gap=" ")
    for omitted in _OMITTED:
        columns = {name: column for name, column in columns.items() if name != omitted}
        yield _table(columns, gap=" ")


def _table(columns: Mapping[str, Sequence[str]], *, gap: str = "  ") -> str:
    right = [number for number, name in enumerate(columns) if name in _NUMBERS]
    return table_of(zip(*columns.values(), strict=True), right=right, gap=gap)


def _width(table: str) -> int:
    return max(map(cells, table.splitlines()))


def _season_row(one: Account) -> list[str]:
    name = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in one.name)
    if not one.counts.all:
        return [name, *[""] * len(_NUMBERS), one.ending.value]
    numbers = [f"{one.counts.all:,}", f"{one.share:.0%}", f"{one.usage.requests:,}", dollars(one.cost)]
    return [name, *numbers, f"{one.seconds:.0f}", _findings([one]), one.ending.value]


def _season_total(accounts: Sequence[Account]) -> list[str]:
    with_segments = [one for one in accounts if one.counts.all]
    usage = sum((one.usage for one in with_segments), Usage())
    segments = sum(one.counts.all for one in with_segments)
    good = sum(one.ending.is_good for one in accounts)
    numbers = [f"{segments:,}", "", f"{usage.requests:,}", dollars(total_cost(with_segments)), ""]
    result = f"{good:,} of {len(accounts):,}{_ALL_GOOD}"
    return ["all", *(numbers if with_segments else [""] * len(numbers)), _findings(with_segments), result]


def total_cost(accounts: Iterable[Account]) -> Decimal | None:
    """The sum, or None where a price is not known: unknown is not free."""
    costs = [one.cost for one in accounts if one.usage.requests]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal()) if len(known) == len(costs) else None


def dollars(amount: Decimal | None) -> str:
    """An amount for a table; a question mark for an unknown one."""
    return "?" if amount is None else f"${amount:.4f}"


def _findings(accounts: Sequence[Account]) -> str:
    """`2 E 11 W`, in the letters of the legend."""
    return " ".join(f"{number:,} {sign}" for sign, number in _counted(accounts).items() if number)


def _counted(accounts: Sequence[Account]) -> dict[str, int]:
    return {sign: sum(map(count, accounts)) for sign, (_, count) in _SIGNS.items()}


def season_legend(accounts: Sequence[Account]) -> str:
    """What the letters in the table stand for, as far as they occur: `E errors, W warnings`."""
    with_segments = [one for one in accounts if one.counts.all]
    said = [f"{sign} {_SIGNS[sign][0]}" for sign, number in _counted(with_segments).items() if number]
    if any(one.cost is None for one in with_segments):
        said.append("? a price that is not known")
    return ", ".join(said)


class Inventory(NamedTuple):
    """An issue: what it should hold and does, what is Chinese in it, which texts of the edition it has."""

    name: str
    edition: str
    counts: dict[FeatureKind, tuple[int, int]]
    """How many of each kind are there, of how many."""
    chinese: int
    """Lines of the result with Chinese that nobody has allowed."""
    texts: dict[str, bool]
    """`header`, `footer`: whether the text that the edition has for this issue is in the result."""
    errors: int
    warnings: int

    @property
    def is_whole(self) -> bool:
        """Whether everything is there and nothing is Chinese."""
        complete = all(found == expected for found, expected in self.counts.values())
        return complete and not self.chinese and all(self.texts.values())


def counts_of(expected: Iterable[Feature], found: Iterable[Feature]) -> dict[FeatureKind, tuple[int, int]]:
    """How many of the expected features were found, by kind; what is there once more counts once."""
    wanted, held = (Counter((one.kind, one.value) for one in features) for features in (expected, found))
    return {kind: (_number_of(kind, wanted & held), _number_of(kind, wanted)) for kind in COUNTED}


def _number_of(kind: FeatureKind, features: Counter[tuple[FeatureKind, str]]) -> int:
    return sum(number for (one, _), number in features.items() if one is kind)


def inventory_text(issues: Sequence[Inventory]) -> str:
    """A table: one line for each issue, and one for all of them where there are several."""
    names = list(dict.fromkeys(name for issue in issues for name in issue.texts))
    rows = [["issue", "edition", *COUNTED.values(), "Chinese", *names, "errors", "warnings"]]
    there = {True: "there", False: "MISSING", None: "-"}
    for issue in issues:
        texts = [there[issue.texts.get(name)] for name in names]
        rows.append(_inventory_row(issue.name, issue.edition, texts, [issue]))
    if len(issues) > 1:
        known = [[issue.texts[name] for issue in issues if name in issue.texts] for name in names]
        texts = [_of(sum(found), len(found)) for found in known]
        rows.append(_inventory_row("all", "", texts, issues))
    return table_of(rows)


def _inventory_row(name: str, edition: str, texts: list[str], issues: Sequence[Inventory]) -> list[str]:
    counts = [
        _of(*(sum(issue.counts[kind][side] for issue in issues) for side in (0, 1))) for kind in COUNTED
    ]
    chinese, errors, warnings = (
        str(sum(numbers))
        for numbers in zip(*((one.chinese, one.errors, one.warnings) for one in issues), strict=True)
    )
    return [name, edition, *counts, chinese, *texts, errors, warnings]


def _of(found: int, expected: int) -> str:
    return f"{found:,}" if found == expected else f"{found:,} of {expected:,}"


class Occurrence(NamedTuple):
    """Where something stands: the issue by its name, and the line of its source."""

    issue: str
    line: int


class Variety(NamedTuple):
    """A `term`, `name` or `title` that reads in several ways in a season, the most frequent one first."""

    kind: str
    source: str
    renderings: Mapping[str, tuple[Occurrence, ...]]


def varieties_text(varieties: Iterable[Variety], *, places: int) -> str:
    """A line for each thing that reads in several ways, with the first places of each reading."""
    return "".join(f"{_variety_line(one, places)}\n" for one in varieties)


def _variety_line(one: Variety, most: int) -> str:
    readings = []
    for text, places in one.renderings.items():
        shown = [f"{place.issue}:{place.line}" for place in places[:most]]
        more = [f"{len(places) - most} more"] if len(places) > most else []
        readings.append(f"“{text}” ({', '.join([*shown, *more])})")
    return f"{one.kind} {one.source}: {'; '.join(readings)}"


class SectionShare(NamedTuple):
    """A section by its heading, and the share of its characters that were known, from 0 to 1."""

    heading: str
    share: float


def share_of(segments: Iterable[Segment], known: Collection[str]) -> float:
    """The share of the characters in segments with these ids; 0 for no segments."""
    lengths = {segment.id: len(segment.text) for segment in segments}
    served = sum(length for id_, length in lengths.items() if id_ in known)
    return served / sum(lengths.values()) if served else 0.0


def shares_of_sections(document: Document, known: Collection[str]) -> list[SectionShare]:
    """By the highest level of headings that occurs more than once: the issues of a compilation."""
    lines = _section_lines(document)
    names = {one.line: without_tags(one.text) for one in document.segments if one.kind is Kind.HEADING}
    sections: dict[int, list[Segment]] = {line: [] for line in lines}
    for segment in document.segments:
        if place := bisect_right(lines, segment.line):
            sections[lines[place - 1]].append(segment)
    return [
        SectionShare(names.get(line, f"line {line}"), share_of(held, known))
        for line, held in sections.items()
        if held
    ]


def _section_lines(document: Document) -> list[int]:
    levels: dict[int, list[int]] = {}
    for feature in document.features:
        if feature.kind is FeatureKind.HEADING:
            levels.setdefault(len(feature.value.split(" ")[0]), []).append(feature.line)
    return next((levels[level] for level in sorted(levels) if len(levels[level]) > 1), [])
