"""TMX 1.4b, the exchange format of translation memories. One unit a line, the same bytes every time.

Tags travel as `<ph>` elements whose content is the tag itself, so that other tools keep them whole.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from weekly_translate.errors import InputRefusedError
from weekly_translate.exchange import Entry, Status
from weekly_translate.tags import TAG, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIZE_LIMIT = 64_000_000
"""Bytes of a TMX file: about 200,000 units."""

_HEADER = {
    "creationtool": "weekly-translate",
    "creationtoolversion": "1",
    "segtype": "sentence",
    "o-tmf": "weekly-translate",
    "adminlang": "en",
    "srclang": "zh-CN",
    "datatype": "plaintext",
}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = {"bpt", "ept", "it", "ph", "ut"}
"""The elements whose content is markup; `<hi>`, the other one, only marks words."""
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STANDARD_DOCTYPE = re.compile(r'<!DOCTYPE tmx SYSTEM "tmx1[14]\.dtd">')
"""What many tools write: it names the public DTD and declares nothing."""


# --------------------------------------------------------------------------- writing


def tmx_of(entries: Iterable[Entry]) -> str:
    """The entries as a TMX document, in their order. Characters that XML forbids become U+FFFD."""
    tmx = ET.Element("tmx", version="1.4")
    tmx.text = "\n"
    ET.SubElement(tmx, "header", _HEADER).tail = "\n"
    body = ET.SubElement(tmx, "body")
    body.text = body.tail = "\n"
    for entry in entries:
        body.append(_unit(entry))
    text = ET.tostring(tmx, encoding="unicode").replace("\r", "&#13;")  # a bare one would be read as \n
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _unit(entry: Entry) -> ET.Element:
    unit = ET.Element("tu")
    unit.tail = "\n"
    props = {"x-status": entry.status.name.lower(), "x-origin": entry.origin, "x-remark": entry.remark}
    for kind, value in props.items():
        if value:
            ET.SubElement(unit, "prop", type=kind).text = _legal(value)
    numbers: dict[str, str] = {}
    for language, text in (("zh-CN", entry.source), ("en-US", entry.target)):
        variant = ET.SubElement(unit, "tuv", {"xml:lang": language})
        _fill(ET.SubElement(variant, "seg"), _legal(text), numbers)
    return unit


def _fill(segment: ET.Element, text: str, numbers: dict[str, str]) -> None:
    """Write a tagged text; a tag has the same number `x` on both sides, as TMX wants it."""
    segment.text = ""
    last: ET.Element | None = None
    for token in tokens_of(text):
        if token.name:
            number = numbers.setdefault(token.text, str(len(numbers) + 1))
            last = ET.SubElement(segment, "ph", x=number, type=token.name)
            last.text, last.tail = token.text, ""
        elif last is None:
            segment.text = token.text
        else:
            last.tail = token.text


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


# --------------------------------------------------------------------------- reading


def read_tmx(data: bytes, name: str) -> list[Entry]:
    """The Chinese-English units of a TMX file called `name`, in their order.

    A unit without a status counts as approved: a TMX is somebody's approved work. Codes of other programs
    are dropped, their words are kept. Raises `InputRefusedError` for what is not TMX, has a document type
    of its own, or holds units in other languages only.
    """
    units = list(_parsed(data, name).iter("tu"))
    entries = [entry for unit in units for entry in _entries_in(unit)]
    if units and not entries:
        raise InputRefusedError(f"none of the {len(units)} units of {name} has a Chinese and an English text")
    return entries


def _parsed(data: bytes, name: str) -> ET.Element:
    """The one place where XML is read. Without a document type there are no entities and nothing to fetch."""
    if len(data) > SIZE_LIMIT:
        raise InputRefusedError(f"{name} has {len(data):,} bytes; the limit is {SIZE_LIMIT:,}: split it")
    text = _STANDARD_DOCTYPE.sub("", _text_of(data, name), count=1)
    if _ILLEGAL.search(
        text
    ):  # a NUL above all: expat would take the text for UTF-16 and see another document
        raise InputRefusedError(f"{name} holds characters that XML forbids: save it as UTF-8 and try again")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputRefusedError(f"{name} declares a document type or entities: remove the <!DOCTYPE …> line")
    try:
        root = ET.fromstring(text)  # noqa: S314 - document types, and with them entities, are refused above
    except ET.ParseError as error:
        raise InputRefusedError(f"{name} is not well-formed XML: {error}") from error
    if root.tag != "tmx":
        raise InputRefusedError(f"{name} is not a TMX file: its outermost element is <{root.tag}>")
    return root


def _text_of(data: bytes, name: str) -> str:
    """TMX is UTF-8 or UTF-16 with a byte order mark."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefusedError(
            f"{name} is neither UTF-8 nor UTF-16 (byte {error.start}): convert it to UTF-8"
        ) from error


def _entries_in(unit: ET.Element) -> Iterator[Entry]:
    props = {prop.get("type", ""): prop.text or "" for prop in unit.iterfind("prop")}
    source, target = _variant(unit, "zh"), _variant(unit, "en")
    if source and target:
        status = Status.__members__.get(props.get("x-status", "").upper(), Status.APPROVED)
        yield Entry(source, target, status, props.get("x-origin", "tmx"), props.get("x-remark", ""))


def _variant(unit: ET.Element, language: str) -> str:
    """The first text in a language, whatever the region: `zh`, `ZH_cn` and `zh-Hans-CN` are one language."""
    for variant in unit.iterfind("tuv"):
        code = variant.get(_LANGUAGE) or variant.get("lang") or ""
        segment = variant.find("seg")
        if segment is not None and re.split("[-_]", code.lower())[0] == language:
            return _tagged_text(segment)
    return ""


def _tagged_text(segment: ET.Element) -> str:
    """The words and our own tags, without the codes of another program."""
    for code in list(segment.iter()):
        if code.tag in _CODES and not TAG.fullmatch(code.text or ""):
            code.text = ""
            del code[:]
    return "".join(segment.itertext())
