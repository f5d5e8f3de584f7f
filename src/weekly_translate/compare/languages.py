"""What a page says of itself in other languages: a language mark in an address, a line that leads to them."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from weekly_translate.compare.document_lines import LineShape
from weekly_translate.edition.rewriting import ADDRESSED
from weekly_translate.model import FeatureKind
from weekly_translate.text.characters import HAN, has_han, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine
    from weekly_translate.model import Document

_LANGUAGES = (
    "English Français Deutsch Español Português Italiano Русский Українська Polski Nederlands Türkçe العربية "
    "हिन्दी ไทย Tiếng+Việt Bahasa+Indonesia 日本語 한국어 日文 英文 英语 英語 Japanese Korean "
    "中文 简体中文 繁体中文 繁體中文 正體中文 簡體中文 简中 繁中 "
    "Simplified+Chinese Traditional+Chinese Chinese"
)
"""As they call themselves, as Chinese and as English call them."""
_PAGES = (
    "README Readme Docs Document Version Language Languages 文档 文檔 说明 說明 版本 版 语言 語言 "
    "Switch+to Read+in Read+this+in 切换到 切換到 切换为 切換為 阅读 閱讀"
)
"""What stands beside such a name."""
_SWITCHERS = (LineShape.TEXT, LineShape.TITLE, LineShape.BARE)
_NAMES, _BESIDE = (
    lazy_pattern("|".join(sorted(words.split(), key=len, reverse=True)).replace("+", " "))
    for words in (_LANGUAGES, _PAGES)
)
_MARKUP = lazy_pattern(r"<[^<>]*>|\]\([^()]*\)|\]\[[^\[\]]*\]|https?://\S+")

_MARK = lazy_pattern(
    r"(?:[/._#=-]|\A)(?:(?P<chinese>zh|cn|chinese)|en|english)(?:[-_]?(?:cn|tw|hk|sg|hans|hant|us|gb))?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""What an address says of its language, with the sign before it."""
_README = lazy_pattern(r"(?:\A|/)readme[^/]*\Z", re.IGNORECASE)
_CHINESE_NAME = lazy_pattern(rf"[^/?#=&.0-9]*[{HAN}][^/?#=&.0-9]*")
"""What may be said in English: a file keeps its number, whatever its name becomes."""
_OWN_WORDS = lazy_pattern(r"(?!https?:)|https?://[^/]+/badge/", re.IGNORECASE)
"""Addresses whose words a translation chooses: of its own files and headings, and of badges."""
_MOST_LOOKED_AT = 200
_LONGEST = 300
"""Longer addresses are no names that somebody has translated."""
_HOST = lazy_pattern(r"https?://([^/?#]+)")
_IN_HTML = lazy_pattern(r"\b(?:href|src)\s*=\s*[\"']([^\"'\s]+)|\A\[[^\]]*\]:\s*<?([^\s>]+)")
_LABELED = lazy_pattern(
    r"\[([^\[\]\n]{1,60})\]\(<?([^\s()<>]+)|\bhref\s*=\s*[\"']([^\"'\s]+)[\"'][^<>\n]{0,200}>([^<>\n]{1,60})<"
)
WITH_ADDRESSES = (FeatureKind.HTML, FeatureKind.DEFINITION)


def without_switchers(
    source: Sequence[DocumentLine], target: Sequence[DocumentLine], pages: Mapping[str, str]
) -> tuple[list[DocumentLine], list[DocumentLine]]:
    """The lines without those that only lead to the page in other languages, and to no site of their own."""
    known = frozenset([*pages, *pages.values()])
    here, there = ({line for line in side if _leads_to_languages(line, known)} for side in (source, target))
    hosts = ({match[1] for line in side for match in _HOST.finditer(line.raw)} for side in (there, here))
    if not next(hosts) <= next(hosts):
        return [*source], [*target]
    return [line for line in source if line not in here], [line for line in target if line not in there]


