"""What stands before a review's routes: only the browser that a person opened gets in (SEC-30, SEC-31)."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
BODY_LIMIT = 1_000_000
"""Bytes of a request; the longest segment of a real issue has a thousandth of that."""
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"


class Gate:
    """Lets in what comes from our own page, addressed to us, with the cookie that the one-time token buys."""

    def __init__(self, port: int, behind: ASGIApp) -> None:
        """`port` is the one that `behind` is served at."""
        self._host = f"{HOST}:{port}"
        self._origin = f"http://{self._host}"
        self._cookie = f"review-{port}"  # the ports of a machine share their cookies
        self._token = secrets.token_urlsafe(32)
        self._key = secrets.token_urlsafe(32)
        self._token_is_used = False
        self._behind = behind

    @property
    def address(self) -> str:
        """What a browser opens, once."""
        return f"{self._origin}/?token={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        response = self._refusal(request) or self._entrance(request) or self._demand(request)
        await (response or self._behind)(scope, receive, _guarded(send))

    def _refusal(self, request: Request) -> Response | None:
        """A page of another site can make a browser ask us, by our address or by another name for it."""
        headers = request.headers
        if headers.getlist("host") != [self._host]:
            return _no(403, f"This is {self._host} and answers to no other name.")
        writes = request.method not in ("GET", "HEAD")
        origins = headers.getlist("origin")
        if origins != [self._origin] and (writes or origins):
            return _no(403, "Only the page of this review may ask for that.")
        opens = request.method == "GET" and request.url.path == "/"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", *(["none"] if opens else [])):
            return _no(403, "Only the page of this review may ask for that.")
        return None

    def _entrance(self, request: Request) -> Response | None:
        """The token of the address is exchanged for a cookie, and is worthless from then on."""
        given = request.query_params.get("token")
        if given is None or request.url.path != "/":
            return None
        if request.method != "GET" or self._knows(request):
            return RedirectResponse("/", 303)
        if self._token_is_used or not _same(given, self._token):
            return _no(403, "This address has been used: start the review again for another browser.")
        self._token_is_used = True
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie, self._key, httponly=True, samesite="strict")
        return response

    def _demand(self, request: Request) -> Response | None:
        if not self._knows(request):
            return _no(401, "Open the address that the program has printed.")
        if request.method in ("GET", "HEAD"):
            return None
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _no(415, "Send JSON.")
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal()):
            return _no(411, "Say how long the request is.")
        if len(length) > 9 or int(length) > BODY_LIMIT:
            return _no(413, f"A request has at most {BODY_LIMIT:,} bytes.")
        return None

    def _knows(self, request: Request) -> bool:
        return _same(request.cookies.get(self._cookie, ""), self._key)


def _guarded(send: Send) -> Send:
    """Every answer says that it is for this page only; the page itself has a policy of its own."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("content-security-policy", _NO_PAGE)
        await send(message)

    return guarded


def _no(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
