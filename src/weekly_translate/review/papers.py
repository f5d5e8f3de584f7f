"""The two files of a review: they are read, watched, and the English one is written whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.pipeline.manuscript import manuscript_of
from weekly_translate.review.gathering import previous_in
from weekly_translate.store.decisions import OutdatedError
from weekly_translate.store.files import check_writable, read_text, write_text

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.pipeline.editions import Editions
    from weekly_translate.pipeline.manuscript import Manuscript
    from weekly_translate.review.gathering import Previous
    from weekly_translate.store.files import TextFile


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the files are. An English file need not exist yet; without one, nothing can be written."""

    source: Path
    target: Path | None = None
    encoding: str | None = None


class Papers:
    """The Chinese text and what the English file has for it."""

    def __init__(self, paths: Paths, editions: Editions) -> None:
        """Raises `InputRefusedError` for a file that cannot be read, `UsageError` for an edition."""
        self.paths = paths
        self._editions = editions
        self._source = self._read(paths.source)
        self._english: TextFile | None = None
        self.manuscript: Manuscript = manuscript_of(self._source.text, self.name, editions)
        self.previous: Previous | None = None
        """The English file, segment by segment."""
        self.read_english()

    @property
    def name(self) -> str:
        """What the document is called."""
        return self.paths.source.name

    def read_english(self) -> bool:
        """Read the English file again; says whether it is another than before."""
        before, target = self._english, self.paths.target
        self._english = self._read(target) if target is not None and target.exists() else None
        if self._english == before:
            return False
        self.previous = None
        if self._english is not None:
            english = (self._english.text, str(target))
            self.previous = previous_in(self._source.text, self.name, english, self._editions)
        return True

    def refuse_changed_source(self) -> None:
        """Raise `OutdatedError` when the Chinese file is no longer what is under review."""
        if self._read(self.paths.source) != self._source:
            raise OutdatedError(f"{self.paths.source} has been changed: end the review and start it again.")

    def check_writable(self, target: Path) -> None:
        """Raise what `write` would raise, before anything is said about its content."""
        check_writable(target, source=self.paths.source)

    def write(self, target: Path, text: str) -> None:
        """Write the English in the encoding of the source. Raises `UsageError` and `StorageError`."""
        write_text(target, replace(self._source, text=text))
        self.read_english()

    def _read(self, path: Path) -> TextFile:
        return read_text(path, encoding_hint=self.paths.encoding)
