"""The official library's client, with bounds on time, connections and size. Half a second to load."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from weekly_translate.errors import UsageError
from weekly_translate.llm.endpoint import is_local
from weekly_translate.llm.responses import InvalidBody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from weekly_translate.llm.endpoint import Endpoint, Timeouts

_PACKINGS = ("gzip", "deflate", "br", "zstd")
"""What the library would unpack without a limit."""


class BodyRefusedError(Exception):
    """A body that is not read any further, and why."""

    def __init__(self, reason: InvalidBody) -> None:
        super().__init__(reason.value)
        self.reason = reason


def client_for(endpoint: Endpoint, *, jobs: int, timeouts: Timeouts, largest: int) -> AsyncOpenAI:
    """A client that opens at most `jobs` connections, tries once and carries the key to no other place.

    It reads at most `largest` bytes of a body. Raises `UsageError` for an unusable proxy.
    """
    try:
        http_client = DefaultAsyncHttpx2Client(
            limits=httpx2.Limits(max_connections=jobs, max_keepalive_connections=jobs),
            timeout=httpx2.Timeout(timeouts.read, connect=timeouts.connect),
            follow_redirects=False,
            trust_env=not is_local(endpoint.url),  # a proxy would get the key of a local server unencrypted
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [partial(_bounded, largest)]},
        )
    except (ValueError, ImportError, httpx2.InvalidURL):
        # The library's own message may repeat the proxy's password.
        raise UsageError(
            "The proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY cannot be used. Correct or unset it."
        ) from None
    return AsyncOpenAI(
        api_key=endpoint.key or "none", base_url=endpoint.url, max_retries=0, http_client=http_client
    )


async def _bounded(largest: int, response: httpx2.Response) -> None:
    """Count what is read. A compressed body cannot be counted before it is unpacked, so it is refused."""
    if any(packing in response.headers.get("content-encoding", "") for packing in _PACKINGS):
        raise BodyRefusedError(InvalidBody.COMPRESSED)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _CountedStream(response.stream, largest)


class _CountedStream(httpx2.AsyncByteStream):
    """A body that ends in an error as soon as it is over the limit."""

    def __init__(self, stream: httpx2.AsyncByteStream, largest: int) -> None:
        self._stream = stream
        self._largest = largest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > self._largest:
                raise BodyRefusedError(InvalidBody.TOO_LARGE)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
