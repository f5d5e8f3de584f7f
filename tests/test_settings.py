"""Where a setting comes from, and who may not say it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from program import KEY
from weekly_translate.errors import FaultsError, UsageError
from weekly_translate.llm.providers import OPENAI
from weekly_translate.settings import (
    MODEL,
    PROJECT_FILE,
    SettingsOptions,
    project_settings,
    settings_from,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weekly_translate.settings import Settings

SERVER = "http://127.0.0.1:8000/v1"


def settings(
    folder: Path,
    *,
    own: str = "",
    project: str = "",
    variables: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - `SettingsOptions` knows their types
) -> Settings:
    """`own` and `project` are what the two TOML files say; a file that says nothing is not there."""
    for path, toml in (
        (folder / "home/weekly-translate/config.toml", own),
        (folder / "project" / PROJECT_FILE, project),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        if toml:
            path.write_text(toml, "utf-8")
    environment = {"XDG_CONFIG_HOME": str(folder / "home"), "HOME": str(folder), **(variables or {})}
    return settings_from(SettingsOptions(project=folder / "project", **options), environment)


RISING: list[dict[str, Any]] = [
    {},
    {"own": "model = 'from the own config'"},
    {"project": "model = 'from the project'"},
    {"variables": {"WEEKLY_TRANSLATE_MODEL": "from the environment"}},
    {"model": "from an option"},
]


@pytest.mark.parametrize("last", range(len(RISING)))
def test_what_is_nearer_to_the_person_counts(tmp_path: Path, last: int) -> None:
    said = {key: value for place in RISING[: last + 1] for key, value in place.items()}
    expected = [
        "gpt-5-mini",
        "from the own config",
        "from the project",
        "from the environment",
        "from an option",
    ]
    assert settings(tmp_path, **said).model == expected[last]


def test_a_home_that_the_environment_does_not_name_is_asked_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    settings = settings_from(SettingsOptions(project=tmp_path), {})
    assert settings.cache == tmp_path / ".cache/weekly-translate"


def test_an_option_that_is_not_given_says_nothing(tmp_path: Path) -> None:
    made = settings(tmp_path, project="jobs = 3\nbudget = 0.5", jobs=None, budget=None, model=None)
    assert (made.jobs, made.budget, made.model) == (3, Decimal("0.5"), MODEL)


@pytest.mark.parametrize(
    "place",
    [
        {"own": f"base_url = '{SERVER}'"},
        {"variables": {"OPENAI_BASE_URL": SERVER}},
        {"base_url": SERVER},
        {"own": "base_url = 'http://127.0.0.1:1/v1'", "variables": {"OPENAI_BASE_URL": SERVER}},
    ],
)
def test_an_endpoint_comes_from_the_person(tmp_path: Path, place: dict[str, Any]) -> None:
    made = settings(tmp_path, **place)
    assert (made.base_url, made.engine) == (SERVER, "openai")


@pytest.mark.parametrize("more", [{}, {"base_url": SERVER}, {"variables": {"OPENAI_BASE_URL": SERVER}}])
def test_an_endpoint_never_comes_from_a_file_that_was_found(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"{PROJECT_FILE} sets base_url: a project file may not choose"):
        settings(tmp_path, project="base_url = 'https://example.org/v1'", **more)


ENGINES = [
    ({}, "openai"),
    ({"variables": {"OPENAI_API_KEY": KEY}}, "openai"),
    ({"variables": {"OPENAI_API_KEY": " "}}, "openai"),
    ({"base_url": SERVER}, "openai"),
    ({"base_url": OPENAI}, "openai"),
    ({"variables": {"OPENAI_API_KEY": KEY}, "engine": "draft"}, "draft"),
    ({"variables": {"OPENAI_API_KEY": KEY}, "project": "engine = 'draft'"}, "draft"),
]


@pytest.mark.parametrize(("said", "engine"), ENGINES)
def test_a_draft_has_to_be_asked_for_by_name(tmp_path: Path, said: dict[str, Any], engine: str) -> None:
    assert settings(tmp_path, **said).engine == engine


def test_paths_in_a_file_begin_at_its_folder_and_those_of_options_here(tmp_path: Path) -> None:
    toml = "glossary = 'terms.yaml'\nmemory = 'kept/shared.db'"
    made = settings(tmp_path, project=toml)
    assert made.glossary == tmp_path / "project/terms.yaml"
    assert made.memory == tmp_path / "project/kept/shared.db"
    assert settings(tmp_path, project=toml, memory=Path("here.db")).memory == Path("here.db")
    assert settings(tmp_path / "new").memory == tmp_path / "new/project/.weekly-translate/memory.db"


@pytest.mark.parametrize(
    "place", ["../shared.db", "/elsewhere/memory.db", "link/memory.db", "kept/../../x.db"]
)
def test_a_file_that_was_found_does_not_put_the_memory_elsewhere(tmp_path: Path, place: str) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/link").symlink_to(tmp_path)
    toml = f"jobs = 3\nmemory = '{place}'"
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, project=toml)
    assert f"{PROJECT_FILE}:2: memory is '{place}', which is outside the project" in str(caught.value)
    assert settings(tmp_path / "own", own=toml).memory == tmp_path / "own/home/weekly-translate" / place


def test_the_key_is_in_no_repr(tmp_path: Path) -> None:
    made = settings(tmp_path, variables={"OPENAI_API_KEY": f" {KEY}\n"})
    assert made.key == KEY
    assert KEY not in repr(made)


REFUSED = {
    "model = 3": r"weekly-translate\.toml:1: 'model' is 3, but must be a text",
    'memory = "a\\u0000b"': "there is a NUL character",
    "jobs = true": "must be a whole number",
    "jobs = 2.5": "must be a whole number",
    "jobs = 0": "'jobs' is 0, but must be at least 1",
    "budget = 'much'": "must be a number",
    "budget = inf": "'budget' is infinity, but must be a number that is not infinite",
    "budget = -0.01": "'budget' is -0.01, but must be at least 0",
    "prices = 3": "'prices' is 3, but must be a mapping",
    "allowed_chinese = '微信'": "must be a list",
    "allowed_chinese = [1]": "an item of 'allowed_chinese' is 1, but must be a text",
    "api_key = 'x'": "there is no key 'api_key'",
    "engine = 'magic'": "The engine 'magic' does not exist",
    "= 3": "cannot be read: Invalid",
}


@pytest.mark.parametrize(("toml", "message"), REFUSED.items())
def test_a_setting_that_cannot_be_used_is_told(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        settings(tmp_path, project=toml)


def test_everything_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    toml = """\
# Ours.
modle = "x"
jobs = 0

