"""Text -> `Document`: which stretches are translated, and why all others are kept.

Every character of the source lies in a segment or in a passage that is kept on purpose (D1): a coverage map
says for each of them what it is. What no rule has claimed is layout, in which no Chinese may stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from weekly_translate.errors import InputRefusedError
from weekly_translate.markdown.assemble import HTML, IN_TITLE, TEMPLATE
from weekly_translate.markdown.comments import COMMENT, comments_in, titles_in
from weekly_translate.markdown.front_matter import front_matter, unquoted
from weekly_translate.markdown.hidden import ENCODED_FILLER, hidden_in, within
from weekly_translate.markdown.html import attributes_in, runs_of
from weekly_translate.markdown.inline import ESCAPE, Peeled, lines_of, peeled, tagged, tagged_html
from weekly_translate.markdown.tree import MAX_SEGMENTS, features_of, refuse_what_is_too_much
from weekly_translate.model import (
    USUAL,
    Dialect,
    Document,
    Finding,
    Kind,
    Mark,
    Passage,
    PassageKind,
    Segment,
    Severity,
    Span,
)
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import MarkPatterns, has_han, line_starts, shortened
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weekly_translate.markdown.hidden import Hidden
    from weekly_translate.markdown.tree import Block, Node, Tree
    from weekly_translate.model import Tag

_KEPT = {
    "block_code": PassageKind.CODE,
    "block_html": PassageKind.HTML,
    "definition": PassageKind.DEFINITION,
}
_OUT_OF_ORDER = "the Markdown parser reads its lines in another order; put empty lines between its blocks"
_TOO_DENSE = "it holds more emphasis marks than can be resolved in time; make several paragraphs of it"
_NO_POSITION = "the Markdown parser gives no position for its words"
_USUAL = MarkPatterns()


def parse(
    text: str, *, every_line: bool = False, marks: MarkPatterns = _USUAL, dialect: Dialect = USUAL
) -> Document:
    """Cut a Markdown text into segments and kept passages. Raises `InputRefusedError`.

    With `every_line`, lines without Chinese are segments too: so an English text is cut for a comparison.
    `marks` are the newsletter's own ways to write item numbers, language notes and star counts; `dialect` is
    what is set about the Markdown.
    """
    from weekly_translate.markdown.positions import (  # noqa: PLC0415 - loads mistune: not all need it
        tree_of,
    )

    refuse_what_is_too_much(text)
    cutter = _Cutter(text, every_line, marks, dialect)
    base = cutter.cut_front_matter()
    cutter.hidden = hidden_in(text, base, dialect.site)
    tree = tree_of(text, base, cutter.hidden)
    for span in tree.footnotes:
        cutter.coverage.claim(span, PassageKind.DEFINITION)
    for block in cutter.readable(tree):
        cutter.cut(block)
    return cutter.document(tree)


def sections_of(document: Document) -> dict[str, str]:
    """The words of the heading that each segment stands under, by its id; a heading stands under itself."""
    sections = {}
    section = ""
    for segment in document.segments:
        if segment.kind is Kind.HEADING:
            section = without_tags(segment.text)
        sections[segment.id] = section
    return sections


class _Candidate(NamedTuple):
    """A segment before it has its number and its line."""

    kind: Kind
    span: Span
    text: str
    tags: tuple[Tag, ...] = ()
    hint: str = ""
    quotes: str = ""
    link: str = ""


class _Cutter:
    """Collects what a document is made of, block by block."""

    def __init__(
        self,
        text: str,
        every_line: bool,  # noqa: FBT001 - parse's own
        patterns: MarkPatterns,
        dialect: Dialect,
    ) -> None:
        self.text, self.every_line, self.patterns, self.dialect = text, every_line, patterns, dialect
        self.coverage = _Coverage(len(text))
        self.lines = line_starts(text)
        self.hidden: Sequence[Hidden] = ()
        self.found: list[tuple[_Candidate, int]] = []  # each with its group
        self.marks: list[Mark] = []
        self.findings: list[Finding] = []
        self.group = 0

    def line_of(self, offset: int) -> int:
        return bisect_right(self.lines, offset)

    def add(self, candidate: _Candidate) -> None:
        """A segment, where its words are Chinese; else a passage."""
        text = candidate.text
        if not (self.every_line or (has_han(text) and has_han(prose_of(text)))):
            self._keep(candidate.span, PassageKind.NO_CHINESE)
            return
        self.coverage.claim(candidate.span, None)
        self.found.append((candidate, self.group))

    def _keep(self, span: Span, kind: PassageKind) -> None:
        """What is kept inside a segment belongs to one of its tags."""
        if self.coverage.kind_at(span.start) is not None:
            self.coverage.claim(span, kind)

    def warn(self, span: Span, reason: str) -> None:
        """Keep what cannot be read. Chinese in it would be published: that is an error."""
        self.coverage.claim(span, PassageKind.UNREADABLE)
        line, text = self.line_of(span.start), self.text[slice(*span)]
        severity = Severity.ERROR if has_han(text) else Severity.WARNING
        message = f"line {line} is left as it is, “{shortened(' '.join(text.split()))}”: {reason}"
        self.findings.append(Finding("doc.unreadable", severity, message, source_line=line))

    def cut_front_matter(self) -> int:
        """Where the front matter ends; its texts are segments."""
        front = front_matter(self.text)
        self.coverage.claim(Span(0, front.end), PassageKind.FRONT_MATTER)
        for span, quotes in front.values:
            self.add(_Candidate(Kind.META, span, unquoted(self.text[slice(*span)], quotes), quotes=quotes))
        if front.reason and has_han(self.text[: front.end]):
            message = f"the front matter is kept as it is: {front.reason}"
            self.findings.append(Finding("doc.front-matter", Severity.WARNING, message, source_line=1))
        return front.end

    def readable(self, tree: Tree) -> Iterator[Block]:
        """The blocks, without the regions in which mistune is known to mix up the order of lines."""
        position = 0
        for block in tree.blocks:
            if not block.in_order or block.span.start < position:
                self.warn(block.span, _OUT_OF_ORDER)
            elif block.too_dense:
                self.warn(block.span, _TOO_DENSE)
            else:
                yield block
            position = max(position, block.span.end)

    def cut(self, block: Block) -> None:
        """Keep a block of code, or cut a block of HTML or of text into its texts."""
        if block.kind in _KEPT:
            self.coverage.claim(block.span, _KEPT[block.kind])
        if block.kind == "block_html":
            self._cut_html(block)
        for title, closing in titles_in(self.text, block.span) if block.kind == "block_code" else ():
            text = self.text[slice(*title)]
            self.add(_Candidate(Kind.ALT, title, text, quotes=TEMPLATE + closing))
        if block.kind == "block_code" and self.dialect.comments:
            self._cut_comments(block)
        for line in lines_of(block.nodes, self.text):
            self._cut_line(peeled(line, self.text, self.patterns, self.hidden), block)
            self._cut_hidden(Span(line[0].span.start, line[-1].span.end))

    def _cut_hidden(self, span: Span) -> None:
        """The values in what is hidden in a line."""
        for one in within(self.hidden, span) if self.hidden else ():
            self._cut_attributes(one.span)

    def _cut_html(self, block: Block) -> None:
        """The texts between the tags, and the values in them."""
        for place, run in enumerate(runs_of(self.text, block.span)):
            self.group += place == 0
            line = tagged_html(run, self.text)
            span = Span(run[0].span.start, run[-1].span.end)
            self.add(_Candidate(Kind.TEXT, span, line.text, line.tags, quotes=HTML))
        self._cut_attributes(block.span)

    def _cut_comments(self, block: Block) -> None:
        """The words of each line of a comment."""
        self.group += 1
        for words, _ in comments_in(self.text, block.span):
            text = self.text[slice(*words)]
            if self.every_line or has_han(text):
                self.add(_Candidate(Kind.TEXT, words, text, quotes=COMMENT))

    def _cut_attributes(self, span: Span) -> None:
        kind = HTML if self.text[span.start] == "<" else TEMPLATE
        for value in attributes_in(self.text, span):
            self.add(_Candidate(Kind.ALT, value.span, value.text, quotes=kind + value.quotes))

    def _cut_line(self, line: Peeled, block: Block) -> None:
        """One line: its marks, its images, and what is left as a segment."""
        for span in line.hidden:
            self.coverage.claim(span, PassageKind.CODE)
        for mark, span, value in line.marks:
            self.coverage.claim(span, PassageKind.MARK)
            self.marks.append(Mark(mark, span, value, self.line_of(span.start)))
        if line.is_title or block.level or block.kind == "container_title":
            self.group += 1
        for node in (line.link, *line.images):
            if node is not None:
                self._cut_inner(node)
        if line.nodes:
            kind = Kind.TITLE if line.is_title else Kind.TEXT
            if block.level or block.kind == "table_cell":
                kind = Kind.HEADING if block.level else Kind.CELL
            if block.kind == "container_title":
                self._cut_nodes(line.nodes, Kind.TITLE, quotes=IN_TITLE)
            else:
                self._cut_nodes(line.nodes, kind, self._address(line.link))

    def _address(self, link: Node | None) -> str:
        """Where a link leads; a template in it is written out."""
        if link is None or ENCODED_FILLER not in link.url or link.address is None:
            return link.url if link else ""
        return self.text[slice(*link.address)]

    def _cut_nodes(self, nodes: tuple[Node, ...], kind: Kind, link: str = "", quotes: str = "") -> None:
        span = Span(nodes[0].span.start, nodes[-1].span.end)
        line = tagged(nodes, self.text, self.hidden)
        self.add(_Candidate(kind, span, line.text, line.tags, hint_of(link), quotes, link))
        for node in line.inner:
            self._cut_inner(node)

    def _cut_inner(self, node: Node) -> None:
        """The alt text and the title of an image or link are segments, though they stand inside a tag."""
        self._keep(node.span, PassageKind.ADDRESS)
        if node.kind == "inline_html":
            self._cut_attributes(node.span)
        if node.kind == "image" and node.children:
            self._cut_nodes(node.children, Kind.ALT)
        if node.title:
            inner = Span(node.title.start + 1, node.title.end - 1)
            quote = self.text[node.title.start]
            self.add(_Candidate(Kind.ALT, inner, ESCAPE.sub(r"\1", self.text[slice(*inner)]), quotes=quote))

    def document(self, tree: Tree) -> Document:
        """Everything that was found, in source order."""
        if len(self.found) > MAX_SEGMENTS:
            raise InputRefusedError(
                f"The file has {len(self.found):,} segments; the limit is {MAX_SEGMENTS:,}."
            )
        return Document(
            self.text,
            tuple(self._segments()),
            self._passages(),
            tuple(sorted(self.marks, key=lambda mark: mark.span)),
            features_of(tree, self.text, self.line_of, self.patterns.item, self.dialect),
            tuple(self.findings),
            self.dialect,
        )

    def _segments(self) -> Iterator[Segment]:
        """What stands inside another segment comes after it."""
        found = sorted(self.found, key=lambda pair: (pair[0].span.start, -pair[0].span.end))
        for number, (candidate, group) in enumerate(found, 1):
            kind, span, text, tags, hint, quotes, link = candidate
            line = self.line_of(span.start)
            yield Segment(f"s{number:03}", kind, span, line, text, tags, hint, group, quotes, link)

    def _passages(self) -> tuple[Passage, ...]:
        """The kept stretches; layout with Chinese in it is no layout."""
        passages, warned = self.coverage.passages(), len(self.findings)
        for passage in passages:
            if passage.kind is PassageKind.SKELETON and has_han(self.text[slice(*passage.span)]):
                self.warn(passage.span, _NO_POSITION)
        return passages if len(self.findings) == warned else self.coverage.passages()


# --------------------------------------------------------------------------- the coverage map

_KINDS = tuple(PassageKind)
_SEGMENT = len(_KINDS)
_CODES = {None: _SEGMENT} | {kind: code for code, kind in enumerate(_KINDS)}
_RUN = re.compile(rb"(.)\1*", re.DOTALL)


class _Coverage:
    """What each character is, one byte a character: `_SEGMENT`, or the place of its kind in `_KINDS`.

    At first all is `PassageKind.SKELETON`. A later claim wins, so containers come before what is in them.
    """

    def __init__(self, length: int) -> None:
        self._claimed = bytearray(length)

    def claim(self, span: Span, kind: PassageKind | None) -> None:
        """Say what a stretch is; None is a segment."""
        self._claimed[span.start : span.end] = bytes([_CODES[kind]]) * (span.end - span.start)

    def kind_at(self, offset: int) -> PassageKind | None:
        """None inside a segment."""
        return None if self._claimed[offset] == _SEGMENT else _KINDS[self._claimed[offset]]

    def passages(self) -> tuple[Passage, ...]:
        """The stretches that are kept, in order."""
        return tuple(
            Passage(Span(*match.span()), _KINDS[match[1][0]])
            for match in _RUN.finditer(self._claimed)
            if match[1][0] != _SEGMENT
        )


# --------------------------------------------------------------------------- hints

_WORDS, _LETTERS = 3, 10
"""A slug with fewer says too little: `gc_go_py`."""
_HASH = lazy_pattern(r"(?=\D*\d)(?=[^a-z]*[a-z]).{8,}")
"""Hexadecimal or base-36 of eight characters and more: digits among letters."""
_SUFFIX = lazy_pattern(r"\.(?:html?|md|php|aspx?|ipynb|pdf)$", re.IGNORECASE)
_SYLLABLE = lazy_pattern(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:ia[on]|iang|iong|uang|ang|eng|ing|ong|uai|uan|ian|iao|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|[aeiouv])"
)


def hint_of(url: str) -> str:
    """The words of a link's slug, often the original title; nothing for a number, a hash or pinyin."""
    if sum(map(url.count, "-_+% ")) < _WORDS - 1:
        return ""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ""
    slug = _SUFFIX.sub("", path.rstrip("/").rpartition("/")[2]).lower()
    words = [word for word in re.split(r"[-_+\s]+", slug) if word]
    letters = [word for word in words if word.isascii() and word.isalpha()]
    if not slug.isascii() or len(letters) < _WORDS or sum(map(len, letters)) < _LETTERS:
        return ""
    is_pinyin = all(_SYLLABLE.fullmatch(word) for word in letters)
    return "" if is_pinyin or any(map(_HASH.fullmatch, words)) else " ".join(words)
