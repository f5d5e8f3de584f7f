"""The translation memory: nothing paid is lost, a person's text stays, and damage is told, not hidden."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling import few_at_once
from weekly_translate.errors import StorageError
from weekly_translate.memory.database import MemoryServer, portable_name
from weekly_translate.memory.decisions import Vouched
from weekly_translate.memory.exchange import Used, remove, statistics, waste_in
from weekly_translate.memory.runs import Asked, Member, Share
from weekly_translate.memory.sqlite import MIGRATIONS, connected
from weekly_translate.memory.translation_memory import (
    ImportCounts,
    SourceIndex,
    TranslationMemory,
    open_memory,
)
from weekly_translate.model import (
    UNASKED,
    Entry,
    ErrorCategory,
    ErrorSeverity,
    Finding,
    Kind,
    MeaningError,
    Pair,
    Proofreading,
    Segment,
    Severity,
    SourceDoubt,
    Span,
    Status,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

needs_posix = pytest.mark.skipif(os.name != "posix", reason="rights and signals of POSIX")


class Clock:
    """A clock that is set back an hour each time it is read."""

    def __init__(self) -> None:
        self.hours = count(23, -1)

    def __call__(self) -> str:
        return f"2026-11-22T{next(self.hours):02}:00:00Z"


def still() -> str:
    return "2026-11-22T00:00:00Z"


def opened(place: Path | MemoryServer | None, now: Callable[[], str] = still) -> TranslationMemory:
    return open_memory(place, now=now, timeout=0.05)


@pytest.fixture
def memory(place: Path | MemoryServer) -> Iterator[TranslationMemory]:
    """That of SQLite has no file, which is quicker."""
    with opened(place if isinstance(place, MemoryServer) else None) as open_one:
        yield open_one


def machine(source: str, target: str) -> Entry:
    return Entry(source, target, Status.MACHINE, "openai gpt-5-mini")


def edited(source: str, target: str) -> Entry:
    return Entry(source, target, Status.EDITED, "ada")


def approved(source: str, target: str) -> Entry:
    return Entry(source, target, Status.APPROVED, "ada")


def target_of(memory: TranslationMemory, key: str, source: str) -> str | None:
    entry = memory.find(key, source)
    return entry.target if entry else None


# --------------------------------------------------------------------------- finding


def test_an_answer_is_found_by_its_key_as_it_was_stored(memory: TranslationMemory) -> None:
    entry = Entry("用<a1>甲</a1>", "use <a1>A</a1>", Status.MACHINE, "openai gpt-5-mini", "tags.appended")
    memory.store("k1", entry, Kind.HEADING)

    assert memory.find("k1", "用<a1>甲</a1>") == entry
    assert memory.find("k2", "用<a1>甲</a1>") is None


def test_what_is_looked_up_at_one_moment_is_what_stood_there_then(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with opened(path) as memory, opened(path) as other:
        with memory.database.at_one_moment():
            assert target_of(memory, "k1", "甲") is None
            with suppress(StorageError):  # it may have to wait
                other.store("k1", machine("甲", "A"), Kind.TEXT)
            assert target_of(memory, "k1", "甲") is None

        other.store("k1", machine("甲", "B"), Kind.TEXT)

        assert target_of(memory, "k1", "甲") == "B"


def test_a_persons_translation_is_found_under_any_key(memory: TranslationMemory) -> None:
    memory.store("k1", edited("甲", "by hand"), Kind.TEXT)
    memory.store("k2", machine("甲", "by machine"), Kind.TEXT)

    assert target_of(memory, "k2", "甲") == "by hand"
    assert target_of(memory, "k3", "甲") == "by hand"


def test_approved_comes_before_edited_and_newer_before_older(memory: TranslationMemory) -> None:
    for key, entry in enumerate([approved("甲", "1"), approved("甲", "2"), edited("甲", "3")]):
        memory.store(f"k{key}", entry, Kind.TEXT)

    assert target_of(memory, "k2", "甲") == "2"


def test_what_is_newer_does_not_depend_on_the_clock(place: Path | MemoryServer) -> None:
    with opened(place, now=Clock()) as memory:
        for key in ("k1", "k2", "k1"):
            memory.store(key, approved("甲", f"{key} {len(memory.stored())}"), Kind.TEXT)

        assert target_of(memory, "k3", "甲") == "k1 2"


@pytest.mark.parametrize("first", Status)
@pytest.mark.parametrize("second", Status)
def test_a_lower_status_never_replaces_a_higher_one(
    memory: TranslationMemory, first: Status, second: Status
) -> None:
    memory.store("k1", Entry("甲", "first", first), Kind.TEXT)
    memory.store("k1", Entry("甲", "second", second), Kind.TEXT)

    assert target_of(memory, "k1", "甲") == ("second" if second >= first else "first")
    assert len(memory.stored()) == 1


def test_entries_come_sorted_and_are_counted_by_status(memory: TranslationMemory) -> None:
    entries = [Entry("乙", "b", Status.APPROVED), machine("甲", "a"), Entry("丙", "c", Status.DRAFT)]
    for key, entry in enumerate(entries):
        memory.store(f"k{key}", entry, Kind.TEXT)

    assert [entry.source for entry in memory.entries()] == ["乙", "甲"]
    assert (len(memory.stored()), len(memory.entries(at_least=Status.APPROVED))) == (3, 1)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("half \ud83d", "half \ufffd"), ("\ud83e\udd84", "🦄"), ("a\0b", "a\ufffdb"), ("🦄\u2028", "🦄\u2028")],
)
def test_text_that_cannot_be_stored_is_cleaned(memory: TranslationMemory, text: str, stored: str) -> None:
    memory.store("k1", machine(text, text), Kind.TEXT)
    memory.store_failed_answer("k1", text, text, findings=[], origin="")

    assert memory.find("k1", text) == machine(stored, stored)
    assert memory.failed_answers("k1", text)[0].target == stored


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_other_text_comes_back(memory: TranslationMemory, text: str) -> None:
    memory.store("k1", machine(text, text), Kind.TEXT)

    assert memory.find("k1", text) == machine(text, text)


def test_texts_are_found_whatever_their_length_and_sorted_by_their_characters(
    memory: TranslationMemory,
) -> None:
    texts = ["a", "B", "é", "甲" * 9_000, "甲乙", "🦄"]
    for number, text in enumerate(texts):
        memory.store(
            f"k{number}", replace(approved(text, text), link=f"https://example.org/{text}"), Kind.TITLE
        )
        memory.settlements.accept(text, text, who="ada", reason=text)

    assert [entry.source for entry in memory.entries()] == sorted(texts)
    assert all(target_of(memory, "", text) == text for text in texts)
    assert all(memory.titles_at(f"https://example.org/{text}") for text in texts)


# --------------------------------------------------------------------------- fuzzy matches


def test_similar_sources_come_best_first(memory: TranslationMemory) -> None:
    sources = [
        "Python 的垃圾回收机制",
        "Python 的垃圾回收机制详解",
        "Python 的垃圾回收",
        "完全不同的一句话而已",
    ]
    for key, source in enumerate(sources):
        memory.store(f"k{key}", machine(source, f"target {key}"), Kind.TEXT)
    found = memory.similar("Python 的垃圾回收机制", limit=2)

    assert [one.target for one in found] == ["target 0", "target 1"]
    assert found[0].score == 1.0
    assert 0.7 <= found[1].score < 1.0


def test_a_fuzzy_match_shows_the_best_translation_of_its_source(memory: TranslationMemory) -> None:
    memory.store("k1", approved("垃圾回收机制", "by hand"), Kind.TEXT)
    memory.store("k2", machine("垃圾回收机制", "by machine"), Kind.TEXT)
    memory.store("k3", Entry("垃圾回收机制！", "draft", Status.DRAFT), Kind.TEXT)

    assert [one.target for one in memory.similar("垃圾回收的机制")] == ["by hand"]


def test_the_best_match_of_many_texts_is_that_of_each(memory: TranslationMemory) -> None:
    for key, source in enumerate(["垃圾回收机制", "垃圾回收的机制", "装饰器的用法"]):
        memory.store(f"k{key}", machine(source, f"target {key}"), Kind.TEXT)
        memory.store(f"p{key}", approved(source, f"by hand {key}"), Kind.TEXT)
    asked = ["垃圾回收机制！", "装饰器用法", "完全不同的一句话"]

    assert memory.most_similar(asked) == [found for text in asked for found in memory.similar(text, limit=1)]
    memory.reject("装饰器的用法", "too stiff")
    assert [one.target for one in memory.most_similar(asked)] == ["by hand 0"]


def test_a_very_long_text_has_no_fuzzy_matches(memory: TranslationMemory) -> None:
    memory.store("k1", machine("长" * 2_000, "long"), Kind.TEXT)

    assert memory.similar("长" * 2_000) == []


@given(st.text("甲乙丙丁ab", max_size=12), st.lists(st.text("甲乙丙丁ab", max_size=12), max_size=8))
def test_the_quick_filters_lose_no_match(source: str, candidates: list[str]) -> None:
    index = SourceIndex()
    for candidate in candidates:
        index.add(candidate)

    def scores(threshold: float) -> set[tuple[float, str]]:
        return set(index.resembling(source, threshold=threshold))

    assert scores(0.6) == {(score, text) for score, text in scores(0.0) if score >= 0.6}


# --------------------------------------------------------------------------- what else is kept


def test_an_import_adds_changes_and_keeps(memory: TranslationMemory) -> None:
    memory.store("k1", machine("甲", "machine"), Kind.TEXT)
    memory.store("k2", approved("乙", "approved"), Kind.TEXT)
    entries = [approved("甲", "better"), edited("乙", "lower"), edited("丙", "new")]

    assert memory.import_entries(entries) == ImportCounts(added=1, changed=1, kept=1)
    assert memory.import_entries(entries) == ImportCounts(added=0, changed=0, kept=3)
    assert [target_of(memory, "k1", source) for source in "甲乙丙"] == ["better", "approved", "new"]


def test_a_memory_keeps_all_that_it_exported_itself(memory: TranslationMemory) -> None:
    memory.store("k1", machine("甲", "a"), Kind.TEXT)
    memory.store("k2", approved("乙", "b"), Kind.TEXT)

    assert memory.import_entries(memory.entries()) == ImportCounts(0, 0, 2)


def test_a_newer_import_replaces_an_approved_translation_elsewhere(memory: TranslationMemory) -> None:
    memory.import_entries([approved("甲", "one")])
    memory.store("k1", approved("甲", "two"), Kind.TEXT)

    assert memory.import_entries([approved("甲", "three")]) == ImportCounts(0, 1, 0)
    assert target_of(memory, "k1", "甲") == "three"


def test_an_import_that_breaks_off_leaves_nothing(memory: TranslationMemory) -> None:
    bad = Entry("乙", "b", 7)  # type: ignore[arg-type]  # a status that the table refuses
    with pytest.raises(StorageError, match=r"cannot be used: .*status"):
        memory.import_entries([approved("甲", "a"), bad])

    assert len(memory.stored()) == 0


def test_an_answer_that_did_not_pass_is_kept_with_its_findings(memory: TranslationMemory) -> None:
    finding = Finding("tag.lost", Severity.ERROR, "lost <a1>", "s07", 12)
    memory.store_failed_answer("k1", "甲", "one", findings=[finding], origin="openai gpt-5-mini")
    memory.store_failed_answer("k1", "甲", "two", findings=[], origin="openai gpt-5-mini")
    first, second = memory.failed_answers("k1", "甲")

    assert first == ("甲", "one", (finding,), "openai gpt-5-mini")
    assert second.target == "two"
    assert memory.failed_answers("k2", "甲") == []
    assert memory.find("k1", "甲") is None


def test_what_is_learned_of_an_endpoint_is_added_up(memory: TranslationMemory) -> None:
    memory.learn_capability("http://127.0.0.1:1/v1", "m", {"format": "tagged", "seed": "no"})
    memory.learn_capability("http://127.0.0.1:1/v1", "m", {"format": "single"})

    assert memory.capability("http://127.0.0.1:1/v1", "m") == {"format": "single", "seed": "no"}
    assert memory.capability("http://127.0.0.1:1/v1", "other") == {}


def test_a_batch_is_known_until_it_ends(memory: TranslationMemory, tmp_path: Path) -> None:
    asked = [
        Asked(f"r{n}", tmp_path / f"{n}.md", "translate", "schema", (Member("s1", f"k{n}", "甲"),))
        for n in (1, 2)
    ]
    for nonce, requests in (("n1", asked[:1]), ("n2", asked)):
        memory.batches.intend(nonce, "https://one.example", "m", requests)
    memory.batches.remember(asked)
    memory.batches.sent("n1", "job-1")

    assert [(one.nonce, one.job) for one in memory.batches.open_at("https://one.example")] == [
        ("n1", "job-1"),
        ("n2", ""),
    ]
    assert memory.batches.elsewhere("https://two.example") == ["https://one.example"]
    assert [*sorted(memory.batches.pending()), *sorted(memory.batches.requests_of("n2"))] == [
        "k1",
        "k2",
        "r1",
        "r2",
    ]
    assert memory.batches.asked("r1") == asked[0]
    memory.batches.forget("n2")
    memory.batches.end("n1", homeless=True)
    assert [one.nonce for one in memory.batches.open_at("https://one.example", homeless=True)] == ["n1"]
    assert memory.batches.pending() == frozenset()


def test_what_runs_spend_is_summed_exactly(memory: TranslationMemory) -> None:
    for amount in ("0.1", "0.2", "0.0000000001"):
        memory.spending.add(Decimal(amount))

    assert memory.spending.total() == Decimal("0.300000001")


def test_a_verdict_loses_what_a_person_dismisses(memory: TranslationMemory) -> None:
    wrong = MeaningError("甲", "a", ErrorCategory.MISTRANSLATION, ErrorSeverity.MAJOR, "b")
    segment = Segment("s1", Kind.TEXT, Span(0, 1), 1, "甲")
    memory.store("k1", machine("甲", "a"), Kind.TEXT)
    memory.proofreadings.store({"v1": (Pair(segment, "a"), Proofreading((wrong,)))}, "reader")
    entry = memory.find("k1", "甲")

    assert entry is not None
    assert entry.remark == UNASKED
    assert (
        memory.proofreadings.of("甲", "a") == memory.proofreadings.find("v1", "甲") == Proofreading((wrong,))
    )
    memory.proofreadings.dismiss("甲", "a", [wrong], reason="it is right", who="ada")
    assert memory.proofreadings.of("甲", "a") == Proofreading(())
    memory.proofreadings.prefer({"q1": "first"}, "judge")
    memory.proofreadings.prefer({"q1": "second"}, "judge")
    assert (memory.proofreadings.preferred("q1"), memory.proofreadings.preferred("q2")) == ("first", None)


def test_what_nobody_needs_is_counted_and_removed(memory: TranslationMemory) -> None:
    memory.store("k1", machine("甲", "a"), Kind.TEXT)
    memory.store("k2", machine("乙", "b"), Kind.TEXT)
    memory.store("k3", approved("丙", "c"), Kind.TEXT)
    memory.store_failed_answer("k1", "甲", "x", findings=[], origin="m")
    later = "2027-01-01T00:00:00Z"
    waste = waste_in(memory.database, Used(frozenset({"乙"}), frozenset()), before=later)

    assert tuple(waste) == (("k1",), ("k2",), 1)
    assert ("approved", "1 entry, 1 character") in list(statistics(memory.database))
    remove(memory.database, waste, before=later)
    assert [one.key for one in memory.stored()] == ["k3"]


def test_runs_that_share_a_season_add_up_and_a_new_season_forgets_them(
    place: Path | MemoryServer, tmp_path: Path
) -> None:
    used = Share(Usage(1, 10, 0, 5))
    with opened(place) as one, opened(place) as other:
        one.shares.begin(tmp_path)
        other.shares.begin(tmp_path)
        one.shares.add(tmp_path, "1.md", used)
        other.shares.add(tmp_path, "1.md", used)
        other.shares.add(tmp_path, "1.md", Share(written=True))
        assert one.shares.of(tmp_path) == {"1.md": Share(Usage(2, 20, 0, 10), written=True)}
    with opened(place) as next_:
        next_.shares.begin(tmp_path)
        assert next_.shares.of(tmp_path) == {}


# --------------------------------------------------------------------------- the file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".weekly-translate/memory.db"


def filled(path: Path, entries: int = 1) -> None:
    with opened(path) as memory:
        memory.import_entries(edited(f"source {n} {'text ' * 40}", f"target {n}") for n in range(entries))


def test_a_memory_lasts(place: Path | MemoryServer) -> None:
    with opened(place) as memory:
        memory.store("k1", machine("甲", "a"), Kind.TEXT)
        memory.learn_capability("e", "m", {"format": "tagged"})
    with opened(place) as memory:
        assert target_of(memory, "k1", "甲") == "a"
        assert memory.capability("e", "m") == {"format": "tagged"}
        assert memory.notes == ()


@needs_posix
def test_the_file_and_its_new_folders_are_private(tmp_path: Path) -> None:
    filled(tmp_path / "one/two/memory.db")
    names = ("one", "one/two", "one/two/memory.db")

    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names] == [0o700, 0o700, 0o600]


def test_the_file_says_what_it_is_and_distrusts_its_schema(path: Path) -> None:
    with opened(path) as memory:
        pragmas = ("application_id", "user_version", "trusted_schema", "cell_size_check", "synchronous")
        values = [memory.database.rows(f"PRAGMA {name}")[0][0] for name in pragmas]

    assert values == [0x77746D31, len(MIGRATIONS), 0, 1, 3]


def damage(path: Path, *, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * page)
        file.write(b"\xa5" * 4096)


def test_a_damaged_file_is_set_aside_and_read_as_far_as_possible(path: Path) -> None:
    filled(path, entries=400)
    pages = path.stat().st_size // 4096
    for page in range(pages // 3, pages, 9):
        damage(path, page=page)
    with opened(path) as memory:
        assert 20 < len(memory.stored()) < 400
        assert len(memory.notes) == 1
        assert "was damaged: it is kept as memory.db.damaged-1" in memory.notes[0]
        assert f"{len(memory.stored())} rows" in memory.notes[0]
    assert path.with_name("memory.db.damaged-1").exists()
    with opened(path) as memory:
        assert memory.notes == ()


def test_a_truncated_file_is_set_aside_beside_the_last_one(path: Path) -> None:
    filled(path, entries=100)
    os.truncate(path, 6_000)
    opened(path).close()
    os.truncate(path, 6_000)
    with opened(path) as memory:
        assert len(memory.stored()) == 0
        assert "memory.db.damaged-2" in memory.notes[0]


def test_what_stands_before_the_end_of_a_truncated_file_is_read(path: Path) -> None:
    filled(path, entries=400)
    os.truncate(path, path.stat().st_size // 2)
    with opened(path) as memory:
        assert 50 < len(memory.stored()) < 400


def test_a_text_that_is_only_half_there_is_left_out(path: Path) -> None:
    texts = {"字" * 3_000 + str(n) for n in range(40)}
    with opened(path) as memory:
        memory.import_entries(edited(text, text) for text in texts)
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    with opened(path) as memory:
        found = memory.entries()
    assert found
    assert all(entry.source == entry.target and entry.source in texts for entry in found)


def test_a_file_of_zeros_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(bytes(8192))
    with opened(path) as memory:
        assert "memory.db.damaged-1, and 0 rows" in memory.notes[0]


def test_an_empty_file_is_a_new_memory(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with opened(path) as memory:
        assert (len(memory.stored()), memory.notes) == (0, ())


def refused(path: Path) -> str:
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StorageError) as caught:
        opened(path)
    assert not before or path.read_bytes() == before
    return str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("my notes\n", encoding="utf-8")

    assert "notes.txt is not a translation memory: name another file" in refused(tmp_path / "notes.txt")
    assert "is a folder" in refused(tmp_path)


def test_nobody_waits_for_the_other_end_of_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero")):
        assert refused(path) == f"the memory {path} is a pipe or a device: name a file with --memory"


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "other.db")
    database.execute("CREATE TABLE bookmarks (url)")
    database.close()

    assert "is the database of another program" in refused(tmp_path / "other.db")


def test_a_memory_of_a_newer_version_is_left_alone(path: Path) -> None:
    filled(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()

    assert f"written by a newer weekly-translate (schema 99; this one knows {len(MIGRATIONS)})" in refused(
        path
    )


STEPS = [(version, step) for version, steps in enumerate(MIGRATIONS) for step in range(len(steps) + 1)]
OLD_ROW = """INSERT INTO entries VALUES
    ('k1', '共 3 期', '3 issues', 3, 'ada', '', 'text', '2026-01-01T00:00:00+00:00', 1)"""
KILL_IN_A_MIGRATION = """
import os, signal, sys
from pathlib import Path
from weekly_translate.memory import sqlite as database
version, step = int(sys.argv[2]), int(sys.argv[3])
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
connect = database.sqlite3.connect
def with_an_end(*arguments, **options):
    made = connect(*arguments, **options)
    made.create_function("die", 0, die)
    return made
