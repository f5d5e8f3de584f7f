"""Every id that a finding can have: what should be true, what else counts as what, and what a rule mends."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import CHECKS, TEXT_CHECKS
from weekly_translate.checks.registry import ERROR, INFO, WARNING
from weekly_translate.checks.repair import FIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from weekly_translate.checks.registry import CheckRule
    from weekly_translate.model import Severity


class CatalogueEntry(NamedTuple):
    """What is known about an id; several checks may share one."""

    severities: tuple[Severity, ...]
    """What it can count as, the usual one first."""
    demands: tuple[str, ...]
    """What should be true, a paragraph for each check."""
    in_titles: tuple[Severity, ...] = ()
    fix: bool = False
    """Whether `check --fix` mends it."""


SIDE_BY_SIDE: Mapping[str, CatalogueEntry] = MappingProxyType(
    {
        "code.added": CatalogueEntry((WARNING,), ("No word becomes code that is none in the source.",)),
        "code.changed": CatalogueEntry((ERROR,), ("Code comes back byte for byte.",)),
        "code.missing": CatalogueEntry((ERROR,), ("Each code span and each block of code is there.",)),
        "doc.bom": CatalogueEntry(
            (WARNING,), ("The file begins with a byte order mark if the source does.",)
        ),
        "edition.date": CatalogueEntry((ERROR,), ("The dates that a source gives for itself agree.",)),
        "edition.heading": CatalogueEntry(
            (WARNING,), ("A heading that the edition settles reads as it says.",)
        ),
        "edition.text": CatalogueEntry((WARNING,), ("The texts that the edition adds are there, whole.",)),
        "edition.title": CatalogueEntry(
            (ERROR, WARNING),
            ("The title is written as the edition says, with the number and date of the issue.",),
        ),
        "emoji.heading": CatalogueEntry((ERROR,), ("A heading keeps its emoji.",)),
        "fm.lines": CatalogueEntry(
            (ERROR,), ("The lines of the front matter are the same, but for the title.",)
        ),
        "img.added": CatalogueEntry((ERROR,), ("No image is added.",)),
        "img.alt": CatalogueEntry(
            (WARNING,),
            ("An alternative text is there if the source has one, and is more than the name of the file.",),
        ),
        "img.missing": CatalogueEntry((ERROR,), ("Each image is there, as an image.",)),
        "img.order": CatalogueEntry((ERROR,), ("Images stand where they stand in the source.",)),
        "lang.tag": CatalogueEntry((ERROR, WARNING), ("The language note behind a title says the same.",)),
        "llm.fence-wrap": CatalogueEntry((ERROR,), ("A text does not stand in a code fence.",)),
        "md.heading-level": CatalogueEntry((ERROR,), ("Each heading is there and keeps its level.",)),
        "md.html": CatalogueEntry((ERROR,), ("Raw HTML comes back byte for byte.",)),
        "md.item-number": CatalogueEntry((ERROR,), ("An item keeps its number.",)),
        "md.refdef-added": CatalogueEntry((ERROR,), ("No definition of a link or footnote is added.",)),
        "md.reflink": CatalogueEntry(
            (ERROR,), ("Definitions of links, and footnotes, are there and the same.",)
        ),
        "md.skeleton": CatalogueEntry(
            (WARNING, ERROR),
            ("Paragraphs are neither merged nor cut; sections keep their order, and rules are there.",),
        ),
        "md.table": CatalogueEntry((ERROR,), ("A table keeps its rows and columns.",)),
        "num.missing": CatalogueEntry((ERROR,), ("A star count is there.",)),
        "num.value": CatalogueEntry((ERROR,), ("A star count keeps its value.",)),
        "seg.extra": CatalogueEntry((ERROR,), ("Each line and each item of the translation has a source.",)),
        "seg.missing": CatalogueEntry((ERROR,), ("Each line and each item of the source is translated.",)),
        "seg.swapped": CatalogueEntry(
            (ERROR,), ("Items, links and texts stand where they stand in the source.",)
        ),
        "tag.extra": CatalogueEntry(
            (ERROR,), ("Nothing is set in bold, italics or strikethrough that is not so in the source.",)
        ),
        "tag.missing": CatalogueEntry(
            (ERROR,), ("Bold, italics and strikethrough of the source are there.",)
        ),
        "url.added": CatalogueEntry((ERROR,), ("No address is added.",)),
        "url.changed": CatalogueEntry((ERROR,), ("An address comes back byte for byte, a slug among it.",)),
        "url.duplicate": CatalogueEntry((ERROR,), ("An address stands as often as in the source.",)),
        "url.missing": CatalogueEntry((ERROR,), ("Each address is there, as a link.",)),
    }
)
"""What two files are compared for that stand side by side; `compare` and `checks.document` report it."""

OF_A_RUN: Mapping[str, CatalogueEntry] = MappingProxyType(
    {
        "doc.front-matter": CatalogueEntry(
            (WARNING,), ("The front matter of the source can be read as YAML.",)
        ),
        "doc.kept-chinese": CatalogueEntry(
            (INFO,), ("Says where Chinese stays on purpose, such as in code.",)
        ),
        "doc.unreadable": CatalogueEntry(
            (WARNING, ERROR),
            ("The Markdown can be read; what cannot is left as it is: an error where Chinese stands in it.",),
        ),
        "review.rejected": CatalogueEntry(
            (ERROR,), ("A translation that a person has rejected is not used again.",)
        ),
        "seg.draft": CatalogueEntry(
            (WARNING,), ("A text is a translation, and not a draft made word by word.",)
        ),
        "tag.appended": CatalogueEntry(
            (ERROR,), ("Links stand in their place, and not behind the sentence.",)
        ),
        "tag.placed": CatalogueEntry(
            (WARNING,), ("Tags stand where the model has put them, not where a rule has.",)
        ),
        "title.differs": CatalogueEntry(
            (WARNING,), ("The same work has the same English title everywhere.",)
        ),
    }
)
"""What only a translation reports, and what is said about the source alone."""


def catalogue() -> dict[str, CatalogueEntry]:
    """All ids, sorted, with everything that is known about each of them."""
    entries: dict[str, CatalogueEntry] = {}
    tables = entries_of(CHECKS), entries_of(TEXT_CHECKS), SIDE_BY_SIDE.items(), OF_A_RUN.items()
    for table in tables:
        for id_, entry in table:
            entries[id_] = _both(entries[id_], entry) if id_ in entries else entry
    return dict(sorted(entries.items()))


def entries_of(table: Mapping[Callable[..., Any], CheckRule]) -> Iterator[tuple[str, CatalogueEntry]]:
    """The ids of a table of checks, each once: a check demands what its docstring says."""
    entries: dict[str, CatalogueEntry] = {}
    for check, rule in table.items():
        demand = " ".join((check.__doc__ or "").strip().partition("\n\n")[0].split())
        titles = (rule.in_titles,) if rule.in_titles else ()
        entry = CatalogueEntry((rule.severity,), (demand,), titles, rule.id in FIXES)
        entries[rule.id] = _both(entries[rule.id], entry) if rule.id in entries else entry
    yield from sorted(entries.items())


def _both(one: CatalogueEntry, other: CatalogueEntry) -> CatalogueEntry:
    return CatalogueEntry(
        tuple(dict.fromkeys(one.severities + other.severities)),
        one.demands + other.demands,
        tuple(dict.fromkeys(one.in_titles + other.in_titles)),
        one.fix or other.fix,
    )
