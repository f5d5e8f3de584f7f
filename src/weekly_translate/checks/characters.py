"""Characters and punctuation: nothing invisible, nothing broken, what English sets, no Chinese left.

The Chinese that a reader of a file would see is counted by place: the summary of a run, the table and report
of a season, and `check` all ask `leftovers_in`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.registry import WARNING, check
from weekly_translate.checks.tagged_text import THING, as_read
from weekly_translate.model import FeatureKind, Finding, Kind, PassageKind, Severity
from weekly_translate.text.characters import (
    CHINESE_PUNCTUATION,
    HAN,
    KANA_HANGUL,
    emoji_in,
    han_count,
    has_han,
    in_half_width,
    lazy_pattern,
    line_starts,
    prose_of,
    shortened,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from weekly_translate.model import Document, Pair, Passage


# --------------------------------------------------------------------------- punctuation and spaces


_CLOSING = f"\"'”’»)]）】』」》*_~ {THING}"
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "。", "！", "？", "：")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_INCHES = lazy_pattern(r'(?<![\w.])[0-9][0-9.]*"')


_PHRASE = lazy_pattern(
    r"\W*(?:how|wh(?:y|at|en|ere|om?|ose|ich|ether))\b"
    r"(?! (?:do|does|did|is|are|was|were|can|could|will|would|should|has|have)\b)(?!.*[.!?]\s)",
    re.IGNORECASE,
)


def ends(text: str) -> bool:
    """Whether the last mark, quotes and brackets aside, ends a sentence."""
    return text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def asks_in_a_phrase(source: str, target: str) -> bool:
    """Whether a question became a phrase, which needs no mark: `How to deploy a Flask app`."""
    return source.rstrip(_CLOSING).endswith(("?", "？")) and _PHRASE.match(target) is not None


@check("punct.end", WARNING)
def sentence_end_survives(pair: Pair) -> Iterator[str]:
    """What ends a sentence in the source ends one in the translation; a note in brackets may follow."""
    source, target = (as_read(text).rstrip(_CLOSING) for text in (pair.segment.text, pair.target))
    whole = pair.target.rstrip().endswith((")", "）")) or ends(target) or asks_in_a_phrase(source, target)
    if pair.segment.kind is Kind.TEXT and source.endswith(("。", "！", "？")) and target and not whole:
        yield f"the source ends with {source[-1]}, the translation without a mark"


@check("punct.brackets", WARNING)
def brackets_are_balanced(pair: Pair) -> Iterator[str]:
    """Each bracket that opens is closed, where that holds for the source."""
    source, target = in_half_width(as_read(pair.segment.text)), as_read(pair.target)
    for opening, closing in _PAIRS:
        opened, closed = target.count(opening), target.count(closing)
        if opened != closed and source.count(opening) == source.count(closing):
            yield f"brackets do not match: {opened} “{opening}”, {closed} “{closing}”"


@check("punct.quotes", WARNING)
def quotes_are_paired(pair: Pair) -> Iterator[str]:
    """Double quotes come in pairs and are all straight or all curly."""
    source, target = as_read(pair.segment.text), as_read(pair.target)
    curly = target.count("“") + target.count("”")
    if '"' in target and curly:
        yield "straight and curly quotes are mixed"
        return
    straight = target.count('"') % 2 > source.count('"') % 2 and not _INCHES.search(target)
    even = source.count("“") == source.count("”")
    if straight or (even and target.count("“") != target.count("”")):
        yield "a quote is opened and not closed"


# --------------------------------------------------------------------------- emoji


@check("emoji.body", WARNING)
def emoji_survive(pair: Pair) -> Iterator[str]:
    """The emoji of the source, as often and no others."""
    texts = (pair.segment.text, pair.target)
    here, there = (Counter(sign for _, sign in emoji_in(prose_of(text))) for text in texts)
    for what, signs in (("lost", here - there), ("added", there - here)):
        if signs:
            yield f"emoji {what}: {' '.join(signs.elements())}"


TEXT, NAMES, HTML, FRONT_MATTER, FORMULAS = "text", "names that stay", "HTML", "front matter", "formulas"
_RUN = lazy_pattern(f"[{HAN}{KANA_HANGUL}]+(?:[{CHINESE_PUNCTUATION}]?[{HAN}{KANA_HANGUL}]+)*")
LANGUAGES = ("简体中文", "繁體中文", "繁体中文")
"""How a list of languages names them."""
_SENTENCE = 6
"""Chinese characters of a sentence; what has fewer may be a label, a tag, a name."""
_PLACES = {
    PassageKind.HTML: HTML,
    PassageKind.FRONT_MATTER: FRONT_MATTER,
    PassageKind.UNREADABLE: "unreadable Markdown",
    PassageKind.DEFINITION: "definitions",
    PassageKind.CODE: "code",
    PassageKind.ADDRESS: "addresses",
}
_UNSEEN_HTML = lazy_pattern(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_DIRECTIVE = lazy_pattern(
    r"[ \t>]*(?:`{3,}|~{3,})\{(?:admonition|attention|card|caution|danger|dropdown|error|exercise|figure|"
    r"glossary|grid[a-z-]*|hint|important|list-table|margin|note|seealso|sidebar|solution|tab-item|tab-set|"
    r"tip|topic|warning)\}"
)
"""A fenced block of MyST that holds no code but text, which is not translated."""
_MARKUP = lazy_pattern(r"<[/A-Za-z!?][^<>]{0,4000}>")
_SHOWN_ATTRIBUTE = lazy_pattern(
    r"""\b(?:alt|title|placeholder|label|summary|content|aria-label)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_NOT_SHOWN_LINE = lazy_pattern(r"\s*(?:#|(?:slug|permalink|path|url|aliases|cover|image)\s*:)")
