"""What a page says of itself in other languages: a language mark in an address, a line that leads to them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from weekly_translate.edition.rewriting import ADDRESSED
from weekly_translate.model import FeatureKind
from weekly_translate.text.characters import HAN, has_han, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from weekly_translate.compare.document_lines import DocumentLine
    from weekly_translate.model import Document

_OWN_CHINESE = "简体中文 繁体中文 繁體中文 正體中文 簡體中文 简中 繁中"
_OTHERS = (
    "English Français Deutsch Español Português Italiano Русский Українська Polski Nederlands Türkçe العربية "
    "हिन्दी ไทย Tiếng+Việt Bahasa+Indonesia 日本語 한국어 中文 日文 英文 英语 英語 Simplified+Chinese "
    "Traditional+Chinese Chinese Japanese Korean"
)
OWN_NAMES = frozenset([*_OWN_CHINESE.split(), "中文", "日本語"])
"""What a language calls itself stays in a translation."""
_BESIDE = "README Readme Docs Document Version Language Languages 文档 文檔 说明 說明 版本 版 语言 語言"
_NAMES = lazy_pattern(
    "|".join(
        re.escape(name.replace("+", " "))
        for name in sorted(f"{_OWN_CHINESE} {_OTHERS}".split(), key=len, reverse=True)
    )
)
_NO_NAMES = lazy_pattern("|".join(sorted(_BESIDE.split(), key=len, reverse=True)))
_MARKUP = lazy_pattern(r"<[^<>]*>|\]\([^()]*\)|\]\[[^\[\]]*\]|https?://\S+")

_MARK = lazy_pattern(
    r"(?<![A-Za-z0-9])(?:(?P<chinese>zh|cn|chinese)|en|english|(?<=\.)com(?=/|\Z))"
    r"(?:[-_]?(?:cn|tw|hk|sg|hans|hant|us|gb))?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""What an address says of its language; `.com` is what stands for `.cn`."""
_CHINESE_NAME = lazy_pattern(rf"[^/]*[{HAN}][^/]*(?:/[^/]*[{HAN}][^/]*)*")
_MOST_LOOKED_AT = 200
_LONGEST = 300
"""Longer addresses are no names that somebody has translated."""
_SEPARATORS = lazy_pattern(r"[/._#-]+")
_IN_HTML = lazy_pattern(r"\b(?:href|src)\s*=\s*[\"']([^\"'\s]+)|\A\[[^\]]*\]:\s*<?([^\s>]+)")
_LABELED = lazy_pattern(
    r"\[([^\[\]\n]{1,60})\]\(<?([^\s()<>]+)|\bhref\s*=\s*[\"']([^\"'\s]+)[\"'][^<>\n]{0,200}>([^<>\n]{1,60})<"
)
WITH_ADDRESSES = (FeatureKind.HTML, FeatureKind.DEFINITION)


def leads_to_languages(line: DocumentLine) -> bool:
    """Whether a line is nothing but links to the page in other languages, and their names."""
    words = _MARKUP.sub(" ", line.raw)
    rest = _NO_NAMES.sub("", _NAMES.sub("", words))
    return words != line.raw and bool(_NAMES.search(words)) and not any(map(str.isalnum, rest))


def own_pages(source: Document, target: Document) -> dict[str, str]:
    """Addresses of the source, each with the target's that only differs in language: its mark, its name."""
    here, there = ({*_addresses(one)} for one in (source, target))
    labels = ((match[1] or match[4], match[2] or match[3]) for match in _LABELED.finditer(target.text))
    to_chinese = {address for label, address in labels if _NAMES.search(label)}
    new: defaultdict[str, list[str]] = defaultdict(list)
    for address in sorted(there):
        new[_without_mark(address)].append(address)
    with_figures: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for key in new:
        with_figures[_figures(key)].append(key)
    found: dict[str, str] = {}
    for address in here - there:
        key = _without_mark(address)
        keys: Iterable[str] = (key,)
        if has_han(address) and len(address) < _LONGEST and not address.startswith("#"):
            name = re.compile(_CHINESE_NAME.sub(".*", re.escape(key)))
            keys = filter(name.fullmatch, with_figures[_figures(key)][:_MOST_LOOKED_AT])
        alike = [one for key in keys for one in new.get(key, ())]
        others = [one for one in alike if one in to_chinese or _is_own_page(address, one)]
        found |= {address: min(others, key=len)} if others else {}
    return found


def _figures(key: str) -> tuple[str, ...]:
    """A file keeps its number, whatever its name becomes."""
    return tuple(re.findall(r"[0-9]+", key))


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


def _without_mark(address: str) -> str:
    return _SEPARATORS.sub("/", _MARK.sub("", address)).rstrip("/")


def _is_own_page(address: str, other: str) -> bool:
    """Whether two addresses alike have other marks, and the second one none that leads to Chinese."""
    here, there = ([*_MARK.finditer(one)] for one in (address, other))
    return [one[0] for one in here] != [one[0] for one in there] and not any(one["chinese"] for one in there)
