"""XML of other programs: the one place where it is read; and XLIFF 2.1, which translation tools exchange.

Without a document type there are no entities, and nothing to fetch. In XLIFF each text is a unit, and a tag
an inline element whose id says which: `<pc id="wt-a1" …>label</pc>`, `<ph id="wt-m2" …/>`. Its bytes are
always the same.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from weekly_translate.errors import InputRefusedError
from weekly_translate.text.characters import NAME, TAG, lazy_pattern, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.text.characters import Token


SIZE_LIMIT = 64_000_000
"""Bytes of a file: about 200,000 units of a TMX file."""
MOST_ELEMENTS = 2_500_000
"""Each of them takes 200 bytes while the file is read."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
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
    if (elements := text.count("<") - text.count("</")) > MOST_ELEMENTS:
        raise InputRefusedError(f"{name} has {elements:,} elements; the limit is {MOST_ELEMENTS:,}: split it")
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
    text = f"{_DECLARATION}{text}\n"
    return f"{text}<!-- weekly-translate {_digest(text.encode())} -->\n"


def is_sealed(data: bytes) -> bool:
    """Whether nobody has changed a document since it was `written`: what a translator adds is work.

    Earlier versions have set no seal. A tool that leaves it out has another first line, or no last line end.
    """
    *_, seal = [None, *re.finditer(rb"<!-- weekly-translate ([0-9a-f]{32}) -->", data)]
    if seal is None:
        return data.startswith(_DECLARATION.encode()) and data.endswith(b">\n")
    return data[seal.end() :] == b"\n" and _digest(data[: seal.start()]) == seal[1].decode()


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


_DEEPEST_READ = 10_000


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


_BEGINS = re.compile(rb'<\?xml[^>]*>\s*<xliff\b[^>]*>\s*<file id="f1" original="[^"]*" canResegment="no"')


def is_our_xliff(data: bytes) -> bool:
    """Whether `xliff_of` has made these bytes, and nobody has changed them since."""
    return _BEGINS.match(data) is not None and is_sealed(data)


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
            is_half = number not in pairs and not token.alone
            half = ("-close" if token.closes else "-open") if is_half else ""
            seen[token.name + half] += 1
            nth = seen[token.name + half]
            id_ = f"wt-{token.name}{half}{f'.{nth}' if nth > 1 else ''}"
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


_ID = re.compile(rf"wt-(?P<name>{NAME})(?:-(?P<half>open|close))?(?:\.\d+)?", re.ASCII)
"""What other tools leave as it is, whatever they do to how a tag is shown."""
_IDS = {
    "pc": (("id", "dispStart", "<{}>"), ("id", "dispEnd", "</{}>")),
    "ph": (("id", "disp", "<{}/>"),),
    "sc": (("id", "disp", "<{}>"),),
    "ec": (("startRef", "disp", "</{}>"),),
}
"""What stands before and behind the content of an inline element: which attribute has the id, which one
shows it where the id is another program's, and the tag."""
_BLANKS = re.compile("[ \t\r\n]+")


class _NoXMLError(ValueError):
    """What is wrong with a unit."""


def units_in(data: bytes, name: str) -> list[XliffUnit]:
    """The units of a file called `name`, in their order; of a unit's segments, the least state counts.

    Codes of other programs are dropped, their words are kept. Raises `InputRefusedError` for what is no
    XLIFF 2, has a document type, is not from Chinese into English, or cannot be understood.
    """
    root = root_of(data, name, roots=("xliff",), doctype=_NO_DOCTYPE, what="XLIFF")
    version = root.get("version", "")
    if not version.startswith("2."):
        raise InputRefusedError(
            f"{name} is XLIFF {version[:20]}: this reads XLIFF 2.0 and 2.1, save it as one"
        )
    core = root.tag.removesuffix("xliff")
    for side, attribute, wanted in (("source", "srcLang", "zh"), ("target", "trgLang", "en")):
        texts = (text for part in _PARTS for text in root.iterfind(f".//{core}{part}/{core}{side}"))
        said = {one.get(_LANGUAGE, wanted) for one in texts}
        if {language(code) for code in (root.get(attribute, ""), *said)} != {wanted}:
            raise InputRefusedError(
                f"{name} is not from Chinese into English: its {attribute}, or xml:lang of a {side}, says so"
            )
    units: list[XliffUnit] = []
    for element, is_kept in _units_below(root, core):
        try:
            units.append(_unit(element, core, is_kept=is_kept))
        except _NoXMLError as error:
            where = f"{name}:{_line_of_unit(len(units), data, name)}"
            raise InputRefusedError(f"{where}: unit {element.get('id')}: {error}") from error
    return units


