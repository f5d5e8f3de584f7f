"""What a provider says of a batch.

Compatible servers leave out or shape anew what they like, but for its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weekly_translate.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

NONCE = "weekly_translate"
"""The name under which our nonce travels with a batch."""
_OVER = frozenset({"completed", "expired", "failed", "cancelled"})
UNKNOWN = "unknown"
"""The status of a batch that the provider does not know, or not with this key."""


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    """What the provider says about a batch."""

    job: str
    nonce: str
    status: str
    done: int
    failed: int
    all: int
    files: tuple[str, ...] = ()
    """Of the answers and of the errors, as far as they are there."""
    reason: str = ""
    """Why it failed as a whole."""
    input_file: str = ""
    """Of the requests."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.status in _OVER


def batch_in(value: dict[str, Any]) -> RemoteBatch:
    """A batch as it is listed or retrieved. Raises `EngineError` where it has no id."""
    counts, metadata = fields_in(value.get("request_counts")), fields_in(value.get("metadata"))
    files = (value.get(name) for name in ("output_file_id", "error_file_id"))
    completed, failed, total = (counts.get(name) for name in ("completed", "failed", "total"))
    return RemoteBatch(
        text_in(value, "id"),
        str(metadata.get(NONCE, "")),
        str(value.get("status") or "of no status").lower(),
        _number(completed),
        _number(failed),
        _number(total),
        tuple(file for file in files if isinstance(file, str) and file),
        "; ".join(dict.fromkeys(_problems_in(value.get("errors")))),
        str(value.get("input_file_id", "")),
    )


def _problems_in(errors: object) -> Iterator[str]:
    if isinstance(errors, str):
        yield errors
    listed = fields_in(errors).get("data")
    for one in listed if isinstance(listed, list) else ():
        line = fields_in(one).get("line")
        where = f"line {line}: " if isinstance(line, int) else ""
        yield f"{where}{fields_in(one).get('message') or fields_in(one).get('code') or 'no reason given'}"


def fields_in(value: object) -> dict[str, Any]:
    """The object that a value should be; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def text_in(value: dict[str, Any], key: str) -> str:
    """A text that must be there. Raises `EngineError`."""
    if isinstance(text := value.get(key), str) and text:
        return text
    raise EngineError(f"The Batch API answered without {key}: check --base-url.")
