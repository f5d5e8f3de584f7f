"""What an edition writes in place of title, headings, header, footer, marks and addresses (D6)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.values import (
    HOLE,
    REST,
    Inserted,
    NotePolicy,
    Selector,
    code_lines,
    filled,
    selected,
)
from weekly_translate.markdown.site import quoted, unquoted
from weekly_translate.model import FeatureKind, Kind, MarkKind, PassageKind, RuleKind, Span, TagKind, Use
from weekly_translate.text.characters import (
    IN_ASCII,
    LINE_END,
    bare_number,
    has_han,
    lazy_pattern,
    lines_of,
    tokens_of,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from weekly_translate.edition.schema import Edition
    from weekly_translate.edition.values import Heading, Issue, Rewrite, Title
    from weekly_translate.model import Document, Feature, Mark, Passage, Segment


_HEADING_MARK = lazy_pattern(r"\A#{1,6}[ \t]+")


class Titled(NamedTuple):
    """The title's new text, the segment of its words, and the words as they are where no model is needed."""

    text: str
    segment: Segment | None = None
    """Cut down to the words; takes the place of the segment with its id."""
    words: str = ""
    """The Markdown of the words."""


def titled(document: Document, edition: Edition, title: Title | None, values: Mapping[str, str]) -> Titled:
    """What stands in place of a title, with a hole for the words of the source."""
    words = words_of(title, document.text) if title else ""
    text = filled(edition.title, {**values, "title": HOLE if words else ""})
    if title is None or HOLE not in text:
        return Titled(text)
    start, end = title.words
    around = (one for one in document.segments if one.span.start <= start and end <= one.span.end)
    segment = next((one for one in around if one.kind in (Kind.META, Kind.HEADING)), None)
    if segment is None or not has_han(words):
        return Titled(text.replace(HOLE, words), words=words)
    cut = _cut(segment, title, words, edition.issue)
    return Titled(text, cut, "" if segment.kind is Kind.META else words)


def in_front_matter(
    document: Document, titled_: Titled, title: Title
) -> tuple[dict[Span, str], dict[str, str], Segment | None]:
    """The title in a front matter that is kept: fixed texts, settled segments, the segment that is left."""
    text = _HEADING_MARK.sub("", titled_.text)
    whole = next((one for one in document.segments if one.span == title.whole), None)
    if whole is None:
        return {title.whole: text}, {}, None
    if HOLE not in text or titled_.segment is None:
        return {}, {whole.id: text}, None
    quote = '"' if whole.quotes == "plain" else whole.quotes
    before, after = (quoted(part, quote) for part in text.split(HOLE, 1))
    added = quote if whole.quotes == "plain" else ""
    fixed = {
        Span(title.whole.start, title.words.start): added + before,
        Span(title.words.end, title.whole.end): after + added,
    }
    return fixed, {}, titled_.segment._replace(kind=Kind.META, quotes=quote)


def words_of(title: Title, text: str) -> str:
    """The words of a title, without the escapes of a value in quotes."""
    return unquoted(text[slice(*title.words)], title.quotes)


def _cut(segment: Segment, title: Title, words: str, issue: re.Pattern[str] | None) -> Segment:
    """The segment of the title without what the template says: the name of the newsletter, the number."""
    match = issue.search(segment.text) if issue else None
    text = match["title"] if match and "title" in match.groupdict() else segment.text
    names = {token.name for token in tokens_of(text)}
    tags = tuple(tag for tag in segment.tags if tag.name in names)
    return segment._replace(kind=Kind.HEADING, span=title.words, text=text or words, tags=tags, quotes="")


# --------------------------------------------------------------------------- headings


class SettledHeadings(NamedTuple):
    """The headings that rules settle, by the id of the segment, and the rules that fired."""

    settled: dict[str, str]
    left: dict[str, Segment]
    """The words that are left to translate of those that are settled in part ..."""
    fixed: dict[Span, str]
    """... and the English around them."""
    uses: tuple[Use, ...]


_KINDS = (Kind.HEADING, Kind.TITLE, Kind.TEXT)


