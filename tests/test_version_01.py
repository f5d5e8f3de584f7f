"""A project that version 0.1 has translated stays what it is: nothing is asked again, no byte changes.

`cases/v01` was made by version 0.1.0: two samples were learned, one as approved and one as edited, and the
third was translated by the server of the tests. The project has its own prompts, glossary and editions, so
that new ones of the program change nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from program import Ended, run

if TYPE_CHECKING:
    from server import MisbehavingServer

MADE = Path(__file__).parent / "cases" / "v01"
NAMES = sorted(path.name for path in (MADE / "zh").iterdir())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(MADE, tmp_path / "project")


def told(project: Path, server: MisbehavingServer, *arguments: str) -> Ended:
    return run(project, *arguments, "--base-url", server.url)


def test_a_season_of_version_01_is_up_to_date(project: Path, server: MisbehavingServer) -> None:
    ended = told(project, server, "season", "zh", "-o", "en")

    assert (ended.code, server.asked) == (0, [])
    assert "3 up to date" in ended.err
    assert {path.name: path.read_bytes() for path in (project / "en").iterdir()} == {
        name: (MADE / "en" / name).read_bytes() for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_issue_is_the_same_bytes_without_a_request(
    project: Path, server: MisbehavingServer, name: str
) -> None:
    ended = told(project, server, f"zh/{name}", "-o", "again.md")

    assert (ended.code, server.asked) == (0, []), ended.err
    assert (project / "again.md").read_bytes() == (MADE / "en" / name).read_bytes()


def test_a_season_that_is_written_anew_asks_nothing(project: Path, server: MisbehavingServer) -> None:
    shutil.rmtree(project / "en")
    ended = told(project, server, "season", "zh", "-o", "en")

    assert (ended.code, server.asked) == (0, []), ended.err
    assert all((project / "en" / name).read_bytes() == (MADE / "en" / name).read_bytes() for name in NAMES)


def test_the_memory_passes_the_checks(project: Path) -> None:
    ended = run(project, "memory", "verify")

    assert ended.code == 0, ended.err
    assert "147 entries, 0 with errors" in ended.err