[prices."gpt-5-mini"]
input = 0.25
outptu = 2.0
"""
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, project=toml)
    name = tmp_path / "project" / PROJECT_FILE
    assert str(caught.value).splitlines() == [
        f"{name}:2: there is no key 'modle'. Did you mean model?",
        f"{name}:3: 'jobs' is 0, but must be at least 1.",
        f"{name}:5: there is no 'output'. Write `output = …`.",
        f"{name}:7: there is no key 'outptu'. Did you mean output?",
    ]


def test_an_option_is_told_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--jobs: 'jobs' is 0, but must be at least 1"):
        settings(tmp_path, project="jobs = 3", jobs=0)


@pytest.mark.parametrize(
    ("toml", "budget"), [("budget = 2", Decimal(2)), ("budget = 0", Decimal(0)), ("", None)]
)
def test_a_budget_is_exact(tmp_path: Path, toml: str, budget: Decimal | None) -> None:
    assert settings(tmp_path, project=toml).budget == budget


@pytest.mark.parametrize(
    "said",
    ["https://a.example/v1", "https://a.example/v1/", " https://a.example/v1/chat/completions\n"],
)
def test_an_endpoint_may_be_named_as_people_copy_it(tmp_path: Path, said: str) -> None:
    settings = settings_from(SettingsOptions(project=tmp_path, base_url=said), {"HOME": str(tmp_path)})
    assert settings.base_url == "https://a.example/v1"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WEEKLY_TRANSLATE_MEMORY", "mysql://h/x", "'mysql://h/x' is no memory that the program can use"),
        ("WEEKLY_TRANSLATE_MEMORY", "mysql://me:secret@h/x", "what is named here is no memory that"),
        ("WEEKLY_TRANSLATE_REQUEST", "[1]", "'request' is [1], but must be a mapping"),
        ("WEEKLY_TRANSLATE_REQUEST", '{"model": "x"}', "the program fills in model itself"),
        ("WEEKLY_TRANSLATE_REQUEST", '{"o": {"top_p": NaN}}', "a request is JSON, which has neither nan nor"),
        ("WEEKLY_TRANSLATE_REQUEST", '{"top_p": 1e999}', "a request is JSON, which has neither nan nor"),
        ("WEEKLY_TRANSLATE_MODEL", "a\0b", "there is a NUL character"),
        ("OPENAI_BASE_URL", "http://h/\0", "there is a NUL character"),
    ],
)
def test_what_is_wrong_in_the_environment_names_the_variable(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    with pytest.raises(FaultsError, match=re.escape(f"{variable}: {said}")):
        project_settings(SettingsOptions(project=tmp_path), {"HOME": str(tmp_path), variable: value})


@pytest.mark.parametrize(("name", "value"), [("jobs", 0), ("budget", -1.0), ("base_url", "\0")])
def test_what_is_wrong_in_an_option_names_the_option(tmp_path: Path, name: str, value: object) -> None:
    options = replace(SettingsOptions(project=tmp_path), **{name: value})  # type: ignore[arg-type]  # any of them
    with pytest.raises(FaultsError, match=f"^--{name.replace('_', '-')}: "):
        project_settings(options, {"HOME": str(tmp_path)})


def test_a_variable_of_blanks_says_nothing(tmp_path: Path) -> None:
    said = {"WEEKLY_TRANSLATE_MODEL": " ", "WEEKLY_TRANSLATE_MEMORY": "", "WEEKLY_TRANSLATE_REQUEST": " "}
    folder = {"HOME": str(tmp_path)}
    options = SettingsOptions(project=tmp_path)
    assert project_settings(options, folder | said) == project_settings(options, folder)
