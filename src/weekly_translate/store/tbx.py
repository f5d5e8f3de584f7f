"""TBX-Basic (ISO 30042), the exchange format of terminology: an entry for each concept.

Written in the form of 2008, which most tools read; both forms are read. The preferred, admitted and
deprecated terms of TBX are our target, `allowed` and `avoid`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from weekly_translate.errors import InputRefusedError
from weekly_translate.store.xml import language_of, legal, local_name, root_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import GlossaryEntry

_PREFERRED, _ADMITTED, _DEPRECATED = (
    f"{status}-admn-sts" for status in ("preferredTerm", "admittedTerm", "deprecatedTerm")
)
_STANDARD_DOCTYPE = re.compile(r"<!DOCTYPE (?:martif|tbx) SYSTEM ['\"](?:TBX\w{1,40})\.dtd['\"]>")
"""What many tools write: it names the public DTD and declares nothing."""
_ENTRIES = ("termEntry", "conceptEntry")
_LANGUAGES = ("langSet", "langSec")
_TERMS = ("tig", "ntig", "termSec")


# --------------------------------------------------------------------------- writing


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


# --------------------------------------------------------------------------- reading


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
