"""Every id that a finding can have: what should be true, what else counts as what, and what a rule mends."""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import CHECKS, TEXT_CHECKS
from weekly_translate.checks.registry import CERTAIN, DOUBTFUL, ERROR, INFO, READ_OFF_THE_PAIR, WARNING
from weekly_translate.checks.repair import FIXES
from weekly_translate.model import SOURCE_DOUBT, ComplaintKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
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
    kinds: tuple[ComplaintKind, ...] = (CERTAIN,)
    """What its complaints can be, the usual one first."""


def _table(
    *rows: tuple[str, str, *tuple[Severity, ...]],
    doubtful: Collection[str] = (),
    kind: ComplaintKind = CERTAIN,
) -> Mapping[str, CatalogueEntry]:
    """Rows of an id, what should be true, and what it can count as; an error is never doubtful."""

    def entry(id_: str, demand: str, *counts: Severity) -> CatalogueEntry:
        kinds = (DOUBTFUL if id_ in doubtful and one is not ERROR else kind for one in counts)
        return CatalogueEntry(counts, (demand,), kinds=tuple(dict.fromkeys(kinds)))

    return MappingProxyType({row[0]: entry(*row) for row in rows})


SIDE_BY_SIDE = _table(
    ("code.added", "No word becomes code that is none in the source.", WARNING),
    ("code.changed", "Code comes back byte for byte.", ERROR),
    ("code.missing", "Each code span and each block of code is there.", ERROR),
    ("doc.bom", "The file begins with a byte order mark if the source does.", WARNING),
    ("edition.date", "The dates that a source gives for itself agree.", ERROR),
    ("edition.heading", "A heading that the edition settles reads as it says.", WARNING),
    ("edition.text", "The texts that the edition adds are there, whole.", WARNING),
    (
        "edition.title",
        "The title is written as the edition says, with the number and date of the issue.",
        ERROR,
        WARNING,
    ),
    (
        "doc.untranslated",
        "Each source is translated, where `--require-translation` asks for it.",
        ERROR,
    ),
    ("emoji.heading", "A heading keeps its emoji.", ERROR),
    ("fm.lines", "The lines of the front matter are the same, but for what a reader sees.", ERROR),
    ("img.added", "No image is added.", ERROR),
    (
        "img.alt",
        "An alternative text is there if the source has one, and is more than the name of the file.",
        WARNING,
    ),
    ("img.missing", "Each image is there, as an image.", ERROR),
    ("img.order", "Images stand where they stand in the source.", ERROR),
    ("lang.tag", "The language note behind a title says the same.", ERROR, WARNING),
    ("md.formula", "A formula comes back byte for byte.", ERROR),
    ("md.heading-level", "Each heading is there and keeps its level.", ERROR),
    ("md.html", "Raw HTML comes back byte for byte.", ERROR),
    ("md.item-number", "An item keeps its number.", ERROR),
    ("md.refdef-added", "No definition of a link or footnote is added.", ERROR),
    ("md.reflink", "Definitions of links, and footnotes, are there and the same.", ERROR),
    ("md.skeleton", "Paragraphs are neither merged nor cut, and become no headings.", WARNING),
    (
        "md.syntax",
        "What a site generator reads comes back byte for byte: template tags, directives, attributes.",
        ERROR,
    ),
    ("md.table", "A table keeps its rows and columns.", ERROR),
    ("num.missing", "A star count is there.", ERROR),
    ("num.value", "A star count keeps its value.", ERROR),
    ("seg.extra", "Each line and each item of the translation has a source.", ERROR, WARNING),
    ("seg.missing", "Each line and each item of the source is translated.", ERROR, WARNING),
    ("seg.swapped", "Items, links and texts stand where they stand in the source.", ERROR, WARNING),
    ("tag.extra", "Nothing is set in bold, italics or strikethrough that is not so in the source.", ERROR),
    ("tag.missing", "Bold, italics and strikethrough of the source are there.", ERROR),
    ("url.added", "No address is added.", ERROR),
    ("url.changed", "An address comes back byte for byte, a slug among it.", ERROR),
    ("url.duplicate", "An address stands as often as in the source.", ERROR),
    ("url.missing", "Each address is there, as a link.", ERROR),
    doubtful=READ_OFF_THE_PAIR,
)
"""What two files are compared for that stand side by side; `compare` and `checks.document` report it."""

