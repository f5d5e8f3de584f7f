"""Model servers that somebody already runs on this machine: where they answer, and which model they have.

That takes milliseconds: a port that is closed on the loopback interface says so at once.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
