"""XML from other programs: the one place where it is read.

Without a document type there are no entities, and nothing to fetch.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from weekly_translate.errors import InputRefusedError
from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """The document; a bare carriage return would be read as a line feed."""
    text = ET.tostring(root, encoding="unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


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
