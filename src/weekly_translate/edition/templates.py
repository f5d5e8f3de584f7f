"""The texts of an edition, and their variables filled in for one issue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.edition.values import Edition, Issue, Override

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


# ---------------------------------------------------------------------------
# The values of the templates for one issue, and what is missing among them.


TITLE = "title"
IDENTITY = ("number", "date", TITLE)
"""What every template may name; the title, which is Chinese, only the template of the title."""


def values_for(edition: Edition, issue: Issue, override: Override) -> dict[str, str]:
    """`{number}`, `{date}` and the edition's own, which an override may change; all are filled."""
    known = {"number": issue.number, "date": issue.date}
    own = {**edition.values, **{key: text for key, text in override.values.items() if key not in IDENTITY}}
    return {**{name: filled(text, known) for name, text in own.items()}, **known}


def missing_for(edition: Edition, issue: Issue, override: Override) -> Iterator[str]:
    """A sentence for each of number, date and title that a template of the edition needs and nobody knows."""
    found = {"number": issue.number, "date": issue.date, TITLE: issue.title}
    for key, text in _templates(edition, override).items():
        for name in variables_in(text):
            if found.get(name) == "":
                place = f"{edition.file}:{edition.places.get(key, 1)}"
                yield f"{place}: '{key}' needs {{{name}}}, and {_REASONS[name]}"


_REASONS: Mapping[str, str] = {
    "number": "'issue' finds no number in the title of this document. Correct the title or the pattern, or "
    "give the number under 'overrides', by the date of the issue.",
    "date": "neither the front matter (pubDate) nor the name of the file has one. Name the file by its date, "
    "such as 2023-07-08-weekly.md, or give the date under 'overrides', by the number of the issue.",
    TITLE: "'issue' finds no title in this document. Correct the title or the pattern.",
}


def _templates(edition: Edition, override: Override) -> dict[str, str]:
    texts = {"title": edition.title, "header": edition.header, "footer": edition.footer}
    blocks = " ".join(rule.text for rule in edition.replaced if rule.name not in override.without)
    return texts | {"replaced": blocks, "values": " ".join({**edition.values, **override.values}.values())}