database.sqlite3.connect = with_an_end
steps = database.MIGRATIONS[version]
broken = (*steps[:step], "SELECT die()", *steps[step:])
migrations = (*database.MIGRATIONS[:version], broken, *database.MIGRATIONS[version + 1:])
database.connected(Path(sys.argv[1]), timeout=1, migrations=migrations)
"""


def of_the_first_version(path: Path) -> None:
    path.parent.mkdir()
    with closing(connected(path, timeout=0.05, migrations=MIGRATIONS[:1])) as database:
        database.execute(OLD_ROW)


@needs_posix
@pytest.mark.parametrize(("version", "step"), few_at_once(STEPS, 12))
def test_a_kill_in_a_migration_leaves_the_old_version_which_is_brought_up_to_date_the_next_time(
    path: Path, version: int, step: int
) -> None:
    if version:
        of_the_first_version(path)
    else:
        path.parent.mkdir()
    killed = started(KILL_IN_A_MIGRATION, str(path), str(version), str(step))
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL

    with opened(path) as memory:
        assert memory.notes == ()
        assert len(memory.stored()) == bool(version)
        memory.store("k2", machine("甲", "a"), Kind.TEXT)


def test_a_memory_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    of_the_first_version(path)
    with opened(path) as memory:
        (entry,) = memory.like_but_for_numbers("共 4 期")

    assert entry == Entry("共 3 期", "3 issues", Status.APPROVED, "ada")
    assert entry.created == "2026-01-01T00:00:00+00:00"


def test_a_damaged_memory_of_the_first_version_is_recovered_into_the_newest(path: Path) -> None:
    of_the_first_version(path)
    with closing(sqlite3.connect(path)) as database:
        rows = ((n, "x" * 3000) for n in range(20))
        database.executemany("INSERT INTO attempts VALUES (?, '', '', ?, '', '', '')", rows)
        database.commit()
    damage(path, page=path.stat().st_size // 4096 - 3)
    with opened(path) as memory:
        assert len(memory.notes) == 1
        assert len(memory.like_but_for_numbers("共 4 期")) == 1


def test_a_lock_that_is_not_given_back_is_told(path: Path) -> None:
    filled(path)
    other = sqlite3.connect(path, isolation_level=None)
    with opened(path) as memory:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="is locked by another run: wait for it to end"):
            memory.store("k1", machine("甲", "a"), Kind.TEXT)
        other.execute("ROLLBACK")
        memory.store("k1", machine("甲", "a"), Kind.TEXT)
    other.close()


@needs_posix
def test_a_memory_that_is_deleted_during_a_run_is_told(path: Path) -> None:
    with opened(path) as memory:
        path.unlink()

        with pytest.raises(StorageError, match="cannot be used"):
            memory.store("k1", machine("甲", "a"), Kind.TEXT)


def test_a_memory_that_cannot_be_created_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "memory.db cannot be opened: Not a directory" in refused(tmp_path / "file/new/memory.db")


def test_a_memory_that_is_never_saved_has_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opened(Path(":memory:")).close()

    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------- several processes

STORE = """
import sys
from pathlib import Path
from weekly_translate.model import Entry, Status
from weekly_translate.model import Kind
from weekly_translate.memory.database import MemoryServer, is_server
from weekly_translate.memory.translation_memory import open_memory
place, name, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
memory = open_memory(MemoryServer(place, Path()) if is_server(place) else Path(place), now=lambda: "now")
for n in range(number):
    memory.store(f"{name}{n}", Entry(f"{name} {n}", "x" * 500, Status.MACHINE), Kind.TEXT)
    memory.store("shared", Entry("shared", f"{name} {n}", Status.MACHINE), Kind.TEXT)
    memory.learn_capability("e", "m", {f"{name}{n}": "yes"})
    print(n, flush=True)
