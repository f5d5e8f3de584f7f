"""Which editions there are, which one a document takes, and which issue it is."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.data_files import data_file, names_of_data, read_data, yaml_in
from weekly_translate.edition.schema import parse_edition
from weekly_translate.edition.values import Issue, IssueOverride, Title
from weekly_translate.errors import UsageError
from weekly_translate.markdown.front_matter import unquoted
from weekly_translate.model import USUAL, Dialect, FeatureKind, Finding, Severity, Span
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import line_at, line_starts, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Document


def fits(edition: Edition, text: str) -> bool:
    """Whether each pattern of the shape is found in a line, and none of those that must not be."""
    lines = lines_of(text)
    return (
        bool(edition.shape)
        and all(any(pattern.search(line) for line in lines) for pattern in edition.shape)
        and not any(pattern.search(line) for pattern in edition.lacks for line in lines)
    )


def chosen(editions: Sequence[Edition], text: str) -> Edition | None:
    """The edition that fits with the most patterns, if any does. Raises `UsageError` where two fit alike."""
    found = [edition for edition in editions if fits(edition, text)]
    most = max((len(edition.shape) for edition in found), default=0)
    best = [edition for edition in found if len(edition.shape) == most]
    if len(best) > 1:
        names = " and ".join(edition.name for edition in best)
        raise UsageError(
            f"The editions {names} fit this document alike. Name one with --edition {best[0].name}, "
            "or add to the 'shape' of one what tells them apart."
        )
    return best[0] if best else None


# --------------------------------------------------------------------------- which issue it is

_DATE = lazy_pattern(r"\d{4}-\d{2}-\d{2}")
_PUBLISHED = lazy_pattern(
    r"^(?:pub_?date|date|published(?:_?at)?)[ \t]*:[ \t]*['\"]?(\d{4}-\d{2}-\d{2})",
    re.MULTILINE | re.IGNORECASE,
)
_TITLE = lazy_pattern(r"^title[ \t]*:[ \t]+(['\"]?)(?P<value>\S[^\r\n]*?)\1[ \t]*\r?$", re.MULTILINE)
_HEADING = lazy_pattern(r" {0,3}#[ \t]+(?P<value>[^\r\n]*?)(?:[ \t]+#+)?[ \t]*(?:\r|\n|\Z)")


def issue_of(document: Document, edition: Edition, file_name: str) -> Issue:
    """What the title, the front matter and the name of the file say, and what an override corrects.

    `file_name` is the last part of the path, such as `2023-07-08-weekly.md`; it may be empty.
    """
    titles = tuple(_titles(document, edition))
    found = _parts(document.text, titles, edition)
    published = _PUBLISHED.search(document.text, 0, document.front_matter_end)
    named = _DATE.search(file_name)
    dates = [found.get("date", ""), published[1] if published else "", named[0] if named else ""]
    date = next(filter(None, dates), "")
    override = override_for(edition, Issue(found.get("number", ""), date))
    values = {"number": found.get("number", ""), "date": date, **override.values}
    findings = []
    if published and named and published[1] != named[0] and "date" not in override.values:
        message = (
            f"the front matter is of {published[1]}, the name of the file of {named[0]}. Correct the wrong "
            f"one, or settle it in {edition.file}, under overrides: {published[1]}: {{date: …}}"
        )
        line = line_at(document.text, published.start(1))
        findings = [Finding("edition.date", Severity.ERROR, message, source_line=line)]
    return Issue(values["number"], values["date"], found.get("title", ""), titles, tuple(findings))


def override_for(edition: Edition, issue: Issue) -> IssueOverride:
    """What is different for an issue: the entry of its date, and that of its number."""
    by_date, by_number = (edition.overrides.get(key, IssueOverride({})) for key in (issue.date, issue.number))
    return IssueOverride({**by_date.values, **by_number.values}, by_date.without | by_number.without)


def _parts(text: str, titles: tuple[Title, ...], edition: Edition) -> dict[str, str]:
    """The groups of the pattern in the first title, or all of the title where there is no pattern."""
    if not titles:
        return {}
    match = edition.issue.search(text[slice(*titles[0].whole)]) if edition.issue else None
    groups = {name: value for name, value in match.groupdict().items() if value} if match else {}
    return {**groups, "title": words_of(titles[0], text)}


def words_of(title: Title, text: str) -> str:
    """The words of a title, without the escapes of a value in quotes."""
    return unquoted(text[slice(*title.words)], title.quotes)


def _titles(document: Document, edition: Edition) -> Iterator[Title]:
    """The title of the front matter and the first H1, if the pattern of the edition fits them."""
    for line, whole, quotes in _places(document):
        if edition.issue is None:
            yield Title(line, whole, whole, quotes)
            return
        if match := edition.issue.search(document.text[slice(*whole)]):
            group = match.span("title") if "title" in match.groupdict() else (0, whole.end - whole.start)
            start, end = group if group[0] >= 0 else (0, 0)
            yield Title(line, whole, Span(whole.start + start, whole.start + end), quotes)


def _places(document: Document) -> Iterator[tuple[int, Span, str]]:
    """Line, span and quotes of what may be the title; a heading without emoji and the link around it."""
    text, front = document.text, document.front_matter_end
    # Of two lines with a title, readers of YAML take the last.
    if match := next(reversed([*_TITLE.finditer(text, 0, front)]), None):
        yield line_at(text, match.start()), Span(*match.span("value")), match[1]
    heading = next((one for one in document.features if one.kind is FeatureKind.HEADING), None)
    if heading is not None and heading.value.partition(" ")[0] == "#":
        inner = next((one.span for one in document.segments if one.line == heading.line), None)
        if match := _HEADING.match(text, line_starts(text)[heading.line - 1]):
            yield heading.line, inner or Span(*match.span("value")), ""


# --------------------------------------------------------------------------- the editions of a run

AUTO, PLAIN = "auto", "none"
"""The edition that picks itself by the shape of the document, and the one that adds and drops nothing."""
_FOLDER = "editions"


class Source(NamedTuple):
    """An edition, and a hash of the files that it was read from: twelve hex digits."""

    edition: Edition
    digest: str


class Choice(NamedTuple):
    """The edition of a document, the hash of its files, and why it is this one."""

    edition: Edition
    digest: str
    why: str
    dialect: Dialect = USUAL
    """What is set about its Markdown."""

    @property
    def signature(self) -> str:
        """As the signature of a run names it: `edition full 0123456789ab`."""
        markdown = f" markdown {self.dialect}" if self.dialect != USUAL else ""
        return f"edition {self.edition.name} {self.digest}{markdown}"


class Editions(NamedTuple):
    """Those that a document can take: the one that was named, or else each that fits its shape."""

    plain: Source
    named: Source | None = None
    own: tuple[Source, ...] = ()
    """Those of the project, which come before the program's."""
    others: tuple[Source, ...] = ()
    dialect: Dialect = USUAL

    def choice_for(self, text: str) -> Choice:
        """The edition of a document. Raises `UsageError` where two fit equally well."""
        return self._choice_for(text)._replace(dialect=self.dialect)

    def _choice_for(self, text: str) -> Choice:
        if self.named is not None:
            return Choice(*self.named, "it was named")
        for sources in (self.own, self.others):
            edition = chosen([source.edition for source in sources], text)
            for source in sources:
                if source.edition is edition:
                    return Choice(*source, "the document has its shape")
        return Choice(*self.plain, "no other edition fits the document")


