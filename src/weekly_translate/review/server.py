"""The server of a review: on this machine only, for one browser, with fixed routes (SEC-30 to SEC-32).

JSON goes in and out; no request names a file. All runs in one thread, like the memory.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import socket
import sys
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from itertools import zip_longest
from threading import Thread
from typing import TYPE_CHECKING, Any

import uvicorn
from h11 import IDLE, SEND_BODY
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from weekly_translate.errors import StorageError, UsageError, WeeklyTranslateError
from weekly_translate.memory.decisions import OutdatedError
from weekly_translate.model import Verdict
from weekly_translate.report.data import finding_as_data
from weekly_translate.report.diff import word_diff
from weekly_translate.report.review import page_policy, review_page, segment_as_data, segment_island
from weekly_translate.review.session import TEXT_OF, DecisionInput, Session, UnfinishedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from weekly_translate.memory.decisions import PastText
    from weekly_translate.model import Finding
    from weekly_translate.report.review import PageFiles

    Endpoint = Callable[[Request], Awaitable[Response]]
    Act = Callable[["Session", "Data"], "Data"]


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
PATIENCE = 10
"""Seconds in which a request has to arrive whole: on one machine, milliseconds are enough."""

_TURN = 0.0002
"""Seconds after which the thread that judges a file lets a decision go first, which takes a dozen turns."""

Data = dict[str, Any]


class ReviewServer:
    """One review at one port."""

    def __init__(self, session: Session, files: PageFiles, *, patience: int = PATIENCE) -> None:
        """Takes a port; nothing is answered yet. `patience` is in seconds, as `PATIENCE` is."""
        self._socket = socket.create_server((HOST, 0))
        self._auth = AuthMiddleware(self._socket.getsockname()[1], application(session, files))
        self._server = uvicorn.Server(_config(self._auth, patience))

    @property
    def address(self) -> str:
        """What a browser opens, once."""
        return self._auth.address

    def run(self) -> None:
        """Answer until `stop`, Ctrl-C or a signal to end; what is being answered is answered."""
        with self._socket, suppress(KeyboardInterrupt):
            asyncio.run(self._server.serve([self._socket]))

    def stop(self) -> None:
        """End it, from another thread."""
        self._server.should_exit = True


def _config(app: ASGIApp, patience: int) -> uvicorn.Config:
    """As little as possible: no log, no other protocol, no trust in what a proxy says."""
    return uvicorn.Config(
        app,
        http=_ImpatientProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=patience,
        timeout_graceful_shutdown=2,
    )


class _ImpatientProtocol(H11Protocol):
    """Closes a connection whose request has begun, or never begins, and does not end in time.

    uvicorn's own limit is for the time between an answer and the next request only.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._expect_nothing()

    def _expect(self) -> None:
        """More data does not buy more time: a request could come byte by byte."""
        if self.conn.their_state not in (IDLE, SEND_BODY):
            self._expect_nothing()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def application(session: Session, files: PageFiles) -> Starlette:
    """The routes of one review; `AuthMiddleware` decides who may use them."""
    routes = [
        Route("/", _page_of(session, files)),
        Route("/state", _state_of(session)),
        Route("/favicon.ico", _no_picture),
        *(Route(f"/{name}", _answering(act, session), methods=["POST"]) for name, act in _ACTS.items()),
    ]
    app = Starlette(routes=routes, exception_handlers=_ERRORS)
    app.router.redirect_slashes = False
    return app


def _page_of(session: Session, files: PageFiles) -> Endpoint:
    policy = f"{page_policy(files)}; frame-ancestors 'none'"
    # What was written of a segment, which takes longer than all else, is not written again.
    written = lru_cache(2 * len(session.review.segments))(segment_island)
    for one in session.review.segments:
        written(one)

    async def page(_request: Request) -> Response:
        session.follow(whole=True)
        text = review_page(session.review, files, written)
        return HTMLResponse(text, headers={"content-security-policy": policy})

    return page


def _state_of(session: Session) -> Endpoint:
    async def state(request: Request) -> Response:
        rests = "whole" in request.query_params
        session.follow(whole=rests)
        if rests or session.is_short:
            _judge_file(session)
        return _json(_news(session, {"version": request.query_params.get("since", "")}))

    return state


