"""Deliberate differences between a source and its translation: what `--allow FILE` or an edition declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import RuleError, parse_selector, selected
from weekly_translate.edition.marks import ADDRESSED, moved, parse_rewrite
from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.edition.values import Rewrite, Selector
    from weekly_translate.model import Document

_NO_PLACES: Mapping[tuple[str | int, ...], int] = MappingProxyType({})


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

    def address(self, address: str) -> str:
        """Where an address of the source is expected to have moved to."""
        return moved(address, self.urls)


# --------------------------------------------------------------------------- what the YAML file holds

_KEYS = ("dropped", "inserted", "replaced", "urls", "front_matter", "notes")


def parse_allowances(
    data: object, name: str, places: Mapping[tuple[str | int, ...], int] = _NO_PLACES
) -> Allowances:
    """Allowances from what a YAML file holds; `places` are the lines of its keys and items.

    Raises `UsageError` that names the file, the line or the key, and what to write.
    """
    if data is None:
        return Allowances()
    if not isinstance(data, dict):
        raise UsageError(f"{name}: the file holds keys such as 'dropped' and 'urls'.")
    for key in (key for key in data if key not in _KEYS):
        raise UsageError(f"{name}: there is no key '{key}'; the keys are {', '.join(_KEYS)}.")
    dropped, inserted, replaced, urls = (
        _entries(data, key, name, places) for key in ("dropped", "inserted", "replaced", "urls")
    )
    notes, front = data.get("notes", "any"), data.get("front_matter", "keep")
    if notes not in ("any", "keep", "drop"):
        raise UsageError(f"{name}: 'notes' is any, keep or drop, not {notes!r}.")
    if front not in ("keep", "drop"):
        raise UsageError(f"{name}: 'front_matter' is keep or drop, not {front!r}.")
    return Allowances(
        tuple(_selector(entry, "dropped", place) for entry, place in dropped)
        + tuple(_selector(entry.get("source"), "replaced", place) for entry, place in replaced),
        tuple(_selector(entry, "inserted", place) for entry, place in inserted)
        + tuple(_selector(entry.get("target"), "replaced", place) for entry, place in replaced),
        tuple(_rewrite(entry, place) for entry, place in urls),
        front == "drop",
        notes,
    )


def _entries(
    data: Mapping[object, object], key: str, name: str, places: Mapping[tuple[str | int, ...], int]
) -> list[tuple[dict[object, object], str]]:
    """The entries under a key, each with the place that messages about it begin with."""
    entries = data.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{name}: '{key}' is a list of entries, each with keys of its own.")
    lines = (places.get((key, number)) for number in range(len(entries)))
    return [(entry, f"{name}:{line}" if line else name) for entry, line in zip(entries, lines, strict=True)]


def _selector(entry: object, key: str, name: str) -> Selector:
    try:
        return parse_selector(entry, key)._replace(entry=name)
    except RuleError as error:
        raise UsageError(f"{name}: {error}") from error


def _rewrite(entry: dict[object, object], name: str) -> Rewrite:
    try:
        return parse_rewrite(entry)._replace(entry=name)
    except RuleError as error:
        raise UsageError(f"{name}: {error}") from error


# --------------------------------------------------------------------------- unused entries


def unneeded(source: Document, target: Document, allowed: Allowances) -> frozenset[str]:
    """The entries that change nothing for this pair, as messages that begin with file and line."""
    return frozenset(_idle_entries(source, target, allowed))


def _idle_entries(source: Document, target: Document, allowed: Allowances) -> Iterator[str]:
    sides = ((source, allowed.dropped, "source"), (target, allowed.inserted, "translation"))
    for document, selectors, side in sides:
        for selector in selectors:
            if selector.entry and not selected(document.text, (selector,)):
                yield f"{selector.entry}: nothing in the {side} fits any more"
    needed = set(_needed_rewrites(source, allowed))
    for rewrite in allowed.urls:
        if rewrite.entry and rewrite not in needed:
            yield f"{rewrite.entry}: no address in the source fits any more"


def _needed_rewrites(source: Document, allowed: Allowances) -> Iterator[Rewrite]:
    """The first rewrite that fits an address is the one that counts."""
    for feature in source.features:
        if feature.kind in ADDRESSED:
            for rewrite in allowed.urls:
                if rewrite.pattern.search(feature.value):
                    yield rewrite
                    break
