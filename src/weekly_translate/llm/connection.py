"""The connection to an endpoint: what is sent, and what comes back as a value."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.llm.endpoint import Timeouts
from weekly_translate.llm.rate_limit import retry_after
from weekly_translate.llm.responses import ErrorResponse, TransientFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from openai import APIStatusError, AsyncOpenAI

    from weekly_translate.llm.endpoint import Endpoint

LARGEST_BODY = 4 * 1024 * 1024
"""An answer to a chunk has a few kilobytes; what is over this, in bytes, is no answer."""


class Response(NamedTuple):
    """What came back, and its headers as far as there were some."""

    content: bytes | ErrorResponse | TransientFailure
    """The body of a response with status 200, or what went wrong.

    As a value, because an exception of the library carries the request and the server's words, the key among
    them, into every traceback.
    """
    headers: Mapping[str, str] = {}


class Connection:
    """Sends requests to an endpoint, each of them once. The library is loaded with the first."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        jobs: int = 1,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        largest: int = LARGEST_BODY,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Open at most `jobs` connections and read at most `largest` bytes of a body.

        `now` is the time in seconds since 1970.
        """
        self._endpoint = endpoint
        self._jobs = jobs
        self._timeouts = timeouts
        self._largest = largest
        self._now = now
        self._client: AsyncOpenAI | None = None

    async def send(self, call: Callable[[AsyncOpenAI], Awaitable[Any]]) -> Response:
        """Make a call of the library with `with_raw_response`. Raises `UsageError` for an unusable proxy."""
        import asyncio  # noqa: PLC0415

        import httpx2  # noqa: PLC0415  half a second to load
        import openai  # noqa: PLC0415

        from weekly_translate.llm.http_client import (  # noqa: PLC0415
            BodyRefusedError,
            client_for,
        )

        if self._client is None:
            self._client = client_for(
                self._endpoint, jobs=self._jobs, timeouts=self._timeouts, largest=self._largest
            )
        try:
            async with asyncio.timeout(self._timeouts.total):  # a server that drips meets no read timeout
                raw = await call(self._client)
                return Response(raw.content, raw.headers)
        except openai.APIStatusError as error:
            return Response(self._error_response(error), error.response.headers)
        except (openai.APITimeoutError, TimeoutError) as error:
            return Response(TransientFailure(f"no answer in time ({type(error).__name__})"))
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            reason = self._endpoint.masked(f"no connection ({type(cause).__name__}: {cause})")
            return Response(TransientFailure(reason, unreachable=isinstance(cause, httpx2.ConnectError)))
        except BodyRefusedError as error:
            return Response(TransientFailure(error.reason))

    def _error_response(self, error: APIStatusError) -> ErrorResponse:
        headers = error.response.headers
        return ErrorResponse.of(
            error.status_code,
            error.body,
            error.response.text,
            after=retry_after(headers, self._now()),
            final=headers.get("x-should-retry") == "false",
        )

    async def close(self) -> None:
        """Give back connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None
