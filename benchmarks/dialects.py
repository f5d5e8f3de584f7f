"""What a reader of the English would still see in Chinese, if the model did its work."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.parsing import parsing_speed
from benchmarks.rows import Row
from benchmarks.texts import Text, all_texts, other_texts
from weekly_translate.checks.document import document_findings
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.text.characters import HAN, IN_ASCII, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import Document

GOAL = 0.003
"""Of the Chinese characters that a reader sees, so many may be left."""

_NEWSLETTER = "newsletter"
"""Has a row, and no share in the sum: there is so much of it that nothing else would count."""
_WORD = re.compile(f"[{HAN}]+")
# What follows reads Markdown on its own, and roughly: it has to see what the parser has not understood.
_UNSEEN = re.compile(
    rf"""(?P<fence>^(?P<indent>[ \t>]*(?:[-*+][ ]+|\d+[.)][ ]+)*)(?P<ticks>`{{3,}}|~{{3,}})[^\n]*\n(?s:.*?)
             (?:^[ \t>]*(?P=ticks)[`~]*[ \t]*$|\Z))
       | (?P<comment><!--(?s:.*?)-->)
       | (?P<raw><(?P<name>script|style|pre|code)\b(?s:.*?)</(?P=name)>)
       | (?P<span>(?<!`)(?P<run>`+)(?!`)(?:[^\n]|\n(?!\n))*?(?<!`)(?P=run)(?!`))
       | (?P<math>\$\$(?s:.+?)\$\$ | (?<![\\$])\$(?=[^\s$])[^$\n]*?[^\s\\$]\$)
       | (?P<address>(?<=\]\()[^)\n]*\) | ^[ ]{{0,3}}\[[^\]\n]+\]:[ \t]*\S+ | https?://[!-~{HAN}]*)
       | (?P<import>^(?:import|export)\b[^\n]*)
       | (?P<template>\{{\{{(?s:.*?)\}}\}} | \{{%(?s:.*?)%\}})
       | (?P<expression>\{{[^{{}}\n]*\}})
       | (?P<tag></?[A-Za-z](?:[^<>"'{{}}]|"[^"]*"|'[^']*'|\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}})*>)""",
    re.MULTILINE | re.VERBOSE,
)
_TEXT_OF_TAG = re.compile(r"""\b(?:alt|title)=(?:"([^"]*)"|'([^']*)')""")
_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(?s:.*?)^\1[ \t]*\n", re.MULTILINE)
_FRONT_TEXT = re.compile(
    r"^(?:title|description|summary|keywords|tags|linkTitle|sidebar_label)[ \t]*[:=]"
    r"((?:[^\n]*)(?:\n[ \t]+[^\n]*|\n-[ \t][^\n]*)*)",
    re.MULTILINE,
)
_CONSTRUCTS = {
    "admonition": re.compile(r"^\s*(?:!!!|\?\?\?\+?|===)[ \t]"),
    "container": re.compile(r"^\s*:{3,}"),
    "indented": re.compile(r"^(?: {4}|\t)"),
    "HTML": re.compile(r"<[A-Za-z/!]"),
    "attributes": re.compile(r"\{[:#. ]"),
    "quote": re.compile(r"^\s*>"),
    "list": re.compile(r"^\s*(?:[-*+]|\d+[.)])[ \t]"),
    "table": re.compile(r"^\s*\|"),
    "definition": re.compile(r"^\s*(?:\*?\[[^\]]+\]:|:[ \t])"),
}


class _Sums(NamedTuple):
    seen: int = 0
    left: Counter[str] = Counter()  # noqa: RUF012 - added up, never changed in place
    refused: int = 0
    broken: int = 0

    @property
    def share(self) -> float:
        return self.left.total() / max(self.seen, 1)


def dialects() -> Iterator[Row]:
    """What is left in Chinese of newsletters and documentation when every segment is translated."""
    total = _Sums()
    for name, texts in _by_repository().items():
        here = _added(map(_measured, texts))
        total = _added([total, here] if name != _NEWSLETTER else [total])
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in here.left.most_common(4))
        yield Row(name, f"{here.share:.2%} of {here.seen:,}{': ' if kinds else ''}{kinds}")
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in total.left.most_common()) or "nothing"
    yield Row("left by construct", kinds)
    share = f"{total.share:.2%} of {total.seen:,} characters"
    yield Row("left in Chinese of what a reader sees", share, f"<= {GOAL:.1%}", total.share <= GOAL)
    yield Row("passages that are refused", f"{total.refused:,}", "0", total.refused == 0)
    yield Row("features that are lost, changed or added", f"{total.broken:,}", "0", total.broken == 0)
    yield parsing_speed(other_texts() or all_texts())


def _by_repository() -> dict[str, list[Text]]:
    groups = {_NEWSLETTER: all_texts()}
    for text in other_texts():
        groups.setdefault(text.name.partition("/")[0], []).append(text)
    return groups


def _added(sums: Iterable[_Sums]) -> _Sums:
    total = _Sums()
    for one in sums:
        total = _Sums(
            total.seen + one.seen,
            total.left + one.left,
            total.refused + one.refused,
            total.broken + one.broken,
        )
    return total


def _measured(text: Text) -> _Sums:
    """One text through a model that translates every word and keeps every tag."""
    document = parse(text.content)
    assert assemble(document, {}) == text.content, text.name
    english = faithful(document)
    seen = sum(len(words) for _, words in seen_in(text.content))
    left = Counter[str]()
    for line, words in seen_in(english):
        left[_construct(line)] += len(words)
    refused = sum(finding.check == "doc.unreadable" for finding in document.findings)
    return _Sums(seen, left, refused, len(document_findings(document, parse(english))))


def faithful(document: Document) -> str:
    """The document as it comes out of a model that keeps the tags; marks are rendered as an edition does."""
    targets = {segment.id: _in_english(segment.text) for segment in document.segments}
    return assemble(
        document,
        targets,
        {mark.span: _WORD.sub("EN", document.text[slice(*mark.span)]) for mark in document.marks},
    )


def _in_english(text: str) -> str:
    return "".join(
        token.text if token.name else _WORD.sub(" words ", token.text.translate(IN_ASCII))
        for token in tokens_of(text)
    )


def seen_in(text: str) -> Iterator[tuple[str, str]]:
    """Each run of Chinese that a reader sees, after the line in which it stands."""
    front = _FRONT.match(text)
    end = front.end() if front else 0
    for match in _FRONT_TEXT.finditer(text, 0, end):
        yield from (("front matter", words) for words in _WORD.findall(match[1]))
    for line in _UNSEEN.sub(_blanked, text[end:]).split("\n"):
        yield from ((line, words) for words in _WORD.findall(line))


def _blanked(match: re.Match[str]) -> str:
    """What is not seen, but for the texts in a tag, with its line breaks."""
    texts = ["".join(found) for found in _TEXT_OF_TAG.findall(match[0])] if match["tag"] else []
    return "<x " + " ".join(texts) + ">" + "\n" * match[0].count("\n") if match["tag"] else " "


def _construct(line: str) -> str:
    """What kind of line it is, roughly."""
    if line == "front matter":
        return line
    return next((name for name, pattern in _CONSTRUCTS.items() if pattern.search(line)), "text")
