"""Entries into the text of a glossary file, and glossaries as CSV, TSV and TBX-Basic (ISO 30042)."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from weekly_translate.data_files import DataText
from weekly_translate.errors import InputRefusedError
from weekly_translate.model import TermKind
from weekly_translate.text import lazy_pattern
from weekly_translate.text.xml import language_of, legal, local_name, root_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import GlossaryEntry

_LONGEST_LINE = 110
_PLAIN = lazy_pattern(r"[A-Za-z\u3400-\u9fff](?:[\w .+()/'-]*[\w+)])?")
"""Text that YAML takes as text, whatever stands around it."""
_DASH = lazy_pattern("( *)- ")
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
    if len(line) <= _LONGEST_LINE:
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
    return "'" + text.replace("'", "''") + "'"


# --------------------------------------------------------------------------- CSV and TSV

_COLUMNS = ("source", "target", "forms", "allowed", "avoid", "kind", "case", "near", "note")
_LISTS = frozenset({"forms", "allowed", "avoid", "near"})
_BETWEEN = "|"
_BETWEEN_COLUMNS = {
    ",": "Write a comma between the columns: some spreadsheets export semicolons.",
    "\t": "Write a tab between the columns.",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves do."""


def table_of(entries: Iterable[GlossaryEntry], delimiter: str) -> str:
    """The entries as a table with a head."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        term = entry.term
        lists = (entry.forms, term.allowed, term.avoid, term.near)
        *words, near = (f" {_BETWEEN} ".join(words) for words in lists)
        case = "exact" if term.exact else ""
        cells = (term.source, term.target, *words, term.kind, case, near, term.note)
        writer.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return out.getvalue()


def rows_in_table(text: str, name: str, delimiter: str) -> DataText:
    """The rows of a table called `name`, each as an entry of a glossary file; empty cells are left out.

    The head names the columns, in any order; without one the first two are `source` and `target`. Raises
    `InputRefusedError`.
    """
    try:
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
        found = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as error:
        raise InputRefusedError(f"{name}:{reader.line_num}: this is no table: {error}") from error
    if found and all(len(row) == 1 for _, row in found):
        raise InputRefusedError(f"{name}: there is only one column. {_BETWEEN_COLUMNS[delimiter]}")
    head = [cell.strip().lower() for cell in found[0][1]] if found else []
    if "source" not in head:
        return _table(found, _COLUMNS[:2], name)
    if unknown := [column for column in head if column and column not in _COLUMNS]:
        raise InputRefusedError(
            f"{name}: there is no column {unknown[0]!r}. The columns are {', '.join(_COLUMNS)}."
        )
    return _table(found[1:], head, name)


def _table(found: Sequence[tuple[int, list[str]]], head: Sequence[str], name: str) -> DataText:
    for line, row in found:
        if any(cell.strip() for cell in row[len(head) :]):
            raise InputRefusedError(
                f"{name}:{line}: there are more cells than columns ({', '.join(head)}). "
                "Name all columns in the first line, and quote a cell that holds a separator."
            )
    entries = [_entry(dict(zip(head, row, strict=False))) for _, row in found]
    return DataText(name, entries, lambda steps: found[int(steps[0])][0] if steps else 1)


def _entry(cells: dict[str, str]) -> dict[str, object]:
    entry: dict[str, object] = {}
    for column, cell in cells.items():
        if column and cell.strip():
            text = cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
            parts = [part.strip() for part in text.split(_BETWEEN) if part.strip()]
            entry[column] = parts if column in _LISTS else text
    return entry


# --------------------------------------------------------------------------- TBX-Basic

# Written in the form of 2008, which most tools read; both forms are read. The preferred, admitted and
# deprecated terms of TBX are our target, `allowed` and `avoid`.

_PREFERRED, _ADMITTED, _DEPRECATED = (
    f"{status}-admn-sts" for status in ("preferredTerm", "admittedTerm", "deprecatedTerm")
)
_STANDARD_DOCTYPE = lazy_pattern(r"<!DOCTYPE (?:martif|tbx) SYSTEM ['\"](?:TBX\w{1,40})\.dtd['\"]>")
"""What many tools write: it names the public DTD and declares nothing."""
_ENTRIES = ("termEntry", "conceptEntry")
_LANGUAGES = ("langSet", "langSec")
_TERMS = ("tig", "ntig", "termSec")


def tbx_of(entries: Iterable[GlossaryEntry]) -> str:
    """The entries as a TBX-Basic document, in their order."""
    martif = ET.Element("martif", {"type": "TBX-Basic", "xml:lang": "en"})
    source = ET.SubElement(ET.SubElement(ET.SubElement(martif, "martifHeader"), "fileDesc"), "sourceDesc")
    ET.SubElement(source, "p").text = "Written by weekly-translate"
    body = ET.SubElement(ET.SubElement(martif, "text"), "body")
    for number, entry in enumerate(entries, start=1):
        _fill(ET.SubElement(body, "termEntry", id=f"c{number}"), entry)
    ET.indent(martif, "\t")
    return written(martif)


def _fill(element: ET.Element, entry: GlossaryEntry) -> None:
    term = entry.term
    more = [("x-kind", term.kind.value), ("x-case", "exact" if term.exact else "")]
    for kind, value in (*more, *(("x-near", word) for word in term.near)):
        if value:
            ET.SubElement(element, "admin", type=kind).text = legal(value)
    if term.note:
        ET.SubElement(element, "note").text = legal(term.note)
    chinese = [(term.source, _PREFERRED), *((form, _ADMITTED) for form in entry.forms)]
    english = [(term.target, _PREFERRED), *((word, _ADMITTED) for word in term.allowed)]
    english += [(word, _DEPRECATED) for word in term.avoid]
    for language, words in (("zh-CN", chinese), ("en-US", english)):
        place = ET.SubElement(element, "langSet", {"xml:lang": language})
        for word, status in words:
            group = ET.SubElement(place, "tig")
            ET.SubElement(group, "term").text = legal(word)
            ET.SubElement(group, "termNote", type="administrativeStatus").text = status


def rows_in_tbx(data: bytes, name: str) -> list[dict[str, object]]:
    """The concepts with a Chinese and an English term, each as an entry of a glossary file.

    Raises `InputRefusedError` for what is not TBX, has a document type of its own, or holds no such concept.
    """
    root = root_of(data, name, roots=("martif", "tbx"), doctype=_STANDARD_DOCTYPE, what="TBX")
    concepts = [element for element in root.iter() if local_name(element) in _ENTRIES]
    rows = [row for row in map(_row, concepts) if row]
    if concepts and not rows:
        raise InputRefusedError(f"none of the {len(concepts)} concepts of {name} is in Chinese and English")
    return rows


def _row(concept: ET.Element) -> dict[str, object]:
    """What a concept says, or nothing."""
    terms: dict[str, list[tuple[str, str]]] = {"zh": [], "en": []}
    for place in _children(concept, *_LANGUAGES):
        terms.setdefault(language_of(place), []).extend(_terms_in(place))
    chinese, english = (_by_preference(terms[language]) for language in ("zh", "en"))
    if not chinese or not english:
        return {}
    row: dict[str, object] = {"source": chinese[0], "target": english[0]}
    deprecated = [word for word, status in terms["en"] if status == _DEPRECATED]
    admins = [(admin.get("type"), _words(admin)) for admin in _children(concept, "admin")]
    lists = {
        "forms": chinese[1:],
        "allowed": english[1:],
        "avoid": deprecated,
        "near": [value for kind, value in admins if kind == "x-near"],
    }
    texts = {
        "kind": next((value for kind, value in admins if kind == "x-kind"), ""),
        "case": next((value for kind, value in admins if kind == "x-case"), ""),
        "note": " ".join(_words(note) for note in _children(concept, "note")),
    }
    return row | {key: value for key, value in (lists | texts).items() if value}


def _terms_in(place: ET.Element) -> Iterator[tuple[str, str]]:
    for group in _children(place, *_TERMS):
        words = next((_words(one) for one in group.iter() if local_name(one) == "term"), "")
        notes = (one for one in group.iter() if local_name(one) == "termNote")
        status = next((_words(note) for note in notes if note.get("type") == "administrativeStatus"), "")
        if words:
            yield words, status


def _by_preference(terms: list[tuple[str, str]]) -> list[str]:
    wanted = [(word, status) for word, status in terms if status != _DEPRECATED]
    return list(dict.fromkeys(word for word, _ in sorted(wanted, key=lambda one: one[1] != _PREFERRED)))


def _children(element: ET.Element, *names: str) -> Iterator[ET.Element]:
    yield from (child for child in element if local_name(child) in names)


def _words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
