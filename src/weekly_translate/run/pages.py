"""The pages of a tree that is translated together: where the links between them lead."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from os.path import realpath
from typing import TYPE_CHECKING

from weekly_translate.errors import InputRefusedError, UsageError
from weekly_translate.files import read_text
from weekly_translate.markdown.anchors import Pages, files_named, headings_of, links_to_headings
from weekly_translate.markdown.segments import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from weekly_translate.model import Document


@dataclass(frozen=True, slots=True)
class PagesOfRun:
    """The sources of a run, those that others link to, and the headings of these once they are rendered."""

    sources: frozenset[str]
    """Real paths."""
    linked: set[str] = field(default_factory=set)
    rendered: dict[str, Pages] = field(default_factory=dict)

    def add(self, source: Path, document: Document, english: str) -> None:
        """Remember the headings of a page, if another page links to them."""
        if realpath(source) in self.linked:
            target = headings_of(parse(english))
            self.rendered[realpath(source)] = Pages(headings_of(document), target, source.name)

    def named_by(self, source: Path, document: Document) -> set[str]:
        """The other pages to whose headings a document links: they have to be rendered before."""
        named = {self._file(source, page) for _, page, _ in links_to_headings(document) if page}
        return {file for file in named if file is not None}

    def page_of(self, source: Path, out: Path | None) -> Callable[[str], Pages | None]:
        """What a link in a source names: a page of the run, or one that lies beside it in both languages."""
        return lambda name: (
            self.rendered[file]
            if (file := self._file(source, name)) in self.rendered and file
            else _on_disk(source, out, name)
        )

    def _file(self, source: Path, name: str) -> str | None:
        """The source that a relative link names, or one from the root of the site or of the tree."""
        bases = list(source.absolute().parents) if name.startswith("/") else [source.parent]
        candidates = (realpath(base / file) for base in bases for file in files_named(name))
        return next((one for one in candidates if one in self.sources), None)


def _on_disk(source: Path, out: Path | None, name: str) -> Pages | None:
    """A page outside the run, if its English is where that of the run lies relative to it."""
    if out is None or name.startswith("/"):
        return None
    for file in files_named(name):
        here, there = source.parent / file, out.parent / file
        if here.is_file() and there.is_file() and realpath(here) != realpath(there):
            with suppress(InputRefusedError, UsageError):
                own, english = (headings_of(parse(read_text(path).text)) for path in (here, there))
                return Pages(own, english, here.name)
    return None


def pages_of(run: Iterable[tuple[Path, Document]]) -> PagesOfRun:
    """The pages of a run, none of which is rendered yet."""
    sources = list(run)
    pages = PagesOfRun(frozenset(realpath(path) for path, _ in sources))
    for path, document in sources:
        pages.linked.update(pages.named_by(path, document))
    return pages
