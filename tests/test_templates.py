"""Texts that differ in numbers only: the numbers change places by value, or nothing is done."""

from __future__ import annotations

import pytest

from weekly_translate.text.chinese_numbers import refilled, template_of

CARRIED = [
    (
        "本期分享了 12 篇文章，13 个项目",
        "12 articles and 13 projects",
        "本期分享了 13 篇文章，9 个项目",
        "13 articles and 9 projects",
    ),
    ("第 12 期", "Issue #12", "第 21 期", "Issue #21"),
    ("第 12 期", "The 12th issue", "第 21 期", "The 21st issue"),
    ("快 30%", "30% faster", "快 7.5%", "7.5% faster"),
    ("共 7.4 万字", "74,000 characters", "共 8.2 万字", "82,000 characters"),
    ("全文 2500 字", "2500 words", "全文 3200 字", "3200 words"),
    ("<a1>12</a1> 篇", "<a1>12</a1> articles", "<a1>14</a1> 篇", "<a1>14</a1> articles"),
    (
        "用 <c4>f(3)</c4> 算 3 次",
        "call <c4>f(3)</c4> 3 times",
        "用 <c4>f(3)</c4> 算 5 次",
        "call <c4>f(3)</c4> 5 times",
    ),
    ("3 个库，第 3 期", "3 libraries, 3rd issue", "4 个库，第 4 期", "4 libraries, 4th issue"),
]
LEFT_ALONE = {
    "one becomes many": ("读者 1 位", "1 reader", "读者 2 位"),
    "many become one": ("读者 2 位", "2 readers", "读者 1 位"),
    "a number in words": ("分享了 12 篇文章", "Shares twelve articles", "分享了 10 篇文章"),
    "a number with a magnitude": ("共 70 万字", "700 thousand characters", "共 80 万字"),
    "figures that would become words": ("共 7 万字", "70,000 characters", "共 300 万字"),
    "equal numbers that become different ones": (
        "3 个库，3 篇文章",
        "3 libraries, 3 articles",
        "4 个库，5 篇文章",
    ),
    "a number that the target lacks": ("分享了 12 篇文章", "Shares articles", "分享了 10 篇文章"),
    "a number that only the target has": ("分享了 12 篇文章", "Shares 12 articles of 30", "分享了 10 篇文章"),
}


@pytest.mark.parametrize(("source", "target", "wanted", "expected"), CARRIED)
def test_numbers_are_carried_over_by_value(source: str, target: str, wanted: str, expected: str) -> None:
    assert template_of(source) == template_of(wanted) != ""
    assert refilled(source, target, wanted) == expected


@pytest.mark.parametrize(("source", "target", "wanted"), LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_where_there_is_doubt_nothing_is_done(source: str, target: str, wanted: str) -> None:
    assert template_of(source) == template_of(wanted)
    assert refilled(source, target, wanted) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2023 年的 12 篇文章", "2024 年的 12 篇文章"),
        ("用 Python 3.11.2 的 5 个理由", "用 Python 3.12.1 的 5 个理由"),
        ("<c1>f(3)</c1> 共 2 次", "<c1>f(4)</c1> 共 2 次"),
        ("<a1>甲</a1> 12 篇", "<a2>甲</a2> 12 篇"),
        ("近 12 篇", "12 篇"),
        ("12 篇", "12 篇文章"),
    ],
)
def test_another_date_version_code_or_word_is_another_text(one: str, other: str) -> None:
    assert template_of(one) != template_of(other)


def test_a_text_without_numbers_has_no_template() -> None:
    assert template_of("聊一聊 Python") == ""