def settled_headings(document: Document, headings: Iterable[Heading]) -> SettledHeadings:
    """The English of each heading that a rule knows, and the rules that fired.

    Lines of items and lines with markup inside are no headings.
    """
    settled: dict[str, str] = {}
    left: dict[str, Segment] = {}
    fixed: dict[Span, str] = {}
    lines: dict[Heading, list[int]] = {}
    items = {mark.line for mark in document.marks if mark.kind is MarkKind.ITEM}
    for segment in document.segments:
        if segment.kind not in _KINDS or segment.line in items or segment.tags:
            continue
        for heading in headings:
            if match := heading.pattern.fullmatch(segment.text.strip()):
                if half := _half(document.text, segment, heading, match):
                    left[segment.id] = half
                    fixed |= _around(segment, half, heading, match)
                else:
                    settled[segment.id] = match.expand(heading.text).replace(
                        REST, match.groupdict().get("rest", "")
                    )
                lines.setdefault(heading, []).append(segment.line)
                break
    uses = (Use(RuleKind.HEADING, rule.pattern.pattern, tuple(at), rule.text) for rule, at in lines.items())
    return SettledHeadings(settled, left, fixed, tuple(uses))


def _half(source: str, segment: Segment, heading: Heading, match: re.Match[str]) -> Segment | None:
    """What is left to translate of a heading, if the rule leaves anything Chinese."""
    if REST not in heading.text or not has_han(match["rest"]) or source[slice(*segment.span)] != segment.text:
        return None
    start, end = (segment.span.start + place for place in match.span("rest"))
    return segment._replace(text=match["rest"], span=Span(start, end))


def _around(segment: Segment, left: Segment, heading: Heading, match: re.Match[str]) -> dict[Span, str]:
    before, _, after = heading.text.partition(REST)
    return {
        Span(segment.span.start, left.span.start): match.expand(before),
        Span(left.span.end, segment.span.end): match.expand(after),
    }


# --------------------------------------------------------------------------- full-width signs

_OPENING, _OTHERS = "（【〔《〈「『", "，。；：！？、）】〕》〉」』"
_BLANKS = lazy_pattern(rf"(?<=[{_OPENING}])[ \t\u3000]+|[ \t\u3000]+(?=[{_OTHERS}])")
_BEFORE = lazy_pattern(rf"(?<=\w)(?=[{_OPENING}])")
_BEHIND = lazy_pattern(rf"(?<=[{_OTHERS}])(?=\w)(?!(?<=\d[，：])\d)")
"""Where English has a space; `10：30` is a time."""
_MARKUP = lazy_pattern(r"[`<\[\]|$\\]|://")


def ascii_signs(document: Document) -> dict[Span, str]:
    """Words that are not Chinese, with English signs: `Ask HN：Books?`. What holds markup is left alone."""
    words = {passage.span: document.text[slice(*passage.span)] for passage in _plain(document)}
    english = {span: _in_ascii(text) for span, text in words.items() if not _MARKUP.search(text)}
    return {span: text for span, text in english.items() if text != words[span]}


def _plain(document: Document) -> Iterator[Passage]:
    """A value of the front matter is left out: it might need quotes around an ASCII colon."""
    before = None
    for passage in document.passages:
        if passage.kind is PassageKind.NO_CHINESE and before is not PassageKind.FRONT_MATTER:
            yield passage
        before = passage.kind


def _in_ascii(text: str) -> str:
    return _BEHIND.sub(" ", _BEFORE.sub(" ", _BLANKS.sub("", text))).translate(IN_ASCII)


# --------------------------------------------------------------------------- the frame around an issue


class Frame(NamedTuple):
    """The lines that go, the texts that come, and what is left of the title."""

    covered: frozenset[int]
    inserted: tuple[Inserted, ...]
    reserved: frozenset[int]
    """Lines of the front matter and the title, which no other rule may take."""
    fixed: Mapping[Span, str]
    settled: Mapping[str, str]
    cut: Segment | None
    """The segment of the title, cut down to its words."""
    words: str
    """The Markdown of these words."""
    uses: tuple[Use, ...]


