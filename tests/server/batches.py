"""The Batch API: files go in, batches are answered when a test says so, and what comes out may be spoilt."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from .statuses import Status
from .wire import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass
class BatchHouse:
    """Files and batches by their ids. `answer` gives the response to the body of one line."""

    answer: Callable[[HttpRequest], Awaitable[Status | None]]
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Of the files that were uploaded."""
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    loses: str = ""
    """`create`, `upload` or the id of a file: the connection ends after that, before it is answered, once."""
    stalls: str = ""
    """The same, but the client waits for ever, once `has_stalled` is set."""
    has_stalled: threading.Event = field(default_factory=threading.Event)
    refuses: dict[str, Status] = field(default_factory=dict)
    """Answers to calls by their method and path, such as `POST /v1/files`."""
    page: int = 100
    """So many batches, or files, are listed at a time."""

    async def status_for(self, request: HttpRequest, closing: asyncio.Event) -> Status:
        refusal = self.refuses.get(f"{request.method} {urlsplit(request.path).path}")
        return refusal or await self._done(request, closing)

    async def _done(self, request: HttpRequest, closing: asyncio.Event) -> Status:
        path = urlsplit(request.path)
        match path.path.removeprefix("/v1/").split("/"), request.method:
            case ["files"], "POST":
                await self._misbehave("upload", closing)
                stored = self._stored(_file_in(request))
                self.names[stored] = request.body.partition(b'filename="')[2].partition(b'"')[0].decode()
                return Status(200, {"id": stored, "object": "file"})
            case ["files", file, "content"], "GET" if file in self.files:
                await self._misbehave(file, closing)
                content = self.files[file].decode("utf-8", "surrogateescape")
                return Status(200, content, {"Content-Type": "application/octet-stream"})
            case ["batches"], "POST":
                created = self._create(json.loads(request.body))
                await self._misbehave("create", closing)
                return Status(200, created)
            case ["batches" | "files" as what], "GET":
                known = list(self.batches.values()) if what == "batches" else self._named_files()
                return Status(200, self._listed(known, parse_qs(path.query).get("after", [""])[0]))
            case ["batches", job], "GET" if job in self.batches:
                return Status(200, self.batches[job])
        return Status(404, {"error": {"message": f"no such path: {request.path}"}})

    async def _misbehave(self, what: str, closing: asyncio.Event) -> None:
        if self.loses == what:
            self.loses = ""
            raise ConnectionResetError(what)
        if self.stalls == what:
            self.stalls = ""
            self.has_stalled.set()
            await closing.wait()

    def _create(self, wanted: dict[str, Any]) -> dict[str, Any]:
        job = f"batch_{len(self.batches) + 1}"
        count = len(self.files[wanted["input_file_id"]].splitlines())
        counts = {"total": count, "completed": 0, "failed": 0}
        self.batches[job] = {**wanted, "id": job, "status": "in_progress", "request_counts": counts}
        return self.batches[job]

    def _named_files(self) -> list[dict[str, Any]]:
        return [{"id": file, "object": "file", "filename": name} for file, name in self.names.items()]

    def _listed(self, known: list[dict[str, Any]], after: str) -> dict[str, Any]:
        newest = known[::-1]
        start = next((n + 1 for n, one in enumerate(newest) if one["id"] == after), 0)
        return {
            "object": "list",
            "data": newest[start : start + self.page],
            "has_more": len(newest) > start + self.page,
        }

    def _stored(self, content: bytes) -> str:
        name = f"file_{len(self.files) + 1}"
        self.files[name] = content
        return name

    # ------------------------------------------------------------------ a day later

    def finish(
        self, *, status: str = "completed", spoilt: Callable[[list[bytes]], list[bytes]] = lambda lines: lines
    ) -> None:
        """All open batches are over; `spoilt` has the last word on the lines of the answers."""
        for batch in self.batches.values():
            if batch["status"] == "in_progress":
                asked = self.files[batch["input_file_id"]].splitlines()
                lines = spoilt([self._answered(json.loads(line)) for line in asked])
                good = [line for line in lines if b'"error": null' in line or not line.endswith(b"}")]
                bad = [line for line in lines if line not in good]
                batch["status"] = status
                batch["output_file_id"] = self._stored(b"\n".join(good)) if good else None
                batch["error_file_id"] = self._stored(b"\n".join(bad)) if bad else None

    def _answered(self, line: dict[str, Any]) -> bytes:
        request = HttpRequest("/v1/chat/completions", {}, json.dumps(line["body"]).encode())
        status = asyncio.run(_awaited(self.answer(request)))
        response = {"status_code": status.status, "request_id": "r", "body": status.body}
        answer = {"id": "b", "custom_id": line["custom_id"], "response": response, "error": None}
        return json.dumps(answer).encode()


def failed(line: bytes, code: str = "batch_expired") -> bytes:
    """The same request, not answered."""
    error = {"code": code, "message": "This request could not be executed."}
    answer = {"id": "b", "custom_id": json.loads(line)["custom_id"], "response": None, "error": error}
    return json.dumps(answer).encode()


async def _awaited(status: Awaitable[Status | None]) -> Status:
    found = await status
    assert found is not None
    return found


def _file_in(request: HttpRequest) -> bytes:
    """The content of the part of a form that is a file."""
    boundary = request.headers["content-type"].partition("boundary=")[2].strip('"').encode()
    parts = request.body.split(b"--" + boundary)
    (part,) = [part for part in parts if b"filename=" in part.partition(b"\r\n\r\n")[0]]
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
