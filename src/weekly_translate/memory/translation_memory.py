"""The translation memory: what was translated once is looked up, and no paid answer is lost.

A machine's answer is found by its key (a hash of all that the model would see of the segment), a person's by
its source text alone. What is newer is told by `revision`, not by `created`: clocks jump.

Fuzzy matches: all sources are kept as bit sets of their characters, grouped by length, so that 100,000 of
them are filtered in milliseconds and only the few that are left are compared. The filters are upper bounds:
no match is lost.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from difflib import SequenceMatcher
from math import ceil
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from weekly_translate.errors import needing_extra
from weekly_translate.memory.database import (
    BY_SOURCE,
    FAILURE,
    FORGET_FAILURES,
    UPSERT,
    FailedAnswer,
    MemoryPart,
    MemoryServer,
    Stored,
    as_stored,
    entry_of,
    facts_about,
    failed_answer_of,
    key_of_source,
    learn_facts,
    never_lost,
    stored_of,
    values_of,
)
from weekly_translate.memory.decisions import Decisions, Proofreadings, Settlements
from weekly_translate.memory.runs import Batches, Outputs, Shares, Spending
from weekly_translate.memory.sqlite import open_file
from weekly_translate.model import Kind, Memory, Rejection, Status
from weekly_translate.text.chinese_numbers import template_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.memory.database import Database
    from weekly_translate.model import Entry, Finding, Segment


Learned = TypeVar("Learned")
_BY_SOURCE_AND_LINK = """SELECT * FROM entries WHERE source = ? AND link = ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
_BEST = """SELECT * FROM entries WHERE source = ? AND (status >= ? OR key = ?)
    ORDER BY status DESC, revision DESC LIMIT 1"""
_BY_TEMPLATE = """SELECT * FROM entries WHERE template = ? AND template <> '' AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 5"""
_BY_LINK = """SELECT * FROM entries WHERE link = ? AND link <> '' AND status >= ?
    ORDER BY revision LIMIT 50"""
_RESEMBLES = 0.7
"""The least score of a source that is worth showing."""
_BEST_OF = "SELECT source, target FROM entries WHERE status >= ? AND source IN"
_NEWER = "SELECT source, revision FROM entries WHERE revision > ? AND status >= ?"
_ALL = "SELECT * FROM entries WHERE status >= ? ORDER BY source, status DESC, key"
_FAILED_ANSWER = """INSERT INTO attempts (key, source, target, findings, origin, created)
    VALUES (?, ?, ?, ?, ?, ?)"""
_FAILED_ANSWERS = "SELECT * FROM attempts WHERE key = ? AND origin NOT LIKE '%' || ? ORDER BY id"
_FAILURE = "SELECT * FROM attempts WHERE key = ? AND origin LIKE '%' || ? ORDER BY id DESC LIMIT 1"
_REJECTIONS = "SELECT target, reason FROM rejections WHERE source = ? ORDER BY id"


class ImportCounts(NamedTuple):
    """What an import did: `kept` entries were there already, or vouched for by more; `rejected` by people."""

    added: int
    changed: int
    kept: int
    rejected: int = 0


def open_memory(
    place: Path | MemoryServer | None,
    *,
    now: Callable[[], str],
    timeout: float = 30,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
) -> TranslationMemory:
    """Open the memory in a file, on a server, or one that is never saved.

    `now` gives the time as text, ISO 8601 in UTC. Waits `timeout` seconds for other processes, here and at
    every call; `on_wait` is told why, and for how many seconds at most, where a server has gone and is
    waited for. Raises `StorageError`, and `UsageError` where the extra for servers is missing.
    """
    if not isinstance(place, MemoryServer):
        return TranslationMemory(open_file(place, timeout=timeout), now)
    with needing_extra("postgres", f"The memory {place} is on a server, which"):
        from weekly_translate.memory.postgres import PostgreSQL  # noqa: PLC0415 - the extra `postgres`
    return TranslationMemory(PostgreSQL(place, timeout=timeout, on_wait=on_wait), now)


