"""What a site generator reads of a page: values of its front matter, ids of headings and links to them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from weekly_translate.markdown.inline import ESCAPE
from weekly_translate.model import Feature, FeatureKind, Finding, Severity, Span
from weekly_translate.text.characters import has_han, lazy_pattern, line_starts, lines_of, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.model import Document


_BELOW = (
    *("title", "subtitle", "description", "alt", "caption"),
    *("text", "tagline", "details", "linkText", "label"),
)
"""The keys whose values a reader sees where they stand below others: of a picture, a button, a home page."""
TRANSLATED = (
    *("title", "subtitle", "titleTemplate", "linkTitle", "sidebar_label", "sidebarTitle", "pagination_label"),
    *("description", "summary", "excerpt", "abstract", "tagline", "keywords", "tags"),
    *("heroText", "actionText", "footer"),
)
"""The keys whose values a reader sees."""
SEEN = frozenset((*TRANSLATED, *_BELOW, "name"))
_KEYS = "|".join(TRANSLATED)
_KEYS_BELOW = "|".join(_BELOW)

_BLOCK = lazy_pattern(r"\A---[ \t]*\r?\n(?:.*?\r?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TOML = lazy_pattern(r"\A\+\+\+[ \t]*\r?\n(?:.*?\r?\n)??\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_OTHER = lazy_pattern(r"\A\{[ \t]*\r?\n.*?\r?\n\}[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_ENTRY = lazy_pattern(
    rf"^(?P<key>{_KEYS})[ \t]*:(?:[ \t]+(?P<value>\S[^\r\n]*?))?[ \t]*\r?$"
    r"(?P<below>(?:\r?\n(?:[ \t]+[^\r\n]*|-[ \t][^\r\n]*|(?=\r?\n[ \t])))*)",
    re.MULTILINE,
)
_YAML_BELOW = lazy_pattern(
    rf"^(?:[ \t]+(?:-[ \t]+)*|(?:-[ \t]+)+)(?:{_KEYS_BELOW})[ \t]*:[ \t]+(?P<value>\S[^\r\n]*?)[ \t]*\r?$"
    r"|^hero:[ \t]*\r?\n(?:[ \t]+[^\n]*\n){0,9}?[ \t]+name:[ \t]+(?P<name>\S[^\r\n]*?)[ \t]*\r?$",
    re.MULTILINE,
)
_TOML_ENTRY = lazy_pattern(
    rf"^[ \t]*(?P<key>{_KEYS}|{_KEYS_BELOW})[ \t]*=[ \t]*(?P<value>[\"'\[])", re.MULTILINE
)
_TABLE = lazy_pattern(r"^[ \t]*\[", re.MULTILINE)
_ITEM = lazy_pattern(r"^[ \t]*-[ \t]+(?P<value>\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_CONTENT = lazy_pattern(r"^[ \t]+(\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_PARAGRAPH = lazy_pattern(r"^[ \t]+(\S[^\r\n]*?(?:\r?\n[ \t]+\S[^\r\n]*?)*)[ \t]*\r?$", re.MULTILINE)
_COMMENT = lazy_pattern(r"[ \t]#.*")
_IN_QUOTES = {
    '"': lazy_pattern(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": lazy_pattern(r"'((?:[^']|'')*)'", re.DOTALL),
}
_IN_LIST = lazy_pattern(
    r""" "(?P<double>(?:[^"\\\n]|\\.)*)" | '(?P<single>(?:[^'\n]|'')*)'
       | (?P<plain>[^\s,\[\]"'][^,\[\]\n]*)""",
    re.VERBOSE,
)
_NEEDS_QUOTES = lazy_pattern(
    r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|: |:$| #|\s$|^(?:true|false|null|yes|no|on|off|~)$", re.IGNORECASE
)
_FLOW_SIGN = lazy_pattern(r"[,\[\]{}]")


class Value(NamedTuple):
    """Where a text of the front matter stands, and how it is written there.

    `quotes` is a quote character, or `plain`, or `flow`: plain in a list in brackets; `block`: below `>` or
    `|`, where nothing is escaped; `toml`: between single quotes that nothing can escape.
    """

    span: Span
    quotes: str


class FrontMatter(NamedTuple):
    """Where it ends, and the values that are translated, in order."""

    end: int
    values: tuple[Value, ...] = ()
    reason: str = ""
    """Why there is no title to translate, though there is a front matter."""


def front_matter(text: str) -> FrontMatter:
    """The front matter of a file; `end` is 0 where there is none."""
    if block := _BLOCK.match(text):
        end = block.end()
        entries = list(_ENTRY.finditer(text, 0, end))
        return _front_matter(text, end, entries, _yaml_values, _yaml_below(text, end, entries))
    if toml := _TOML.match(text):
        end = toml.end()
        table = _TABLE.search(text, 0, end)
        top = table.start() if table else end
        below = (_toml_values(text, entry, end) for entry in _TOML_ENTRY.finditer(text, top, end))
        values = (value for found in below for value in found or ())
        return _front_matter(text, end, list(_TOML_ENTRY.finditer(text, 0, top)), _toml_values, values)
    other = _OTHER.match(text)
    return FrontMatter(other.end(), reason="it is neither YAML nor TOML") if other else FrontMatter(0)


def _front_matter(
    text: str,
    end: int,
    entries: Sequence[re.Match[str]],
    read: Callable[[str, re.Match[str], int], Iterable[Value] | None],
    below: Iterable[Value],
) -> FrontMatter:
    """The values of each key, where it stands first, and those below others."""
    values: dict[str, list[Value]] = {}
    reason = ""
    for match in entries:
        key = match["key"]
        if key not in values and key in TRANSLATED:
            found = read(text, match, end)
            values[key] = list(found or ())
            if found is None and key == "title":
                reason = "its title is not one line of text"
    every = (value for found in (*values.values(), below) for value in found)
    return FrontMatter(end, tuple(one for one in every if one.span.start < one.span.end), reason)


def _yaml_below(text: str, end: int, entries: Sequence[re.Match[str]]) -> Iterator[Value]:
    """The values of keys that stand below others, but not what only looks so in a longer text."""
    starts = [entry.start() for entry in entries]
    for match in _YAML_BELOW.finditer(text, 0, end):
        start, stop = match.span(match.lastgroup or 0)
        before = bisect_right(starts, start)
        if before == 0 or entries[before - 1].end() < start:
            yield from _scalar(text, start, stop) or ()


def _yaml_values(text: str, entry: re.Match[str], end: int) -> Iterable[Value] | None:
    value, start, below = entry["value"] or "", entry.start("value"), Span(*entry.span("below"))
    if not value:
        items = (_scalar(text, *item.span("value")) for item in _ITEM.finditer(text, *below))
        return (one for item in items for one in item or ())
    if value[0] in "'\"":
        return _between_quotes(text, start, end)
    if value[0] == "[":
        return _in_list(text, start, end)
    if value[0] in "|>":
        lines = _CONTENT if value[0] == "|" else _PARAGRAPH
        return (Value(Span(*line.span(1)), "block") for line in lines.finditer(text, *below))
    scalar = _scalar(text, start, entry.end("value"))
    if scalar and (rest := text[slice(*below)].strip()):
        is_text = not rest.startswith(("- ", "#")) and ": " not in rest
        stop = below.start + len(text[slice(*below)].rstrip())
        return (Value(Span(start, stop), "plain"),) if is_text else None
    return scalar


def _scalar(text: str, start: int, end: int) -> tuple[Value] | None:
    """One line of text; None for an alias, a mapping and what else is none."""
    value = text[start:end]
    if value[0] in "'\"":
        found = _between_quotes(text, start, end)
        closed = found and text[found[0].span.end + 1 : end].lstrip()[:1] in ("", "#")
        return found if closed else None
    if value[0] in "|>&*[{!%@`":
        return None
    return (Value(Span(start, start + len(_COMMENT.sub("", value))), "plain"),)


def _between_quotes(text: str, start: int, end: int) -> tuple[Value] | None:
    quote = text[start]
    match = _IN_QUOTES[quote].match(text, start, end)
    return (Value(Span(*match.span(1)), quote),) if match else None


def _in_list(text: str, start: int, end: int) -> Iterator[Value]:
    """The items between brackets."""
    closing = text.find("]", start, end)
    for item in _IN_LIST.finditer(text, start + 1, closing if closing >= 0 else start + 1):
        group = item.lastgroup or ""
        first = item.start(group)
        quotes = {"double": '"', "single": "'", "plain": "flow"}[group]
        yield Value(Span(first, first + len(item[group].rstrip())), quotes)


def _toml_values(text: str, entry: re.Match[str], end: int) -> Iterable[Value] | None:
    """As in YAML, but that nothing can be escaped between single quotes."""
    start, quote = entry.start("value"), entry["value"]
    found: Iterable[Value] | None
    if quote == "[":
        found = _in_list(text, start, end)
    elif text.startswith(quote * 3, start):
        found = _between_three(text, start + 3, end, quote)
    else:
        found = _between_quotes(text, start, text.find("\n", start, end))
    return found and (one._replace(quotes="toml") if one.quotes == "'" else one for one in found)


def _between_three(text: str, start: int, end: int, quote: str) -> tuple[Value] | None:
    """The text between three quotes on either side."""
    closing = text.find(quote * 3, start, end)
    if closing < 0:
        return None
    words = text[start:closing]
    first = start + len(words) - len(words.lstrip())
    return (Value(Span(first, start + len(words.rstrip())), quote),)


def unquoted(value: str, quotes: str) -> str:
    """The text that a value stands for; line breaks in it are spaces."""
    if "\n" in value:
        value = " ".join(value.split())
    if quotes == "'":
        return value.replace("''", "'")
    if quotes == '"':
        return re.sub(r'\\(["\\])', r"\1", value)
    return value


def quoted(value: str, quotes: str) -> str:
    """`value` as it has to be written between the quotes that are there, or with quotes if it needs some."""
    if quotes == "'":
        return value.replace("'", "''")
    if quotes == "toml":
        return value.replace("'", "’")
    if quotes == "block":
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if quotes == '"':
        return escaped
    needs_some = _NEEDS_QUOTES.search(value) or (quotes == "flow" and _FLOW_SIGN.search(value))
    return f'"{escaped}"' if needs_some else value


_IMAGE_OR_LINK = lazy_pattern(r"!\[[^\]\n]*\]\([^)\n]*\)|\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_HTML_TAG = lazy_pattern(r"</?[A-Za-z][^<>\n]*>")
_EMPHASIS = lazy_pattern(r"\*+|~~|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")
_CODE = lazy_pattern(r"`+")
_ATX = lazy_pattern(r"^[ \t>]*(?:[-*+][ \t]+)*#{1,6}[ \t]+|[ \t]+#+[ \t]*$")
_EXPLICIT = lazy_pattern(r"[ \t]*\{:?[ \t]*#([\w:.-]+)[^{}]*\}[ \t]*$")
_ID = lazy_pattern(r"""\b(?:id|name)=["']([^"'\s]+)["']|\{:?[^{}\n]*#([\w:.-]+)[^{}\n]*\}""")
_OF_NOTHING = lazy_pattern(r"_\d+")
"""What MkDocs makes of a heading without a Latin letter."""


def _github(text: str) -> str:
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def _vitepress(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    slug = re.sub(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'“”‘’<>,.?/]+", "-", plain).strip("-").lower()
    return re.sub(r"^(\d)", r"_\1", slug)


def _mkdocs(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def _mkdocs_unicode(text: str) -> str:
    return re.sub(r"\s", "-", re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", text)).strip().lower())


class _Site(NamedTuple):
    slug: Callable[[str], str]
    separator: str
    """Between a slug and the number of a heading that is not the first of its name."""


SITES: Mapping[str, _Site] = {
    "github": _Site(_github, "-"),  # Docusaurus and Hugo, too
    "vitepress": _Site(_vitepress, "-"),
    "mkdocs-unicode": _Site(_mkdocs_unicode, "_"),
    "mkdocs": _Site(_mkdocs, "_"),
}


GENERATORS: Mapping[str, tuple[str, ...]] = {
    "": tuple(SITES),
    "mkdocs": ("mkdocs", "mkdocs-unicode"),
    "vitepress": ("vitepress",),
    **dict.fromkeys(("docusaurus", "hugo", "github"), ("github",)),
}
"""What can be set for `markdown`, and how such a site may make ids; the first is the usual way."""

_ADDRESS = lazy_pattern(
    r"""(?P<before>\bhref\s*=\s*["']|^[ \t>]*\[[^\]\n]{1,200}\]:[ \t]*<?)"""
    r"""(?P<address>[^\s"'<>#]*\#[^\s"'<>]+)""",
    re.MULTILINE,
)
"""An address in HTML, or in the definition of a reference."""
_WITH_ADDRESSES = (FeatureKind.HTML, FeatureKind.DEFINITION, FeatureKind.SYNTAX)
_KEPT_ID = lazy_pattern(r"[\w:.-]+")
_CLOSED = lazy_pattern(r"[#\\}]\Z|\A[ \t>]*<")
"""A line that takes no id at its end."""
_HTML_HEADING = lazy_pattern(
    r"<h([1-6])(?=[\s>])[^<>]{0,1000}>(.{0,1000}?)</h\1\s*>", re.DOTALL | re.IGNORECASE
)

_FORMS = ("", ".md", ".mdx", "/index.md", "/README.md", "/index.mdx")


class Headings(NamedTuple):
    """The headings of a document in order, and what else a link in it can lead to."""

    lines: tuple[int, ...]
    texts: tuple[str, ...]
    """The words without markup."""
    explicit: tuple[str, ...]
    """The id that a heading is given, or nothing."""
    ids: frozenset[str]

    def slugs(self, site: str) -> list[str]:
        """The id of each heading."""
        slug, separator = SITES[site]
        taken: set[str] = set()
        slugs = []
        for text, explicit in zip(self.texts, self.explicit, strict=True):
            first = one = explicit or slug(text)
            number = 0
            while not explicit and (one in taken or not one):
                number += 1
                one = f"{first}{separator}{number}"
            taken.add(one)
            slugs.append(one)
        return slugs


def headings_of(document: Document) -> Headings:
    """The headings of a document."""
    lines = lines_of(document.text)
    found = []
    for one in document.features:
        if one.kind is FeatureKind.HEADING:
            found.append((one.line, _ATX.sub("", lines[one.line - 1]).strip()))
        elif one.kind is FeatureKind.HTML and one.span is not None:
            for written in _HTML_HEADING.finditer(document.text, *one.span):
                line = one.line + document.text.count("\n", one.span.start, written.start())
                found.append((line, " ".join(written[2].split())))
    places, raw = [line for line, _ in found], [text for _, text in found]
    explicit = [match[1] if (match := _EXPLICIT.search(text)) else "" for text in raw]
    texts = tuple(_plain(_EXPLICIT.sub("", text)) for text in raw)
    ids = frozenset(one or other for one, other in _ID.findall(document.text))
    return Headings(tuple(places), texts, tuple(explicit), ids)


def _plain(text: str) -> str:
    words = _HTML_TAG.sub("", _IMAGE_OR_LINK.sub(lambda match: match[1] or "", text))
    return unescape(ESCAPE.sub(r"\1", _EMPHASIS.sub("", _CODE.sub("", words)))).strip()


class Pages(NamedTuple):
    """The headings of a page in both languages, and the name of the page in messages."""

    source: Headings
    target: Headings
    name: str = ""
    partners: Mapping[int, int] | None = None
    """Which heading of the source is which of the target, where there are not as many."""

    def partner(self, index: int) -> int | None:
        """The heading of the target that translates one of the source, if it is known."""
        if self.partners is not None:
            return self.partners.get(index)
        return index if len(self.source.texts) == len(self.target.texts) else None


class Followed(NamedTuple):
    """The addresses that change, the features with them, and what is wrong."""

    fixed: dict[Span, str]
    expected: tuple[Feature, ...]
    findings: tuple[Finding, ...]


def links_to_headings(document: Document) -> Iterator[tuple[Feature, str, str]]:
    """Each link with the page that it names (nothing for its own) and the id, where a heading made that."""
    for feature in _links(document):
        page, sign, fragment = feature.value.partition("#")
        if not sign or "://" in page:
            continue
        wanted = unquote(fragment)
        if has_han(wanted) or _OF_NOTHING.fullmatch(wanted):
            yield feature, unquote(page), wanted


def _links(document: Document) -> Iterator[Feature]:
    """The links whose addresses are written beside them, in HTML or in a definition."""
    for one in document.features:
        if one.kind is FeatureKind.LINK and one.span is not None:
            yield one
        elif one.kind in _WITH_ADDRESSES and one.span is not None and "#" in one.value:
            for match in _ADDRESS.finditer(document.text, *one.span):
                line = one.line + document.text.count("\n", one.span.start, match.start("address"))
                yield Feature(FeatureKind.LINK, match["address"], line, Span(*match.span("address")))


def kept_ids(document: Document) -> tuple[dict[Span, str], tuple[Feature, ...]]:
    """The old id of each heading that has none of its own, and where it is written; what that adds."""
    headings, lines, starts = headings_of(document), lines_of(document.text), line_starts(document.text)
    links = ((headings, link) for _, page, link in links_to_headings(document) if not page)
    slugs = headings.slugs(_site(document, links))
    fixed, features = {}, []
    for line, slug, explicit in zip(headings.lines, slugs, headings.explicit, strict=True):
        text = lines[line - 1].rstrip()
        if not explicit and _KEPT_ID.fullmatch(slug) and not _CLOSED.search(text):
            end = starts[line - 1] + len(text)
            value = f"{{#{slug}}}"
            fixed[Span(end, end)] = f" {value}"
            features.append(Feature(FeatureKind.SYNTAX, value, line))
    return fixed, tuple(features)


def _site(document: Document, links: Iterable[tuple[Headings, str]]) -> str:
    """How the site of a document makes ids; `links` are ids that lead to headings."""
    known = list(links)
    sites = GENERATORS[document.dialect.site]
    return max(sites, key=lambda one: sum(wanted in headings.slugs(one) for headings, wanted in known))


def files_named(page: str) -> Iterator[str]:
    """The files that a link may mean by a page, `/guide/` among the names of pages."""
    path = page.strip("/").removesuffix(".html")
    return (f"{path}{form}" for form in _FORMS)


def followed(
    document: Document, expected: Iterable[Feature], page_of: Callable[[str], Pages | None]
) -> Followed:
    """The links of a document led to the translated headings; `page_of` knows the pages that they name."""
    links = [
        (link, page, wanted) for link, name, wanted in links_to_headings(document) if (page := page_of(name))
    ]
    site = _site(document, ((page.source, wanted) for _, page, wanted in links))
    fixed: dict[Span, str] = {}
    values: dict[str, str] = {}
    findings = []
    for link, page, wanted in links:
        slugs = page.source.slugs(site)
        if wanted not in slugs:
            if wanted not in page.source.ids:
                findings.append(_dead(link, page, "nor does it in the source", Severity.WARNING))
        elif (partner := page.partner(slugs.index(wanted))) is None:
            if wanted in page.target.slugs(site):
                continue
            line = page.source.lines[slugs.index(wanted)]
            where = f"the heading of line {line} is not in the English"
            findings.append(_dead(link, page, where, Severity.ERROR))
        elif link.span is not None:
            new = page.target.slugs(site)[partner]
            fragment = quote(new, safe="-_.~") if "%" in link.value.partition("#")[2] else new
            start = link.span.start + document.text[slice(*link.span)].index("#") + 1
            if new != wanted:
                fixed[Span(start, link.span.end)] = fragment
                values[unquote(link.value)] = fragment
    moved = tuple(_moved(one, values) for one in expected)
    return Followed(fixed, moved, tuple(findings))


def _moved(feature: Feature, values: Mapping[str, str]) -> Feature:
    """`values` are the new ids by the addresses."""

    def new(address: str) -> str:
        fragment = values.get(unquote(address))
        return address if fragment is None else f"{address.partition('#')[0]}#{fragment}"

    if feature.kind is FeatureKind.LINK:
        return replace(feature, value=new(feature.value))
    if feature.kind not in _WITH_ADDRESSES or "#" not in feature.value:
        return feature
    moved = _ADDRESS.sub(lambda match: match["before"] + new(match["address"]), feature.value)
    return replace(feature, value=moved)


def _dead(link: Feature, page: Pages, why: str, severity: Severity) -> Finding:
    where = f" of {page.name}" if page.name else ""
    message = f"the link {shortened(unquote(link.value))} leads to no heading{where}: {why}"
    return Finding("md.anchor", severity, message, source_line=link.line)
