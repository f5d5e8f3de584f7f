"""What a second reader is asked, which of its answers count, and its errors as findings."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from string import Template
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from weekly_translate.llm.replies import read_objects
from weekly_translate.llm.requests import chunks_of, digest, json_line, paragraphs, terms_text
from weekly_translate.model import (
    ComplaintKind,
    ErrorCategory,
    ErrorSeverity,
    Finding,
    Format,
    Kind,
    MeaningError,
    Message,
    Proofreading,
    Request,
    Severity,
    Span,
    Term,
    Usage,
)
from weekly_translate.text.characters import (
    TAG,
    has_han,
    in_half_width,
    lazy_pattern,
    names_in,
    shortened,
    without_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.llm.requests import ChunkSize, Prompts
    from weekly_translate.model import Pair, Reply


_LARGER = 6
"""So many times the chunk of a translation: a verdict is short, and most of the cost is what is sent."""
_SMALL = 700
"""Source tokens of a request to a model that gets chunks no larger: its context may be of 4,096 tokens."""
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
    budget = size.budget * _LARGER if size.budget > _SMALL else max(size.budget, _SMALL)
    for chunk in chunks_of(segments, budget=budget, cap=size.cap * _LARGER, count_tokens=count_tokens):
        yield [next(rest) for _ in chunk]


def fits_one_request(pairs: Sequence[ReadPair], size: ChunkSize, count_tokens: Callable[[str], int]) -> bool:
    """Whether one request has room for these."""
    return len(list(chunks_to_read(pairs, size, count_tokens))) <= 1


def proofread_request(pairs: Sequence[ReadPair], form: Format, prompts: Prompts) -> Request:
    """Ask for the mistakes in these translations. In every format the prompt asks for JSON.

    Segments are numbered and shown in plain lines: as JSON they would take a tenth more tokens, and quotation
    marks would be escaped in the words that are to be copied.
    """
    segments = tuple(one.pair.segment._replace(id=str(number)) for number, one in enumerate(pairs, 1))
    shown = "\n\n".join(
        _as_lines(entry | {"id": segment.id})
        for entry, segment in zip(shown_entries(pairs), segments, strict=True)
    )
    messages = _messages(pairs, shown, prompts.proofread, prompts.proofread_segments, prompts.about)
    return Request(messages, form, segments, _terms_of(pairs), answer_schema=ERROR_SCHEMA)


def preference_request(pairs: Sequence[ReadPair], form: Format, prompts: Prompts) -> Request:
    """Ask which of two translations is better: `A` is `pair.target`, `B` is `other`."""
    shown = json_line(list(shown_entries(pairs)))
    messages = _messages(pairs, shown, prompts.judge, prompts.judge_segments, prompts.about)
    segments = tuple(one.pair.segment for one in pairs)
    return Request(messages, form, segments, _terms_of(pairs), answer_schema=PREFERENCE_SCHEMA)


def _messages(
    pairs: Sequence[ReadPair], shown: str, instructions: str, question: str, about: str
) -> tuple[Message, ...]:
    values = {"terms": _terms_text(pairs), "segments": shown, "count": str(len(pairs))}
    user = "\n\n".join(paragraphs(question, values))
    system = Template(instructions).substitute(about=about)
    return (Message("system", system.strip()), Message("user", user.strip()))


def _terms_of(pairs: Iterable[ReadPair]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for one in pairs for term in one.pair.terms))


def _terms_text(pairs: Sequence[ReadPair]) -> str:
    """The English of each term, and what else is accepted of it and stands in these translations.

    Nothing else of an entry is shown to a reader: what the English may not be, a rule has seen.
    """
    texts = "\n".join(f"{one.pair.target}\n{one.other}" for one in pairs).lower()
    said = dict.fromkeys(
        Term(one.source, one.target, tuple(other for other in one.allowed if other.lower() in texts))
        for one in _terms_of(pairs)
    )
    return terms_text(said) if said else ""


def shown_entries(pairs: Iterable[ReadPair]) -> Iterator[dict[str, str]]:
    """What is shown of each text, by name. The heading is told once for all texts that follow it."""
    told = ""
    for one in pairs:
        segment = one.pair.segment
        entry = {"id": segment.id}
        if segment.kind is not Kind.TEXT:
            entry["kind"] = segment.kind.value
        if one.under != told and segment.kind is not Kind.HEADING:
            entry["under"] = told = one.under
        entry["zh"] = segment.text
        entry |= {"A": one.pair.target, "B": one.other} if one.other else {"en": one.pair.target}
        yield entry | {"hint": segment.hint} if segment.hint else entry


def _as_lines(entry: Mapping[str, str]) -> str:
    """`4 title | hint: …`, the source, the translation, each on one line."""
    more = (f"{name}: {entry[name]}" for name in ("under", "hint") if entry.get(name))
    number = " ".join(filter(None, (entry["id"], entry.get("kind", ""))))
    lines = (" | ".join((number, *more)), entry["zh"], entry["en"])
    return "\n".join(_UNSAFE.sub("\ufffd", " ".join(line.split())) or _EMPTY for line in lines)


def expected_usage(requests: Iterable[Request], count_tokens: Callable[[str], int]) -> Usage:
    """What reading takes if each request is answered at once and no prompt is cached."""
    return sum((_expected(request, count_tokens) for request in requests), Usage())


def _expected(request: Request, count_tokens: Callable[[str], int]) -> Usage:
    return Usage(
        requests=1,
        prompt=sum(count_tokens(message.content) for message in request.messages),
        completion=_TOKENS_OF_A_VERDICT * len(request.segments),
    )


MOST_ERRORS = 12
"""Of one segment: a reader that names more does not read, it writes."""
_MOST_MORE = 240
"""So many characters may a correction be longer than the words that it replaces, or a third of the text."""
_WITHOUT_TARGET = (ErrorCategory.OMISSION,)
_WITHOUT_SOURCE = (ErrorCategory.ADDITION, ErrorCategory.GRAMMAR, ErrorCategory.STYLE)
_SIGNS = str.maketrans("‘’“”「」『』。、–—‑−", "''\"\"\"\"''.,----")
_EMPTY = "(empty)"
_UNSAFE = lazy_pattern("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_WITHIN = lazy_pattern(r"[A-Za-z0-9]{2}")
_CLOSING = tuple(" ,.;:!?)")
_ADDRESS = lazy_pattern(r"://|\]\(|\n")
_Member = TypeVar("_Member", ErrorCategory, ErrorSeverity)


def read_verdicts(reply: Reply, request: Request, pairs: Sequence[ReadPair]) -> dict[str, Proofreading]:
    """The verdicts by the ids of the texts; one whose number in the request has no list, or two, has none."""
    asked = {segment.id: one for segment, one in zip(request.segments, pairs, strict=True)}
    return {
        asked[number].id: _proofreading(content, asked[number])
        for number, content in said_once(reply, request, asked).items()
        if isinstance(content, list)
    }


def said_once(reply: Reply, request: Request, asked: Collection[str]) -> dict[str, object]:
    """What a reply says of each id that was asked for, but not of one that it names twice."""
    said = [(id_, content) for id_, content in read_objects(reply, request) if id_ in asked]
    times = Counter(id_ for id_, _ in said)
    return {id_: content for id_, content in said if times[id_] == 1}


def _proofreading(entries: list[object], read: ReadPair) -> Proofreading:
    errors = [_error(entry, read) for entry in entries[:MOST_ERRORS]]
    kept = list(dict.fromkeys(error for error in errors if error is not None))
    distinct = {(error.source, error.target): error for error in reversed(kept)}
    return Proofreading(
        tuple(error for error in kept if error in distinct.values()),
        errors.count(None) + len(entries[MOST_ERRORS:]),
    )


def _error(entry: object, read: ReadPair) -> MeaningError | None:
    """One error; None for one whose words do not stand in the texts, or that cannot be read."""
    if not isinstance(entry, dict):
        return None
    category = _member(ErrorCategory, entry.get("category"))
    severity = _member(ErrorSeverity, entry.get("severity"))
    zh, en = entry.get("zh"), entry.get("en")
    if category is None or severity is None or not (isinstance(zh, str) and isinstance(en, str)):
        return None
    source, target = found_in(read.pair.segment.text, zh), found_in(read.pair.target, en)
    if source is None or target is None:
        return None
    if not (target or category in _WITHOUT_TARGET) or not (source or category in _WITHOUT_SOURCE):
        return None
    correction = _correction(entry.get("correction"), target, read)
    return None if correction == target else MeaningError(source, target, category, severity, correction)


def _member(kind: type[_Member], said: object) -> _Member | None:
    """`accuracy/omission` and `Omission` are read as well: not every endpoint keeps to a schema."""
    word = said.rpartition("/")[2].strip().lower() if isinstance(said, str) else ""
    return next((member for member in kind if member.value == word), None)


def found_in(text: str, words: str) -> str | None:
    """The stretch of a text that somebody has copied; "" for no words, None where they do not stand there.

    Tags that were left out, capitals, quotation marks and dashes of another form, full width and other white
    space are no difference; a part of a word or of a number is none of its words.
    """
    words = words.strip()
    if not words:
        return ""
    wanted, _ = _letters(words)
    letters, places = _letters(text)
    loosely = (Span(places[start], places[end - 1] + 1) for start, end in places_of(letters, wanted))
    spans = chain(places_of(text, words), loosely if wanted else ())
    return next((text[slice(*span)] for span in spans if _is_whole(text, span)), None)


def places_of(text: str, words: str) -> Iterator[Span]:
    """Where words stand in a text, those that overlap with others, too."""
    start = text.find(words)
    while start >= 0:
        yield Span(start, start + len(words))
        start = text.find(words, start + 1)


def _is_whole(text: str, span: Span) -> bool:
    """Whether a stretch does not begin or end within a Latin word or a number."""
    edges = (text[max(at - 1, 0) : at + 1] for at in span)
    return not any(_WITHIN.fullmatch(edge) for edge in edges)


def _letters(text: str) -> tuple[str, list[int]]:
    """A text without tags, white space, other forms of signs and capitals, and where each letter stands."""
    shown = in_half_width(TAG.sub(lambda match: " " * len(match[0]), text)).translate(_SIGNS)
    places = [place for place, letter in enumerate(shown) if not letter.isspace()]
    return "".join(_lower(shown[place]) for place in places), places


def _lower(letter: str) -> str:
    """In lower case, where that is one letter as well."""
    return low if len(low := letter.lower()) == 1 else letter


def _correction(said: object, target: str, read: ReadPair) -> str | None:
    """What can stand in the place of the words without harm: no address, no Chinese, the same tags."""
    if not isinstance(said, str) or not target:
        return None
    said = said.strip()
    most = len(target) + max(_MOST_MORE, len(read.pair.target) // 3)
    unsafe = _ADDRESS.search(said) or (has_han(said) and not has_han(target)) or len(said) > most
    return None if unsafe or sorted(names_in(said)) != sorted(names_in(target)) else said


def corrected(target: str, errors: Iterable[MeaningError]) -> str:
    """A translation with corrections in the places of what they correct.

    Words that stand there more than once, or not any more, are left alone, and so is what overlaps with a
    correction before it. All places are those of the translation as it was read: where two words were
    exchanged, the first correction brings the second word there twice.
    """
    places: dict[Span, str] = {}
    for error in errors:
        if error.correction is not None and target.count(error.target) == 1:
            start = target.index(error.target)
            span = Span(start, start + len(error.target))
            if all(span.end <= other.start or other.end <= span.start for other in places):
                places[span] = error.correction
    for span in sorted(places, reverse=True):
        target = _put(places[span], target[: span.start], target[span.end :])
    return target


def _put(correction: str, before: str, after: str) -> str:
    """Words between others; where there are none, no space is left over."""
    if not correction:
        before = before.rstrip() if after[:1] in _CLOSING else before
        after = after.lstrip() if before[-1:].isspace() or not before else after
    return before + correction + after


def meaning_findings(pair: Pair, errors: Iterable[MeaningError]) -> Iterator[Finding]:
    """What is left to say about a translation. It never is an error: only a reader can judge it."""
    segment = pair.segment
    for error in errors:
        yield Finding(
            f"meaning.{error.category}",
            Severity.WARNING if error.is_serious else Severity.INFO,
            message_of(error),
            segment.id,
            segment.line,
            pair.target_line,
            kind=ComplaintKind.MEANING,
            meaning=error,
        )


def message_of(error: MeaningError) -> str:
    """`critical: “telemetry on” for “默认关闭遥测”; better “telemetry off”`."""
    here, there = (_shown(words) for words in (error.source, error.target))
    if error.category is ErrorCategory.OMISSION:
        said = f"{here} is missing" + (f" at {there}" if error.target else "")
    elif not error.source:
        said = f"{there} is not in the source" if error.category is ErrorCategory.ADDITION else there
    else:
        said = f"{there} for {here}"
    if error.correction is None:
        return f"{error.severity}: {said}"
    better = f"better {_shown(error.correction)}" if error.correction else "better without it"
    return f"{error.severity}: {said}; {better}"


def _shown(words: str) -> str:
    return f"“{shortened(' '.join(without_tags(words).split()))}”"
