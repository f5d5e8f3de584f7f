"""The second reader of a project, asked live or in batch files."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from weekly_translate.llm.engine import AbsentEngine, engine_for
from weekly_translate.llm.providers import is_local
from weekly_translate.llm.requests import size_for
from weekly_translate.memory.runs import Asked, Member
from weekly_translate.model import Format, Kind, Pair, Segment, Span, Status
from weekly_translate.quality.reading import Reader, SecondReader
from weekly_translate.quality.verdicts import ReadPair, chunks_to_read, shown_entries
from weekly_translate.run.attempts import Step
from weekly_translate.run.project import price_of, with_engine
from weekly_translate.run.run_state import note_spending
from weekly_translate.text.characters import has_han

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import Reply, Request
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.settings import Settings

NOTHING_WRONG = "none"
"""What a person answers about a text without an error."""
OfReader = TypeVar("OfReader", bound=Reader[Any])


def reader_of(data: ProjectData, kind: type[OfReader]) -> OfReader:
    """Who reads with the engine that `data` is for, and with what."""
    return kind(
        name=data.engine.name,
        endpoint=data.engine.endpoint,
        memory=data.memory,
        prompts=data.prompts,
        size=data.size,
        count_tokens=data.count_tokens,
        price=data.price,
        jobs=data.jobs,
        first_format=min(data.provider.first_format, Format.TAGGED, key=list(Format).index),
        reserve=data.provider.reserve,
        on_spent=lambda used: note_spending(used, data.price, data),
    )


def with_reader(
    settings: Settings,
    data: ProjectData,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
    make_engine: EngineMaker = engine_for,
    *,
    counts_only: bool = False,
) -> ProjectData:
    """The same with a second reader, where one is wanted: usually of a hosted model's answers.

    One that nobody has named and nobody could ask, without a key, is none, except in a forecast.
    """
    is_hosted = data.engine.endpoint.startswith("http") and not is_local(data.engine.endpoint)
    if data.drafts or not (is_hosted if settings.proofread is None else settings.proofread):
        return data
    of_reader = settings.of_proofreader
    provider = of_reader.provider
    other = replace(data, provider=provider, size=size_for(provider), price=price_of(of_reader))
    other, engine = with_engine(of_reader, other, on_wait, make_engine)
    if settings.proofread is None and isinstance(engine, AbsentEngine) and not counts_only:
        return data
    return replace(data, reader=replace(reader_of(other, SecondReader), engine=engine, model=of_reader.model))


def later_reader_of(settings: Settings, data: ProjectData, kind: type[OfReader]) -> OfReader:
    """The same reader where the answers come in a file; its verdicts count as if it had answered live."""
    of_reader = settings.of_proofreader
    provider = of_reader.provider
    other = replace(data, provider=provider, size=size_for(provider))
    name = f"{of_reader.engine} {of_reader.model}"
    return replace(reader_of(other, kind), name=name, endpoint="file", model=of_reader.model)


class ReadingPart(NamedTuple):
    """One request to the second reader."""

    asked: Asked
    request: Request
    pairs: tuple[ReadPair, ...]


def readings_of(
    plans: Mapping[Path, Plan], reader: SecondReader, pending: Container[str] = frozenset()
) -> list[ReadingPart]:
    """All translations of machines that the reader has not seen, but for those whose keys are `pending`."""
    taken: set[str] = set()
    parts: list[ReadingPart] = []
    for source, plan in plans.items():
        unread = {reader.key(one): one for one in _unread(plan, reader)}
        new = {key: one for key, one in unread.items() if key not in taken and key not in pending}
        taken |= new.keys()
        parts += parts_to_read(source, list(new.values()), reader)
    return parts


def parts_to_read(
    source: Path, pairs: Sequence[ReadPair], reader: Reader[Any], *, by_hand: bool = False
) -> list[ReadingPart]:
    """The questions about these texts; `by_hand` one for each, whose answer is the bare verdict."""
    form = Format.SINGLE if by_hand else reader.format
    chunks = [[one] for one in pairs] if by_hand else chunks_to_read(pairs, reader.size, reader.count_tokens)
    return [_part(source, chunk, reader, form) for chunk in chunks]


def _unread(plan: Plan, reader: SecondReader) -> Iterator[ReadPair]:
    for ask in sorted(plan.doubted, key=lambda ask: ask.segment.span):
        entry = plan.known[ask.segment.id]
        one = ReadPair(Pair(ask.segment, entry.target, ask.terms), ask.context)
        is_wanted = entry.status is Status.MACHINE and has_han(ask.segment.text)
        if is_wanted and reader.find(reader.key(one), one.pair.segment.text) is None:
            yield one


def _part(source: Path, pairs: Sequence[ReadPair], reader: Reader[Any], form: Format) -> ReadingPart:
    step = Step.READ if isinstance(reader, SecondReader) else Step.PREFER
    members = tuple(Member(one.id, reader.key(one), one.pair.segment.text, one.pair.target) for one in pairs)
    content = json.dumps([step, form, members])
    id_ = f"wt-{blake2b(content.encode(), digest_size=16).hexdigest()}"
    return ReadingPart(Asked(id_, source, step, form, members), reader.request(pairs, form), tuple(pairs))


def sheet_to_read(parts: Iterable[ReadingPart]) -> Iterator[bytes]:
    """Questions for a person, a text in a line of JSON, in which `answer` is still empty."""
    for part in parts:
        (entry,) = shown_entries(part.pairs)
        shown = {name: text for name, text in entry.items() if name != "id"}
        line = {"custom_id": part.asked.id, **shown, "answer": ""}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def found_by_text(sheet: bytes, parts: Iterable[ReadingPart]) -> bytes:
    """A sheet with the ids that its texts have today, even if prompts or terms have changed in between."""
    ids = {_texts_of(line): line["custom_id"] for line in map(json.loads, sheet_to_read(parts))}
    lines = []
    for text in sheet.splitlines():
        with suppress(ValueError, RecursionError):
            line = json.loads(text.decode("utf-8-sig"))
            if isinstance(line, dict) and (id_ := ids.get(_texts_of(line))) is not None:
                text = json.dumps(line | {"custom_id": id_}).encode()  # noqa: PLW2901 - the same, found
        lines.append(text)
    return b"\n".join(lines)


def _texts_of(line: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(line.get(name, "")) for name in ("zh", "en", "A", "B"))


class Verdicts(NamedTuple):
    """What has become of a reply: the keys of the verdicts that it holds."""

    new: frozenset[str]
    known: frozenset[str]
    lacking: frozenset[str]


def take_verdicts(asked: Asked, reply: Reply, reader: str, data: ProjectData) -> Verdicts:
    """Store the verdicts of a reply to a `ReadingPart`, each under the key that it was asked for.

    `reader` is the origin of the answers. Nothing is paid in vain where the issue has changed: the verdict is
    of these texts.
    """
    from weekly_translate.quality.evaluation import Judge  # noqa: PLC0415 - no plan and no run needs it

    kind: type[Reader[Any]] = SecondReader if asked.step == Step.READ else Judge
    return _taken(asked, reply, replace(reader_of(data, kind), name=reader))


def _taken(asked: Asked, reply: Reply, reader: Reader[Any]) -> Verdicts:
    pairs = {member.key: _read_pair(member) for member in asked.members}
    request = reader.request(list(pairs.values()), Format(asked.form))
    if asked.form == Format.SINGLE:
        reply = replace(reply, text=_as_object(reply.text, request.segments[0].id))
    said = reader.read(reply, request, list(pairs.values()))
    given = {key: (one, said[one.id]) for key, one in pairs.items() if one.id in said}
    known = frozenset(
        key for key, (one, _) in given.items() if reader.find(key, one.pair.segment.text) is not None
    )
    if new := {key: told for key, told in given.items() if key not in known}:
        reader.store(new)
    return Verdicts(frozenset(new), known, frozenset(pairs.keys() - given.keys()))


def _as_object(answer: str, id_: str) -> str:
    """A person's verdict as a model writes it: `A`, `none`, or a list of errors."""
    answer = answer.strip()
    if answer.lower() == NOTHING_WRONG:
        return json.dumps({id_: []})
    return f'{{"{id_}": {answer}}}' if answer.startswith("[") else json.dumps({id_: answer})


def _read_pair(member: Member) -> ReadPair:
    """The texts of then. No verdict depends on where they stood."""
    segment = Segment(member.id, Kind.TEXT, Span(0, len(member.text)), 1, member.text)
    return ReadPair(Pair(segment, member.target))
