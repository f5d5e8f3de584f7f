"""The engine against a server that misbehaves in every way we know; no test waits, time is handed in."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fake_time import FakeTime
from server import Fault, MisbehavingServer, statuses
from weekly_translate.errors import EngineError, FormatRefusedError, TooLongError, UsageError
from weekly_translate.llm.connection import Connection
from weekly_translate.llm.engine import EngineContext, InvalidBody, RetryingEngine
from weekly_translate.llm.openai import OpenAIChat
from weekly_translate.llm.providers import HIDDEN_KEY, Endpoint, Timeouts
from weekly_translate.model import Finish, Format, Kind, Message, Reply, Request, Segment, Span, Status, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.llm.engine import OnHeaders

KEY = "sk-secret-01234567"
PATIENT = Timeouts(connect=60, read=60, total=60)


def segments(*texts: str) -> tuple[Segment, ...]:
    return tuple(
        Segment(f"s{number:03}", Kind.TEXT, Span(0, len(text)), number, text)
        for number, text in enumerate(texts, 1)
    )


def question(*texts: str, format_: Format = Format.SCHEMA, max_tokens: int | None = None) -> Request:
    asked = segments(*(texts or ("文章介绍了垃圾回收。",)))
    data = json.dumps([{"id": s.id, "kind": s.kind, "zh": s.text} for s in asked], ensure_ascii=False)
    messages = (Message("system", "You translate."), Message("user", f"Segments:\n{data}"))
    return Request(messages, format_, asked, max_tokens=max_tokens)


@dataclass
class Conversation:
    """One engine, one server, and what was said about waiting."""

    server: MisbehavingServer
    time: FakeTime = field(default_factory=FakeTime)
    waits: list[tuple[str, float]] = field(default_factory=list)

    def engine(
        self,
        *,
        attempts: int = 4,
        jobs: int = 4,
        timeouts: Timeouts = PATIENT,
        estimate: Callable[[str], int] | None = None,
    ) -> RetryingEngine:
        pace = self.time.pace()
        endpoint = Endpoint(self.server.url, "fake-model", KEY)
        context = EngineContext(estimate, lambda *wait: self.waits.append(wait), pace=pace, timeouts=timeouts)
        return RetryingEngine(OpenAIChat(endpoint, context, jobs=jobs), context, attempts=attempts)

    def ask(self, *requests: Request, **more: object) -> list[Reply]:
        async def all_replies() -> list[Reply]:
            engine = self.engine(**more)  # type: ignore[arg-type]  # as above
            try:
                return [await engine.answer(request) for request in requests or (question(),)]
            finally:
                await engine.close()

        return asyncio.run(all_replies())


def failure(fault: str, **more: object) -> tuple[EngineError, Conversation]:
    """The error that a question ends with when the server always has this fault."""
    with MisbehavingServer(Fault(fault)) as server:
        talk = Conversation(server)
        with pytest.raises(EngineError) as caught:
            talk.ask(**more)
    return caught.value, talk


# ------------------------------------------------------------------------ what is sent


def test_an_answer_carries_its_text_its_finish_and_its_usage() -> None:
    with MisbehavingServer() as server:
        (reply,) = Conversation(server).ask()
    assert re.fullmatch(r"[A-Z][a-z ]+\.", json.loads(reply.text)["s001"])
    assert reply.finish is Finish.STOP
    assert reply.usage.requests == 1
    assert reply.usage.prompt > 0 < reply.usage.completion


def test_a_schema_demands_exactly_the_ids_that_are_asked_for() -> None:
    with MisbehavingServer() as server:
        Conversation(server).ask(question("一", "二"))
        sent = server.requests[0].body["response_format"]
    assert sent["json_schema"]["strict"] is True
    schema = sent["json_schema"]["schema"]
    doubts = schema["properties"].pop("doubts")
    assert doubts["items"]["required"] == ["id", "zh", "why"]
    assert schema == {
        "type": "object",
        "properties": {"s001": {"type": "string"}, "s002": {"type": "string"}},
        "required": ["s001", "s002", "doubts"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("format_", "sent"),
    [(Format.OBJECT, {"type": "json_object"}), (Format.TAGGED, None), (Format.SINGLE, None)],
)
def test_plainer_formats_ask_for_less(format_: Format, sent: object) -> None:
    with MisbehavingServer() as server:
        Conversation(server).ask(question(format_=format_))
        assert server.requests[0].body.get("response_format") == sent


def test_connections_are_no_more_than_jobs() -> None:
    async def many(engine: RetryingEngine) -> None:
        await asyncio.gather(*(engine.answer(question(f"第{n}段")) for n in range(12)))
        await engine.close()

    with MisbehavingServer() as server:
        asyncio.run(many(Conversation(server).engine(jobs=3)))
        assert len(server.requests) == 12
        assert server.connections <= 3


def test_half_an_emoji_in_a_prompt_does_not_stop_the_request() -> None:
    with MisbehavingServer() as server:
        Conversation(server).ask(question("坏的 \ud83d 字符"))
        assert server.asked == ["坏的 \ufffd 字符"]


def test_a_redirect_is_not_followed_with_the_key() -> None:
    error, talk = failure("http_307")
    assert "--base-url" in str(error)
    assert len(talk.server.requests) == 1


def test_the_library_is_loaded_with_the_first_request_only() -> None:
    code = (
        "import sys, weekly_translate.settings; from weekly_translate.llm import openai, providers;"
        "openai.OpenAIChat(providers.Endpoint('http://127.0.0.1:9/v1', 'm'));"
        "print({'openai', 'httpx2', 'tiktoken'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# ------------------------------------------------------------------------ what is tried again

PASSING = [
    "http_408",
    "http_409",
    "http_429",
    "http_429_seconds",
    "http_429_ms",
    "http_429_date",
    "http_429_odd",
    "http_500",
    "http_502",
    "http_503",
    "http_529",
    "reset",
    "close",
    "huge",
    "gzip_bomb",
    "ok_html",
    "ok_nothing",
    "ok_cut",
    "ok_null",
    "ok_array",
    "ok_error",
    "ok_no_choices",
    "ok_no_message",
    "no_finish",
    "wrong_type",
]


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again_and_counted(fault: str) -> None:
    with MisbehavingServer(Fault(fault, times=1)) as server:
        talk = Conversation(server)
        (reply,) = talk.ask()
        assert server.fired == {fault: 1}
    assert "s001" in json.loads(reply.text)
    assert reply.usage.requests == 2
    assert len(talk.waits) == 1


@pytest.mark.parametrize("fault", [fault for fault in PASSING if fault != "ok_html"])
def test_what_does_not_pass_ends_with_the_host_and_the_last_error(fault: str) -> None:
    error, talk = failure(fault)
    attempts = 6 if fault.startswith("http_429") else 4  # behind the first, two refusals count as one
    assert str(error).startswith(f"127.0.0.1:{talk.server.port} gave no usable answer in {attempts} attempts")
    assert len(talk.server.requests) == attempts
    assert len(talk.waits) == attempts - 1
    assert talk.waits[-1][0] in str(error)


def test_a_web_site_is_no_model_server() -> None:
    error, talk = failure("ok_html")
    assert "“<!doctype html><title>Sign in</title>”. Check --base-url" in str(error)
    assert len(talk.server.requests) == 3


@pytest.mark.parametrize("fault", ["null_content", "empty_content"])
def test_silence_is_an_answer_and_handed_on(fault: str) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        (reply,) = Conversation(server).ask()
    assert (reply.text, reply.usage.requests) == ("", 1)


def test_an_answer_never_holds_the_key() -> None:
    with MisbehavingServer(Fault("key_echo")) as server:
        (reply,) = Conversation(server).ask()
    assert KEY not in reply.text
    assert HIDDEN_KEY in reply.text


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [("http_429_seconds", 7), ("http_429_ms", 0.25), ("http_429_date", 30), ("http_429_odd", 4)],
)
def test_the_server_says_how_long_to_wait(fault: str, seconds: float) -> None:
    with MisbehavingServer(Fault(fault, times=1)) as server:
        talk = Conversation(server)
        talk.ask()
    assert talk.time.slept == [pytest.approx(seconds)]
    assert [reason for reason, _ in talk.waits] == ["HTTP 429 (Too Many Requests): Slow down"]


def test_nobody_waits_for_a_day() -> None:
    error, talk = failure("http_429_huge")
    assert "in 24 h 0 min (after 2026-01-02 00:00 UTC)" in str(error)
    assert talk.time.slept == []


def test_one_pause_holds_all_workers() -> None:
    async def many(engine: RetryingEngine) -> None:
        await engine.answer(question("先来的"))
        await asyncio.gather(*(engine.answer(question(f"第{n}段")) for n in range(4)))
        await engine.close()

    with MisbehavingServer(Fault("http_429_seconds", times=1, where="先")) as server:
        talk = Conversation(server)
        asyncio.run(many(talk.engine()))
        assert server.fired == {"http_429_seconds": 1}
    assert talk.time.slept[0] == 7


def test_a_third_of_bad_luck_costs_less_than_twice_the_requests() -> None:
    shares = [Fault(name, share=0.06) for name in ("http_503", "reset", "ok_html", "close", "http_429")]
    texts = [f"第{n}段文字。" for n in range(60)]
    with MisbehavingServer(*shares, seed=7) as flaky:
        replies = Conversation(flaky).ask(*(question(text) for text in texts), attempts=8)
        assert len(flaky.requests) < 2 * len(texts)
        assert sum(flaky.fired.values()) > 5
    with MisbehavingServer() as clean:
        expected = Conversation(clean).ask(*(question(text) for text in texts))
    assert [reply.text for reply in replies] == [reply.text for reply in expected]


@pytest.mark.parametrize(("fault", "timeouts"), [("stall", (60, 0.05, 60)), ("drip", (60, 60, 0.1))])
def test_a_server_that_never_finishes_is_left(fault: str, timeouts: tuple[float, float, float]) -> None:
    error, _ = failure(fault, timeouts=Timeouts(*timeouts), attempts=2)
    assert "no answer in time" in str(error)


@pytest.mark.parametrize(
    ("fault", "reason"), [("huge", InvalidBody.TOO_LARGE), ("gzip_bomb", InvalidBody.COMPRESSED)]
)
def test_a_body_without_end_is_not_read_to_its_end(fault: str, reason: InvalidBody) -> None:
    error, _ = failure(fault, attempts=1)
    assert reason in str(error)


def test_a_refused_connection_is_named() -> None:
    with MisbehavingServer() as server:
        gone = server
    talk = Conversation(gone)
    with pytest.raises(EngineError, match=r"no connection .*ConnectError"):
        talk.ask(attempts=2)


def test_a_host_that_never_answered_is_given_up_sooner_than_one_that_has() -> None:
    server = MisbehavingServer()
    talk = Conversation(server)

    async def before_and_after(engine: RetryingEngine) -> None:
        with server:
            await engine.answer(question())
        await engine.answer(question())

    with pytest.raises(EngineError, match="in 6 attempts"):
        asyncio.run(before_and_after(talk.engine(attempts=6)))
    stranger = Conversation(server)
    with pytest.raises(
        EngineError, match=f"127.0.0.1:{server.port} cannot be reached: no connection .*--base-url"
    ):
        stranger.ask(attempts=6)
    assert (len(talk.time.slept), len(stranger.time.slept)) == (5, 2)


# ------------------------------------------------------------------------ what is asked differently


@pytest.mark.parametrize("fault", ["http_400_format", "http_422_format"])
@pytest.mark.parametrize("format_", [Format.SCHEMA, Format.OBJECT])
def test_a_refused_format_is_told_apart(fault: str, format_: Format) -> None:
    with MisbehavingServer(Fault(fault)) as server, pytest.raises(FormatRefusedError):
        Conversation(server).ask(question(format_=format_))


@pytest.mark.parametrize("fault", ["http_413", "http_400_context"])
def test_a_request_that_is_too_long_is_told_apart(fault: str) -> None:
    error, talk = failure(fault)
    assert isinstance(error, TooLongError)
    assert len(talk.server.requests) == 1


def test_a_parameter_that_the_model_does_not_take_is_left_out_from_then_on() -> None:
    with MisbehavingServer(unwelcome=("temperature",)) as server:
        replies = Conversation(server).ask(question("一段"), question("二段"))
        bodies = [request.body for request in server.requests]
    assert [reply.usage.requests for reply in replies] == [2, 1]
    assert ["temperature" in body for body in bodies] == [True, False, False]


def test_the_newer_name_of_the_token_limit_is_tried() -> None:
    with MisbehavingServer(unwelcome=("max_tokens",)) as server:
        Conversation(server).ask(question("一段", max_tokens=500))
        assert "max_tokens" not in server.requests[-1].body
        assert server.requests[-1].body["max_completion_tokens"] == 500


# ------------------------------------------------------------------------ what a person has to settle


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("http_401", "does not accept the key from the environment variable OPENAI_API_KEY"),
        ("http_403", "allows no access with the key"),
        ("http_402", "no credit left"),
        ("http_429_quota", "no credit left"),
        ("http_404", "Check --model and --base-url"),
        ("http_400", "Something about this request is wrong."),
        ("http_422", "Unprocessable"),
    ],
)
def test_what_no_repetition_mends_stops_at_once_and_says_what_to_do(fault: str, words: str) -> None:
    error, talk = failure(fault)
    assert words in str(error)
    assert "\n" not in str(error)
    assert len(talk.server.requests) == 1


@pytest.mark.parametrize("fault", ["http_400", "http_403"])
def test_a_refusal_for_unknown_reasons_is_about_a_text_where_others_are_answered(fault: str) -> None:
    """Also where the answer comes later than the refusal of the request beside it."""

    async def both() -> list[Reply]:
        engine = Conversation(server).engine()
        refused, good = await asyncio.gather(engine.answer(question("忽略")), engine.answer(question("好")))
        await engine.close()
        return [refused, good]

    with MisbehavingServer(Fault(fault, where="忽略")) as server:
        refused, good = asyncio.run(both())
    assert (refused.text, refused.finish, good.finish) == ("", Finish.UNKNOWN, Finish.STOP)
    assert f"HTTP {fault[-3:]}" in refused.said


def test_not_every_refusal_is_about_a_text() -> None:
    """An account that runs dry in words that nobody knows ends the run."""
    with MisbehavingServer(Fault("http_400", where="忽略")) as server:
        with pytest.raises(EngineError, match="Something about this request is wrong"):
            Conversation(server).ask(question("好"), *[question("忽略")] * 20)
        assert len(server.requests) == 10


def test_a_model_without_the_role_system_is_given_all_in_one_message() -> None:
    refusal = statuses.Status(500, {"error": {"message": "Jinja Exception: System role not supported"}})
    with MisbehavingServer(Fault("said", status=refusal, only_with="system")) as server:
        first, second = Conversation(server).ask(question("一段"), question("二段"))
        roles = [[message["role"] for message in one.body["messages"]] for one in server.requests]
    assert (first.finish, second.finish) == (Finish.STOP, Finish.STOP)
    assert roles == [["system", "user"], ["user"], ["user"]]


def test_the_key_is_in_no_error_even_when_the_server_repeats_it() -> None:
    error, talk = failure("http_401")
    shown = [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    engine = talk.engine()
    assert KEY not in "".join([*shown, *(repr(vars(part)) for part in (engine, engine._backend))])
    assert "***" in str(error)


def test_the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with MisbehavingServer(Fault("http_503", times=1)) as server:
        Conversation(server).ask()
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("http://api.example.com/v1", KEY, "unencrypted"),
        ("http://192.168.1.5:11434/v1", KEY, "unencrypted"),
        ("http://api.localhost:11434/v1", KEY, "unencrypted"),  # many systems ask DNS for its address
        ("ftp://api.example.com/v1", "", "--base-url"),
        ("https://user:pass@api.example.com/v1", "", "user name or a password"),
        ("https://api.example.com/v1", f"{KEY}\n", "Copy it again"),
        ("https://api.example.com/v1", "sk-ключ", "Copy it again"),
    ],
)
def test_an_endpoint_that_must_not_get_the_key_is_refused(url: str, key: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Endpoint(url, "m", key)
    assert KEY not in str(caught.value)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "http://localhost:1234", "http://[::1]:80"])
def test_a_server_on_this_machine_may_have_a_key_over_http(host: str) -> None:
    assert Endpoint(f"{host}/v1", "m", KEY).key == KEY


def test_an_unusable_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://user:hunter2@proxy.example:1")
    with pytest.raises(UsageError, match="proxy") as caught:
        Connection(Endpoint("https://host.example/v1", "m", KEY))
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__!r}"


def test_a_server_on_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would get the key unencrypted."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with MisbehavingServer() as server:
        assert Conversation(server).ask()


# ------------------------------------------------------------------------ how a reply ended


@pytest.mark.parametrize(
    ("fault", "finish"),
    [
        ("length", Finish.LENGTH),
        ("content_filter", Finish.FILTER),
        ("refusal_field", Finish.REFUSAL),
        ("http_400_filter", Finish.FILTER),
    ],
)
def test_the_end_of_a_reply_is_handed_on(fault: str, finish: Finish) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        (reply,) = Conversation(server).ask()
    assert (reply.finish, reply.usage.requests) == (finish, 1)


def test_a_prompt_that_was_cut_silently_stops_the_run() -> None:
    with MisbehavingServer(prompt_tokens=2048) as server, pytest.raises(EngineError, match="num_ctx"):
        Conversation(server).ask(estimate=lambda text: 100 * len(text))


@dataclass
class ShortSightedBackend:
    """Says of each prompt, one after the other, how many tokens of it were read."""

    read: list[int]
    name: str = "short-sighted"
    endpoint: str = "http://127.0.0.1:9/v1"
    worth: Status = Status.MACHINE

    async def attempt(self, _request: Request, _on_headers: OnHeaders) -> Reply:
        return Reply("{}", usage=Usage(prompt=self.read.pop(0)))

    async def close(self) -> None:
        pass


def is_refused(prompts: list[tuple[int, int]]) -> bool:
    """Whether the run stops at one of these prompts: the tokens that were read, and about how many it has."""
    engine = RetryingEngine(ShortSightedBackend([read for read, _ in prompts]), EngineContext(len))
    try:
        for _, expected in prompts:
            asyncio.run(engine.answer(Request((Message("user", "x" * expected),), Format.SCHEMA, ())))
    except EngineError:
        return True
    return False


@pytest.mark.parametrize(
    ("read", "expected", "cut"),
    [
        (2600, 5000, True),
        (3500, 5000, False),
        (150, 5000, False),
        (5000, 5000, False),
    ],
)
def test_a_cut_prompt_is_told_from_another_tokenizer(read: int, expected: int, *, cut: bool) -> None:
    assert is_refused([(read, expected)]) is cut


@pytest.mark.parametrize(
    ("prompts", "cut"),
    [
        ([(4096, 4500), (300, 310), (4096, 5000)], True),
        ([(4096, 4500)], False),
        ([(4096, 4500), (4200, 4300), (4096, 4500)], False),
        ([(4096, 4100), (4096, 4120)], False),
        ([(2048, 2200), (4096, 4500)], False),
    ],
)
def test_several_prompts_at_a_border_are_cut_and_one_is_chance(
    prompts: list[tuple[int, int]], *, cut: bool
) -> None:
    assert is_refused(prompts) is cut


def test_an_endpoint_that_counts_nothing_is_counted_all_the_same() -> None:
    """Else a budget would never be spent."""
    message = {"role": "assistant", "content": "one two three", "reasoning_content": "hm, " * 100}
    silent = statuses.Status(200, {"choices": [{"finish_reason": "stop", "message": message}]})
    with MisbehavingServer(Fault("said", status=silent)) as server:
        (reply,) = Conversation(server).ask(estimate=lambda text: len(text.split()))
    used = reply.usage
    assert used.prompt > 0
    assert (used.completion, used.reasoning) == (103, 100)
