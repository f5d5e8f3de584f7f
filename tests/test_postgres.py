"""A memory on a PostgreSQL server: what is refused and masked, claims, and a server that goes and comes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from postgres import frozen, needs_root, running_server
from program import run
from server import MisbehavingServer
from test_shared_seasons import arguments as season_arguments
from test_shared_seasons import written as written_season
from weekly_translate.cli.terminal import Terminal
from weekly_translate.cli.terminal import opened as opened_for
from weekly_translate.errors import ExitCode, FaultsError, StoppedError, StorageError
from weekly_translate.memory.database import TABLES, MemoryServer
from weekly_translate.memory.decisions import Vouched
from weekly_translate.memory.exchange import copy
from weekly_translate.memory.postgres import MIGRATIONS, PostgreSQL, completed
from weekly_translate.memory.runs import digest
from weekly_translate.memory.sqlite import connected
from weekly_translate.memory.translation_memory import TranslationMemory, open_memory
from weekly_translate.model import (
    Entry,
    ErrorCategory,
    ErrorSeverity,
    Kind,
    MeaningError,
    Pair,
    Proofreading,
    Segment,
    Settlement,
    SourceDoubt,
    Span,
    Status,
)
from weekly_translate.settings import PROJECT_FILE, SettingsOptions, project_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres import Server

MADE = Path(__file__).parent / "cases" / "v01"
FILE = "memory.db"
ENTRY = Entry("甲", "a", Status.MACHINE, "openai gpt-5-mini")
SECRET = "correct-horse"  # noqa: S105 - nobody's


def still() -> str:
    return "2026-11-22T00:00:00Z"


def opened(place: Path | MemoryServer) -> TranslationMemory:
    return open_memory(place, now=still, timeout=0.1)


def opened_patiently(place: MemoryServer) -> TranslationMemory:
    return open_memory(place, now=still)


@pytest.fixture
def server(postgres: Server, tmp_path: Path) -> MemoryServer:
    return postgres.new_place(tmp_path)


@pytest.fixture(scope="module")
def second_server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture
def own_server(second_server: Server) -> Iterator[Server]:
    """One that a test may stop."""
    yield second_server
    if not second_server.is_running:
        second_server.start()


def schema_of(server: MemoryServer) -> str:
    return server.url.rpartition("%3D")[2]


def locks(postgres: Server) -> str:
    return postgres.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")


# --------------------------------------------------------------------------- the schema


def test_both_databases_have_the_same_columns(postgres: Server, server: MemoryServer) -> None:
    opened(server).close()
    query = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = "
    found = postgres.psql(f"{query}'{schema_of(server)}'").split()
    here = {name for name in found if not name.endswith(".rowid")}
    with closing(connected(":memory:", timeout=1)) as database:
        there = {
            f"{table}.{row['name']}"
            for table in TABLES
            for row in database.execute(f"PRAGMA table_info({table})")
        }
    ours = {name for name in here if name.startswith(("memory_state.", "shares."))}
    assert here - ours == there


def test_of_runs_that_begin_at_once_one_makes_the_tables(server: MemoryServer) -> None:
    with ThreadPoolExecutor(4) as runs:
        for memory in list(runs.map(opened_patiently, [server] * 4)):
            with memory:
                assert memory.stored() == []


def test_the_tables_of_another_program_are_left_alone(postgres: Server, server: MemoryServer) -> None:
    postgres.psql(f"CREATE TABLE {schema_of(server)}.entries (url TEXT)")

    with pytest.raises(StorageError, match="holds tables of another program: name another database"):
        opened(server)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = "
    assert postgres.psql(f"{tables}'{schema_of(server)}'") == "entries"


def test_a_memory_of_a_newer_version_is_left_alone(server: MemoryServer) -> None:
    opened(server).close()
    with psycopg.connect(server.url) as other:
        other.execute("UPDATE memory_state SET version = 99")

    told = rf"written by a newer weekly-translate \(schema 99; this one knows {len(MIGRATIONS)}\)"
    with pytest.raises(StorageError, match=told):
        opened(server)


def test_a_database_in_another_encoding_is_refused(postgres: Server, tmp_path: Path) -> None:
    postgres.psql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    place = MemoryServer(postgres.url("latin"), tmp_path)

    with pytest.raises(StorageError, match="is in LATIN1: create a database in UTF8"):
        opened(place)


def test_who_may_not_use_the_tables_learns_what_to_do(postgres: Server, server: MemoryServer) -> None:
    opened(server).close()
    postgres.psql("CREATE ROLE a_stranger LOGIN")
    postgres.psql(f"GRANT USAGE ON SCHEMA {schema_of(server)} TO a_stranger")
    hers = MemoryServer(server.url.replace("postgres@", "a_stranger@"), server.folder)
    with pytest.raises(StorageError, match=r"permission denied for \w+ \w+\. Everybody works in the role"):
        opened(hers)


def test_a_schema_that_is_not_there_is_named_in_one_line(postgres: Server, tmp_path: Path) -> None:
    place = MemoryServer(postgres.url(more="&options=-csearch_path%3Dnowhere"), tmp_path)
    with pytest.raises(StorageError, match=r"to create in\. CREATE SCHEMA makes the one"):
        opened(place)


# --------------------------------------------------------------------------- where it is, and who says so


def settings_of(folder: Path, *, project: str = "", own: str = "", **given: str) -> object:
    (folder / "project").mkdir()
    (folder / "weekly-translate").mkdir()
    (folder / "project" / PROJECT_FILE).write_text(project, encoding="utf-8")
    (folder / "weekly-translate/config.toml").write_text(own, encoding="utf-8")
    options = SettingsOptions(project=folder / "project", memory=given.pop("option", None))
    return project_settings(options, {"XDG_CONFIG_HOME": str(folder), "HOME": str(folder), **given}).memory


ADDRESS = "postgresql://ada@db.example.org/weekly?sslmode=verify-full"
WITH_SECRET = f"postgresql://ada:{SECRET}@db.example.org/weekly"


@pytest.mark.parametrize("where", ["own", "option", "WEEKLY_TRANSLATE_MEMORY"])
def test_a_person_names_the_server(tmp_path: Path, where: str) -> None:
    said = f"memory = '{ADDRESS}'" if where == "own" else ADDRESS

    own = tmp_path / ".local/share/weekly-translate"
    assert settings_of(tmp_path, **{where: said}) == MemoryServer(ADDRESS, tmp_path / "project", own)


def test_a_project_file_does_not(tmp_path: Path) -> None:
    told = rf"{PROJECT_FILE}:2: {PROJECT_FILE} puts the memory on a server: a project file may not choose"
    with pytest.raises(FaultsError, match=told):
        settings_of(tmp_path, project=f"jobs = 3\nmemory = '{ADDRESS}'")


@pytest.mark.parametrize("where", ["own", "option"])
@pytest.mark.parametrize(
    "address",
    [
        WITH_SECRET,
        f"{ADDRESS}&password={SECRET}",
        f"{ADDRESS}&sslpassword={SECRET}",
        f"{ADDRESS}&pass%77ord={SECRET}",
        f"{ADDRESS}&PASSWORD={SECRET}",
        f"postgresql://ada:tops?{SECRET}#77@host/db",
        f"postgresql://ada:{SECRET}/1@host/db",
        f"postgresql://ada:1@{SECRET}/1@host",
        f"postgresql://:{SECRET}@host/db",
        f"postgresql://ada:{SECRET}/db",
    ],
)
def test_a_password_does_not_belong_where_others_read_it(tmp_path: Path, where: str, address: str) -> None:
    with pytest.raises(
        FaultsError, match=r"holds a password\. Leave it out there, and set PGPASSWORD"
    ) as caught:
        settings_of(tmp_path, **{where: f"memory = '{address}'" if where == "own" else address})
    assert SECRET not in str(caught.value)


def test_a_password_of_the_environment_is_shown_nowhere(tmp_path: Path) -> None:
    address = f"postgresql://ada:{SECRET}@127.0.0.1:1/weekly?sslmode=disable"
    ended = run(tmp_path, "memory", "stats", WEEKLY_TRANSLATE_MEMORY=address)

    assert ended.code == ExitCode.STORAGE
    assert "the memory postgresql://ada:***@127.0.0.1:1/weekly?sslmode=disable cannot be reached" in ended.err
    assert "PGPASSWORD or ~/.pgpass" in ended.err
    assert SECRET not in ended.err + repr(MemoryServer(address, tmp_path))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ivy:tops?ecret#77@host/db", "ivy:***@host/db"),
        ("ada:ada:p@ss/1@host", "ada:***@host"),
        ("ada@corp:pw@host/db", "ada@corp:***@host/db"),
        ("mallory:mal@host/small", "mallory:***@host/small"),
        ("ada:@host:5432/db", "ada:@host:5432/db"),
        ("ada@[::1]:5432/db?passfile=/a&sslmode=require", "ada@[::1]:5432/db?passfile=/a&sslmode=require"),
        ("h/d?pass%77ord=a&b&x=1&PASSWORD=c#d", "h/d?pass%77ord=***&x=1&PASSWORD=***"),
        ("h:1/d?sslmode=x?password=a@b", "h:***"),
        ("ada:p?password=x@host/db", "ada:***"),
        ("ada:pw", "ada:***"),
        ("ada:1pw/db?sslmode=require", "ada:***/db?sslmode=require"),
        ("host:5432,other:5433/db", "host:5432,other:5433/db"),
        ("[::1]:5432/db", "[::1]:5432/db"),
        ("host:5432?user=ada", "host:5432?user=ada"),
    ],
)
def test_a_password_is_masked_where_it_stands(tmp_path: Path, address: str, shown: str) -> None:
    assert str(MemoryServer(f"postgresql://{address}", tmp_path)) == f"postgresql://{shown}"


@pytest.mark.parametrize("address", [f"ada:1{c}{SECRET}@h/d" for c in "/@"] + [f"a@corp:{SECRET}@h/d"])
def test_a_password_that_libpq_would_take_for_a_host_is_refused_everywhere(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(FaultsError, match="write them as %40 and %2F, or set PGPASSWORD") as caught:
        settings_of(tmp_path, WEEKLY_TRANSLATE_MEMORY=f"postgresql://{address}")
    assert SECRET not in str(caught.value)


def test_the_command_that_removes_a_row_works_without_the_password_of_the_address(
    postgres: Server, tmp_path: Path
) -> None:
    place = postgres.place(tmp_path)
    address = place.url.replace("postgres@", f"postgres:{SECRET}@") + "&passfile=/nowhere"
    with open_memory(MemoryServer(address, tmp_path), now=still) as memory:
        memory.store("k1", ENTRY, Kind.TEXT)
        memory.database.transaction(lambda: memory.database.execute("UPDATE entries SET kind = 'bogus'"))
        with pytest.raises(StorageError, match=r"memory postgresql://postgres:\*\*\*@/") as caught:
            memory.stored()
        assert SECRET not in str(caught.value)
        _, where, *statement = shlex.split(str(caught.value).split("`")[1])
        assert "passfile=/nowhere" in where
        with psycopg.connect(where, autocommit=True) as pasted:
            pasted.execute(statement[-1].encode())
        assert memory.stored() == []


def test_what_libpq_quotes_of_an_address_with_a_password_is_not_shown(tmp_path: Path) -> None:
    address = f"postgresql://ada:{SECRET}%zz@127.0.0.1:1/weekly"
    ended = run(tmp_path, "memory", "stats", WEEKLY_TRANSLATE_MEMORY=address)

    assert (ended.code, ended.err.count("\n")) == (ExitCode.STORAGE, 1)
    assert "libpq does not understand the address" in ended.err
    assert SECRET not in ended.err


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://ada:{SECRET}@host/weekly",
        "postgres:/host/weekly",
        f"postgresql//ada:{SECRET}@h/db",
        f"postgresql:ada:{SECRET}@h/db",
        f"postgresql/ada:{SECRET}@h/db",
        f"Postgresql://ada:{SECRET}@h/db",
        f'"postgresql://ada:{SECRET}@h/db"',
        f" postgresql://ada:{SECRET}@h/db",
        f"host=127.0.0.1 user=ada password={SECRET}",
        f"application_name=x password = {SECRET}",
        "service=weekly",
    ],
)
def test_an_address_of_something_else_is_no_name_of_a_file(tmp_path: Path, address: str) -> None:
    ended = run(tmp_path, "memory", "learn", "zh.md", "en.md", "--memory", address)

    assert (ended.code, "name a file, or a PostgreSQL database" in ended.err) == (ExitCode.USAGE, True)
    assert SECRET not in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["postgres/memory.db", "postgres.db", "a b=c/user.db", "x/host=1.db", "C:/m.db"]
)
def test_a_path_stays_a_path(tmp_path: Path, path: str) -> None:
    assert settings_of(tmp_path, option=path) == Path(path)


def test_what_libpq_does_not_understand_is_one_sentence(tmp_path: Path) -> None:
    ended = run(tmp_path, "memory", "stats", "--memory", "postgresql://localhost/x?sslmodus=require")

    assert (ended.code, ended.err.count("\n")) == (ExitCode.STORAGE, 1)
    assert "sslmodus" in ended.err


def test_without_the_extra_the_program_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "weekly_translate.memory.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    ended = run(tmp_path, "memory", "stats", "--memory", ADDRESS)

    assert (ended.code, "pip install 'weekly-translate[postgres]'" in ended.err) == (ExitCode.USAGE, True)


# --------------------------------------------------------------------------- claims and turns


def test_a_claim_ends_with_its_session_and_leaves_no_lock(postgres: Server, server: MemoryServer) -> None:
    with opened(server) as ada, opened(server) as eve:
        assert ada.claims.claim(["k1", "k2"]) == {"k1", "k2"}
        assert (ada.claims.claim(["k1"]), eve.claims.claim(["k1", "k3"])) == (set(), {"k3"})
        ada.claims.release(["k1"])
        assert eve.claims.claim(["k1", "k2"]) == {"k1"}
        ada.close()
        assert eve.claims.claim(["k2"]) == {"k2"}
    assert locks(postgres) == "0"


def test_two_memories_in_one_database_claim_for_themselves(postgres: Server, tmp_path: Path) -> None:
    with opened(postgres.new_place(tmp_path)) as one, opened(postgres.new_place(tmp_path)) as other:
        assert one.claims.claim(["k1"]) == other.claims.claim(["k1"]) == {"k1"}


def test_a_turn_that_is_not_given_back_is_told(server: MemoryServer) -> None:
    with opened(server) as memory, psycopg.connect(server.url) as other:
        other.execute("UPDATE memory_state SET writes = writes + 1")
        with pytest.raises(StorageError, match="is locked by another run: wait for it to end"):
            memory.reject(ENTRY.source, "no")
        other.rollback()
        memory.store("k1", ENTRY, Kind.TEXT)


def test_what_others_have_written_is_news_once(server: MemoryServer) -> None:
    with opened(server) as ada, opened(server) as eve:
        ada.database.changed_elsewhere()
        ada.store("k1", ENTRY, Kind.TEXT)
        assert not ada.database.changed_elsewhere()
        eve.store("k2", ENTRY, Kind.TEXT)
        assert ada.database.changed_elsewhere()
        assert not ada.database.changed_elsewhere()
        eve.store("k3", ENTRY, Kind.TEXT)
        ada.store("k4", ENTRY, Kind.TEXT)
        assert ada.database.changed_elsewhere()


# --------------------------------------------------------------------------- a server that goes


def test_a_lost_connection_is_made_again_and_nothing_is_lost(own_server: Server, tmp_path: Path) -> None:
    """The crash is in the middle of a transaction; the server is back when somebody waits for it."""
    told: list[str] = []
    back: list[Thread] = []

    def on_wait(reason: str, _seconds: float) -> None:
        told.append(reason)
        back.append(Thread(target=own_server.start))
        back[-1].start()

    place = own_server.place(tmp_path)
    with open_memory(place, now=still, on_wait=on_wait) as memory:
        memory.store("k1", ENTRY, Kind.TEXT)
        memory.claims.claim(["k2"])
        crashes = [own_server.stop]

        def change() -> None:
            memory.database.execute("DELETE FROM entries WHERE key = ?", "k1")
            if crashes:
                crashes.pop()()
            memory.store("k2", ENTRY, Kind.TEXT)

        memory.database.transaction(change)
        assert [one.key for one in memory.stored()] == ["k2"]
        back[0].join()
        own_server.stop()
        assert [one.key for one in memory.stored()] == ["k2"]
        with opened(place) as other:
            assert other.claims.claim(["k2", "k3"]) == {"k3"}
    back[1].join()
    ways = "as soon as it does, the run goes on, and Ctrl-C ends it"
    assert told == [f"the memory {place} does not answer; {ways}"] * 2


def test_a_command_that_looks_into_the_memory_says_what_it_waits_for(
    own_server: Server, tmp_path: Path
) -> None:
    class Told(Terminal):
        """Whoever reads it starts the server."""

        def say(self, text: str, style: str = "") -> None:
            own_server.start()
            said.append(text + style)

    said: list[str] = []
    place = own_server.place(tmp_path)
    with opened_for(place, Told()) as memory:
        memory.store("k1", ENTRY, Kind.TEXT)
        own_server.stop()
        assert [one.key for one in memory.stored()] == ["k1"]
    ways = "as soon as it does, the run goes on, and Ctrl-C ends it"
    assert said == [f"waiting 300 s: the memory {place} does not answer; {ways}"]


def test_a_server_that_stays_away_is_waited_for_once(own_server: Server, tmp_path: Path) -> None:
    """Not once for each answer that is still to be stored, or a run would take an hour to end."""
    told: list[str] = []
    place = replace(own_server.place(tmp_path), patience=0)
    database = PostgreSQL(place, timeout=1, on_wait=lambda why, _: told.append(why))
    with closing(database):
        own_server.stop()
        for _ in range(3):
            with pytest.raises(StorageError, match="cannot be reached"):
                database.changed_elsewhere()
        assert len(told) == 1
        own_server.start()
        assert database.changed_elsewhere()


def unsent_in(folder: Path) -> list[Path]:
    return sorted((folder / "own").glob("unsent-*.db"))


@pytest.mark.parametrize("how", ["back in time", "next run", "imported"])
def test_what_was_paid_while_the_server_was_away_is_kept_and_comes_in(
    own_server: Server, tmp_path: Path, how: str
) -> None:
    """All that machines say, whenever the server is back; nobody waits for it with an answer in the hand."""
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    with open_memory(place.folder / "expected.db", now=still) as other:
        written(other)
        other.spending.add(Decimal("0.25"))
        expected = all_about(other)
    with suppress(StorageError), open_memory(place, now=still) as memory:
        memory.reject("乙", "too stiff")
        memory.read_ahead(SEGMENTS)
        own_server.stop()
        written(memory, first=False)
        memory.spending.add(Decimal("0.25"))
        assert all_about(memory) == expected
        (path,) = unsent_in(tmp_path)
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        if how == "back in time":
            own_server.start()
        else:
            with pytest.raises(StorageError, match=f"was paid since is in {path}: your next run on this"):
                memory.claims.claim(["k9"])
    if how != "back in time":
        own_server.start()
    if how == "imported":
        ended = run(tmp_path, "memory", "import", path, "--memory", place.url)
        assert (ended.code, "rows of what machines have answered" in ended.err) == (0, True), ended.err
        path.unlink()
    with open_memory(place, now=still) as memory:
        assert all_about(memory) == expected
        assert memory.spending.total() == Decimal("0.25")
        assert memory.capability("e", "m") == {"format": "tagged"}
        told = (f"what {path} has kept while the memory was away is in the memory now",)
        assert memory.notes == (told if how == "next run" else ())
    assert unsent_in(tmp_path) == []


def test_a_file_that_cannot_be_taken_in_is_named_and_left_alone(postgres: Server, tmp_path: Path) -> None:
    """Garbage, a folder, a link, another program's database, a newer version's: the run goes on."""
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own")
    (name,) = _left_by_a_run(place)
    real = name.rename(tmp_path / "real.db")
    stem = name.name.rpartition("-")[0]
    bad = [name.with_name(f"{stem}-{number}.db") for number in range(5)]
    bad[0].write_bytes(b"garbage" * 100)
    bad[1].mkdir()
    bad[2].symlink_to(real)
    for path, statement in ((bad[3], "CREATE TABLE x (y)"), (bad[4], "PRAGMA user_version = 99")):
        if path == bad[4]:
            shutil.copy(real, path)
        with closing(sqlite3.connect(path)) as other, other:
            other.execute(statement)
    empty = name.with_name(f"{stem}-5.db")
    empty.touch()
    os.utime(empty, (0, 0))
    making = name.with_name(f"{stem}-6.db")
    making.touch()
    before = [path.read_bytes() for path in (bad[0], real, bad[3], bad[4])]

    with open_memory(place, now=still) as memory:
        assert memory.stored() == []
        told = [
            note.partition(" cannot be taken into the memory, and is left alone: ")[0]
            for note in memory.notes
        ]
    assert told == [str(path) for path in bad]
    assert unsent_in(tmp_path) == [*bad, making]
    assert [path.read_bytes() for path in (bad[0], real, bad[3], bad[4])] == before


def _left_by_a_run(place: MemoryServer) -> list[Path]:
    """Two answers, in a file that the server has not been told."""
    with psycopg.connect(place.url, autocommit=True) as owner:
        owner.execute(_REFUSE.format(code="25006"))
        with suppress(StorageError), open_memory(place, now=still) as memory:
            memory.store("k1", ENTRY, Kind.TEXT)
            memory.store("k2", replace(ENTRY, source="乙"), Kind.TEXT)
        owner.execute("DROP FUNCTION refuse CASCADE")
    assert place.unsent is not None
    return sorted(place.unsent.glob("unsent-*.db"))


def test_an_entry_of_an_unknown_kind_is_not_taken_in(postgres: Server, tmp_path: Path) -> None:
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own")
    (path,) = _left_by_a_run(place)
    with closing(sqlite3.connect(path)) as unsent, unsent:
        unsent.execute("UPDATE entries SET kind = 'bogus' WHERE key = 'k1'")
    with open_memory(place, now=still) as memory:
        assert [one.key for one in memory.stored()] == ["k2"]


_REFUSE = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{code}'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON memory_state EXECUTE FUNCTION refuse()"""


