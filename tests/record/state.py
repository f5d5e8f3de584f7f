"""What a run has left behind, without what is never the same twice."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
import tempfile
import zlib
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from .scenes import ROOT

_OF_TIME = {"created"}
_OF_ORDER = {"id", "revision", "decision"}
_SIDE_FILES = ("-wal", "-shm", "-journal")


class File(NamedTuple):
    """A file, its rights, and its bytes; of a folder or a link only the rights."""

    mode: str
    content: bytes


def snapshot(folder: Path) -> dict[str, File]:
    """All files below a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not name.endswith(_SIDE_FILES):
            found[name] = File(f"{stat.S_IMODE(path.stat().st_mode):o}", path.read_bytes())
    return found


def shown(path: Path, content: bytes, *, ordered: bool) -> bytes:
    """A file as it is recorded: a memory as text, everything else as it is."""
    if not content.startswith(b"SQLite format 3\0"):
        return content
    with tempfile.TemporaryDirectory() as copies:
        for side in ("", *_SIDE_FILES):
            if (one := path.with_name(path.name + side)).exists():
                shutil.copy(one, Path(copies) / f"copy{side}")
        try:
            return _dumped(Path(copies) / "copy", ordered=ordered).encode()
        except sqlite3.Error as error:
            return f"a damaged database: {error}; {sha256(content).hexdigest()}\n".encode()


def _dumped(path: Path, *, ordered: bool) -> str:
    nonces: dict[str, int] = {}
    with closing(sqlite3.connect(path)) as database:
        lines = [f"{name} {_only(database, name)}" for name in ("application_id", "user_version")]
        tables = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
        for kind, name, sql in database.execute(tables).fetchall():
            lines.append(f"{kind} {name}: {' '.join(str(sql).split())}")
            if kind == "table":
                lines += _rows(database, name, nonces, ordered=ordered)
    return "\n".join([*lines, ""])


def _only(database: sqlite3.Connection, pragma: str) -> object:
    return database.execute(f"PRAGMA {pragma}").fetchone()[0]


def _rows(database: sqlite3.Connection, table: str, nonces: dict[str, int], *, ordered: bool) -> list[str]:
    cursor = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name that the file has itself
    names = [column[0] for column in cursor.description]
    left_out = _OF_TIME if ordered else _OF_TIME | _OF_ORDER
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    for row in rows:
        if nonce := row.get("nonce"):
            row["nonce"] = f"batch {nonces.setdefault(nonce, len(nonces))}"
    kept = [{name: _value(value) for name, value in row.items() if name not in left_out} for row in rows]
    return sorted(f"  {json.dumps(row, ensure_ascii=False)}" for row in kept)


def _value(value: object) -> object:
    if not isinstance(value, bytes):
        return value
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return f"{len(value)} bytes, {sha256(value).hexdigest()}"


def settled(content: bytes, folder: Path, today: datetime | None = None) -> bytes:
    """Without paths, ports, times of today, durations and random names."""
    for path, name in ((folder, b"~"), (ROOT, b"~repository")):
        content = content.replace(str(path).encode(), name)
    for pattern, instead in _patterns(today or datetime.now(UTC)):
        content = pattern.sub(instead, content)
    return _without_seconds(content)


def _without_seconds(content: bytes) -> bytes:
    """In the table of a season: how long an issue took is right below the word."""
    lines = content.split(b"\n")
    start = 0
    for number, line in enumerate(lines):
        if line.startswith(b"issue ") and b" seconds " in line:
            start = line.index(b" seconds ") + 1
        elif start and line[start : start + 7].strip().isdigit():
            lines[number] = line[:start] + b"      0" + line[start + 7 :]
        elif line.startswith((b"all ", b"issues ")):
            start = 0
    return b"\n".join(lines)


def _patterns(now: datetime) -> list[tuple[re.Pattern[bytes], bytes]]:
    days = [now + timedelta(days=offset) for offset in (-1, 0, 1)]
    day = "|".join(f"{one:%Y-%m-%d}" for one in days)
    short = "|".join(f"{one:%Y%m%d}" for one in days)
    known = (
        (rf"(?:{day})[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\+00:00|Z)?", "<time>"),
        (rf"(?:{short})T\d{{6}}Z", "<time>"),
        (rf"\b(?:{day})\b", "<today>"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r'"seconds": [\d.]+', '"seconds": 0'),
        (r"(?m)^waiting [0-4] s: .*\n", ""),  # a backoff is random: it is told, or too short to be told
        (r'"(owner|run)": "[0-9a-f]{16}"', r'"\1": "<run>"'),
        (r"\.run-[0-9a-f]{16}", ".run-<run>"),
        (r"(?s)\x1b\[\?25l.*?\x1b\[\?25h", "<progress>"),
        (r"weekly-translate-[0-9a-f]{16}\.jsonl", "weekly-translate-<nonce>.jsonl"),
    )
    return [(re.compile(pattern.encode()), instead.encode()) for pattern, instead in known]