def read_editions(name: str, project: Path, dialect: Dialect = USUAL, cache: Path | None = None) -> Editions:
    """Read the edition that is named, or all of them for `auto`. What takes long is kept in `cache`.

    Raises `UsageError` with file and line.
    """
    plain = _source(PLAIN, project, cache)
    if name == PLAIN:
        return Editions(plain, plain, dialect=dialect)
    if name != AUTO:
        return Editions(plain, _source(name, project, cache), dialect=dialect)
    own, others = (
        tuple(_source(one, project, cache) for one in names if one != PLAIN)
        for names in names_of_data(_FOLDER, ".yaml", project)
    )
    return Editions(plain, None, own, others, dialect)


def edition_file(name: str, project: Path) -> Path:
    """Where an edition is taken from. Raises `UsageError` with the names of those that there are."""
    try:
        return data_file(f"{_FOLDER}/{name}.yaml", project)
    except UsageError as error:
        known = ", ".join(sorted(edition_names(project)))
        message = f"{error} There are {known}."
        raise UsageError(message) from error


def edition_names(project: Path) -> list[str]:
    """The names of all editions, those of the project first."""
    own, others = names_of_data(_FOLDER, ".yaml", project)
    return [*own, *others]


def read_edition(name: str, project: Path) -> Edition:
    """Read an edition and its templates. Raises `UsageError` with file and line."""
    return _source(name, project).edition


def _source(name: str, project: Path, cache: Path | None = None) -> Source:
    path = edition_file(name, project)
    texts = [read_data(path)]

    def template(file: str) -> str | None:
        """A template of the project stands in for one of the program; none comes from another folder."""
        if ".." in PurePath(file).parts or PurePath(file).is_absolute():
            return None
        try:
            found = data_file(f"{_FOLDER}/{file}", project)
        except UsageError:
            return None
        texts.append(read_data(found))
        return texts[-1]

    edition = parse_edition(yaml_in(texts[0], str(path), cache), template)
    return Source(edition, blake2b("\0".join(texts).encode(), digest_size=6).hexdigest())
