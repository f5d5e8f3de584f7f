"""Numbers are read by value in both languages. Cases are in cases/numerals.md."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weekly_translate.text.characters import in_half_width
from weekly_translate.text.chinese_numbers import chinese_quantities, in_english
from weekly_translate.text.numbers import Quantity, english_quantities

CASES = (Path(__file__).parent / "cases" / "numerals.md").read_text(encoding="utf-8")
SCALES = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}
GLYPHS = "零一二三四五六七八九"


def cases_of(section: str) -> list[tuple[str, str]]:
    """Text and expectation of each case of a section."""
    body = CASES.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    cases = (line.removeprefix("- ").partition(" |") for line in body.split("\n") if line.startswith("- "))
    return [(text, expected.strip()) for text, _, expected in cases]


def described(quantities: tuple[Quantity, ...]) -> str:
    """Quantities as the case file writes them."""
    return "; ".join(map(description, quantities))


def description(quantity: Quantity) -> str:
    value = quantity.value
    plain = f"{value.normalize():f}" if isinstance(value, Decimal) else value
    statement = f"{quantity.kind} {plain}"
    return f"{quantity.about} {statement if quantity.demanded else f'({statement})'}".strip()


def covers(quantity: Quantity, text: str) -> bool:
    """Whether the span of a quantity is where it stands."""
    return in_half_width(text[slice(*quantity.span)]) == quantity.text


@pytest.mark.parametrize(("text", "expected"), cases_of("Chinese"))
def test_chinese_numbers_are_read_by_value(text: str, expected: str) -> None:
    assert described(chinese_quantities(text)) == expected
    assert all(covers(quantity, text) for quantity in chinese_quantities(text))


@pytest.mark.parametrize(("text", "expected"), cases_of("English"))
def test_english_numbers_are_read_by_value(text: str, expected: str) -> None:
    assert described(english_quantities(text)) == expected
    assert all(covers(quantity, text) for quantity in english_quantities(text))


@pytest.mark.parametrize(("text", "expected"), cases_of("In English"))
def test_a_quantity_is_written_as_english_writes_it(text: str, expected: str) -> None:
    (quantity,) = chinese_quantities(text)
    assert in_english(quantity) == expected


def test_a_span_covers_the_approximator_but_not_the_measure_word() -> None:
    text = "共有近 ３ 万个文件"
    (quantity,) = chinese_quantities(text)
    assert text[slice(*quantity.span)] == "近 ３ 万"


@given(st.integers(1, 9999), st.sampled_from(sorted(SCALES)))
def test_what_in_english_writes_is_read_as_the_same_value(count: int, scale: str) -> None:
    (quantity,) = chinese_quantities(f"有 {count} {scale}人")
    (translated,) = english_quantities(in_english(quantity))
    assert quantity.value == translated.value == count * SCALES[scale]


@given(st.integers(11, 99_999_999))
def test_numerals_have_the_value_of_the_figures(number: int) -> None:
    (quantity,) = chinese_quantities(in_numerals(number))
    assert quantity.value == number


def in_numerals(number: int) -> str:
    """A whole number in Chinese numerals, with 零 where a place is left out."""
    if number >= 10_000:
        upper, lower = divmod(number, 10_000)
        gap = "零" if 0 < lower < 1000 else ""
        return f"{in_numerals(upper)}万{gap}{in_numerals(lower) if lower else ''}"
    places = [(digit, place) for digit, place in zip(f"{number:04d}", ("千", "百", "十", ""), strict=True)]
    written = "".join(f"{GLYPHS[int(digit)]}{place}" if digit != "0" else "零" for digit, place in places)
    while "零零" in written:
        written = written.replace("零零", "零")
    return written.strip("零")


@given(st.text(alphabet="0123456789.,万亿千百十一二多余近约倍成折%vabx年月日 -~+第", max_size=60))
def test_no_text_breaks_the_readers(text: str) -> None:
    for quantities in (chinese_quantities(text), english_quantities(text)):
        spans = [quantity.span for quantity in quantities]
        assert spans == sorted(spans)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(in_english(quantity) for quantity in quantities)


@given(st.text(alphabet="0123456789.,万 -~+thousandmillionbx%MayJune", max_size=60))
def test_no_english_breaks_the_reader(text: str) -> None:
    for start, end in (quantity.span for quantity in english_quantities(text)):
        assert 0 <= start < end <= len(text)
