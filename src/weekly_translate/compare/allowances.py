"""Deliberate differences between a source and its translation: what `--allow FILE` or an edition declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from weekly_translate.data_files import DataModel, DataText, validated
from weekly_translate.edition.blocks import Address, Lines, selected
from weekly_translate.edition.house_marks import ADDRESSED, moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.edition.values import Rewrite, Selector
    from weekly_translate.model import Document


@dataclass(frozen=True, slots=True)
class OwnStyle:
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

    def address(self, address: str) -> str:
        """Where an address of the source is expected to have moved to."""
        return moved(address, self.urls)


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

    def selectors(key: str, entries: Sequence[Lines]) -> list[Selector]:
        return [one.selector(text.place((key, at))) for at, one in enumerate(entries)]

    return Allowances(
        (*selectors("dropped", file.dropped), *selectors("replaced", [one.source for one in file.replaced])),
        (
            *selectors("inserted", file.inserted),
            *selectors("replaced", [one.target for one in file.replaced]),
        ),
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
    fitting = ([one for one in allowed.urls if one.pattern.search(address)] for address in addresses)
    needed = {rewrites[0] for rewrites in fitting if rewrites}  # the first that fits is the one that counts
    for rewrite in allowed.urls:
        if rewrite.entry and rewrite not in needed:
            yield f"{rewrite.entry}: no address in the source fits any more"
