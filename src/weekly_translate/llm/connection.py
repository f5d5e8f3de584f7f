"""The connection to an endpoint: the official library, with bounds on time, connections and size."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2

from weekly_translate.errors import UsageError
from weekly_translate.llm.responses import BadAnswer, Refusal, Setback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Mapping

    from openai import APIStatusError, AsyncOpenAI

    from weekly_translate.llm.endpoint import Endpoint, Timeouts
    from weekly_translate.llm.rate_limit import Pace, Ticket

LARGEST_BODY = 4 * 1024 * 1024
"""An answer to a chunk has a few kilobytes; what is over this, in bytes, is no answer."""
PACKINGS = ("gzip", "deflate", "br", "zstd")
"""What the library would unpack without a limit."""


class BodyRefusedError(Exception):
    """A body that is not read any further, and why."""

    def __init__(self, reason: BadAnswer) -> None:
        super().__init__(reason.value)
        self.reason = reason


def connected(
    endpoint: Endpoint, *, jobs: int, timeouts: Timeouts, largest: int = LARGEST_BODY
) -> AsyncOpenAI:
    """A client that opens at most `jobs` connections, tries once and carries the key to no other place.

    `largest` is the bytes of an answer that it reads.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpx2Client  # noqa: PLC0415  half a second to load

    try:
        http_client = DefaultAsyncHttpx2Client(
            limits=httpx2.Limits(max_connections=jobs, max_keepalive_connections=jobs),
            timeout=httpx2.Timeout(timeouts.read, connect=timeouts.connect),
            follow_redirects=False,
            trust_env=not endpoint.is_local,  # a proxy would get the key of a local server unencrypted
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [partial(_bounded, largest)]},
        )
    except (ValueError, ImportError, httpx2.InvalidURL):
        # The library's own message may repeat the proxy's password.
        raise UsageError(
            "The proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY cannot be used. Correct or unset it."
        ) from None
    return AsyncOpenAI(
        api_key=endpoint.key or "none",
        base_url=endpoint.url,
        max_retries=0,
        http_client=http_client,
    )


async def body_of(
    client: AsyncOpenAI, parameters: Mapping[str, Any], *, pace: Pace, ticket: Ticket, total: float
) -> bytes | Refusal | Setback:
    """Send one request. The headers of its answer, with the limits that they may tell, go to the `pace`."""
    call = client.chat.completions.with_raw_response.create(**parameters)
    return await outcome_of(call, pace, total=total, ticket=ticket)


async def outcome_of(
    call: Awaitable[Any], pace: Pace, *, total: float, ticket: Ticket | None = None
) -> bytes | Refusal | Setback:
    """The body of a good answer, or what went wrong as a value.

    As a value, because an exception of the library carries the request and the server's words, the key
    among them, into every traceback. `total` is in seconds: a server that drips never runs into the read
    timeout.
    """
    import openai  # noqa: PLC0415  half a second to load

    headers: Mapping[str, str] = {}
    try:
        async with asyncio.timeout(total):
            raw = await call
            headers = raw.headers
            body: bytes = raw.content
    except openai.APIStatusError as error:
        headers = error.response.headers
        return _refusal(error, pace)
    except (openai.APITimeoutError, TimeoutError) as error:
        return Setback(f"no answer in time ({type(error).__name__})")
    except openai.APIConnectionError as error:
        cause = error.__cause__ or error
        reason = f"no connection ({type(cause).__name__}: {cause})"
        return Setback(reason, unreachable=isinstance(cause, httpx2.ConnectError))
    except BodyRefusedError as error:
        return Setback(error.reason)
    finally:
        if ticket is not None:
            pace.learn(ticket, headers)
    return body


def _refusal(error: APIStatusError, pace: Pace) -> Refusal:
    body = error.body if isinstance(error.body, dict) else {}
    headers = error.response.headers
    words = body.get("message") or body.get("detail") or error.response.text
    return Refusal(
        status=error.status_code,
        code=" ".join(str(body[key]) for key in ("code", "type", "param") if body.get(key)),
        message=words if isinstance(words, str) else str(words),
        after=pace.asked(headers),
        final=headers.get("x-should-retry") == "false",
    )


async def _bounded(largest: int, response: httpx2.Response) -> None:
    """Count what is read. A compressed body cannot be counted before it is unpacked, so it is refused."""
    if any(packing in response.headers.get("content-encoding", "") for packing in PACKINGS):
        raise BodyRefusedError(BadAnswer.COMPRESSED)
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
                raise BodyRefusedError(BadAnswer.TOO_LARGE)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
