"""The cache saves time and nothing else: it may be deleted, damaged, outdated or forbidden."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from weekly_translate.caching import cached_by_content, cached_bytes
from weekly_translate.data_files import yaml_in
from weekly_translate.edition.applying import read_editions
from weekly_translate.errors import UsageError
from weekly_translate.glossary.entries import read_glossary
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


def test_two_that_make_a_text_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: made_again(tmp_path / "text", str(number % 2)), range(40)))
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_what_is_kept_is_nobody_elses(tmp_path: Path) -> None:
    made_again(tmp_path / "text")
    assert (tmp_path / "text").stat().st_mode & 0o777 == 0o600


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
    assert all("华为" in AllSenses(folder).chinese_of("Huawei") for folder in folders)
    assert all("noodles" in AllSenses(folder).english_of("𰻝𰻝面") for folder in folders), "the last line"


# --------------------------------------------------------------------------- data files

GLOSSARY = "- {source: 数据, target: data}\n"


def terms(project: Path, cache: Path | None) -> list[tuple[str, str]]:
    (project / "glossary.yaml").touch()
    return [(term.source, term.target) for term in read_glossary(None, project, cache).terms]


def test_a_data_file_counts_as_it_is_though_size_and_time_stay(tmp_path: Path) -> None:
    for target in ("data", "DATA", "data"):
        (tmp_path / "glossary.yaml").write_text(GLOSSARY.replace("data", target), encoding="utf-8")
        os.utime(tmp_path / "glossary.yaml", (1, 1))
        for _ in range(2):
            assert terms(tmp_path, tmp_path / "cache") == [("数据", target)]


def test_an_edition_counts_as_it_is_though_size_and_time_stay(tmp_path: Path) -> None:
    (tmp_path / "editions").mkdir()
    path = tmp_path / "editions/mine.yaml"
    for items in ("{number}. ", "{number}) "):
        path.write_text(f"items: '{items}'\nstars: '{{count}}'\nnotes: {{}}\n", encoding="utf-8")
        os.utime(path, (1, 1))
        for _ in range(2):
            editions = read_editions("mine", tmp_path, cache=tmp_path / "cache")
            assert editions.named is not None
            assert editions.named.edition.items.with_ == items


@pytest.mark.parametrize("left", [b"", b"[]", b"\x00\xff", b"{" * 100_000])
def test_a_damaged_cache_of_data_files_is_passed_over(left: bytes, tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    terms(tmp_path, tmp_path / "cache")
    for path in (tmp_path / "cache/data").iterdir():
        path.write_bytes(left)
    assert terms(tmp_path, tmp_path / "cache") == [("数据", "data")]


@pytest.mark.parametrize("cache", [None, Path("/dev/null/cache")])
def test_data_files_are_read_without_a_cache(cache: Path | None, tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    assert terms(tmp_path, cache) == [("数据", "data")]


def test_values_and_lines_are_the_same_from_the_cache(tmp_path: Path) -> None:
    text = "a:\n  - b: 1.5\n  - [yes, 2023-05-31, '2']\nc:\n  - d: |\n      e\n\n"
    read = [yaml_in(text, "a.yaml", tmp_path) for _ in range(2)]
    assert read[0].data == read[1].data == {"a": [{"b": 1.5}, [True, "2023-05-31", "2"]], "c": [{"d": "e\n"}]}
    for one in read:
        assert [one.line(steps) for steps in ((), ("a", 1), ("a", 1, 2), ("c", 0, "d"), ("c", 7))] == [
            1,
            3,
            3,
            5,
            4,
        ]


def test_a_mistake_is_told_each_time(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(GLOSSARY + "- {source: 何}\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(UsageError, match=r"glossary.yaml:2: there is no 'target'"):
            terms(tmp_path, tmp_path / "cache")


def test_only_the_last_texts_are_kept(tmp_path: Path) -> None:
    (tmp_path / "left by a run that was killed").mkdir()
    for number in range(70):
        assert cached_by_content(tmp_path, str(number), "1", b"made".upper) == b"MADE"
    assert len(list(tmp_path.iterdir())) <= 62
    assert cached_by_content(tmp_path, "69", "1", b"not again".upper) == b"MADE"
    assert cached_by_content(tmp_path, "69", "2", b"again".upper) == b"AGAIN"
