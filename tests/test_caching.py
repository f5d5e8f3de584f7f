"""The cache saves time and nothing else: it may be deleted, damaged, outdated or forbidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from weekly_translate.caching import cached_bytes
from weekly_translate.text.dictionary import AllSenses, load_dictionary

WORDS = ["数据", "何", "编程", "了", "行", "没有这个词", "龘", "", "a"]


def made_again(path: Path | None, stamp: str = "1") -> bool:
    """Whether a text is made although it may be there; it is right in any case."""
    made: list[str] = []

    def make() -> bytes:
        made.append("once")
        return b"a\r\n\nb\n"

    assert cached_bytes(path, stamp, make) == b"a\r\n\nb\n"
    return bool(made)


def test_a_text_is_made_once(tmp_path: Path) -> None:
    assert made_again(tmp_path / "cache/text")
    assert not made_again(tmp_path / "cache/text")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["text"]


@pytest.mark.parametrize("stamp", ["2", "11", ""])
def test_a_text_is_made_again_when_what_it_is_made_from_changes(stamp: str, tmp_path: Path) -> None:
    made_again(tmp_path / "text")
    assert made_again(tmp_path / "text", stamp)
    assert not made_again(tmp_path / "text", stamp)


@pytest.mark.parametrize("left", [b"", b"1", b"1 00000000\na\r\n\nb\n", b"1 5a82fd08\n\xff", b"\x00"])
def test_a_damaged_file_is_made_again(left: bytes, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(left)
    assert made_again(tmp_path / "text")
    assert not made_again(tmp_path / "text")


@pytest.mark.parametrize("path", [None, Path("/dev/null/text")])
def test_a_cache_that_cannot_be_is_done_without(path: Path | None) -> None:
    assert made_again(path)


@pytest.mark.slow
def test_the_dictionary_says_the_same_with_and_without_a_cache(tmp_path: Path) -> None:
    folders = (None, tmp_path, tmp_path)
    glosses = [[load_dictionary(folder).gloss(word) for word in WORDS] for folder in folders]
    assert glosses[0] == glosses[1] == glosses[2]
    assert glosses[0][0] == "data"
    senses = [[AllSenses(folder).english_of(word) for word in WORDS] for folder in folders]
    assert senses[0] == senses[1] == senses[2]
    assert [AllSenses(folder).chinese_of("Huawei") for folder in folders] == [{"华为"}] * 3
