"""Reads a reply: which answers can be used, and what was wrong with the others (D3)."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from weekly_translate.checks.repair import Wrapping, unclosed_thought, unwrapped
from weekly_translate.llm.requests import DOUBTS, encodable
from weekly_translate.model import Finish, Format, SourceDoubt
from weekly_translate.text.characters import in_half_width, lazy_pattern, names_in, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.model import Reply, Request, Segment

LIMIT = 4_000_000
"""Characters. No chunk has an answer as long as this."""
_MOST_DOUBTS, _LONGEST_DOUBT = 2, 200
"""Of a segment, and characters of each: a doubt is a remark, and no second text."""
_SENTENCE = 25
"""Characters: two short texts may well be the same in English."""


class ProblemKind(StrEnum):
    """What can be wrong with a reply. The first three are removed without loss and only noted."""

    THINK = "think"
    FENCE = "fence"
    PREAMBLE = "preamble"
    EMPTY = "empty"
    MISSING = "missing"
    EXTRA = "extra"
    DUPLICATE = "duplicate"
    SAME = "same"
    SLIPPED = "slipped"
    SURROGATE = "surrogate"
    TRUNCATED = "truncated"
    FILTERED = "filtered"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class Problem(NamedTuple):
    """One thing that is wrong with a reply, and the segments that have no usable answer because of it."""

    kind: ProblemKind
    segments: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """The usable answers by segment id, and what was wrong. A segment without an answer is asked again."""

    targets: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    doubts: dict[str, tuple[SourceDoubt, ...]] = field(default_factory=dict)
    """What the model takes for slips of the source, by segment id."""
    dropped: int = 0
    """Doubts about words that do not stand there, or in no form that a person can be shown."""

    def of(self, segment: str) -> Iterator[Problem]:
        """Why a segment has no usable answer."""
        return (problem for problem in self.problems if segment in problem.segments)

    def under(self, ids: Mapping[str, str]) -> ParsedReply:
        """What it says of some of its segments, under other ids; what it says of none, it says of these."""
        problems = (
            one._replace(segments=tuple(ids[id_] for id_ in one.segments if id_ in ids))
            for one in self.problems
            if not one.segments or not ids.keys().isdisjoint(one.segments)
        )
        targets = {name: self.targets[id_] for id_, name in ids.items() if id_ in self.targets}
        doubts = {name: self.doubts[id_] for id_, name in ids.items() if id_ in self.doubts}
        return ParsedReply(targets, tuple(problems), doubts, self.dropped)

    @property
    def clean(self) -> bool:
        """Whether every segment has got its answer in order."""
        noted_only = {ProblemKind.THINK, ProblemKind.FENCE, ProblemKind.PREAMBLE}
        return all(problem.kind in noted_only for problem in self.problems)

    @property
    def unreadable(self) -> bool:
        """Whether it is not in the format that was asked for, nor in another one that is known."""
        return any(problem.kind is ProblemKind.UNREADABLE for problem in self.problems)

    @property
    def lost(self) -> bool:
        """Whether it says nothing of any segment, as if it had been lost on its way."""
        return any(problem.kind in {ProblemKind.EMPTY, ProblemKind.UNREADABLE} for problem in self.problems)


class _UnreadableError(ValueError):
    """There is no answer in the text."""


_FAILED = {
    Finish.FILTER: (ProblemKind.FILTERED, "the provider's content filter stopped the answer"),
    Finish.UNKNOWN: (ProblemKind.FILTERED, "the provider stopped the answer"),
    Finish.REFUSAL: (ProblemKind.REFUSED, "the model refused to answer"),
}
_NOTES = {
    Wrapping.THINK: "the model's thoughts were removed",
    Wrapping.FENCE: "a code fence around the answer was removed",
    Wrapping.PREAMBLE: "words around the answer were removed",
}
_REFUSAL = lazy_pattern(
    r"(?:(?:i['’]?m |i am )?(?:very |so )?sorry|i apologi[sz]e|unfortunately)?[,.;\s]{0,3}(?:but )?"
    r"(?:i|we) (?:can(?:['’]?t|not)|(?:am|['’]m|are) (?:not able|unable)|won['’]t|must decline)"
    r"|as an ai (?:language )?(?:model|assistant), i\b|(?:非常|很)?抱歉|对不起|我(?:无法|不能)",
    re.IGNORECASE,
)
_SAYS_NO = lazy_pattern(r"抱歉|对不起|遗憾|不能|无法|没法|不会|拒绝|sorry", re.IGNORECASE)
"""A source that says so itself is not refused by a translation that does."""


def read_reply(reply: Reply, request: Request) -> ParsedReply:
    """The answers of a reply that belong to the segments asked for. No text makes it raise."""
    asked = tuple(segment.id for segment in request.segments)

    def without_answers(kind: ProblemKind, message: str, *noted: Problem) -> ParsedReply:
        return ParsedReply(problems=(*noted, Problem(kind, asked, message)))

    if reply.finish in _FAILED:
        kind, why = _FAILED[reply.finish]
        return without_answers(kind, f"{why} ({reply.said})" if reply.said else why)
    if len(reply.text) > LIMIT:
        return without_answers(ProblemKind.UNREADABLE, f"it is longer than {LIMIT:,} characters")
    if not reply.text.strip() and reply.finish is Finish.STOP:
        return without_answers(ProblemKind.EMPTY, "the answer is empty")
    sources = "\n".join(segment.text for segment in request.segments)
    text, wrappings = unwrapped(_without_echo(reply, request), sources)
    cut = reply.finish is Finish.LENGTH
    try:
        said, around = _said_in(text, request, sources, cut=cut)
    except _UnreadableError as error:
        failure = ProblemKind.UNREADABLE, f"the reply cannot be read: {error}"
        if cut:
            failure = ProblemKind.TRUNCATED, "the answer was cut off at the length limit"
        elif _REFUSAL.match(text.strip()):
            failure = _FAILED[Finish.REFUSAL]
        return without_answers(*failure, *_noted(wrappings))
    targets, problems = _matched(_texts_in(said), request.segments, cut=cut or Wrapping.CUT in around)
    doubts = dict(said).get(DOUBTS) if isinstance(said, tuple) else None
    noted = (*_noted((*wrappings, *around)), *problems)
    return ParsedReply(targets, noted, *_doubts_in(doubts, request.segments))


_MARKUP = lazy_pattern(r"[<>`\x00-\x1f\x7f\ud800-\udfff]|://|\]\(|\*\*")


def _doubts_in(said: object, segments: Sequence[Segment]) -> tuple[dict[str, tuple[SourceDoubt, ...]], int]:
    """The doubts about words of the segments that were asked for, and how many others there are."""
    sources = {segment.id: without_tags(segment.text) for segment in segments}
    entries = said if isinstance(said, list) else [said] if said else []
    found: dict[str, tuple[SourceDoubt, ...]] = {}
    for entry in entries:
        id_, doubt = _doubt(entry, sources)
        known = found.get(id_, ())
        if doubt is not None and doubt not in known and len(known) < _MOST_DOUBTS:
            found[id_] = (*known, doubt)
    return found, len(entries) - sum(map(len, found.values()))


def _doubt(entry: object, sources: Mapping[str, str]) -> tuple[str, SourceDoubt | None]:
    said = dict(entry) if isinstance(entry, tuple) else {}
    id_, words, why = (said.get(name) for name in ("id", "zh", "why"))
    if not (isinstance(id_, str) and isinstance(words, str) and isinstance(why, str)):
        return "", None
    words, why = without_tags(words).strip(), why.strip()
    stands = bool(words) and words in sources.get(id_, "")
    is_remark = why and max(len(words), len(why)) <= _LONGEST_DOUBT and not _MARKUP.search(why)
    return id_, SourceDoubt(words, why) if stands and is_remark else None


_TARGET = lazy_pattern(r"<target>(.*?)(?:</target>)?", re.DOTALL)
"""How models made for translation frame one, also where their prompt does not ask for it."""


def _without_echo(reply: Reply, request: Request) -> str:
    """Some servers hand the prompt back before the answer, and its examples read like answers."""
    text = reply.text
    for message in request.messages:
        text = text.strip().removeprefix(message.content)
    shown = any("<target>" in segment.text for segment in request.segments)
    may_be_framed = request.format is Format.SINGLE and not shown
    if may_be_framed and (inner := _TARGET.fullmatch(text.strip())):
        return inner[1]
    return text


def read_objects(reply: Reply, request: Request) -> list[tuple[str, object]]:
    """What a reply says under each id, whatever that is: JSON in which an object is a dictionary.

    Nothing where it cannot be read; of one that was cut off, what is complete. No text makes it raise.
    """
    if reply.finish in _FAILED or len(reply.text) > LIMIT:
        return []
    sources = "\n".join(segment.text for segment in request.segments)
    text, _ = unwrapped(_without_echo(reply, request), sources)
    try:
        value, _ = _json_in(text, cut=reply.finish is Finish.LENGTH)
    except _UnreadableError:
        return []
    entries = value if isinstance(value, tuple) else ()
    return [(key.strip(), _plain(content)) for key, content in entries]


def _plain(value: object) -> object:
    """A value in which each object is a dictionary; of equal keys the last one counts."""
    if isinstance(value, tuple):
        return {key: _plain(content) for key, content in value}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _noted(wrappings: Iterable[Wrapping]) -> Iterator[Problem]:
    for wrapping in dict.fromkeys(wrappings):
        if wrapping in _NOTES:
            yield Problem(ProblemKind(wrapping.value), (), _NOTES[wrapping])


_BEGINNING = lazy_pattern(r"\{\s*[\"}]|\[\s*[{\]]")
_BEGINNINGS = 3
"""So many places where JSON may begin are tried."""
_BLOCK = lazy_pattern(r"^[ \t]*\[\[[ \t]*([A-Za-z][\w.-]{0,40})[ \t]*\]\]", re.MULTILINE)


# What a reply says is JSON, whose objects are tuples of pairs: a dictionary would keep only the last of two
# equal keys. Replies in other forms are read into the same one. Beside it stands what was written around it.


def _said_in(text: str, request: Request, sources: str, *, cut: bool) -> tuple[object, tuple[Wrapping, ...]]:
    """What stands under each id, which may be none that was asked for. Raises `_UnreadableError`."""
    if unclosed_thought(text, sources):
        raise _UnreadableError("it is a thought without an end")
    if request.format in (Format.SCHEMA, Format.OBJECT):
        return _texts_in_json(text, cut=cut)
    if len(request.segments) > 1:
        return _blocks_in(text, cut=cut)
    return _single_text(text, request.segments[0], cut=cut)


def _single_text(text: str, segment: Segment, *, cut: bool) -> tuple[object, tuple[Wrapping, ...]]:
    """The whole text is the translation, unless it holds one in another form."""
    for read in (_blocks_in, _texts_in_json):
        try:
            said, around = read(text, cut=cut)
        except _UnreadableError:
            continue
        named = tuple((segment.id if id_ == "en" else id_, answer) for id_, answer in _texts_in(said))
        if segment.id in dict(named) or text.startswith("[["):
            return named, around
    if cut or not text or (_REFUSAL.match(text) and not _SAYS_NO.search(segment.text)):
        raise _UnreadableError("there is no translation in it")
    return ((segment.id, text),), ()


def _blocks_in(text: str, *, cut: bool) -> tuple[object, tuple[Wrapping, ...]]:
    """The blocks that begin with `[[id]]`; the last one of a cut text is left out."""
    marks = list(_BLOCK.finditer(text))
    if not marks:
        raise _UnreadableError("no line begins with the id of a segment")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    blocks = tuple((mark[1], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True))
    around = _words_around(text[: marks[0].start()])
    return (blocks[:-1], (*around, Wrapping.CUT)) if cut else (blocks, around)


def _words_around(outside: str) -> tuple[Wrapping, ...]:
    found = (Wrapping.FENCE,) if "```" in outside else ()
    return (*found, Wrapping.PREAMBLE) if re.search(r"\w", re.sub(r"```\w*", "", outside)) else found


def _texts_in_json(text: str, *, cut: bool) -> tuple[object, tuple[Wrapping, ...]]:
    said, around = _json_in(text, cut=cut)
    if not _texts_in(said):
        raise _UnreadableError("it is JSON, but holds no text under an id")
    return said, around


def _json_in(text: str, *, cut: bool) -> tuple[object, tuple[Wrapping, ...]]:
    """The first JSON value, and what stands around it.

    Of an answer that was cut off, the entries before the cut. Raises `_UnreadableError`.
    """
    cut = cut or not text.rstrip("` \n").endswith(("}", "]"))
    for beginning in islice(_BEGINNING.finditer(text), _BEGINNINGS):
        start = beginning.start()
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            if cut and (entries := _before_the_cut(text, start)):
                return entries, (Wrapping.CUT,)
        else:
            return value, _words_around(text[:start] + text[end:])
    raise _UnreadableError("it is not valid JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_refuse_constant, strict=False)


def _texts_in(said: object) -> list[tuple[str, str]]:
    """The texts in `{"s1": "…"}`, `{"s1": {"en": "…"}}` or `[{"id": "s1", "en": "…"}]`, by id.

    An entry that holds anything but text is left out, as if it were missing.
    """
    entries = [entry for entry in said if entry[0] != DOUBTS] if isinstance(said, tuple) else []
    if dict(entries).keys() == {"id", "en"}:
        said = [tuple(entries)]
    if isinstance(said, list):
        objects = [dict(item) for item in said if isinstance(item, tuple)]
        entries = [(item.get("id"), item.get("en")) for item in objects]
    texts = ((id_, dict(one).get("en") if isinstance(one, tuple) else one) for id_, one in entries)
    return [(id_.strip(), text) for id_, text in texts if isinstance(id_, str) and isinstance(text, str)]


def _before_the_cut(text: str, start: int) -> tuple[object, ...] | list[object]:
    """The complete entries, those with a comma behind them, of an object or array that lacks its end."""
    keyed = text[start] == "{"
    entries: list[tuple[object, object]] = []
    position = start + 1
    try:
        while True:
            key: object = None
            if keyed:
                key, position = _DECODER.raw_decode(text, _after(r'\s*(?=")', text, position))
                position = _after(r"\s*:", text, position)
            value, position = _DECODER.raw_decode(text, _after(r"\s*", text, position))
            position = _after(r"\s*,", text, position)
            entries.append((key, value))
    except (ValueError, RecursionError):
        return tuple(entries) if keyed else [value for _, value in entries]


def _after(pattern: str, text: str, position: int) -> int:
    """The offset behind what has to stand there. Raises `ValueError`."""
    match = re.compile(pattern).match(text, position)
    if match is None:
        raise ValueError(f"{pattern} is not where it belongs")
    return match.end()


def _matched(
    answers: list[tuple[str, str]], segments: tuple[Segment, ...], *, cut: bool
) -> tuple[dict[str, str], list[Problem]]:
    """The answers that can be used: one for an id that was asked, with words, in its own place."""
    asked = [segment.id for segment in segments]
    given = [id_ for id_, _ in answers]
    extra = tuple(dict.fromkeys(id_ for id_ in given if id_ not in asked))
    twice = tuple(id_ for id_ in asked if given.count(id_) > 1)
    targets = {id_: text.strip() for id_, text in answers if id_ in asked and id_ not in twice}
    same = _said_of_all(targets, segments)
    targets = {id_: text for id_, text in targets.items() if id_ not in same}
    broken = tuple(id_ for id_, text in targets.items() if encodable(text) != text)
    moved = _slipped(segments, {id_: text for id_, text in targets.items() if id_ not in broken})
    usable = {id_: text for id_, text in targets.items() if text and id_ not in {*broken, *moved}}
    absent = tuple(id_ for id_ in asked if id_ not in {*usable, *broken, *moved, *twice, *same})
    found = (
        (ProblemKind.TRUNCATED, absent if cut else (), "the answer was cut off before"),
        (ProblemKind.MISSING, () if cut else absent, "no answer for"),
        (ProblemKind.EXTRA, extra, "answers that nobody asked for:"),
        (ProblemKind.DUPLICATE, twice, "more than one answer for"),
        (ProblemKind.SAME, same, "the same answer for different texts:"),
        (ProblemKind.SLIPPED, moved, "the answers fit other segments than"),
        (ProblemKind.SURROGATE, broken, "half a character in the answer for"),
    )
    problems = []
    for kind, ids, words in found:
        if ids:
            shown = ", ".join(id_[:20] for id_ in ids[:8]) + (" …" if len(ids) > 8 else "")
            # An id that was never asked for is told, but is no segment.
            problems.append(Problem(kind, () if kind is ProblemKind.EXTRA else ids, f"{words} {shown}"))
    return usable, problems


def _said_of_all(targets: dict[str, str], segments: tuple[Segment, ...]) -> tuple[str, ...]:
    """The ids under which a model says one and the same sentence of different texts."""
    sources = {segment.id: segment.text for segment in segments}
    texts: dict[str, set[str]] = {}
    for id_, text in targets.items():
        if len(text) >= _SENTENCE:
            texts.setdefault(text, set()).add(sources[id_])
    return tuple(id_ for id_, text in targets.items() if len(texts.get(text, ())) > 1)


_WORD = lazy_pattern(r"[a-z][a-z0-9_]{2,}|\d[\d.]*\d(?![\d.]|\s?[万亿千百])", re.ASCII)
"""7.4 万 is another number in English: 74,000."""


def _slipped(segments: Sequence[Segment], targets: Mapping[str, str]) -> tuple[str, ...]:
    """The ids whose answers are not to be trusted, because answers stand under the ids of other segments.

    They do if an answer holds none of the anchors of its own segment while exactly one other answer holds
    all of them. Then only those answers are trusted that do hold anchors of their own segment.
    """
    own = _distinctive_anchors(segments)
    held = {id_: _anchors_in(text) for id_, text in targets.items()}
    answered = [segment.id for segment in segments if segment.id in held]

    def stands_elsewhere(id_: str) -> bool:
        return sum(own[id_] <= anchors for other, anchors in held.items() if other != id_) == 1

    strangers = [id_ for id_ in answered if not own[id_] & held[id_]]
    moved = {id_ for id_ in strangers if own[id_] and stands_elsewhere(id_)}
    if not moved:
        return ()

    def is_of_another(id_: str) -> bool:
        """Whether the answer holds all that marks a segment whose own answer does not."""
        return any(own[other] <= held[id_] for other in moved if other != id_)

    return tuple(id_ for id_ in answered if id_ in strangers or is_of_another(id_))


def _anchors_in(text: str) -> frozenset[str]:
    """What survives translation: tags, Latin words from three letters on, numbers from two digits on."""
    words = in_half_width(without_tags(text)).lower().replace(",", "")
    return frozenset(_WORD.findall(words)) | {f"<{name}>" for name in names_in(text)}


def _distinctive_anchors(segments: Sequence[Segment]) -> dict[str, frozenset[str]]:
    """The anchors of each segment that no other one has, in its text or its hint."""
    anchors = {segment.id: _anchors_in(segment.text) for segment in segments}
    hints = {segment.id: _anchors_in(segment.hint) for segment in segments}
    frequency = Counter(anchor for id_ in anchors for anchor in anchors[id_] | hints[id_])
    return {
        id_: frozenset(anchor for anchor in found if frequency[anchor] == 1) for id_, found in anchors.items()
    }