def _units_below(root: ET.Element, core: str) -> Iterator[tuple[ET.Element, bool]]:
    """Each unit, and whether its white space is to be kept as it is."""
    inside = [(root, False)]
    while inside:
        element, is_kept = inside.pop()
        is_kept = {"preserve": True, "default": False}.get(element.get(_SPACE, ""), is_kept)
        if element.tag == f"{core}unit":
            yield element, is_kept
        else:
            inside += [(child, is_kept) for child in reversed(element)]


def _line_of_unit(number: int, data: bytes, name: str) -> int:
    """Where the unit with this number begins, from 0 on; a tree does not say it."""
    from xml.parsers import expat  # noqa: PLC0415 - only for what is refused

    parser = expat.ParserCreate()
    lines: list[int] = []

    def begun(tag: str, _attributes: object) -> None:
        if tag.rpartition(":")[2] == "unit":
            lines.append(parser.CurrentLineNumber)

    parser.StartElementHandler = begun
    parser.Parse(_text_of(data, name), True)  # noqa: FBT003 - it has no name
    return lines[number]


_PARTS = ("segment", "ignorable")
_LONGEST_NUMBER = 9
"""Digits. Python refuses to read thousands of them."""
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def _unit(element: ET.Element, core: str, *, is_kept: bool) -> XliffUnit:
    parts = [part for part in element if part.tag in {core + name for name in _PARTS}]
    segments = [part for part in parts if local_name(part) == "segment"]
    if not segments:
        raise _NoXMLError("there is no <segment> in it")
    source = "".join(_tagged_text(part.find(f"{core}source"), core) for part in parts)
    target = ""
    if any(part.find(f"{core}target") is not None for part in segments):
        target = "".join(_tagged_text(text, core) for text in _targets_of(parts, core))
    if not is_kept:
        source, target = (_BLANKS.sub(" ", text).strip(" ") for text in (source, target))
    states = [part.get("state", "").lower() for part in segments]
    if unknown := [state for state in states if state and state not in STATES]:
        raise _NoXMLError(f"state={unknown[0]!r} is none of {', '.join(STATES)}")
    state = "" if "" in states else min(states, key=STATES.index)
    # Notes belong to the unit; some tools write them into its segment.
    notes = ((note.get("category", ""), note.text or "") for note in element.iterfind(f".//{core}note"))
    return XliffUnit(element.get("id", ""), source, target, state, tuple(notes))


def _targets_of(parts: Sequence[ET.Element], core: str) -> list[ET.Element | None]:
    """The English of each part, in the order that the file says; what is ignorable may lack it."""
    placed: list[tuple[int, ET.Element | None]] = []
    for position, part in enumerate(parts, 1):
        target = part.find(f"{core}target")
        if target is None and local_name(part) == "ignorable":
            target = part.find(f"{core}source")
        order = str(position) if target is None else target.get("order", str(position))
        if not order.isdecimal() or len(order) > _LONGEST_NUMBER:
            raise _NoXMLError(f"order={order!r} is no number")
        placed.append((int(order), target))
    return [target for _, target in sorted(placed, key=itemgetter(0))]


def _tagged_text(outer: ET.Element | None, core: str) -> str:
    """The words and our own tags; without recursion, as nothing says how deep others nest."""
    if outer is None:
        return ""
    texts = [outer.text or ""]
    inside = [(iter(outer), "")]
    while inside:
        children, end = inside[-1]
        if len(inside) > _DEEPEST_READ:
            raise _NoXMLError(f"more than {_DEEPEST_READ:,} elements are nested")
        if (child := next(children, None)) is None:
            texts.append(end)
            inside.pop()
        else:
            opening, closing = _tags_of(child, core)
            texts += [opening, child.text or ""]
            inside.append((iter(child), closing + (child.tail or "")))
    return "".join(texts)


def _tags_of(element: ET.Element, core: str) -> tuple[str, str]:
    """What stands before and behind its content."""
    kind = element.tag.removeprefix(core)
    if kind == "cp":  # a character that XML forbids
        return "\ufffd", ""
    found = [
        _tag_by_id(element.get("copyOf") or element.get(id_) or element.get("id") or "", usual)
        or (shown if TAG.fullmatch(shown := element.get(disp, "")) else "")
        for id_, disp, usual in _IDS.get(kind, ())
    ]
    return (*found, "", "")[:2]  # type: ignore[return-value]


def _tag_by_id(id_: str, usual: str) -> str:
    """The tag that an id names; nothing for the id of another program."""
    if not id_.startswith("wt-"):
        return ""
    if (known := _ID.fullmatch(id_)) is None:
        raise _NoXMLError(f"the id {id_[:40]!r} names no tag")
    form = {"open": "<{}>", "close": "</{}>", None: usual}[known["half"]]
    return form.format(known["name"])
