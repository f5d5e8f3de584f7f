"""Links to headings: the ids that site generators make of a heading, and links that follow their heading.

Which generator a site has may be set, or is read from its links: the one that gives most of them a heading.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from weekly_translate.markdown.inline import ESCAPE
from weekly_translate.model import Feature, FeatureKind, Finding, Severity, Span
from weekly_translate.text.characters import has_han, lazy_pattern, line_starts, lines_of, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from weekly_translate.model import Document

_IMAGE_OR_LINK = lazy_pattern(r"!\[[^\]\n]*\]\([^)\n]*\)|\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_TAG = lazy_pattern(r"</?[A-Za-z][^<>\n]*>")
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
_CLOSED = lazy_pattern(r"[#\\}]\Z")
"""How a line ends that takes no id."""

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
    places = [one.line for one in document.features if one.kind is FeatureKind.HEADING]
    raw = [_ATX.sub("", lines[line - 1]).strip() for line in places]
    explicit = [match[1] if (match := _EXPLICIT.search(text)) else "" for text in raw]
    texts = tuple(_plain(_EXPLICIT.sub("", text)) for text in raw)
    ids = frozenset(one or other for one, other in _ID.findall(document.text))
    return Headings(tuple(places), texts, tuple(explicit), ids)


def _plain(text: str) -> str:
    words = _TAG.sub("", _IMAGE_OR_LINK.sub(lambda match: match[1] or "", text))
    return unescape(ESCAPE.sub(r"\1", _EMPHASIS.sub("", _CODE.sub("", words)))).strip()


class Pages(NamedTuple):
    """The headings of a page in both languages, and the name of the page in messages."""

    source: Headings
    target: Headings
    name: str = ""


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
        elif len(page.target.texts) != len(slugs):
            if wanted in page.target.slugs(site):
                continue
            line = page.source.lines[slugs.index(wanted)]
            where = f"the heading of line {line} is not in the English"
            findings.append(_dead(link, page, where, Severity.ERROR))
        elif link.span is not None:
            new = page.target.slugs(site)[slugs.index(wanted)]
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
