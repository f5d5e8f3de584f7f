"""The glossary: what its file may say, its entries and terms, which of them occur, and its layers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from weekly_translate.data_files import (
    DataModel,
    DataText,
    data_file,
    default_file,
    fault,
    fault_of_value,
    read_data,
    refuse,
    validated,
    yaml_in,
)
from weekly_translate.errors import UsageError
from weekly_translate.model import GlossaryEntry, Span, Term, TermKind
from weekly_translate.text.characters import in_half_width, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(slots=True)
class _Node:
    """A place in the trie: the terms that end here and where the next character leads."""

    next: dict[str, _Node] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)


class Matcher:
    """Finds terms by the longest match; of two with the same source the first counts.

    A longer term hides the shorter ones inside it.
    A trie in plain dictionaries: a regular expression of 20,000 terms takes seconds to compile.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = tuple(terms)

    @cached_property
    def _root(self) -> _Node:
        """Made when it is first asked: that of a glossary is often extended before."""
        root = _Node()
        for term in self._terms:
            node = root
            for character in folded(in_half_width(term.source)):
                node = node.next.setdefault(character, _Node())
            node.terms.append(term)
            node.terms.sort(key=lambda term: not term.exact)  # the one in exact case before all
        return root

    @cached_property
    def _starts(self) -> re.Pattern[str]:
        firsts = "".join(map(re.escape, self._root.next))
        return re.compile(f"[{firsts}]" if firsts else "(?!)")

    def extended(self, terms: Sequence[Term]) -> Matcher:
        """A matcher that knows these terms too; they count before its own."""
        return Matcher((*terms, *self._terms)) if terms else self

    def terms_in(self, text: str, section: str = "") -> tuple[Term, ...]:
        """The terms of a tagged text, each once, in order; tags and code are not looked at.

        `section` is the heading that the text stands under: it may decide between two senses.
        """
        prose = in_half_width(prose_of(text))
        places = (folded(prose), folded(in_half_width(section)))
        found: dict[str, Term] = {}
        start = self._starts.search(places[0])
        while start is not None:
            term, position = self._longest(prose, places, start.start())
            if term is not None:
                found.setdefault(term.source, term)
            start = self._starts.search(places[0], position)
        return tuple(found.values())

    def _longest(self, prose: str, places: tuple[str, str], start: int) -> tuple[Term | None, int]:
        """The longest term that starts here, and where to go on."""
        text, node = places[0], self._root
        best: tuple[Term | None, int] = (None, start + 1)
        if inside_word(text, start):
            return best
        for end in range(start, len(text)):
            following = node.next.get(text[end])
            if following is None:
                break
            node = following
            if node.terms and not inside_word(text, end + 1):
                term = _counting(node.terms, prose[start : end + 1], places)
                best = (term, end + 1) if term else best
        return best


def folded(text: str) -> str:
    """In lower case, each character where it was: `İ` and a final `Σ` would not be with `str.lower`."""
    lower = text.lower()
    if len(lower) == len(text) and "Σ" not in text:
        return lower
    return "".join(character.lower()[:1] for character in text)


def inside_word(text: str, position: int) -> bool:
    """Whether ASCII letters or digits meet here; Chinese has no such borders."""
    if not 0 < position < len(text):
        return False
    around = text[position - 1 : position + 1]
    return around.isascii() and around.isalnum()


def places_of(word: str, text: str) -> Iterator[Span]:
    """Where a word stands in a folded text, and not inside a longer Latin word; places may overlap."""
    sought = folded(in_half_width(word))
    for match in re.finditer(f"(?={re.escape(sought)})", text):
        place = Span(match.start(), match.start() + len(sought))
        if not inside_word(text, place.start) and not inside_word(text, place.end):
            yield place


def _counting(terms: list[Term], written: str, places: tuple[str, str]) -> Term | None:
    """The term that counts here: guarded by a word of the text, else of the section, else without guard.

    Words of two senses in one place decide nothing.
    """
    if len(terms) == 1 and not terms[0].near and not terms[0].exact:
        return terms[0]
    fitting = [term for term in terms if not term.exact or in_half_width(term.source) == written]
    for place in places:
        guarded = [term for term in fitting if any(any(places_of(word, place)) for word in term.near)]
        if len(guarded) == 1:
            return guarded[0]
    return next((term for term in fitting if not term.near), None)


# --------------------------------------------------------------------------- what the file may say