@pytest.mark.parametrize("code", ["25006", "42501", "53100", "55P03", "XX000"])
@pytest.mark.parametrize("is_back", [True, False])
def test_what_a_server_that_answers_does_not_store_is_kept_as_well(
    postgres: Server, tmp_path: Path, code: str, *, is_back: bool
) -> None:
    """Read-only, no permission, disk full, a lock that is not given back, anything."""
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own", patience=0)
    owner = psycopg.connect(place.url, autocommit=True)
    with owner, suppress(StorageError), open_memory(place, now=still) as memory:
        owner.execute(_REFUSE.format(code=code))
        memory.store("k1", ENTRY, Kind.TEXT)
        memory.store("k2", ENTRY, Kind.TEXT)
        assert memory.database.is_away, "so that what is in flight comes in before the server is asked"
        (path,) = unsent_in(tmp_path)
        if is_back:
            owner.execute("DROP TRIGGER refuse ON memory_state")
        else:
            told = f"was paid since is in {path}: your next run on .* memory import {path}"
            with pytest.raises(StorageError, match=told):
                memory.claims.claim(["k9"])
            owner.execute("DROP TRIGGER refuse ON memory_state")
    with open_memory(place, now=still) as memory:
        assert [one.key for one in memory.stored()] == ["k1", "k2"]
    assert unsent_in(tmp_path) == []


