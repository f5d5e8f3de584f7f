"""A second reader: it says of each text what its script says, and of the others that nothing is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asking import Question

SecondReader = Callable[["Question"], str]
"""The reply to a question."""
NamedError = Mapping[str, Any]


def is_reading(question: Question) -> bool:
    """Whether translations are to be judged, and not made."""
    return question.system.startswith(("You are the second reader", "You judge translations"))


def scripted(said: Mapping[str, Sequence[NamedError]]) -> SecondReader:
    """Names these errors in the texts whose Chinese or English holds the key, as often as they are asked."""

    def reader(question: Question) -> str:
        replies = {}
        for asked in question.asked:
            found = [error for key, errors in said.items() if key in asked.zh + asked.en for error in errors]
            replies[asked.id] = found
        return json.dumps(replies, ensure_ascii=False)

    return reader


CONTENT = scripted({})
"""Finds nothing wrong."""


def error(en: str, zh: str = "", **more: str) -> NamedError:
    """An error, a major mistranslation unless it is said otherwise."""
    return {
        "zh": zh,
        "en": en,
        "category": "mistranslation",
        "severity": "major",
        "correction": f"better {en}",
        **more,
    }
