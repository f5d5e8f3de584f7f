"""Where requests are sent and with which key; what of it may be shown; model servers on this machine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from weekly_translate.errors import UsageError
from weekly_translate.llm.providers import Provider, is_local, provider_for
from weekly_translate.text import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


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
        no_address = "The base URL of the engine is not an http or https address; check --base-url."
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
        if len(self.key) >= 8:  # a local server's "none" or "ollama" is a word, not a secret
            text = text.replace(self.key, "***")
        text = _SECRETS.sub("***", text)
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
_SECONDS = 0.3
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

    connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS)
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
