"""The connection to an endpoint by the official library, with bounds on time, connections and size.

The library takes half a second to load: this module is imported with the first request.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import openai

from weekly_translate.errors import UsageError
from weekly_translate.llm.engine import InvalidBody, TransientFailure
from weekly_translate.llm.providers import Timeouts, is_local

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from weekly_translate.llm.providers import Endpoint

LARGEST_BODY = 4 * 1024 * 1024
"""An answer to a chunk has a few kilobytes; what is over this, in bytes, is no answer."""
_PACKINGS = ("gzip", "deflate", "br", "zstd")
"""What the library would unpack without a limit."""


class Response(NamedTuple):
    """What came back, and its headers as far as there were some."""

    content: bytes | TransientFailure
    """The body, or why there is none.

    As a value, because an exception of the library carries the request and the server's words, the key among
    them, into every traceback.
    """
    status: int = 200
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
    ) -> None:
        """Open at most `jobs` connections, read at most `largest` bytes of a body.

        Raises `UsageError` for an unusable proxy.
        """
        self._endpoint = endpoint
        self._timeouts = timeouts
        try:
            http_client = openai.DefaultAsyncHttpx2Client(
                limits=httpx2.Limits(max_connections=jobs, max_keepalive_connections=jobs),
                timeout=httpx2.Timeout(timeouts.read, connect=timeouts.connect),
                verify=_trusted(endpoint.url),
                follow_redirects=False,
                trust_env=not is_local(endpoint.url),  # a proxy would get a local server's key unencrypted
                headers={"accept-encoding": "identity"},
                event_hooks={"response": [partial(_bounded, largest)]},
            )
        except (ValueError, ImportError, httpx2.InvalidURL):
            # The library's own message may repeat the proxy's password.
            raise UsageError(
                "The proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY cannot be used. Correct or unset it."
            ) from None
        self._client = openai.AsyncOpenAI(
            api_key=endpoint.key or "none", base_url=endpoint.url, max_retries=0, http_client=http_client
        )

    async def post(self, path: str, body: Mapping[str, object]) -> Response:
        """Send JSON, with fields that the library need not know, to a path below the endpoint's address.

        The library's own methods take longer to load than to send.
        """
        return await self.send(lambda client: client.post(path, body=body, cast_to=httpx2.Response))

    async def send(self, call: Callable[[openai.AsyncOpenAI], Awaitable[Any]]) -> Response:
        """Make a call of the library with `with_raw_response`."""
        try:
            async with asyncio.timeout(self._timeouts.total):  # a server that drips meets no read timeout
                raw = await call(self._client)
                return Response(raw.content, headers=raw.headers)
        except openai.APIStatusError as error:
            return Response(error.response.text.encode(), error.status_code, error.response.headers)
        except openai.APITimeoutError:
            reason = f"no answer in time: nothing came for {self._timeouts.read:g} seconds"
            return Response(TransientFailure(reason, late=True))
        except TimeoutError:
            reason = f"no answer in time: it was not whole after {self._timeouts.total:g} seconds"
            return Response(TransientFailure(reason, late=True))
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            reason = self._endpoint.masked(f"no connection ({type(cause).__name__}: {cause})")
            return Response(TransientFailure(reason, unreachable=isinstance(cause, httpx2.ConnectError)))
        except _BodyRefusedError as error:
            return Response(TransientFailure(error.reason))

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()


def _trusted(url: str) -> ssl.SSLContext | bool:
    """Who may vouch for the endpoint: nobody has to where no certificate is shown.

    Else those whom the library trusts: reading their list takes half as long as loading typer.
    """
    return True if url.lower().startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
