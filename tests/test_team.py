"""What docs/team.md has its reader do: two folders and one database, from nothing."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from program import run

if TYPE_CHECKING:
    from postgres import Server
    from server import MisbehavingServer

PAGE = (Path(__file__).parents[1] / "docs/team.md").read_text(encoding="utf-8")
MADE = Path(__file__).parent / "cases" / "v01"
"""A season that is translated, and its memory, which the page takes to be where it usually is."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def typed(folder: Path, block: str, postgres: Server, model: MisbehavingServer) -> list[str]:
    """What the commands of a block say, with the server of the tests for the one of the page."""
    said, variables = [], {"OPENAI_BASE_URL": model.url}
    for line in block.splitlines():
        command = line.removeprefix("$ ").replace('"$WEEKLY_TRANSLATE_MEMORY"', "$MEMORY")
        words = shlex.split(command)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            user = re.match(r"postgresql://\w+@", value)
            assert user is not None
            variables[name] = f"{user[0]}/weekly?host={quote(str(postgres.folder))}"
            continue
        given = [variables["WEEKLY_TRANSLATE_MEMORY"] if word == "$MEMORY" else word for word in words[1:]]
        ended = run(folder, *given, **variables)
        assert ended.code == 0, ended.err
        said.append(ended.err)
    return said


def test_a_team_of_two_shares_one_memory(tmp_path: Path, postgres: Server, server: MisbehavingServer) -> None:
    install, ada, eve = blocks("console")
    (sql,) = blocks("sql")
    for statement in sql.splitlines():
        postgres.psql(statement)
    assert "weekly-translate[postgres]" in install
    hers, other = tmp_path / "ada", tmp_path / "eve"
    for folder in (hers, other):
        shutil.copytree(MADE, folder)
        (folder / "weekly-translate.toml").write_text('model = "fake-70b"\n', encoding="utf-8")
    shutil.rmtree(other / "en")
    assert run(hers, "memory", "copy", "memory.db", ".weekly-translate/memory.db").code == 0

    copied, _ = typed(hers, ada, postgres, server)
    (said,) = typed(other, eve, postgres, server)

    assert "rows copied from .weekly-translate/memory.db" in copied
    assert server.asked == []
    assert "3 written" in said
    for path in (MADE / "en").iterdir():
        assert (other / "en" / path.name).read_bytes() == path.read_bytes()
    (again,) = typed(other, eve, postgres, server)
    assert "3 up to date" in again