def test_what_a_person_has_written_is_stored_or_refused(postgres: Server, tmp_path: Path) -> None:
    """It is nothing that was paid: a file beside the server takes in machines' answers only."""
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own", patience=0)
    written = replace(ENTRY, source="乙", status=Status.EDITED)
    with psycopg.connect(place.url, autocommit=True) as owner, open_memory(place, now=still) as memory:
        owner.execute(_REFUSE.format(code="25006"))
        memory.store("k1", ENTRY, Kind.TEXT)
        with pytest.raises(StorageError, match="not now"):
            memory.store("k2", written, Kind.TEXT)
        owner.execute("DROP FUNCTION refuse CASCADE")
        memory.store("k2", written, Kind.TEXT)
    with open_memory(place, now=still) as memory:
        assert [(one.key, one.entry.status) for one in memory.stored()] == [
            ("k2", Status.EDITED),
            ("k1", Status.MACHINE),
        ]


@pytest.mark.parametrize(
    "mistake", ["DELETE FROM memory_state", "INSERT INTO memory_state TABLE memory_state"]
)
def test_what_is_paid_outlives_a_state_that_somebody_has_changed(
    postgres: Server, tmp_path: Path, mistake: str
) -> None:
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own", patience=0)
    with psycopg.connect(place.url, autocommit=True) as owner:
        (state,) = owner.execute("SELECT version, writes, id FROM memory_state").fetchall()

        def paid() -> None:
            with open_memory(place, now=still) as memory:
                owner.execute(mistake)
                memory.store("k1", ENTRY, Kind.TEXT)
                memory.stored()

        with pytest.raises(StorageError, match=r"rows instead of one: restore .* your next run on"):
            paid()
        with pytest.raises(StorageError, match=r"memory_state has . rows instead of one: restore"):
            open_memory(place, now=still)
        owner.execute("DELETE FROM memory_state")
        owner.execute("INSERT INTO memory_state VALUES (%s, %s, %s)", state)
    with open_memory(place, now=still) as memory:
        assert [one.key for one in memory.stored()] == ["k1"]


