"""What has become of the outputs of earlier runs, and whether one may be written: a person's work is kept."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate import __version__
from weekly_translate.errors import InputRefusedError
from weekly_translate.reports.diff import diff_of
from weekly_translate.store.files import FILE_LIMIT, content_of, read_bytes, write_text
from weekly_translate.store.outputs import digest

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.store.files import TextFile
    from weekly_translate.store.outputs import Outputs, Written

_LIMIT = 8 * FILE_LIMIT
"""Bytes of a file that is compared: English takes twice the bytes of Chinese at most."""


class State(StrEnum):
    """How an output stands before a run."""

    ABSENT = "absent"
    CURRENT = "current"
    """Written by a season, and nothing has changed since."""
    TAKEN = "taken"
    """Made or edited by a person who wanted it to stay, and nothing has changed since."""
    OUTDATED = "outdated"
    """Written by a season, from another source or with other data files."""
    EDITED = "edited"
    """Written by a season, and edited since by a person."""
    FOREIGN = "foreign"
    """No season on this memory has written it."""


class Standing(NamedTuple):
    """An output as it stands; `diff` is what a person has changed in it, as far as that is known."""

    state: State
    diff: str = ""


class Ledger:
    """The outputs that a memory knows. `voices` is what people said about translations when the run began."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._voices = outputs.voices()

    def standing_of(self, out: Path, source: TextFile, signature: str) -> Standing:
        """How the output of a source stands if it were made now, as `signature` says."""
        content = _content(out)
        if content is None:
            return Standing(State.ABSENT)
        known, now = self._outputs.of(out), digest(content)
        if known is None:
            return Standing(State.FOREIGN)
        same_source = known.source == _digest_of(source)
        if now in (known.written, known.begun):
            current = now == known.written and same_source and known.made == self._made(signature)
            return Standing(State.CURRENT if current else State.OUTDATED)
        if now == known.taken and same_source:
            return Standing(State.TAKEN)
        return Standing(State.EDITED, _edits(known, content, out, source.encoding))

    def take(self, out: Path, source: TextFile) -> None:
        """The file stays as a person has made it, until its source changes."""
        content = _content(out)
        if content is not None:
            self._outputs.take(out, content, source=_digest_of(source))

    def write(self, out: Path, result: TextFile, source: TextFile, signature: str, *, final: bool) -> bool:
        """Write a result and remember it; gives whether the file has changed. Raises `StorageError`.

        One that is not `final` is made anew by the next run.
        """
        content = content_of(result, out)
        changed = _content(out) != content
        if changed:
            self._outputs.begin(out, content)
            write_text(out, result)
        elif self._outputs.of(out) is None:
            self._outputs.begin(out, content)
        made_from = _digest_of(source) if final else ""
        self._outputs.finish(out, content, source=made_from, made=self._made(signature))
        return changed

    def _made(self, signature: str) -> str:
        return digest(f"{__version__}\n{signature}\n{self._voices}".encode())


def _content(path: Path) -> bytes | None:
    """What stands in a file; None where there is none. One that cannot be read is not ours to replace."""
    if not path.exists():
        return None
    try:
        return read_bytes(path, limit=_LIMIT)
    except InputRefusedError:
        return b""


def _digest_of(source: TextFile) -> str:
    text = f"{source.encoding}\n{source.mark.hex()}\n{source.text}"
    return digest(text.encode("utf-8", "surrogatepass"))


def _edits(known: Written, content: bytes, path: Path, encoding: str) -> str:
    """The difference between a file as it was written and as it is."""
    if not known.content:
        return ""
    before, after = (text.decode(encoding, "replace") for text in (known.content, content))
    return diff_of(before, after, old_name=f"{path} (as written)", new_name=f"{path} (as it is)")