def _judge_file(session: Session) -> None:
    """Begin to judge the English file as `check` does, where it may be another; a later answer tells it."""
    judge = session.unjudged()
    if judge is None:
        return
    loop = asyncio.get_running_loop()

    def run() -> None:
        said: tuple[Finding, ...] | None = None
        usual = sys.getswitchinterval()
        try:
            sys.setswitchinterval(_TURN)
            said = judge()
        except WeeklyTranslateError:  # of a file that is gone again there is nothing to say
            said = ()
        finally:  # also after a failure that nobody has foreseen
            sys.setswitchinterval(usual)
            with suppress(RuntimeError):  # the review has ended meanwhile
                loop.call_soon_threadsafe(session.tell_of_file, said)

    Thread(target=run, daemon=True).start()


async def _no_picture(_request: Request) -> Response:
    """Browsers ask for one, and complain in the console where there is none."""
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _answering(act: Act, session: Session) -> Endpoint:
    async def answer(request: Request) -> Response:
        data = await _object_in(request)
        try:
            answer = act(session, data)
        except OutdatedError as error:
            session.follow()
            return _json({"error": str(error), **_news(session, data)}, HTTPStatus.CONFLICT)
        return _json(answer if act in _ASKS else {**answer, **_news(session, data)})

    return answer