def test_a_server_that_has_no_space_for_a_while_is_waited_for(postgres: Server, tmp_path: Path) -> None:
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own")
    told: list[str] = []
    with psycopg.connect(place.url, autocommit=True) as owner:

        def on_wait(why: str, _seconds: float) -> None:
            told.append(why)
            owner.execute("DROP FUNCTION refuse CASCADE")

        with open_memory(place, now=still, on_wait=on_wait) as memory:
            owner.execute(_REFUSE.format(code="53100"))
            memory.store("k1", ENTRY, Kind.TEXT)
            (path,) = unsent_in(tmp_path)
            assert [one.key for one in memory.stored()] == ["k1"]
    does = "stores nothing; as soon as it does, the run goes on, and Ctrl-C ends it"
    assert told == [f"the memory {place} {does} (what has come since is in {path})"]
    assert unsent_in(tmp_path) == []


@pytest.mark.parametrize(("more", "expected"), [("", "30000"), ("&tcp_user_timeout=5", "5")])
def test_packets_that_are_dropped_are_noticed(more: str, expected: str) -> None:
    assert conninfo_to_dict(completed(ADDRESS + more))["tcp_user_timeout"] == expected


def test_what_was_learned_before_a_server_has_gone_is_not_forgotten(
    own_server: Server, tmp_path: Path
) -> None:
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    learned = {"format": "json_object", "without": "temperature"}
    with open_memory(place, now=still) as memory:
        memory.learn_capability("url", "model", {"without": "temperature"})
        own_server.stop()
        memory.learn_capability("url", "model", {"format": "json_object"})
        assert memory.capability("url", "model") == learned
        own_server.start()
    with open_memory(place, now=still) as memory:
        assert memory.capability("url", "model") == learned


