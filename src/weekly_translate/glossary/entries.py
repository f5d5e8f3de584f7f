"""The glossary: plain data -> entries -> terms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn
from unicodedata import category

from weekly_translate.errors import UsageError
from weekly_translate.model import GlossaryEntry, Term, TermKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT = 20_000
"""More terms than this are a mistake: a dictionary, not a glossary."""

KEYS = ("source", "target", "allowed", "avoid", "forms", "kind", "case", "near", "note", "off")
_OF_OFF = {"source", "forms", "near", "note", "off"}
"""What an entry may say that switches another one off."""
_CASES = ("any", "exact")


def parse_entries(data: object, name: str, lines: Sequence[int] = ()) -> tuple[GlossaryEntry, ...]:
    """The entries of a glossary as a YAML or JSON loader gives it: a list of mappings.

    `lines` are the lines on which they begin, where they are known. Raises `UsageError` that names the file
    (`name`), the entry by its line or number, and what to write instead.
    """
    if data is None:
        return ()
    if not isinstance(data, list):
        raise UsageError(f"{name}: a glossary is a list of entries, each with `source` and `target`.")
    if len(data) > LIMIT:
        raise UsageError(f"{name}: {len(data)} entries are more than {LIMIT}. Keep the terms that matter.")
    known = [*lines[: len(data)], *(0 for _ in range(len(data) - len(lines)))]
    return tuple(
        replace(_entry(entry, place_of(name, number, line)), line=line)
        for number, (entry, line) in enumerate(zip(data, known, strict=True), start=1)
    )


def terms_of(entries: Iterable[GlossaryEntry], name: str = "glossary") -> tuple[Term, ...]:
    """A term for each source and each form. Two may share a source if `near` tells them apart.

    An entry that is `off` gives none. Raises `UsageError`.
    """
    terms: dict[tuple[str, tuple[str, ...]], Term] = {}
    for number, entry in enumerate(entries, start=1):
        for term in () if entry.off else spelled(entry):
            if (term.source, term.near) in terms:
                raise UsageError(
                    f"{place_of(name, number, entry.line)}: `{term.source}` is already there. "
                    "Merge the two entries, or tell them apart with `near: […]`."
                )
            terms[term.source, term.near] = term
    return tuple(terms.values())


def spelled(entry: GlossaryEntry) -> list[Term]:
    """The term of an entry, once for each way to write its Chinese."""
    return [replace(entry.term, source=source) for source in (entry.term.source, *entry.forms)]


def place_of(name: str, number: int, line: int) -> str:
    """Where an entry stands, for a message."""
    return f"{name}:{line}" if line else f"{name}, entry {number}"


def _entry(entry: object, place: str) -> GlossaryEntry:
    if not isinstance(entry, dict):
        raise UsageError(f"{place}: an entry is a mapping. Write `source: …` and `target: …`.")
    entry = {("off" if key is False else key): value for key, value in entry.items()}  # as YAML reads `off:`
    for key in entry:
        if key not in KEYS:
            raise UsageError(f"{place}: `{key}` is not a key of an entry. The keys are {', '.join(KEYS)}.")
    if "off" in entry:
        return _entry_that_is_off(entry, place)
    kind = TermKind(_choice(entry, "kind", tuple(TermKind), place))
    source = _words(entry, "source", place)
    term = Term(
        source=source,
        target=_words(entry, "target", place, default=source if kind is TermKind.KEEP else None),
        allowed=_list(entry, "allowed", place),
        avoid=_list(entry, "avoid", place),
        note=_words(entry, "note", place, default=""),
        kind=kind,
        exact=_choice(entry, "case", _CASES, place) == "exact",
        near=_list(entry, "near", place),
    )
    return GlossaryEntry(term, _list(entry, "forms", place))


def _entry_that_is_off(entry: dict[object, object], place: str) -> GlossaryEntry:
    if entry["off"] is not True:
        raise UsageError(f"{place}: `off` is {entry['off']!r}. Write `off: true`, or remove it.")
    if more := [key for key in entry if key not in _OF_OFF]:
        raise UsageError(f"{place}: an entry that is off has no `{more[0]}`. Remove it, or remove `off`.")
    source, near = _words(entry, "source", place), _list(entry, "near", place)
    term = Term(source, "", near=near, note=_words(entry, "note", place, default=""))
    return GlossaryEntry(term, _list(entry, "forms", place), off=True)


def _words(entry: dict[object, object], key: str, place: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if value is None:
        raise UsageError(f"{place}: there is no `{key}`. Write `{key}: …`.")
    if not isinstance(value, str):
        _refuse_value(value, key, place)
    if not value.strip() and value != default:
        raise UsageError(f"{place}: `{key}` is empty. Write `{key}: …` or remove the entry.")
    return _line(value, key, place)


def _list(entry: dict[object, object], key: str, place: str) -> tuple[str, ...]:
    values = entry.get(key, ())
    if not isinstance(values, list | tuple):
        raise UsageError(f"{place}: `{key}` is a list. Write `{key}: [{values}]`.")
    for value in values:
        if not isinstance(value, str) or not value.strip():
            _refuse_value(value, key, place)
    return tuple(_line(value, key, place) for value in values)


def _line(value: str, key: str, place: str) -> str:
    """On one line, and of characters that can be shown and written to a file."""
    line = " ".join(value.split())
    for character in line:
        if category(character) in {"Cc", "Cs"}:
            code = f"U+{ord(character):04X}"
            raise UsageError(f"{place}: `{key}` holds the control character {code}. Remove it.")
    return line


def _choice(entry: dict[object, object], key: str, choices: Sequence[str], place: str) -> str:
    value = entry.get(key, choices[0])
    if not isinstance(value, str) or value not in choices:
        raise UsageError(f"{place}: `{key}` is {value!r}. Write one of {', '.join(choices)}.")
    return value


def _refuse_value(value: object, key: str, place: str) -> NoReturn:
    """YAML reads `yes` as true and `3.10` as 3.1: what was meant needs quotes."""
    raise UsageError(f"{place}: `{key}` holds {value!r}, which is not text. Put it in quotes.")
