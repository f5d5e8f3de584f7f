"""Lines find their translations by structure, in linear time."""

from __future__ import annotations

from weekly_translate.comparison.likeness import likeness
from weekly_translate.comparison.lines import Line, lines_of
from weekly_translate.comparison.pairing import paired
from weekly_translate.markdown import parse
from weekly_translate.numerals import chinese_quantities, english_quantities


def _lines(text: str, *, english: bool) -> list[Line]:
    return lines_of(parse(text, every_line=True), english_quantities if english else chinese_quantities)


def _documents(size: int) -> tuple[list[Line], list[Line]]:
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


def _comparisons(source: list[Line], target: list[Line]) -> int:
    measure = likeness(source, target)
    paired(source, target, measure)
    return measure.counts["calls"]


def test_twice_the_lines_take_at_most_about_twice_the_comparisons() -> None:
    assert _comparisons(*_documents(800)) < 2.2 * _comparisons(*_documents(400))


def test_a_long_stretch_without_anchors_is_linear_too() -> None:
    def plain(size: int) -> list[Line]:
        return _lines("\n\n".join(["正文没有任何特征，只有一些字。"] * size), english=False)

    assert _comparisons(plain(800), plain(800)) < 2.5 * _comparisons(plain(400), plain(400))


def test_a_long_stretch_without_anchors_keeps_its_order() -> None:
    lines = _lines("\n\n".join(["正文没有任何特征，只有一些字。"] * 300), english=False)
    pairing = paired(lines, lines)
    assert [match.target for match in pairing.matches] == [(line,) for line in lines]


def test_every_line_is_in_one_place() -> None:
    source, target = _documents(60)
    source, target = source[:20] + source[26:], target[:40] + target[43:]
    pairing = paired(source, target)
    here = [line.number for match in pairing.matches for line in match.source]
    here += [line.number for line in pairing.lost]
    there = [line.number for match in pairing.matches for line in match.target]
    there += [line.number for line in pairing.added]
    assert sorted(here) == [line.number for line in source]
    assert sorted(there) == [line.number for line in target]


def test_an_empty_side_has_no_matches() -> None:
    source, _ = _documents(4)
    assert paired(source, []).lost == tuple(source)
    assert paired([], source).added == tuple(source)
    assert paired([], []).matches == ()
