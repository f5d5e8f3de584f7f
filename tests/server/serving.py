"""The server itself: HTTP/1.1 by hand on asyncio, because a reset or a drip is beyond any framework."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from .asking import Question, question_in
from .batches import BatchHouse
from .faults import Completion, Fault, Outcome, good_outcome, outcome_of
from .reading import CONTENT, SecondReader, is_reading
from .statuses import SOCKET_FAULTS, STATUS_FAULTS, Meter, Status
from .wire import HttpRequest, misbehave_on_socket, read_request, write_response

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived, and the fault that answered it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    fault: str = ""


class MisbehavingServer:
    """Answers on 127.0.0.1 while the `with` block lasts.

    `latency` and `per_token` are seconds: before an answer, and for each of its tokens. `prompt_tokens` is
    what the usage claims instead of a count. What is `unwelcome` (`temperature`, `max_tokens`,
    `json_schema`) is refused with a 400 that names it. One that `caches` reports the tokens of a system
    message as cached once it has answered to it; a `meter` refuses what is too much in a minute. The first
    fault that is due and makes a difference decides.
    Where translations are to be judged, `reader` replies, and faults of translations are none.
    """

    def __init__(  # noqa: PLR0913  a test names what it needs
        self,
        *faults: Fault,
        terms: Mapping[str, str] | None = None,
        latency: float = 0.0,
        per_token: float = 0.0,
        prompt_tokens: int | None = None,
        unwelcome: tuple[str, ...] = (),
        caches: bool = False,
        reader: SecondReader = CONTENT,
        seed: int = 0,
        port: int = 0,
        meter: Meter | None = None,
    ) -> None:
        self.requests: list[Recorded] = []
        self.is_asked = threading.Event()
        """Set by the first request."""
        self.models: list[str] = []
        """What it says that it has."""
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0
        self.batches = BatchHouse(lambda request: self._status_for(request, None))
        """The Batch API."""
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._faults = faults
        self._terms = terms or {}
        self._latency = latency
        self._per_token = per_token
        self._prompt_tokens = prompt_tokens
        self._unwelcome = unwelcome
        self._caches = caches
        self._meter = meter
        self.reader = reader
        self._cached: set[str] = set()
        self._seed = seed
        self._fired: Counter[Fault] = Counter()
        self._seen: Counter[str] = Counter()
        self._terms_of: dict[str, Mapping[str, str]] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def asked(self) -> list[str]:
        """All Chinese texts that were asked for, in the order of the requests."""
        return [text for request in self.requests for text in request.texts]

    @property
    def fired(self) -> Counter[str]:
        """How often each fault has answered."""
        return Counter(request.fault for request in self.requests if request.fault)

    def refuse_parameters(self, *names: str) -> None:
        """From now on these are unwelcome."""
        self._unwelcome = names

    def misbehave(self, *faults: Fault) -> None:
        """From now on these are its faults."""
        self._faults = faults

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        server = await asyncio.start_server(self._converse, sock=self._socket)
        self._ready.set()
        await self._closing.wait()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All requests of one connection."""
        self.connections += 1
        self._writers.add(writer)
        try:
            while not self._closing.is_set() and (request := await read_request(reader)):
                await self._answer(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone, or a fault has sent it away
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            status = self._meter and self._meter.refusal(self._loop.time())
            status = status or await self._status_for(request, writer)
            if status is not None:
                await write_response(writer, status)
        finally:
            self.in_flight -= 1

    async def _status_for(self, request: HttpRequest, writer: asyncio.StreamWriter | None) -> Status | None:
        """The response, or None where the socket has misbehaved instead; in a batch there is none."""
        if request.path.startswith(("/v1/files", "/v1/batches")):
            return await self.batches.status_for(request, self._closing)
        if request.path != "/v1/chat/completions":
            return self._listed(request.path)
        body = json.loads(request.body)
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            question = self._remembering_terms(question_in(body, key=key, terms=self._terms))
        except ValueError as error:
            return Status(400, {"error": {"message": str(error)}})
        fault, outcome = self._outcome(question, body)
        ids, texts = zip(*((asked.id, asked.zh) for asked in question.asked), strict=True)
        self.requests.append(Recorded(body, request.headers, ids, texts, fault))
        self.is_asked.set()
        if fault in SOCKET_FAULTS and writer is not None:
            await misbehave_on_socket(fault, writer, self._closing)
            return None
        if isinstance(outcome, Status):
            return Status(outcome.status, _with_key(outcome.body, key), outcome.headers)
        return await self._completed(outcome, body)

    def _listed(self, path: str) -> Status:
        if path == "/v1/models":
            return Status(200, {"object": "list", "data": [{"id": name} for name in self.models]})
        return Status(404, {"error": {"message": f"no such path: {path}"}})

    def _remembering_terms(self, question: Question) -> Question:
        """A correction names few terms or none; what was right stays, as with a model that reads `en`."""
        terms = dict(question.terms)
        for asked in question.asked:
            if asked.en:
                terms = {**self._terms_of.get(asked.zh, {}), **terms}
            else:
                self._terms_of[asked.zh] = question.terms
        return question._replace(terms=terms)

    def _outcome(self, question: Question, body: Mapping[str, Any]) -> tuple[str, Outcome]:
        sent = {*body, (body.get("response_format") or {}).get("type")}
        for name in self._unwelcome:
            if name in sent:
                return name, Status(400, {"error": {"message": f"Unsupported parameter: '{name}'"}})
        reading = is_reading(question)
        good: Outcome = Completion(self.reader(question)) if reading else good_outcome(question)
        text = json.dumps(body, sort_keys=True)
        self._seen[text] += 1
        for fault in self._faults:
            if reading and fault.name not in SOCKET_FAULTS | STATUS_FAULTS.keys():
                continue
            roles = (message["role"] for message in body["messages"])
            meant = fault.only_with in ("", *body, *roles) and fault.only_without not in body
            if meant and self._due(fault, question, text):
                outcome = outcome_of(fault, question, with_format="response_format" in body)
                if outcome != good:
                    self._fired[fault] += 1
                    return fault.name, outcome
        return "", good

    def _due(self, fault: Fault, question: Question, text: str) -> bool:
        if fault.times is not None and self._fired[fault] >= fault.times:
            return False
        if not any(fault.where in asked.zh for asked in question.asked):
            return False
        if fault.name == "ignore_terms":
            return True  # its share is drawn for each term
        draw = random.Random(f"{self._seed} {fault.name} {self._seen[text]} {text}")  # noqa: S311  repeatable
        return draw.random() < fault.share

    async def _completed(self, done: Completion, body: Mapping[str, Any]) -> Status:
        """A completion with its usage, after the time that a model would have taken."""
        prompt = sum(_tokens(message["content"]) for message in body["messages"])
        completion = _tokens(str(done.content))
        cached = self._cached_tokens(body)
        await asyncio.sleep(self._latency + self._per_token * completion)
        self._cached.add(_beginning(body))
        message = {"role": "assistant", "content": done.content, "refusal": done.refusal}
        return Status(
            200,
            {
                "id": f"chatcmpl-{len(self.requests)}",
                "object": "chat.completion",
                "created": 0,
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": done.finish}],
                "usage": {
                    "prompt_tokens": prompt if self._prompt_tokens is None else self._prompt_tokens,
                    "completion_tokens": completion,
                    "total_tokens": prompt + completion,
                    "prompt_tokens_details": {"cached_tokens": cached},
                },
            },
            self._meter.headers if self._meter else {},
        )

    def _cached_tokens(self, body: Mapping[str, Any]) -> int:
        return (
            _tokens(body["messages"][0]["content"])
            if self._caches and _beginning(body) in self._cached
            else 0
        )


def _beginning(body: Mapping[str, Any]) -> str:
    """What a provider caches: a schema stands before the messages, so that another one begins anew."""
    return json.dumps([body.get("response_format"), body["messages"][0]])


def _tokens(text: str) -> int:
    return len(text.encode("utf-8", "replace")) // 4 + 1


def _with_key(body: object, key: str) -> object:
    """Some servers repeat the key that they refuse."""
    return json.loads(json.dumps(body).replace("{key}", key))
