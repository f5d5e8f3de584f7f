"""The front matter: only the value of `title` is translated, everything else stays byte for byte.

It is read line by line and never loaded and dumped again: of 114 real files a YAML round trip by
python-frontmatter returned none unchanged.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import FeatureKind, Kind, Span, TagKind
from weekly_translate.text.characters import ITEM, line_starts
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import NAME, TAG, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.model import Document, Segment, Tag

_BLOCK = lazy_pattern(r"\A---[ \t]*\r?\n(?:.*?\r?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_OTHER = lazy_pattern(
    r"\A(?:\+\+\+[ \t]*\r?\n(?:.*?\r?\n)??\+\+\+|\{[ \t]*\r?\n.*?\r?\n\})[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_TITLE = lazy_pattern(r"^title[ \t]*:[ \t]+(?P<value>\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_COMMENT = lazy_pattern(r"[ \t]#.*")
_NEEDS_QUOTES = lazy_pattern(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #|\s$|^(?:true|false|null|yes|no|on|off|~)$", re.IGNORECASE
)

_ODD = "its title is not one line of text"


class FrontMatter(NamedTuple):
    """Where it ends, and the span and the quote character of the title's value, if there is one."""

    end: int
    title: Span | None = None
    quotes: str = ""
    reason: str = ""
    """Why there is no title to translate, though there is a front matter."""


def front_matter(text: str) -> FrontMatter:
    """The front matter of a file; `end` is 0 where there is none."""
    block = _BLOCK.match(text)
    if block is None:
        other = _OTHER.match(text)
        return FrontMatter(other.end(), reason="it is not YAML") if other else FrontMatter(0)
    title = _TITLE.search(text, 0, block.end())
    if title is None:
        return FrontMatter(block.end())
    value, start = title["value"], title.start("value")
    if value[0] in "'\"":
        closed = len(value) > 1 and value.endswith(value[0])
        span = Span(start + 1, start + len(value) - 1)
        return FrontMatter(block.end(), span, value[0]) if closed else FrontMatter(block.end(), reason=_ODD)
    if value[0] in "|>&*[{!%@`":
        return FrontMatter(block.end(), reason=_ODD)  # a block, an alias, a list
    value = _COMMENT.sub("", value)
    return FrontMatter(block.end(), Span(start, start + len(value)))


def unquoted(value: str, quotes: str) -> str:
    """The text that a scalar stands for, as far as one line of it goes."""
    if quotes == "'":
        return value.replace("''", "'")
    if quotes == '"':
        return re.sub(r'\\(["\\])', r"\1", value)
    return value


def quoted(value: str, quotes: str) -> str:
    """`value` as it has to be written between the quotes that are there, or with quotes if it needs some."""
    if quotes == "'":
        return value.replace("'", "''")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if quotes == '"':
        return escaped
    return f'"{escaped}"' if _NEEDS_QUOTES.search(value) else value


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
_BLOCK_START = lazy_pattern(r"(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|=+\s*$|-+\s*$|~~~|\|)")
_NUMBERED = lazy_pattern(r"(\d{1,9})([.)])(?=\s|$)")
_ONLY_MARKERS = lazy_pattern(
    rf"(?:[ \t>]|[-+*][ \t]|\d{{1,9}}[.)][ \t]|{ITEM}|\[\^[^\]\s]{{1,99}}\]:[ \t])*\Z"
)
_BRACKET = lazy_pattern(r"(?<!\\)[\[\]]")
_BARE = lazy_pattern(r"https?://")
_TOUCHES_ADDRESS = lazy_pattern(r"[A-Za-z0-9,.;:!?)]\Z")
_STOPS_ADDRESS = lazy_pattern(r"[^\x21-\x7e]|[.,;:!?)'\"]+(?:\s|$)|$")
_INNER_SPACE = lazy_pattern(rf"(?P<opening>(?:<{NAME}>)+) | (?P<closing>(?:</{NAME}>)+)")
_LABELS = (Kind.ALT, Kind.TITLE)