def frame_of(document: Document, edition: Edition, issue: Issue, values: Mapping[str, str]) -> Frame:
    """What stands above and below the issue."""
    front = _front_matter_lines(document)
    headings = frozenset(one.line for one in issue.titles) - front
    titles = issue.titles if edition.title else ()
    title = titled(document, edition, titles[0] if titles else None, values)
    inside = edition.keeps_front_matter and bool(titles) and titles[0].line in front
    fixed, settled, cut = in_front_matter(document, title, titles[0]) if inside else ({}, {}, title.segment)
    below = max(headings | front, default=0)
    here = titles[0].line if titles else below + 1
    last = len(lines_of(document.text))
    texts = [
        (RuleKind.TITLE, here, "" if inside else title.text),
        (RuleKind.HEADER, below + 1, filled(edition.header, values)),
        (RuleKind.FOOTER, last + 1, filled(edition.footer, values)),
    ]
    dropped = frozenset() if edition.keeps_front_matter else front
    uses = [Use(RuleKind.TITLE, "title", tuple(one.line for one in titles), title.text)] if titles else []
    uses += [Use(RuleKind.FRONT_MATTER, "front matter", tuple(sorted(dropped)))] if dropped else []
    uses += [Use(kind, kind.value, (), text) for kind, _, text in texts[1:] if text]
    return Frame(
        covered=dropped | (headings if titles else frozenset()),
        inserted=tuple(Inserted(line, text) for _, line, text in texts if text),
        reserved=front | headings,
        fixed=fixed,
        settled=settled,
        cut=cut,
        words=title.words,
        uses=tuple(uses),
    )


def _front_matter_lines(document: Document) -> frozenset[int]:
    end = document.front_matter_end
    return frozenset(range(1, len(lines_of(document.text[:end].rstrip("\r\n"))) + 1)) if end else frozenset()


ADDRESSED = (FeatureKind.LINK, FeatureKind.IMAGE)


def localized(
    features: Iterable[Feature], rewrites: Iterable[Rewrite]
) -> tuple[dict[Span, str], tuple[Use, ...]]:
    """The new text of each destination that a rule rewrites, and the rules that did."""
    fixed: dict[Span, str] = {}
    lines: dict[Rewrite, list[int]] = {}
    for feature in features:
        if feature.kind not in ADDRESSED or feature.span is None:
            continue
        address, rewrite = moved(feature.value, rewrites)
        if rewrite is not None and address != feature.value:
            fixed[feature.span] = address
            lines.setdefault(rewrite, []).append(feature.line)
    uses = (Use(RuleKind.ADDRESS, rule.name, tuple(at), rule.replacement) for rule, at in lines.items())
    return fixed, tuple(uses)


def moved(address: str, rewrites: Iterable[Rewrite]) -> tuple[str, Rewrite | None]:
    """Where an address has moved to: by the first rule that fits, once; and this rule."""
    for rewrite in rewrites:
        found, count = rewrite.pattern.subn(rewrite.replacement, address, count=1)
        if count:
            return found, rewrite
    return address, None


# --------------------------------------------------------------------------- marks

_ENGLISH_STARS = lazy_pattern(r"\s*\(\s*(\d[\d.,]*\s?[kKwW]?\+?)\s*stars?\s*\)\s*", re.IGNORECASE)
_INDENTED_BELOW = lazy_pattern(r"[^\r\n]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*(?: {3}|\t)")
_RULES_OF_MARKS = {MarkKind.ITEM: RuleKind.ITEM, MarkKind.NOTE: RuleKind.NOTE, MarkKind.STARS: RuleKind.STARS}


