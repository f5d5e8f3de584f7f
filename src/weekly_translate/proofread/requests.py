"""What a second reader is asked: how many segments at a time, in which words, and what decides about it."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.llm.requests import chunks_of, digest, json_line, terms_text
from weekly_translate.model import ErrorCategory, ErrorSeverity, Format, Kind, Message, Request, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.llm.requests import ChunkSize, Prompts
    from weekly_translate.model import Pair

_LARGER = 2
"""So many times the chunk of a translation: a verdict is short, and most of the cost is what is sent."""
_TOKENS_OF_A_VERDICT = 16
"""About how many a segment has in the reply, with an error in one of ten."""

ERROR_SCHEMA: Mapping[str, object] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "zh": {"type": "string"},
            "en": {"type": "string"},
            "category": {"type": "string", "enum": [category.value for category in ErrorCategory]},
            "severity": {"type": "string", "enum": [severity.value for severity in ErrorSeverity]},
            "correction": {"type": "string"},
        },
        "required": ["zh", "en", "category", "severity", "correction"],
        "additionalProperties": False,
    },
}
"""The verdict on one segment."""

PREFERRED = ("A", "B", "same")
PREFERENCE_SCHEMA: Mapping[str, object] = {"type": "string", "enum": list(PREFERRED)}


class ReadPair(NamedTuple):
    """A translation to be read. `pair.target` has the tags of its source."""

    pair: Pair
    under: str = ""
    """The heading that it stands under. No verdict depends on it."""
    other: str = ""
    """Another translation, where two are compared."""

    @property
    def id(self) -> str:
        """That of the segment."""
        return self.pair.segment.id


def verdict_key(pair: Pair, reader: str, prompts: Prompts) -> str:
    """What a verdict is found by: a hash (32 hex digits) of who reads and of all that decides about it."""
    segment = pair.segment
    terms = sorted([term.source, *term.renderings, "", *term.avoid, term.note] for term in pair.terms)
    seen = [segment.kind.value, segment.text, segment.hint, pair.target, terms]
    return digest([reader, prompts.proofread_version, *seen], size=16)


def chunks_to_read(
    pairs: Sequence[ReadPair], size: ChunkSize, count_tokens: Callable[[str], int]
) -> Iterator[list[ReadPair]]:
    """Neighbors, as many as a request has room for."""
    rest = iter(pairs)
    segments = (one.pair.segment for one in pairs)
    for chunk in chunks_of(
        segments, budget=size.budget * _LARGER, cap=size.cap * _LARGER, count_tokens=count_tokens
    ):
        yield [next(rest) for _ in chunk]


def proofread_request(pairs: Sequence[ReadPair], form: Format, prompts: Prompts) -> Request:
    """Ask for the mistakes in these translations. In every format the prompt asks for JSON."""
    terms = tuple(dict.fromkeys(term for one in pairs for term in one.pair.terms))
    user = Template(prompts.proofread_segments).substitute(
        terms=terms_text(terms), segments=json_line(list(_entries(pairs))), count=len(pairs)
    )
    system = Template(prompts.proofread).substitute(about=prompts.about)
    messages = (Message("system", system.strip()), Message("user", user.strip()))
    segments = tuple(one.pair.segment for one in pairs)
    return Request(messages, form, segments, terms, answer_schema=ERROR_SCHEMA)


def preference_request(pairs: Sequence[ReadPair], form: Format, prompts: Prompts) -> Request:
    """Ask which of two translations is better: `A` is `pair.target`, `B` is `other`."""
    shown = []
    for entry, one in zip(_entries(pairs), pairs, strict=True):
        shown.append({key: text for key, text in entry.items() if key != "en"})
        shown[-1] |= {"A": one.pair.target, "B": one.other}
    terms = tuple(dict.fromkeys(term for one in pairs for term in one.pair.terms))
    user = Template(prompts.judge_segments).substitute(
        terms=terms_text(terms), segments=json_line(shown), count=len(pairs)
    )
    system = Template(prompts.judge).substitute(about=prompts.about)
    messages = (Message("system", system.strip()), Message("user", user.strip()))
    segments = tuple(one.pair.segment for one in pairs)
    return Request(messages, form, segments, terms, answer_schema=PREFERENCE_SCHEMA)


def _entries(pairs: Iterable[ReadPair]) -> Iterator[dict[str, str]]:
    """The heading is told once for all segments that follow it."""
    told = ""
    for one in pairs:
        segment = one.pair.segment
        entry = {"id": segment.id}
        if segment.kind is not Kind.TEXT:
            entry["kind"] = segment.kind.value
        if one.under != told and segment.kind is not Kind.HEADING:
            entry["under"] = told = one.under
        entry |= {"zh": segment.text, "en": one.pair.target}
        yield entry | {"hint": segment.hint} if segment.hint else entry


def expected_usage(requests: Iterable[Request], count_tokens: Callable[[str], int]) -> Usage:
    """What reading takes if each request is answered at once and no prompt is cached."""
    return sum((_expected(request, count_tokens) for request in requests), Usage())


def _expected(request: Request, count_tokens: Callable[[str], int]) -> Usage:
    return Usage(
        requests=1,
        prompt=sum(count_tokens(message.content) for message in request.messages),
        completion=_TOKENS_OF_A_VERDICT * len(request.segments),
    )
