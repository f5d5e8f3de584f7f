"""Inline nodes -> lines without the marks around them, and the tagged text that an engine sees (D2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.markdown.hidden import ATTRIBUTE_LIST, WIKI, HiddenKind, page_named, pairs_of, within
from weekly_translate.markdown.tree import Node
from weekly_translate.model import MarkKind, Span, Tag, TagKind
from weekly_translate.text.characters import (
    EMOJI,
    EMOJI_BLOCKS,
    ITEM,
    KEPT_NUMBER,
    LINE_END,
    free_prefix,
    lazy_pattern,
    value_of,
    with_replaced,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weekly_translate.markdown.hidden import Hidden, HtmlPart
    from weekly_translate.text.characters import MarkPatterns

# Item numbers, language notes, star counts and leading emoji are no words: no model has to see them. Three
# quarters of all links of the newsletter are the whole segment, `1、[title](url) (英)`. What is taken off
# comes back byte for byte, or as the edition writes it.


_ADMONITION = r"\s*:{3,}[ \t]*(?:\{[A-Za-z-]+\}|[A-Za-z-]*)[ \t]*"
_KEPT = lazy_pattern(rf"{_ADMONITION}|{KEPT_NUMBER}")
"""What stands before a title and stays byte for byte."""
_LEADING_EMOJI = lazy_pattern(rf"\s*(?:{EMOJI}\s*)+")
_LONGEST_MARK = 200
"""No mark at the end of a line is longer. Its pattern, slow on much white space, sees only so much."""
_ITEM_BELOW = lazy_pattern(rf"[\r\n][ \t>]*(?:{ITEM})")
_AROUND_WORDS = ("==", "^^")
_CONTAINERS = ("strong", "emphasis", "strikethrough", "link")


class Peeled(NamedTuple):
    """What is left of a line: its nodes, the marks that were around them, and the link they were in."""

    nodes: tuple[Node, ...]
    marks: tuple[tuple[MarkKind, Span, str], ...] = ()
    images: tuple[Node, ...] = ()
    """Images that stood alone or glued to an item number: only their alt texts are translated."""
    link: Node | None = None
    is_title: bool = False
    hidden: tuple[Span, ...] = ()
    """Syntax at its edges, or all of it where it holds nothing else."""


def lines_of(nodes: tuple[Node, ...], source: str) -> Iterator[tuple[Node, ...]]:
    """A paragraph is translated line by line: one compilation has a single paragraph of 384 items."""
    kept = _without_stray_emphasis(nodes, source)
    for ends, line in groupby(kept, lambda node: node.kind in ("softbreak", "linebreak")):
        if not ends:
            yield tuple(line)


def _without_stray_emphasis(nodes: tuple[Node, ...], source: str) -> Iterator[Node]:
    """Emphasis that reaches from one item into the next is two stray stars: taken as text."""
    for node in nodes:
        if node.kind in ("strong", "emphasis") and node.label and _ITEM_BELOW.search(source, *node.span):
            yield Node("text", Span(node.span.start, node.label.start))
            yield from _without_stray_emphasis(node.children, source)
            yield Node("text", Span(node.label.end, node.span.end))
        else:
            yield node


def peeled(
    nodes: tuple[Node, ...], source: str, marks: MarkPatterns, hidden: Sequence[Hidden] = ()
) -> Peeled:
    """Take the marks off a line, outermost first."""
    line = Peeled(_trimmed(nodes, source))
    if hidden and line.nodes:
        line = _without_hidden(line, source, hidden)
    first, rest = line.nodes[:1], line.nodes[1:]
    if first and first[0].kind == "image" and marks.item.match(_leading_text(rest, source)):
        line = line._replace(nodes=rest, images=first)
    line = _without_item(line, source, marks.item)
    unmarked = _without_trailing(line, source, marks.note, MarkKind.NOTE)
    unmarked = _without_trailing(unmarked, source, marks.stars, MarkKind.STARS)
    if unmarked is not line:
        line = _without_trailing(unmarked, source, marks.note, MarkKind.NOTE)
    while True:
        if emoji := _LEADING_EMOJI.match(_leading_text(line.nodes, source)):
            line = _without_front(line, emoji.end(), source)
        if len(line.nodes) != 1:
            return line
        (node,) = line.nodes
        if node.kind == "image":
            return line._replace(nodes=(), images=(*line.images, node))
        if node.kind not in _CONTAINERS or node.label is None or (node.kind == "link" and not node.address):
            return line
        link = node if node.kind == "link" else line.link
        line = line._replace(
            nodes=_trimmed(node.children, source), link=link, is_title=line.is_title or link is not None
        )


def clipped(nodes: tuple[Node, ...], start: int, end: int) -> tuple[Node, ...]:
    """The nodes between two offsets; texts at the edges are cut."""
    kept = []
    for node in nodes:
        span = Span(max(node.span.start, start), min(node.span.end, end))
        if span.start < span.end:
            kept.append(node._replace(span=span) if node.kind == "text" and span != node.span else node)
    return tuple(kept)


def _trimmed(nodes: tuple[Node, ...], source: str) -> tuple[Node, ...]:
    if not nodes:
        return nodes
    start, end = nodes[0].span.start, nodes[-1].span.end
    text = source[start:end]
    if nodes[0].kind == "text":
        start += len(text) - len(text.lstrip())
    if nodes[-1].kind == "text":
        end -= len(text) - len(text.rstrip())
    return nodes if end - start == len(text) else clipped(nodes, start, end)


def _leading_text(nodes: tuple[Node, ...], source: str) -> str:
    return source[slice(*nodes[0].span)] if nodes and nodes[0].kind == "text" else ""


def _without_front(line: Peeled, length: int, source: str) -> Peeled:
    return _cut(line, line.nodes[0].span.start + length, line.nodes[-1].span.end, source)


def _cut(line: Peeled, start: int, end: int, source: str) -> Peeled:
    return line._replace(nodes=_trimmed(clipped(line.nodes, start, end), source))


def _without_hidden(line: Peeled, source: str, hidden: Sequence[Hidden]) -> Peeled:
    whole = Span(line.nodes[0].span.start, line.nodes[-1].span.end)
    here = within(hidden, whole)
    is_text = all(node.kind == "text" for node in line.nodes)
    if here and is_text and not with_replaced(source, ((*one.span, "") for one in here), *whole).strip():
        return line._replace(nodes=(), hidden=tuple(one.span for one in here))
    edges = [one.span for one in here if one.kind is HiddenKind.EDGE]
    taken: list[Span] = []
    for span in edges:
        if line.nodes and line.nodes[0].kind == "text" and span.start == line.nodes[0].span.start:
            line = _cut(line, span.end, line.nodes[-1].span.end, source)
            taken.append(span)
    for span in reversed(edges):
        if line.nodes and line.nodes[-1].kind == "text" and span.end == line.nodes[-1].span.end:
            line = _cut(line, line.nodes[0].span.start, span.start, source)
            taken.append(span)
    return line._replace(hidden=tuple(taken))


def _without_item(line: Peeled, source: str, item: re.Pattern[str]) -> Peeled:
    text = _leading_text(line.nodes, source)
    if match := item.match(text):
        start = line.nodes[0].span.start
        mark = (MarkKind.ITEM, Span(start + match.start(), start + match.end()), value_of(match))
        return _without_front(line, match.end(), source)._replace(marks=(mark,), is_title=True)
    if match := _KEPT.match(text):
        return _without_front(line, match.end(), source)._replace(is_title=True)
    return line


def _without_trailing(line: Peeled, source: str, pattern: re.Pattern[str], kind: MarkKind) -> Peeled:
    if not line.nodes or line.nodes[-1].kind != "text":
        return line
    start, end = line.nodes[-1].span
    start = max(start, end - _LONGEST_MARK)
    match = pattern.search(source[start:end])
    if match is None:
        return line
    cut = start + len(source[start : start + match.start()].rstrip())
    mark = (kind, Span(cut, start + match.end()), value_of(match))
    return _cut(line, line.nodes[0].span.start, cut, source)._replace(marks=(*line.marks, mark))


# --------------------------------------------------------------------------- the tagged text

# What an engine must not touch becomes a tag that remembers where its bytes stand in the source. Shown are
# words and, inside its tag, code; never an address, HTML, an emoji or an escape.


_ENTITY = r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_ADDRESS = r"[A-Za-z][A-Za-z0-9+.-]{1,30}://[!-;=?-~]*"
_FRAGMENT = lazy_pattern(
    rf"""(?P<mark> {EMOJI} | {_ENTITY} | {_ADDRESS} | ://
                 | \$(?=[^\s$])[!-#%-~ ]{{1,200}}(?<=[^\s$])\$(?![0-9]) | \\\([!-~ ]{{1,200}}?\\\)    # math
                 | (?<![\w.@])www\.[A-Za-z0-9-]{{1,63}}\.[!-;=?-~]*
                 | (?<![\w.+-])[A-Za-z0-9][\w.+-]{{0,63}}@[A-Za-z0-9-]{{1,63}}\.[A-Za-z0-9.-]{{1,63}}
                 | \{{\{{[^{{}}\n]*\}}\}} | \{{%[^{{}}\n]*%\}} | \{{\#[\w.:-]+\}} )    # templates, anchors
       | (?P<escape>\\[!-/:-@\[-`{{-~])
       | (?P<stars>\*\*)""",
    re.VERBOSE | re.ASCII,
)
_MAY_BE_FRAGMENT = lazy_pattern(rf"[&$\\{{@:.*{EMOJI_BLOCKS}]")
"""Each of these fragments but words has one of these in it."""
ESCAPE = lazy_pattern(r"\\([!-/:-@\[-`{-~])")
_KINDS = {
    "link": TagKind.LINK,
    "strong": TagKind.STRONG,
    "emphasis": TagKind.EMPHASIS,
    "strikethrough": TagKind.STRIKE,
    "codespan": TagKind.CODE,
}
_WORD = lazy_pattern(r"\w")
_IN_HTML = lazy_pattern(rf"(?P<mark>{EMOJI}|{_ENTITY}|{_ADDRESS})")
_HTML_KINDS = {
    "a": TagKind.LINK,
    **dict.fromkeys(("b", "strong"), TagKind.STRONG),
    **dict.fromkeys(("del", "s"), TagKind.STRIKE),
}
_CODE_IN_HTML = ("code", "kbd", "samp", "tt", "var")


class Fragment(NamedTuple):
    """A piece of a line: words (`shown`), a node, a mark that stands alone, or literal `**`."""

    kind: str
    span: Span
    shown: str = ""
    node: Node | None = None


class Tagged(NamedTuple):
    """The tagged text, its tags, and the nodes whose alt text or title is a segment of its own."""

    text: str
    tags: tuple[Tag, ...] = ()
    inner: tuple[Node, ...] = ()


def tagged(nodes: tuple[Node, ...], source: str, hidden: Sequence[Hidden] = ()) -> Tagged:
    """The tagged text of a line's nodes, in an alphabet that the line does not use itself."""
    return _written(lambda writer: writer.write(nodes), source, hidden)


def tagged_html(parts: Sequence[HtmlPart], source: str) -> Tagged:
    """The same of the parts of a text in HTML."""
    return _written(lambda writer: writer.write_html(parts), source, ())


def _written(write: Callable[[_Writer], None], source: str, hidden: Sequence[Hidden]) -> Tagged:
    writer = _Writer(source, hidden)
    write(writer)
    if prefix := free_prefix("".join(writer.words)):
        writer = _Writer(source, hidden, prefix)
        write(writer)
    return Tagged("".join(writer.text), tuple(writer.tags), tuple(writer.inner))


@dataclass(slots=True)
class _Writer:
    source: str
    hidden: Sequence[Hidden] = ()
    prefix: str = ""
    text: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """What of `text` is not a tag of ours."""
    tags: list[Tag] = field(default_factory=list)
    inner: list[Node] = field(default_factory=list)

    def write(self, nodes: tuple[Node, ...]) -> None:
        """Write nodes one after another."""
        fragments = _fragments(nodes, self.source, self.hidden)
        has_marks = any(one.kind in ("mark", "stars") for one in fragments)
        links = _wiki_links(fragments, self.source) if has_marks else {}
        pairs = _intended_bold(fragments) | links if has_marks else {}
        attributes = _attributes(fragments, self.source) if has_marks else {}
        open_names: dict[int, str] = {}
        for index, fragment in enumerate(fragments):
            if index - 1 in attributes:
                continue
            if index in pairs:
                closing = pairs[index]
                kind = self._kind(fragment) if index in links else TagKind.STRONG
                page = self._page(fragment.span, fragments[closing].span) if index in links else ""
                open_names[closing] = self._open(kind, fragment.span, fragments[closing].span, page=page)
            elif index in open_names:
                self.text.append(f"</{open_names[index]}>")
            elif fragment.kind == "mark":
                self._alone(Span(fragment.span.start, attributes.get(index, fragment.span.end)))
            elif fragment.node is None:
                self._say(fragment.shown)
            else:
                self._node(fragment.node, attributes.get(index, fragment.span.end))

    def _kind(self, opening: Fragment) -> TagKind:
        is_link = self.source.startswith(WIKI[0], opening.span.start)
        return TagKind.LINK if is_link else TagKind.EMPHASIS

    def _say(self, words: str) -> None:
        self.text.append(words)
        self.words.append(words)

    def _node(self, node: Node, end: int) -> None:
        """A node, up to the end of the attributes that belong to it."""
        if node.kind == "softbreak":
            self._say(" ")
        elif node.kind == "codespan":
            self._code(node)
        elif node.kind in _KINDS and node.label and _speaks(node.children, self.source, self.hidden):
            opening = Span(node.span.start, node.label.start)
            closing, completion = _closing(node, self.source)
            closing = closing if completion else Span(closing.start, end)
            self.inner += [node] if node.title else []
            name = self._open(_KINDS[node.kind], opening, closing, completion)
            self.write(node.children)
            self.text.append(f"</{name}>")
        else:
            self.inner += _with_words_inside(node)
            self._alone(Span(node.span.start, end))

    def write_html(self, parts: Sequence[HtmlPart]) -> None:
        """Write the texts and tags of HTML; a tag without its partner stands alone."""
        pairs = pairs_of(list(parts))
        closings: dict[int, str] = {}
        skipped = -1
        for place, part in enumerate(parts):
            if place <= skipped:
                continue
            closing = parts[pairs.get(place, place)].span
            if part.kind == "text":
                for fragment in _fragments_of_text(self.source, *part.span, _IN_HTML):
                    if fragment.kind == "mark":
                        self._alone(fragment.span)
                    else:
                        self._say(LINE_END.sub(" ", fragment.shown))
            elif place in closings:
                self.text.append(f"</{closings[place]}>")
            elif place not in pairs:
                self._alone(part.span)
            elif part.name in _CODE_IN_HTML:
                skipped = pairs[place]
                self._alone(Span(part.span.start, closing.end))
            else:
                kind = _HTML_KINDS.get(part.name, TagKind.EMPHASIS)
                closings[pairs[place]] = self._open(kind, part.span, closing)

    def _code(self, node: Node) -> None:
        raw = self.source[slice(*node.span)]
        ticks = len(raw) - len(raw.lstrip("`"))
        content = " ".join(raw[ticks:-ticks].split())
        if "://" in content or not content:
            self._alone(node.span)
            return
        opening = Span(node.span.start, node.span.start + ticks)
        closing = Span(node.span.end - ticks, node.span.end)
        name = self._open(TagKind.CODE, opening, closing)
        self._say(content)
        self.text.append(f"</{name}>")

    def _alone(self, span: Span) -> None:
        name = self._name(TagKind.MARK)
        self.tags.append(Tag(name, TagKind.MARK, span))
        self.text.append(f"<{name}/>")

    def _page(self, opening: Span, closing: Span) -> str:
        is_whole = (self.source[slice(*opening)], self.source[slice(*closing)]) == (WIKI, "]]")
        return f"{page_named(self.source, opening)}|" if is_whole else ""

    def _open(self, kind: TagKind, opening: Span, closing: Span, completion: str = "", page: str = "") -> str:
        name = self._name(kind)
        self.tags.append(Tag(name, kind, opening, closing, page, completion))
        self.text.append(f"<{name}>")
        return name

    def _name(self, kind: TagKind) -> str:
        return f"{self.prefix}{kind}{len(self.tags) + 1}"


def _fragments(nodes: tuple[Node, ...], source: str, hidden: Sequence[Hidden] = ()) -> list[Fragment]:
    """The nodes, with their texts cut into words, marks and literal `**`."""
    fragments: list[Fragment] = []
    for node in nodes:
        if node.kind != "text":
            fragments.append(Fragment("node", node.span, node=node))
            continue
        position, end = node.span
        for (first, last), _ in within(hidden, node.span) if hidden else ():
            fragments += _fragments_of_text(source, position, first)
            fragments.append(Fragment("mark", Span(first, last)))
            position = last
        fragments += _fragments_of_text(source, position, end)
    return fragments


def _fragments_of_text(
    source: str, position: int, end: int, pattern: re.Pattern[str] = _FRAGMENT
) -> Iterator[Fragment]:
    has_others = _MAY_BE_FRAGMENT.search(source, position, end)
    for match in pattern.finditer(source, position, end) if has_others else ():
        if position < match.start():
            yield _words(source, position, match.start())
        position = match.end()
        kind, shown = match.lastgroup or "", match[0]
        if kind == "escape":
            kind, shown = "words", shown[1]
        yield Fragment(kind, Span(*match.span()), shown)
    if position < end:
        yield _words(source, position, end)


def _words(source: str, start: int, end: int) -> Fragment:
    return Fragment("words", Span(start, end), source[start:end])


def _intended_bold(fragments: list[Fragment]) -> dict[int, int]:
    """Pairs of literal `**`: bold that CommonMark does not see beside Chinese (`**重要提示：**本周刊`).

    They become tags like real bold: their stars come back from the source, and in English they do work.
    """
    stars = [index for index, fragment in enumerate(fragments) if fragment.kind == "stars"]
    return {
        opening: closing
        for opening, closing in zip(stars[::2], stars[1::2], strict=False)
        if closing > opening + 1
        and not fragments[opening + 1].shown.lstrip("*").startswith(" ")
        and not fragments[closing - 1].shown.endswith(" ")
    }


def _wiki_links(fragments: list[Fragment], source: str) -> dict[int, int]:
    """Where `[[page|` and its `]]`, or two `==`, stand around words."""
    marks = [(index, source[slice(*one.span)]) for index, one in enumerate(fragments) if one.kind == "mark"]
    return {
        opening: closing
        for (opening, text), (closing, end) in pairwise(marks)
        if (text == end and text in _AROUND_WORDS)
        or (text.startswith(WIKI) and text.endswith((WIKI, "|")) and end == "]]")
        or (text == WIKI and end.startswith("|"))
    }


def _attributes(fragments: list[Fragment], source: str) -> dict[int, int]:
    """The links, images, icons and emphasis right behind which an attribute list stands, and its end."""
    return {
        index: mark.span.end
        for index, (one, mark) in enumerate(pairwise(fragments))
        if _takes_attributes(one, source)
        and mark.kind == "mark"
        and mark.span.start == one.span.end
        and ATTRIBUTE_LIST.match(source, mark.span.start)
    }


def _takes_attributes(one: Fragment, source: str) -> bool:
    if one.node is None:
        return one.kind == "mark" and source.startswith(":", one.span.start)
    is_short_reference = one.node.label and _closing(one.node, source)[1]
    return one.node.kind in (*_KINDS, "image") and not is_short_reference


def _closing(node: Node, source: str) -> tuple[Span, str]:
    """Where a node's closing delimiter stands, and the label that a short reference link needs after it."""
    assert node.label is not None
    closing = Span(node.label.end, node.span.end)
    if node.kind == "link" and node.reference is not None and source[slice(*closing)] in ("]", "][]"):
        return Span(node.label.end, node.label.end + 1), f"[{source[slice(*node.label)]}]"
    return closing, ""


def _speaks(nodes: tuple[Node, ...], source: str, hidden: Sequence[Hidden]) -> bool:
    """Whether a label holds words: an image in a link, or an address as label, is no text."""
    return any(
        fragment.kind == "words" and _WORD.search(fragment.shown) is not None
        if (node := fragment.node) is None
        else node.kind == "codespan" or (node.kind in _KINDS and _speaks(node.children, source, hidden))
        for fragment in _fragments(nodes, source, hidden)
    )


def _with_words_inside(node: Node) -> Iterator[Node]:
    """The images and titled links of a node; an image answers for what is in it."""
    if node.kind in ("image", "inline_html") or node.title:
        yield node
    if node.kind != "image":
        for child in node.children:
            yield from _with_words_inside(child)
