"""What an endpoint and a model want, and what their errors mean: `providers.yaml`; where an endpoint is.

The table is read with the first plan or request: neither `--help` nor a check of two files needs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, TypeAdapter, ValidationInfo

from weekly_translate.data_files import DataModel, fault, read_data, validated, yaml_in
from weekly_translate.errors import UsageError, without_keys
from weekly_translate.model import Format
from weekly_translate.text.characters import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


TABLE = Path(__file__).with_name("providers.yaml")
"""The program's own rows."""
OURS = frozenset({"model", "messages", "response_format", "stream"})
"""Fields of a request that the program fills in itself."""


SYSTEM_ROLE = "system_role"
"""Stands among the fields that a model does not take for messages of the role `system`."""


class Meaning(StrEnum):
    """What an error says, or what follows from it."""

    SLOW_DOWN = "slow-down"
    BUSY = "busy"
    DAY_USED = "day-used"
    NO_CREDIT = "no-credit"
    KEY_REFUSED = "key-refused"
    NO_ACCESS = "no-access"
    FILTERED = "filtered"
    FORMAT_REFUSED = "format-refused"
    ROLE_REFUSED = "role-refused"
    CONTEXT_FULL = "context-full"
    MODEL_UNKNOWN = "model-unknown"
    ELSEWHERE = "elsewhere"
    CHANGE = "change"


class FinishMeaning(StrEnum):
    """What a `finish_reason` says about an answer."""

    COMPLETE = "complete"
    CUT = "cut"
    FILTERED = "filtered"
    REFUSED = "refused"
    BUSY = "busy"


_SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}


def _pattern(value: str, info: ValidationInfo) -> str:
    """A pattern that can be compiled. That those of the program's own table can be is for a test to say."""
    try:
        if info.context != TABLE:
            re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise fault(f"{value!r} is no regular expression: {error}.") from error
    return value


