"""Bodies with status 200, good and bad, and what headers and words of a refusal mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from weekly_translate.errors import EngineError, FormatRefusedError, RefusedError, TooLongError
from weekly_translate.llm.engine import InvalidBody, RefusedParameter, TransientFailure
from weekly_translate.llm.openai import ErrorResponse, meaning_of, reply_in
from weekly_translate.llm.providers import Endpoint
from weekly_translate.llm.rate_limit import Pace, retry_after
from weekly_translate.model import Finish, Reply, Usage

HOST = Endpoint("https://user-key.example.com/v1", "model-1", "sk-secret-secret")
SENT = ("model", "messages", "response_format", "temperature", "max_tokens")


def body(content: object = "text", finish: object = "stop", **more: object) -> bytes:
    choice = {"message": {"content": content}, "finish_reason": finish}
    return json.dumps({"choices": [choice], **more}).encode()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"", InvalidBody.NOTHING),
        (b" \n", InvalidBody.NOTHING),
        (body()[:-5], InvalidBody.CUT),
        (b'{"a":' * 100_000, InvalidBody.CUT),
        (b"null", InvalidBody.NOT_AN_OBJECT),
        (b"[1]", InvalidBody.NOT_AN_OBJECT),
        (b"{}", InvalidBody.NO_CHOICES),
        (b'{"choices": "none"}', InvalidBody.NO_CHOICES),
        (b'{"choices": [null]}', InvalidBody.NO_MESSAGE),
        (b'{"choices": [{"message": "hello"}]}', InvalidBody.NO_MESSAGE),
        (body(["a", "b"]), InvalidBody.NOT_TEXT),
        (body(finish=None), InvalidBody.NO_FINISH),
        (body(finish={"type": "stop"}), InvalidBody.NO_FINISH),
    ],
)
def test_a_bad_answer_has_a_name(answer: bytes, outcome: InvalidBody) -> None:
    assert reply_in(answer, HOST) == TransientFailure(outcome)


@pytest.mark.parametrize(
    ("answer", "quoted"),
    [
        (b"<html>\n <h1>Welcome to nginx</h1>", "<html> <h1>Welcome to nginx</h1>"),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 300 + "…"),
    ],
)
def test_what_is_no_json_is_quoted(answer: bytes, quoted: str) -> None:
    said = f"{InvalidBody.NOT_JSON}: “{quoted}”"
    assert reply_in(answer, HOST) == TransientFailure(said, not_json=True)


def event(content: str | None = None, finish: str | None = None, **more: object) -> bytes:
    choice = {"delta": {"content": content}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (event("Hel") + event("lo") + event(finish="stop") + b"data: [DONE]\n\n", Reply("Hello")),
        (b": ping\n\n" + event("Hello", "length"), Reply("Hello", Finish.LENGTH)),
        (
            event("a", "stop") + b'data: {"choices": [], "usage": {"prompt_tokens": 3}}\n\n',
            Reply("a", usage=Usage(prompt=3)),
        ),
        (event("Hel"), TransientFailure(InvalidBody.NO_FINISH)),
        (event("Hel") + b'data: {"choi', TransientFailure(InvalidBody.CUT)),
        (b"data: [DONE]\n\n", TransientFailure(InvalidBody.NO_CHOICES)),
        (
            event("Hel") + b'data: {"error": {"message": "busy"}}\n\n',
            TransientFailure(f"{InvalidBody.ERROR}: busy"),
        ),
    ],
)
def test_a_stream_that_nobody_asked_for_is_read(answer: bytes, outcome: Reply | TransientFailure) -> None:
    assert reply_in(answer, HOST) == outcome


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (body(), Reply("text")),
        (b"\xef\xbb\xbf" + body(), Reply("text")),
        (body(error=None), Reply("text")),
        (body(finish="length"), Reply("text", Finish.LENGTH)),
        (body(None, "length"), Reply("", Finish.LENGTH)),
        (body(None, "sensitive"), Reply("", Finish.FILTER, said="sensitive")),
        (body(finish="tool_calls"), Reply("text", Finish.LENGTH, said="tool_calls")),
        (body(None, "unheard_of"), Reply("", Finish.UNKNOWN, said="unheard_of")),
        (body("half \ud83d"), Reply("half \ufffd")),
        (body("whole 😀"), Reply("whole 😀")),
        (body([{"type": "thinking", "thinking": []}, {"type": "text", "text": "text"}]), Reply("text")),
    ],
)
def test_a_good_answer_is_a_reply(answer: bytes, reply: Reply) -> None:
    assert reply_in(answer, HOST) == reply


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 4}, Usage(prompt=9, completion=4)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 5}}, Usage(prompt=9, cached=5)),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 6}, Usage(prompt=9, cached=6)),
        ({"prompt_tokens": "9", "completion_tokens": -1, "prompt_tokens_details": None}, Usage()),
        (None, Usage()),
        ("none", Usage()),
    ],
)
def test_usage_is_read_in_the_dialect_of_each_provider(usage: object, counted: Usage) -> None:
    reply = reply_in(body(usage=usage), HOST)
    assert reply == Reply("text", usage=counted)


def test_a_bad_answer_that_was_paid_for_is_counted() -> None:
    failure = reply_in(body(finish=None, usage={"prompt_tokens": 9}), HOST)
    assert isinstance(failure, TransientFailure)
    assert failure.usage == Usage(prompt=9)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (ErrorResponse(400, "", "This response_format type is unavailable now"), FormatRefusedError),
        (ErrorResponse(400, "", "failed to parse grammar"), FormatRefusedError),
        (ErrorResponse(400, "context_length_exceeded", "Reduce max_tokens"), TooLongError),
        (ErrorResponse(400, "", "the request exceeds the available context size"), TooLongError),
        (ErrorResponse(413), TooLongError),
        (ErrorResponse(400, "", "Unsupported value: 'temperature' does not support 0.2"), RefusedParameter),
        (
            ErrorResponse(400, "unsupported_parameter max_tokens", "Use 'max_completion_tokens'"),
            RefusedParameter,
        ),
        (ErrorResponse(503, final=True), EngineError),
        (ErrorResponse(503), TransientFailure),
        (ErrorResponse(302), EngineError),
        (ErrorResponse(418, "", "I'm a teapot"), EngineError),
        (ErrorResponse(999), TransientFailure),
    ],
)
def test_a_refusal_is_read_by_its_status_and_its_words(refusal: ErrorResponse, expected: type) -> None:
    assert type(meaning_of(refusal, HOST, SENT)) is expected


def test_a_format_that_was_not_asked_for_can_not_be_refused() -> None:
    found = meaning_of(ErrorResponse(400, "", "json_schema is odd"), HOST, ("model", "messages"))
    assert isinstance(found, RefusedError)


@pytest.mark.parametrize(
    "said",
    [
        f"bad key {HOST.key}",
        "bad key sk-other-0123456789",
        "bad key sk-ab***********wxyz",
        "proxy https://user:hunter2@proxy.example failed",
    ],
)
def test_what_a_server_says_is_shown_without_secrets(said: str) -> None:
    shown = HOST.masked(said)
    assert "***" in shown
    assert not any(secret in shown for secret in (HOST.key, "0123", "wxyz", "hunter2"))


def test_what_a_server_says_is_one_short_clean_line() -> None:
    shown = HOST.masked("a\x1b[2J\n\u202eb " + "x" * 10_000)
    assert shown.startswith("a [2J b xxx")
    assert len(shown) < 400
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:00 GMT"}, 60),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:00"}, 60),
        ({"retry-after": "Wed, 31 Dec 2025 00:00:00 GMT"}, 0),
        ({"retry-after": "Thu, 99 Foo 2026 00:01:00 GMT"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "tomorrow"}, None),
    ],
)
def test_how_long_the_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, datetime(2026, 1, 1, tzinfo=UTC).timestamp()) == seconds


def test_backing_off_doubles_up_to_the_cap_and_is_never_negative() -> None:
    longest = [Pace(random=lambda: 1.0).backoff(attempt) for attempt in (1, 2, 3, 6, 7, 1000)]
    assert longest == [1, 2, 4, 30, 30, 30]
    assert Pace(random=lambda: 0.0).backoff(5) == 0


def test_a_pause_beyond_all_calendars_still_has_a_length() -> None:
    assert Pace().come_back(1e15).startswith("in 277777777777 h")


def test_what_only_the_total_has_was_thought() -> None:
    """A gateway hands on Gemini's numbers, and no row knows it."""
    counted = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 43}
    reply = reply_in(body(usage=counted), HOST)
    assert reply == Reply("text", usage=Usage(prompt=10, completion=33, reasoning=30))
