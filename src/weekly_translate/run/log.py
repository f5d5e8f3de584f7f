"""The log of a season: a JSON object in each line, made to be read by programs.

Neither keys nor words of a document are in it; `texts` adds what was sent to the engine and what it answered.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any, TextIO

from weekly_translate.errors import StorageError, WeeklyTranslateError
from weekly_translate.files import check_writable, now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from weekly_translate.llm.engine import Engine
    from weekly_translate.model import Reply, Request, Usage


class Log:
    """An open log, or one that goes nowhere. A disk that fails ends the log and not the season."""

    def __init__(self, file: TextIO | None, *, name: str = "", texts: bool = False) -> None:
        """`name` is what a failure calls the file."""
        self._file = file
        self._name = name
        self.texts = texts
        """Whether words of documents may be in it."""
        self.failure: StorageError | None = None
        """Why the log lacks lines."""

    def tell(self, event: str, **facts: object) -> None:
        """One line."""
        if self._file is None:
            return
        line = json.dumps({"time": now(), "event": event, **facts}, ensure_ascii=False)
        try:
            self._file.write(f"{line.encode('utf-8', 'backslashreplace').decode()}\n")
            self._file.flush()
        except OSError as error:
            self._fail(error)
            self.close()

    def close(self) -> None:
        """Give the file back."""
        file, self._file = self._file, None
        try:
            if file is not None:
                file.close()  # writes what is left in its buffer
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failure = StorageError(
            f"the log {self._name} is not whole: {error.strerror}; the answers and the files of this run are "
            "kept: make room, or name a file on another disk with --log"
        )


def open_log(path: Path | None, *, texts: bool = False) -> Log:
    """Go on with a log, or begin one that only its owner may read. Raises `UsageError` and `StorageError`."""
    if path is None:
        return Log(None)
    check_writable(path)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stream = os.fdopen(file, "a", encoding="utf-8", newline="\n")
        return Log(stream, name=str(path), texts=texts)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}; name another file for --log"
        ) from error


class LoggedEngine:
    """An engine whose every request is a line of the log."""

    def __init__(self, engine: Engine, log: Log) -> None:
        self.name, self.worth, self.endpoint = engine.name, engine.worth, engine.endpoint
        self.stop, self.close = engine.stop, engine.close
        self._engine = engine
        self._log = log

    async def answer(self, request: Request) -> Reply:
        """Answer, and tell how it went."""
        begun = time.monotonic()
        facts: dict[str, Any] = {"segments": len(request.segments), "format": request.format.value}
        if self._log.texts:
            facts["messages"] = [{"role": one.role, "content": one.content} for one in request.messages]
        try:
            reply = await self._engine.answer(request)
        except WeeklyTranslateError as error:
            facts |= failure_as_data(error, texts=self._log.texts)
            self._log.tell("request", **facts, seconds=self._since(begun))
            raise
        facts |= {"finish": reply.finish.value, **tokens_as_data(reply.usage)}
        if self._log.texts:
            facts["reply"] = reply.text
        self._log.tell("request", **facts, seconds=self._since(begun))
        return reply

    def _since(self, begun: float) -> float:
        return round(time.monotonic() - begun, 3)


def tokens_as_data(usage: Usage) -> dict[str, int]:
    """What was used, in the words of the reports."""
    return {
        "requests": usage.requests,
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "completion_tokens": usage.completion,
    }


def failure_as_data(error: WeeklyTranslateError, *, texts: bool) -> Mapping[str, str]:
    """What failed. The sentence may quote a server, and a server may quote the document."""
    return {"failure": type(error).__name__, **({"message": str(error)} if texts else {})}
