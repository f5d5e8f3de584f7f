"""`python -m benchmarks.tracing FILE SOURCE ANSWER ARGUMENT ...`: run the program and write down what ran.

SOURCE and ANSWER are patterns of a text and its translation. With an ANSWER, the types that carry one are
written down as well.
"""

from __future__ import annotations

import json
import pkgutil
import re
import sys
import threading
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from types import FrameType

PACKAGE = "weekly_translate"
_DEEPEST, _MOST = 8, 100
"""How deep a value is searched, and how many of its items: a whole glossary may go along with an answer."""


class Trace(NamedTuple):
    """What ran between the start of the program and its end."""

    functions: list[tuple[str, str]]
    """Module and name; the methods that Python writes for a dataclass belong to its module."""
    wrappers: list[str]
    """The types of the package whose values were returned with the answer in them, the first one first.

    Those that held the source before there was an answer are left out: the result is parsed as a proof,
    and the types of the parser are no wrappers of an answer.
    """


class Tracer:
    """What `sys.setprofile` calls. What runs while a module is imported is not counted."""

    def __init__(self, source: str, answer: str) -> None:
        self._source, self._answer = source, answer
        self._functions: dict[tuple[str, str], None] = {}
        self._of_source: set[str] = set()
        self._of_answer: dict[str, None] = {}

    def __call__(self, frame: FrameType, event: str, value: object) -> None:
        """Look at a function of the package that returns, and at what it returns."""
        if event != "return" or not _is_ours(frame):
            return
        function = str(frame.f_globals["__name__"]), frame.f_code.co_qualname
        if function not in self._functions and not _is_imported(frame):
            self._functions[function] = None
        if self._answer:
            self._of_answer.update(dict.fromkeys(carriers(value, self._answer)))
        if self._answer and not self._of_answer:
            self._of_source.update(carriers(value, self._source))

    def trace(self) -> Trace:
        """What has been seen so far."""
        return Trace(list(self._functions), [name for name in self._of_answer if name not in self._of_source])


def carriers(value: object, pattern: str) -> list[str]:
    """The types of the package that lead from a value to a text that matches, the innermost first."""
    return [name for name in _path(value, pattern, _DEEPEST) if name.startswith(PACKAGE)]


def _path(value: object, pattern: str, depth: int) -> list[str]:
    """Every type on the way, or nothing if no text matches."""
    if isinstance(value, str):
        return ["str"] if re.search(pattern, value) else []
    parts = _parts(value) if depth else []
    found = [name for part in parts for name in _path(part, pattern, depth - 1)]
    kind = type(value)
    return list(dict.fromkeys([*found, f"{kind.__module__}.{kind.__qualname__}"])) if found else []


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())[:_MOST]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:_MOST]
    if is_dataclass(value):
        return [getattr(value, field.name, None) for field in fields(value)]
    return list(getattr(value, "__dict__", {}).values()) if type(value).__module__.startswith(PACKAGE) else []


def _is_ours(frame: FrameType) -> bool:
    """Whether it is a function of the package; comprehensions and modules are none."""
    module = f"{frame.f_globals.get('__name__')}."
    return module.startswith(f"{PACKAGE}.") and not frame.f_code.co_name.startswith("<")


def _is_imported(frame: FrameType | None) -> bool:
    """Whether it runs because a module of the package is being imported."""
    while frame is not None:
        if frame.f_code.co_name == "<module>" and str(frame.f_globals.get("__name__")).startswith(PACKAGE):
            return True
        frame = frame.f_back
    return False


def main(arguments: list[str]) -> None:
    """Run the program as its script in pyproject.toml does."""
    target, source, answer, *sys.argv[1:] = arguments
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    program = pkgutil.resolve_name(project["scripts"][project["name"]])
    tracer = Tracer(source, answer)
    threading.setprofile(tracer)
    sys.setprofile(tracer)
    try:
        program()
    finally:
        sys.setprofile(None)
        Path(target).write_text(json.dumps(tracer.trace()), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
