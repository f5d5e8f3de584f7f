"""The frame around an issue: its title, header and footer, and the front matter that goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weekly_translate.edition.outcomes import Use
from weekly_translate.edition.seams import Inserted
from weekly_translate.edition.templates import filled
from weekly_translate.edition.titling import in_front_matter, titled
from weekly_translate.edition.values import RuleKind
from weekly_translate.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.edition.outcomes import Issue
    from weekly_translate.edition.values import Edition
    from weekly_translate.model import Document, Segment, Span


@dataclass(frozen=True, slots=True)
class Frame:
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