def _leads_to_languages(line: DocumentLine, pages: frozenset[str]) -> bool:
    words = _MARKUP.sub(" ", line.raw)
    names = len(_NAMES.findall(words))
    if not names or words == line.raw or line.shape not in _SWITCHERS or line.values(FeatureKind.IMAGE):
        return False
    addresses = line.values(FeatureKind.LINK)
    leads = names > 1 or any(one in pages or _README.search(one) for one in addresses)
    return leads and names_languages(words)


def names_languages(words: str) -> bool:
    """Whether a text is nothing but names of languages, and the word for a page."""
    rest = _NAMES.sub("", words)
    return rest != words and not any(map(str.isalnum, _BESIDE.sub("", rest)))


_LABEL = lazy_pattern(r"<(\w+)>([^<>]+)</\1>")


def with_languages_of(source: str, target: str) -> str:
    """A tagged text with `English` where its source has that label and the English says `中文` instead.

    The label of another link of the source is no such label: the two may have changed places.
    """
    labels = dict(_LABEL.findall(source))
    named = {tag: label for tag, label in labels.items() if names_languages(label) and not has_han(label)}

    def as_in_source(one: re.Match[str]) -> str:
        tag, label = one.groups()
        is_other = tag in named and label not in labels.values() and names_languages(label)
        return f"<{tag}>{named[tag]}</{tag}>" if is_other else one[0]

    return _LABEL.sub(as_in_source, target)


def own_pages(source: Document, target: Document) -> dict[str, str]:
    """Addresses of the source, each with the target's that only differs in language: its mark, its words."""
    here, there = (dict.fromkeys(_addresses(one)) for one in (source, target))
    labels = ((match[1] or match[4], match[2] or match[3]) for match in _LABELED.finditer(target.text))
    to_chinese = {address for label, address in labels if names_languages(label)}
    new: defaultdict[str, list[str]] = defaultdict(list)
    for address in there:
        if address not in here:
            new[without_mark(unquote(address))].append(address)
    found: dict[str, str] = {}
    for address in here:
        key = without_mark(unquote(address))
        keys: Iterable[str] = () if address in there else (key,)
        if address not in there and has_han(key) and len(address) < _LONGEST:
            name = re.compile("[^/?#=&.0-9]+".join(map(re.escape, _CHINESE_NAME.split(key))))
            keys = filter(name.fullmatch, islice(new, _MOST_LOOKED_AT))
        alike = [one for key in keys for one in new.get(key, ())]
        other = next((one for one in alike if one in to_chinese or _is_own_page(address, one)), None)
        if other is not None:  # each once, in the order of the documents
            found[address] = other
            key = without_mark(unquote(other))
            new[key].remove(other)
            if not new[key]:
                del new[key]
    return found


def at_own_pages(raw: str, pages: Mapping[str, str]) -> str:
    """HTML, or the definition of a link, with the addresses of `own_pages`."""
    return _IN_HTML.sub(lambda match: _moved(match, pages), raw)


def _moved(match: re.Match[str], pages: Mapping[str, str]) -> str:
    address = match[1] or match[2]
    return match[0].replace(address, pages.get(address, address))


def _addresses(document: Document) -> Iterator[str]:
    for one in document.features:
        if one.kind in ADDRESSED:
            yield one.value
        elif one.kind in WITH_ADDRESSES:
            yield from (match[1] or match[2] for match in _IN_HTML.finditer(one.value))


def without_mark(address: str) -> str:
    """An address without what it says of its language, be it in the name of its host: zh.wikipedia.org."""
    return _HOST_START.sub(r"\1//", _MARK.sub("", address)).strip("/")


_HOST_START = lazy_pattern(r"\A(https?:)/+\.?")


def _is_own_page(address: str, other: str) -> bool:
    """Whether of two addresses alike the first has no mark of English, the second none of Chinese."""
    here, there = ([bool(one["chinese"]) for one in _MARK.finditer(side)] for side in (address, other))
    is_named = has_han(unquote(address)) and not has_han(unquote(other)) and _OWN_WORDS.match(address)
    return bool(here or there or is_named) and all(here) and not any(there)
