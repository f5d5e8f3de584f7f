"""A tagged text as a reader meets it: what stands beside what, and as much of it as a message shows."""

from __future__ import annotations

from functools import lru_cache

from weekly_translate.text.tags import tokens_of

THING = "\ufffc"
"""Stands for an image, an emoji, an address or a piece of code: it is neither a word nor a space."""


@lru_cache(16)
def as_read(text: str) -> str:
    """The text without its tags, with one `THING` for each piece of code and each tag that stands alone.

    Where tags have a prefix (`<xb1>`), those without one are text: see `tags.free_prefix`.
    """
    if "<" not in text:
        return text
    parts: list[str] = []
    tokens = tokens_of(text)
    prefixed = any(token.name[:1] in ("x", "y", "z") for token in tokens)
    code = ""
    for token in tokens:
        look_alike = prefixed and token.name[:1] not in ("x", "y", "z")
        if code:
            code = "" if token.closes and token.name == code else code
        elif token.alone or (token.name and look_alike):
            parts.append(THING)
        elif not token.name:
            parts.append(token.text)
        elif "c" in token.name and not token.closes:
            code = token.name
            parts.append(THING)
    return "".join(parts)
