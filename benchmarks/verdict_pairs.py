"""The bounds of `compare` about whole pairs by fold: texts of their own, notes, addresses, what has moved.

Four fifths of the issues choose a value, of values that are worth the same that of today; what it is worth
is counted on the fifth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import pairwise, product
from random import Random
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock
from zlib import crc32

from benchmarks.precision import FOLDS
from benchmarks.published import CORPUS, findings_on, pairs
from benchmarks.rows import Row
from weekly_translate.checks import bounds, registry
from weekly_translate.checks.document import FeatureGroup, differences, feature_findings
from weekly_translate.compare import judge, learn, style
from weekly_translate.compare.align import paired
from weekly_translate.compare.document_lines import LineShape, lines_of
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Feature, FeatureKind, Severity
from weekly_translate.text import characters
from weekly_translate.text.characters import is_chinese
from weekly_translate.text.characters import lines_of as lines_in
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from weekly_translate.compare.document_lines import DocumentLine, Match

_EVERY = 2
"""One issue of so many."""
_STARTS = (LineShape.TITLE, LineShape.HEADING)
_DEAR = 5
"""So many files of another work have to be found for each translation that is taken for one."""
_OTHERS = 3
"""So many links of an issue are looked at together."""


class Outcome(NamedTuple):
    """What a value is worth on one issue: what is right, less what is wrong."""

    issue: str
    worth: int

    @property
    def fold(self) -> int:
        """A fifth of the issues."""
        return crc32(self.issue.encode()) % FOLDS


Judge = Callable[[], Iterable[Outcome]]


def pair_rows() -> Iterator[Row]:
    """A row for each bound: what the folds choose, what that is worth, and what each value is worth."""
    yield _chosen("NOTES_MEANT", (0.4, 0.8, 1.0), style, _true_findings)
    yield _chosen("SAME_ADDRESS", (0.5, 0.6, 0.7, 0.8), bounds, _damaged_addresses)
    yield _chosen("FEWEST_ADDRESSES", (1, 3, 4, 5, 8), learn, _related_files)
    yield _chosen("SHARED_ADDRESSES", (0.3, 0.5, 0.7), learn, _related_files)
    yield _chosen("NEAR", (1, 4, 16), judge, _moved_passages)
    yield _chosen("CHINESE_SHARE", (0.02, 0.2, 0.4), characters, _languages)


def _chosen(name: str, values: Sequence[float], reader: ModuleType, judged: Judge) -> Row:
    today, found = getattr(reader, name), dict[float, list[Outcome]]()
    for value in values:
        with mock.patch.object(reader, name, value):
            found[value] = list(judged())

    def worth(value: float, but: int) -> tuple[int, bool]:
        return sum(one.worth for one in found[value] if one.fold != but), value == today

    chosen = [max(values, key=partial(worth, but=fold)) for fold in range(FOLDS)]
    given = sum(one.worth for fold, best in enumerate(chosen) for one in found[best] if one.fold == fold)
    all_of = "  ".join(f"{value:g}: {sum(one.worth for one in those)}" for value, those in found.items())
    return Row(f"  {name}, bound {today:g}", f"{' '.join(f'{one:g}' for one in chosen)}: {given};  {all_of}")


# --------------------------------------------------------------------------- findings judged by hand


def _true_findings() -> Iterator[Outcome]:
    """Errors and warnings about published pairs: a true one counts, one that is not true takes one away."""
    with mock.patch.object(style, "findings_of", _cached_findings()):
        for one in (found for path in pairs() for found in findings_on(path)):
            if one.severity is not Severity.INFO and one.verdict != "arguable":
                yield Outcome(one.place.issue, 1 if one.verdict == "true" else -1)


@cache
def _cached_findings() -> Callable[..., Sequence[object]]:
    return cache(registry.findings_of)


# --------------------------------------------------------------------------- addresses


def _damaged_addresses() -> Iterator[Outcome]:
    """Of a few links one is damaged, and others stand for the others: each is told as what it is."""
    issues = list(_links_by_issue().items())
    for (issue, links), (_, others) in pairwise([*issues, issues[0]]):
        random = Random(issue)  # noqa: S311 - makes changes, keeps no secret
        for at in range(0, min(len(links), len(others)) - _OTHERS + 1, _OTHERS):
            mine = links[at : at + _OTHERS]
            theirs = [_damaged(mine[0], random), *others[at + 1 : at + _OTHERS]]
            group = FeatureGroup([*map(_link, mine)], [*map(_link, theirs)], (1, 1))
            found = feature_findings(differences([group]))
            counts = sorted(one.check for one in found)
            wanted = ["url.added"] * (_OTHERS - 1) + ["url.changed"] + ["url.missing"] * (_OTHERS - 1)
            yield Outcome(issue, counts == wanted)


def _link(address: str) -> Feature:
    return Feature(FeatureKind.LINK, address, 1)


def _damaged(address: str, random: Random) -> str:
    """The address cut off, without one of its parts, or with other letters."""
    at = random.randrange(len(address) // 2, len(address))
    parts = address.split("/")
    gone = random.randrange(3, len(parts)) if len(parts) > 4 else None
    return random.choice((
        address[:at],
        "/".join(part for number, part in enumerate(parts) if number != gone) if gone else address[:at],
        address[:at] + random.choice("abcxyz179") + address[at + 1 :],
        f"{address[:at]}{address[at:].swapcase()}?utm_source=weekly",
    ))  # fmt: skip


@cache
def _links_by_issue() -> dict[str, list[str]]:
    found = {}
    for path in pairs():
        source = parse((CORPUS / "zh" / path.name).read_text("utf-8"), every_line=True)
        values = (one.value for one in source.features if one.kind is FeatureKind.LINK)
        found[path.stem] = [*dict.fromkeys(value for value in values if "://" in value)]
    return found


# --------------------------------------------------------------------------- files of one work, and of two


def _related_files() -> Iterator[Outcome]:
    """Whole translations and parts of them, beside their own source and beside that of another issue."""
    sides = _sides()
    for (issue, source, target), (_, other, _) in pairwise([*sides, sides[0]]):
        linking = [line for line in target if line.values(FeatureKind.LINK)]
        parts = [target, *(linking[at : at + size] for size, at in product((2, 4, 6, 10), (0, 10)))]
        for part in parts:
            yield Outcome(issue, -_DEAR * learn._are_unrelated(source, part))  # noqa: SLF001 - what the bound decides
            yield Outcome(issue, learn._are_unrelated(other, part))  # noqa: SLF001


Side = list["DocumentLine"]


@cache
def _sides() -> list[tuple[str, Side, Side]]:
    return [(path.stem, *_lines(path.name, path.read_text("utf-8"))) for path in pairs()]


def _lines(name: str, english: str) -> tuple[Side, Side]:
    source = parse((CORPUS / "zh" / name).read_text("utf-8"), every_line=True)
    target = parse(english, every_line=True)
    return lines_of(source, chinese_quantities), lines_of(target, english_quantities)


# --------------------------------------------------------------------------- passages that were moved


def _moved_passages() -> Iterator[Outcome]:
    """Two items that changed places, with what stands below them, are one finding, and four are two."""
    for issue, exchanges, matches in _exchanged():
        yield Outcome(issue, len(list(judge._move_findings(matches))) == exchanges)  # noqa: SLF001 - as above


@cache
def _exchanged() -> list[tuple[str, int, tuple[Match, ...]]]:
    found = []
    for path in pairs(_EVERY):
        rows = lines_in(path.read_text("utf-8"))
        target = _lines(path.name, "\n".join(rows))[1]
        starts = [line.number for line in target if line.shape in _STARTS]
        items = [(one, two) for one, two in pairwise(starts) if two - one > 1]
        random = Random(path.name)  # noqa: S311 - makes changes, keeps no secret
        for exchanges in (1, 1, 2):
            chosen = sorted(random.sample(range(len(items) // 2), exchanges))
            order = [*items]
            for one in chosen:
                order[2 * one], order[2 * one + 1] = order[2 * one + 1], order[2 * one]
            changed, at = [], 1
            for place, item in zip(items, order, strict=True):
                changed += rows[at - 1 : place[0] - 1] + rows[item[0] - 1 : item[1] - 1]
                at = place[1]
            here, there = _lines(path.name, "\n".join([*changed, *rows[at - 1 :]]))
            found.append((path.stem, exchanges, paired(here, there).matches))
    return found


# --------------------------------------------------------------------------- Chinese and English files


def _languages() -> Iterator[Outcome]:
    """All files of the corpus, by the language that they are in."""
    for side in ("zh", "en", "answers/zh", "other"):
        for path in sorted((CORPUS / side).rglob("*.md")):
            yield Outcome(path.stem, is_chinese(path.read_text("utf-8")) == (side != "en"))
