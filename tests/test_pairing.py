"""Lines find their translations by structure, in linear time."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from weekly_translate.checks.registry import findings_of
from weekly_translate.compare.align import LineLikeness, likeness, paired
from weekly_translate.compare.document_lines import DocumentLine, lines_of
from weekly_translate.compare.judge import compared
from weekly_translate.compare.style import Rules
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Kind, Pair, Segment, Span
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.dictionary import AllSenses
from weekly_translate.text.numbers import english_quantities

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.model import Document


def _lines(text: str, *, english: bool) -> list[DocumentLine]:
    return lines_of(parse(text, every_line=True), english_quantities if english else chinese_quantities)


def _documents(size: int) -> tuple[list[DocumentLine], list[DocumentLine]]:
    """An issue with links on every other item, so that there are anchors and gaps."""
    source, target = [], []
    for number in range(size):
        link = f"https://a.example/{number}"
        source += [
            f"{number % 50}、[标题 name{number}]({link})" if number % 2 else "正文没有任何特征，只有一些字。"
        ]
        target += [
            f"{number % 50}. [Title name{number}]({link})"
            if number % 2
            else "Nothing but words in here, no anchor."
        ]
    return _lines("\n\n".join(source), english=False), _lines("\n\n".join(target), english=True)


@dataclass
class _Counted(LineLikeness):
    """Counts how often two lines are compared."""

    calls: int = 0

    def __call__(self, source: DocumentLine, target: DocumentLine) -> float:
        self.calls += 1
        return super().__call__(source, target)


def _comparisons(source: list[DocumentLine], target: list[DocumentLine]) -> int:
    weights = likeness(source, target)
    measure = _Counted(weights.rarity, weights.cost)
    paired(source, target, measure)
    return measure.calls


def test_twice_the_lines_take_at_most_about_twice_the_comparisons() -> None:
    assert _comparisons(*_documents(800)) < 2.2 * _comparisons(*_documents(400))


def test_a_long_stretch_without_anchors_is_linear_too() -> None:
    def plain(size: int) -> list[DocumentLine]:
        return _lines("\n\n".join(["正文没有任何特征，只有一些字。"] * size), english=False)

    assert _comparisons(plain(800), plain(800)) < 2.5 * _comparisons(plain(400), plain(400))


def _steps_of(run: Callable[[], object]) -> int:
    """How many calls of Python functions a run takes, those of generators among them."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls


def _bad_pair(size: int) -> tuple[Document, Document]:
    """Faults in turn: lost and added lines, lost and moved links, wrong item numbers, leftover Chinese."""
    source, target = [], []
    for number in range(size):
        link = f"https://a.example/{number}"
        source.append(f"{number % 9}、[标题 name{number}]({link})，见 [文章]({link}/x) 和 {number} 个例子。")
        away = f"https://a.example/{number + number % 3}"
        title = f"{number % 7}. [Title name{number}]({away})"
        line = f"{title}, see [文章]({link}/x{number % 5}) and {number} cases."
        target += [] if number % 11 == 3 else [line]
        target += ["A line that nobody has asked for."] if number % 13 == 5 else []
    here, there = (parse("\n\n".join(side), every_line=True) for side in (source, target))
    return here, there


@pytest.mark.parametrize("size", [40, pytest.param(100, marks=pytest.mark.slow)])
def test_four_times_a_bad_pair_takes_about_four_times_the_steps(size: int) -> None:
    few, many = _bad_pair(size), _bad_pair(4 * size)
    compared(*few, Rules())  # what is remembered for good is not counted
    assert _steps_of(lambda: compared(*many, Rules())) < 5 * _steps_of(lambda: compared(*few, Rules()))


def _long_pair(size: int) -> Pair:
    """A text of many sentences and its translation, which lacks one of them."""
    source = "这个工具支持异步代码，速度很快。" * size
    target = " ".join(["This tool supports asynchronous code and is very fast."] * (size - 1))
    return Pair(Segment("s1", Kind.TEXT, Span(0, 0), 1, source), target)


def test_four_times_the_sentences_take_about_four_times_the_steps() -> None:
    few, many, senses = _long_pair(20), _long_pair(80), AllSenses()
    findings_of(few, senses=senses)  # the dictionary is read once
    steps = [_steps_of(partial(findings_of, pair, senses=senses)) for pair in (_long_pair(21), many)]
    assert steps[1] < 5 * steps[0]


def test_a_long_stretch_without_anchors_keeps_its_order() -> None:
    lines = _lines("\n\n".join(["正文没有任何特征，只有一些字。"] * 300), english=False)
    pairing = paired(lines, lines)
    assert [match.target for match in pairing.matches] == lines


def test_every_line_is_in_one_place() -> None:
    source, target = _documents(60)
    source, target = source[:20] + source[26:], target[:40] + target[43:]
    pairing = paired(source, target)
    here = [number for match in pairing.matches for number in match.source.numbers]
    here += [line.number for line in pairing.lost]
    there = [number for match in pairing.matches for number in match.target.numbers]
    there += [line.number for line in pairing.added]
    assert sorted(here) == [line.number for line in source]
    assert sorted(there) == [line.number for line in target]


def test_an_empty_side_has_no_matches() -> None:
    source, _ = _documents(4)
    assert paired(source, []).lost == tuple(source)
    assert paired([], source).added == tuple(source)
    assert paired([], []).matches == ()
