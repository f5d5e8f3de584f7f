"""What a second reader is asked in batch files; its verdicts are stored by text and outlive the issue."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.memory.runs import Asked, Member
from weekly_translate.model import Format, Kind, Pair, Segment, Span, Status
from weekly_translate.proofread.replies import read_verdicts
from weekly_translate.proofread.requests import ReadPair, chunks_to_read, proofread_request
from weekly_translate.run.attempts import Step
from weekly_translate.text.characters import has_han

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.model import Reply, Request
    from weekly_translate.proofread.reading import SecondReader
    from weekly_translate.run.plan import Plan
    from weekly_translate.run.project import ProjectData


class ReadingPart(NamedTuple):
    """One request to the second reader."""

    asked: Asked
    request: Request


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
        chunks = chunks_to_read(list(new.values()), reader.size, reader.count_tokens)
        parts += [_part(source, pairs, reader) for pairs in chunks]
    return parts


def _unread(plan: Plan, reader: SecondReader) -> Iterator[ReadPair]:
    for ask in sorted(plan.doubted, key=lambda ask: ask.segment.span):
        entry = plan.known[ask.segment.id]
        one = ReadPair(Pair(ask.segment, entry.target, ask.terms), ask.context)
        is_wanted = entry.status is Status.MACHINE and has_han(ask.segment.text)
        if is_wanted and reader.find(reader.key(one)) is None:
            yield one


def _part(source: Path, pairs: Sequence[ReadPair], reader: SecondReader) -> ReadingPart:
    form = reader.format
    members = tuple(Member(one.id, reader.key(one), one.pair.segment.text, one.pair.target) for one in pairs)
    content = json.dumps([Step.READ, form, members])
    id_ = f"wt-{blake2b(content.encode(), digest_size=16).hexdigest()}"
    return ReadingPart(Asked(id_, source, Step.READ, form, members), reader.request(pairs, form))


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
    pairs = {member.key: _read_pair(member) for member in asked.members}
    request = proofread_request(list(pairs.values()), Format(asked.form), data.prompts)
    said = read_verdicts(reply, request, list(pairs.values()))
    given = {key: (one, said[one.id]) for key, one in pairs.items() if one.id in said}
    known = frozenset(key for key in given if _is_known(key, data.memory))
    new = {key: (one.pair, verdict) for key, (one, verdict) in given.items() if key not in known}
    if new:
        data.memory.proofreadings.store(new, reader)
    return Verdicts(frozenset(new), known, frozenset(pairs.keys() - given.keys()))


def _is_known(key: str, memory: TranslationMemory) -> bool:
    return memory.proofreadings.find(key) is not None


def _read_pair(member: Member) -> ReadPair:
    """The texts of then. No verdict depends on where they stood."""
    segment = Segment(member.id, Kind.TEXT, Span(0, len(member.text)), 1, member.text)
    return ReadPair(Pair(segment, member.target))
