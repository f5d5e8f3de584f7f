"""A project folder may be anybody's: its data files are files, and not too large."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from weekly_translate.data_files import (
    _NOT_YAML,
    _LibyamlLoader,
    _loaded,
    _PlainLoader,
    data_file,
    read_data,
    yaml_in,
)
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
        ("a: 1\nb:\t2", "data.yaml:2: .* cannot start any token"),
        ("a: 1\n" + "[" * 5000, "not valid"),
    ],
)
def test_yaml_that_hides_something_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        yaml_in(text, "data.yaml")


READ_ALIKE = [
    *map(
        Path.read_text, [*ROOT.glob("*.yaml"), *ROOT.glob("editions/*.yaml"), *ROOT.glob("starter/**/*.yaml")]
    ),
    *("", "# nothing\n", "--- a\n...\n", "- a\n- |\n  b\n\n# c\n- >-\n  d\n", "a: 'x\n  y'\nb:\n  - c\n"),
    *(
        "a:\r\n- b\r\n",
        '"\\x41": "\\u4e2d"',
        "- 2023-05-31\n- 0o7\n- 1_000\n- 1:30\n- ~\n- yes",
    ),
]


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
@pytest.mark.parametrize("text", READ_ALIKE)
def test_libyaml_reads_what_pyyaml_reads(text: str) -> None:
    fast, plain = _loaded(_LibyamlLoader(text)), _loaded(_PlainLoader(text))
    assert (fast.data, fast.spans, fast.places) == (plain.data, plain.spans, plain.places)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
@given(st.text("-:?,[]{}#&*!|>'\"%\n a1é中", max_size=30))
def test_what_libyaml_refuses_is_judged_by_pyyaml(text: str) -> None:
    try:
        expected = _loaded(_PlainLoader(text)).data
    except _NOT_YAML:
        return
    assert repr(yaml_in(text, "a.yaml").data) == repr(expected)


def test_each_key_and_item_of_a_yaml_text_has_a_line() -> None:
    text = "a:\n  - b: 1\n  - 2\n7: {2023-05-31: c}\n"
    assert yaml_in(text, "a.yaml").places == {
        ("a",): 1,
        ("a", 0): 2,
        ("a", 0, "b"): 2,
        ("a", 1): 3,
        ("7",): 4,
        ("7", "2023-05-31"): 4,
    }
