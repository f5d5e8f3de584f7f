"""What a second reader may say: errors whose words stand in the texts, and nothing else."""

from __future__ import annotations

import json

import pytest

from weekly_translate.model import (
    ErrorCategory,
    ErrorSeverity,
    Finish,
    Format,
    Kind,
    MeaningError,
    Message,
    Pair,
    Reply,
    Request,
    Segment,
    Span,
)
from weekly_translate.quality.verdicts import ReadPair, corrected, found_in, read_verdicts

MESSAGES = (Message("user", "[]"),)
ZH = "新版本默认<b1>关闭</b1>遥测。"
EN = "The new version turns telemetry <b1>on</b1> by default."
SAID = {
    "zh": "默认<b1>关闭</b1>遥测",
    "en": "telemetry <b1>on</b1>",
    "category": "mistranslation",
    "severity": "critical",
    "correction": "telemetry <b1>off</b1>",
}


def read_pair(id_: str = "s001", zh: str = ZH, en: str = EN) -> ReadPair:
    return ReadPair(Pair(Segment(id_, Kind.TEXT, Span(0, len(zh)), 1, zh), en))


PAIRS = (read_pair(), read_pair("s002", "它很快。", "It is fast."))
REQUEST = Request(MESSAGES, Format.SCHEMA, tuple(one.pair.segment for one in PAIRS))


def verdicts(text: str, finish: Finish = Finish.STOP) -> dict[str, tuple[int, int]]:
    """By id: how many errors are kept, how many dropped."""
    found = read_verdicts(Reply(text, finish), REQUEST, PAIRS)
    return {id_: (len(one.errors), one.dropped) for id_, one in found.items()}


def test_an_error_is_read_with_its_words_and_its_correction() -> None:
    found = read_verdicts(Reply(json.dumps({"s001": [SAID], "s002": []})), REQUEST, PAIRS)
    (error,) = found["s001"].errors
    assert error == MeaningError(
        "默认<b1>关闭</b1>遥测",
        "telemetry <b1>on</b1>",
        ErrorCategory.MISTRANSLATION,
        ErrorSeverity.CRITICAL,
        "telemetry <b1>off</b1>",
    )
    assert not found["s002"].errors
    assert corrected(EN, [error]) == "The new version turns telemetry <b1>off</b1> by default."


@pytest.mark.parametrize(
    "change",
    [
        {"en": "telemetry is off"},
        {"zh": "性能更好"},
        {"en": "vers"},
        {"en": ""},
        {"zh": ""},
        {"en": "It is fast."},
        {"category": "taste"},
        {"severity": "huge"},
        {"en": None},
        {"correction": SAID["en"]},
    ],
)
def test_an_error_about_other_words_is_dropped_and_counted(change: dict[str, object]) -> None:
    assert verdicts(json.dumps({"s001": [SAID | change, SAID], "s002": []}))["s001"] == (1, 1)


@pytest.mark.parametrize(
    "correction",
    [
        "telemetry off",
        "telemetry <b1>off</b1> <a9>x</a9>",
        "telemetry <b1>off</b1>, see https://example.org",
        "遥测<b1>关闭</b1>",
        "telemetry <b1>off</b1>" + " and so on" * 40,
    ],
)
def test_a_correction_that_could_do_harm_is_not_offered(correction: str) -> None:
    found = read_verdicts(Reply(json.dumps({"s001": [SAID | {"correction": correction}]})), REQUEST, PAIRS)
    assert [error.correction for error in found["s001"].errors] == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("I'm sorry, I can't help with that.", {}),
        ("The translation is excellent.", {}),
        (json.dumps({"s001": EN, "s002": "Rewritten."}), {}),
        (json.dumps({"s001": {"en": EN}, "s002": None}), {}),
        (json.dumps({"s777": [SAID]}), {}),
        ('{"s001": [], "s001": []}', {}),
        ("```json\n" + json.dumps({"s001": [], "s002": []}) + "\n```", {"s001": (0, 0), "s002": (0, 0)}),
        ("<think>hm</think>" + json.dumps({"s001": [], "s002": []}), {"s001": (0, 0), "s002": (0, 0)}),
        (json.dumps({"s001": [SAID] * 30})[:-1] + "}", {"s001": (1, 18)}),
        (json.dumps({"s001": ["bad", 7, None, [], SAID]}), {"s001": (1, 4)}),
    ],
)
def test_whatever_a_reader_writes_is_errors_or_nothing(text: str, expected: dict[str, object]) -> None:
    assert verdicts(text) == expected


def test_of_a_reply_that_is_cut_off_what_is_complete_counts() -> None:
    whole = json.dumps({"s001": [SAID], "s002": []})
    assert verdicts(whole[: whole.index('"s002"') + 8], Finish.LENGTH) == {"s001": (1, 0)}
    assert verdicts(whole, Finish.FILTER) == {}


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("so tight that <a2>90% of gas</a2> ran out", "90% of gas ran out", "90% of gas</a2> ran out"),
        ("content is on", "on", "on"),
        ("34 cats", "3", None),
        ("a ‘b’ c", "'b' c", "‘b’ c"),
        ("他说“好”。", "他说「好」.", "他说“好”。"),
        ("支持 3 个文件（很小），可选", "3个文件(很小),可选", "3 个文件（很小），可选"),
        ("Telemetry is on – by default", "telemetry is on — by", "Telemetry is on – by"),
        ("the The The", "The", "The"),
        ("İstanbul is far", "İSTANBUL IS", "İstanbul is"),
        ("ISTANBUL", "stan", None),
        ("关闭 遥测", "关闭遥测", "关闭 遥测"),
        ("one\ntwo", "one two", "one\ntwo"),
        ("anything", "  ", ""),
        ("anything", "<a1></a1>", None),
    ],
)
def test_words_are_found_as_a_careful_reader_would_find_them(
    text: str, words: str, found: str | None
) -> None:
    assert found_in(text, words) == found


def test_words_that_were_exchanged_are_exchanged_again() -> None:
    errors = [
        MeaningError("", words, ErrorCategory.NUMBER, ErrorSeverity.MAJOR, other)
        for words, other in (("six weeks", "eight months"), ("eight months", "six weeks"), ("took six", "x"))
    ]
    target = "It took six weeks to ask and eight months to write."
    assert corrected(target, errors) == "It took eight months to ask and six weeks to write."


@pytest.mark.parametrize(
    ("target", "words", "correction", "result"),
    [
        ("It is very, very fast.", "very, very", "", "It is fast."),
        ("It is fast, truly.", ", truly", "", "It is fast."),
        ("Now free forever.", "forever", "", "Now free."),
        ("a a", "a", "b", "a a"),
        ("It ran.", "It walked", "It flew", "It ran."),
    ],
)
def test_a_correction_takes_the_place_of_its_words(
    target: str, words: str, correction: str, result: str
) -> None:
    error = MeaningError("", words, ErrorCategory.ADDITION, ErrorSeverity.MAJOR, correction)
    assert corrected(target, [error]) == result
