"""A browser that looks at a served review: its page, its state, decisions, and what is written."""

from __future__ import annotations

import http.client
import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+/\?token=[\w-]+")


def browsed(process: subprocess.Popen[bytes]) -> bytes:
    """What a browser sees. The process has printed its address, and still runs."""
    assert process.stdout is not None
    while not (found := _ADDRESS.search(line := process.stdout.readline())):
        if not line:
            return b"(no address)\n"
    return b"\n".join(_visit(found[0].decode()))


def _visit(address: str) -> list[bytes]:
    origin, _, token = address.partition("/?token=")
    host = origin.removeprefix("http://")
    cookie = ""

    def ask(method: str, path: str, data: object = None) -> bytes:
        nonlocal cookie
        headers = {"Cookie": cookie}
        if method == "POST":
            headers |= {"Origin": origin, "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
            connection.request(method, path, json.dumps(data) if method == "POST" else None, headers)
            answer = connection.getresponse()
            cookie = (answer.headers["Set-Cookie"] or cookie).partition(";")[0]
            heard.append(f"{method} {path.partition('?token')[0]}: {answer.status}".encode())
            body = answer.read()
            heard.append(body)
            return body

    heard: list[bytes] = []
    ask("GET", f"/?token={token}")
    ask("GET", "/")
    state: dict[str, Any] = json.loads(ask("GET", "/state?since=0"))
    for segment, verdict, more in zip(
        state["segments"],
        ("accepted", "edited", "rejected"),
        ({}, {"target": "Another text."}, {"reason": "stiff"}),
        strict=False,
    ):
        named = {"segment": segment["id"], "revision": segment.get("revision", "")}
        decided = json.loads(ask("POST", "/decide", {**named, "verdict": verdict, **more}))
    newest = {one["id"]: one.get("revision", "") for one in decided["segments"]}
    first = state["segments"][0]["id"]
    ask("POST", "/undo", {"segment": first, "revision": "an older one"})
    ask("POST", "/undo", {"segment": first, "revision": newest[first]})
    ask("POST", "/check", {"segment": first, "target": "See https://evil.example 12"})
    ask("POST", "/approve-clean", {"version": 9_999})
    ask("POST", "/write", {})
    ask("POST", "/write", {"anyway": True})
    ask("POST", "/decide", {"segment": "s999"})
    ask("GET", "/state?since=0")
    return [one.replace(token.encode(), b"<token>") for one in heard]