_NAMES_LINE = lazy_pattern(r"\s*(?:authors?|creators?|editors?)\s*:")
_PATH = lazy_pattern(r"(?<![^\s\"':,\[])[^\s\"':,\[]*/[^\s\"',\]]*")


class Leftover(NamedTuple):
    """A stretch of a file in which Chinese is left."""

    place: str
    """`text`, `HTML`, `front matter` …"""
    line: int
    words: str
    """The Chinese of its first line that has any."""
    is_sentence: bool
    is_seen: bool = True
    """Whether a reader sees it: code and addresses are kept on purpose, and so are names of people."""
    is_checked: bool = False
    """Whether it stands in a segment, whose own checks say it."""


def without_names(text: str, names: Iterable[str]) -> str:
    """The text without the names that may stay Chinese."""
    for name in () if text.isascii() else sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def chinese_runs(text: str) -> list[str]:
    """The stretches of Chinese, Japanese or Korean in a text."""
    return [] if text.isascii() else _RUN.findall(text)


def leftovers_in(document: Document, names_in: Callable[[str], Collection[str]]) -> Iterator[Leftover]:
    """All Chinese in a file that is to be English; `names_in` a text gives the names that may stay in it."""
    lines = line_starts(document.text)
    for segment in document.segments:
        words = prose_of(segment.text)
        if runs := _left(words, names_in):
            place = FRONT_MATTER if segment.kind is Kind.META else TEXT
            place = HTML if segment.quotes.startswith("<") else place
            yield Leftover(place, segment.line, *_said(runs), is_checked=True)
        elif has_han(words):
            yield Leftover(NAMES, segment.line, shortened(words, 40), is_sentence=False, is_seen=False)
    formulas = [one for one in document.features if one.kind is FeatureKind.FORMULA]
    left = [(one, runs) for one in formulas if (runs := _left(one.value, names_in))]
    yield from (Leftover(FORMULAS, one.line, _said(runs)[0], is_sentence=False) for one, runs in left)
    told = {one.span.start for one, _ in left if one.span}
    for passage in document.passages:
        text = document.text[slice(*passage.span)]
        if passage.kind in _PLACES and passage.span.start not in told and has_han(text):
            yield from _in_passage(document, passage, bisect_right(lines, passage.span.start), names_in)


def _in_passage(
    document: Document, passage: Passage, first: int, names_in: Callable[[str], Collection[str]]
) -> Iterator[Leftover]:
    """`first` is the line in which the passage begins."""
    place, is_seen = _PLACES[passage.kind], True
    raw = document.text[slice(*passage.span)]
    shown = _shown_html(raw)
    match passage.kind:
        case PassageKind.FRONT_MATTER:
            # As a site shows it: no comment, no path.
            seen = ("" if _NOT_SHOWN_LINE.match(one) else _PATH.sub("", one) for one in raw.split("\n"))
            shown = "\n".join(seen)
        case PassageKind.ADDRESS if raw.startswith("<"):
            place = HTML
        case PassageKind.CODE if _DIRECTIVE.match(raw):
            shown, place = raw, "directives"
        case PassageKind.CODE | PassageKind.ADDRESS:
            shown, is_seen = raw, False
    lines = [(number, _left(line, names_in)) for number, line in enumerate(shown.split("\n"), first)]
    if found := [(number, runs) for number, runs in lines if runs]:
        (line_number, runs), *more = found
        words, is_sentence = _said(runs)
        is_sentence = is_sentence or any(_said(others)[1] for _, others in more)
        if place == FRONT_MATTER and not is_sentence:
            is_seen = not all(_NAMES_LINE.match(raw.split("\n")[number - first]) for number, _ in found)
        yield Leftover(place, line_number, words, is_sentence, is_seen)


def _left(text: str, names_in: Callable[[str], Collection[str]]) -> list[str]:
    if not has_han(text):
        return []
    names = (*LANGUAGES, "中文", *names_in(text))
    return [run for run in chinese_runs(without_names(text, names)) if has_han(run)]


def _said(runs: list[str]) -> tuple[str, bool]:
    return shortened(" ".join(runs), 40), sum(map(han_count, runs)) >= _SENTENCE


def _shown_html(text: str) -> str:
    """The words of HTML on their lines, without comments and markup, with the attributes that are shown."""
    seen = _UNSEEN_HTML.sub(lambda match: "\n" * match[0].count("\n"), text)

    def shown(tag: re.Match[str]) -> str:
        attributes = " ".join(map("".join, _SHOWN_ATTRIBUTE.findall(tag[0])))
        return f" {attributes} " + "\n" * tag[0].count("\n")

    return _MARKUP.sub(shown, seen)


def leftover_findings(leftovers: Iterable[Leftover], *, sentence: Severity) -> Iterator[Finding]:
    """A warning for each place where a reader sees it, and of this severity for a `sentence`.

    What segments hold, their own checks say.
    """
    for one in leftovers:
        if not one.is_checked and one.place != NAMES:
            seen = sentence if one.is_sentence else Severity.WARNING
            severity = seen if one.is_seen else Severity.INFO
            message = f"Chinese is left in {one.place}: “{one.words}”"
            yield Finding("doc.kept-chinese", severity, message, target_line=one.line)


def in_words(leftovers: Iterable[Leftover]) -> str:
    """`2 in HTML, 1 in names that stay`; nothing where a reader sees none."""
    counts = Counter(one.place for one in leftovers if one.is_seen or one.place == NAMES)
    return ", ".join(f"{number:,} in {place}" for place, number in counts.items())