def _fields(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if taken := sorted(OURS & value.keys()):
        raise fault(f"the program fills in {' and '.join(taken)} itself. Remove it.")
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise fault("a request is JSON, which has neither nan nor an infinite number. Remove it.") from error
    return value


BodyFields: TypeAlias = Mapping[str, JsonValue]
Pattern = Annotated[str, AfterValidator(_pattern)]
RequestFields = Annotated[dict[str, JsonValue], AfterValidator(_fields)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class ErrorRow(DataModel):
    """An error by its status and words, and what it means."""

    means: Meaning
    """What follows from it."""
    status: tuple[int, ...] = ()
    """The HTTP statuses that it has; without them any."""
    codes: tuple[str, ...] = ()
    """The provider's own codes, exactly; one of them or of `says` is enough."""
    says: tuple[str, ...] = ()
    """Words of its code, message or details, in small letters."""
    send: RequestFields = Field({})
    """With `change`: the fields to send from now on."""
    drop: tuple[str, ...] = ()
    """With `change`: the fields to leave out from now on."""

    def fits(self, status: int, code: str, words: str) -> bool:
        """Whether it is this error. One in a body with status 200 is known by its words alone."""
        if self.status and status not in (200, *self.status):
            return False
        if not (self.codes or self.says):
            return status != 200
        return any(one in code.split() for one in self.codes) or any(one in words for one in self.says)


class ProviderRow(DataModel):
    """What is known of a provider, a server or a family of models."""

    name: str
    """What it is called in docs and messages."""
    hosts: tuple[str, ...] = ()
    """Hosts that it fits, and all below them; `host:port` for one port only."""
    ports: tuple[int, ...] = ()
    """Ports of this machine that it fits."""
    models: Pattern | None = None
    """A regular expression that stands in the names of the models."""
    like: str | None = None
    """The name of a row whose values count as well: for a gateway before a provider."""
    request: RequestFields = Field({})
    """Fields of every request, such as the one that switches thinking down."""
    without: tuple[str, ...] = ()
    """Fields that are never sent."""
    temperature: Annotated[float, Field(ge=0)] | None = None
    """The temperature that is asked for."""
    reserve: Annotated[float, Field(ge=0)] | None = None
    """Reasoning tokens expected for each token written, before any answer has been seen."""
    thinking_apart: bool | None = None
    """Whether reasoning tokens are missing in `completion_tokens` and only part of the total."""
    states_limit: bool | None = None
    """Whether a limit of the answer has to be sent, because the usual one is too low."""
    first_format: Format | None = None
    """The strictest reply format that is tried."""
    family: Literal["hy-mt", "translategemma", "qwen-mt"] | None = None
    """The prompts of a model made for translation: one text in each request."""
    translation_options: str | None = None
    """The field that takes terms and remembered pairs."""
    cap: Count | None = None
    """How many segments a request has at first."""
    budget: Count | None = None
    """How many source tokens a request has at first."""
    most_cap: Count | None = None
    """How many segments it may have after clean answers; without it never more than at first."""
    most_budget: Count | None = None
    """The same in source tokens."""
    idle: Seconds | None = None
    """Seconds without a byte after which a reply is given up."""
    total: Seconds | None = None
    """Seconds after which a reply that is not whole is given up."""
    batches: bool | None = None
    """Whether it has a Batch API; `false` refuses `--batch` before anything is sent."""
    waits: tuple[Pattern, ...] = ()
    """Where an error says how long to wait: regular expressions with groups `h`, `m`, `s` and `ms`."""
    finishes: dict[str, FinishMeaning] = Field({})
    """What its finish reasons mean, in small letters."""
    errors: tuple[ErrorRow, ...] = ()
    """Its errors; the first that fits counts."""

    def fits(self, url: str, model: str) -> bool:
        """Whether it says something about this model at this address."""
        placed = not (self.hosts or self.ports) or self._is_at(url)
        return placed and (self.models is None or bool(re.search(self.models, model, re.IGNORECASE)))

    def _is_at(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host, port, place = parts.hostname or "", parts.port, parts.netloc
        except ValueError:
            return False
        named = any(host == one or host.endswith(f".{one}") or place == one for one in self.hosts)
        return named or (port in self.ports and is_local(url))


ProvidersFile: TypeAdapter[list[ProviderRow]] = TypeAdapter(
    list[ProviderRow], config=ConfigDict(defer_build=True)
)


def is_local(url: str) -> bool:
    """Whether an address stays on this machine for certain; that of `api.localhost` may come from DNS."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Provider(NamedTuple):
    """All that the table says about a model at an endpoint: the rows that fit it, the first one first."""

    rows: tuple[ProviderRow, ...]
    fields: BodyFields
    """Body fields beside the program's own; those of the settings came before those of the rows."""
    without: frozenset[str]
    cap: int
    budget: int
    most: tuple[int, int]
    reserve: float
    idle: float
    total: float
    temperature: float
    thinking_apart: bool = False
    states_limit: bool = False
    first_format: Format = Format.SCHEMA
    family: str = ""
    translation_options: str = ""
    batches: bool | None = None

    @property
    def name(self) -> str:
        """The rows that were made for it, in words."""
        return ", ".join(row.name for row in self.rows if row.hosts or row.ports or row.models)

    def ending(self, finish: str) -> FinishMeaning | None:
        """What a finish reason means; None where no row knows it. Some add a detail: `content_filter: X`."""
        word = finish.lower().partition(":")[0].strip()
        return next((row.finishes[word] for row in self.rows if word in row.finishes), None)

    def errors_like(self, status: int, code: str, words: str) -> Iterator[ErrorRow]:
        """The errors that it may be, the likeliest first."""
        for row in self.rows:
            yield from (error for error in row.errors if error.fits(status, code, words))

    def wait_in(self, said: str) -> float | None:
        """The seconds that an error asks to wait, where it says so in its text."""
        for pattern in (pattern for row in self.rows for pattern in row.waits):
            if match := re.search(pattern, said, re.IGNORECASE):
                found = {unit: float(number) for unit, number in match.groupdict().items() if number}
                if found:
                    return sum(number * _SECONDS[unit] for unit, number in found.items())
        return None


def provider_for(
    url: str,
    model: str,
    own: Path | None = None,
    request: BodyFields | None = None,
    cache_folder: Path | None = None,
) -> Provider:
    """What is known of a model at an address; `own` is a person's table, `request` that of the settings.

    What the tables say is kept in `cache_folder`. Raises `UsageError` for a table that cannot be used.
    """
    own_rows = rows_in(own, cache_folder) if own is not None and own.exists() else ()
    return _merged(list(_fitting((*own_rows, *rows_in(TABLE, cache_folder)), url, model)), request or {})


@cache
def rows_in(path: Path, cache_folder: Path | None = None) -> tuple[ProviderRow, ...]:
    """The rows of a table. Raises `UsageError`."""
    rows: list[ProviderRow] = validated(
        ProvidersFile, yaml_in(read_data(path), str(path), cache_folder), context=path
    )
    return tuple(rows)


def _fitting(rows: Collection[ProviderRow], url: str, model: str) -> Iterator[ProviderRow]:
    """The rows that fit; that which one is `like` follows it, whatever its own hosts are."""
    named = {row.name: row for row in rows}
    for row in rows:
        if row.fits(url, model):
            yield row
            if row.like is not None and row.like in named:
                yield named[row.like]


_SAID = Provider._fields[6:]
"""The keys of which the first row that has one counts."""


def _merged(rows: list[ProviderRow], request: BodyFields) -> Provider:
    said: dict[str, Any] = {}
    for row in reversed(rows):
        said |= {key: value for key in _SAID if (value := getattr(row, key)) is not None}
    sized = next(row for row in rows if row.cap is not None)
    without = frozenset(name for row in rows for name in row.without) - request.keys()
    body: dict[str, JsonValue] = {}
    for given in (request, *(row.request for row in rows)):
        body = {**given, **body}
    cap = sized.cap or 1
    budget = sized.budget or next(row.budget for row in rows if row.budget is not None)
    return Provider(
        rows=tuple(rows),
        fields={name: value for name, value in body.items() if name not in without},
        without=without,
        cap=cap,
        budget=budget,
        most=(sized.most_cap or cap, sized.most_budget or budget),
        **said,
    )


OPENAI = "https://api.openai.com/v1"
SHOWN = 300
"""Characters of a server's message that are repeated to a person."""
HIDDEN_KEY = "sk-****************"
"""Replaces our key in an answer. It looks like a key, so that the checks refuse it."""
_SHORTEST_KEY = 16
"""A shorter one, such as `lm-studio`, is a word for a server that needs no key, and may be meant."""
_SECRETS = lazy_pattern(r"\b(?:sk|pk|gsk|rk)[-_][\w*.-]{6,}|(?<=//)[^/\s@]{1,200}(?=@)")
"""Keys by their usual look, and the `user:password` of an address."""


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, for the next byte, and for one answer as a whole."""

    connect: float = 10.0
    read: float = 180.0
    total: float = 300.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible server, a model on it and the key for it. The key is in no `repr`.

    `key_origin` is what a person is told when the key is refused. Raises `UsageError` where the key would
    travel unprotected or cannot be sent at all.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    key_origin: str = "the environment variable OPENAI_API_KEY"
    provider: Provider = field(default=None, repr=False)  # type: ignore[assignment]  # looked up below
    """What is known of the model there."""

    def __post_init__(self) -> None:
        """Refuse an address that must not get the key before anything is sent."""
        no_address = (
            "The base URL of the engine is not an http or https address; check --base-url or OPENAI_BASE_URL."
        )
        try:
            parts = urlsplit(self.url)
            _ = parts.port  # is only looked into when it is asked for
        except ValueError as error:  # the brackets of an IPv6 address do not close, or a port is no port
            raise UsageError(no_address) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(no_address)
        if parts.username or parts.password:
            raise UsageError(
                f"The base URL for {parts.hostname} holds a user name or a password. "
                "Leave it out: the key belongs in the environment."
            )
        if self.key and parts.scheme == "http" and not is_local(self.url):
            raise UsageError(
                f"The key from {self.key_origin} would be sent to {parts.hostname} unencrypted. "
                "Use an https address, or unset the key if this server needs none."
            )
        if not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            raise UsageError(
                f"The key from {self.key_origin} holds a character that cannot be sent, such as a space "
                "or a line break. Copy it again."
            )
        if self.provider is None:
            object.__setattr__(self, "provider", provider_for(self.url, self.model))

    @property
    def timeouts(self) -> Timeouts:
        """How long its answers are waited for: longer where a model thinks, or runs on this machine."""
        return Timeouts(read=self.provider.idle, total=self.provider.total)

    @property
    def host(self) -> str:
        """The host and port, as error messages name them."""
        return urlsplit(self.url).netloc

    def masked(self, text: str) -> str:
        """What a server said, on one line, at most `SHOWN` characters, with no key in it."""
        text = _SECRETS.sub("***", without_keys(text, [self.key]))
        line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * SHOWN]).split())
        return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"

    def without_key(self, answer: str) -> str:
        """What a model wrote, with no key in it: it must not get into a file, the memory or a report."""
        return answer.replace(self.key, HIDDEN_KEY) if len(self.key) >= _SHORTEST_KEY else answer


HOST = "127.0.0.1"
PORTS = (11434, 1234, 8080)
"""Where Ollama, LM Studio and llama-server answer."""
PORTS_VARIABLE = "WEEKLY_TRANSLATE_LOCAL_PORTS"
"""The environment variable that names other ports, with commas between."""
_PROBE_SECONDS = 0.3
_LARGEST = 1_000_000
_NO_TRANSLATOR = lazy_pattern(r"embed|rerank|bge|whisper|tts|vision-only", re.IGNORECASE)
_TRANSLATOR = lazy_pattern(r"hy-?mt|hunyuan-?mt|translate-?gemma", re.IGNORECASE)


class LocalServer(NamedTuple):
    """A server on this machine, and a model that it has."""

    base_url: str
    model: str


SUGGESTED = LocalServer("http://localhost:11434/v1", "qwen3:14b")
"""What a person is told of where nothing answers: Ollama's usual address, and a model that fits."""


def ports_in(environment: Mapping[str, str]) -> tuple[int, ...]:
    """The ports to look at: those of the environment, if it names any."""
    said = environment.get(PORTS_VARIABLE)
    return PORTS if said is None else tuple(int(port) for port in re.findall(r"\d{1,5}", said))


def found(ports: Iterable[int] = PORTS) -> Iterator[LocalServer]:
    """The servers that answer, each with the model that suits best; one without a model is passed over."""
    for port in ports:
        models = [name for name in _models_at(port) if not _NO_TRANSLATOR.search(name)]
        if models:
            made_for_it = (name for name in models if _TRANSLATOR.search(name))
            yield LocalServer(f"http://{HOST}:{port}/v1", next(made_for_it, models[0]))


def local_server(environment: Mapping[str, str]) -> LocalServer:
    """The server that a person without a key is told of: the one that is there, else a suggestion."""
    return next(found(ports_in(environment)), SUGGESTED)


def _models_at(port: int) -> list[str]:
    """The names of the models of a server; nothing where none answers, or something else does."""
    import http.client  # noqa: PLC0415 - most runs know their endpoint

    connection = http.client.HTTPConnection(HOST, port, timeout=_PROBE_SECONDS)
    try:
        connection.request("GET", "/v1/models", headers={"Accept": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read(_LARGEST)) if response.status == http.client.OK else {}
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return []
    finally:
        connection.close()
    data = answer.get("data") if isinstance(answer, dict) else None
    listed = [one.get("id") for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    return [name for name in listed if isinstance(name, str) and name]
