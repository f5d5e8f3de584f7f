"""Every id that a finding can have: what should be true, what else counts as what, and what a rule mends."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import CHECKS, TEXT_CHECKS
from weekly_translate.checks.fixes import FIXES
from weekly_translate.checks.registry import ERROR, INFO, WARNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from weekly_translate.checks.registry import Rule
    from weekly_translate.model import Severity


class Entry(NamedTuple):
    """What is known about an id; several checks may share one."""

    severities: tuple[Severity, ...]
    """What it can count as, the usual one first."""
    demands: tuple[str, ...]
    """What should be true, a paragraph for each check."""
    in_titles: tuple[Severity, ...] = ()
    fix: bool = False
    """Whether `check --fix` mends it."""


SIDE_BY_SIDE: Mapping[str, Entry] = MappingProxyType(
    {
        "code.added": Entry((WARNING,), ("No word becomes code that is none in the source.",)),
        "code.changed": Entry((ERROR,), ("Code comes back byte for byte.",)),
        "code.missing": Entry((ERROR,), ("Each code span and each block of code is there.",)),
        "doc.bom": Entry((WARNING,), ("The file begins with a byte order mark if the source does.",)),
        "edition.date": Entry((ERROR,), ("The dates that a source gives for itself agree.",)),
        "edition.heading": Entry((WARNING,), ("A heading that the edition settles reads as it says.",)),
        "edition.text": Entry((WARNING,), ("The texts that the edition adds are there, whole.",)),
        "edition.title": Entry(
            (ERROR, WARNING),
            ("The title is written as the edition says, with the number and date of the issue.",),
        ),
        "emoji.heading": Entry((ERROR,), ("A heading keeps its emoji.",)),
        "fm.lines": Entry((ERROR,), ("The lines of the front matter are the same, but for the title.",)),
        "img.added": Entry((ERROR,), ("No image is added.",)),
        "img.alt": Entry(
            (WARNING,),
            ("An alternative text is there if the source has one, and is more than the name of the file.",),
        ),
        "img.missing": Entry((ERROR,), ("Each image is there, as an image.",)),
        "img.order": Entry((ERROR,), ("Images stand where they stand in the source.",)),
        "lang.tag": Entry((ERROR, WARNING), ("The language note behind a title says the same.",)),
        "llm.fence-wrap": Entry((ERROR,), ("A text does not stand in a code fence.",)),
        "md.heading-level": Entry((ERROR,), ("Each heading is there and keeps its level.",)),
        "md.html": Entry((ERROR,), ("Raw HTML comes back byte for byte.",)),
        "md.item-number": Entry((ERROR,), ("An item keeps its number.",)),
        "md.refdef-added": Entry((ERROR,), ("No definition of a link or footnote is added.",)),
        "md.reflink": Entry((ERROR,), ("Definitions of links, and footnotes, are there and the same.",)),
        "md.skeleton": Entry(
            (WARNING, ERROR),
            ("Paragraphs are neither merged nor cut; sections keep their order, and rules are there.",),
        ),
        "md.table": Entry((ERROR,), ("A table keeps its rows and columns.",)),
        "num.missing": Entry((ERROR,), ("A star count is there.",)),
        "num.value": Entry((ERROR,), ("A star count keeps its value.",)),
        "seg.extra": Entry((ERROR,), ("Each line and each item of the translation has a source.",)),
        "seg.missing": Entry((ERROR,), ("Each line and each item of the source is translated.",)),
        "seg.swapped": Entry((ERROR,), ("Items, links and texts stand where they stand in the source.",)),
        "tag.extra": Entry(
            (ERROR,), ("Nothing is set in bold, italics or strikethrough that is not so in the source.",)
        ),
        "tag.missing": Entry((ERROR,), ("Bold, italics and strikethrough of the source are there.",)),
        "url.added": Entry((ERROR,), ("No address is added.",)),
        "url.changed": Entry((ERROR,), ("An address comes back byte for byte, a slug among it.",)),
        "url.duplicate": Entry((ERROR,), ("An address stands as often as in the source.",)),
        "url.missing": Entry((ERROR,), ("Each address is there, as a link.",)),
    }
)
"""What two files are compared for that stand side by side; `compare` and `checks.document` report it."""

OF_A_RUN: Mapping[str, Entry] = MappingProxyType(
    {
        "doc.front-matter": Entry((WARNING,), ("The front matter of the source can be read as YAML.",)),
        "doc.kept-chinese": Entry((INFO,), ("Says where Chinese stays on purpose, such as in code.",)),
        "doc.unreadable": Entry(
            (WARNING, ERROR),
            ("The Markdown can be read; what cannot is left as it is: an error where Chinese stands in it.",),
        ),
        "review.rejected": Entry((ERROR,), ("A translation that a person has rejected is not used again.",)),
        "seg.draft": Entry((WARNING,), ("A text is a translation, and not a draft made word by word.",)),
        "tag.appended": Entry((ERROR,), ("Links stand in their place, and not behind the sentence.",)),
        "tag.placed": Entry((WARNING,), ("Tags stand where the model has put them, not where a rule has.",)),
        "title.differs": Entry((WARNING,), ("The same work has the same English title everywhere.",)),
    }
)
"""What only a translation reports, and what is said about the source alone."""


def catalogue() -> dict[str, Entry]:
    """All ids, sorted, with everything that is known about each of them."""
    entries: dict[str, Entry] = {}
    tables = entries_of(CHECKS), entries_of(TEXT_CHECKS), SIDE_BY_SIDE.items(), OF_A_RUN.items()
    for table in tables:
        for id_, entry in table:
            entries[id_] = _both(entries[id_], entry) if id_ in entries else entry
    return dict(sorted(entries.items()))


def entries_of(table: Mapping[Callable[..., Any], Rule]) -> Iterator[tuple[str, Entry]]:
    """The ids of a table of checks, each once: a check demands what its docstring says."""
    entries: dict[str, Entry] = {}
    for check, rule in table.items():
        demand = " ".join((check.__doc__ or "").strip().partition("\n\n")[0].split())
        titles = (rule.in_titles,) if rule.in_titles else ()
        entry = Entry((rule.severity,), (demand,), titles, rule.id in FIXES)
        entries[rule.id] = _both(entries[rule.id], entry) if rule.id in entries else entry
    yield from sorted(entries.items())


def _both(one: Entry, other: Entry) -> Entry:
    return Entry(
        tuple(dict.fromkeys(one.severities + other.severities)),
        one.demands + other.demands,
        tuple(dict.fromkeys(one.in_titles + other.in_titles)),
        one.fix or other.fix,
    )
