"""The memory for other programs and databases: JSON lines, TMX 1.4b, XLIFF 2.1; what it holds; pruning.

Files have one entry a line, always the same bytes. In TMX, tags travel as `<ph>` elements whose content is
the tag itself, so that other tools keep them whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from weekly_translate.errors import InputRefusedError, UsageError
from weekly_translate.memory.database import (
    ENTRY,
    FAILURE,
    FORGET_FAILURES,
    TABLES,
    UPSERT,
    as_stored,
    facts_in,
    insertion_into,
    learn_facts,
)
from weekly_translate.memory.decisions import Proofreadings, errors_in
from weekly_translate.memory.runs import Spending
from weekly_translate.model import Entry, Kind, Settlement, Status
from weekly_translate.text.characters import TAG, counted, tokens_of
from weekly_translate.text.xml import (
    STATES,
    XliffUnit,
    is_our_xliff,
    is_sealed,
    language_of,
    legal,
    root_of,
    units_in,
    written,
    xliff_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.memory.database import Database, Row, Value


_NOTES = ("origin", "remark", "context", "link", "created", "kind", "accepted-by", "reason", "stood-by")
"""What an entry says beside its texts and its status. The last ones: what was translated, who has accepted
the text whatever the checks say and why, or the ids of the doubts that the model stands by its text in."""
_EXAMPLE = '{"source": "你好", "target": "Hello", "status": "approved"}'
_TMX_HEADER = {
    "creationtool": "weekly-translate",
    "creationtoolversion": "1",
    "segtype": "sentence",
    "o-tmf": "weekly-translate",
    "adminlang": "en",
    "srclang": "zh-CN",
    "datatype": "plaintext",
}
_OUR_TMX = re.compile(
    rb'<\?xml[^>]*>\s*<tmx\b[^>]*>\s*<header\b[^>]*\bcreationtool="weekly-translate"', re.ASCII
)
_CODES = {"bpt", "ept", "it", "ph", "ut"}
"""The elements whose content is markup; `<hi>`, the other one, only marks words."""
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\+00:00|Z)", re.ASCII)
_TMX_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_STANDARD_DOCTYPE = re.compile(r"""<!DOCTYPE\s+tmx\s+SYSTEM\s+(["'])tmx1[1-4]b?\.dtd\1\s*>""", re.ASCII)
"""What many tools write: it names the public DTD and declares nothing."""
_OF_ONE_PLACE = frozenset({"id", "path", "prev", "next"})
"""The properties by which OmegaT ties a translation to one place, where it has another one for all others."""


def jsonl_of(entries: Iterable[Entry]) -> str:
    """The entries by source, target and link, whatever their order was; what is empty is left out."""
    ordered = sorted(entries, key=lambda entry: (entry.source, entry.link, entry.target, entry.status))
    return "".join(f"{_line(entry)}\n" for entry in ordered)


def _line(entry: Entry) -> str:
    fields: dict[str, str] = {"source": entry.source, "target": entry.target}
    fields |= {"status": entry.status.name.lower(), **_notes(entry)}
    text = json.dumps(fields, ensure_ascii=False)
    # A few editors, and Python's splitlines, break lines where JSON does not; half emoji are no UTF-8.
    return "".join(c if c.isprintable() or c == "\u3000" else json.dumps(c)[1:-1] for c in text)


def _notes(entry: Entry) -> dict[str, str]:
    """What `_NOTES` names, without what is empty or usual."""
    usual = Kind.TITLE if entry.link else Kind.TEXT
    said = entry.settlement or Settlement()
    kind = "" if entry.kind in (None, usual) else str(entry.kind)
    texts = (entry.origin, entry.remark, entry.context, entry.link, entry.created)
    values = (*texts, kind, said.who, said.reason, " ".join(sorted(said.checks)))
    return {name: value for name, value in zip(_NOTES, values, strict=True) if value}


def _entry_of(source: str, target: str, status: Status, notes: Mapping[str, str]) -> Entry:
    """The entry with these notes; a kind that this version does not know is none."""
    origin, remark, context, link, created, kind, *said = (notes.get(name, "") for name in _NOTES)
    who, reason, checks = said
    settlement = Settlement(frozenset(checks.split()), who, reason) if who or checks else None
    known = Kind(kind) if kind in list(Kind) else None
    texts = (origin, remark, context, link, created)
    return Entry(source, target, status, *texts, kind=known, settlement=settlement)


def read_jsonl(data: bytes, name: str) -> list[Entry]:
    """The entries of a file called `name`. Raises `InputRefusedError` with the line that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefusedError(f"{name} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    lines = enumerate(text.split("\n"), 1)
    return [_entry(line, f"line {number} of {name}") for number, line in lines if line.strip()]


def _entry(line: str, place: str) -> Entry:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputRefusedError(f"{place} is not JSON: {str(error)[:200]}") from error
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise InputRefusedError(f"{place} is not an object of texts, such as {_EXAMPLE}")
    names = ("source", "target", "status", *_NOTES)
    if unknown := sorted(fields.keys() - {*names}):
        known = ", ".join(names)
        raise InputRefusedError(f"{place} has the unknown field {unknown[0]!r}; there are {known}")
    if not (fields.get("source") and fields.get("target")):
        raise InputRefusedError(f"{place} lacks a source or a target, as in {_EXAMPLE}")
    return _entry_of(fields["source"], fields["target"], _status(fields, place), fields)


def _status(fields: Mapping[str, Any], place: str) -> Status:
    """Without a status a person has written it."""
    name = fields.get("status", "approved")
    if name.upper() not in Status.__members__:
        known = ", ".join(status.name.lower() for status in Status)
        raise InputRefusedError(f"{place} has the unknown status {name!r}; there are {known}")
    return Status[name.upper()]


def tmx_of(entries: Iterable[Entry]) -> str:
    """The entries as a TMX document, in their order. Characters that XML forbids become U+FFFD."""
    tmx = ET.Element("tmx", version="1.4")
    tmx.text = "\n"
    ET.SubElement(tmx, "header", _TMX_HEADER).tail = "\n"
    body = ET.SubElement(tmx, "body")
    body.text = body.tail = "\n"
    for entry in entries:
        body.append(_unit(entry))
    return written(tmx)


def is_export(data: bytes) -> bool:
    """Whether a memory was exported to these bytes, and nobody has changed them: JSON lines do not tell."""
    return (_OUR_TMX.match(data) is not None and is_sealed(data)) or is_our_xliff(data)


def _unit(entry: Entry) -> ET.Element:
    # `20261122T093000Z` for `2026-11-22T09:30:00+00:00`; nothing for what is no such time.
    date = re.sub("[-:]", "", entry.created[:19]) + "Z" if _ISO_DATE.fullmatch(entry.created) else ""
    unit = ET.Element("tu", {"creationdate": date} if date else {})
    unit.tail = "\n"
    props = {"status": entry.status.name.lower(), **_notes(entry)}
    props.pop("created", None)
    for name, value in props.items():
        ET.SubElement(unit, "prop", type=f"x-{name}").text = legal(value)
    numbers: dict[str, str] = {}
    for language, text in (("zh-CN", entry.source), ("en-US", entry.target)):
        variant = ET.SubElement(unit, "tuv", {"xml:lang": language})
        _fill(ET.SubElement(variant, "seg"), legal(text), numbers)
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


def read_tmx(data: bytes, name: str) -> list[Entry]:
    """The Chinese-English units of a TMX file called `name`, in their order.

    A unit without a status counts as approved: a TMX is somebody's approved work. Codes of other programs
    are dropped, their words are kept. Raises `InputRefusedError` for what is not TMX, has a document type
    of its own, or holds units in other languages only.
    """
    root = root_of(data, name, roots=("tmx",), doctype=_STANDARD_DOCTYPE, what="TMX")
    units = list(root.iter("tu"))
    entries = [entry for unit in _by_reach(units) for entry in _entries_in(unit)]
    if units and not entries:
        raise InputRefusedError(f"no unit of {name} has a Chinese and an English text")
    return entries


def _by_reach(units: list[ET.Element]) -> Iterator[ET.Element]:
    """In their order, but none of one place where there is a general one: the memory knows no places."""
    general = [unit for unit in units if not _is_of_one_place(unit)]
    known = {_variant(unit, "zh") for unit in general} if len(general) < len(units) else set()
    for unit in units:
        if not _is_of_one_place(unit) or _variant(unit, "zh") not in known:
            yield unit


def _is_of_one_place(unit: ET.Element) -> bool:
    return any(prop.get("type") in _OF_ONE_PLACE for prop in unit.iterfind("prop"))


def _entries_in(unit: ET.Element) -> Iterator[Entry]:
    props = {prop.get("type", ""): prop.text or "" for prop in unit.iterfind("prop")}
    source, target = _variant(unit, "zh"), _variant(unit, "en")
    if source and target:
        status = Status.__members__.get(props.get("x-status", "").upper(), Status.APPROVED)
        date = _date_of(unit)
        created = date.expand(r"\1-\2-\3T\4:\5:\6+00:00") if date else ""
        notes = {name.removeprefix("x-"): text for name, text in props.items() if name.startswith("x-")}
        yield _entry_of(source, target, status, {"origin": "tmx", **notes, "created": created})


def _date_of(unit: ET.Element) -> re.Match[str] | None:
    """Of the unit, as TMX has it, or of its English, as OmegaT writes it: there the last change counts."""
    variants = (variant for variant in unit.iterfind("tuv") if language_of(variant) == "en")
    dates = [unit.get("creationdate")]
    dates += [variant.get(name) for variant in variants for name in ("changedate", "creationdate")]
    return next((date for text in dates if (date := _TMX_DATE.fullmatch(text or ""))), None)


def _variant(unit: ET.Element, language: str) -> str:
    """The first text in a language."""
    for variant in unit.iterfind("tuv"):
        segment = variant.find("seg")
        if segment is not None and language_of(variant) == language:
            return _tagged_text(segment)
    return ""


def _tagged_text(segment: ET.Element) -> str:
    """The words and our own tags, without the codes of another program."""
    for code in list(segment.iter()):
        if code.tag in _CODES and not TAG.fullmatch(code.text or ""):
            code.text = ""
            del code[:]
    return "".join(segment.itertext())


def xlf_of(entries: Iterable[Entry]) -> str:
    """The entries as an XLIFF document, in their order; what has no place in it is a note for people."""
    return xliff_of((_unit_of(f"u{number}", entry) for number, entry in enumerate(entries, 1)), "memory")


def _unit_of(id_: str, entry: Entry) -> XliffUnit:
    state = STATES[list(Status).index(entry.status)]
    return XliffUnit(id_, entry.source, entry.target, state, tuple(_notes(entry).items()))


def read_xlf(data: bytes, name: str) -> list[Entry]:
    """The units of an XLIFF file called `name` that have a translation, in their order.

    One that does not say how far it is counts as a machine's. Raises `InputRefusedError` as `units_in` does.
    """
    return [_entry_in(unit) for unit in units_in(data, name) if unit.source and unit.target]


def _entry_in(unit: XliffUnit) -> Entry:
    status = list(Status)[STATES.index(unit.state)] if unit.state else Status.MACHINE
    notes = {name: unit.note(name) for name in _NOTES} | {"origin": unit.note("origin", "xliff")}
    return _entry_of(unit.source, unit.target, status, notes)


_COUNTS = {
    "titles known by their address": "SELECT count(DISTINCT link) FROM entries WHERE link <> ''",
    "answers that did not pass": "SELECT count(*) FROM attempts WHERE origin NOT LIKE '% failed'",
    "rejected translations": "SELECT count(*) FROM rejections",
}


@dataclass(frozen=True, slots=True)
class Used:
    """What today's sources need: their texts, and the keys under which they would be asked today."""

    sources: frozenset[str]
    keys: frozenset[str]


class Waste(NamedTuple):
    """What can go: keys of entries, and how many old attempts."""

    unused: tuple[str, ...]
    """A machine's answers to texts that no source holds."""
    outdated: tuple[str, ...]
    """A machine's answers to texts that are asked with other prompts or terms today."""
    attempts: int


def statistics(database: Database) -> Iterator[tuple[str, str]]:
    """Rows of a name and a value: entries by status, by origin, when they were made, and the rest."""
    rows = database.rows
    for status in reversed(Status):
        (row,) = rows("SELECT count(*), sum(length(source)) FROM entries WHERE status = ?", status)
        if row[0]:
            yield status.name.lower(), f"{counted(row[0], 'entry')}, {counted(row[1], 'character')}"
    for row in rows("SELECT origin, count(*) FROM entries GROUP BY origin ORDER BY 2 DESC, 1 LIMIT 20"):
        yield f"from {row[0] or 'unknown'}", f"{row[1]:,}"
    (row,) = rows("SELECT min(created), max(created) FROM entries")
    if row[0]:
        yield "stored", " to ".join(str(when)[:10] for when in row)
    for name, query in _COUNTS.items():
        (row,) = rows(query)
        if row[0]:
            yield name, f"{row[0]:,}"


def waste_in(database: Database, used: Used | None, *, before: str) -> Waste:
    """What `prune` would remove: without `used` only attempts, older than `before` (ISO 8601)."""
    (row,) = database.rows("SELECT count(*) FROM attempts WHERE created < ?", before)
    if used is None:
        return Waste((), (), int(row[0]))
    sources = {as_stored(source) for source in used.sources}
    stored = database.rows("SELECT key, source FROM entries WHERE status <= ? ORDER BY 2, 1", Status.MACHINE)
    unused = tuple(key for key, source in stored if source not in sources)
    outdated = tuple(key for key, source in stored if source in sources and key not in used.keys)
    return Waste(unused, outdated, int(row[0]))


def remove(database: Database, waste: Waste, *, before: str) -> None:
    """Remove it, all or none; what a person has vouched for in the meantime stays."""
    gone = [(key, Status.MACHINE) for key in (*waste.unused, *waste.outdated)]

    def change() -> None:
        database.execute_all("DELETE FROM entries WHERE key = ? AND status <= ?", gone)
        database.execute("DELETE FROM attempts WHERE created < ?", before)

    database.transaction(change)


_PATHS = {"outputs": "name", "past_outputs": "name", "batch_requests": "source"}
"""The columns that name files, which each memory does from a folder of its own."""
_NEW = {("attempts", "id"), ("rejections", "id"), ("dismissals", "id"), *((name, "rowid") for name in TABLES)}
"""The numbers that nothing refers to: the other database has its own."""


def copy(origin: Database, to: Database) -> int:
    """Copy all that a memory holds into an empty one, all or nothing, and count the rows.

    Raises `UsageError` where the other one holds something already.
    """
    rows = {
        table: origin.rows(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608 - our names
        for table, order in TABLES.items()
    }

    def change() -> None:
        if any(to.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in TABLES):  # noqa: S608 - our names
            raise UsageError(
                "A memory is copied into an empty one, and this one holds something already: add to it what "
                "`memory export` writes with `memory import`."
            )
        for table, found in rows.items():
            if found:
                columns = columns_of(found[0], table)
                values = partial(_values, columns=columns, table=table, origin=origin, to=to)
                to.execute_all(insertion_into(table, columns), origin.understood(table, found, values))

    to.transaction(change)
    return sum(map(len, rows.values()))


def _values(row: Row, columns: Sequence[str], table: str, origin: Database, to: Database) -> list[Value]:
    return [
        to.name_of(origin.path_of(row[name])) if name == _PATHS.get(table) else row[name] for name in columns
    ]


def columns_of(row: Row, table: str) -> list[str]:
    """The columns of a table whose values another database takes over."""
    return [name for name in row.keys() if (table, name) not in _NEW]  # noqa: SIM118 - a row is no dict


_PAID = {
    "attempts": ("key", "target", "origin", "created"),
    "proofreadings": ("key",),
    "preferences": ("key",),
    "settlements": ("source", "target", "who"),
    "doubts": ("source",),
    "shares": ("season", "run", "name"),
}
"""What models have said besides, and the columns by which a row is known again."""


def take_over(origin: Database, to: Database) -> int:
    """Add to a memory what machines have answered in another one, all or nothing, and count the rows.

    What people say stays, and what they have rejected is left out, as are entries of a kind that this version
    does not know. Done twice, it does no harm.
    """

    def change() -> int:
        rejected = {tuple(row) for row in to.rows("SELECT source, target FROM rejections")}
        query = f"SELECT {ENTRY} FROM entries WHERE status < ? ORDER BY revision"  # noqa: S608 - our names
        found = origin.rows(query, Status.EDITED)
        known = [row for row in found if row["kind"] in list(Kind) and row["status"] in list(Status)]
        entries = [tuple(row) for row in known if (row["source"], row["target"]) not in rejected]
        to.execute_all(UPSERT, entries)
        to.execute_all(f"{FORGET_FAILURES} key = ?", [(FAILURE, key) for key, *_ in entries])
        read = origin.rows("SELECT * FROM proofreadings")
        errors = zip(read, origin.understood("proofreadings", read, errors_in), strict=True)
        Proofreadings(to, now=str).ask_about([(row["source"], row["target"], said) for row, said in errors])
        paid = sum(_replaced(table, same, origin, to) for table, same in _PAID.items())
        known_about = origin.rows("SELECT * FROM capabilities")
        for row, facts in zip(
            known_about, origin.understood("capabilities", known_about, facts_in), strict=True
        ):
            learn_facts(row["endpoint"], row["model"], facts, to)
        # What batches on their way may cost stays with them.
        for row in origin.rows("SELECT * FROM spending WHERE day < 'batch'"):
            Spending(to, now=str).add_exactly(row["day"], row["nanodollars"])
        return len(entries) + paid

    return to.transaction(change)


def _replaced(table: str, same: Sequence[str], origin: Database, to: Database) -> int:
    """Put the rows of a table in the place of those that are the same there, and count them."""
    rows = origin.rows(f"SELECT * FROM {table}")  # noqa: S608 - our names
    if rows:
        columns, where = columns_of(rows[0], table), " AND ".join(f"{name} = ?" for name in same)
        to.execute_all(f"DELETE FROM {table} WHERE {where}", [[row[name] for name in same] for row in rows])  # noqa: S608
        to.execute_all(insertion_into(table, columns), [[row[name] for name in columns] for row in rows])
    return len(rows)
