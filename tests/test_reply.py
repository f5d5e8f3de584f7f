from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagged import segment
from weekly_translate.llm.replies import ParsedReply, Problem, ProblemKind, read_reply
from weekly_translate.model import Finish, Format, Message, Reply, Request

SOURCES = {
    "s001": "用 <c1>uv</c1> 管理 FastAPI 项目",
    "s002": "NumPy 2.0 发布，快了 35%",
    "s003": "作者谈了谈写作",
}
GOOD = {
    "s001": "Managing FastAPI projects with <c1>uv</c1>",
    "s002": "NumPy 2.0 is out and 35% faster",
    "s003": "The author talks about writing",
}


def read(
    text: str,
    sources: dict[str, str] = SOURCES,
    reply_format: Format = Format.SCHEMA,
    finish: Finish = Finish.STOP,
) -> ParsedReply:
    segments = tuple(segment(source, id_) for id_, source in sources.items())
    return read_reply(Reply(text, finish), Request((), reply_format, segments))


def outcomes(reading: ParsedReply) -> dict[str, tuple[str, ...]]:
    return {problem.kind.value: problem.segments for problem in reading.problems}


def blocks(answers: dict[str, str]) -> str:
    return "\n".join(f"[[{id_}]]\n{text}" for id_, text in answers.items())


PLAIN = {"s003": SOURCES["s003"]}

# --------------------------------------------------------------------------- what is in order


@pytest.mark.parametrize(
    ("text", "reply_format"),
    [
        (json.dumps(GOOD), Format.SCHEMA),
        (json.dumps(GOOD, indent=2), Format.OBJECT),
        (json.dumps({id_: {"en": text} for id_, text in GOOD.items()}), Format.SCHEMA),
        (json.dumps([{"id": id_, "en": text} for id_, text in GOOD.items()]), Format.OBJECT),
        (blocks(GOOD), Format.TAGGED),
        (blocks(dict(reversed(GOOD.items()))), Format.TAGGED),
        ("\ufeff" + json.dumps(GOOD) + "\n", Format.SCHEMA),
    ],
)
def test_a_good_reply_gives_every_answer(text: str, reply_format: Format) -> None:
    reading = read(text, reply_format=reply_format)
    assert reading == ParsedReply(GOOD)
    assert reading.clean


@pytest.mark.parametrize(
    "text",
    [
        "The author talks about writing",
        " The author talks about writing\n",
        "<target>The author talks about writing</target>",
    ],
)
def test_a_single_reply_is_the_translation(text: str) -> None:
    assert read(text, PLAIN, Format.SINGLE) == ParsedReply({"s003": "The author talks about writing"})


@pytest.mark.parametrize(
    "text",
    [
        '{"s003": "The author"}',
        '{"en": "The author"}',
        "[[s003]]\nThe author",
        "[[s003]] The author",
        "The author",
    ],
)
@pytest.mark.parametrize("reply_format", [Format.SINGLE, Format.TAGGED])
def test_one_segment_is_read_in_whatever_form_it_comes(text: str, reply_format: Format) -> None:
    assert read(text, PLAIN, reply_format).targets == {"s003": "The author"}


def test_a_translation_that_only_looks_like_json_is_a_translation() -> None:
    text = '{"a": 1} is a dictionary'
    assert read(text, {"s001": '{"a": 1} 是字典'}, Format.SINGLE).targets == {"s001": text}


# --------------------------------------------------------------------------- what is removed without loss


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("<think>\nLet me see {1}.\n</think>\n" + json.dumps(GOOD), "think"),
        ("Let me see.\n</think>\n" + json.dumps(GOOD), "think"),
        ("```json\n" + json.dumps(GOOD) + "\n```", "fence"),
        ("Here you are:\n" + json.dumps(GOOD), "preamble"),
        (json.dumps(GOOD) + "\nLet me know!", "preamble"),
    ],
)
def test_what_is_around_the_answer_is_removed_and_noted(text: str, outcome: str) -> None:
    reading = read(text)
    assert reading.targets == GOOD
    assert outcomes(reading) == {outcome: ()}
    assert reading.clean


def test_an_introduction_and_a_fence_are_both_noted() -> None:
    reading = read("Sure! Here it is:\n```json\n" + json.dumps(GOOD) + "\n```")
    assert (reading.targets, set(outcomes(reading))) == (GOOD, {"fence", "preamble"})


def test_thoughts_inside_an_answer_are_text() -> None:
    source = {"s001": "模型会输出 <think>…</think>"}
    text = "<think>…</think> is what the model prints"
    assert read(text, source, Format.SINGLE).targets == {"s001": text}


