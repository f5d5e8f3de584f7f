"""Seasons struck at their n-th event: `python tests/struck_seasons.py FOLDER HOW STEP` prints a line each.

With `postgresql` behind that, the memory is on a server.

A run is a process that was forked from this one, so that nothing is loaded twice. Its events are whatever
touches the disk: files opened, written, synced, renamed or removed, and the statements of the memory that
write. HOW says what happens at the n-th: `kill`, or `full`, when the disk has no room for it; with `memory`
the database may not grow beyond n pages; `read` is `kill` where a second reader sees all, complains, and is
not believed. The season is then run once more, to its end.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postgres import running_server
from server.translating import translated
from weekly_translate.cli.season import SeasonOptions, season_run
from weekly_translate.errors import WeeklyTranslateError
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Reply, Status, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from postgres import Server
    from weekly_translate.model import Request, Segment

WORDS = ("苹果", "香蕉", "樱桃", "葡萄", "西瓜")
"""An issue for each. Texts that differ in numbers only would be one question; long ones load a dictionary."""
JOBS = 2
ON_DISK = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate"}
"""Audit events of Python, of which the first argument is a path."""
IN_FILES = {"write", "fsync"}
"""Functions that have none; they count where the program writes its files."""
WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "COMMIT")
ON_A_SERVER = "postgresql"
SENDS = {("connection.py", "execute"), ("cursor.py", "executemany"), ("transaction.py", "__exit__")}
"""Functions of psycopg that send something."""
DIED = 97


COMPLAINT = {"category": "mistranslation", "severity": "major", "correction": "fruit"}


class Faithful:
    """Translates well, and notes in a file what it was asked; as a reader it finds titles wrong."""

    name, worth, endpoint = "faithful", Status.MACHINE, "here"

    def __init__(self, notes: int) -> None:
        self._notes = notes

    async def answer(self, request: Request) -> Reply:
        reads = request.answer_schema is not None
        what = "read: " if reads else "again: " if "complaints" in request.messages[-1].content else ""
        texts = [what + segment.text for segment in request.segments]
        os.write(self._notes, f"{json.dumps(texts)}\n".encode())
        answers = {one.id: _verdict(one) if reads else translated(one.text) for one in request.segments}
        return Reply(json.dumps(answers), usage=Usage(1, 100, 0, 50))

    def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


def _verdict(segment: Segment) -> list[dict[str, str]]:
    word = next((word for word in WORDS if word in segment.text), "")
    return [{"zh": word, "en": translated(word), **COMPLAINT}] if word else []


class Events:
    """Counts the events below a folder, and strikes at the n-th; number 0 never comes."""

    def __init__(self, folder: Path, how: str, number: int) -> None:
        self.seen = 0
        self._folder = str(folder)
        self._how = how
        self._number = number
        self._met: set[int] = set()

    def come(self) -> None:
        self.seen += 1
        if self.seen == self._number and self._how in ("kill", "read"):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.seen == self._number and self._how == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ON_DISK and str(arguments[0]).startswith(self._folder):
            reads = event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if not (self._how == "full" and (reads or event == "os.remove")):
                self.come()

    def statement(self, text: str) -> None:
        if text.startswith(WRITES) and self._how != "full":
            self.come()

    def profile(self, frame: FrameType, event: str, argument: Any) -> None:  # noqa: ANN401 - any function
        if event == "call" and frame.f_code.co_name in {name for _, name in SENDS}:
            path = Path(frame.f_code.co_filename)
            if path.parent.name == "psycopg" and (path.name, frame.f_code.co_name) in SENDS:
                self.come()
        if event != "c_call":
            return
        if argument.__name__ in IN_FILES and frame.f_code.co_filename.endswith("files.py"):
            self.come()
        database = getattr(argument, "__self__", None)
        if isinstance(database, sqlite3.Connection) and id(database) not in self._met:
            self._met.add(id(database))
            database.set_trace_callback(self.statement)
            if self._how == "memory" and self._number:
                database.execute(f"PRAGMA max_page_count = {self._number}")


def memory_of(folder: Path, server: Server | None) -> str:
    """A memory of today: how one is created is tested with the memory."""
    if server is not None:
        return server.place(folder).url
    open_memory(folder / "memory.db", now=str).close()
    return str(folder / "memory.db")


def written(folder: Path, how: str) -> None:
    """Sources and a small glossary."""
    (folder / "zh").mkdir(parents=True)
    (folder / "glossary.yaml").write_text("- {source: 协程, target: coroutine}\n", "utf-8")
    if how == "read":
        (folder / "weekly-translate.toml").write_text("proofread = true\n", "utf-8")
    long = "这一段话很长，数据库要为它再要一页。" * 60 if how == "memory" else ""
    for number, word in enumerate(WORDS, 1):
        text = (
            f"1、[{word}](https://example.org/{number})的**函数**\n\n共同的一句。\n\n{long and word + long}\n"
        )
        (folder / f"zh/{number}.md").write_text(text, "utf-8")


def season(folder: Path, memory: str, engine: Faithful) -> int:
    """The exit code, as the program would give it."""
    options = SeasonOptions(
        sources=[f"{folder}/zh"],
        out=folder / "en",
        memory=memory,
        project=folder,
        edition="none",
        engine="openai",
        jobs=JOBS,
        quiet=True,
    )
    try:
        environment = {"HOME": str(folder), "OPENAI_API_KEY": "unused", "XDG_CACHE_HOME": os.devnull}
        return int(season_run(options, environment, lambda *_: engine))
    except WeeklyTranslateError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)


def forked(folder: Path, memory: str, how: str, number: int) -> tuple[int, int, list[list[str]]]:
    """Run in a process of its own: how it ended, its events, and what it asked for in each request."""
    notes, told = folder.with_suffix(".notes"), folder.with_suffix(".seen")
    notes.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        os._exit(_run(folder, memory, how, number, notes, told))
    _, status = os.waitpid(child, 0)
    seen = int(told.read_text()) if told.exists() else 0
    asked = [json.loads(line) for line in notes.read_text("utf-8").splitlines()] if notes.exists() else []
    return os.waitstatus_to_exitcode(status), seen, asked


def _run(folder: Path, memory: str, how: str, number: int, notes: Path, told: Path) -> int:  # noqa: PLR0913, PLR0917 - all of it
    engine = Faithful(os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    os.dup2(os.open(folder.with_suffix(".err"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    events = Events(folder, how, number)
    if how:
        sys.addaudithook(events.audit)
        sys.setprofile(events.profile)
    try:
        return season(folder, memory, engine)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
        traceback.print_exc()
        return DIED
    finally:
        sys.setprofile(None)
        told.write_text(str(events.seen))


def outputs(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted((folder / "en").glob("*.md"))}


def struck(folder: Path, memory: str, how: str, number: int, expected: dict[str, str]) -> dict[str, Any]:
    """What a strike at the n-th event did, and what the next run makes of it."""
    code, _, before = forked(folder, memory, how, number)
    torn = [name for name, text in outputs(folder).items() if text != expected[name]]
    err = folder.with_suffix(".err").read_text("utf-8")
    again, _, after = forked(folder, memory, "", 0)
    texts = {text for request in after for text in request}
    result = {
        "number": number,
        "code": code,
        "err": err,
        "torn": torn,
        "again": again,
        "same": outputs(folder) == expected,
        "repeated": sum(bool(texts & set(request)) for request in before),
        "third": [] if number % 20 else forked(folder, memory, "", 0)[2],
    }
    shutil.rmtree(folder)
    return result


def pages_of(folder: Path) -> int:
    return (folder / "memory.db").stat().st_size // 4096


def struck_at_all(folder: Path, how: str, step: int, server: Server | None) -> Iterator[dict[str, Any]]:
    """A season struck at each `step`-th event of a whole one."""

    def begun(name: str) -> tuple[Path, str]:
        written(folder / name, how)
        return folder / name, memory_of(folder / name, server)

    assert season(*begun("warm"), Faithful(os.open(os.devnull, os.O_WRONLY))) == 0  # for what is loaded once
    clean, memory = begun("clean")
    empty = pages_of(clean) if how == "memory" else 0
    code, events, _ = forked(clean, memory, how, 0)
    assert code == 0, clean.with_suffix(".err").read_text("utf-8")
    expected = outputs(clean)
    gc.freeze()  # what is shared with each fork stays shared
    assert len(expected) == len(WORDS)
    numbers = range(empty, pages_of(clean), 2) if how == "memory" else range(1, events + 1)
    for number in numbers[::step]:
        yield struck(*begun(f"run{number}"), how, number, expected)


def main() -> None:
    folder, how, step, *where = sys.argv[1:]
    with running_server() if where else nullcontext() as server:
        for result in struck_at_all(Path(folder).resolve(), how, int(step), server):
            sys.stdout.write(json.dumps(result) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
