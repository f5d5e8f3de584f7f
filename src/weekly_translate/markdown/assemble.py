"""The source with its segments replaced: words are escaped for the place where they stand."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.markdown.comments import COMMENT, as_comment
from weekly_translate.markdown.front_matter import quoted
from weekly_translate.markdown.hidden import ATTRIBUTE_LIST, MDX_SITE, constructs, is_mdx
from weekly_translate.model import FeatureKind, Kind, Span, TagKind
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import ITEM, ITEM_NUMBER, line_starts
from weekly_translate.text.tags import NAME, TAG, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.model import Document, Segment, Tag

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
    changes = [_Change(segment.span, segment) for segment in document.segments if segment.id in targets]
    changes += [_Change(span, text) for span, text in (fixed or {}).items()]
    # What stands inside another change comes after it.
    changes.sort(key=lambda change: (change.span.start, -change.span.end))
    starts = [change.span.start for change in changes]
    assembly = _Assembly(
        document,
        targets,
        changes,
        starts,
        line_starts(document.text),
        labels,
        document.dialect.site == MDX_SITE or is_mdx(syntax),
    )
    return assembly.stretch(Span(0, len(document.text)), None)


class _Change(NamedTuple):
    """A stretch of the source, and the segment or the text that takes its place."""

    span: Span
    new: Segment | str


class _Assembly(NamedTuple):
    document: Document
    targets: Mapping[str, str]
    changes: list[_Change]
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
        text = self._rendered(target, segment)
        if self._opens_nothing(text, segment):
            return text
        text = self._rendered(_literal(target), segment)
        return (
            text if self._opens_nothing(text, segment) else self._rendered(_without_brackets(target), segment)
        )

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
            return _IN_HTML.sub(_entity, text)
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
    return "".join(
        token.text if token.name else _OPENS.sub(_LITERAL + r"\g<0>", token.text)
        for token in tokens_of(target)
    )


def _without_brackets(target: str) -> str:
    """A translation for a place that ends at a bracket, or where a bracket begins something."""
    return "".join(token.text if token.name else token.text.translate(_ROUND) for token in tokens_of(target))


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES[match[0]]


def _in_quotes(target: str, segment: Segment) -> str:
    if segment.quotes == COMMENT:
        return as_comment(target, segment.text)
    if segment.kind is Kind.META:
        return quoted(target, segment.quotes)
    if segment.quotes.startswith(TEMPLATE):  # where nothing can be escaped
        return target.translate(_ROUND).translate(_OTHER_QUOTES)
    if segment.quotes.startswith(HTML):
        return _IN_HTML.sub(_entity, target).replace(segment.quotes[-1], _ENTITIES[segment.quotes[-1]])
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
    depth = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket == "[" else -1
        if depth < 0:
            return False
    return depth == 0
