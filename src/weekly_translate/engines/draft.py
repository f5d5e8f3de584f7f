"""The embedded engine: no key, no network, no download. Its answers are drafts and say so.

A draft is the translation of a remembered text that says nearly the same, else English word by word.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.engines.dictionary import load_dictionary
from weekly_translate.engines.word_by_word import with_whole_code, word_by_word
from weekly_translate.exchange import Format, Reply, Status
from weekly_translate.numerals import chinese_quantities
from weekly_translate.tags import tokens_of, well_nested, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from weekly_translate.engines.dictionary import Dictionary
    from weekly_translate.exchange import Memory, Request
    from weekly_translate.model import Segment, Term

LIKE_ENOUGH = 0.85
"""A remembered text that is less alike than this is not used."""
_LONGEST_COMPARED = 2_000
"""Characters; comparing takes the square of it at worst."""
_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+#-]*")


class Draft(NamedTuple):
    """A draft and where it comes from: `draft: memory 87 %` or `draft: word by word`."""

    text: str
    origin: str


class DraftEngine:
    """Answers every request from the glossary, the memory and the dictionary, at once and for nothing."""

    name = "draft"
    endpoint = "embedded"
    worth = Status.DRAFT

    def __init__(self, load: Callable[[], Dictionary] = load_dictionary) -> None:
        """`load` is called when the first word is looked up."""
        self._load = load

    @cached_property
    def _dictionary(self) -> Dictionary:
        return self._load()

    async def answer(self, request: Request) -> Reply:
        """A draft of each segment, in the format that the request asks for."""
        return Reply(
            written(
                {
                    segment.id: self.draft_of(segment, request.terms, request.memories).text
                    for segment in request.segments
                },
                request.format,
            )
        )

    def draft_of(self, segment: Segment, terms: Sequence[Term], memories: Iterable[Memory]) -> Draft:
        """The best draft of one segment, with its origin."""
        fitting = _fitting_memory(segment, memories)
        if fitting:
            return Draft(fitting.target, _origin(fitting))
        return Draft(word_by_word(segment.text, terms, self._dictionary), _origin(None))

    def stop(self) -> None:
        """It never waits."""

    async def close(self) -> None:
        """There is nothing to give back."""


def origin_of(segment: Segment, memories: Iterable[Memory]) -> str:
    """How the draft of a segment is made, for the report: the same words as in its `Draft`."""
    return _origin(_fitting_memory(segment, memories))


def written(drafts: dict[str, str], form: Format) -> str:
    """Drafts by segment id, written as a model would write them in this format."""
    match form:
        case Format.SCHEMA | Format.OBJECT:
            return json.dumps(drafts, ensure_ascii=False)
        case Format.TAGGED:
            return "\n".join(f"[[{name}]]\n{text}" for name, text in drafts.items())
        case Format.SINGLE:
            return "\n".join(drafts.values())


def _origin(memory: Memory | None) -> str:
    return f"draft: memory {int(memory.score * 100)} %" if memory else "draft: word by word"


def _fitting_memory(segment: Segment, memories: Iterable[Memory]) -> Memory | None:
    """The remembered pair most like this segment, with the likeness to it as its score.

    The memories of a request belong to all of its segments, so that their likeness is measured again.
    """
    measured = [
        replace(memory, score=_likeness(segment.text, memory.source))
        for memory in memories
        if memory.score >= LIKE_ENOUGH and _same_facts(segment.text, memory)
    ]
    return max(
        (memory for memory in measured if memory.score >= LIKE_ENOUGH),
        key=lambda memory: memory.score,
        default=None,
    )


def _same_facts(text: str, memory: Memory) -> bool:
    """Whether the tags, code, names and numbers agree: what a fuzzy match may not get wrong."""
    return (
        sorted(_tags_in(text)) == sorted(_tags_in(memory.target))
        and well_nested(memory.target)
        and _facts_in(text) == _facts_in(memory.source)
    )


def _tags_in(text: str) -> list[str]:
    """The tags; a code tag together with its code."""
    return [token.text for token in with_whole_code(tokens_of(text)) if token.name]


def _facts_in(text: str) -> tuple[list[str], list[str]]:
    words = without_tags(text)
    numbers = [f"{quantity.about} {quantity.kind} {quantity.value}" for quantity in chinese_quantities(words)]
    return sorted(_NAMES.findall(words)), sorted(numbers)


def _likeness(text: str, other: str) -> float:
    """0.0 to 1.0, with the cheap upper bounds first."""
    if max(len(text), len(other)) > _LONGEST_COMPARED:
        return 0.0
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    if matcher.real_quick_ratio() < LIKE_ENOUGH or matcher.quick_ratio() < LIKE_ENOUGH:
        return 0.0
    return matcher.ratio()
