"""What models put around an answer: thoughts, a code fence, an introduction."""

from __future__ import annotations

import re
from enum import StrEnum


class Wrapping(StrEnum):
    """What was found around an answer; CUT is an answer that ends before its end."""

    THINK = "think"
    FENCE = "fence"
    PREAMBLE = "preamble"
    CUT = "cut"


_THOUGHTS = ("think", "thinking", "thought", "reasoning")
_FENCE = re.compile(r"\A```[\w-]{0,20}[ \t]*\n")


def unwrapped(text: str, source: str = "") -> tuple[str, tuple[Wrapping, ...]]:
    """A text without closed thoughts and a fence around the whole. `source` is never taken for a wrapping."""
    found: list[Wrapping] = []
    bare = text.strip().removeprefix("\ufeff").lstrip()
    thoughtless = _without_thoughts(bare, source)
    if thoughtless != bare:
        found.append(Wrapping.THINK)
    fenceless = _without_fence(thoughtless)
    if fenceless != thoughtless and not source.startswith("```"):
        found.append(Wrapping.FENCE)
        return fenceless, tuple(found)
    return thoughtless, tuple(found)


def _without_thoughts(text: str, source: str) -> str:
    """A thought that was never closed stays: nobody knows where it ends."""
    for name in _THOUGHTS:
        opening, closing = f"<{name}>", f"</{name}>"
        if closing in source or opening in source:
            continue
        begins = text.startswith(opening)
        headless = text[:1] not in ("{", "[", "`") and opening not in text
        if closing in text and (begins or headless):
            return text[text.index(closing) + len(closing) :].lstrip()
    return text


def _without_fence(text: str) -> str:
    opening = _FENCE.match(text)
    if opening is None or not text.endswith("```") or len(text) < opening.end() + 3:
        return text
    return text[opening.end() : -3].strip()


def unclosed_thought(text: str, source: str = "") -> bool:
    """Whether a text begins with a thought that has no end."""
    return any(
        text.lstrip().startswith(f"<{name}>") and f"</{name}>" not in text and f"<{name}>" not in source
        for name in _THOUGHTS
    )