OF_A_RUN = _table(
    ("doc.front-matter", "The front matter of the source can be read as YAML.", WARNING),
    (
        "doc.kept-chinese",
        "No Chinese is left where a reader sees it beside the text, such as in HTML; in code it may stay.",
        WARNING,
        ERROR,
        INFO,
    ),
    (
        "doc.unreadable",
        "The Markdown can be read; what cannot is left as it is: an error where Chinese stands in it.",
        WARNING,
        ERROR,
    ),
    ("review.rejected", "A translation that a person has rejected is not used again.", ERROR),
    (
        "md.anchor",
        "A link to a heading leads to it: a warning where it does not in the source, either.",
        ERROR,
        WARNING,
    ),
    ("seg.draft", "A text is a translation, and not a draft made word by word.", WARNING),
    ("tag.appended", "Links stand in their place, and not behind the sentence.", ERROR),
    ("tag.placed", "Tags stand where the model has put them, not where a rule has.", WARNING),
    ("title.differs", "The same work has the same English title everywhere.", WARNING),
    doubtful={"title.differs"},
)
"""What only a translation reports, and what is said about the source alone."""

OF_A_SECOND_READER = _table(
    ("meaning.addition", "Nothing is said that the source does not say.", WARNING, INFO),
    ("meaning.grammar", "The English is right.", WARNING, INFO),
    ("meaning.mistranslation", "The English says what the source says.", WARNING, INFO),
    ("meaning.name", "A person, a product or a place has its own name.", WARNING, INFO),
    ("meaning.number", "A number, a unit or a date is that of the source.", WARNING, INFO),
    ("meaning.omission", "Nothing that the source says is left out.", WARNING, INFO),
    ("meaning.style", "The English reads as if it had been written in English.", WARNING, INFO),
    ("meaning.term", "A technical term is the one that the field uses.", WARNING, INFO),
    (SOURCE_DOUBT, "The translator takes nothing in the source for a slip.", INFO),
    kind=ComplaintKind.MEANING,
)
"""What models are asked that read source and English; minor mistakes are informations."""


GONE = (
    *("caps.multi", "caps.start", "lang.self-reference", "llm.fence-wrap", "seg.sentences", "word.article"),
    *("math.changed", "word.repeated"),
)
"""Ids of version 0.1 whose checks were seldom right, or said what others say: files and options that name
them stay valid."""


def catalogue() -> dict[str, CatalogueEntry]:
    """All ids, sorted, with everything that is known about each of them."""
    by_rules = entries_of(CHECKS), entries_of(TEXT_CHECKS)
    others = (table.items() for table in (SIDE_BY_SIDE, OF_A_RUN, OF_A_SECOND_READER))
    return _merged(chain(*by_rules, *others))


def entries_of(table: Mapping[Callable[..., Any], CheckRule]) -> Iterable[tuple[str, CatalogueEntry]]:
    """The ids of a table of checks, each once, sorted: a check demands what its docstring says."""
    return _merged((rule.id, _entry(check, rule)) for check, rule in table.items()).items()


def _entry(check: Callable[..., Any], rule: CheckRule) -> CatalogueEntry:
    demand = " ".join((check.__doc__ or "").strip().partition("\n\n")[0].split())
    titles = (rule.in_titles,) if rule.in_titles else ()
    return CatalogueEntry((rule.severity,), (demand,), titles, rule.id in FIXES, (rule.kind,))


def _merged(entries: Iterable[tuple[str, CatalogueEntry]]) -> dict[str, CatalogueEntry]:
    merged: dict[str, CatalogueEntry] = {}
    for id_, entry in entries:
        merged[id_] = _both(merged[id_], entry) if id_ in merged else entry
    return dict(sorted(merged.items()))


def _both(one: CatalogueEntry, other: CatalogueEntry) -> CatalogueEntry:
    return CatalogueEntry(
        tuple(dict.fromkeys(one.severities + other.severities)),
        one.demands + other.demands,
        tuple(dict.fromkeys(one.in_titles + other.in_titles)),
        one.fix or other.fix,
        tuple(dict.fromkeys(one.kinds + other.kinds)),
    )