class TranslationMemory(MemoryPart):
    """An open memory. Every method that writes has committed when it returns, and raises `StorageError`."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        super().__init__(database, now)
        self.claims = database.claims
        """What this run is asking for."""
        self.decisions = Decisions(database, now)
        """What people say about translations."""
        self.proofreadings = Proofreadings(database, now)
        """What second readers say about them."""
        self.settlements = Settlements(database, now)
        """What is settled about texts that the checks complain of."""
        self.batches = Batches(database, now)
        """What providers are working on."""
        self.outputs = Outputs(database, now)
        """The files that seasons have written."""
        self.shares = Shares(database, now)
        """What the runs have done that share a season."""
        self.spending = Spending(database, now)
        """What runs with a common budget have spent."""
        self.notes = database.notes
        """What a person should know about how the memory was opened."""
        self._facts: dict[tuple[str, str], dict[str, str]] = {}
        self._forget_sources()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back; all that was stored is in it already."""
        self.database.close()

    def read_ahead(self, segments: Iterable[Segment]) -> None:
        """Have at hand what is to be looked up about them, where a server would be asked for each alone."""
        texts = (text for one in segments for text in (one.text, one.link, template_of(as_stored(one.text))))
        self.database.read_ahead(texts)

    def find(self, key: str, source: str) -> Entry | None:
        """A person's translation of this source (approved before edited), else the answer under the key."""
        rows = self.database.looked_up(source, _BEST, source, Status.EDITED, key)
        return next(iter(self.database.understood("entries", rows, entry_of)), None)

    def titles_at(self, link: str) -> list[Stored]:
        """The titles of an address, those that were stored first in front; drafts are left out."""
        rows = self.database.looked_up(link, _BY_LINK, link, Status.MACHINE)
        return self.database.understood("entries", rows, stored_of)

    def like_but_for_numbers(self, source: str) -> list[Entry]:
        """Translations of texts that differ from this one in numbers only, the most trusted first."""
        template = template_of(as_stored(source))
        if not template:
            return []
        rows = self.database.looked_up(template, _BY_TEMPLATE, template, Status.MACHINE)
        return self.database.understood("entries", rows, entry_of)

    def most_similar(self, sources: Iterable[str]) -> list[Memory]:
        """The pair that resembles each of these sources most, where there is one."""
        self._know_newer()
        likest = [(one, self._sources.resembling(one, threshold=_RESEMBLES)[:1]) for one in sources]
        known = frozenset(match.source for _, found in likest for match in found)
        query = f"{_BEST_OF} ({', '.join('?' * len(known))}) ORDER BY status, revision"
        rows = self.database.looked_up(known, query, Status.MACHINE, *sorted(known)) if known else []
        targets = {row["source"]: row["target"] for row in rows}
        pairs = [
            [Memory(match.source, targets[match.source], match.score)]
            if match.source in targets
            else self.similar(one, limit=1)  # that one is gone
            for one, found in likest
            for match in found
        ]
        return [pair for found in pairs for pair in found]

    def _forget_sources(self) -> None:
        self._sources, self._revision = SourceIndex(), 0
        self._news: int | None = -1

    def _know_newer(self) -> None:
        """What this run stores it knows already: a server is asked where others have written."""
        if self.database.news == self._news:
            return
        self._news = -1 if self.database.news is None else self.database.news
        for row in self.database.rows(_NEWER, self._revision, Status.MACHINE):
            self._sources.add(row["source"])
            self._revision = max(self._revision, row["revision"])

    def similar(self, source: str, *, limit: int = 3, threshold: float = _RESEMBLES) -> list[Memory]:
        """Pairs whose source resembles this one, best first; drafts are left out."""
        self._know_newer()
        found: list[Memory] = []
        for score, known in self._sources.resembling(source, threshold=threshold):
            rows = self.database.rows(BY_SOURCE, known, Status.MACHINE)
            found += [Memory(known, row["target"], score) for row in rows]
            if len(found) == limit:
                break
        return found

    def entries(self, *, at_least: Status = Status.MACHINE) -> list[Entry]:
        """All entries of this status or a higher one, sorted by source."""
        settled = self.settlements.all()
        found = self.database.read("entries", entry_of, _ALL, at_least)
        return [replace(one, settlement=settled.get((one.source, one.target))) for one in found]

    def stored(self) -> list[Stored]:
        """All entries with their keys and kinds, sorted by source."""
        return self.database.read("entries", stored_of, _ALL, Status.DRAFT)

    def store(self, key: str, entry: Entry, kind: Kind) -> None:
        """Store a verified translation; one of a higher status under the same key stays as it is."""
        self.store_all([Stored(key, kind, entry)])

    def store_all(self, answers: Sequence[Stored]) -> None:
        """The same for several, as one transaction: each one waits for the disk or for the server."""
        knew_all = self.database.news == self._news
        # What a person has written was not paid, and the file beside a server is for machines' answers only.
        by_people = any(one.entry.status >= Status.EDITED for one in answers)
        commit = self.database.transaction if by_people else self.database.keep
        commit(lambda: self._store(answers))
        if knew_all:
            for _, _, entry in answers:
                if entry.status >= Status.MACHINE:
                    self._sources.add(as_stored(entry.source))
            self._news = self.database.news

    def _store(self, answers: Sequence[Stored]) -> None:
        rows = [values_of(key, entry, kind, now=self._now()) for key, kind, entry in answers]
        self.database.execute_all(UPSERT, rows)
        self.database.execute_all(f"{FORGET_FAILURES} key = ?", [(FAILURE, one.key) for one in answers])

    @never_lost
    def store_failed_answer(
        self, key: str, source: str, target: str, *, findings: Sequence[Finding], origin: str
    ) -> None:
        """Keep an answer that did not pass the checks: it was paid, and a repair can start from it."""
        said = json.dumps([finding._asdict() for finding in findings])
        self.database.execute(_FAILED_ANSWER, key, source, target, said, origin, self._now())

    def failed_answers(self, key: str, source: str) -> list[FailedAnswer]:
        """The answers to this question that did not pass, oldest first."""
        rows = self.database.looked_up(source, _FAILED_ANSWERS, key, FAILURE)
        return self.database.understood("attempts", rows, failed_answer_of)

    def store_failure(self, key: str, failed: FailedAnswer) -> None:
        """Keep that all was asked that may be asked, and the best answer, which is empty where none came."""
        origin = failed.origin + FAILURE
        self.store_failed_answer(key, failed.source, failed.target, findings=failed.findings, origin=origin)

    def failure(self, key: str, source: str) -> FailedAnswer | None:
        """How this question has ended the last time, if it has ended without a good answer."""
        rows = self.database.looked_up(source, _FAILURE, key, FAILURE)
        found = self.database.understood("attempts", rows, failed_answer_of)
        return found[0]._replace(origin=found[0].origin.removesuffix(FAILURE)) if found else None

    def reject(self, source: str, reason: str, *, who: str = "") -> int:
        """Forget all translations of a source, and keep why: the next question says so. Gives how many."""
        gone = self.decisions.reject(source, reason, who=who)
        self._forget_sources()
        return gone

    def rejections(self, source: str) -> list[Rejection]:
        """What people did not want as a translation of this source, and why, oldest first."""
        rows = self.database.looked_up(source, _REJECTIONS, source)
        return [Rejection(row["target"], row["reason"]) for row in rows]

    def import_entries(self, entries: Iterable[Entry]) -> ImportCounts:
        """Take over entries from elsewhere, all or none; what has a higher status here stays."""
        incoming = list(entries)
        outcomes = self.database.transaction(lambda: Counter(map(self._import, incoming)))
        return ImportCounts(*(outcomes[name] for name in ImportCounts._fields))

    def capability(self, endpoint: str, model: str) -> dict[str, str]:
        """What was learned about a model at an endpoint, such as `{"format": "tagged"}`."""
        if (endpoint, model) not in self._facts:
            self._facts[endpoint, model] = facts_about(endpoint, model, self.database)
        return dict(self._facts[endpoint, model])

    def learned(
        self, endpoint: str, model: str, name: str, read: Callable[[str], Learned], otherwise: Learned
    ) -> Learned:
        """A fact as `read` takes it; what `read` refuses, a newer version has written: it is not learned."""
        with suppress(KeyError, ValueError):
            return read(self.capability(endpoint, model)[name])
        return otherwise

    @never_lost
    def learn_capability(self, endpoint: str, model: str, facts: Mapping[str, str]) -> None:
        """Add facts to those that are known, or replace them."""
        learned = learn_facts(endpoint, model, facts, self.database)
        # While a server is away, its facts are not among these.
        self._facts[endpoint, model] = {**self._facts.get((endpoint, model), {}), **learned}

    def _import(self, entry: Entry) -> str:
        found = self.database.read("entries", entry_of, _BY_SOURCE_AND_LINK, entry.source, entry.link)
        known = next(iter(found), None)
        if known and known.status > entry.status:
            return "kept"
        if known and known.status is entry.status and known.target == entry.target:
            return "kept"
        if any(one.target == as_stored(entry.target) for one in self.rejections(entry.source)):
            return "rejected"
        if entry.settlement is not None:
            self.settlements.settle(entry.source, entry.target, entry.settlement)
        kind = entry.kind or (Kind.TITLE if entry.link else Kind.TEXT)
        key = key_of_source(entry.source, entry.link)
        self.database.execute(UPSERT, *values_of(key, entry, kind, now=self._now()))
        return "changed" if known else "added"