LIMIT = 20_000
"""More terms than this are a mistake: a dictionary, not a glossary."""

_NOT_OFF = ("target", "allowed", "avoid", "kind", "case")
"""What an entry may not say that switches another one off."""


def _on_one_line(value: str) -> str:
    """On one line, and of characters that can be shown and written to a file."""
    line = " ".join(value.split())
    for character in "" if line.isprintable() else line:
        if category(character) in {"Cc", "Cs"}:
            raise fault_of_value(f"holds the control character U+{ord(character):04X}. Remove it.")
    return line


def _not_empty(value: str) -> str:
    if not value:
        raise fault_of_value("is empty: write it, or remove the entry.")
    return value


Line = Annotated[str, AfterValidator(_on_one_line)]
Words = Annotated[Line, AfterValidator(_not_empty)]


class EntryFields(DataModel):
    """A term: what the Chinese says, and what the English has to say."""

    source: Words
    """What the Chinese says."""
    target: Words | None = None
    """What the English says; only a kept name needs none."""
    allowed: tuple[Words, ...] = ()
    """English that is also right; plurals, hyphens and the endings -ed and -ing count by themselves."""
    avoid: tuple[Words, ...] = ()
    """English that is wrong wherever it stands in the same sentence."""
    forms: tuple[Words, ...] = ()
    """Other Chinese for the same thing."""
    kind: TermKind = TermKind.TERM
    """keep is for what stays as it is."""
    case: Literal["any", "exact"] = "any"
    """exact if Latin letters in `source` count only as they are written."""
    near: tuple[Words, ...] = ()
    """The entry counts only where one of these stands in the same text or section heading."""
    note: Line = ""
    """Why, or when which; the model reads it too."""
    off: Literal[True] | None = None
    """Switches off what the program's glossary has for this source."""

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        if self.off and (more := [key for key in _NOT_OFF if key in self.model_fields_set]):
            raise fault(f"an entry that is off has no '{more[0]}'. Remove it, or remove `off`.")
        if self.target is None and not self.off and self.kind is not TermKind.KEEP:
            raise fault("there is no 'target'. Write `target: …`.")
        return self

    def entry(self, line: int) -> GlossaryEntry:
        """The same for the matcher; `line` is where it begins."""
        term = Term(
            source=self.source,
            target="" if self.off else self.target or self.source,
            allowed=self.allowed,
            avoid=self.avoid,
            note=self.note,
            kind=self.kind,
            exact=self.case == "exact",
            near=self.near,
        )
        return GlossaryEntry(term, self.forms, line, off=bool(self.off))


class Extends(DataModel):
    """The terms of the program count as well, where this glossary has no entry of its own."""

    extends: Literal["default"]
    """The glossary below this one."""


def _item(item: object) -> EntryFields | Extends:
    model = Extends if isinstance(item, dict) and item.keys() == {"extends"} else EntryFields
    return model.model_validate(item)


Items = tuple[Annotated[EntryFields | Extends, BeforeValidator(_item)], ...]


def _extended_once(items: Items) -> Items:
    refuse(
        ((at, "extends"), "`extends: default` is the first entry of a glossary, and no other.")
        for at, item in enumerate(items)
        if at and isinstance(item, Extends)
    )
    return items


GlossaryFile: TypeAdapter[Items] = TypeAdapter(
    Annotated[
        Items,
        Field(max_length=LIMIT, description="Terms that have to read the same in every issue."),
        AfterValidator(_extended_once),
    ],
    config=ConfigDict(defer_build=True),
)


def parse_glossary(text: DataText) -> tuple[tuple[GlossaryEntry, ...], bool]:
    """The entries of a glossary, and whether it extends the program's own.

    Raises `UsageError` with all that is wrong, each with its line and what to write instead.
    """
    items = validated(GlossaryFile, text)
    entries = [item.entry(text.line((at,))) for at, item in enumerate(items) if isinstance(item, EntryFields)]
    return tuple(entries), len(entries) < len(items)


def terms_of(entries: Iterable[GlossaryEntry], name: str = "glossary") -> tuple[Term, ...]:
    """A term for each source and each form. Two may share a source if `near` tells them apart.

    An entry that is `off` gives none. Raises `UsageError`.
    """
    terms: dict[tuple[str, tuple[str, ...]], Term] = {}
    for number, entry in enumerate(entries, start=1):
        for term in () if entry.off else spelled(entry):
            if (term.source, term.near) in terms:
                place = f"{name}:{entry.line}" if entry.line else f"{name}, entry {number}"
                raise UsageError(
                    f"{place}: `{term.source}` is already there. "
                    "Merge the two entries, or tell them apart with `near: […]`."
                )
            terms[term.source, term.near] = term
    return tuple(terms.values())


