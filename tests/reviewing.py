"""A review with a server behind it, in a thread or as a person starts it; and a client of plain HTTP."""

from __future__ import annotations

import http.client
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from program import Ended, environment, memory_place, start
from server import MisbehavingServer
from weekly_translate.cli.review import ReviewOptions, session_of
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import (
    ErrorCategory,
    ErrorSeverity,
    Kind,
    MeaningError,
    Pair,
    Proofreading,
    Segment,
    Span,
)
from weekly_translate.review.gather import page_files
from weekly_translate.review.server import PATIENCE, ReviewServer
from weekly_translate.review.session import Paths
from weekly_translate.run.plan import Order
from weekly_translate.run.runner import Listeners, translate_issue
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.run.issue import Result

LINES = (
    "本期分享了 12 篇文章。",
    "1、[垃圾回收的故事](https://example.org/gc)",
    "介绍了**垃圾回收**的原理。",
    "2、[磁盘缓存](https://example.org/cache)",
    "没有任何依赖的缓存库，支持 3 种数据库。",
)
"""A small issue: five segments."""


FIRST, TITLE, BOLD, OTHER, LAST = (
    "本期分享了 12 篇文章。",
    "垃圾回收的故事",
    "介绍了<b1>垃圾回收</b1>的原理。",
    "磁盘缓存",
    "没有任何依赖的缓存库，支持 3 种数据库。",
)
ENGLISH = {
    FIRST: "This issue shares 12 articles.",
    TITLE: "The Story of Garbage Collection",
    BOLD: "It explains how <b1>garbage collection</b1> works.",
    OTHER: "Disk Cache",
    LAST: "A cache library without dependencies that supports 3 databases",
}
"""What a machine has made of its texts; the last one lacks its full stop."""


SPOILED = "\n\n".join(
    (
        ENGLISH[FIRST],
        f"1. [{ENGLISH[TITLE]}](https://example.org/other)",
        "It explains how **garbage collection** works.",
        "Nobody has asked for this paragraph.",
        f"2. [{ENGLISH[OTHER]}](https://example.org/cache)",
        f"{ENGLISH[LAST]}.\n",
    )
)
"""The English of the small issue, with a link and a paragraph that are not in it."""


def issue_in(folder: Path, lines: tuple[str, ...] = LINES) -> Path:
    """A small issue in a file."""
    path = folder / "issue.md"
    path.write_text("\n\n".join(lines) + "\n", "utf-8")
    return path


CLAIM = MeaningError("磁盘", "Cache", ErrorCategory.MISTRANSLATION, ErrorSeverity.MAJOR, "Cache for Disks")
"""What a second reader says of one of them."""


def complained_of(memory: TranslationMemory, error: MeaningError = CLAIM) -> None:
    """A second reader has found a mistake in the title `OTHER`."""
    pair = Pair(Segment("s001", Kind.TITLE, Span(0, 0), 1, OTHER), ENGLISH[OTHER])
    memory.proofreadings.store({"of the title": (pair, Proofreading((error,)))}, "reader")


def memory_in(folder: Path) -> TranslationMemory:
    """The memory of a folder, for as long as a person waits."""
    return open_memory(memory_place(folder), now=lambda: "2026-11-22T00:00:00+00:00", timeout=5)


def forget(memory: TranslationMemory, source: str) -> None:
    """Whatever the memory holds as translation of a source."""
    query = "DELETE FROM entries WHERE source = ?"
    memory.database.transaction(lambda: memory.database.execute(query, source))


def translated(folder: Path, server: MisbehavingServer) -> Result:
    """A run on the issue of a folder, which writes `out.md`."""
    options = SettingsOptions(
        project=folder, memory=str(memory_place(folder)), edition="none", base_url=server.url
    )
    settings = settings_from(options, environment(folder))
    order = Order(folder / "issue.md", folder / "out.md", allow_partial=True)
    with ThreadPoolExecutor(1) as another_thread:  # in this one, a browser may be running its own loop
        return another_thread.submit(translate_issue, order, settings, Listeners()).result()


def filled(folder: Path) -> Path:
    """A folder with an issue, and with the memory of a machine that has translated it."""
    issue_in(folder)
    with MisbehavingServer() as server:
        translated(folder, server)
    with memory_in(folder) as memory:
        for key, kind, entry in memory.stored():
            memory.store(key, replace(entry, target=ENGLISH[entry.source]), kind)
    return folder


class Heard(NamedTuple):
    """What the server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def data(self) -> Any:  # noqa: ANN401 - JSON
        """The body, read as JSON."""
        return json.loads(self.body)


class Client:
    """Asks a review that is served at an address, as its page would."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.origin, _, self.token = address.partition("/?token=")
        self.host = self.origin.removeprefix("http://")
        self.cookie = ""

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str | None] | None = None
    ) -> Heard:
        """One request with these headers, and what our own page would send; None leaves a header out."""
        usual: dict[str, str | None] = {"Host": self.host, "Cookie": self.cookie}
        usual["Content-Length"] = str(len(body))
        if method == "POST":
            usual |= {"Origin": self.origin, "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(self.host, timeout=60)) as connection:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**usual, **(headers or {})}.items():
                if value:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Heard(answer.status, answer.headers, answer.read())

    def enter(self) -> Self:
        """Exchange the token for the cookie."""
        heard = self.ask("GET", f"/?token={self.token}")
        assert (heard.status, heard.headers["Location"]) == (303, "/"), heard
        self.cookie = heard.headers["Set-Cookie"].partition(";")[0]
        return self

    def post(self, path: str, **data: object) -> Heard:
        """As the page would."""
        return self.ask("POST", path, json.dumps(data).encode())

    def segments(self) -> dict[str, dict[str, Any]]:
        """All segments, by the Chinese text."""
        state = self.ask("GET", "/state?since=0").data
        return {segment["source"]: segment for segment in state["segments"]}

    def decide(self, segment: Mapping[str, Any], verdict: str, **more: str) -> Heard:
        """A decision on a segment as it was seen."""
        named = {"segment": segment["id"], "revision": segment.get("revision", "")}
        return self.post("/decide", **named, verdict=verdict, **more)


@contextmanager
def served(folder: Path, target: str | None = "en.md", patience: int = PATIENCE) -> Iterator[str]:
    """The address of a review by Ada that is served by a thread of this process."""
    paths = Paths(folder / "issue.md", folder / target if target else None)
    options = ReviewOptions(reviewer="ada", project=folder, memory=str(memory_place(folder)), edition="none")
    started: Queue[ReviewServer] = Queue()

    def serve() -> None:
        with session_of(paths, options, environment(folder), may_be_new=True) as session:
            server = ReviewServer(session, page_files(server=True), patience=patience)
            started.put(server)
            server.run()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    server = started.get(timeout=60)
    try:
        yield server.address
    finally:
        server.stop()
        thread.join()


class Program:
    """`review --serve` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str, **more: str | None) -> None:
        """Keywords are environment variables."""
        given = ("--serve", "--project", ".", "--memory", str(memory_place(folder)), "--edition", "none")
        self._process = start(folder, "review", *arguments, *given, **more)
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().decode().strip()

    def end(self, number: int = signal.SIGINT) -> Ended:
        """How it ends after a signal."""
        self._process.send_signal(number)
        out, said = self._process.communicate()
        return Ended(self._process.wait(), out, said.decode())
