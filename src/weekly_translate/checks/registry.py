"""How checks are declared, in which order they are asked, and what their complaints become.

A check is one function with a decorator: `@check` where its complaints are certain, `@doubt` where they may
be mistaken. Importing the package imports all modules that hold checks; a new module is named in its list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum, auto
from functools import lru_cache, partial
from inspect import signature
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from weekly_translate.model import (
    STANDS_BY,
    ComplaintKind,
    Document,
    Finding,
    Kind,
    Pair,
    Settled,
    Severity,
)
from weekly_translate.text.characters import has_han

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from weekly_translate.model import Settlement
    from weekly_translate.text.dictionary import AllSenses


Check = Callable[..., Iterator[str]]
"""Takes a `Pair` (and `Known`, if it wants to) and says in whole sentences what is wrong with it.

People read them, and so does the model that repairs.
"""

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
CERTAIN, DOUBTFUL, MEANING = ComplaintKind

NO_TRANSLATION = (
    *("seg.", "num.", "tag.", "term.", "punct.", "emoji.", "code.", "llm.", "lang."),
    *("path.", "email.", "space."),
)
"""What need not be said about a text that is no translation at all."""
OTHER_WORDS = ("seg.", "num.", "term.", "punct.", "emoji.", "llm.", "lang.", "space.")
"""The same about a text that holds other words than the translation."""
SHORTER = ("num.", "term.", "punct.end", "path.", "email.", "code.identifier")
"""What is missing from a text because a part of it is missing."""


class Stage(IntEnum):
    """When a check is asked. A fault is given to the check that is asked first and explains the others.

    Checks of one stage are asked in the order in which they are registered: by module, then by line.
    """

    EMPTY = auto()
    CHARACTERS = auto()
    LEAKS = auto()
    ADDRESSES = auto()
    NO_TRANSLATION = auto()
    ARTIFACTS = auto()
    TAGS = auto()
    COMPLETENESS = auto()
    FIGURES = auto()
    LENGTH = auto()
    TERMS = auto()
    LAYOUT = auto()
    STYLE = auto()


class CheckRule(NamedTuple):
    """What a complaint of a check counts as."""

    id: str
    severity: Severity
    stage: Stage = Stage.STYLE
    in_titles: Severity | None = None
    """The severity in titles, which often are the linked page's English headline."""
    explains: tuple[str, ...] = ()
    """The starts of the ids that are not asked any more once this check has complained."""
    kind: ComplaintKind = CERTAIN
    is_told: bool = False
    """Whether it wants to be told what is `Known`."""

    def explained(self, by: CheckRule) -> bool:
        """Whether the other rule's complaint makes this one needless: a doubt hides no error."""
        return self.id.startswith(by.explains) and (by.kind is CERTAIN or self.severity is not ERROR)


class Known(NamedTuple):
    """What some checks have to know besides the pair."""

    kept: frozenset[str] = frozenset()
    """Names that may stay Chinese."""
    prompt_grams: frozenset[str] = frozenset()
    """`grams_of` the instructions of the prompt."""
    senses: AllSenses | None = None
    """A dictionary; without one an omitted or invented sentence shows by the length alone."""


_AnyCheck = TypeVar("_AnyCheck", bound=Check)
_checks: list[tuple[Check, CheckRule]] = []


def check(  # noqa: PLR0913 - all that a check says about itself, by name
    id_: str,
    severity: Severity,
    stage: Stage = Stage.STYLE,
    *,
    in_titles: Severity | None = None,
    explains: tuple[str, ...] = (),
    kind: ComplaintKind = CERTAIN,
) -> Callable[[_AnyCheck], _AnyCheck]:
    """Register a check of a segment. Its docstring says what should be true; it becomes documentation."""

    def register(function: _AnyCheck) -> _AnyCheck:
        is_told = len(signature(function).parameters) > 1
        _checks.append((function, CheckRule(id_, severity, stage, in_titles, explains, kind, is_told)))
        return function

    return register


doubt = partial(check, kind=DOUBTFUL)
"""The same for a check that may be mistaken: never an error.

Where one subject can be read now with certainty and now not, a check and a doubt share its id.
"""


