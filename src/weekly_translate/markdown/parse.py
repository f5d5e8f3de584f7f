"""Text -> `Document`: which stretches are translated, and why all others are kept.

Every source character is either inside a segment or inside a passage that is kept on purpose (D1):
the text is painted, containers first, and what nobody has painted is layout, in which no Chinese may stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import InputRefusedError
from weekly_translate.markdown.breaks import lines_of
from weekly_translate.markdown.canvas import Canvas
from weekly_translate.markdown.features import features_of
from weekly_translate.markdown.front_matter import front_matter, unquoted
from weekly_translate.markdown.hints import hint_of
from weekly_translate.markdown.limits import MAX_SEGMENTS, refuse_what_is_too_much
from weekly_translate.markdown.peel import Peeled, peeled
from weekly_translate.markdown.tagging import ESCAPE, tagged
from weekly_translate.model import (
    Document,
    Finding,
    Kind,
    Mark,
    MarkPatterns,
    PassageKind,
    Segment,
    Severity,
    Span,
)
from weekly_translate.text.chinese import has_han
from weekly_translate.text.lines import line_starts, shortened
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.markdown.tree import Block, Node, Tree
    from weekly_translate.model import Passage, Tag

_KEPT = {
    "block_code": PassageKind.CODE,
    "block_html": PassageKind.HTML,
    "definition": PassageKind.DEFINITION,
}
_FORMULA = re.compile(r"^[ \t]*\$\$[ \t]*\r?\n(?:[^\n]*\n)*?[ \t]*\$\$[ \t]*\r?$", re.MULTILINE)


_OUT_OF_ORDER = "the Markdown parser reads its lines in another order; put empty lines between its blocks"
_TOO_DENSE = "it holds more emphasis marks than can be resolved in time; make several paragraphs of it"
_USUAL = MarkPatterns()


def parse(text: str, *, every_line: bool = False, marks: MarkPatterns = _USUAL) -> Document:
    """Cut a Markdown text into segments and kept passages. Raises `InputRefusedError`.

    With `every_line`, lines without Chinese are segments too: so an English text is cut for a comparison.
    `marks` are the newsletter's own ways to write item numbers, language notes and star counts.
    """
    from weekly_translate.markdown.positions import (  # noqa: PLC0415 - loads mistune, which not every command needs
        tree_of,
    )

    refuse_what_is_too_much(text)
    front = front_matter(text)
    lines = line_starts(text)
    formulas = [Span(*match.span()) for match in _FORMULA.finditer(text)]
    cutter = _Cutter(text, lines, Canvas(len(text)), every_line, formulas, marks)
    cutter.canvas.paint(Span(0, front.end), PassageKind.FRONT_MATTER)
    if front.title:
        value = unquoted(text[slice(*front.title)], front.quotes)
        cutter.add(_Shown(Kind.META, front.title, value, quotes=front.quotes or "plain"))
    elif front.reason and has_han(text[: front.end]):
        message = f"the front matter is kept as it is: {front.reason}"
        cutter.findings.append(Finding("doc.front-matter", Severity.WARNING, message, source_line=1))
    tree = tree_of(text, front.end)
    for span in tree.footnotes:
        cutter.canvas.paint(span, PassageKind.DEFINITION)
    for block in cutter.readable(tree):
        cutter.cut(block)
    return cutter.document(tree)


class _Shown(NamedTuple):
    """What a segment is made of, before it is known to be one."""

    kind: Kind
    span: Span
    text: str
    tags: tuple[Tag, ...] = ()
    hint: str = ""
    quotes: str = ""
    link: str = ""


@dataclass(slots=True)
class _Cutter:
    text: str
    lines: list[int]
    canvas: Canvas
    every_line: bool
    formulas: list[Span]
    patterns: MarkPatterns
    shown: list[tuple[_Shown, int]] = field(default_factory=list)
    """What is translated, and its group."""
    marks: list[Mark] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    group: int = 0

    def line_of(self, offset: int) -> int:
        return bisect_right(self.lines, offset)

    def add(self, shown: _Shown) -> None:
        """A segment, where its words are Chinese; else a passage."""
        if not (self.every_line or has_han(prose_of(shown.text))):
            self._keep(shown.span, PassageKind.NO_CHINESE)
            return
        self.canvas.paint(shown.span, None)
        self.shown.append((shown, self.group))

    def _keep(self, span: Span, kind: PassageKind) -> None:
        """Paint what is kept, unless it stands in a segment: there it is a tag's."""
        if self.canvas.kind_at(span.start) is not None:
            self.canvas.paint(span, kind)

    def warn(self, span: Span, reason: str) -> None:
        """Keep what cannot be read. Chinese in it would be published: that is an error."""
        self.canvas.paint(span, PassageKind.UNREADABLE)
        line, text = self.line_of(span.start), self.text[slice(*span)]
        severity = Severity.ERROR if has_han(text) else Severity.WARNING
        message = f"line {line} is left as it is, “{shortened(' '.join(text.split()))}”: {reason}"
        self.findings.append(Finding("doc.unreadable", severity, message, source_line=line))

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
        """Paint a kept block, or cut a text block into its lines."""
        if block.kind in _KEPT:
            self.canvas.paint(block.span, _KEPT[block.kind])
        for line in lines_of(block.nodes, self.text):
            if not self.is_formula(line):
                self.cut_line(peeled(line, self.text, self.patterns), block)

    def is_formula(self, line: tuple[Node, ...]) -> bool:
        """Whether a line belongs to a block of math between two `$$`: such a block is kept like code."""
        start = line[0].span.start
        place = bisect_right(self.formulas, start, key=lambda span: span.start) - 1
        if place < 0 or start >= self.formulas[place].end:
            return False
        self.canvas.paint(Span(start, line[-1].span.end), PassageKind.CODE)
        return True

    def cut_line(self, line: Peeled, block: Block) -> None:
        """One line: its marks, its images, and what is left as a segment."""
        for mark, span, value in line.marks:
            self.canvas.paint(span, PassageKind.MARK)
            self.marks.append(Mark(mark, span, value, self.line_of(span.start)))
        if line.is_title or block.level:
            self.group += 1
        if line.link is not None:
            self.cut_inner(line.link)
        for image in line.images:
            self.cut_inner(image)
        if line.nodes:
            kind = _kind(line, block)
            self.cut_nodes(line.nodes, kind, line.link.url if line.link else "")

    def cut_nodes(self, nodes: tuple[Node, ...], kind: Kind, link: str = "") -> None:
        span = Span(nodes[0].span.start, nodes[-1].span.end)
        line = tagged(nodes, self.text)
        self.add(_Shown(kind, span, line.text, line.tags, hint_of(link), link=link))
        for node in line.inner:
            self.cut_inner(node)

    def cut_inner(self, node: Node) -> None:
        """The alt text and the title of an image or link are segments, though they stand inside a tag."""
        self._keep(node.span, PassageKind.ADDRESS)
        if node.kind == "image" and node.children:
            self.cut_nodes(node.children, Kind.ALT)
        if node.title:
            inner = Span(node.title.start + 1, node.title.end - 1)
            quote = self.text[node.title.start]
            self.add(_Shown(Kind.ALT, inner, ESCAPE.sub(r"\1", self.text[slice(*inner)]), quotes=quote))

    def document(self, tree: Tree) -> Document:
        if len(self.shown) > MAX_SEGMENTS:
            message = f"The file has {len(self.shown):,} segments; the limit is {MAX_SEGMENTS:,}."
            raise InputRefusedError(message)
        return Document(
            self.text,
            tuple(self._segments()),
            self._passages(),
            tuple(sorted(self.marks, key=lambda mark: mark.span)),
            features_of(tree, self.text, self.line_of, self.patterns.item),
            tuple(self.findings),
        )

    def _segments(self) -> Iterator[Segment]:
        """In source order; what stands inside another one comes after it."""
        found = sorted(self.shown, key=lambda pair: (pair[0].span.start, -pair[0].span.end))
        for number, (shown, group) in enumerate(found, 1):
            kind, span, text, tags, hint, quotes, link = shown
            line = self.line_of(span.start)
            yield Segment(f"s{number:03}", kind, span, line, text, tags, hint, group, quotes, link)

    def _passages(self) -> tuple[Passage, ...]:
        """The kept stretches; layout with Chinese in it is no layout."""
        passages = self.canvas.passages()
        strange = [
            passage
            for passage in passages
            if passage.kind is PassageKind.SKELETON and has_han(self.text[slice(*passage.span)])
        ]
        for passage in strange:
            self.warn(passage.span, "the Markdown parser gives no position for its words")
        return self.canvas.passages() if strange else passages


def _kind(line: Peeled, block: Block) -> Kind:
    if block.level:
        return Kind.HEADING
    if block.kind == "table_cell":
        return Kind.CELL
    return Kind.TITLE if line.is_title else Kind.TEXT
