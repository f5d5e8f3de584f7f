"""A tagged text as a reader meets it: what stands beside what."""

from __future__ import annotations

from weekly_translate.tags import tokens_of

THING = "\ufffc"
"""Stands for an image, an emoji, an address or a piece of code: it is neither a word nor a space."""


def as_read(text: str) -> str:
    """The text without its tags, with one `THING` for each piece of code and each tag that stands alone."""
    parts: list[str] = []
    code = ""
    for token in tokens_of(text):
        if parts and parts[-1].endswith("\\"):
            parts.append(THING)  # `\\<b1>` is text that looks like a tag
        elif token.alone:
            parts.append("" if code else THING)
        elif not token.name:
            parts.append("" if code else token.text)
        elif code:
            code = "" if token.closes and token.name == code else code
        elif "c" in token.name and not token.closes:
            code = token.name
            parts.append(THING)
    return "".join(parts)
