"""What people decide is stored at once, outlives every run and can be undone; two of them lose nothing."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from weekly_translate.memory.database import MemoryServer
from weekly_translate.memory.decisions import OutdatedError, Vouched
from weekly_translate.memory.sqlite import MIGRATIONS, connected
from weekly_translate.memory.translation_memory import TranslationMemory, open_memory
from weekly_translate.model import Decision, Entry, Kind, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-11-22T00:00:00+00:00"
SOURCE = "用<a1>甲</a1>"


def opened(place: Path | MemoryServer | None) -> TranslationMemory:
    return open_memory(place, now=lambda: NOW, timeout=0.05)


@pytest.fixture
def memory(place: Path | MemoryServer) -> Iterator[TranslationMemory]:
    with opened(place if isinstance(place, MemoryServer) else None) as open_one:
        yield open_one


def machine(target: str) -> Entry:
    return Entry(SOURCE, target, Status.MACHINE, "openai gpt-5-mini", "tag.placed")


def accepted(target: str, who: str = "ada") -> Vouched:
    return Vouched(Entry(SOURCE, target, Status.APPROVED, who), Kind.TEXT)


def edited(target: str, who: str = "ada") -> Vouched:
    return Vouched(Entry(SOURCE, target, Status.EDITED, who), Kind.TEXT)


def held(memory: TranslationMemory, key: str = "k1") -> tuple[str, Status] | None:
    entry = memory.find(key, SOURCE)
    return (entry.target, entry.status) if entry else None


# --------------------------------------------------------------------------- deciding


def test_an_accepted_text_is_found_whatever_a_machine_would_be_asked(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    memory.decisions.vouch(accepted("one"))

    assert held(memory, "another key") == ("one", Status.APPROVED)
    assert memory.decisions.last(SOURCE) == Decision(Verdict.ACCEPTED, "ada", NOW)


def test_an_edit_counts_more_than_what_was_accepted_before_it(memory: TranslationMemory) -> None:
    memory.decisions.vouch(accepted("one"))
    memory.decisions.vouch(edited("two"))

    assert held(memory) == ("two", Status.EDITED)


def test_a_rejected_text_is_gone_and_its_reason_is_kept(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    memory.decisions.vouch(accepted("two"))
    gone = memory.decisions.reject(SOURCE, "too loud", who="eve")

    assert (gone, held(memory)) == (2, None)
    assert {(one.target, one.reason) for one in memory.rejections(SOURCE)} == {
        ("one", "too loud"),
        ("two", "too loud"),
    }
    assert memory.decisions.last(SOURCE) == Decision(Verdict.REJECTED, "eve", NOW, "too loud")


def test_a_text_that_the_memory_does_not_hold_can_be_rejected_too(memory: TranslationMemory) -> None:
    memory.decisions.reject(SOURCE, "wrong name", who="eve", target="from a file")

    assert [(one.target, one.reason) for one in memory.rejections(SOURCE)] == [("from a file", "wrong name")]


# --------------------------------------------------------------------------- taking it back


def test_undo_goes_back_one_decision_at_a_time(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    for vouched in (accepted("one"), edited("two"), edited("three", "eve")):
        memory.decisions.vouch(vouched)
    seen = []
    while memory.decisions.undo(SOURCE, who="ada"):
        seen.append(held(memory))

    assert seen == [("two", Status.EDITED), ("one", Status.APPROVED), ("one", Status.MACHINE)]
    assert memory.decisions.last(SOURCE) is None


def test_undoing_a_rejection_brings_back_all_that_was_there(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    memory.decisions.vouch(edited("two"))
    before = memory.stored()
    memory.decisions.reject(SOURCE, "too loud", who="ada")
    undone = memory.decisions.undo(SOURCE, who="eve")

    assert undone == Decision(Verdict.REJECTED, "ada", NOW, "too loud")
    assert (memory.stored(), memory.rejections(SOURCE)) == (before, [])
    assert memory.decisions.last(SOURCE) == Decision(Verdict.EDITED, "ada", NOW)


def test_undoing_an_edit_leaves_what_a_run_has_answered_since(memory: TranslationMemory) -> None:
    memory.store("k1", machine("old"), Kind.TEXT)
    memory.decisions.vouch(edited("mine"))
    memory.store("k1", machine("new"), Kind.TEXT)
    memory.decisions.undo(SOURCE, who="ada")

    assert held(memory) == ("new", Status.MACHINE)


def test_undoing_a_rejection_counts_more_than_a_newer_answer(memory: TranslationMemory) -> None:
    memory.store("k1", machine("old"), Kind.TEXT)
    memory.decisions.reject(SOURCE, "too loud", who="ada")
    memory.store("k1", machine("new"), Kind.TEXT)
    memory.decisions.undo(SOURCE, who="ada")

    assert held(memory) == ("old", Status.MACHINE)


def test_an_imported_answer_survives_an_edit_and_its_undo(memory: TranslationMemory) -> None:
    memory.import_entries([machine("imported")])
    before = memory.stored()
    memory.decisions.vouch(edited("mine"))
    memory.decisions.undo(SOURCE, who="ada")

    assert memory.stored() == before


def test_where_nobody_decided_there_is_nothing_to_undo(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)

    assert memory.decisions.undo(SOURCE, who="ada") is None
    assert held(memory) == ("one", Status.MACHINE)


# --------------------------------------------------------------------------- two at a time


def test_a_decision_on_what_has_changed_is_refused(place: Path | MemoryServer) -> None:
    with opened(place) as ada, opened(place) as eve:
        ada.store("k1", machine("one"), Kind.TEXT)
        seen = ada.decisions.state(SOURCE)
        eve.decisions.vouch(edited("hers", "eve"))

        with pytest.raises(OutdatedError, match="has changed in the meantime"):
            ada.decisions.vouch(edited("his")._replace(seen=seen))
        with pytest.raises(OutdatedError):
            ada.decisions.reject(SOURCE, "no", who="ada", seen=seen)
        with pytest.raises(OutdatedError):
            ada.decisions.undo(SOURCE, who="ada", seen=seen)
        assert held(ada) == ("hers", Status.EDITED)
        assert ada.rejections(SOURCE) == []


def test_a_decision_and_its_undo_are_a_change_too(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    seen = memory.decisions.state(SOURCE)
    memory.decisions.vouch(edited("two"))
    memory.decisions.undo(SOURCE, who="ada")

    assert memory.decisions.state(SOURCE) != seen


def test_a_new_answer_to_the_same_text_is_a_change(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    seen = memory.decisions.state(SOURCE)
    memory.store("k1", machine("one"), Kind.TEXT)
    assert memory.decisions.state(SOURCE) == seen
    memory.store("k1", machine("two"), Kind.TEXT)
    assert memory.decisions.state(SOURCE) != seen


def test_of_many_those_that_have_changed_are_left_out(memory: TranslationMemory) -> None:
    memory.store("k1", machine("one"), Kind.TEXT)
    other = Vouched(Entry("乙", "B", Status.APPROVED, "ada"), Kind.TEXT, memory.decisions.state("乙"))
    outdated = accepted("one")._replace(seen="another state")

    assert memory.decisions.vouch_all([outdated, other]) == 1
    assert held(memory) == ("one", Status.MACHINE)
    assert len(memory.entries(at_least=Status.APPROVED)) == 1


def test_halves_of_characters_are_stored_and_undone_like_all_else(memory: TranslationMemory) -> None:
    half = "半\ud83d"
    memory.store("k1", Entry(half, "\ud83d", Status.MACHINE), Kind.TEXT)
    memory.decisions.vouch(Vouched(Entry(half, "x\0", Status.EDITED, "\ud83d"), Kind.TEXT))
    memory.decisions.reject(half, "\ud83d", who="\0", target="\ud83d", seen=memory.decisions.state(half))
    memory.decisions.undo(half, who="\ud83d")

    entry = memory.find("k1", half)
    assert entry is not None
    assert entry.target == "x\ufffd"


def test_rejections_of_an_older_memory_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with closing(connected(path, timeout=1, migrations=MIGRATIONS[:2])) as database, database:
        rows = [(SOURCE, "one", "too loud", NOW), (SOURCE, "two", "too loud", NOW)]
        statement = "INSERT INTO rejections (source, target, reason, created) VALUES (?, ?, ?, ?)"
        database.executemany(statement, rows)

    with opened(path) as memory:
        assert memory.decisions.last(SOURCE) == Decision(Verdict.REJECTED, "", NOW, "too loud")
        memory.decisions.undo(SOURCE, who="ada")
        assert memory.rejections(SOURCE) == []