LONGEST_FUZZY = 1_000
"""Characters of the longest text that is compared: comparing costs their square, and a prompt has no room."""
_BITS = 509
"""A prime: characters that stand side by side in Unicode get bits of their own."""
_SLACK = 1e-9
"""A score is a quotient: what reaches a threshold exactly has to stay."""


class FuzzyMatch(NamedTuple):
    """A source and its score, difflib's ratio, from 0 to 1."""

    score: float
    source: str


class SourceIndex:
    """The sources of a memory, each once. Those that are longer than `LONGEST_FUZZY` are left out."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lengths: dict[int, tuple[list[int], list[str]]] = {}

    def add(self, source: str) -> None:
        """Add a source."""
        if source not in self._known and len(source) <= LONGEST_FUZZY:
            self._known.add(source)
            bits, sources = self._lengths.setdefault(len(source), ([], []))
            bits.append(_characters(source))
            sources.append(source)

    def resembling(self, source: str, *, threshold: float) -> list[FuzzyMatch]:
        """The sources whose score is `threshold` or more, best first; 40 % longer or shorter at most."""
        if len(source) > LONGEST_FUZZY:
            return []
        matcher = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(source)
        found = []
        for candidate in self._candidates(source, threshold):
            matcher.set_seq1(candidate)
            if matcher.quick_ratio() >= threshold and (score := matcher.ratio()) >= threshold:
                found.append(FuzzyMatch(score, candidate))
        return sorted(found, key=lambda one: (-one.score, one.source))

    def _candidates(self, source: str, threshold: float) -> Iterator[str]:
        """Those that may reach the threshold: a character that the other side lacks has no match.

        Two characters may share a bit, which only makes the bound looser.
        """
        ours, length = _characters(source), len(source)
        for other in range(length * 6 // 10, length * 14 // 10 + 1):
            bits, sources = self._lengths.get(other, ((), ()))
            matches = ceil(threshold * (length + other) / 2 - _SLACK)
            least = ours.bit_count() - length + matches
            for index, theirs in enumerate(bits):
                common = (ours & theirs).bit_count()
                if common >= least and common >= theirs.bit_count() - other + matches:
                    yield sources[index]


def _characters(text: str) -> int:
    """A bit for each character."""
    bits = 0
    for character in set(text):
        bits |= 1 << ord(character) % _BITS
    return bits
