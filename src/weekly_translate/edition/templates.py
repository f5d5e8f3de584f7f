"""The texts of an edition: `{number}` and the like are filled, nothing else is special."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_VARIABLE = re.compile(r"(?<!\{)\{([A-Za-z_]\w*)\}(?!\})")
"""`{{number}}` is left alone: so a text can show braces."""
_SPACED = re.compile(r"(?<!\{)\{(?:[ \t]+([A-Za-z_]\w*)[ \t]*|([A-Za-z_]\w*)[ \t]+)\}(?!\})")
_SHOWN = re.compile(r"\{(\{[A-Za-z_]\w*\})\}")


def variables_in(template: str) -> list[str]:
    """The names that a template has to be given, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(template)))


def spaced_variables_in(template: str) -> list[str]:
    """The names in braces with a blank, `{ number }`: they would not be filled."""
    return list(dict.fromkeys(front or behind for front, behind in _SPACED.findall(template)))


def is_left_open(template: str) -> bool:
    """Whether a code block or an HTML comment does not end: it would hold all that stands below the text."""
    fence = ""
    for line in template.splitlines():
        match = _FENCE.match(line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not match[2].strip():
            fence = ""
    return bool(fence) or template.rfind("<!--") > template.rfind("-->")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The text with every variable in place. Raises `KeyError` for one that has no value."""
    return _SHOWN.sub(r"\1", _VARIABLE.sub(lambda match: values[match[1]], template))