def test_an_introduction_before_blocks_is_removed() -> None:
    reading = read("Sure, here they are:\n\n" + blocks(GOOD), reply_format=Format.TAGGED)
    assert (reading.targets, outcomes(reading)) == (GOOD, {"preamble": ()})


# --------------------------------------------------------------------------- ids


def without(id_: str) -> dict[str, str]:
    return {other: text for other, text in GOOD.items() if other != id_}


def test_a_missing_id_is_asked_again_and_the_rest_is_kept() -> None:
    reading = read(json.dumps(without("s002")))
    assert (reading.targets, outcomes(reading)) == (without("s002"), {"missing": ("s002",)})
    assert not reading.clean


@pytest.mark.parametrize("answer", ["", "  ", None, 5, ["x"], {"de": "x"}])
def test_an_answer_without_text_is_missing(answer: object) -> None:
    reading = read(json.dumps({**GOOD, "s002": answer}))
    assert (reading.targets, outcomes(reading)) == (without("s002"), {"missing": ("s002",)})


def test_an_extra_id_is_told_and_not_used() -> None:
    reading = read(json.dumps({**GOOD, "s999": "What is this?"}))
    assert (reading.targets, outcomes(reading)) == (GOOD, {"extra": ()})
    assert "s999" in reading.problems[0].message


@pytest.mark.parametrize(
    ("text", "reply_format"),
    [
        (json.dumps(GOOD)[:-1] + ', "s003": "Something else"}', Format.SCHEMA),
        (blocks(GOOD) + "\n[[s003]]\nSomething else", Format.TAGGED),
    ],
)
def test_an_id_that_comes_twice_is_not_used(text: str, reply_format: Format) -> None:
    reading = read(text, reply_format=reply_format)
    assert (reading.targets, outcomes(reading)) == (without("s003"), {"duplicate": ("s003",)})


def test_half_an_emoji_is_not_used() -> None:
    reading = read(json.dumps({**GOOD, "s003": "Writing \ud83d"}))
    assert (reading.targets, outcomes(reading)) == (without("s003"), {"surrogate": ("s003",)})


def test_both_halves_of_an_emoji_are_one() -> None:
    assert read(json.dumps({**GOOD, "s003": "Writing 😀"})).targets["s003"] == "Writing 😀"


# --------------------------------------------------------------------------- slipped batches


def moved(**places: str) -> ParsedReply:
    return read(json.dumps({**GOOD, **{id_: GOOD[other] for id_, other in places.items()}}))


def test_two_swapped_answers_are_not_used() -> None:
    reading = moved(s001="s002", s002="s001")
    assert {"s001", "s002"} <= set(outcomes(reading)["slipped"])
    assert not reading.targets.keys() & {"s001", "s002"}


def test_answers_that_moved_up_by_one_are_not_used() -> None:
    reading = moved(s001="s002", s002="s003", s003="s001")
    assert (reading.targets, outcomes(reading)) == ({}, {"slipped": ("s001", "s002", "s003")})


def test_a_number_that_english_writes_in_another_way_hides_no_slip() -> None:
    sources = {"s001": "任务的一生", "s002": "作者用 <c1>gc</c1> 检查了 7.4 万行代码"}
    answers = {"s001": "The author checked 74,000 lines with <c1>gc</c1>", "s002": "The life of a task"}
    assert outcomes(read(json.dumps(answers), sources)) == {"slipped": ("s001", "s002")}


def test_an_answer_without_anchors_is_not_trusted_in_a_slipped_batch() -> None:
    sources = {**SOURCES, "s004": "Django 5 的新功能", "s005": "一些感想"}
    answers = {
        "s001": GOOD["s001"],
        "s002": GOOD["s002"],
        "s003": "New in Django 5",
        "s004": "Some thoughts",
        "s005": GOOD["s003"],
    }
    reading = read(json.dumps(answers), sources)
    assert set(reading.targets) == {"s001", "s002"}
    assert outcomes(reading) == {"slipped": ("s003", "s004", "s005")}


def test_a_dropped_name_alone_is_no_slip() -> None:
    assert read(json.dumps({**GOOD, "s002": "A new version is out"})).clean


def test_a_name_that_two_segments_share_says_nothing() -> None:
    sources = {"s001": "Python 入门", "s002": "Python 进阶"}
    assert read(json.dumps({"s001": "Getting started", "s002": "Advanced Python"}), sources).clean


def test_an_original_title_from_the_slug_is_no_slip() -> None:
    segments = (segment("用它写接口", "s001", hint="fastapi in practice"), segment("FastAPI 的异步", "s002"))
    text = json.dumps({"s001": "FastAPI in Practice", "s002": "Async in the framework"})
    assert read_reply(Reply(text), Request((), Format.SCHEMA, segments)).clean


