"""What is no Markdown but stands in it: HTML, formulas, templates, attribute lists, directives, components.

Each stretch but HTML is hidden: the parser sees a filler of the same length in its place, so that no star in
a formula is emphasis, and an engine sees a tag. Which constructs a document has is read from the document:
each begins with a sign of its own, and a component counts as one only in a document that imports or passes
expressions. Of HTML and of what is hidden, the texts and attributes that a reader sees are translated.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from enum import Enum, auto
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span
from weekly_translate.text.characters import CHINESE_PUNCTUATION, HAN, lazy_pattern, with_replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_PART = lazy_pattern(
    r"""(?P<raw> <!--(?s:.*?)(?:-->|\Z) | <[?!](?:[^>]*)> | <!\[CDATA\[(?s:.*?)(?:\]\]>|\Z)
              | <(?P<verbatim>script|style|pre|textarea|svg|math)\b(?s:.*?)(?:</(?P=verbatim)\s*>|\Z)
              | \{\{[^{}\n]*\}\} | \{%[^%\n]*%\} )
       | (?P<tag></?(?P<name>[A-Za-z][\w.:-]*)(?:[^<>"']|"[^"]*"|'[^']*')*+>)
       | (?P<broken></?[A-Za-z][^<]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_INLINE = lazy_pattern(
    r"a|abbr|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup"
    r"|tt|u|var"
)
_SEEN = r"alt|title|placeholder|aria-label"
_SEEN_IN_COMPONENTS = (
    rf"{_SEEN}|label|caption|summary|description|text|heading|subtitle|tooltip|fig-alt|fig-cap"
)
_IN_QUOTES = r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')"""
_SEEN_ATTRIBUTE, _ATTRIBUTE_OF_COMPONENT = (
    lazy_pattern(rf"(?<=[\s{{])(?:{names})\s*=\s*{_IN_QUOTES}", re.IGNORECASE)
    for names in (_SEEN, _SEEN_IN_COMPONENTS)
)
_BOXES = "admonition|alert|button|callout|collapse|details|expand|hint|notice|quote|tab"
_SHORTCODE = lazy_pattern(rf"\{{\{{[<%][ ]*(?:{_BOXES})[ ]")
"""One whose arguments without a name are words: `{{% notice tip "Title" %}}`."""
_ARGUMENT = lazy_pattern(
    rf"""(?<=[ ])(?:(?:{_SEEN_IN_COMPONENTS})=)?(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)')(?=[ ])"""
)
_MOST_OPEN = 20
"""A closing tag belongs to one of so many tags before it."""
_IS_HTML = lazy_pattern(r"</?[a-z]")


class HtmlPart(NamedTuple):
    """A tag (with its `name`), what is kept whole (`raw`), or text between them."""

    kind: str
    span: Span
    name: str = ""
    closes: bool = False

    @property
    def is_inline(self) -> bool:
        """Whether text goes on behind it."""
        return self.kind == "text" or (self.kind == "tag" and _INLINE.fullmatch(self.name) is not None)


def parts_of(source: str, span: Span) -> Iterator[HtmlPart]:
    """Tags, texts and what is no text, in order; together they are the whole stretch."""
    position = span.start
    for match in _PART.finditer(source, *span):
        if position < match.start():
            yield HtmlPart("text", Span(position, match.start()))
        kind, name = "tag" if match["tag"] else "raw", (match["name"] or "").lower()
        yield HtmlPart(kind, Span(*match.span()), name, match[0].startswith("</"))
        position = match.end()
    if position < span.end:
        yield HtmlPart("text", Span(position, span.end))


def runs_of(source: str, span: Span) -> Iterator[list[HtmlPart]]:
    """The texts of a block of HTML, each with the inline tags in it; those around it are left out."""
    run: list[HtmlPart] = []
    for part in [*parts_of(source, span), HtmlPart("raw", Span(span.end, span.end))]:
        if part.is_inline:
            run.append(part)
        else:
            if trimmed := _trimmed(run, source):
                yield trimmed
            run = []


def _trimmed(run: list[HtmlPart], source: str) -> list[HtmlPart]:
    """Without blanks, and tags that end before the words or begin after them or are around all of them."""
    words = [n for n, part in enumerate(run) if part.kind == "text" and source[slice(*part.span)].strip()]
    if not words:
        return []
    first, last = words[0], words[-1]
    pairs = pairs_of(run)
    partner = {**pairs, **{closing: opening for opening, closing in pairs.items()}}
    first = min((n for n in range(first) if first <= partner.get(n, -1) <= last), default=first)
    last = max((n for n in range(last + 1, len(run)) if first <= partner.get(n, -1) <= last), default=last)
    kept = run[first : last + 1]
    return [_without_blanks(part, source, n == 0, n == len(kept) - 1) for n, part in enumerate(kept)]


def _without_blanks(part: HtmlPart, source: str, is_first: bool, is_last: bool) -> HtmlPart:  # noqa: FBT001
    if part.kind != "text":
        return part
    text = source[slice(*part.span)]
    start = part.span.start + (len(text) - len(text.lstrip()) if is_first else 0)
    end = part.span.end - (len(text) - len(text.rstrip()) if is_last else 0)
    return part._replace(span=Span(start, end))


def pairs_of(parts: list[HtmlPart]) -> dict[int, int]:
    """The places of opening tags, each with that of its closing tag, properly nested."""
    pairs: dict[int, int] = {}
    open_tags: list[int] = []
    for place, part in enumerate(parts):
        if part.kind == "tag" and not part.closes:
            open_tags.append(place)
        elif part.kind == "tag":
            near = open_tags[-_MOST_OPEN:]
            opening = next((one for one in reversed(near) if parts[one].name == part.name), None)
            if opening is not None:
                pairs[opening] = place
                del open_tags[open_tags.index(opening) :]
    return pairs


class Attribute(NamedTuple):
    """A value that a reader sees: where it stands, its quotes, and what it says."""

    span: Span
    quotes: str
    text: str


def attributes_in(source: str, span: Span) -> Iterator[Attribute]:
    """The values in a tag, a shortcode or a list of attributes that a reader sees."""
    if _SHORTCODE.match(source, *span):
        pattern = _ARGUMENT
    elif source.find("=", *span) < 0:
        return
    else:
        pattern = _SEEN_ATTRIBUTE if _IS_HTML.match(source, *span) else _ATTRIBUTE_OF_COMPONENT
    for match in pattern.finditer(source, *span):
        group = match.lastgroup or ""
        place = Span(*match.span(group))
        yield Attribute(place, '"' if group == "double" else "'", unescape(source[slice(*place)]))


def without_texts(source: str, span: Span) -> str:
    """A tag as it is compared: without the values that are translated."""
    return with_replaced(source, ((*value.span, "") for value in attributes_in(source, span)), *span)


def skeleton_of(source: str, span: Span) -> str:
    """The tags of a block of HTML without its texts."""
    return "".join(without_texts(source, part.span) for part in parts_of(source, span) if part.kind != "text")


FILLER = "\ue000"
"""A private character: a letter for the parser. How it looks in an address that the parser has encoded:"""
ENCODED_FILLER = "%EE%80%80"
MDX_SITE = "docusaurus"
"""The generator that takes each document for MDX."""
WORDS_FIRST = "github"
"""Whose wikis write the words of a link before its page: `[[words|page]]`."""
WIKI = "[["
"""What begins a wiki link."""


class HiddenKind(Enum):
    """What a hidden stretch is, as far as it matters how it is kept."""

    FORMULA = auto()
    SYNTAX = auto()
    EDGE = auto()
    """Syntax that is left out of a segment that it begins or ends, as a mark of a line is."""


class Hidden(NamedTuple):
    """A stretch that neither the parser nor an engine sees."""

    span: Span
    kind: HiddenKind


_IN_LINE = 2_000
"""Characters; nothing that stands in a line is longer."""
_IN_BLOCK = 20_000
_PREFIX = r"^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)*"
_VALUE = r"""(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'|[^\s{}"']{1,200}+)"""
_ATTRIBUTE = rf"(?:[#.][\w:.-]{{1,200}}+|[\w:-]{{1,100}}={_VALUE})"
_TO_BLANK_LINE = r"(?:[^\n]|\n(?![ \t>]*\r?\n))"
_FLAT = rf"\{{[^{{}}]{{0,{_IN_LINE}}}\}}"
_BRACES = rf"\{{(?:[^{{}}]|\{{(?:[^{{}}]|{_FLAT}){{0,{_IN_LINE}}}+\}}){{0,{_IN_LINE}}}+\}}"
_QUOTED = rf"\"[^\"]{{0,{_IN_LINE}}}\"|'[^']{{0,{_IN_LINE}}}'"
_TAG = (
    rf"</?(?:[^\W\d][\w.-]{{0,80}}(?=[\s/>])"
    rf"(?:[^<>\"'{{}}]|{_QUOTED}|{_BRACES}){{0,500}}+)?>"
)

_SKIPPED = {
    "fence": rf"{_PREFIX}(?:`{{3,}}(?=[^`\n]*$)|~{{3,}})[^\n]*$",
    "ticks": r"`+",
    "comment": r"<!--",
    "verbatim": rf"<(?P<raw>script|style|pre|textarea)\b[\s\S]{{0,{_IN_BLOCK}}}?</(?P=raw)>",
    "escape": r"\\(?:\\(?![(\[])|[$`{<])",
}
"""What no construct begins in."""
_MODULE = (
    r"^(?:import[ \t]+(?:[^\n;'\"]{1,500}?|\{[^{}'\"]{1,2000}\})[ \t]from[ \t]+[\"'][^\"'\n]{1,300}[\"']"
    r"|import[ \t]+[\"'][^\"'\n]{1,300}[\"']|export[ \t]+(?:const|default|function|let|async|class|\{|\*))"
    r"[^\n]*(?:\n(?![ \t]*\r?\n)[^\n]*){0,300}"
)
_FORMULAS = {
    "display": rf"\$\$(?=[ \t]*\r?\n)[\s\S]{{1,{_IN_BLOCK}}}?\$\$(?=[^\S\n]*(?:\{{[^{{}}\n]*\}}[^\S\n]*)?$)",
    "inline_display": rf"\$\$(?=[ \t]*[^$\s])(?:(?!\$\$){_TO_BLANK_LINE}){{1,{_IN_LINE}}}\$\$",
    "bracketed": rf"{_PREFIX}(?P<tex>\\\[[ \t]*\r?\n"
    r"(?:(?![ \t>]*\\\])[^\n]*\n){1,200}[ \t>]*\\\])[ \t]*\r?$",
    "environment": r"\\begin\{(?P<env>[a-z]{1,20}\*?)\}"
    rf"{_TO_BLANK_LINE}{{1,{_IN_LINE}}}?\\end\{{(?P=env)\}}",
    "delimited": r"(?<!\\)(?:\\\((?:(?!\\\))[^\n]){1,500}\\\)|\\\\\((?:(?!\\\\\))[^\n]){1,500}\\\\\)"
    r"|\\\\\[(?:(?!\\\\\])[^\n]){1,500}\\\\\])",
    "formula": rf"\$(?=[^\s$])(?:\\[^\n]|(?![$\\]){_TO_BLANK_LINE}){{1,{_IN_LINE}}}(?<=\S)\$(?![0-9])",
}
_SYNTAX = {
    "listing": r"\{%-?[ ]*(?P<liquid>highlight|raw|codeblock|verbatim|mermaid|plantuml|math)\b"
    rf"[^%\n]{{0,200}}%\}}[\s\S]{{0,{_IN_BLOCK}}}?"
    r"\{%-?[ ]*end(?P=liquid)[ ]*-?%\}",
    "code_of_hugo": rf"\{{\{{<[ ]*(?P<hugo>highlight|mermaid)\b[^>\n]{{0,200}}>\}}\}}[\s\S]{{0,{_IN_BLOCK}}}?"
    r"\{\{<[ ]*/[ ]*(?P=hugo)[ ]*>\}\}",
    "template": rf"\{{\{{\{{[^{{}}]{{0,{_IN_LINE}}}\}}\}}\}}|\{{\{{[^{{}}]{{0,{_IN_LINE}}}\}}\}}"
    rf"|\{{%(?:[^%]|%(?!\}})){{0,{_IN_LINE}}}%\}}",
    "embedded": r"!\[\[[^\[\]\n]{1,300}\]\](?!\()",
    "marked": rf"(?<!=)==(?=[^\s=](?:(?:[^=\n]|=(?!=)){{0,{_IN_LINE}}}[^\s=])?==(?!=))"
    rf"|(?<!\^)\^\^(?=[^\s^](?:(?:[^^\n]|\^(?!\^)){{0,{_IN_LINE}}}[^\s^])?\^\^(?!\^))",
    "role": r"\{[A-Za-z][\w:+.-]{0,50}\}`[^`\n]{1,300}`",
    "icon": r"(?<!\\):(?:material|fontawesome|octicons|simple)-[a-z0-9-]{1,80}:",
}
_EDGES = {
    "directive": rf"{_PREFIX}(?P<box>:{{3,}}[ \t]*[A-Za-z][\w-]{{0,50}}\[(?=[^\]\n]{{1,500}}\]))",
    "alert": r"^[ \t]*>[ \t>]*(?P<note>\[![A-Za-z]{2,30}\][-+]?)(?=[ \t]|\r?$)",
    "target": r"^[ \t]*\([^()\s]{1,200}\)=[ \t]*\r?$",
    "abbreviation": r"^ {0,3}\*\[[^\]\n]{1,100}\]:[ \t]*",
    "snippet": r"^[ \t]*(?:;*--8<--|<<<[ \t])[^\n]{0,500}$",
    "wiki": r"\[\[[^\[\]|\n]{1,200}\|(?=[^\[\]\n]{1,200}\]\])",
    "named": rf"\[\[(?=[^\[\]|\n{HAN}]{{0,200}}[{HAN}][^\[\]|\n]{{0,200}}\]\](?!\())",
    "page": r"\[\[[^\[\]\n]{1,200}\]\](?!\()",
    "attributes": rf"\{{:?[ \t]*(?:{_ATTRIBUTE}[ \t]*){{1,20}}+\}}",
    "bound": rf"<[A-Za-z][\w.-]{{0,80}}(?=\s)(?:[^<>\"'@#]|{_QUOTED}){{1,500}}+(?<=\s)[@#](?:[^\W\d]|\[)"
    rf"(?:[^<>\"']|{_QUOTED}){{0,500}}+>",
    "around": rf"<[A-Za-z][\w-]{{0,80}}(?=\s)(?:[^<>\"']|{_QUOTED}){{0,500}}?(?<=\s)markdown(?=[\s=>])"
    rf"(?:[^<>\"']|{_QUOTED}){{0,500}}+>",
}
_COMPONENTS = {
    "module": _MODULE,
    "remark": rf"\{{/\*(?:[^*]|\*(?!/)){{0,{_IN_LINE}}}\*/\}}",
    "tag": _TAG,
    "expression": _BRACES,
}
_CLOSERS = {"directive": "]", "wiki": "]]", "named": "]]"}
"""What closes a construct whose words are not hidden; what is `marked` ends as it begins."""
_INNER = {"directive": "box", "alert": "note", "bracketed": "tex"}
"""The group of what is hidden, where the pattern also takes the markers before it."""
_KINDS = {
    **dict.fromkeys(_FORMULAS, HiddenKind.FORMULA),
    **dict.fromkeys([*(_EDGES.keys() - {"named", "wiki"}), "tag", "remark", "module"], HiddenKind.EDGE),
}
_MARKERS = " \t>-*+0123456789.)"


def _pattern(*tables: dict[str, str]) -> str:
    return "|".join(f"(?P<{name}>{pattern})" for table in tables for name, pattern in table.items())


_BEGINS = r"(?=[`<\\${:]|!?\[\[|==|\^\^|^)"
"""What every construct begins with: one look for most characters, in place of one for each construct."""
_TOKEN = lazy_pattern(
    _BEGINS
    + "(?:"
    + _pattern(
        _SKIPPED,
        {"module": _MODULE, "passed": r"<[A-Za-z][^<>{}\n]{0,500}=\{(?!\{[ \t])"},
        _FORMULAS,
        _SYNTAX,
        _EDGES,
    )
    + ")",
    re.MULTILINE,
)
_TOKEN_OF_MDX = lazy_pattern(
    f"{_BEGINS}(?:{_pattern(_SKIPPED, _FORMULAS, _COMPONENTS, _SYNTAX, _EDGES)})", re.MULTILINE
)
_SIGNS_OF_MDX = frozenset(("module", "passed"))
_SIGNS = (
    *("$", "{", "\\[", "\\(", "\\b", ":::", "[[", "[!", "]:", "--8<--", "<<<", "==", "^^"),
    *(" @", "<template", " markdown=", " markdown>", ")="),
    *(":material-", ":fontawesome-", ":octicons-", ":simple-"),
)
"""A document without any of them hides nothing, unless its site says that it has components."""
_BACKTICKS = lazy_pattern(r"`+")
_BLANK_LINE = lazy_pattern(r"\n[ \t>]*\r?\n")
_ONLY_MARKERS = lazy_pattern(rf"{_PREFIX}\Z", re.MULTILINE)
_CHINESE = lazy_pattern(rf"[{HAN}{CHINESE_PUNCTUATION}]")
_NOT_MDX = lazy_pattern(r"\s(?:[@#]|markdown[\s=>])")
ATTRIBUTE_LIST = lazy_pattern(r"\{(?::|[ \t]*(?:[#.]|[\w-]+=))")
"""How one begins. It belongs to what stands right before it."""
_COMMAND = lazy_pattern(r"\\[A-Za-z]")
_TEX = lazy_pattern(r"[\\{^_]")


def hidden_in(text: str, base: int = 0, site: str = "") -> tuple[Hidden, ...]:
    """What is hidden in `text[base:]`, in order; code, comments and scripts hold nothing of the kind.

    `site` is the generator, where one is set: a page of Docusaurus may have components, though none shows.
    """
    mdx = site == MDX_SITE
    if not (mdx or any(text.find(sign, base) >= 0 for sign in _SIGNS)):
        return ()
    found = [] if mdx else list(_constructs(text, base, _TOKEN, site))
    if mdx or any(name in _SIGNS_OF_MDX for name, _ in found):
        found = list(_constructs(text, base, _TOKEN_OF_MDX, site))
    # Where what would close an opened `==` lies inside a formula or code, nothing was opened.
    inside, end = set[Span](), base
    for span in sorted(span for _, spans in found for span in spans):
        if span.start < end:
            inside.add(span)
        end = max(end, span.end)
    hidden = (
        Hidden(span, _KINDS.get(name, HiddenKind.SYNTAX))
        for name, spans in found
        if name not in _SKIPPED and inside.isdisjoint(spans)
        for span in spans
    )
    return tuple(sorted(hidden, key=lambda one: one.span))


def constructs(text: str, site: str = "") -> list[str]:
    """The constructs that a line holds, as they are compared."""
    return [compared(text, span) for span, _ in hidden_in(text, site=site)]


def compared(text: str, span: Span) -> str:
    """A hidden stretch as it is compared: without the values that are translated.

    `[[page]]` is as `[[page|words]]`, which it becomes when its words are translated.
    """
    value = without_texts(text, span)
    if value == WIKI and "|" not in (page := page_named(text, span)):
        return f"{WIKI}{page}|"
    return value.replace("\\|", "|") if value.startswith(WIKI) else value


def page_named(text: str, opening: Span) -> str:
    """The page that a wiki link without words of its own names."""
    return text[opening.end : text.index("]]", opening.end)]


def is_mdx(syntax: Iterable[str]) -> bool:
    """Whether a document with such hidden syntax has components, and so expressions in braces."""
    return any(
        value.startswith(("import", "export", "{/*")) or (value[:1] == "<" and not _NOT_MDX.search(value))
        for value in syntax
    )


def masked(text: str, hidden: Sequence[Hidden]) -> str:
    """The text as the parser sees it: as long as it is, with filler for what is hidden."""
    return with_replaced(text, ((start, end, FILLER * (end - start)) for (start, end), _ in hidden))


def within(hidden: Sequence[Hidden], span: Span) -> Sequence[Hidden]:
    """What of it lies in a stretch."""
    first = bisect_left(hidden, span.start, key=lambda one: one.span.start)
    return hidden[first : bisect_left(hidden, span.end, lo=first, key=lambda one: one.span.start)]


def _constructs(
    text: str, base: int, token: re.Pattern[str], site: str
) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Each construct, and what none begins in: its name, and its place or what opens and closes it."""
    code = _Code(text)
    ends: set[int] = set()
    position = base
    while match := token.search(text, position):
        name, start, position = match.lastgroup or "", match.start(), match.end()
        if name in _SKIPPED:
            position = code.end_of(name, match)
            yield name, (Span(start, position),)
        elif name == "marked" and start in ends:
            continue
        elif name in _FORMULAS and not _is_formula(text, name, match):
            position = start + 1
        elif name in ("wiki", "named") and site == WORDS_FIRST:
            closer = text.index("]]", position)
            if name == "wiki":
                yield name, (Span(start, start + len(WIKI)),)
            yield "page", (Span(position - 1 if name == "wiki" else start, closer + 2),)
            position = closer + 2
        else:
            span = Span(*match.span(_INNER.get(name, name)))
            if closing := match[0] if name == "marked" else _CLOSERS.get(name):
                closer = text.index(closing, span.end)
                ends.add(closer)
                yield name, (span, Span(closer, closer + len(closing)))
            else:
                yield name, (span,)


def _is_formula(text: str, name: str, match: re.Match[str]) -> bool:
    """Chinese, and a line break between single dollars, stand in a formula only where there is TeX.

    Two prices in a sentence are no formula, nor are two dollars with the end of a link's label between them.
    One with an empty line in it, or with Chinese text only, has its dollars on lines of their own.
    """
    formula = match[0]
    if name == "formula" and ("](http" in formula or ("\n" in formula and not _COMMAND.search(formula))):
        return False
    words = formula.strip("\\()[]") if name == "delimited" else formula
    is_tex = not _CHINESE.search(formula) or _TEX.search(words)
    if name == "display" and (not is_tex or _BLANK_LINE.search(formula)):
        line_start = text.rfind("\n", 0, match.start()) + 1
        return _ONLY_MARKERS.match(text, line_start, match.start()) is not None
    return bool(is_tex)


class _Code:
    """Where code, a comment or a script that begins somewhere ends; each end is looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.has_comment_ends = True
        self.blank_lines: list[int] = []
        self.runs: dict[int, list[int]] = defaultdict(list)

    def end_of(self, name: str, match: re.Match[str]) -> int:
        if name == "fence":
            return self._end_of_fence(match)
        if name == "ticks":
            return self._end_of_span(match.end(), match.end() - match.start())
        if name == "comment" and self.has_comment_ends:
            end = self.text.find("-->", match.end())
            self.has_comment_ends = end >= 0
            return end + 3 if end >= 0 else match.end()
        return match.end()

    def _end_of_fence(self, match: re.Match[str]) -> int:
        fence = match[0].lstrip(_MARKERS)
        length = len(fence) - len(fence.lstrip(fence[0]))
        closing = re.compile(rf"^[ \t>]*{fence[0]}{{{length},}}[ \t]*\r?$", re.MULTILINE)
        end = closing.search(self.text, match.end())
        return end.end() if end else len(self.text)

    def _end_of_span(self, start: int, length: int) -> int:
        """Behind the next run of as many backticks in the same paragraph; a run without one is text."""
        if not self.runs:
            for run in _BACKTICKS.finditer(self.text):
                self.runs[run.end() - run.start()].append(run.start())
            self.blank_lines = [blank.start() for blank in _BLANK_LINE.finditer(self.text)]
        runs = self.runs[length]
        place = bisect_left(runs, start)
        if place == len(runs):
            return start
        blank = bisect_left(self.blank_lines, start)
        ends_before = blank < len(self.blank_lines) and self.blank_lines[blank] < runs[place]
        return start if ends_before else runs[place] + length


CONTAINER = (
    r"^ {0,3}(?:(?:!!!|\?\?\?\+?)[ \t]*(?=[\w\"-])[A-Za-z0-9_-]*(?:[ \t]+[A-Za-z0-9_-]+)*"
    r"(?:[ \t]*(?:inline(?:[ \t]+end)?)?[ \t]*\"(?P<container_1>[^\n]*)\")?"
    r"|===[!+]?[ \t]+\"(?P<container_2>[^\n]*)\")[ \t]*$"
)
"""The line above the body of an admonition (`!!! note "Title"`), of details (`???`) or of a tab (`===`)."""
DEFINITION = r"^ {0,3}:[ \t]{1,3}(?=\S)"
"""What stands before a definition; the term is the paragraph above."""
_INDENT = 4
_BODY = lazy_pattern(r"(?:(?:[ \t]*\n)*(?: {4}| {0,3}\t)[ \t]*[^ \t\n][^\n]*(?:\n|\Z))*")
"""Lines that are indented, or blank between such lines."""
_BLANKS = lazy_pattern(r"^[ \t]*", re.MULTILINE)


class Body(NamedTuple):
    """The lines below without their indent, and where they begin and end in the text around."""

    text: str
    span: Span


def title_of(header: re.Match[str]) -> Span | None:
    """Where the words of the title stand, if there are any."""
    for group in ("container_1", "container_2"):
        if header[group]:
            return Span(*header.span(group))
    return None


def body_below(src: str, start: int, header_indent: int = 0) -> Body:
    """The lines from `start` on that are indented, or blank between such lines."""
    body = _BODY.match(src, start)
    text = body[0] if body else ""
    first = len(text) - len(text.lstrip(" \t\n"))
    columns = len(text[text.rfind("\n", 0, first) + 1 : first].expandtabs(_INDENT))
    dedent = min(columns, _INDENT + header_indent)
    dedented = _BLANKS.sub(lambda line: " " * (len(line[0].expandtabs(_INDENT)) - dedent), text)
    return Body(dedented, Span(start, start + len(text)))
