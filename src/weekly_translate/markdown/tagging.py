"""Inline nodes -> the tagged text that an engine sees (D2).

What an engine must not touch becomes a tag that remembers where its bytes stand in the source. Shown are
words and, inside its tag, code; never an address, HTML, an emoji or an escape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span, Tag, TagKind
from weekly_translate.text.emoji import EMOJI
from weekly_translate.text.tags import free_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.markdown.tree import Node

_FRAGMENT = re.compile(
    rf"""(?P<mark> {EMOJI}
                 | &(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});     # an entity
                 | [A-Za-z][A-Za-z0-9+.-]{{1,30}}://[!-;=?-Z\\\[-~]*                          # any address
                 | ://
                 | \$(?=[^\s$])[!-#%-~ ]{{1,200}}(?<=[^\s$])\$(?![0-9]) | \\\([!-~ ]{{1,200}}?\\\)    # math
                 | (?<![\w.@])www\.[A-Za-z0-9-]{{1,63}}\.[!-;=?-Z\\\[-~]*
                 | (?<![\w.+-])[A-Za-z0-9][\w.+-]{{0,63}}@[A-Za-z0-9-]{{1,63}}\.[A-Za-z0-9.-]{{1,63}}
                 | \{{\{{[^{{}}\n]*\}}\}} | \{{%[^{{}}\n]*%\}} | \{{\#[\w.:-]+\}} )    # templates, anchors
       | (?P<escape>\\[!-/:-@\[-`{{-~])
       | (?P<stars>\*\*)""",
    re.VERBOSE | re.ASCII,
)
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_KINDS = {
    "link": TagKind.LINK,
    "strong": TagKind.STRONG,
    "emphasis": TagKind.EMPHASIS,
    "strikethrough": TagKind.STRIKE,
    "codespan": TagKind.CODE,
}
_WORD = re.compile(r"\w")


class Fragment(NamedTuple):
    """A piece of a line: words (`shown`), a node, a mark that stands alone, or literal `**`."""

    kind: str
    span: Span
    shown: str = ""
    node: Node | None = None


class Tagged(NamedTuple):
    """The tagged text, its tags, and the nodes whose alt text or title is a segment of its own."""

    text: str
    tags: tuple[Tag, ...]
    inner: tuple[Node, ...]


def tagged(nodes: tuple[Node, ...], source: str) -> Tagged:
    """The tagged text of a line's nodes, in an alphabet that the line does not use itself."""
    writer = _Writer(source)
    writer.write(nodes)
    if prefix := free_prefix("".join(writer.words)):
        writer = _Writer(source, prefix)
        writer.write(nodes)
    return Tagged("".join(writer.text), tuple(writer.tags), tuple(writer.inner))


@dataclass(slots=True)
class _Writer:
    source: str
    prefix: str = ""
    text: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """What of `text` is not a tag of ours."""
    tags: list[Tag] = field(default_factory=list)
    inner: list[Node] = field(default_factory=list)

    def write(self, nodes: tuple[Node, ...]) -> None:
        """Write nodes one after another."""
        fragments = _fragments(nodes, self.source)
        pairs = _intended_bold(fragments)
        open_names: dict[int, str] = {}
        for index, fragment in enumerate(fragments):
            if index in pairs:
                closing = pairs[index]
                open_names[closing] = self._open(TagKind.STRONG, fragment.span, fragments[closing].span)
            elif index in open_names:
                self._close(open_names[index])
            else:
                self._one(fragment)

    def _one(self, fragment: Fragment) -> None:
        if fragment.kind == "mark":
            self._alone(fragment.span)
        elif fragment.node is None:
            self._say(fragment.shown)
        else:
            self._node(fragment.node)

    def _say(self, words: str) -> None:
        self.text.append(words)
        self.words.append(words)

    def _node(self, node: Node) -> None:
        if node.kind == "softbreak":
            self._say(" ")
        elif node.kind == "codespan":
            self._code(node)
        elif node.kind in _KINDS and node.label and _speaks(node.children, self.source):
            opening = Span(node.span.start, node.label.start)
            closing, completion = _closing(node, self.source)
            self.inner += [node] if node.title else []
            name = self._open(_KINDS[node.kind], opening, closing, completion)
            self.write(node.children)
            self._close(name)
        else:
            self.inner += _with_words_inside(node)
            self._alone(node.span)

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
        self._close(name)

    def _alone(self, span: Span) -> None:
        name = self._name(TagKind.MARK)
        self.tags.append(Tag(name, TagKind.MARK, span))
        self.text.append(f"<{name}/>")

    def _open(self, kind: TagKind, opening: Span, closing: Span, completion: str = "") -> str:
        name = self._name(kind)
        self.tags.append(Tag(name, kind, opening, closing, completion))
        self.text.append(f"<{name}>")
        return name

    def _close(self, name: str) -> None:
        self.text.append(f"</{name}>")

    def _name(self, kind: TagKind) -> str:
        return f"{self.prefix}{kind}{len(self.tags) + 1}"


def _fragments(nodes: tuple[Node, ...], source: str) -> list[Fragment]:
    """The nodes, with their texts cut into words, marks and literal `**`."""
    fragments: list[Fragment] = []
    for node in nodes:
        if node.kind != "text":
            fragments.append(Fragment("node", node.span, node=node))
            continue
        start, end = node.span
        position = start
        for match in _FRAGMENT.finditer(source, start, end):
            if match.start() > position:
                fragments.append(_words(source, position, match.start()))
            position = match.end()
            if match.lastgroup == "escape":
                fragments.append(Fragment("words", Span(*match.span()), match[0][1]))
            else:
                fragments.append(Fragment(match.lastgroup or "", Span(*match.span()), match[0]))
        if position < end:
            fragments.append(_words(source, position, end))
    return fragments


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
        and not fragments[opening + 1].shown.startswith(" ")
        and not fragments[closing - 1].shown.endswith(" ")
    }


def _closing(node: Node, source: str) -> tuple[Span, str]:
    """Where a node's closing delimiter stands, and the label that a short reference link needs after it."""
    assert node.label is not None
    closing = Span(node.label.end, node.span.end)
    if node.kind == "link" and node.reference is not None and source[slice(*closing)] in ("]", "][]"):
        return Span(node.label.end, node.label.end + 1), f"[{source[slice(*node.label)]}]"
    return closing, ""


def _speaks(nodes: tuple[Node, ...], source: str) -> bool:
    """Whether a label holds words: an image in a link, or an address as label, is no text."""
    for fragment in _fragments(nodes, source):
        node = fragment.node
        if node is None:
            speaks = fragment.kind == "words" and bool(_WORD.search(fragment.shown))
        else:
            speaks = node.kind == "codespan" or (node.kind in _KINDS and _speaks(node.children, source))
        if speaks:
            return True
    return False


def _with_words_inside(node: Node) -> Iterator[Node]:
    """The images and titled links of a node; an image answers for what is in it."""
    if node.kind == "image" or node.title:
        yield node
    if node.kind != "image":
        for child in node.children:
            yield from _with_words_inside(child)
