"""What is left out of the findings: ids, patterns, what a person silenced, intended differences."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    Strict,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)

from weekly_translate.checks.catalogue import GONE, catalogue
from weekly_translate.checks.registry import as_information
from weekly_translate.data_files import (
    DataModel,
    DataText,
    exactly_one,
    fault,
    fault_of_value,
    validated,
    yaml_in,
)
from weekly_translate.edition.rewriting import ADDRESSED, moved
from weekly_translate.edition.values import Address, Lines, selected
from weekly_translate.errors import UsageError
from weekly_translate.model import IGNORES, Settled
from weekly_translate.report.text import Suppressed
from weekly_translate.text.characters import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.edition.values import Rewrite, Selector
    from weekly_translate.model import Document, Finding
    from weekly_translate.report.text import Judged

    LineAt = Callable[[int | None], str]


def fits(check: str, patterns: Iterable[str]) -> bool:
    """Whether an id is one of these, or fits one of these patterns."""
    return any(fnmatchcase(check, pattern) for pattern in patterns)


def refusal(pattern: str, known: Collection[str]) -> str:
    """Why a pattern cannot be meant, and which one may be; nothing if it means any of the `known` ids."""
    if any(fnmatchcase(check, pattern) for check in (*known, *GONE)):
        return ""
    families = [f"{family}.*" for family in dict.fromkeys(check.partition(".")[0] for check in known)]
    near = get_close_matches(pattern, [*known, *families], n=1)
    advice = f"did you mean {near[0]}?" if near else f"the kinds are {', '.join(families)}"
    return f"there is no check {pattern!r}; {advice}"


# ---------------------------------------------------------------------------
# Findings that a person has looked at and wants silent, each with the reason (`ignores.yaml`).


_PLACES = ("source", "text", "line")


def _says_something(value: str) -> str:
    if not value.strip():
        raise fault_of_value("is empty: it must be a text that says something.")
    return value.strip()


Text = Annotated[str, AfterValidator(_says_something)]


class Ignore(DataModel):
    """Findings of a check that are silent in one place: name it by `source`, `text` or `line`."""

    model_config = ConfigDict(json_schema_extra=exactly_one(_PLACES))

    check: Text
    """The id of a check, or a pattern such as `num.*`."""
    reason: Annotated[Text, AfterValidator(lambda value: " ".join(value.split()))]
    """Why, for whoever reads this next."""
    source: Text = ""
    """Words of the line in the source."""
    text: Text = ""
    """Words of the line in the translation."""
    line: Annotated[int, Strict(), Field(ge=1)] | None = None
    """The number of the line in the source, or in the translation for what stands only there."""
    _entry: str = PrivateAttr("")

    @property
    def entry(self) -> str:
        """Where it stands in its file: `ignores.yaml:3`."""
        return self._entry

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else repr(self.source or self.text)
        return f"{self.check} for {where}"

    @field_validator("check")
    @classmethod
    def _exists(cls, check: str, info: ValidationInfo) -> str:
        if info.context is not None and (message := refusal(check, info.context)):
            raise fault(message)
        return check

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if len(self.model_fields_set & set(_PLACES)) != 1:
            raise fault(f"say where with exactly one of {', '.join(_PLACES)}.")
        return self


IgnoresFile: TypeAdapter[tuple[Ignore, ...]] = TypeAdapter(
    Annotated[
        tuple[Ignore, ...],
        Field(description="Findings that a person has looked at and wants silent (`check --ignores FILE`)."),
    ],
    config=ConfigDict(defer_build=True),
)


class Sifted(NamedTuple):
    """What is left to say, what is silent on purpose, and the ignores that nothing needed."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    unused: tuple[Ignore, ...]


def parse_ignores(text: DataText, known: Collection[str] | None = None) -> tuple[Ignore, ...]:
    """The ignores of a YAML file, of checks that are `known`. Raises `UsageError` with all that is wrong."""
    entries = validated(IgnoresFile, text, known)
    for at, one in enumerate(entries):
        one._entry = text.place((at,))  # noqa: SLF001 - no key of the file
    return entries


def with_entry(text: str, ignore: Ignore, name: str) -> tuple[str, tuple[Ignore, ...]]:
    """The text of an ignores file, which may be empty, with one more entry; and all its entries.

    Raises `UsageError` where the file, which errors call `name`, has been at fault before.
    """
    before = _NO_ENTRY.sub("", text).rstrip("\n")
    whole = (before and f"{before}\n") + _written(ignore)
    return whole, parse_ignores(yaml_in(whole, name), catalogue())


def without_entry(text: str, ignore: Ignore, name: str) -> tuple[str, tuple[Ignore, ...]]:
    """The same without an entry that `with_entry` has written. Raises `UsageError` where it has changed."""
    before, found, after = f"\n{text}".rpartition(f"\n{_written(ignore)}")
    if not found:
        raise UsageError(f"The entry for {ignore} in {name} has been edited since: take it out there.")
    rest = f"{before}\n{after}"[1:]
    whole = rest if yaml_in(rest, name).data is not None else f"{rest}[]\n"
    return whole, parse_ignores(yaml_in(whole, name), catalogue())


_NO_ENTRY = lazy_pattern(r"^\[\]\s*\Z", re.MULTILINE)
"""What a file ends with that holds none."""