def test_what_a_run_that_goes_on_has_kept_is_left_to_it(own_server: Server, tmp_path: Path) -> None:
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    with open_memory(place, now=still) as memory:
        own_server.stop()
        memory.store("k1", ENTRY, Kind.TEXT)
        own_server.start()
        with opened(place) as other:
            assert (other.stored(), other.notes, len(unsent_in(tmp_path))) == ([], (), 1)
        assert [one.key for one in memory.stored()] == ["k1"]


def test_what_people_have_said_meanwhile_counts(own_server: Server, tmp_path: Path) -> None:
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    approved = Entry("丙", "C", Status.APPROVED, "eve")
    with suppress(StorageError), open_memory(place, now=still) as memory:
        own_server.stop()
        memory.store("k1", ENTRY, Kind.TEXT)
        memory.store("k2", Entry("丙", "c", Status.MACHINE, "m"), Kind.TEXT)
    own_server.start()
    elsewhere = replace(place, unsent=tmp_path / "eves")
    with opened(elsewhere) as eve:
        eve.decisions.reject(ENTRY.source, "no", who="eve", target=ENTRY.target)
        eve.decisions.vouch(Vouched(approved, Kind.TEXT))
    with opened(place) as memory:
        assert memory.find("k1", ENTRY.source) is None
        found = memory.find("k2", "丙")
        assert found is not None
        assert (found.target, found.status) == ("C", Status.APPROVED)


