"""What the page of a review can ask for: fixed routes, JSON in and out; no request names a file (SEC-32)."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from weekly_translate.errors import StorageError, UsageError
from weekly_translate.exchange import Verdict
from weekly_translate.reports.report import finding_as_data
from weekly_translate.reports.review_data import segment_as_data
from weekly_translate.reports.review_page import page_policy, review_page
from weekly_translate.review.deciding import Chosen
from weekly_translate.review.refusing import UnfinishedError
from weekly_translate.store.decisions import OutdatedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from weekly_translate.reports.review_page import PageFiles
    from weekly_translate.review.deciding import Session

    Endpoint = Callable[[Request], Awaitable[Response]]

Data = dict[str, Any]
_PATIENCE = 10
"""Seconds for the body of a request."""


def application(session: Session, files: PageFiles) -> Starlette:
    """The routes of one review, all in one thread, like its memory; who may use them is settled before."""
    actions = {"check": _check, "decide": _decide, "undo": _undo, "approve-clean": _approve, "write": _write}
    routes = [
        Route("/", _page_of(session, files)),
        Route("/state", _state_of(session)),
        Route("/favicon.ico", _no_picture),
        *(Route(f"/{name}", _answering(act, session), methods=["POST"]) for name, act in actions.items()),
    ]
    app = Starlette(routes=routes, exception_handlers=_ERRORS)
    app.router.redirect_slashes = False
    return app


def _page_of(session: Session, files: PageFiles) -> Endpoint:
    policy = f"{page_policy(files, server=True)}; frame-ancestors 'none'"

    async def page(_request: Request) -> Response:
        session.follow()
        text = review_page(session.review, files, server=True)
        return HTMLResponse(text, headers={"content-security-policy": policy})

    return page


def _state_of(session: Session) -> Endpoint:
    async def state(request: Request) -> Response:
        session.follow()
        return _json(_news(session, request.query_params.get("since", "")))

    return state


async def _no_picture(_request: Request) -> Response:
    """Browsers ask for one, and complain in the console where there is none."""
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _answering(act: Callable[[Session, Data], Data], session: Session) -> Endpoint:
    async def answer(request: Request) -> Response:
        data = await _object_in(request)
        try:
            return _json(act(session, data))
        except OutdatedError as error:
            session.follow()
            newer = _news(session, data.get("version"))
            return _json({"error": str(error), **newer}, HTTPStatus.CONFLICT)

    return answer


async def _misread(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _json({"error": f"{error.detail}."}, error.status_code, error.headers)


async def _refused(_request: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _unfinished(_request: Request, error: Exception) -> Response:
    assert isinstance(error, UnfinishedError)
    return _json({"error": str(error), "errors": error.errors}, HTTPStatus.CONFLICT)


async def _not_stored(_request: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)


_ERRORS = {
    HTTPException: _misread,
    UsageError: _refused,
    UnfinishedError: _unfinished,
    StorageError: _not_stored,
}


# --------------------------------------------------------------------------- the actions


def _check(session: Session, data: Data) -> Data:
    findings, refused = session.check(_text(data, "segment"), _text(data, "target"))
    return {"findings": [finding_as_data(finding) for finding in findings], "refused": refused}


def _decide(session: Session, data: Data) -> Data:
    verdict = Verdict(_text(data, "verdict", *Verdict))
    texts = {Verdict.EDITED: "target", Verdict.REJECTED: "reason"}
    chosen = Chosen(verdict, _text(data, texts[verdict]) if verdict in texts else "")
    session.decide(_text(data, "segment"), _text(data, "revision"), chosen)
    return _news(session, data.get("version"))


def _undo(session: Session, data: Data) -> Data:
    session.undo(_text(data, "segment"), _text(data, "revision"))
    return _news(session, data.get("version"))


def _approve(session: Session, data: Data) -> Data:
    approved = session.approve_clean(_number(data.get("version")))
    return {"approved": approved, **_news(session, data.get("version"))}


def _write(session: Session, data: Data) -> Data:
    errors = session.write(anyway=data.get("anyway") is True)
    return {"written": _english(session), "errors": errors, **_news(session, data.get("version"))}


def _news(session: Session, since: object) -> Data:
    """All that has changed after a version, and what it is now."""
    return {
        "version": session.version,
        "segments": [segment_as_data(one) for one in session.changed_since(_number(since))],
        "findings": [finding_as_data(finding) for finding in session.review.findings],
        "writable": _english(session),
    }


def _english(session: Session) -> str:
    """What the English file is called, if there is to be one; where it is, is nobody's business."""
    target = session.papers.paths.target
    return target.name if target else ""


# --------------------------------------------------------------------------- what is asked and said


def _json(data: Data, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """In ASCII: half an emoji that a document holds cannot be written in UTF-8."""
    return Response(json.dumps(data), status, headers, media_type="application/json")


async def _object_in(request: Request) -> Data:
    try:
        async with asyncio.timeout(_PATIENCE):
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
