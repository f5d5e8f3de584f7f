"""Entries into the text of a glossary file: nothing that stands there is written anew."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from weekly_translate.model import TermKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weekly_translate.model import GlossaryEntry

LONGEST_LINE = 110
_PLAIN = re.compile(r"[A-Za-z\u3400-\u9fff](?:[\w .+()/'-]*[\w+)])?")
"""Text that YAML takes as text, whatever stands around it."""
_DASH = re.compile("( *)- ")
"""Where an entry begins, and how far in."""
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def with_entries(
    text: str, new: Sequence[GlossaryEntry], entries: Sequence[GlossaryEntry], ends: Sequence[int]
) -> str:
    """The text of a glossary with more entries, each behind the last one of its kind.

    `entries` are those that it has, `ends` the lines on which they end. All stand as far in as its own.
    """
    lines = text.splitlines(keepends=True)
    indent = next((match[1] for match in map(_DASH.match, lines) if match), "")
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    places = {entry.term.kind: end for entry, end in zip(entries, ends, strict=True)}
    inserted: defaultdict[int, str] = defaultdict(str)
    for entry in new:
        place = places.get(entry.term.kind, len(lines))
        inserted[place] += "".join(f"{indent}{line}{newline}" for line in yaml_of(entry).splitlines())
    if lines and len(lines) in inserted and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    whole = [line + inserted.get(number, "") for number, line in enumerate(lines, start=1)]
    return inserted.get(0, "") + "".join(whole)


def yaml_of(entry: GlossaryEntry) -> str:
    """An entry as a person would write it: on one line, or if that is too long on several."""
    values = _values(entry)
    line = f"- {{{', '.join(f'{key}: {value}' for key, value in values)}}}"
    if len(line) <= LONGEST_LINE:
        return line
    (key, value), *others = values
    return "\n".join([f"- {key}: {value}", *(f"  {key}: {value}" for key, value in others)])


def _values(entry: GlossaryEntry) -> list[tuple[str, str]]:
    term = entry.term
    keeps = term.kind is TermKind.KEEP and term.target == term.source
    values = [
        ("source", _scalar(term.source)),
        ("target", "" if keeps else _scalar(term.target)),
        ("allowed", _list(term.allowed)),
        ("avoid", _list(term.avoid)),
        ("forms", _list(entry.forms)),
        ("kind", "" if term.kind is TermKind.TERM else term.kind.value),
        ("case", "exact" if term.exact else ""),
        ("near", _list(term.near)),
        ("note", _scalar(term.note) if term.note else ""),
    ]
    return [(key, value) for key, value in values if value]


def _list(words: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_scalar, words))}]" if words else ""


def _scalar(text: str) -> str:
    """In quotes unless it is certain that none are needed."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