def spelled(entry: GlossaryEntry) -> list[Term]:
    """The term of an entry, once for each way to write its Chinese."""
    return [entry.term, *(entry.term._replace(source=form) for form in entry.forms)]


class Override(NamedTuple):
    """An entry of the project that stands in place of one of the program's."""

    ours: Term
    theirs: Term
    line: int

    @property
    def is_conflict(self) -> bool:
        """Whether the two want different English."""
        return self.ours.target not in self.theirs.renderings


def layered(
    ours: Iterable[GlossaryEntry], theirs: Iterable[GlossaryEntry], name: str
) -> tuple[tuple[Term, ...], tuple[Override, ...]]:
    """All terms of both; a source that both have is ours, whatever its senses, and what is off is out.

    Raises `UsageError` for a source that stands twice in one of them.
    """
    ours = tuple(ours)
    lines = {_key(term): entry.line for entry in ours if not entry.off for term in spelled(entry)}
    own = terms_of(ours, name)
    off = [term for entry in ours if entry.off for term in spelled(entry)]
    others = [
        term
        for term in terms_of(theirs, "the program's glossary")
        if not any(_switches_off(one, term) for one in off)
    ]
    by_key = {_key(term): term for term in reversed(own)}
    overrides = (
        Override(by_key[_key(term)], term, lines[_key(term)]) for term in others if _key(term) in by_key
    )
    return (*own, *(term for term in others if _key(term) not in by_key)), tuple(overrides)


def idle_in(ours: Iterable[GlossaryEntry], theirs: Iterable[GlossaryEntry]) -> tuple[GlossaryEntry, ...]:
    """The entries that switch off what is not there."""
    others = [term for entry in theirs for term in spelled(entry)]
    return tuple(
        entry
        for entry in ours
        if entry.off and not any(_switches_off(one, term) for one in spelled(entry) for term in others)
    )


def _switches_off(off: Term, term: Term) -> bool:
    """All senses of a source, or with `near` the one that stands near the same words."""
    return _key(off) == _key(term) and (not off.near or set(off.near) == set(term.near))


def _key(term: Term) -> str:
    return folded(in_half_width(term.source))


# --------------------------------------------------------------------------- the glossary of a run

NAME = "glossary.yaml"
NO_GLOSSARY = "none"
"""Stands for a file without entries."""


class Glossary(NamedTuple):
    """The entries of a file and of those below it, and the terms that count."""

    path: Path
    entries: tuple[GlossaryEntry, ...]
    """Those of the file itself."""
    terms: tuple[Term, ...]
    overrides: tuple[Override, ...]
    idle: tuple[GlossaryEntry, ...]
    """Those that switch off something that is not there."""
    digest: str
    """Twelve hex digits of the texts."""

    @property
    def matcher(self) -> Matcher:
        """A new matcher for the terms."""
        return Matcher(self.terms)


def glossary_file(given: Path | None, project: Path) -> Path:
    """The file that is given, else the project's own, else the program's. Raises `UsageError`."""
    return given or data_file(NAME, project)


def read_glossary(given: Path | None, project: Path, cache: Path | None = None) -> Glossary:
    """Read the glossary of a run; `none` has no terms. What takes long is kept in `cache`.

    Raises `UsageError` with the file and the line.
    """
    if given is not None and given.name == NO_GLOSSARY and not given.exists():
        return Glossary(given, (), (), (), (), NO_GLOSSARY)
    path = glossary_file(given, project)
    text = read_data(path)
    entries, extends = entries_in(text, str(path), cache)
    below = read_data(default_file(NAME)) if extends else ""
    theirs, _ = entries_in(below, NAME, cache)
    terms, overrides = layered(entries, theirs, str(path))
    digest = blake2b((text + below).encode(), digest_size=6).hexdigest()
    return Glossary(path, entries, terms, overrides, idle_in(entries, theirs), digest)


def entries_in(text: str, name: str, cache: Path | None = None) -> tuple[tuple[GlossaryEntry, ...], bool]:
    """The entries of a glossary's text, and whether it extends the program's own. Raises `UsageError`."""
    return parse_glossary(yaml_in(text, name, cache))
