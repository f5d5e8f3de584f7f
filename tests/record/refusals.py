"""What the program refuses, and what it says then."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from .documents import PRICES, SEASON, SMALL
from .scenes import FAKE, Do, Place, put, replaced, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scenes import Scene

_BAD_GLOSSARY = """\
- {source: 协程, target: coroutine, colour: red}
- {target: nothing}
- {source: 线程}
- source: 进程
  target: [process]
- {source: 锁, target: lock, kind: nonsense}
- text
"""
_BAD_EDITION = """\
items: 1
notes: [英]
itmes: 1
title: Weekly
front_matter: maybe
dropped:
  - {name: a, text: '['}
header: none.md
"""
_BAD_ALLOW = "droped: []\ninserted:\n  - {text: '['}\n  - {lines: 9-3}\nnotes: maybe\n"
_BAD_IGNORES = "- {check: num.nonsense, reason: x}\n- {check: num.value}\n- {reason: x}\n"
_BAD_SETTINGS = (
    "jobs = 'many'\n",
    "moddel = 'x'\n",
    "base_url = 'https://evil.example'\n",
    "jobs = \n",
    "jobs = 0\n",
)
_DRAFT = "zh.md -o en.md --engine draft"


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield scene("refused/options", {**SMALL, "folder/a.md": "# 周刊\n"}, *_options())
    yield from _data_files()
    yield from _memories()
    yield scene(
        "refused/sources",
        {**SMALL, **_sources()},
        *(f"{name} -o {name}.en --engine draft" for name in _sources()),
    )
    yield scene(
        "refused/seasons",
        SEASON,
        "season",
        "season nowhere -o en --engine draft",
        "season 'zh/*.txt' -o en --engine draft",
        "season zh --engine draft",
        "season zh -o zh --engine draft",
        "season zh -o zh/2026-01-15.md --engine draft",
        "season zh -o en --from tomorrow --engine draft",
        "season zh -o en --from 2026-05 --to 2026-01 --engine draft",
        "season zh -o en --keep-edits --replace-edits --engine draft",
        "season zh -o en --log-texts --engine draft",
        "season zh -o en --batch --engine draft",
        "season zh -o en --log nowhere/s.log --engine draft",
    )


def _options() -> tuple[str, ...]:
    return (
        "missing.md",
        "zh.md -o en.md",
        "zh.md -o zh.md --engine draft",
        "zh.md -o ./zh.md --engine draft",
        "zh.md -o folder --engine draft",
        "zh.md -o nowhere/en.md --engine draft",
        "folder -o en.md --engine draft",
        "zh.md --engine nonsense",
        "zh.md --jobs 0 --engine draft",
        "zh.md --jobs many --engine draft",
        "zh.md --budget -1 --engine draft",
        "zh.md --budget nan --engine draft",
        f"zh.md --budget 1 {FAKE}",
        "zh.md --base-url nonsense",
        "zh.md --base-url https://user:secret@example.org/v1",
        "zh.md --base-url http://127.0.0.1:9/v1 --model ''",
        "zh.md --edition nonsense --engine draft",
        "zh.md --edition ful --engine draft",
        "zh.md --glossary missing.yaml --engine draft",
        "zh.md --project missing --engine draft",
        "zh.md --encoding nonsense --engine draft",
        "zh.md --format xml --dry-run --engine draft",
        "zh.md --format json --engine draft",
        "zh.md --dry-run --plan --engine draft",
        "zh.md --report nowhere/r.json --engine draft",
        "zh.md --report zh.md --engine draft",
        "zh.md -o en.md --report en.md --engine draft",
        "zh.md --nonsense",
        "zh.md other.md",
        "zh.md --outptu en.md",
        "trnslate zh.md",
        "memory",
        "memory nonsense",
        "memory import",
        "memory reject x",
        "memory import missing.tmx --memory m.db",
        "memory import zh.md --memory m.db",
        "check zh.md",
        "check zh.md missing.md",
        "check missing.md zh.md",
        "check zh.md zh.md",
        "check zh.md zh.md zh.md",
        "check zh.md zh.md --format xml",
        "check --pair nonsense",
        "check --pair 'zh/{name}.md=en/{nam}.md'",
        "check --pair 'nowhere/{name}.md=en/{name}.md'",
        "check zh.md zh.md --allow missing.yaml",
        "check zh.md zh.md --ignores missing.yaml",
        "check zh.md zh.md --ignore nonsense",
        "check zh.md zh.md --fix",
        "batch",
        "batch export requests.jsonl nowhere",
        "glossary add",
        "edition",
        "init zh.md",
        "review zh.md",
        "review --status nowhere",
        "selftest zh.md zh.md --allow missing.yaml",
    )


def _sources() -> dict[str, bytes | str]:
    return {
        "empty.md": "",
        "english.md": "# Weekly\n\nNothing to do.\n",
        "latin.md": "# Wöchentlich\n".encode("latin-1"),
        "nul.md": "# 周刊\0\n",
        "deep.md": ">" * 150 + " 中文\n",
        "long.md": "中" * 400_000 + "\n",
        "stars.md": "*中" * 4_000 + "\n",
        "front.md": "---\ntitle: '周刊\n---\n\n# 周刊\n",
        "chinese-yaml.md": "---\ntitle: {a: [\n---\n\n中文\n",
    }


def _data_files() -> Iterator[Scene]:
    yield scene(
        "refused/data",
        SMALL,
        put("bad.yaml", _BAD_GLOSSARY),
        f"{_DRAFT} --glossary bad.yaml",
        "glossary lint --glossary bad.yaml",
        "glossary add 协程 coroutine --glossary bad.yaml",
        put("bad.yaml", "- {source: 协程\n"),
        f"{_DRAFT} --glossary bad.yaml",
        put("bad.yaml", "source: 协程\n"),
        f"{_DRAFT} --glossary bad.yaml",
        put("bad.yaml", "- {source: 协程, target: x}\n".encode("utf-16")),
        f"{_DRAFT} --glossary bad.yaml",
        put("bad.yaml", "- &a [*a]\n"),
        f"{_DRAFT} --glossary bad.yaml",
        put("editions/mine.yaml", _BAD_EDITION),
        f"{_DRAFT} --edition mine",
        _DRAFT,
        "edition check",
        "edition check mine",
        "season . -o en --edition mine --engine draft",
        put("editions/mine.yaml", "a: [\n"),
        f"{_DRAFT} --edition mine",
        put("allow.yaml", _BAD_ALLOW),
        "check zh.md terms.yaml --allow allow.yaml",
        put("ignores.yaml", _BAD_IGNORES),
        "check zh.md terms.yaml --edition none --ignores ignores.yaml",
        "check zh.md terms.yaml --ignores ignores.yaml",
        put("prompts/system.md", "Translate $nonsense $terms."),
        f"zh.md -o en.md {FAKE} --edition none",
    )
    steps = [step for text in _BAD_SETTINGS for step in (put("weekly-translate.toml", text), _DRAFT)]
    yield scene(
        "refused/settings",
        SMALL,
        *steps,
        put("weekly-translate.toml", b"jobs = '\xff'\n"),
        _DRAFT,
        put("weekly-translate.toml", '[prices."fake-70b"]\ninput = "cheap"\n'),
        f"zh.md --plan {FAKE}",
        put("weekly-translate.toml", PRICES),
        replaced("weekly-translate.toml", "output = 2.0\n", "outptu = 2.0\n"),
        f"zh.md --plan {FAKE}",
        f"zh.md --budget 1 {FAKE} -o en.md",
    )


def _locked(place: Place) -> None:
    """Another program writes a memory, and takes its time: as long as its process lives."""
    path = place.folder / "m.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 999")


def _cut(place: Place) -> None:
    path = place.folder / "m.db"
    path.write_bytes(path.read_bytes()[:5000])


def _memories() -> Iterator[Scene]:
    draft = f"{_DRAFT} --memory m.db"
    yield scene(
        "refused/memories",
        {**SMALL, "text.db": "no database\n", "folder/a.txt": ""},
        f"{_DRAFT} --memory text.db",
        f"{_DRAFT} --memory folder",
        f"{_DRAFT} --memory zh.md",
        "memory stats --memory text.db",
        draft,
        Do("the memory comes from a later version", _locked),
        draft,
        "memory stats --memory m.db",
        Do("half of the memory is lost", _cut),
        draft,
        "memory verify --memory m.db",
        "memory export m.jsonl --memory m.db",
    )
