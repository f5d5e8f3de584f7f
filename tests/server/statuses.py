"""Answers of HTTP without a completion, and what goes wrong on the socket, by name."""

from __future__ import annotations

from typing import Any, NamedTuple


def _error(message: str, code: str | None = None, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": "error", "code": code, "param": None, **more}}


class Status(NamedTuple):
    """An answer without a completion; `{key}` in the body is the key that the client sent."""

    status: int
    body: Any
    headers: dict[str, str] = {}  # noqa: RUF012  a NamedTuple's default, never changed


class Meter:
    """Lets so many requests through in a minute, and says so: a bucket that fills steadily, full at first."""

    def __init__(self, per_minute: float, burst: float) -> None:
        self.passed: list[float] = []
        """When: seconds of one clock."""
        self.refused = 0
        self._second = per_minute / 60
        self._burst = burst
        self._level, self._at = burst, 0.0

    def refusal(self, now: float) -> Status | None:
        """What is answered in place of a completion where there are too many."""
        come = (now - self._at) * self._second if self._at else 0
        self._level = min(self._burst, self._level + come)
        self._at = now
        if self._level < 1:
            self.refused += 1
            after = f"{1000 * (1 - self._level) / self._second:.0f}"
            return STATUS_FAULTS["http_429"]._replace(headers={**self.headers, "retry-after-ms": after})
        self._level -= 1
        self.passed.append(now)
        return None

    @property
    def headers(self) -> dict[str, str]:
        """What is left."""
        names = {"limit": 60 * self._second, "remaining": max(0, int(self._level))}
        reset = (self._burst - self._level) / self._second
        left = {f"x-ratelimit-{name}-requests": f"{value:.0f}" for name, value in names.items()}
        return {**left, "x-ratelimit-reset-requests": f"{reset:.3f}s"}


STATUS_FAULTS: dict[str, Status] = {
    "http_307": Status(307, "", {"Location": "http://127.0.0.1:9/v1/chat/completions"}),
    "http_400": Status(400, _error("Something about this request is wrong.")),
    "http_400_format": Status(400, _error("Invalid parameter: 'response_format' of type 'json_schema'.")),
    "http_400_context": Status(
        400,
        _error("This model's maximum context length is 4096 tokens; max_tokens.", "context_length_exceeded"),
    ),
    "http_400_filter": Status(
        400, _error("Input data may contain inappropriate content.", "data_inspection_failed")
    ),
    "http_401": Status(401, _error("Incorrect API key provided: {key}.", "invalid_api_key")),
    "http_402": Status(402, _error("Insufficient Balance")),
    "http_403": Status(403, _error("Country, region, or territory not supported")),
    "http_404": Status(404, _error("The model does not exist", "model_not_found")),
    "http_408": Status(408, _error("Request timed out")),
    "http_409": Status(409, _error("Conflict")),
    "http_413": Status(413, "Payload too large"),
    "http_422": Status(422, {"detail": "Unprocessable"}),
    "http_422_format": Status(422, {"detail": "response_format is not supported"}),
    "http_429": Status(429, _error("Slow down", "rate_limit_exceeded")),
    "http_429_seconds": Status(429, _error("Slow down"), {"Retry-After": "7"}),
    "http_429_ms": Status(429, _error("Slow down"), {"retry-after-ms": "250", "Retry-After": "1"}),
    "http_429_date": Status(429, _error("Slow down"), {"Retry-After": "Thu, 01 Jan 2026 00:00:30 GMT"}),
    "http_429_odd": Status(429, _error("Slow down"), {"Retry-After": "soon"}),
    "http_429_huge": Status(429, _error("Slow down"), {"Retry-After": "86400"}),
    "http_429_quota": Status(429, _error("You exceeded your current quota", "insufficient_quota")),
    "http_500": Status(500, _error("Internal error")),
    "http_502": Status(502, "<html>Bad Gateway</html>"),
    "http_503": Status(503, _error("Overloaded")),
    "http_529": Status(529, _error("Overloaded")),
    "ok_html": Status(200, "<!doctype html><title>Sign in</title>", {"Content-Type": "text/html"}),
    "ok_nothing": Status(200, ""),
    "ok_cut": Status(200, '{"id": "x", "choices": [{"message": {"content": "{\\"s0'),
    "ok_null": Status(200, None),
    "ok_array": Status(200, [1, 2]),
    "ok_error": Status(200, _error("The upstream model failed")),
    "ok_no_choices": Status(200, {"id": "x", "choices": []}),
    "ok_no_message": Status(200, {"id": "x", "choices": [{"finish_reason": "stop"}]}),
}

SOCKET_FAULTS = ("reset", "close", "stall", "drip", "huge", "gzip_bomb")
"""A connection that is reset, closed before the body, silent or dripping for ever; 64 MB, plain or packed."""
