"""A project folder may be anybody's: its data files are files, and not too large."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from weekly_translate.data_files import data_file, read_data, toml_in, yaml_in
from weekly_translate.errors import UsageError
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from collections.abc import Callable


ROOT = Path(__file__).parents[1]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


ODD: list[Callable[[Path], None]] = [fifo, endless, Path.mkdir]


@pytest.mark.parametrize("make", ODD)
def test_what_is_no_file_is_refused_and_not_read(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "glossary.yaml")
    with pytest.raises(UsageError, match="is no file"):
        read_data(data_file("glossary.yaml", tmp_path))


@pytest.mark.parametrize("make", ODD)
def test_settings_that_are_no_file_are_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "weekly-translate.toml")
    with pytest.raises(UsageError, match="is no file"):
        settings_from(SettingsOptions(project=tmp_path), {"HOME": str(tmp_path)})


def test_a_data_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_bytes(b"#" * 2_000_001)
    with pytest.raises(UsageError, match="larger than 2,000,000 bytes"):
        read_data(tmp_path / "large.yaml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x 1\nb: *x", "alias"),
        ("a: 1\na: 2", "stands twice"),
        ("a: !!python/name:os.system ''", "not valid"),
        ("[a]: 1", "needs quotes"),
        ("a: 1\nb: !!bool perhaps", "data.yaml:2: .* 'perhaps' does not fit its tag"),
        ("a: 1\n" + "[" * 5000, "not valid"),
        ("[" * 100_000, "not valid YAML: maximum recursion depth"),
        ("- " * 100_000, "not valid YAML: maximum recursion depth"),
    ],
)
def test_yaml_that_hides_something_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        yaml_in(text, "data.yaml")


def test_each_key_and_item_of_a_yaml_text_has_a_line() -> None:
    text = yaml_in("a:\n  - b: 1\n  - 2\n7: {2023-05-31: c}\n", "a.yaml")
    lines: dict[tuple[str | int, ...], int] = {
        ("a",): 1,
        ("a", 0): 2,
        ("a", 0, "b"): 2,
        ("a", 1): 3,
        ("7",): 4,
        ("7", "2023-05-31"): 4,
        ("a", 1, "not there"): 3,
        (): 1,
    }
    assert {steps: text.line(steps) for steps in lines} == lines
    assert text.data == {"a": [{"b": 1}, 2], "7": {"2023-05-31": "c"}}


def test_each_key_of_a_toml_text_has_a_line() -> None:
    text = toml_in(
        '# jobs\njobs = 1\na.b = 2\n\n[prices."m.1"]\ninput = 1\n[prices.x]\ninput = 2\n', "a.toml"
    )
    lines: dict[tuple[str | int, ...], int] = {
        ("jobs",): 2,
        ("a", "b"): 3,
        ("prices",): 5,
        ("prices", "m.1", "input"): 6,
        ("prices", "x", "input"): 8,
        ("prices", "x", "output"): 7,
        (): 1,
    }
    assert {steps: text.line(steps) for steps in lines} == lines