@lru_cache(maxsize=1)
def registered_checks() -> Mapping[Check, CheckRule]:
    """The checks of a segment in the order in which they are asked."""
    return MappingProxyType(dict(sorted(_checks, key=lambda registered: registered[1].stage)))


def findings_of(
    pair: Pair,
    *,
    kept: frozenset[str] = frozenset(),
    prompt_grams: frozenset[str] = frozenset(),
    senses: AllSenses | None = None,
) -> list[Finding]:
    """Whatever the checks say about a pair, each fault once; the arguments are those of `Known`."""
    if pair.target == pair.segment.text and not has_han(pair.segment.text):
        return []
    if pair.segment.kind is Kind.TITLE and "。" in pair.segment.text.rstrip("。"):
        pair = pair._replace(segment=pair.segment._replace(kind=Kind.TEXT))  # sentences behind a name
    known = Known(kept, prompt_grams, senses)
    findings: list[Finding] = []
    complained: list[CheckRule] = []
    for function, rule in registered_checks().items():
        if complained and any(rule.explained(by=other) for other in complained):
            continue
        messages = list(function(pair, known) if rule.is_told else function(pair))
        if messages:
            complained.append(rule)
        findings += [_finding(message, rule, pair) for message in messages]
    return findings


def _finding(message: str, rule: CheckRule, pair: Pair) -> Finding:
    title = pair.segment.kind is Kind.TITLE
    severity = rule.in_titles if title and rule.in_titles else rule.severity
    place = (pair.segment.id, pair.segment.line, pair.target_line)
    return Finding(rule.id, severity, message, *place, kind=rule.kind)


# --------------------------------------------------------------------------- checks of whole files

READ_OFF_THE_PAIR = frozenset(
    {"seg.extra", "seg.missing", "md.skeleton", "edition.heading", "edition.text", "edition.title"}
    | {"img.alt", "lang.tag", "seg.swapped"}
)
"""Ids of two files whose warnings rest on which line stands for which, or on a style that was inferred."""


def of_its_kind(finding: Finding) -> Finding:
    """A finding about two files: its warning is doubtful where another reading of the pair has none."""
    is_doubt = finding.severity is WARNING and finding.check in READ_OFF_THE_PAIR
    return finding._replace(kind=DOUBTFUL) if is_doubt else finding


class FileRemark(NamedTuple):
    """What a check of files has to say, and where."""

    message: str
    source_line: int | None = None
    target_line: int | None = None


FileCheck = Callable[[Document, Document], Iterator[FileRemark]]
FILE_CHECKS: dict[FileCheck, CheckRule] = {}
"""The checks of files, in the order of their registration."""


def file_check(id_: str, severity: Severity) -> Callable[[FileCheck], FileCheck]:
    """Register a check that looks at two whole files, whatever their segments say."""

    def register(function: FileCheck) -> FileCheck:
        FILE_CHECKS[function] = CheckRule(id_, severity)
        return function

    return register


def text_findings(source: Document, target: Document) -> list[Finding]:
    """What is wrong with the target as a file."""
    return [
        Finding(rule.id, rule.severity, message, None, source_line, target_line, rule.kind)
        for function, rule in FILE_CHECKS.items()
        for message, source_line, target_line in function(source, target)
    ]


def settled(findings: Iterable[Finding], settlement: Settlement | None) -> list[Finding]:
    """The findings of a text; those that are settled are informations, and say by whom."""
    if settlement is None:
        return list(findings)
    person = Settled(settlement.who, settlement.reason) if settlement.who else None
    return [
        as_information(one, person or STANDS_BY)
        if person or (one.kind is DOUBTFUL and one.check in settlement.checks)
        else one
        for one in findings
    ]


def as_information(finding: Finding, settled: Settled) -> Finding:
    """A finding that blocks and asks nothing any more; why stands behind its message."""
    if finding.severity is Severity.INFO:
        return finding
    message = f"{finding.message} ({settled.why})"
    return finding._replace(severity=Severity.INFO, message=message, settled=settled)
