"""XML of other programs: the one place where it is read; and XLIFF 2.1, which translation tools exchange.

Without a document type there are no entities, and nothing to fetch. In XLIFF each text is a unit, and a tag
an inline element that shows it: `<pc dispStart="&lt;a1&gt;" …>label</pc>`, `<ph …/>`. Its bytes are always
the same.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from weekly_translate.errors import InputRefusedError
from weekly_translate.text import lazy_pattern
from weekly_translate.text.tags import TAG, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.text.tags import Token


SIZE_LIMIT = 64_000_000
"""Bytes of a file: about 200,000 units of a TMX file."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ILLEGAL = lazy_pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def root_of(
    data: bytes, name: str, *, roots: Sequence[str], doctype: re.Pattern[str], what: str
) -> ET.Element:
    """The outermost element of a file called `name`, which must be one of `roots`.

    `doctype` is a declaration that many tools write and that declares nothing; `what` is the format's name.
    Raises `InputRefusedError` for any other document type, for what is too large, no XML or another format.
    """
    if len(data) > SIZE_LIMIT:
        raise InputRefusedError(f"{name} has {len(data):,} bytes; the limit is {SIZE_LIMIT:,}: split it")
    text = doctype.sub("", _text_of(data, name), count=1)
    if _ILLEGAL.search(text):  # a NUL above all: expat would take the text for UTF-16, another document
        raise InputRefusedError(f"{name} holds characters that XML forbids: save it as UTF-8 and try again")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputRefusedError(f"{name} declares a document type or entities: remove the <!DOCTYPE …> line")
    try:
        root = ET.fromstring(text)  # noqa: S314 - document types, and with them entities, are refused above
    except ET.ParseError as error:
        raise InputRefusedError(f"{name} is not well-formed XML: {error}") from error
    if local_name(root) not in roots:
        raise InputRefusedError(f"{name} is not a {what} file: its outermost element is <{local_name(root)}>")
    return root


def legal(text: str) -> str:
    """The text without characters that XML forbids: they become U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)


def written(root: ET.Element) -> str:
    """The document, sealed; a bare carriage return would be read as a line feed."""
    text = ET.tostring(root, encoding="unicode").replace("\r", "&#13;")
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
    return f"{text}<!-- weekly-translate {_digest(text.encode())} -->\n"


def is_sealed(data: bytes) -> bool:
    """Whether nobody has changed a document since it was `written`: what a translator adds is work.

    Earlier versions have set no seal.
    """
    seal = re.search(rb"<!-- weekly-translate ([0-9a-f]{32}) -->\n\Z", data)
    return seal is None or _digest(data[: seal.start()]) == seal[1].decode()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def local_name(element: ET.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def language_of(element: ET.Element) -> str:
    """The language of an element's text."""
    return language(element.get(_LANGUAGE) or element.get("lang") or "")


def language(code: str) -> str:
    """Whatever the region: `zh`, `ZH_cn` and `zh-Hans-CN` are one language."""
    return re.split("[-_]", code.lower())[0]