def _written(ignore: Ignore) -> str:
    places = {name: value for name in _PLACES if (value := getattr(ignore, name))}
    said = {"check": ignore.check, **places, "reason": " ".join(ignore.reason.split())}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    return "- " + "\n  ".join(lines) + "\n"


def sifted(findings: Iterable[Finding], ignores: Sequence[Ignore], source: LineAt, target: LineAt) -> Sifted:
    """The findings without those that an ignore silences; the first that fits gives the reason.

    `source` and `target` tell what stands on a line. A run judges a text before it has a file.
    """
    fitting = [
        (finding, [one for one in ignores if _silences(one, finding, here, there)])
        for finding in findings
        for here, there in [(source(finding.source_line), target(finding.target_line))]
    ]
    used = {one for _, those in fitting for one in those}
    return Sifted(
        tuple(finding for finding, those in fitting if not those),
        tuple(Suppressed(finding, those[0].reason) for finding, those in fitting if those),
        tuple(one for one in ignores if one not in used),
    )


def why_ignored(finding: Finding) -> str:
    """The reason of the entry that silences a finding; empty for any other one."""
    return finding.settled.reason if finding.settled and finding.settled.by == IGNORES else ""


def as_informations(sorted_out: Sifted | Judged) -> tuple[Finding, ...]:
    """All findings; those that are silent are informations with the reason."""
    silent = (as_information(one.finding, Settled(IGNORES, one.reason)) for one in sorted_out.suppressed)
    return (*sorted_out.findings, *silent)


def _silences(ignore: Ignore, finding: Finding, source: str, target: str) -> bool:
    """Whether an ignore names a finding on a line with these texts: what it does not say fits any."""
    line = ignore.line in (None, finding.source_line or finding.target_line)
    return line and ignore.source in source and ignore.text in target and fits(finding.check, (ignore.check,))


class OwnStyle(NamedTuple):
    """What an edition would have done with a source whose translation has a style of its own."""

    optional: frozenset[int]
    """The lines that it drops or replaces: whatever stands for them is right."""
    headings: frozenset[int]
    """The lines that it knows as headings of sections."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """What may differ; without any of it the comparison is strict."""

    dropped: tuple[Selector, ...] = ()
    """Lines of the source that have no translation."""
    inserted: tuple[Selector, ...] = ()
    """Lines of the target that have no source."""
    urls: tuple[Rewrite, ...] = ()
    front_matter: bool = False
    """Whether the front matter may be dropped."""
    notes: str = "any"
    """`keep`: each language note has to be there; `drop`: none may; `any`: what is there has to be true."""
    settled: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Segments of the source that have one English rendering, by id."""
    style: OwnStyle | None = None
    """Of a translation whose own style is what it is held to."""
    own_pages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Addresses of the source for which those of the same pages in English stand."""
    frame: bool = False
    """Whether a header or a promotion may stand around all that is translated, which nobody declares."""

    def address(self, address: str) -> str:
        """Where an address of the source is expected to have moved to."""
        return self.own_pages.get(address) or moved(address, self.urls)[0]


# --------------------------------------------------------------------------- what the YAML file holds


class OtherLines(DataModel):
    """Lines of the source for which other lines stand in the translation."""

    source: Lines
    """The lines of the source."""
    target: Lines
    """The lines of the translation."""


class AllowFile(DataModel):
    """Deliberate differences between a source and its translation (`check --allow FILE`)."""

    dropped: tuple[Lines, ...] = ()
    """Lines of the source that have no translation."""
    inserted: tuple[Lines, ...] = ()
    """Lines of the translation that have no source."""
    replaced: tuple[OtherLines, ...] = ()
    """Lines of the source for which other lines stand in the translation."""
    urls: tuple[Address, ...] = ()
    """Pages that have a counterpart in English."""
    front_matter: Literal["keep", "drop"] = "keep"
    """drop: the front matter may be missing."""
    notes: Literal["any", "keep", "drop"] = "any"
    """Language notes. keep: each has to be there; drop: none may; any: what is there has to be true."""


def parse_allowances(text: DataText) -> Allowances:
    """The allowances of a YAML file. Raises `UsageError` with all that is wrong, each with its line."""
    file = validated(AllowFile, text)

    def selectors(key: str, side: str) -> Iterator[Selector]:
        for at, lines in enumerate(getattr(file, key)):
            yield lines.selector(text.place((key, at)))
        for at, both in enumerate(file.replaced):
            yield getattr(both, side).selector(text.place(("replaced", at)))

    return Allowances(
        tuple(selectors("dropped", "source")),
        tuple(selectors("inserted", "target")),
        tuple(one.rewrite(text.place(("urls", at))) for at, one in enumerate(file.urls)),
        file.front_matter == "drop",
        file.notes,
    )


# --------------------------------------------------------------------------- unused entries


def unneeded(source: Document, target: Document, allowed: Allowances) -> Iterator[str]:
    """The entries that change nothing for this pair, as messages that begin with file and line."""
    sides = ((source, allowed.dropped, "source"), (target, allowed.inserted, "translation"))
    for document, selectors, side in sides:
        for selector in selectors:
            if selector.entry and not selected(document.text, (selector,)):
                yield f"{selector.entry}: nothing in the {side} fits any more"
    addresses = [feature.value for feature in source.features if feature.kind in ADDRESSED]
    needed = {moved(address, allowed.urls)[1] for address in addresses}
    for rewrite in allowed.urls:
        if rewrite.entry and rewrite not in needed:
            yield f"{rewrite.entry}: no address in the source fits any more"
