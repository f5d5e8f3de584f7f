"""Which issues a season is made of, where the English of each goes, and where its links lead."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from weekly_translate.errors import InputRefusedError, UsageError
from weekly_translate.files import STANDARD_INPUT, read_text, similar_path
from weekly_translate.markdown.anchors import Pages, files_named, headings_of, links_to_headings
from weekly_translate.markdown.segments import parse
from weekly_translate.text import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.edition.values import Issue
    from weekly_translate.model import Document


MARKDOWN = (".md", ".mdx")
_WILD = lazy_pattern(r"[*?\[]")


class ChosenSource(NamedTuple):
    """A source, the file its English goes to, and its name: the path below the folder that was given."""

    name: str
    source: Path
    out: Path


def chosen_in(given: Sequence[str], out: Path) -> list[ChosenSource]:
    """The Markdown files of folders and those below, files, and what matches a pattern: `docs/**/*.md`.

    Raises `UsageError` where there is nothing, where two sources would go to the same file, and where one
    would replace another. That a source is its own output is told later: it is one bad issue among good ones.
    """
    outputs = Path(realpath(out))
    found: dict[Path, ChosenSource] = {}
    for text in given:
        here = list(_named(text, out, outputs))
        if not here:
            raise UsageError(
                f"There is no Markdown file in {text}: name a folder of issues, files or a pattern."
            )
        for one in here:
            found.setdefault(Path(realpath(one.source)), one)
    chosen = sorted(found.values(), key=lambda one: one.name)
    if not any(one.source.exists() for one in chosen):
        missing = Path(given[0])
        meant = similar_path(missing)
        advice = f"did you mean {meant}?" if meant else "name a folder of issues, files or a pattern."
        raise UsageError(f"{missing} does not exist: {advice}")
    taken: dict[str, ChosenSource] = {}
    sources = {_one_name(one.source): one for one in chosen}
    for one in chosen:
        # Some disks take names for one that differ only in case.
        other = taken.setdefault(normalize("NFC", str(one.out)).casefold(), one)
        if other is not one:
            raise UsageError(
                f"{other.source} and {one.source} would both become {one.out}: translate them one after the "
                "other, into folders of their own."
            )
    for one in chosen:
        if sources.get(_one_name(one.out), one) is not one:
            raise UsageError(
                f"{one.source} would become {one.out}, which is a source itself: name another folder."
            )
    return chosen


def left_out_of(given: Sequence[str], out: Path) -> str:
    """What lies in folders and is not translated, in words, but for hidden files."""
    outputs = Path(realpath(out))
    kinds = Counter(
        file.suffix.lower() or file.name
        for folder in map(Path, given)
        if folder.is_dir()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in MARKDOWN
        if not any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not Path(realpath(file)).is_relative_to(outputs)
    )
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())


def _named(text: str, out: Path, outputs: Path) -> Iterator[ChosenSource]:
    """What lies in the folder of the outputs is no source, unless the one given lies there itself."""
    path = Path(text)
    if text == STANDARD_INPUT:
        raise UsageError("A season is of files and folders: for the standard input leave `season` out.")
    if path.is_dir():
        files, base = [one for one in sorted(path.rglob("*")) if one.suffix in MARKDOWN], path
    elif _WILD.search(text) and not path.exists():
        base = _fixed_part(path)
        files = sorted(base.glob(str(path.relative_to(base))))
    else:
        files, base = [path], path.parent
    base_is_inside = Path(realpath(base)).is_relative_to(outputs)
    for file in files:
        below = file.relative_to(base)
        wanted = file == path or (file.is_file() and not any(part.startswith(".") for part in below.parts))
        if wanted and (base_is_inside or not Path(realpath(file)).is_relative_to(outputs)):
            yield ChosenSource(below.as_posix(), file, _target(below, out, outputs))


def _fixed_part(pattern: Path) -> Path:
    """The folder above the first part with a wildcard."""
    fixed = Path(pattern.anchor)
    for part in pattern.parts[len(fixed.parts) : -1]:
        if _WILD.search(part):
            break
        fixed /= part
    return fixed


def _target(below: Path, out: Path, outputs: Path) -> Path:
    """Where an output goes: nowhere but below the folder, whatever links lie there (SEC-10)."""
    target = out / below
    if not Path(realpath(target.parent)).is_relative_to(outputs):
        raise UsageError(f"{target} lies outside of {out}, because of a link or `..`: name another folder.")
    return target


def _one_name(path: Path) -> str:
    """A name for all the names of a file that does not have to exist."""
    return normalize("NFC", realpath(path)).casefold()


_DATE = lazy_pattern(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_NUMBER = lazy_pattern(r"\d{1,6}")
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Bound:
    """The first or the last issue of a range, by date (`2023-07-08`, `2023-07`) or by number (`12`)."""

    option: str
    text: str

    @property
    def kind(self) -> str:
        """What it is compared with, as a word."""
        return "date" if "-" in self.text else "number"

    def key(self, length: int | None = None) -> _Key:
        """What it says; of a date no more than this length."""
        return (0, self.text[:length]) if self.kind == "date" else (int(self.text), "")

    def key_of(self, issue: Issue) -> _Key | None:
        """What an issue says; of a date as much as the bound has of one. None where it says nothing."""
        if self.kind == "date":
            return (0, issue.date[: len(self.text)]) if issue.date else None
        digits = "".join(re.findall(r"[0-9]", issue.number))
        return (int(digits), "") if digits else None


def bound_of(option: str, text: str | None) -> Bound | None:
    """The bound that an option names. Raises `UsageError`."""
    if text is None or _DATE.fullmatch(text) or _NUMBER.fullmatch(text):
        return None if text is None else Bound(option, text)
    raise UsageError(
        f"{option} {text} is neither a date nor a number: write 2023-07-08, 2023-07, or the issue's number."
    )


class Range(NamedTuple):
    """From one issue to another, both included; None is open."""

    first: Bound | None = None
    last: Bound | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None

    def __str__(self) -> str:
        ends = (("from", self.first), ("to", self.last))
        return " ".join(f"{word} {bound.kind} {bound.text}" for word, bound in ends if bound is not None)

    def lacking(self, issue: Issue) -> str:
        """What an issue would have to say to be compared; nothing if it says it."""
        return next((bound.kind for bound in self if bound and bound.key_of(issue) is None), "")

    def holds(self, issue: Issue) -> bool:
        """Whether an issue lies in it that lacks nothing."""
        above = self.first is None or (self.first.key_of(issue) or ()) >= self.first.key()
        return above and (self.last is None or (self.last.key_of(issue) or ()) <= self.last.key())


def range_of(first: Bound | None, last: Bound | None) -> Range:
    """Both bounds as a range. Raises `UsageError` where no issue could lie between them."""
    if first is not None and last is not None and first.kind == last.kind:
        length = min(len(first.text), len(last.text))
        if first.key(length) > last.key(length):
            raise UsageError(f"{first.option} {first.text} comes after {last.option} {last.text}: swap them.")
    return Range(first, last)


def in_range(
    chosen: Iterable[ChosenSource],
    wanted: Range,
    issue_in: Callable[[ChosenSource], Issue],
    left_out: Callable[[ChosenSource, str], None],
) -> Iterator[ChosenSource]:
    """The sources of a range; `left_out` is told which one has no date or number.

    One that cannot be read stays: it is to fail in the summary, not to vanish.
    """
    for one in chosen:
        try:
            issue = issue_in(one)
        except UsageError:
            yield one
            continue
        if lacks := wanted.lacking(issue):
            left_out(one, lacks)
        elif wanted.holds(issue):
            yield one


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
