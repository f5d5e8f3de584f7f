"""The templates of an edition: written in its YAML or in a file beside it, and each variable known."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from weekly_translate.edition.templates import is_left_open, spaced_variables_in, variables_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from weekly_translate.edition.problems import Path, Problems

_NO_FILE = (
    "there is no file '{}' beside the edition. Write it, or write the text itself here: one with a blank or "
    "a line break in it is no name of a file."
)

_LEFT_OPEN = "leaves a code block or a comment open, which would hold all below it. Close it."


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads templates; `names` are the variables that each of them may name."""

    problems: Problems
    template: Callable[[str], str | None]
    names: frozenset[str]

    def text(self, value: object, path: Path, more: Collection[str] = ()) -> str:
        """A text with a blank or a line break, or that of the file it names. `more` are variables, too."""
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            message = f"'{path[-1]}' is a text, or the name of a file such as full/header.md."
            self.problems.add(path, message)
            return ""
        text: str | None = value
        if not any(character.isspace() for character in value):
            text = self.template(value)
        if text is None:
            self.problems.add(path, _NO_FILE.format(value))
            return ""
        named = f"the text of '{path[-1]}'" if text is value else value
        self.check(path, text, (*self.names, *more), named)
        if is_left_open(text):
            self.problems.add(path, f"{named} {_LEFT_OPEN}")
        return "\n".join(text.splitlines()).strip("\n")

    def check(self, path: Path, text: str, known: Collection[str], named: str) -> None:
        """Note each variable of a text, which messages call `named`, that nothing will fill."""
        for name in variables_in(text):
            if name in known:
                continue
            if name == "title":
                why = "which is Chinese until it is translated: only 'title' may name it."
            else:
                near = get_close_matches(name, sorted(known), 1)
                meant = f"Did you mean {{{near[0]}}}?" if near else f"There are {_braced(known)}."
                why = f"which nothing fills. {meant} Else give it a value under 'values'."
            self.problems.add(path, f"{named} names {{{name}}}, {why}")
        for name in spaced_variables_in(text):
            if name in known:
                self.problems.add(path, f"{named} has a blank in the braces: write {{{name}}}.")


def _braced(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