def written_marks(document: Document, edition: Edition) -> tuple[dict[Span, str], tuple[Use, ...]]:
    """What stands in the English in place of each mark that the edition knows, by kinds of marks as well."""
    fixed: dict[Span, str] = {}
    lines: dict[MarkKind, list[int]] = {}
    policies = note_policies(document, edition)
    for mark in document.marks:
        text = _rendered(mark, document.text, edition, policies[mark.line])
        if text is not None:
            fixed[mark.span] = text
            lines.setdefault(mark.kind, []).append(mark.line)
    uses = [Use(_RULES_OF_MARKS[kind], f"{_RULES_OF_MARKS[kind]}s", tuple(at)) for kind, at in lines.items()]
    unmarked = tuple(one for one in unmarked_items(document) if policies[one[0]] is NotePolicy.INVERT)
    counts = {mark.line: mark.span for mark in document.marks if mark.kind is MarkKind.STARS}
    for line, end in unmarked:
        following = counts.get(line, Span(end, min(end + 1, len(document.text))))
        behind = fixed.get(following, document.text[slice(*following)])
        fixed[following] = f" ({edition.notes.unmarked}){behind}"
    if unmarked:
        at = tuple(line for line, _ in unmarked)
        uses.append(Use(RuleKind.NOTE, "items without a note", at, f"({edition.notes.unmarked})"))
    return fixed, tuple(uses)


def with_house_marks(target: str, source: str, edition: Edition) -> str:
    """A translation whose star counts inside a sentence are written as the edition writes those at its end.

    Only where the source has one inside: so nothing else that a translator writes is touched.
    """
    inside = re.compile(edition.marks.stars.pattern.removesuffix(r"\Z"), edition.marks.stars.flags)
    if not inside.search(source):
        return target
    for pattern in (inside, _ENGLISH_STARS):
        target = pattern.sub(lambda match: _inside(match, edition), target)
    return target


def _inside(match: re.Match[str], edition: Edition) -> str:
    """A star count with the space around it that was there, and one between it and a word."""
    text, (start, end) = match.string, match.span()
    before = match[0][: len(match[0]) - len(match[0].lstrip())] or " " * text[start - 1 : start].isalnum()
    following = text[end : end + 1]
    after = match[0][len(match[0].rstrip()) :] or " " * (following.isalnum() or following == "(")
    count = edition.stars.with_.replace("{count}", value_of(match).strip())
    return f"{before}{count}{after}"


def _rendered(mark: Mark, source: str, edition: Edition, policy: NotePolicy) -> str | None:
    if mark.kind is MarkKind.ITEM:
        number = bare_number(mark.value)
        # `1. ` begins a list, to which an indented block below would belong: there it is `(1) `.
        if number != mark.value or _INDENTED_BELOW.match(source, mark.span.end):
            return f"({number}) "
        return edition.items.with_.replace("{number}", number)
    if mark.kind is MarkKind.STARS:
        return " " + edition.stars.with_.replace("{count}", mark.value.removesuffix(" "))
    note = edition.notes.names.get(mark.value)
    if note is None:
        return None
    silent = policy is NotePolicy.INVERT and note == edition.notes.usual
    return "" if silent or policy is NotePolicy.DROP else f" ({note})"


def note_policies(document: Document, edition: Edition) -> Mapping[int, NotePolicy]:
    """What becomes of language notes in each line of a source: sections may have a policy of their own."""
    policies: defaultdict[int, NotePolicy] = defaultdict(lambda: edition.notes.policy)
    for words, policy in edition.notes.sections.items():
        for line in selected(document.text, (Selector("heading", re.compile(words)),), code_lines(document)):
            policies.setdefault(line, policy)
    return policies


def unmarked_items(document: Document) -> Iterator[tuple[int, int]]:
    """The lines of items that link somewhere and have no language note, and where these lines end."""
    noted = {mark.line for mark in document.marks if mark.kind is MarkKind.NOTE}
    linking = {
        segment.line
        for segment in document.segments
        if segment.link or any(tag.kind is TagKind.LINK for tag in segment.tags)
    }
    for mark in document.marks:
        if mark.kind is MarkKind.ITEM and mark.line in linking and mark.line not in noted:
            end = mark.span.end
            yield mark.line, end + len(LINE_END.split(document.text[end:], 1)[0].rstrip())