# --------------------------------------------------------------------------- a server that is frozen


@needs_root
def test_a_session_that_is_frozen_counts_as_lost(own_server: Server, tmp_path: Path) -> None:
    place = own_server.place(tmp_path)
    with opened(replace(place, url=f"{place.url}&tcp_user_timeout=400")) as memory:
        memory.claims.claim(["k1"])
        with frozen(place):
            assert memory.stored() == []
            memory.store("k2", ENTRY, Kind.TEXT)
            assert [one.key for one in memory.stored()] == ["k2"]
        with opened(place) as other:
            assert other.claims.claim(["k1"]) == {"k1"}, "its session was told to end"


@needs_root
@pytest.mark.slow
def test_a_server_that_is_frozen_counts_as_away(own_server: Server, tmp_path: Path) -> None:
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    hasty = replace(place, url=f"{place.url}&tcp_user_timeout=400&connect_timeout=2")
    with opened(hasty) as memory:
        with frozen(place, postmaster=True):
            memory.store("k1", ENTRY, Kind.TEXT)
            (path,) = unsent_in(tmp_path)
            with pytest.raises(StorageError, match=f"was paid since is in {path}"):
                memory.stored()
        assert [one.key for one in memory.stored()] == ["k1"]
    assert unsent_in(tmp_path) == []


# --------------------------------------------------------------------------- nowhere to write


def test_what_cannot_be_kept_in_the_usual_folder_is_kept_elsewhere(
    own_server: Server, tmp_path: Path
) -> None:
    """And is told with the command that takes it in: the next run looks for it in the usual folder only."""
    (tmp_path / "own").touch()  # a folder that cannot be written to: root may write everywhere
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    told = (
        r"is in .*/\.weekly-translate/unsent-.*\.db: put it there with `(weekly-translate memory import .*)`"
    )
    with suppress(StorageError), open_memory(place, now=still) as memory:
        own_server.stop()
        memory.store("k1", ENTRY, Kind.TEXT)
        with pytest.raises(StorageError, match=told) as caught:
            memory.stored()
    found = re.search(told, str(caught.value))
    assert found is not None
    own_server.start()
    ended = run(tmp_path, *shlex.split(found[1])[1:])
    assert ended.code == 0, ended.err
    with open_memory(place, now=still) as memory:
        assert [one.key for one in memory.stored()] == ["k1"]


