"""Text -> `Document`: which stretches are translated, and why all others are kept; and back.

Every character of the source lies in a segment or in a passage that is kept on purpose (D1): a coverage map
says for each of them what it is. What no rule has claimed is layout, in which no Chinese may stand. On the
way back, words are escaped for the place where they stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from weekly_translate.errors import InputRefusedError
from weekly_translate.markdown.comments import COMMENT, as_comment, comments_in, titles_in
from weekly_translate.markdown.hidden import (
    ATTRIBUTE_LIST,
    ENCODED_FILLER,
    MDX_SITE,
    attributes_in,
    constructs,
    hidden_in,
    is_mdx,
    runs_of,
    within,
)
from weekly_translate.markdown.inline import ESCAPE, Peeled, Tagged, lines_of, peeled, tagged, tagged_html
from weekly_translate.markdown.site import front_matter, quoted, unquoted
from weekly_translate.markdown.tree import MAX_SEGMENTS, features_of, refuse_what_is_too_much
from weekly_translate.model import (
    USUAL,
    Dialect,
    Document,
    FeatureKind,
    Finding,
    Kind,
    Mark,
    Passage,
    PassageKind,
    Segment,
    Severity,
    Span,
    TagKind,
)
from weekly_translate.text.characters import (
    ITEM,
    ITEM_NUMBER,
    NAME,
    TAG,
    MarkPatterns,
    has_han,
    lazy_pattern,
    line_starts,
    prose_of,
    shortened,
    tokens_of,
    without_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
        self.found: list[tuple[Span, Callable[[str], Segment]]] = []  # each still needs its id
        self.marks: list[Mark] = []
        self.findings: list[Finding] = []
        self.group = 0

    def line_of(self, offset: int) -> int:
        return bisect_right(self.lines, offset)

    def add(self, kind: Kind, span: Span, words: Tagged, quotes: str = "", link: str = "") -> None:
        """A segment, where its words are Chinese; else a passage."""
        text, tags, _ = words
        if not (self.every_line or (has_han(text) and has_han(prose_of(text)))):
            self._keep(span, PassageKind.NO_CHINESE)
            return
        self.coverage.claim(span, None)
        line, hint = self.line_of(span.start), hint_of(link) if link else ""
        values = (kind, span, line, text, tags, hint, self.group, quotes, link)
        self.found.append((span, lambda id_: Segment(id_, *values)))

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
            self.add(Kind.META, span, Tagged(unquoted(self.text[slice(*span)], quotes)), quotes)
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
        elif block.kind == "block_code":
            self._cut_code(block)
        for line in lines_of(block.nodes, self.text):
            self._cut_line(peeled(line, self.text, self.patterns, self.hidden), block)
            for one in within(self.hidden, Span(line[0].span.start, line[-1].span.end)):
                self._cut_attributes(one.span)

    def _cut_html(self, block: Block) -> None:
        """The texts between the tags, and the values in them."""
        for place, run in enumerate(runs_of(self.text, block.span)):
            self.group += place == 0
            span = Span(run[0].span.start, run[-1].span.end)
            self.add(Kind.TEXT, span, tagged_html(run, self.text), HTML)
        self._cut_attributes(block.span)

    def _cut_code(self, block: Block) -> None:
        """Its titles and, where that is set, the words of each line of a comment."""
        for title, closing in titles_in(self.text, block.span):
            self.add(Kind.ALT, title, Tagged(self.text[slice(*title)]), TEMPLATE + closing)
        if self.dialect.comments:
            self.group += 1
            for words, _ in comments_in(self.text, block.span):
                text = self.text[slice(*words)]
                if self.every_line or has_han(text):
                    self.add(Kind.TEXT, words, Tagged(text), COMMENT)

    def _cut_attributes(self, span: Span) -> None:
        kind = HTML if self.text[span.start] == "<" else TEMPLATE
        for value in attributes_in(self.text, span):
            self.add(Kind.ALT, value.span, Tagged(value.text), kind + value.quotes)

    def _cut_line(self, line: Peeled, block: Block) -> None:
        """One line: its marks, its images, and what is left as a segment."""
        for span in line.hidden:
            self.coverage.claim(span, PassageKind.CODE)
        for mark, span, value in line.marks:
            self.coverage.claim(span, PassageKind.MARK)
            self.marks.append(Mark(mark, span, value, self.line_of(span.start)))
        in_title = block.kind == "container_title"
        is_title = line.is_title or in_title
        self.group += bool(is_title or block.level)
        for node in (line.link, *line.images):
            if node is not None:
                self._cut_inner(node)
        if line.nodes:
            kind = Kind.CELL if block.kind == "table_cell" else Kind.TITLE if is_title else Kind.TEXT
            kind = Kind.HEADING if block.level else kind
            link, quotes = ("", IN_TITLE) if in_title else (self._address(line.link), "")
            self._cut_nodes(line.nodes, kind, quotes, link)

    def _address(self, link: Node | None) -> str:
        """Where a link leads; a template in it is written out."""
        if link is None or ENCODED_FILLER not in link.url or link.address is None:
            return link.url if link else ""
        return self.text[slice(*link.address)]

    def _cut_nodes(self, nodes: tuple[Node, ...], kind: Kind, quotes: str = "", link: str = "") -> None:
        line = tagged(nodes, self.text, self.hidden)
        self.add(kind, Span(nodes[0].span.start, nodes[-1].span.end), line, quotes, link)
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
            self.add(Kind.ALT, inner, Tagged(ESCAPE.sub(r"\1", self.text[slice(*inner)])), quote)

    def document(self, tree: Tree) -> Document:
        """Everything that was found, in source order."""
        if len(self.found) > MAX_SEGMENTS:
            raise InputRefusedError(
                f"The file has {len(self.found):,} segments; the limit is {MAX_SEGMENTS:,}."
            )
        # What stands inside another segment comes after it.
        found = sorted(self.found, key=lambda one: (one[0].start, -one[0].end))
        return Document(
            self.text,
            tuple(segment(f"s{number:03}") for number, (_, segment) in enumerate(found, 1)),
            self._passages(),
            tuple(sorted(self.marks, key=lambda mark: mark.span)),
            features_of(tree, self.text, self.line_of, self.patterns.item, self.dialect),
            tuple(self.findings),
            self.dialect,
        )

    def _passages(self) -> tuple[Passage, ...]:
        """The kept stretches; layout with Chinese in it is no layout."""
        passages, warned = self.coverage.passages(), len(self.findings)
        for passage in passages:
            if passage.kind is PassageKind.SKELETON and has_han(self.text[slice(*passage.span)]):
                self.warn(passage.span, _NO_POSITION)
        return passages if len(self.findings) == warned else self.coverage.passages()


# --------------------------------------------------------------------------- the coverage map

_KINDS: tuple[PassageKind | None, ...] = (*PassageKind, None)
"""None is a segment."""
_CODES = {kind: bytes([code]) for code, kind in enumerate(_KINDS)}
_RUN = re.compile(rb"(.)\1*", re.DOTALL)


class _Coverage:
    """What each character is, one byte a character: the place of its kind in `_KINDS`.

    At first all is `PassageKind.SKELETON`. A later claim wins, so containers come before what is in them.
    """

    def __init__(self, length: int) -> None:
        self._claimed = bytearray(length)

    def claim(self, span: Span, kind: PassageKind | None) -> None:
        """Say what a stretch is."""
        self._claimed[span.start : span.end] = _CODES[kind] * (span.end - span.start)

    def kind_at(self, offset: int) -> PassageKind | None:
        return _KINDS[self._claimed[offset]]

    def passages(self) -> tuple[Passage, ...]:
        """The stretches that are kept, in order."""
        runs = ((Span(*match.span()), _KINDS[match[1][0]]) for match in _RUN.finditer(self._claimed))
        return tuple(Passage(span, kind) for span, kind in runs if kind is not None)


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


_MARKUP = lazy_pattern(
    r"""\\(?=[!-/:-@\[-`{-~]|$)                   # a backslash that would escape something
      | `
      | (?<!\s)\* | \*(?!\s)
      | (?<![^\W_])_ | _(?![^\W_])                # not inside a word: snake_case is left alone
      | ~(?=~) | (?<=~)~
      | <(?=[A-Za-z/!?])
      | &(?=\#?\w{1,32};)
      | \](?=[(\[:]) | \[(?=\^) | !(?=\[)""",
    re.VERBOSE,
)
_BLOCK_START = lazy_pattern(
    r"(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|=+\s*$|-+\s*$|~~~|\||:{3}|!{3}|\?{3}|={3}|:[ \t]|;*--8<--)"
)
_NUMBERED = lazy_pattern(r"(\d{1,9})([.)])(?=\s|$)")
_ONLY_MARKERS = lazy_pattern(
    rf"(?:[ \t>]|[-+*:][ \t]|\d{{1,9}}[.)][ \t]|{ITEM}|\[\^[^\]\s]{{1,99}}\]:[ \t])*\Z"
)
_BRACKET = lazy_pattern(r"(?<!\\)[\[\]]")
_BARE = lazy_pattern(r"https?://")
_TOUCHES_ADDRESS = lazy_pattern(r"[A-Za-z0-9,.;:!?)]\Z")
_STOPS_ADDRESS = lazy_pattern(r"[^\x21-\x7e]|[.,;:!?)'\"]+(?:\s|$)|$")
_INNER_SPACE = lazy_pattern(rf"(?P<opening>(?:<{NAME}>)+) | (?P<closing>(?:</{NAME}>)+)")
HTML, TEMPLATE, IN_TITLE = "<", "{", "“"
"""`Segment.quotes` in HTML and in a template, where the quotes of an attribute may follow; in a title."""
_OTHER_QUOTES = str.maketrans("\"'<>`\\", "”’()’/")
_WITH_TAGS = (HTML, IN_TITLE)
_IN_HTML = lazy_pattern(r"<|&(?=#?\w{1,32};)|\{(?=[{%])")
_ENTITIES = {"{": "&#123;", "<": "&lt;", "&": "&amp;", '"': "&quot;", "'": "&#39;"}
_LABELS = (Kind.ALT, Kind.TITLE)


def assemble(document: Document, targets: Mapping[str, str], fixed: Mapping[Span, str] | None = None) -> str:
    """The text with each segment in `targets` (id -> tagged translation) and each span in `fixed` replaced.

    Without any, the source comes back byte for byte. Tags in a target must be the segment's own.
    """
    labels = any(feature.kind is FeatureKind.DEFINITION for feature in document.features)
    syntax = (one.value for one in document.features if one.kind is FeatureKind.SYNTAX)
    changes: list[tuple[Span, Segment | str]] = [
        *((segment.span, segment) for segment in document.segments if segment.id in targets),
        *(fixed or {}).items(),
    ]
    # What stands inside another change comes after it.
    changes.sort(key=lambda change: (change[0].start, -change[0].end))
    starts = [span.start for span, _ in changes]
    mdx = document.dialect.site == MDX_SITE or is_mdx(syntax)
    assembly = _Assembly(document, targets, changes, starts, line_starts(document.text), labels, mdx)
    return assembly.stretch(Span(0, len(document.text)), None)


class _Assembly(NamedTuple):
    document: Document
    targets: Mapping[str, str]
    changes: list[tuple[Span, Segment | str]]
    """Stretches of the source, and the segment or the text that takes the place of each."""
    starts: list[int]
    lines: list[int]
    has_labels: bool
    """Whether `[foo]` could be a link here."""
    is_mdx: bool
    """Whether `{foo}` would be an expression."""

    def stretch(self, span: Span, within: Segment | None) -> str:
        """A stretch of the source with the replacements that lie in it, but not `within` itself."""
        source, written, position = self.document.text, [], span.start
        first, last = bisect_left(self.starts, span.start), bisect_right(self.starts, span.end)
        for (start, end), new in self.changes[first:last]:
            if new is not within and position <= start and end <= span.end:
                written += [source[position:start], new if isinstance(new, str) else self._segment(new)]
                position = end
        return "".join([*written, source[position : span.end]])

    def _segment(self, segment: Segment) -> str:
        target = _with_outer_spaces(" ".join(self.targets[segment.id].split()), segment)
        if segment.quotes and segment.quotes not in _WITH_TAGS:
            return _in_quotes(target, segment)
        for words in (target, _literal(target)):
            if self._opens_nothing(text := self._rendered(words, segment), segment):
                return text
        return self._rendered(_without_brackets(target), segment)

    def _opens_nothing(self, text: str, segment: Segment) -> bool:
        """Whether the line holds the formulas, templates and the like that it holds in the source."""
        source, (start, end) = self.document.text, segment.span
        line = bisect_right(self.lines, start)
        before = source[self.lines[line - 1] : start]
        after = source[end : self.lines[line] if line < len(self.lines) else len(source)]
        site = self.document.dialect.site
        return constructs(before + text + after, site) == constructs(before + source[start:end] + after, site)

    def _rendered(self, target: str, segment: Segment) -> str:
        tags = {tag.name: tag for tag in segment.tags}
        written: list[str] = []
        labels, in_code = 0, False
        words = ""
        markup: str | None = None
        for token in tokens_of(target):
            tag = tags.get(token.name)
            if tag is None:  # words, or what only looks like a tag
                words += "" if in_code else token.text
                continue
            before = self._words(words, markup, segment, in_label=labels > 0, more=_TAG)
            markup = self._tag(tag, segment, closes=token.closes)
            if self._is_attached(tag.opening.start):
                before = before.rstrip()
            written += [_before_markup(before, markup), markup]
            words = ""
            in_code = tag.kind is TagKind.CODE and not token.closes
            labels += 0 if tag.kind is not TagKind.LINK else -1 if token.closes else 1
        behind = self.document.text[segment.span.end : segment.span.end + 1]
        last = self._words(words, markup, segment, in_label=False, more="")
        return "".join([*written, _before_markup(last, behind)])

    def _is_attached(self, start: int) -> bool:
        """Whether attributes stand there, right behind what they belong to."""
        text = self.document.text
        return ATTRIBUTE_LIST.match(text, start) is not None and not text[start - 1 : start].isspace()

    def _words(self, words: str, markup: str | None, segment: Segment, *, in_label: bool, more: str) -> str:
        """Words between two tags, as Markdown that means just them; no `markup` is before the first."""
        escaped = self._escaped(words, segment, in_label=in_label)
        if markup is None:
            return self._at_line_start(escaped, segment, more)
        # Words right behind a bare address would become part of it; a formula before a figure is none, and a
        # bracket behind a bracket is an address.
        touches = escaped and _BARE.match(markup) and not _STOPS_ADDRESS.match(escaped)
        touches = touches or (escaped[:1].isdigit() and markup.endswith("$"))
        touches = touches or (escaped[:1] == "(" and markup.endswith("]"))
        return f" {escaped}" if touches else escaped

    def _tag(self, tag: Tag, segment: Segment, *, closes: bool) -> str:
        """The source's bytes; what stands alone may hold segments itself (the alt text of an image)."""
        if tag.closing is None:
            return self.stretch(tag.opening, segment)
        if tag.kind is TagKind.CODE:
            return "" if closes else self.document.text[tag.opening.start : tag.closing.end]
        if closes:
            return self.stretch(tag.closing, segment) + tag.completion
        page = tag.page.replace("|", "\\|") if segment.kind is Kind.CELL else tag.page
        return self.stretch(tag.opening, segment) + page

    def _at_line_start(self, text: str, segment: Segment, more: str) -> str:
        """Escape what would open a block, where nothing but markers stands before it."""
        if segment.quotes == HTML:  # no Markdown there, but other readers of lines do not know
            is_start = _BLOCK_START.match(text) or ITEM_NUMBER.match(text) or text[:1] == "`"
            return f"&#{ord(text[0])};{text[1:]}" if is_start else text
        start = segment.span.start
        line_start = self.lines[bisect_right(self.lines, start) - 1]
        if not _ONLY_MARKERS.match(self.document.text, line_start, start):
            return text
        if _BLOCK_START.match(text + more):
            return "\\" + text
        return _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text

    def _escaped(self, text: str, segment: Segment, *, in_label: bool) -> str:
        if segment.quotes == HTML:
            return _in_html(text.replace(_LITERAL, ""))
        if segment.quotes == IN_TITLE:
            text = text.replace('"', "'")
        text = _MARKUP.sub(r"\\\g<0>", text).replace(_LITERAL, "\\")
        if self.is_mdx:
            text = _BRACE.sub(r"\\{", text)
        if segment.kind is Kind.CELL:
            text = text.replace("|", "\\|")
        if self.has_labels or ((in_label or segment.kind in _LABELS) and not _balanced(text)):
            text = _BRACKET.sub(r"\\\g<0>", text)
        return text


def _with_outer_spaces(target: str, segment: Segment) -> str:
    """White space just inside a pair of tags moves outside: `** bold**` is not bold."""
    pairs = {tag.name for tag in segment.tags if tag.closing is not None and tag.kind is not TagKind.CODE}

    def moved(match: re.Match[str]) -> str:
        tags = match["opening"] or match["closing"]
        if not pairs.issuperset(tag["name"] for tag in TAG.finditer(tags)):
            return match[0]
        return f" {tags}" if match["opening"] else f"{tags} "

    return _INNER_SPACE.sub(moved, target).strip()


_TAG = "x"
"""For what follows a text: two dashes before a link are no rule."""
_LITERAL = "\ue001"
"""Stands for a backslash that is not to be escaped itself."""
_OPENS = lazy_pattern(r"[${]|=(?==)|(?<==)=|\^(?=\^)|(?<=\^)\^|\[(?=[\[!])|(?<=\[)\[|:(?=[a-z]+-)")
_ROUND = str.maketrans("[]{}|$", "()()/\uff04")
_BRACE = lazy_pattern(r"(?<!\\)\{")


def _literal(target: str) -> str:
    """A translation whose words are not to be read as a formula, a template or the like."""
    return _with_words(target, lambda words: _OPENS.sub(_LITERAL + r"\g<0>", words))


def _without_brackets(target: str) -> str:
    """A translation for a place that ends at a bracket, or where a bracket begins something."""
    return _with_words(target, lambda words: words.translate(_ROUND))


def _with_words(target: str, other: Callable[[str], str]) -> str:
    return "".join(token.text if token.name else other(token.text) for token in tokens_of(target))


def _in_html(text: str) -> str:
    return _IN_HTML.sub(lambda match: _ENTITIES[match[0]], text)


def _in_quotes(target: str, segment: Segment) -> str:
    if segment.quotes == COMMENT:
        return as_comment(target, segment.text)
    if segment.kind is Kind.META:
        return quoted(target, segment.quotes)
    if segment.quotes.startswith(TEMPLATE):  # where nothing can be escaped
        return target.translate(_ROUND).translate(_OTHER_QUOTES)
    if segment.quotes.startswith(HTML):
        return _in_html(target).replace(segment.quotes[-1], _ENTITIES[segment.quotes[-1]])
    pattern = r"[\\()]" if segment.quotes == "(" else rf"[\\{segment.quotes}]"
    return re.sub(pattern, r"\\\g<0>", target)


def _before_markup(words: str, markup: str) -> str:
    """A mark of exclamation before a link would make it an image, a bracket a reference.

    A word or a stop that touches a bare address would make it no address at all.
    """
    if _BARE.match(markup) and _TOUCHES_ADDRESS.search(words):
        return f"{words} "
    if words.endswith(("!", "]")) and markup.startswith(("[", "(")):
        return f"{words[:-1]}\\{words[-1]}"
    return words


def _balanced(text: str) -> bool:
    depths = [0, *accumulate(1 if bracket == "[" else -1 for bracket in _BRACKET.findall(text))]
    return min(depths) == depths[-1] == 0
