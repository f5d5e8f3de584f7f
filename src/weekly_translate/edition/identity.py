"""Which issue a document is: its number and title by the edition's pattern, its date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.edition.outcomes import Issue, Title
from weekly_translate.edition.values import Override
from weekly_translate.lines import line_starts, lines_of
from weekly_translate.model import FeatureKind, Finding, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Document

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PUBLISHED = re.compile(
    r"^(?:pub_?date|date|published(?:_?at)?)[ \t]*:[ \t]*['\"]?(\d{4}-\d{2}-\d{2})",
    re.MULTILINE | re.IGNORECASE,
)
_TITLE = re.compile(r"^title[ \t]*:[ \t]+(['\"]?)(?P<value>\S[^\r\n]*?)\1[ \t]*\r?$", re.MULTILINE)
_HEADING = re.compile(r" {0,3}#[ \t]+(?P<value>[^\r\n]*?)(?:[ \t]+#+)?[ \t]*(?:\r|\n|\Z)")


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
    findings: tuple[Finding, ...] = ()
    if published and named and published[1] != named[0] and "date" not in override.values:
        findings = (_disagreement(published, named[0], document.text, edition),)
    return Issue(values["number"], values["date"], found.get("title", ""), titles, findings)


def override_for(edition: Edition, issue: Issue) -> Override:
    """What is different for an issue: the entry of its date, and that of its number."""
    by_date, by_number = (
        edition.overrides.get(key, Override({})) if key else Override({})
        for key in (issue.date, issue.number)
    )
    return Override({**by_date.values, **by_number.values}, by_date.without | by_number.without)


def _parts(text: str, titles: tuple[Title, ...], edition: Edition) -> dict[str, str]:
    """The groups of the pattern in the first title, or all of the title where there is no pattern."""
    if not titles:
        return {}
    match = edition.issue.search(text[slice(*titles[0].whole)]) if edition.issue else None
    groups = {name: value for name, value in match.groupdict().items() if value} if match else {}
    return {**groups, "title": words_of(titles[0], text)}


def words_of(title: Title, text: str) -> str:
    """The words of a title, without the escapes of a value in quotes."""
    words = text[slice(*title.words)]
    if title.quotes == "'":
        return words.replace("''", "'")
    return re.sub(r'\\(["\\])', r"\1", words) if title.quotes else words


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
    if match := _TITLE.search(text, 0, front):
        yield _line(text, match.start()), Span(*match.span("value")), match[1]
    heading = next((one for one in document.features if one.kind is FeatureKind.HEADING), None)
    if heading is not None and heading.value.partition(" ")[0] == "#":
        inner = next((one.span for one in document.segments if one.line == heading.line), None)
        if match := _HEADING.match(text, line_starts(text)[heading.line - 1]):
            yield heading.line, inner or Span(*match.span("value")), ""


def _line(text: str, offset: int) -> int:
    return len(lines_of(text[:offset]))


def _disagreement(published: re.Match[str], named: str, text: str, edition: Edition) -> Finding:
    message = (
        f"the front matter is of {published[1]}, the name of the file of {named}. Correct the wrong one, "
        f"or settle it in {edition.file}, under overrides: {published[1]}: {{date: …}}"
    )
    return Finding("edition.date", Severity.ERROR, message, source_line=_line(text, published.start(1)))
