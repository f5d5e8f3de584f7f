"""A `Request` as the parameters of `chat.completions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.engines.replies import encodable
from weekly_translate.exchange import Format, Request

if TYPE_CHECKING:
    from collections.abc import Collection

    from weekly_translate.model import Segment


TEMPERATURE = 0.2
"""Of all requests to models that take one; reasoning models refuse it."""
TAKEN, REFUSED = "taken", "refused"
"""What has become of a temperature."""


def parameters_of(
    request: Request, model: str, *, temperature: float | None, unwelcome: Collection[str]
) -> dict[str, object]:
    """What is sent, at once or in a batch, without what this model has turned out not to take."""
    parameters: dict[str, object] = {
        "model": model,
        "messages": [
            {"role": message.role, "content": encodable(message.content)} for message in request.messages
        ],
    }
    if (format_ := _response_format(request)) is not None:
        parameters["response_format"] = format_
    if temperature is not None and "temperature" not in unwelcome:
        parameters["temperature"] = temperature
    limits = [name for name in ("max_tokens", "max_completion_tokens") if name not in unwelcome]
    if request.max_tokens is not None and limits:
        parameters[limits[0]] = request.max_tokens
    return parameters


def _response_format(request: Request) -> dict[str, object] | None:
    if request.format is Format.SCHEMA:
        schema = {"name": "translations", "strict": True, "schema": schema_for(request.segments)}
        return {"type": "json_schema", "json_schema": schema}
    if request.format is Format.OBJECT:
        return {"type": "json_object"}
    return None


def schema_for(segments: tuple[Segment, ...]) -> dict[str, object]:
    """An object with exactly the ids of the segments, each a string: what "strict" can promise."""
    ids = [segment.id for segment in segments]
    return {
        "type": "object",
        "properties": {id_: {"type": "string"} for id_ in ids},
        "required": ids,
        "additionalProperties": False,
    }
