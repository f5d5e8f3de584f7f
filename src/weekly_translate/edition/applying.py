"""Which edition a document takes, which issue it is, and what it becomes, every difference declared (D6)."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import blake2b
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.data_files import data_file, names_of_data, read_data, yaml_in
from weekly_translate.edition.rewriting import (
    ADDRESSED,
    ascii_signs,
    frame_of,
    localized,
    moved,
    settled_headings,
    words_of,
    written_marks,
)
from weekly_translate.edition.schema import parse_edition
from weekly_translate.edition.values import (
    HOLE,
    IDENTITY,
    TITLE,
    Edited,
    Inserted,
    Issue,
    IssueOverride,
    Rule,
    Title,
    blocks_of,
    faults_of,
    filled,
    seam_texts,
    seams_of,
    variables_needed,
)
from weekly_translate.errors import FaultsError, UsageError
from weekly_translate.markdown.segments import parse
from weekly_translate.model import (
    USUAL,
    Dialect,
    Feature,
    FeatureKind,
    Finding,
    Passage,
    PassageKind,
    RuleKind,
    Severity,
    Span,
    Use,
)
from weekly_translate.text.characters import lazy_pattern, line_at, line_starts, lines_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.edition.schema import Edition
    from weekly_translate.edition.values import Seam
    from weekly_translate.model import Document, Segment


def fits(edition: Edition, text: str) -> bool:
    """Whether each pattern of the shape is found in a line, and none of those that must not be."""
    lines = lines_of(text)
    return (
        bool(edition.shape.has)
        and all(any(pattern.search(line) for line in lines) for pattern in edition.shape.has)
        and not any(pattern.search(line) for pattern in edition.shape.lacks for line in lines)
    )


def chosen(editions: Sequence[Edition], text: str) -> Edition | None:
    """The edition that fits with the most patterns, if any does. Raises `UsageError` where two fit alike."""
    found = [edition for edition in editions if fits(edition, text)]
    most = max((len(edition.shape.has) for edition in found), default=0)
    best = [edition for edition in found if len(edition.shape.has) == most]
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
    found = [edition.overrides[key] for key in (issue.date, issue.number) if key in edition.overrides]
    values = {name: text for one in found for name, text in one.__pydantic_extra__.items()}
    return IssueOverride(values, frozenset(name for one in found for name in one.without))


def _parts(text: str, titles: tuple[Title, ...], edition: Edition) -> dict[str, str]:
    """The groups of the pattern in the first title, or all of the title where there is no pattern."""
    if not titles:
        return {}
    match = edition.issue.search(text[slice(*titles[0].whole)]) if edition.issue else None
    groups = {name: value for name, value in match.groupdict().items() if value} if match else {}
    return {**groups, "title": words_of(titles[0], text)}


def _titles(document: Document, edition: Edition) -> Iterator[Title]:
    """The title of the front matter and the first H1, if the pattern of the edition fits them."""
    for line, whole, quotes in title_places(document):
        if edition.issue is None:
            yield Title(line, whole, whole, quotes)
            return
        if match := edition.issue.search(document.text[slice(*whole)]):
            group = match.span("title") if "title" in match.groupdict() else (0, whole.end - whole.start)
            start, end = group if group[0] >= 0 else (0, 0)
            yield Title(line, whole, Span(whole.start + start, whole.start + end), quotes)


def title_places(document: Document) -> Iterator[tuple[int, Span, str]]:
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
        if self.named is not None:
            return Choice(*self.named, "it was named", self.dialect)
        for sources in (self.own, self.others):
            edition = chosen([source.edition for source in sources], text)
            for source in sources:
                if source.edition is edition:
                    return Choice(*source, "the document has its shape", self.dialect)
        return Choice(*self.plain, "no other edition fits the document", self.dialect)


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


def rules_of(edition: Edition) -> tuple[Rule, ...]:
    """The rules for headings, blocks and addresses, in the order of the file."""
    rules = [Rule(RuleKind.HEADING, one.pattern.pattern, one.line) for one in edition.settled]
    rules += [Rule(one.kind, one.name, one.line) for one in edition.blocks]
    rules += [Rule(RuleKind.ADDRESS, one.name, one.line) for one in edition.rewrites]
    return tuple(sorted(rules, key=lambda rule: rule.line))


def unused(edition: Edition, uses: Iterable[Use]) -> tuple[Rule, ...]:
    """The rules that fired in none of the issues whose uses these are: what they look for is gone."""
    uses = tuple(uses)
    fired = {(use.kind, use.rule) for use in uses} | {
        # A promotion that is dropped, because it did not exist yet, has been found all the same.
        (RuleKind.REPLACED, use.rule)
        for use in uses
        if use.kind is RuleKind.DROPPED
    }
    return tuple(rule for rule in rules_of(edition) if (rule.kind, rule.name) not in fired)


# --------------------------------------------------------------------------- what is left to translate


def remaining(
    document: Document, covered: Collection[int], settled: Collection[Span], cut: Mapping[str, Segment]
) -> Document:
    """The document without what stands on covered lines, and with what is left of segments that are `cut`.

    The edition has the `settled` stretches, but for these segments.
    """
    segments = tuple(
        cut.get(one.id, one) for one in document.segments if one.line not in covered or one.id in cut
    )
    free = [one.span for one in cut.values()]
    passages = [
        *(
            Passage(span, one.kind)
            for one in document.passages
            for span in _without(one.span, [*settled, *free])
        ),
        *(Passage(span, PassageKind.EDITION) for stretch in settled for span in _without(stretch, free)),
    ]
    return document._replace(
        segments=segments,
        passages=tuple(sorted(passages, key=lambda passage: passage.span)),
        marks=tuple(mark for mark in document.marks if mark.line not in covered),
        features=tuple(feature for feature in document.features if feature.line not in covered),
        findings=tuple(finding for finding in document.findings if finding.source_line not in covered),
    )


def _without(span: Span, others: Sequence[Span]) -> Iterator[Span]:
    """The parts of a stretch that lie in none of the others."""
    start = span.start
    for other in sorted(one for one in others if one.start < span.end and span.start < one.end):
        if start < other.start:
            yield Span(start, other.start)
        start = max(start, other.end)
    if start < span.end:
        yield Span(start, span.end)


# --------------------------------------------------------------------------- what the English has to hold


def expected_features(
    document: Document, covered: Collection[int], seams: Iterable[Seam], edition: Edition
) -> tuple[Feature, ...]:
    """In output order: features of lines that stay, with their new addresses, and those of the new texts.

    They come of the source and the edition, and not of what was assembled.
    """
    kept = [
        (
            2 * one.line,
            replace(one, value=moved(one.value, edition.rewrites)[0])
            if one.kind in ADDRESSED and one.span
            else one,
        )
        for one in document.features
        if one.line not in covered
    ]
    added = [
        (2 * seam.after + 1, replace(feature, line=max(seam.after, 1)))
        for seam in seams
        for feature in parse(seam.text, dialect=document.dialect).features
    ]
    return tuple(feature for _, feature in sorted([*kept, *added], key=lambda entry: entry[0]))


# --------------------------------------------------------------------------- applying an edition


def edited(document: Document, edition: Edition, issue: Issue) -> Edited:
    """Take away, put in and settle what the edition says. Nothing of that is ever shown to a model.

    Raises `FaultsError` with every reason why it cannot be done: a rule that would drop an item, a template
    that needs what nobody knows.
    """
    override = override_for(edition, issue)
    _refuse(missing_for(edition, issue, override))
    values = values_for(edition, issue, override)
    frame = frame_of(document, edition, issue, values)
    blocks = blocks_of(document, edition.blocks, values, override.without, frame.reserved)
    _refuse(faults_of(blocks, document, edition.file))
    covered = frame.covered.union(*(block.lines for block in blocks))
    inserted = [*frame.inserted, *(Inserted(block.lines[0], block.text) for block in blocks if block.text)]
    seams = tuple(seams_of(document.text, covered, inserted))

    cut = {frame.cut.id: frame.cut} if frame.cut else {}
    left = remaining(document, covered, [seam.span for seam in seams], cut)
    settled, cut, half_fixed, heading_uses = settled_headings(left, edition.settled)
    left = remaining(left, (), half_fixed, cut)
    addresses, address_uses = localized(left.features, edition.rewrites)
    marks, mark_uses = written_marks(left, edition)
    fixed = {**ascii_signs(left), **marks, **addresses, **half_fixed, **frame.fixed}
    whole = [seam._replace(text=seam.text.replace(HOLE, frame.words or "x")) for seam in seams]
    return Edited(
        document=left._replace(findings=(*issue.findings, *left.findings)),
        fixed=fixed | seam_texts(seams, document.text, fixed, frame.cut.span if frame.cut else None),
        settled={**settled, **frame.settled},
        expected=expected_features(document, covered, whole, edition),
        uses=(
            *frame.uses,
            *heading_uses,
            *(block.use for block in blocks),
            *mark_uses,
            *address_uses,
        ),
        covered=covered,
        inserted=tuple(one.text for one in inserted),
    )


def _refuse(faults: Iterable[str]) -> None:
    if found := tuple(faults):
        raise FaultsError(found)


class Manuscript(NamedTuple):
    """A document under its edition."""

    choice: Choice
    issue: Issue
    edited: Edited


def manuscript_of(text: str, name: str, editions: Editions, *, every_line: bool = False) -> Manuscript:
    """The document `text`, whose file is called `name`. Raises `InputRefusedError` and `UsageError`."""
    choice = editions.choice_for(text)
    document = parse(text, every_line=every_line, marks=choice.edition.marks, dialect=choice.dialect)
    issue = issue_of(document, choice.edition, name)
    return Manuscript(choice, issue, edited(document, choice.edition, issue))


# --------------------------------------------------------------------------- templates for one issue


def values_for(edition: Edition, issue: Issue, override: IssueOverride) -> dict[str, str]:
    """`{number}`, `{date}` and the edition's own, which an override may change; all are filled."""
    known = {"number": issue.number, "date": issue.date}
    own = {**edition.values, **{key: text for key, text in override.values.items() if key not in IDENTITY}}
    return {**{name: filled(text, known) for name, text in own.items()}, **known}


def missing_for(edition: Edition, issue: Issue, override: IssueOverride) -> Iterator[str]:
    """A sentence for each of number, date and title that a template of the edition needs and nobody knows."""
    found = {"number": issue.number, "date": issue.date, TITLE: issue.title}
    blocks = " ".join(rule.text for rule in edition.blocks if rule.name not in override.without)
    own = " ".join({**edition.values, **override.values}.values())
    texts = {"title": edition.title, "header": edition.header, "footer": edition.footer}
    for key, text in (texts | {"replaced": blocks, "values": own}).items():
        for name in variables_needed(text):
            if found.get(name) == "":
                place = f"{edition.file}:{edition.line_of(key)}"
                yield f"{place}: '{key}' needs {{{name}}}, and {_REASONS[name]}"


_REASONS: Mapping[str, str] = {
    "number": "'issue' finds no number in the title of this document. Correct the title or the pattern, or "
    "give the number under 'overrides', by the date of the issue.",
    "date": "neither the front matter (pubDate) nor the name of the file has one. Name the file by its date, "
    "such as 2023-07-08-weekly.md, or give the date under 'overrides', by the number of the issue.",
    TITLE: "'issue' finds no title in this document. Correct the title or the pattern.",
}
