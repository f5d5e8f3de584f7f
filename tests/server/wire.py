"""Bytes on the connection: reading requests, writing responses, and breaking off in every way."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import zlib
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .statuses import Status

BLANK = b" " * 2**20
"""White space is good JSON for as long as it goes on."""


class HttpRequest(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request of a connection, or None when the client has closed it."""
    line = await reader.readline()
    if not line.strip():
        return None
    headers: dict[str, str] = {}
    while header := (await reader.readline()).decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, *_ = line.decode("latin-1").split(" ")
    return HttpRequest(path, headers, body, method)


async def write_response(writer: asyncio.StreamWriter, status: Status) -> None:
    body = status.body if isinstance(status.body, str) else json.dumps(status.body)
    content = body.encode("utf-8", "surrogateescape")  # answers of a batch may be no text
    headers = {"Content-Type": "application/json", **status.headers, "Content-Length": str(len(content))}
    writer.write(_head(status.status, headers) + content)
    await writer.drain()


def _head(status: int, headers: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Overloaded"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def misbehave_on_socket(fault: str, writer: asyncio.StreamWriter, closing: asyncio.Event) -> None:
    """Do one of `SOCKET_FAULTS`; the connection is over afterwards."""
    json_head = {"Content-Type": "application/json"}
    match fault:
        case "reset":
            linger = struct.pack("ii", 1, 0)  # closing sends RST instead of FIN
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        case "close":
            writer.write(_head(200, {**json_head, "Content-Length": "1000"}) + b'{"id": ')
            await writer.drain()
        case "stall":
            await closing.wait()
        case "drip":
            writer.write(_head(200, {**json_head, "Content-Length": str(2**30)}))
            await _drip(writer, closing)
        case "huge":
            writer.write(_head(200, {**json_head, "Content-Length": str(64 * len(BLANK))}))
            await _write_blank(writer, 64)
        case "gzip_bomb":
            packed = _packed(64)
            head = {**json_head, "Content-Encoding": "gzip", "Content-Length": str(len(packed))}
            writer.write(_head(200, head) + packed)
            await writer.drain()
    raise ConnectionResetError(fault)


async def _drip(writer: asyncio.StreamWriter, closing: asyncio.Event) -> None:
    while not closing.is_set():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _write_blank(writer: asyncio.StreamWriter, megabytes: int) -> None:
    for _ in range(megabytes):
        writer.write(BLANK)
        await writer.drain()


@cache
def _packed(megabytes: int) -> bytes:
    gzip = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(gzip.compress(BLANK) for _ in range(megabytes)), gzip.flush()])