# --------------------------------------------------------------------------- what ends early


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.STOP])
@pytest.mark.parametrize("whole", [GOOD, [{"id": id_, "en": text} for id_, text in GOOD.items()]])
def test_complete_entries_before_the_cut_are_kept(finish: Finish, whole: object) -> None:
    text = json.dumps(whole)
    reading = read(text[: text.index("The author") + 5], finish=finish)
    assert (reading.targets, outcomes(reading)) == (without("s003"), {"truncated": ("s003",)})


def test_an_entry_that_may_go_on_is_not_complete() -> None:
    text = json.dumps(GOOD)
    reading = read(text[: text.index(', "s003"')], finish=Finish.LENGTH)
    assert set(reading.targets) == {"s001"}


def test_the_last_block_before_the_cut_is_not_used() -> None:
    reading = read(blocks(GOOD)[:-3], reply_format=Format.TAGGED, finish=Finish.LENGTH)
    assert (reading.targets, outcomes(reading)) == (without("s003"), {"truncated": ("s003",)})


@pytest.mark.parametrize("reply_format", list(Format))
def test_a_cut_single_answer_is_not_used(reply_format: Format) -> None:
    reading = read("The author tal", PLAIN, reply_format, Finish.LENGTH)
    assert (reading.targets, outcomes(reading)) == ({}, {"truncated": ("s003",)})


def test_a_whole_answer_at_the_limit_is_used() -> None:
    assert read(json.dumps(GOOD), finish=Finish.LENGTH) == ParsedReply(GOOD)


# --------------------------------------------------------------------------- what gives no answer at all


@pytest.mark.parametrize(
    ("finish", "outcome"), [(Finish.FILTER, ProblemKind.FILTERED), (Finish.REFUSAL, ProblemKind.REFUSED)]
)
def test_a_filter_and_a_refusal_are_told_apart(finish: Finish, outcome: ProblemKind) -> None:
    assert outcomes(read("", finish=finish)) == {outcome.value: tuple(SOURCES)}


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_answer_says_nothing_about_the_format(text: str) -> None:
    assert outcomes(read(text)) == {"empty": tuple(SOURCES)}


def test_the_examples_of_a_prompt_that_comes_back_are_no_answers() -> None:
    prompt = 'Reply with JSON such as {"s003": "First translation"}'
    messages = (Message("system", prompt), Message("user", "Translate the array."))
    request = Request(messages, Format.SCHEMA, tuple(segment(zh, id_) for id_, zh in SOURCES.items()))
    reply = Reply(f"{prompt}\nTranslate the array.\n{json.dumps(GOOD)}")
    assert read_reply(reply, request) == ParsedReply(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that.",
        "I cannot translate this.",
        "Sorry, I am unable to help.",
        "As an AI language model, I do not translate this.",
        "抱歉，我无法翻译这段内容。",
        "我不能协助处理。",
    ],
)
@pytest.mark.parametrize(("sources", "reply_format"), [(SOURCES, Format.SCHEMA), (PLAIN, Format.SINGLE)])
def test_a_refusal_in_words_is_a_refusal(text: str, sources: dict[str, str], reply_format: Format) -> None:
    assert set(outcomes(read(text, sources, reply_format))) == {"refused"}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("我们不能忽视类型提示", "We can't ignore type hints"),
        ("抱歉，Python 又慢了", "Sorry, we can't make Python faster"),
        ("作为 AI 工程师的一天", "As an AI engineer, a day at work"),
    ],
)
def test_a_translation_that_says_no_is_no_refusal(source: str, target: str) -> None:
    assert read(target, {"s001": source}, Format.SINGLE).targets == {"s001": target}


@pytest.mark.parametrize(
    "text",
    [
        "The author talks about writing",
        '{"s001": "not closed',
        '["one", "two", "three"]',
        '{"s001": NaN, "s002": Infinity}',
        "[" * 100_000,
        '{"s001":' * 100_000,
        '[{"id":' * 100_000 + "]",
        '{"s001": ' + "9" * 5000 + "}",
        '{"s001": "he said "no" to it"}',
        "<think>I will start with the first one: " + json.dumps(GOOD),
        "null",
        "42",
        "{}",
        "[]",
        '"a string"',
        "x" * 4_000_001,
    ],
    ids=range(16),
)
def test_a_reply_that_can_not_be_read_gives_nothing(text: str) -> None:
    reading = read(text)
    assert (reading.targets, outcomes(reading)) == ({}, {"unreadable": tuple(SOURCES)})


def test_blocks_are_needed_for_more_than_one_segment() -> None:
    assert set(outcomes(read("One\nTwo\nThree", reply_format=Format.TAGGED))) == {"unreadable"}