@pytest.mark.parametrize("what", ["server", "disk", "nothing"])
def test_where_no_file_can_be_written_answers_are_held_until_something_is_back(
    own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    blocked = [tmp_path / "own", tmp_path / ".weekly-translate"]
    for path in blocked:
        path.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    place = replace(own_server.place(tmp_path), unsent=tmp_path / "own", patience=0)
    told: list[str] = []
    back: list[Thread] = []

    def on_wait(reason: str, _seconds: float) -> None:
        told.append(reason)
        if what == "server":
            back.append(Thread(target=own_server.start))
            back[-1].start()
        elif what == "disk":
            blocked[0].unlink()
        else:
            raise KeyboardInterrupt

    with suppress(StorageError, KeyboardInterrupt), ExitStack() as ended:
        memory = ended.enter_context(open_memory(place, now=still, on_wait=on_wait))
        own_server.stop()
        for number in range(3):
            memory.store(f"k{number}", replace(ENTRY, source=f"甲{'乙' * number}"), Kind.TEXT)
        if what == "nothing":
            with pytest.raises(KeyboardInterrupt):
                memory.stored()
            with pytest.raises(StoppedError, match="was paid since could be written nowhere"):
                ended.close()
        elif what == "server":
            assert len(memory.stored()) == 3
        else:
            with pytest.raises(StorageError, match=r"is in .*own/unsent"):
                memory.stored()
    assert "does not answer; as soon as it does, the run goes on" in told[0]
    assert "; what has come since is in this" in told[0]
    for one in back:
        one.join()
    if what == "disk":
        own_server.start()
        with open_memory(place, now=still) as memory:
            assert len(memory.stored()) == 3
    assert unsent_in(tmp_path) == []


# --------------------------------------------------------------------------- one memory, several addresses


def test_what_was_kept_is_found_under_every_spelling_of_the_address(postgres: Server, tmp_path: Path) -> None:
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own")
    (path,) = _left_by_a_run(place)
    other = replace(place, url=f"{place.url}&port=5432&sslmode=prefer&application_name=another")
    with open_memory(other, now=still) as memory:
        assert {one.key for one in memory.stored()} == {"k1", "k2"}
    assert not path.exists()


def test_what_version_02_has_kept_is_found(postgres: Server, tmp_path: Path) -> None:
    """Its files are named by what the address says."""
    place = replace(postgres.place(tmp_path), unsent=tmp_path / "own")
    (path,) = _left_by_a_run(place)
    said = conninfo_to_dict(place.url)
    which = repr([said.get(name) for name in ("host", "hostaddr", "port", "dbname", "service", "options")])
    path.rename(path.with_name(f"unsent-{blake2b(which.encode(), digest_size=4).hexdigest()}-0a1b2c3d.db"))
    with open_memory(place, now=still) as memory:
        assert {one.key for one in memory.stored()} == {"k1", "k2"}
    assert unsent_in(tmp_path) == []


def test_a_memory_of_version_02_gets_an_id(server: MemoryServer) -> None:
    opened(server).close()
    with psycopg.connect(server.url) as owner:
        owner.execute("ALTER TABLE memory_state DROP COLUMN id; UPDATE memory_state SET version = 2")
    opened(server).close()
    with psycopg.connect(server.url) as owner:
        ((id_,),) = owner.execute("SELECT id FROM memory_state").fetchall()
    assert re.fullmatch("[0-9a-f]{32}", id_)


# --------------------------------------------------------------------------- there and back


def test_a_memory_moves_to_a_server_and_back(server: MemoryServer, tmp_path: Path) -> None:
    """All of it, with the history of its decisions; the files that were written are still known."""
    project = shutil.copytree(MADE, tmp_path / "project")
    first, last = project / FILE, tmp_path / "elsewhere/memory.db"
    shared = MemoryServer(server.url, project)
    with opened(first) as memory:
        memory.reject(memory.stored()[0].entry.source, "too stiff", who="ada")
        memory.decisions.undo(memory.stored()[0].entry.source, who="ada")
        with opened(shared) as middle, opened(last) as end:
            copy(memory.database, middle.database)
            copy(middle.database, end.database)
            outputs = [row["name"] for row in middle.database.rows("SELECT name FROM outputs ORDER BY name")]
            assert outputs[0].startswith("en/")
            for table in TABLES:
                columns = "count(*)" if table in ("outputs", "batch_requests") else "*"
                query = f"SELECT {columns} FROM {table}"  # noqa: S608 - our names
                assert sorted(map(tuple, memory.database.rows(query))) == sorted(
                    map(tuple, end.database.rows(query))
                )
            middle.decisions.reject(middle.stored()[0].entry.source, "too loud", who="eve")
    ended = run(project, "memory", "copy", first, server.url)
    assert (ended.code, "is copied into an empty one" in ended.err) == (ExitCode.USAGE, True)


def test_a_project_whose_memory_has_moved_asks_nothing(server: MemoryServer, tmp_path: Path) -> None:
    project = shutil.copytree(MADE, tmp_path / "project")
    copied = run(project, "memory", "copy", FILE, server.url)
    assert copied.code == 0, copied.err
    (project / FILE).unlink()
    ended = run(
        project, "season", "zh", "-o", "en", "--memory", server.url, OPENAI_BASE_URL="http://127.0.0.1:1/v1"
    )
    assert (ended.code, "3 up to date" in ended.err) == (0, True), ended.err


# --------------------------------------------------------------------------- reading ahead


def segment(text: str, link: str = "") -> Segment:
    return Segment("s1", Kind.TITLE if link else Kind.TEXT, Span(0, len(text)), 1, text, link=link)


LINK = "https://example.org/1"
SEGMENTS = [segment("共 3 期"), segment("示例", LINK), segment("乙")]


def all_about(memory: TranslationMemory) -> list[object]:
    return [
        [
            memory.find(f"k {one.text}", one.text),
            memory.titles_at(LINK),
            memory.like_but_for_numbers(one.text),
            memory.rejections(one.text),
            memory.failed_answers(f"k {one.text}", one.text),
            memory.failure(f"k {one.text}", one.text),
            memory.settlements.of(one.text, "t"),
            memory.proofreadings.of(one.text, "t"),
            memory.proofreadings.doubts_about(one.text),
        ]
        for one in SEGMENTS
    ]


def written(memory: TranslationMemory, *, first: bool = True) -> None:
    """Something of each kind, old and new; `first` what a person says."""
    if first:
        memory.reject("乙", "too stiff")
    memory.learn_capability("e", "m", {"format": "tagged"})
    for one in SEGMENTS:
        memory.store(f"k {one.text}", Entry(one.text, "t", Status.MACHINE, "m", link=one.link), one.kind)
        memory.store_failed_answer(f"k {one.text}", one.text, "t", findings=[], origin="m")
        memory.settlements.stand_by(one.text, "t", ["number.lost"])
        said = Proofreading((MeaningError("期", "t", ErrorCategory.OMISSION, ErrorSeverity.MINOR, ""),))
        memory.proofreadings.store({f"p {one.text}": (Pair(one, "t"), said)}, "reader")
        memory.proofreadings.doubt(one.text, [SourceDoubt("期", "why")], "m")
    memory.store("k 共 4 期", Entry("共 4 期", "4 issues", Status.MACHINE, "m"), Kind.TEXT)
    memory.settlements.accept("乙", "t", who="ada", reason="right")
    memory.proofreadings.prefer({"q": "t"}, "judge")


def statements(postgres: Server) -> int:
    """How many the server has heard of so far."""
    return sum(
        "LOG:  statement: " in line or "LOG:  execute " in line
        for line in postgres.log.read_text().splitlines()
    )


@pytest.fixture
def logged(postgres: Server) -> Iterator[Server]:
    postgres.psql("ALTER SYSTEM SET log_statement = 'all'")
    postgres.psql("SELECT pg_reload_conf(), pg_sleep(0.2)")
    yield postgres
    postgres.psql("ALTER SYSTEM RESET log_statement")
    postgres.psql("SELECT pg_reload_conf()")


@pytest.mark.parametrize("first", [True, False])
def test_what_was_read_ahead_is_what_the_server_would_say(
    logged: Server, server: MemoryServer, *, first: bool
) -> None:
    """Before it was written here, and after."""
    with opened(server) as memory, opened(server) as other:
        if first:
            memory.read_ahead(SEGMENTS)
        written(memory)
        expected = all_about(other)
        memory.read_ahead(SEGMENTS)
        before = statements(logged)
        assert all_about(memory) == expected
        assert statements(logged) == before


@pytest.mark.slow
def test_a_season_looks_its_texts_up_in_few_requests(
    logged: Server, server: MemoryServer, tmp_path: Path
) -> None:
    """What is claimed, what others have written, and files are asked about beside this."""
    written_season(tmp_path)
    before = len(logged.log.read_text().splitlines())
    with MisbehavingServer() as model:
        ended = run(tmp_path, *season_arguments(server, model))
    assert ended.code == 0, ended.err
    lines = logged.log.read_text().splitlines()[before:]
    texts = r"SELECT .* FROM (entries|attempts|dismissals|doubts|proofreadings|rejections|settlements) WHERE"
    asked = [line for line in lines if re.search(texts, line)]
    assert len(model.asked) == 600
    assert len(asked) <= len(model.asked) / 50, asked


def test_what_another_run_has_answered_is_known_as_soon_as_something_is_claimed(server: MemoryServer) -> None:
    with opened(server) as ada, opened(server) as eve:
        ada.read_ahead(SEGMENTS)
        assert eve.claims.claim(["k 乙"]) == {"k 乙"}
        eve.store("k 乙", Entry("乙", "B", Status.MACHINE, "m"), Kind.TEXT)
        eve.settlements.stand_by("乙", "B", ["number.lost"])
        eve.claims.release(["k 乙"])
        assert ada.claims.claim(["k 乙"]) == {"k 乙"}
        found = ada.find("k 乙", "乙")
        assert found is not None
        assert (found.target, ada.settlements.of("乙", "B")) == ("B", Settlement(frozenset({"number.lost"})))


def test_a_clone_that_is_behind_is_not_taken_for_edited(server: MemoryServer, tmp_path: Path) -> None:
    """Another one of the team has written the file anew, from a newer source."""
    out = tmp_path / "en.md"
    with opened(server) as memory:
        for text in (b"one\n", b"two\n", b"two\n"):
            memory.outputs.begin(out, text)
            memory.outputs.finish(out, text, source="s", made="m")
        known = memory.outputs.of(out)
    assert known is not None
    assert (known.written, known.past) == (digest(b"two\n"), frozenset({digest(b"one\n")}))
