"""`weekly-translate schema`: an editor that takes a data file for right or wrong agrees with the program."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import fastjsonschema
import pytest

from documents import ROOT
from program import run
from weekly_translate.cli.schema import FILES, schema_of
from weekly_translate.data_files import toml_in, validated, yaml_in
from weekly_translate.edition.schema import parse_edition
from weekly_translate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weekly_translate.data_files import DataText

EDITION = "items: '{number}. '\nstars: '({count} stars)'\nnotes: {英: EN}\n"
IGNORE = "- {check: num.value, reason: r, "
REFUSED = [
    ("edition", EDITION + "itmes: 1"),
    ("edition", "items: '{number}. '\n"),
    ("edition", EDITION + "front_matter: maybe"),
    ("edition", EDITION + "dropped: [{name: a, txet: x}]"),
    ("edition", EDITION + "replaced: [{name: a, text: x}]"),
    ("edition", EDITION + "phrases: [a]"),
    ("glossary", "a: b"),
    ("glossary", "- {source: a, target: b, avoids: [c]}"),
    ("glossary", "- {source: a, target: b, kind: word}"),
    ("glossary", "- {source: a, target: true}"),
    ("glossary", "- {target: a}"),
    ("glossary", "- extends: other"),
    ("allow", "drop: []"),
    ("allow", "dropped: [{section: x}]"),
    ("allow", "dropped: [{text: x, heading: y}]"),
    ("allow", "urls: [{prefix: x}]"),
    ("allow", "urls: [{prefix: x, pattern: y, with: z}]"),
    ("allow", "notes: maybe"),
    ("ignores", IGNORE + "lines: 7}"),
    ("ignores", IGNORE + "line: 0}"),
    ("ignores", IGNORE + "line: 7, text: x}"),
    ("ignores", "- {check: num.value, line: 7}"),
    ("settings", "modle = 'x'"),
    ("settings", "jobs = 0"),
    ("settings", "budget = -1"),
    ("settings", "allowed_chinese = [1]"),
    ("settings", "prices.m.input = 1"),
]


@cache
def _judge_of(name: str) -> Callable[[object], object]:
    judge: Callable[[object], object] = fastjsonschema.compile(schema_of(FILES[name]))
    return judge


def text_of(name: str, text: str) -> DataText:
    return (toml_in if name == "settings" else yaml_in)(text, name)


def judge(name: str) -> Callable[[object], object]:
    """What an editor makes of the schema; a date, for which JSON has no type, is a text."""
    judged = _judge_of(name)
    return lambda data: judged(json.loads(json.dumps(data, default=str)))


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_printed(name: str, tmp_path: Path) -> None:
    ended = run(tmp_path, "schema", name)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == schema_of(FILES[name])


def test_another_name_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    ended = run(tmp_path, "schema", "editions")
    assert (ended.code, ended.out) == (ExitCode.USAGE, b"")
    assert "There is no schema 'editions'. Did you mean edition?" in ended.err


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("allow", ROOT / "tests/cases/published/allow.yaml"),
        *(("edition", path) for path in sorted(ROOT.glob("**/editions/*.yaml"))),
        *(("glossary", ROOT / path) for path in ("glossary.yaml", "starter/glossary.yaml")),
        ("settings", ROOT / "starter/weekly-translate.toml"),
    ],
)
def test_the_files_of_the_program_fit_their_schemas(name: str, path: Path) -> None:
    judge(name)(text_of(name, path.read_text("utf-8")).data)


def test_every_key_is_described() -> None:
    models = [model for name in FILES for model in _models(name)]
    keys = [(one["title"], key, said) for one in models for key, said in one.get("properties", {}).items()]
    assert len(keys) > 50
    assert [key for *key, said in keys if not said.get("description")] == []


def _models(name: str) -> list[dict[str, Any]]:
    schema: dict[str, Any] = schema_of(FILES[name])
    return [schema, *schema.get("$defs", {}).values()]


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_what_the_program_refuses_the_schema_refuses(name: str, text: str) -> None:
    data = text_of(name, text)
    with pytest.raises(UsageError):
        parse_edition(data) if name == "edition" else validated(FILES[name], data)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        judge(name)(data.data)
