"""The connection to an endpoint, with bounds on time, connections and size.

The HTTP client takes as long to load as typer: this module is imported with the first request.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import anyio
import httpx2

from weekly_translate.errors import UsageError
from weekly_translate.llm.endpoint import Timeouts
from weekly_translate.llm.providers import is_local
from weekly_translate.llm.rate_limit import retry_after
from weekly_translate.llm.responses import ErrorResponse, InvalidBody, TransientFailure
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from weekly_translate.llm.endpoint import Call, Endpoint

LARGEST_BODY = 4 * 1024 * 1024
"""An answer to a chunk has a few kilobytes; what is over this, in bytes, is no answer."""
_PACKINGS = ("gzip", "deflate", "br", "zstd")
"""What the client would unpack without a limit."""
_OF_THE_ACCOUNT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""Whose account of OpenAI's pays, where a key is good for several: the variables of its own library."""
_NOT_CONNECTED = (httpx2.RequestError, ssl.SSLError, anyio.EndOfStream)
"""The last two come as they are when a server ends the connection while it is encrypted."""


class Response(NamedTuple):
    """What came back, and its headers as far as there were some."""

    content: bytes | ErrorResponse | TransientFailure
    """The body of a response with status 200, or what went wrong.

    As a value, because an exception of the client carries the request, and the key with it, into every
    traceback.
    """
    headers: Mapping[str, str] = {}


class Connection:
    """Sends requests to an endpoint, each of them once."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        jobs: int = 1,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        largest: int = LARGEST_BODY,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Open at most `jobs` connections, read at most `largest` bytes of a body.

        `now` is the time in seconds since 1970. Raises `UsageError` for an unusable proxy.
        """
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._now = now
        try:
            self._client = httpx2.AsyncClient(
                base_url=endpoint.url,
                headers=_headers(endpoint),
                limits=httpx2.Limits(max_connections=jobs, max_keepalive_connections=jobs),
                timeout=httpx2.Timeout(timeouts.read, connect=timeouts.connect),
                verify=_trusted(endpoint.url),
                follow_redirects=False,
                trust_env=not is_local(endpoint.url),  # a proxy would get a local server's key unencrypted
                event_hooks={"response": [partial(_bounded, largest)]},
            )
        except (ValueError, ImportError, httpx2.InvalidURL):
            # The client's own message may repeat the proxy's password.
            raise UsageError(
                "The proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY cannot be used. Correct or unset it."
            ) from None

    async def send(self, call: Call) -> Response:
        """Send a request, and read what comes back."""
        if call.file is None:
            ready = self._client.build_request(call.method, call.path, params=call.query, json=call.body)
        else:
            files = {"file": call.file}
            ready = self._client.build_request(call.method, call.path, data=call.body, files=files)
        try:
            async with asyncio.timeout(self._timeouts.total):  # a server that drips meets no read timeout
                read = await self._client.send(ready)
        except httpx2.TimeoutException:
            reason = f"no answer in time: nothing came for {self._timeouts.read:g} seconds"
            return Response(TransientFailure(reason, late=True))
        except TimeoutError:
            reason = f"no answer in time: it was not whole after {self._timeouts.total:g} seconds"
            return Response(TransientFailure(reason, late=True))
        except _NOT_CONNECTED as error:
            reason = self._endpoint.masked(f"no connection ({type(error).__name__}: {error})")
            return Response(TransientFailure(reason, unreachable=isinstance(error, httpx2.ConnectError)))
        except _BodyRefusedError as error:
            return Response(TransientFailure(error.reason))
        if read.is_success:
            return Response(read.content, read.headers)
        after, final = retry_after(read.headers, self._now()), read.headers.get("x-should-retry") == "false"
        said = (read.status_code, _body_of(read.text), read.text)
        return Response(ErrorResponse.of(*said, after=after, final=final), read.headers)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()


def _headers(endpoint: Endpoint) -> dict[str, str]:
    account = {name: os.environ.get(variable, "") for name, variable in _OF_THE_ACCOUNT.items()}
    return {
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": f"weekly-translate/{VERSION}",
        **({"authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}),
        **{name: value for name, value in account.items() if value},
    }


def _trusted(url: str) -> ssl.SSLContext | bool:
    """Who may vouch for the endpoint: nobody has to where no certificate is shown.

    Else those whom the client trusts: reading their list takes half as long as loading typer.
    """
    return True if url.lower().startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _body_of(text: str) -> object:
    """The JSON of an error, as far as it is some."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _BodyRefusedError(Exception):
    def __init__(self, reason: InvalidBody) -> None:
        super().__init__(reason.value)
        self.reason = reason


async def _bounded(largest: int, response: httpx2.Response) -> None:
    """Count what is read. A compressed body cannot be counted before it is unpacked, so it is refused."""
    if any(packing in response.headers.get("content-encoding", "") for packing in _PACKINGS):
        raise _BodyRefusedError(InvalidBody.COMPRESSED)
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
                raise _BodyRefusedError(InvalidBody.TOO_LARGE)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