def _text_of(data: bytes, name: str) -> str:
    """Such files are UTF-8, or UTF-16 with a byte order mark."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefusedError(
            f"{name} is neither UTF-8 nor UTF-16 (byte {error.start}): convert it to UTF-8"
        ) from error


STATES = ("initial", "translated", "reviewed", "final")
"""How far a unit is, in the order of `Status`."""
_NO_DOCTYPE = re.compile(r"(?!)")
_ROOT = {
    "xmlns": "urn:oasis:names:tc:xliff:document:2.0",
    "version": "2.1",
    "srcLang": "zh-CN",
    "trgLang": "en-US",
}
_FIXED = {"canCopy": "no", "canDelete": "no"}
"""A tool is not to add tags, or to lose them."""
_DEEPEST = 100
"""Elements in one another that every program writes and reads."""


class XliffUnit(NamedTuple):
    """A text and its translation, which is empty where there is none; both are tagged."""

    id: str
    source: str
    target: str = ""
    state: str = ""
    """One of `STATES`; empty where a file does not say it."""
    notes: tuple[tuple[str, str], ...] = ()
    """What each is about, and its text; the first is empty for what a person has written in a tool."""

    def note(self, category: str, default: str = "") -> str:
        """The first note about something."""
        return next((text for about, text in self.notes if about == category), default)


def xliff_of(units: Iterable[XliffUnit], name: str) -> str:
    """The document of a file called `name`. Characters that XML forbids become U+FFFD."""
    xliff = ET.Element("xliff", _ROOT)
    file = ET.SubElement(xliff, "file", {"id": "f1", "original": legal(name), "canResegment": "no"})
    file.set("xml:space", "preserve")
    xliff.text = file.text = file.tail = "\n"
    file.extend(map(_element, units))
    return written(xliff)


def _element(unit: XliffUnit) -> ET.Element:
    element = ET.Element("unit", id=unit.id)
    element.tail = "\n"
    if unit.notes:
        notes = ET.SubElement(element, "notes")
        for category, text in unit.notes:
            ET.SubElement(notes, "note", category=category).text = legal(text)
    segment = ET.SubElement(element, "segment", {"state": unit.state} if unit.state else {})
    _fill(ET.SubElement(segment, "source"), legal(unit.source))
    if unit.target:
        _fill(ET.SubElement(segment, "target"), legal(unit.target))
    return element


def _fill(outer: ET.Element, text: str) -> None:
    """Write a tagged text. What is not nested as XML wants it is a `<ph>` for each half."""
    tokens = tokens_of(text)
    pairs = _pairs_of(tokens)
    closing = {close: open_ for open_, close in pairs.items()}
    seen: Counter[str] = Counter()
    inside = [outer]
    outer.text = ""
    for number, token in enumerate(tokens):
        if not token.name:
            _append(inside[-1], token.text)
        elif number in closing:
            inside.pop()
        else:
            seen[token.name] += 1
            id_ = token.name if seen[token.name] == 1 else f"{token.name}-{seen[token.name]}"
            if number in pairs:
                shown = {"dispStart": token.text, "dispEnd": tokens[pairs[number]].text}
                inside.append(ET.SubElement(inside[-1], "pc", {"id": id_, **_FIXED, **shown}))
            else:
                ET.SubElement(inside[-1], "ph", {"id": id_, **_FIXED, "disp": token.text})


def _append(element: ET.Element, text: str) -> None:
    if len(element):
        element[-1].tail = text
    else:
        element.text = text


def _pairs_of(tokens: Sequence[Token]) -> dict[int, int]:
    """Which closing tag belongs to which opening one, by their numbers, as far as they are nested."""
    pairs: dict[int, int] = {}
    open_: list[int] = []
    for number, token in enumerate(tokens):
        if not token.name or token.alone:
            continue
        if not token.closes:
            if len(open_) < _DEEPEST:
                open_.append(number)
        elif any(tokens[one].name == token.name for one in open_):
            while tokens[open_[-1]].name != token.name:
                open_.pop()
            pairs[open_.pop()] = number
    return pairs


def units_in(data: bytes, name: str) -> list[XliffUnit]:
    """The units of a file called `name`, in their order; of a unit's segments, the least state counts.

    Codes of other programs are dropped, their words are kept. Raises `InputRefusedError` for what is no
    XLIFF 2, has a document type, or is not from Chinese into English.
    """
    root = root_of(data, name, roots=("xliff",), doctype=_NO_DOCTYPE, what="XLIFF")
    version = root.get("version", "")
    if not version.startswith("2."):
        raise InputRefusedError(
            f"{name} is XLIFF {version[:20]}: this reads XLIFF 2.0 and 2.1, save it as one"
        )
    for side, attribute, wanted in (("source", "srcLang", "zh"), ("target", "trgLang", "en")):
        said = {one.get(_LANGUAGE, wanted) for one in root.iterfind(f".//{{*}}{side}")}
        if {language(code) for code in (root.get(attribute, ""), *said)} != {wanted}:
            raise InputRefusedError(
                f"{name} is not from Chinese into English: its {attribute}, or xml:lang of a {side}, says so"
            )
    return [_unit(element) for element in root.iterfind(".//{*}unit")]


def _unit(element: ET.Element) -> XliffUnit:
    parts = [part for part in element if local_name(part) in ("segment", "ignorable")]
    source, target = ("".join(_texts(parts, side)) for side in ("source", "target"))
    states = [part.get("state", "") for part in parts if local_name(part) == "segment"]
    known = [STATES.index(state) for state in states if state in STATES]
    state = STATES[min(known)] if known and len(known) == len(states) else ""
    # Notes belong to the unit; some tools write them into its segment.
    notes = ((note.get("category", ""), note.text or "") for note in element.iterfind(".//{*}note"))
    return XliffUnit(element.get("id", ""), source, target, state, tuple(notes))


def _texts(parts: Iterable[ET.Element], side: str) -> Iterator[str]:
    for part in parts:
        found = part.find(f"{{*}}{side}")
        if found is not None:
            yield _tagged_text(found)


def _tagged_text(outer: ET.Element) -> str:
    """The words and our own tags; without recursion, as nothing says how deep others nest."""
    texts = [outer.text or ""]
    inside = [(iter(outer), "")]
    while inside:
        children, end = inside[-1]
        if (child := next(children, None)) is None:
            texts.append(end)
            inside.pop()
        else:
            opening, closing = _tags_of(child)
            texts += [opening, child.text or ""]
            inside.append((iter(child), closing + (child.tail or "")))
    return "".join(texts)


def _tags_of(element: ET.Element) -> tuple[str, str]:
    shown = (element.get(name, "") for name in ("dispStart", "dispEnd"))
    opening, closing = (text if TAG.fullmatch(text) else "" for text in shown)
    alone = element.get("disp", "")
    return opening or (alone if TAG.fullmatch(alone) else ""), closing