def assemble(document: Document, targets: Mapping[str, str], fixed: Mapping[Span, str] | None = None) -> str:
    """The text with each segment in `targets` (id -> tagged translation) and each span in `fixed` replaced.

    Without any, the source comes back byte for byte. Tags in a target must be the segment's own.
    """
    labels = any(feature.kind is FeatureKind.DEFINITION for feature in document.features)
    changes = [_Change(segment.span, segment) for segment in document.segments if segment.id in targets]
    changes += [_Change(span, text) for span, text in (fixed or {}).items()]
    # What stands inside another change comes after it.
    changes.sort(key=lambda change: (change.span.start, -change.span.end))
    starts = [change.span.start for change in changes]
    assembly = _Assembly(document, targets, changes, starts, line_starts(document.text), labels)
    return assembly.stretch(Span(0, len(document.text)), None)


class _Change(NamedTuple):
    """A stretch of the source, and the segment or the text that takes its place."""

    span: Span
    new: Segment | str


@dataclass(frozen=True, slots=True)
class _Assembly:
    document: Document
    targets: Mapping[str, str]
    changes: list[_Change]
    starts: list[int]
    lines: list[int]
    has_labels: bool
    """Whether `[foo]` could be a link here."""

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
        if segment.quotes:
            return _in_quotes(target, segment)
        tags = {tag.name: tag for tag in segment.tags}
        written: list[str] = []
        labels, in_code = 0, False
        words, markup = "", ""
        for token in tokens_of(target):
            tag = tags.get(token.name)
            if tag is None:  # words, or what only looks like a tag
                words += "" if in_code else token.text
                continue
            before = self._words(words, markup, segment, in_label=labels > 0, first=not written)
            markup = self._tag(tag, segment, closes=token.closes)
            written += [_before_markup(before, markup), markup]
            words = ""
            in_code = tag.kind is TagKind.CODE and not token.closes
            labels += 0 if tag.kind is not TagKind.LINK else -1 if token.closes else 1
        behind = self.document.text[segment.span.end : segment.span.end + 1]
        last = self._words(words, markup, segment, in_label=False, first=not written)
        return "".join([*written, _before_markup(last, behind)])

    def _words(self, words: str, markup: str, segment: Segment, *, in_label: bool, first: bool) -> str:
        """Words between two tags, as Markdown that means just them."""
        escaped = self._escaped(words, segment, in_label=in_label)
        if first:
            return self._at_line_start(escaped, segment)
        # Words right behind a bare address would become part of it.
        touches = escaped and _BARE.match(markup) and not _STOPS_ADDRESS.match(escaped)
        return f" {escaped}" if touches else escaped

    def _tag(self, tag: Tag, segment: Segment, *, closes: bool) -> str:
        """The source's bytes; what stands alone may hold segments itself (the alt text of an image)."""
        if tag.closing is None:
            return self.stretch(tag.opening, segment)
        if tag.kind is TagKind.CODE:
            return "" if closes else self.document.text[tag.opening.start : tag.closing.end]
        if closes:
            return self.stretch(tag.closing, segment) + tag.completion
        return self.document.text[slice(*tag.opening)]

    def _at_line_start(self, text: str, segment: Segment) -> str:
        """Escape what would open a block, where nothing but markers stands before it."""
        start = segment.span.start
        line_start = self.lines[bisect_right(self.lines, start) - 1]
        if not _ONLY_MARKERS.match(self.document.text, line_start, start):
            return text
        if _BLOCK_START.match(text):
            return "\\" + text
        return _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text

    def _escaped(self, text: str, segment: Segment, *, in_label: bool) -> str:
        text = _MARKUP.sub(r"\\\g<0>", text)
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


def _in_quotes(target: str, segment: Segment) -> str:
    if segment.kind is Kind.META:
        return quoted(target, "" if segment.quotes == "plain" else segment.quotes)
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