SCRAPS = (
    '{ } [ ] "s001" "s002" : , "text" [[s001]] [[s009]] ``` ```json <think> </think> '
    '"en" "id" null NaN \\ " <c1> 35%'
)
PARTS = st.lists(st.sampled_from([*SCRAPS.split(), "\n", "\ud83d", "Sorry, I can't"]), max_size=30)
TEXTS = PARTS.map("".join) | st.text()


@given(TEXTS, st.sampled_from(list(Format)), st.sampled_from(list(Finish)), st.integers(1, 3))
def test_any_text_can_be_read(text: str, reply_format: Format, finish: Finish, count: int) -> None:
    sources = dict(list(SOURCES.items())[:count])
    reading = read(text, sources, reply_format, finish)
    assert reading.targets.keys() <= sources.keys()
    told = {id_ for problem in reading.problems for id_ in problem.segments}
    assert told | reading.targets.keys() == sources.keys()
    assert not told & reading.targets.keys()


def test_one_sentence_for_different_texts_is_an_answer_to_none_of_them() -> None:
    sources = {"s001": "介绍协程", "s002": "比较编辑器", "s003": "比较编辑器"}
    said = dict.fromkeys(sources, "A short guide to everything there is.")
    reading = read(json.dumps(said), sources)
    assert (reading.targets, outcomes(reading)) == ({}, {"same": ("s001", "s002", "s003")})


def test_one_sentence_for_the_same_text_and_short_texts_that_agree_are_answers() -> None:
    said = {"s001": "A short guide to all the editors.", "s002": "A short guide to all the editors."}
    assert read(json.dumps(said), dict.fromkeys(said, "比较编辑器")).targets == said
    assert (
        len(read('{"s001": "Projects", "s002": "Projects"}', {"s001": "项目", "s002": "工程"}).targets) == 2
    )


# --------------------------------------------------------------------------- doubts about the source


def doubt(id_: object = "s001", zh: object = "用 uv 管理", why: object = "perhaps uvx") -> dict[str, object]:
    return {"id": id_, "zh": zh, "why": why}


def test_a_doubt_about_words_of_the_source_is_kept_beside_the_translations() -> None:
    reading = read(json.dumps({**GOOD, "doubts": [doubt(), doubt("s003", "谈了谈", "perhaps 谈到")]}))
    assert (reading.targets, reading.clean, reading.dropped) == (GOOD, True, 0)
    assert reading.doubts == {"s001": (("用 uv 管理", "perhaps uvx"),), "s003": (("谈了谈", "perhaps 谈到"),)}


@pytest.mark.parametrize(
    ("said", "dropped"),
    [
        ("I doubt it all", 1),
        ({"s001": "odd"}, 1),
        ([doubt("s999"), doubt(id_=["s001"]), doubt(zh=""), doubt(zh="别的词"), doubt(why=None), 3], 6),
        ([doubt(why="x" * 201), doubt(why=" "), doubt(zh=SOURCES["s001"] * 20)], 3),
        (
            [
                doubt(why=f"odd {markup}")
                for markup in ("<b1>", "https://x.org", "[a](b)", "`rm`", "a\nb", "**")
            ],
            6,
        ),
        ([[doubt()] * 3] * 2, 2),
        (["x"] * 5_000, 5_000),
        (None, 0),
        ([], 0),
    ],
)
def test_a_doubt_that_nobody_can_be_shown_is_counted(said: object, dropped: int) -> None:
    reading = read(json.dumps({**GOOD, "doubts": said}))
    assert (reading.targets, reading.clean, reading.doubts, reading.dropped) == (GOOD, True, {}, dropped)


def test_of_many_doubts_about_a_text_two_are_kept() -> None:
    reading = read(
        json.dumps({**GOOD, "doubts": [doubt(), *(doubt(why=f"odd {n}") for n in range(5)), doubt()]})
    )
    assert len(reading.doubts["s001"]) == 2
    assert reading.dropped == 5


def test_a_cut_reply_with_a_key_that_is_no_text_gives_what_stands_before_it() -> None:
    assert read('{"s003": "The author talks about writing", [1]: "x", "').targets == {"s003": GOOD["s003"]}


def test_a_reply_about_several_issues_is_one_for_each() -> None:
    problems = (
        Problem(ProblemKind.MISSING, ("s002", "s003"), "no answer"),
        Problem(ProblemKind.FENCE, (), "fence"),
    )
    whole = ParsedReply({"s001": "One"}, problems, {"s001": ()}, 2)
    first, second, third = (whole.under({f"s00{number}": "s9"}) for number in (1, 2, 4))
    assert (first.targets, first.doubts, first.clean) == ({"s9": "One"}, {"s9": ()}, True)
    assert [one.segments for one in second.problems] == [("s9",), ()]
    assert (third.targets, third.clean) == ({}, True)
