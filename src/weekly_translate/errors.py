"""Every foreseen failure, and the exit code it ends with."""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    ENGINE = 3
    PARTIAL = 4
    STORAGE = 5
    BUG = 70
    INTERRUPTED = 130


class WeeklyTranslateError(Exception):
    """One plain sentence: what happened, where, what to do next."""

    exit_code = ExitCode.BUG


class UsageError(WeeklyTranslateError):
    """An option, a setting, a data file or an input that cannot be used."""

    exit_code = ExitCode.USAGE


@contextmanager
def needing_extra(extra: str, what: str, *, without: str = "") -> Iterator[None]:
    """Import what an extra of the package installs; `without` says what works where it is missing.

    Raises `UsageError` with the command that installs it, in which `what` says what needs it.
    """
    try:
        yield
    except ImportError as error:
        if (error.name or "").startswith("weekly_translate"):
            raise  # a mistake of ours: no installation mends it
        if isinstance(error, ModuleNotFoundError) and error.name:
            lacks = f"needs {error.name}, which is missing"
        else:  # it is there, and lacks a library of the system or a name of another version
            lacks = f"fails ({' '.join(str(error).split())})"
        install = f"pip install 'weekly-translate[{extra}]'."
        raise UsageError(f"{what} {lacks}: {install}{without and f' {without}'}") from error


class NoEngineError(UsageError):
    """Something has to be asked, and there is nobody to ask. The command line names the ways on."""


class FaultsError(UsageError):
    """A data file that cannot be used, or an edition that would lose something: each reason is a line."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class InputRefusedError(UsageError):
    """A source file that is not translated: too large, too deep, binary, in a wrong encoding."""


class StorageError(WeeklyTranslateError):
    """The disk or the memory file did not do what was asked."""

    exit_code = ExitCode.STORAGE


class BudgetSpentError(WeeklyTranslateError):
    """The next request would exceed the budget. The answers so far are kept."""

    exit_code = ExitCode.PARTIAL

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.again = again
        """Whether the same command goes on."""


class StoppedError(WeeklyTranslateError):
    """A person or the system has stopped the run. The answers so far are kept."""

    exit_code = ExitCode.INTERRUPTED


class EngineError(WeeklyTranslateError):
    """The engine failed for good: key, quota, model, host. The answers so far are kept."""

    exit_code = ExitCode.ENGINE


class FormatRefusedError(EngineError):
    """The endpoint does not know this response format: ask again one rung down."""


class ParameterRefusedError(EngineError):
    """The model does not take this parameter: ask again without it."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"the model does not take {parameter}; the next batch leaves it out")
        self.parameter = parameter


class RefusedError(EngineError):
    """The endpoint refused a request for a reason that nobody knows: it may be about the text in it."""

    def __init__(self, message: str, said: str) -> None:
        """`said` are the endpoint's own words."""
        super().__init__(message)
        self.said = said


class TooLongError(EngineError):
    """The request does not fit the model's context: ask again with fewer segments."""


def in_one_line(error: WeeklyTranslateError) -> str:
    """What an error says, where there is one line for it: several faults stand behind one another."""
    return "; ".join(error.faults) if isinstance(error, FaultsError) else str(error)


_SHORTEST_KEY = 8
"""A shorter one, such as `none` or `ollama` for a server on this machine, is a word."""


def without_keys(text: str, keys: Iterable[str]) -> str:
    """What a server or a bug says may quote anything, also a key: it is shown to nobody."""
    for key in keys:
        if len(key) >= _SHORTEST_KEY:
            text = text.replace(key, "***")
    return text