"""
FILL_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from weekly_translate.errors import StorageError
from weekly_translate.model import Entry, Status
from weekly_translate.model import Kind
from weekly_translate.memory.translation_memory import open_memory
memory = open_memory(Path(sys.argv[1]), now=lambda: "now")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_600_000, 1_600_000))
try:
    for n in range(5_000):
        memory.store(f"k{n}", Entry(f"source {n}", "x" * 500, Status.MACHINE), Kind.TEXT)
        print(n, flush=True)
except StorageError as error:
    print(error)
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def named(place: Path | MemoryServer) -> str:
    return place.url if isinstance(place, MemoryServer) else str(place)


def test_processes_that_write_at_once_lose_nothing(place: Path | MemoryServer) -> None:
    writers = [started(STORE, named(place), name, "40") for name in "abc"]
    for writer in writers:
        writer.communicate()

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    with opened(place) as memory:
        assert len(memory.stored()) == 3 * 40 + 1
        assert len(memory.capability("e", "m")) == 3 * 40
        assert memory.notes == ()


@needs_posix
@pytest.mark.parametrize("lines", few_at_once([1, 2, 5, 9, 14, 20], 2))
def test_a_kill_loses_nothing_that_was_stored(place: Path | MemoryServer, lines: int) -> None:
    writer = started(STORE, named(place), "a", "100000")
    assert writer.stdout
    saved = [int(writer.stdout.readline()) for _ in range(lines)]
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate()
    saved += [int(line) for line in rest.splitlines() if line]

    with opened(place) as memory:
        assert all(memory.find(f"a{n}", f"a {n}") for n in saved)
        assert memory.notes == ()


@needs_posix
def test_a_full_disk_is_told_and_loses_nothing_that_was_stored(path: Path) -> None:
    output, _ = started(FILL_THE_DISK, str(path)).communicate()
    *saved, message = output.splitlines()

    assert str(path) in message
    assert "all answers stored so far are kept" in message
    with opened(path) as memory:
        assert len(memory.stored()) == len(saved) > 50


def test_the_names_of_files_are_the_same_wherever_a_memory_travels() -> None:
    assert portable_name("zh\\e\u0301.md", system="win32") == "zh/e\u0301.md"
    assert portable_name("zh/e\u0301.md", system="darwin") == "zh/\u00e9.md"
    assert portable_name("zh\\e\u0301.md", system="linux") == "zh\\e\u0301.md"


# --------------------------------------------------------------------------- what others have written there

_OF_OTHERS = {
    "a kind": ("UPDATE entries SET kind = 'bogus'", "entries", "'bogus' is not a valid Kind"),
    "findings": ("UPDATE attempts SET findings = '{'", "attempts", "Expecting"),
    "errors": ("UPDATE proofreadings SET errors = '[1]'", "proofreadings", "not subscriptable"),
    "slips": ("UPDATE doubts SET doubts = '[[1]]'", "doubts", "missing 1 required"),
    "facts": ("UPDATE capabilities SET facts = '7'", "capabilities", "not iterable"),
    "decisions": ("UPDATE decisions SET before = '[[7]]'", "decisions", "shorter"),
    "verdicts": ("UPDATE decisions SET verdict = 'maybe'", "decisions", "not a valid Verdict"),
    "outputs": ("UPDATE outputs SET content = 'x'", "outputs", ""),
    "shares": ("UPDATE shares SET used = '[]'", "shares", "not enough values"),
}


@pytest.mark.parametrize("what", _OF_OTHERS)
def test_what_others_have_written_into_a_memory_is_named_where_it_makes_no_sense(
    tmp_path: Path, place: Path | MemoryServer, what: str
) -> None:
    """With the row and how to get rid of it."""
    statement, table, why = _OF_OTHERS[what]
    out, one = tmp_path / "en.md", Segment("s1", Kind.TEXT, Span(0, 1), 1, "甲")
    error = MeaningError("甲", "a", ErrorCategory.OMISSION, ErrorSeverity.MINOR, "")
    with opened(place) as memory:
        memory.decisions.vouch(Vouched(Entry("乙", "b", Status.EDITED, "ada"), Kind.TEXT))
        memory.decisions.vouch(Vouched(Entry("乙", "B", Status.EDITED, "ada"), Kind.TEXT))
        memory.store("k'1", Entry("甲", "a", Status.MACHINE, "m"), Kind.TEXT)
        memory.store_failed_answer("k2", "甲", "a", findings=[], origin="m")
        memory.proofreadings.store({"p": (Pair(one, "a"), Proofreading((error,)))}, "r")
        memory.proofreadings.doubt("甲", [SourceDoubt("甲", "why")], "m")
        memory.learn_capability("e", "m", {"format": "tagged"})
        memory.outputs.begin(out, b"one")
        memory.outputs.finish(out, b"one", source="s", made="m")
        memory.shares.add(tmp_path, "en.md", Share())
        memory.database.transaction(lambda: memory.database.execute(statement))
    with opened(place) as memory:

        def read() -> None:
            memory.stored()
            memory.find("k'1", "甲")
            memory.failed_answers("k2", "甲")
            memory.proofreadings.of("甲", "a")
            memory.proofreadings.doubts_about("甲")
            memory.capability("e", "m")
            memory.decisions.history("乙")
            memory.decisions.last("乙")
            memory.outputs.of(out)
            memory.shares.of(tmp_path)

        told = rf"row in {table} that this version .*{why}.* remove the row: `(.*)`"
        while memory.database.rows(f"SELECT 1 FROM {table}"):  # noqa: S608 - our names
            with pytest.raises(StorageError, match=told) as caught:
                read()
            found = re.search(told, str(caught.value))
            assert found is not None
            remove = shlex.split(found[1])[-1]
            assert memory.database.transaction(partial(memory.database.execute, remove)) == 1
        read()
