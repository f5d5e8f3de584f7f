"""Every id that a finding can have: what should be true, what else counts as what, and what a rule mends."""

from __future__ import annotations

from itertools import chain, groupby
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import CHECKS, TEXT_CHECKS
from weekly_translate.checks.registry import CERTAIN, DOUBTFUL, READ_OFF_THE_PAIR
from weekly_translate.checks.repair import FIXES
from weekly_translate.model import ComplaintKind, Severity
from weekly_translate.text.dictionary import data_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

    from weekly_translate.checks.registry import CheckRule


class CatalogueEntry(NamedTuple):
    """What is known about an id; several checks may share one."""

    severities: tuple[Severity, ...]
    """What it can count as, the usual one first."""
    demands: tuple[str, ...]
    """What should be true, a paragraph for each check."""
    in_titles: tuple[Severity, ...] = ()
    kinds: tuple[ComplaintKind, ...] = (CERTAIN,)
    """What its complaints can be, the usual one first."""
    fix: bool = False
    """Whether `check --fix` mends it."""


def _table(
    reporter: str, doubtful: Collection[str] = (), kind: ComplaintKind = CERTAIN
) -> Mapping[str, CatalogueEntry]:
    """What one of them reports, by `ids.txt`; an error is never doubtful."""
    lines = (line.split(" | ") for line in data_lines(__file__, "ids.txt"))

    def entry(id_: str, counts: str, demand: str) -> CatalogueEntry:
        severities = tuple(map(Severity, counts.split(", ")))
        kinds = (DOUBTFUL if id_ in doubtful and one is not Severity.ERROR else kind for one in severities)
        return CatalogueEntry(severities, (demand,), kinds=tuple(dict.fromkeys(kinds)))

    return MappingProxyType({row[0]: entry(*row) for who, *row in lines if who == reporter})


SIDE_BY_SIDE = _table("files", READ_OFF_THE_PAIR)
"""What two files are compared for that stand side by side; `compare` and `checks.document` report it."""
OF_A_RUN = _table("run", {"title.differs"})
"""What only a translation reports, and what is said about the source alone."""
OF_A_SECOND_READER = _table("reader", kind=ComplaintKind.MEANING)
"""What models are asked that read source and English; minor mistakes are informations."""
GONE = (
    *("caps.multi", "caps.start", "lang.self-reference", "llm.fence-wrap", "seg.sentences", "word.article"),
    "math.changed",
)
"""Ids of version 0.1 whose checks were seldom right, or said what others say: files and options that name
them stay valid."""


def catalogue() -> dict[str, CatalogueEntry]:
    """All ids, sorted, with everything that is known about each of them."""
    tables = (SIDE_BY_SIDE.items(), OF_A_RUN.items(), OF_A_SECOND_READER.items())
    return dict(_merged(chain(entries_of(CHECKS), entries_of(TEXT_CHECKS), *tables)))


def entries_of(table: Mapping[Callable[..., Any], CheckRule]) -> Iterable[tuple[str, CatalogueEntry]]:
    """The ids of a table of checks, each once, sorted: a check demands what its docstring says."""
    return _merged((rule.id, _entry(check, rule)) for check, rule in table.items())


def _entry(check: Callable[..., Any], rule: CheckRule) -> CatalogueEntry:
    demand = " ".join((check.__doc__ or "").strip().partition("\n\n")[0].split())
    titles = (rule.in_titles,) if rule.in_titles else ()
    return CatalogueEntry((rule.severity,), (demand,), titles, (rule.kind,), rule.id in FIXES)


def _merged(entries: Iterable[tuple[str, CatalogueEntry]]) -> Iterator[tuple[str, CatalogueEntry]]:
    for id_, same in groupby(sorted(entries, key=itemgetter(0)), key=itemgetter(0)):
        *known, fixes = zip(*(entry for _, entry in same), strict=True)
        severities, demands, titles, kinds = (tuple(dict.fromkeys(chain.from_iterable(one))) for one in known)
        yield id_, CatalogueEntry(severities, demands, titles, kinds, any(fixes))