async def _misread(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _json({"error": f"{error.detail}."}, error.status_code, error.headers)


def _answering_errors(status: HTTPStatus) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(_request: Request, error: Exception) -> Response:
        errors = {"errors": error.errors} if isinstance(error, UnfinishedError) else {}
        return _json({"error": str(error), **errors}, status)

    return answer


_ERRORS = {
    HTTPException: _misread,
    UsageError: _answering_errors(HTTPStatus.UNPROCESSABLE_ENTITY),
    UnfinishedError: _answering_errors(HTTPStatus.CONFLICT),
    StorageError: _answering_errors(HTTPStatus.SERVICE_UNAVAILABLE),
}


def _check(session: Session, data: Data) -> Data:
    findings, refused = session.check(_text(data, "segment"), _text(data, "target"))
    return {"findings": [finding_as_data(finding) for finding in findings], "refused": refused}


def _about(session: Session, data: Data) -> Data:
    id_ = _text(data, "segment")
    history = session.history(id_)
    return {
        "history": [_past(one, before) for one, before in zip_longest(history, history[1:])],
        "suggestions": [known._asdict() for known in session.suggestions(id_)],
    }


def _past(one: PastText, before: PastText | None) -> Data:
    """A text that a segment had, and word by word what it changed in the one before."""
    old = before.text if before else ""
    return {**one._asdict(), "diff": word_diff(old, one.text) if old not in ("", one.text) else ()}


def _decide(session: Session, data: Data) -> Data:
    verdict = Verdict(_text(data, "verdict", *Verdict))
    name = TEXT_OF.get(verdict, "reason" if "reason" in data else "")
    chosen = DecisionInput(verdict, _text(data, name) if name else "")
    session.decide(_text(data, "segment"), _text(data, "revision"), chosen)
    return {}


def _preview(session: Session, _data: Data) -> Data:
    changes, seen, errors = session.preview()
    shown = [change._asdict() for change in changes]
    return {"changes": shown, "seen": seen, "errors": errors, "is_new": session.files.english is None}


def _write(session: Session, data: Data) -> Data:
    seen = _text(data, "seen") if "seen" in data else ""
    kept = {_number(one) for one in data.get("kept") or () if isinstance(one, int)}
    errors = session.write(seen, kept=kept, anyway=data.get("anyway") is True)
    return {"written": _english(session), "errors": errors}


def _calling(method: Callable[..., object], *names: str) -> Act:
    """What hands the texts of these names in a request on to the session."""

    def act(session: Session, data: Data) -> Data:
        method(session, *(_text(data, name) for name in names))
        return {}

    return act


_ASKS = (_check, _about)
"""What changes nothing, and is answered without the news."""
_ACTS: Mapping[str, Act] = {
    "check": _check,
    "about": _about,
    "decide": _decide,
    "dismiss": _calling(Session.dismiss, "segment", "revision", "reason"),
    "undo": _calling(Session.undo, "segment", "revision"),
    "approve-clean": lambda session, data: {"approved": session.approve_clean(_number(data.get("version")))},
    "undo-clean": lambda session, _data: {"undone": session.undo_clean()},
    "ignore": _calling(Session.ignore, "segment", "revision", "check", "reason"),
    "ignore-remark": _calling(Session.ignore_remark, "check", "message", "reason"),
    "hear": _calling(Session.hear, "segment", "revision", "check"),
    "hear-remark": _calling(Session.hear_remark, "check", "message"),
    "preview": _preview,
    "write": _write,
}
"""What a page may have done, by the name of the route."""


def _news(session: Session, data: Mapping[str, object]) -> Data:
    """All that has changed after the version that a window has, and what it is now."""
    version = _number(data.get("version"))
    remarks = zip(("findings", "of_file"), session.remarks_since(version) or (), strict=False)
    return {
        "version": session.version,
        "segments": [segment_as_data(one) for one in session.changed_since(version)],
        **{name: list(map(finding_as_data, findings)) for name, findings in remarks},
        "writable": _english(session),
    }


def _english(session: Session) -> str:
    """What the English file is called, if there is to be one; where it is, is nobody's business."""
    target = session.files.paths.target
    return target.name if target else ""


def _json(data: Data, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """In ASCII: half an emoji that a document holds cannot be written in UTF-8."""
    return Response(json.dumps(data), status, headers, media_type="application/json")


async def _object_in(request: Request) -> Data:
    try:
        async with asyncio.timeout(PATIENCE):
            body = await request.body()
        data = json.loads(body)
    except TimeoutError as error:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "This is no JSON") from error
    if not isinstance(data, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "This is no JSON object")
    return data


def _text(data: Data, name: str, *choices: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or (choices and value not in choices):
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"The request lacks a good {name}")
    return value


def _number(value: object) -> int:
    """A version; whoever names none has seen nothing."""
    text = str(value)
    return int(text) if len(text) < 10 and text.isascii() and text.isdecimal() else 0


class AuthMiddleware:
    """Passes on what comes from our own page, addressed to us, with the cookie given for the token."""

    def __init__(self, port: int, app: ASGIApp) -> None:
        """`port` is the one that `app` is served at."""
        self._host = f"{HOST}:{port}"
        self._origin = f"http://{self._host}"
        self._cookie = f"review-{port}"  # the ports of a machine share their cookies
        self._token = secrets.token_urlsafe(32)
        self._key = secrets.token_urlsafe(32)
        self._token_is_used = False
        self._app = app

    @property
    def address(self) -> str:
        """What a browser opens, once."""
        return f"{self._origin}/?token={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        response = self._refusal(request) or self._login(request) or self._requirements(request)
        await (response or self._app)(scope, receive, _guarded(send))

    def _refusal(self, request: Request) -> Response | None:
        """A page of another site can make a browser ask us, by our address or by another name for it."""
        headers = request.headers
        if headers.getlist("host") != [self._host]:
            return _no(request, 403, f"This is {self._host} and answers to no other name.")
        writes = request.method not in ("GET", "HEAD")
        origins = headers.getlist("origin")
        if origins != [self._origin] and (writes or origins):
            return _no(request, 403, "Only the page of this review may ask for that.")
        opens = request.method == "GET" and request.url.path == "/"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", *(["none"] if opens else [])):
            return _no(request, 403, "Only the page of this review may ask for that.")
        return None

    def _login(self, request: Request) -> Response | None:
        """The token of the address is exchanged for a cookie, and is worthless from then on."""
        given = request.query_params.get("token")
        if given is None or request.url.path != "/":
            return None
        if request.method != "GET" or self._knows(request):
            return RedirectResponse("/", 303)
        if self._token_is_used or not _same(given, self._token):
            return _no(
                request, 403, "This address has been used: start the review again for another browser."
            )
        self._token_is_used = True
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie, self._key, httponly=True, samesite="strict")
        return response

    def _requirements(self, request: Request) -> Response | None:
        if not self._knows(request):
            return _no(request, 401, "Open the address that the program has printed.")
        if request.method in ("GET", "HEAD"):
            return None
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _no(request, 415, "Send JSON.")
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal()):
            return _no(request, 411, "Say how long the request is.")
        if len(length) > 9 or int(length) > BODY_LIMIT:
            return _no(request, 413, f"A request has at most {BODY_LIMIT:,} bytes.")
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


def _no(request: Request, status: int, sentence: str) -> Response:
    """What is refused, and why: to a person in words, to the page as JSON."""
    if request.url.path == "/":
        return PlainTextResponse(sentence, status)
    return JSONResponse({"error": sentence}, status)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
