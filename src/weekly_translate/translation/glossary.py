"""The glossary: plain data -> terms, and which of them occur in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from weekly_translate import tags
from weekly_translate.chinese import in_half_width
from weekly_translate.errors import UsageError
from weekly_translate.model import Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIMIT = 20_000
"""More terms than this are a mistake: a dictionary, not a glossary."""

_KEYS = ("source", "target", "allowed", "avoid", "forms", "kind", "case", "note")
_KINDS = ("term", "name", "brand", "keep")
_CASES = ("any", "exact")


class ExactTerm(Term):
    """A term whose Latin letters count only as they are written: `Go`, not `go`."""

    __slots__ = ()


# --------------------------------------------------------------------------- plain data -> terms


def parse_glossary(data: object, name: str) -> tuple[Term, ...]:
    """The terms of a glossary as a YAML or JSON loader gives it: a list of entries, each a mapping.

    Each of the `forms` becomes a term of its own with the same target. Raises `UsageError` that names
    the file (`name`), the entry by its number and what to write instead.
    """
    if data is None:
        return ()
    if not isinstance(data, list):
        raise UsageError(f"{name}: a glossary is a list of entries, each with `source` and `target`.")
    if len(data) > LIMIT:
        raise UsageError(f"{name}: {len(data)} entries are more than {LIMIT}. Keep the terms that matter.")
    terms: dict[str, Term] = {}
    for number, entry in enumerate(data, start=1):
        for term in _terms_of(entry, f"{name}, entry {number}"):
            if term.source in terms:
                raise UsageError(
                    f"{name}, entry {number}: `{term.source}` is already there. Merge the two entries."
                )
            terms[term.source] = term
    return tuple(terms.values())


def _terms_of(entry: object, place: str) -> Iterator[Term]:
    if not isinstance(entry, dict):
        raise UsageError(f"{place}: an entry is a mapping. Write `source: …` and `target: …`.")
    for key in entry:
        if key not in _KEYS:
            raise UsageError(f"{place}: `{key}` is not a key of an entry. The keys are {', '.join(_KEYS)}.")
    kind = _choice(entry, "kind", _KINDS, place)
    kept = _words(entry, "source", place) if kind == "keep" else None
    make = ExactTerm if _choice(entry, "case", _CASES, place) == "exact" else Term
    for source in (_words(entry, "source", place), *_list(entry, "forms", place)):
        yield make(
            source=source,
            target=_words(entry, "target", place, default=kept),
            allowed=_list(entry, "allowed", place),
            avoid=_list(entry, "avoid", place),
            note=_words(entry, "note", place, default=""),
        )


def _words(entry: dict[object, object], key: str, place: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if value is None:
        raise UsageError(f"{place}: there is no `{key}`. Write `{key}: …`.")
    if not isinstance(value, str):
        _refuse_value(value, key, place)
    if not value.strip() and value != default:
        raise UsageError(f"{place}: `{key}` is empty. Write `{key}: …` or remove the entry.")
    return " ".join(value.split())


def _list(entry: dict[object, object], key: str, place: str) -> tuple[str, ...]:
    values = entry.get(key, ())
    if not isinstance(values, list | tuple):
        raise UsageError(f"{place}: `{key}` is a list. Write `{key}: [{values}]`.")
    for value in values:
        if not isinstance(value, str) or not value.strip():
            _refuse_value(value, key, place)
    return tuple(" ".join(value.split()) for value in values)


def _choice(entry: dict[object, object], key: str, choices: tuple[str, ...], place: str) -> str:
    value = entry.get(key, choices[0])
    if not isinstance(value, str) or value not in choices:
        raise UsageError(f"{place}: `{key}` is {value!r}. Write one of {', '.join(choices)}.")
    return value


def _refuse_value(value: object, key: str, place: str) -> NoReturn:
    """YAML reads `yes` as true and `3.10` as 3.1: what was meant needs quotes."""
    raise UsageError(f"{place}: `{key}` holds {value!r}, which is not text. Put it in quotes.")


# --------------------------------------------------------------------------- text -> its terms


@dataclass(slots=True)
class _Node:
    """A place in the trie: the terms that end here and where the next character leads."""

    next: dict[str, _Node] = field(default_factory=dict)
    any_case: Term | None = None
    exact: dict[str, Term] = field(default_factory=dict)


class Matcher:
    """Finds terms by the longest match; a longer term hides the shorter ones inside it.

    A trie in plain dictionaries: a regular expression of 20,000 terms takes seconds to compile.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._root = _Node()
        for term in terms:
            self._add(term)

    def terms_in(self, text: str) -> tuple[Term, ...]:
        """The terms of a tagged text, each once, in order; tags and code are not looked at."""
        prose = in_half_width(tags.prose_of(text))
        found: dict[str, Term] = {}
        position = 0
        while position < len(prose):
            term, position = self._longest(prose, position)
            if term is not None:
                found.setdefault(term.source, term)
        return tuple(found.values())

    def _add(self, term: Term) -> None:
        node, source = self._root, in_half_width(term.source)
        for character in source.lower():
            node = node.next.setdefault(character, _Node())
        if isinstance(term, ExactTerm):
            node.exact.setdefault(source, term)
        else:
            node.any_case = node.any_case or term

    def _longest(self, text: str, start: int) -> tuple[Term | None, int]:
        """The longest term that starts here, and where to go on."""
        node: _Node | None = self._root
        best: tuple[Term | None, int] = (None, start + 1)
        for end in range(start, len(text)):
            node = node.next.get(text[end].lower()) if node else None
            if node is None:
                break
            term = node.exact.get(text[start : end + 1], node.any_case)
            if term and not _inside_word(text, start) and not _inside_word(text, end + 1):
                best = (term, end + 1)
        return best


def matcher(terms: Iterable[Term]) -> Matcher:
    """A matcher for these terms; of two with the same source the first counts."""
    return Matcher(terms)


def _inside_word(text: str, position: int) -> bool:
    """Whether ASCII letters or digits meet here; Chinese has no such borders."""
    around = text[max(position - 1, 0) : position + 1]
    return 0 < position < len(text) and around.isascii() and around.isalnum()
