"""Whole runs against a server that misbehaves: what comes once is mended, what never ends does no harm."""

from __future__ import annotations

from collections import Counter
from itertools import cycle, product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from documents import SAMPLES, SITES
from faulty_runs import ISSUE, KEY, errors_of, foreign, text_of, translated_by
from program import memory_place
from sampling import few_at_once
from server import FAULTS, Fault, MisbehavingServer
from server.asking import SINGLE
from server.statuses import SOCKET_FAULTS, STATUS_FAULTS
from weekly_translate.checks.document import document_findings
from weekly_translate.errors import ExitCode
from weekly_translate.llm.providers import Timeouts
from weekly_translate.markdown.segments import parse
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.run.attempts import MAX_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server import Recorded
    from weekly_translate.run.issue import Result

# ------------------------------------------------------------------------ what is expected of each fault

STOPS_AT_ONCE = {
    *("http_307", "http_401", "http_402", "http_404", "http_429_huge", "http_429_quota"),
}
"""No repetition mends these, a person has to: the run stops with the first of them."""

MENDED = {
    *("ansi", "bidi", "control", "tag_characters", "zero_width", "full_width"),
    *("change_code", "invent_tag"),
    *("extra_id", "fence", "preamble", "prompt_leak", "segment_preamble", "think"),
    *("http_400_format", "http_422_format"),
    "swapped_ids",
    "ignore_terms",
}
"""Mended without a loss even if they never end: by certain repairs, a plainer format, smaller chunks."""

UNSEEN = {"doubts", "false_doubts", "repeated", "ignore_always"}
"""Never ends and is no error: `Cost Cost` may be a name; only what is longer is certainly said twice.

A term that is missing is a warning, and a doubt about the source is told,
or left out where it quotes nothing of it.
"""

ENGINE_FAULTS = ({*STATUS_FAULTS, *SOCKET_FAULTS} | {"no_finish", "wrong_type"}) - {
    *("http_400_context", "http_400_filter", "http_413"),
    *MENDED,
}
"""Not one usable answer: the engine gives up."""

UNREADABLE = {"array", "cut_json", "deep", "missing_id", "nan", "nested", "prose"}
"""Nothing can be read in such an answer; in that without an id it is so where one was asked for."""

SEEN_IN = {
    **dict.fromkeys(("number_dropped", "swap_tags", "truncated"), "7.4 万"),
    **dict.fromkeys(("http_400", "http_403", "http_422"), "写法"),
}
"""Where a fault is kept to, because elsewhere it is no error: small numbers, links without names, titles.

A refusal is about a text where others are answered; that of the first request is about all of them.
"""

ENDLESS = {"stall", "drip"}

SEEN_IN_ENGLISH = {"last_sentence"}
"""A dictionary tells what is missing, and it knows no pseudo-English: tests/test_lost_sentences.py."""


def code_always(fault: str) -> ExitCode:
    """How a run ends when every answer has the fault."""
    if fault in MENDED | UNSEEN:
        return ExitCode.DONE
    return ExitCode.ENGINE if fault in ENGINE_FAULTS else ExitCode.FINDINGS


class Clean(NamedTuple):
    """What a faultless server makes of a source, and in how many requests."""

    text: str
    requests: int


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Clean]:
    """The issue and the samples."""
    found = {}
    for source in (ISSUE, *SAMPLES, *SITES):
        with MisbehavingServer() as server:
            outcome = translated_by(server, tmp_path_factory.mktemp("clean"), source)
            found[source] = Clean(text_of(outcome), len(server.requests))
        assert outcome.code is ExitCode.DONE
    return found


# ------------------------------------------------------------------------ what holds for every result


def assert_intact(outcome: Result) -> None:
    """Links, images, code, items and headings are the source's, nothing foreign is in, all of it is said."""
    source, output = outcome.source.text, text_of(outcome)
    assert document_findings(parse(source), parse(output)) == []
    assert list(foreign(output, source)) == []
    errors = errors_of(outcome)
    assert all(error.segment and error.source_line for error in errors)
    chinese = {segment.id for segment, answer in outcome.segments if answer.target is None}
    assert {error.segment for error in errors if error.check == "seg.missing"} == chinese


def assert_asked_at_most_three_times(requests: list[Recorded]) -> None:
    """Each of them once more if nothing can be read in the answer of a model that has kept to the form."""
    answered = [request for request in requests if request.fault not in {*STATUS_FAULTS, *ENGINE_FAULTS}]
    asked = Counter(text for request in answered for text in request.texts)
    unreadable = any(request.fault in UNREADABLE for request in requests)
    assert max(asked.values(), default=0) <= MAX_REQUESTS * (2 if unreadable else 1)


def assert_no_key_in(folder: Path) -> None:
    assert not [file.name for file in folder.iterdir() if KEY.encode() in file.read_bytes()]


# ------------------------------------------------------------------------ each fault, once and always


@pytest.mark.parametrize("fault", few_at_once(sorted(FAULTS - STOPS_AT_ONCE - SEEN_IN_ENGLISH), 12))
def test_what_comes_once_is_mended(fault: str, clean: dict[Path, Clean], tmp_path: Path) -> None:
    patience = Timeouts(60, 1, 2) if fault in ENDLESS else None
    with MisbehavingServer(Fault(fault, times=1, where=SEEN_IN.get(fault, ""))) as server:
        outcome = translated_by(server, tmp_path, timeouts=patience)
        assert server.fired[fault] == 1
        assert_asked_at_most_three_times(server.requests)
    assert (tmp_path / "out.md").read_text("utf-8") == text_of(outcome) == clean[ISSUE].text
    assert (outcome.code, errors_of(outcome)) == (ExitCode.DONE, [])
    assert_no_key_in(tmp_path)


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("fault", few_at_once(sorted(STOPS_AT_ONCE), 3))
def test_after_what_a_person_has_to_settle_the_next_run_goes_on(
    fault: str, clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault(fault, times=1, where="写法")) as server:
        stopped = translated_by(server, tmp_path)
        assert (stopped.code, stopped.written) == (ExitCode.ENGINE, False)
        assert server.requests[-1].fault == fault
        *done, _ = server.requests
        assert translated_by(server, tmp_path).code is ExitCode.DONE
        again = server.requests[len(done) + 1 :]
    assert (tmp_path / "out.md").read_text("utf-8") == clean[ISSUE].text
    assert done
    doubts = [request for request in again if '"complaints"' in str(request.body["messages"])]
    assert not {text for request in done for text in request.texts} & {
        text for request in again if request not in doubts for text in request.texts
    }


@pytest.mark.parametrize("fault", few_at_once(sorted(FAULTS - SEEN_IN_ENGLISH), 12))
def test_what_never_ends_does_no_harm(fault: str, clean: dict[Path, Clean], tmp_path: Path) -> None:
    impatience = Timeouts(60, 0.05, 0.1) if fault in ENDLESS else None
    expected, output = code_always(fault), tmp_path / "out.md"
    with MisbehavingServer(Fault(fault)) as server:
        first = translated_by(server, tmp_path, timeouts=impatience)
        assert (first.code, output.exists()) == (expected, expected is ExitCode.DONE)
        assert_asked_at_most_three_times(server.requests)
        partial = translated_by(server, tmp_path, allow_partial=True, timeouts=impatience)
    assert (partial.code, output.read_text("utf-8")) == (expected, text_of(partial))
    assert_intact(partial)
    assert_no_key_in(tmp_path)
    if fault in MENDED:
        assert text_of(partial) == clean[ISSUE].text


@pytest.mark.parametrize(
    "fault", few_at_once(["drop_tag", "duplicate_tag", "swapped_ids", "add_url", "truncated", "length"], 3)
)
@pytest.mark.parametrize("source", few_at_once(SAMPLES, 1), ids=lambda source: source.parent.name)
def test_whole_issues_are_not_harmed_either(source: Path, fault: str, tmp_path: Path) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        outcome = translated_by(server, tmp_path, source, jobs=4, allow_partial=True)
        assert_asked_at_most_three_times(server.requests)
    assert_intact(outcome)


DOCUMENTS = [*SITES, *(one for one in SAMPLES if one.parent.name in ("longform", "digest"))]
"""Documents of sites, and the newsletters of others."""
OF_ANSWERS = sorted(FAULTS - {*STATUS_FAULTS, *SOCKET_FAULTS} - SEEN_IN_ENGLISH)
"""The faults for which it matters what a document holds."""
SEEN_ANYWHERE = [fault for fault in OF_ANSWERS if fault not in {*UNSEEN, *SEEN_IN}]


def name_of(value: object) -> str:
    return f"{value.parent.name}-{value.stem}" if isinstance(value, Path) else str(value)


WHOLE_ISSUES = list(
    product(
        SAMPLES,
        ("drop_tag", "duplicate_tag", "swapped_ids", "cut_json", "missing_id", "refusal_en", "http_503"),
    )
)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        *few_at_once(WHOLE_ISSUES, 3),
        *few_at_once(list(zip(cycle(DOCUMENTS), SEEN_ANYWHERE, strict=False)), 4),
    ],
    ids=name_of,
)
def test_whole_documents_are_mended_as_well(
    source: Path, fault: str, clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault(fault, times=1)) as server:
        outcome = translated_by(server, tmp_path, source)
    assert (outcome.code, text_of(outcome)) == (ExitCode.DONE, clean[source].text)


@pytest.mark.parametrize(
    ("source", "fault"), few_at_once(list(product(DOCUMENTS, OF_ANSWERS)), 4), ids=name_of
)
def test_a_lying_model_breaks_no_document_of_another_kind(source: Path, fault: str, tmp_path: Path) -> None:
    """Findings about the whole document name no segment: there are none."""
    with MisbehavingServer(Fault(fault)) as server:
        outcome = translated_by(server, tmp_path, source, jobs=4, allow_partial=True)
    assert list(foreign(text_of(outcome), outcome.source.text)) == []
    assert [error for error in errors_of(outcome) if not error.segment] == []


@pytest.mark.parametrize(
    "fault",
    ["refusal_en", "add_url", "empty", "content_filter", "refusal_field", "http_400_filter", "http_413"],
)
def test_one_bad_sentence_takes_no_other_with_it(
    fault: str, clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault(fault, where="噎住")) as server:
        outcome = translated_by(server, tmp_path, jobs=4)
    lines = zip(outcome.source.text.splitlines(), clean[ISSUE].text.splitlines(), strict=True)
    assert text_of(outcome).splitlines() == [zh if "噎住" in zh else en for zh, en in lines]
    assert [error.check for error in errors_of(outcome)] == ["seg.missing"]


# ------------------------------------------------------------------------ an instruction in the source


@pytest.mark.parametrize("times", [1, None])
def test_a_model_that_obeys_the_text_is_not_believed(
    times: int | None, clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault("obey", times=times)) as server:
        outcome = translated_by(server, tmp_path, allow_partial=True)
    (injected,) = (answer for segment, answer in outcome.segments if "忽略" in segment.text)
    assert "PWNED" not in text_of(outcome)
    assert (injected.target is None) is (times is None)
    assert times is None or text_of(outcome) == clean[ISSUE].text


# ------------------------------------------------------------------------ many faults at once

OF_THE_LINE = ("http_429", "http_500", "http_503", "reset", "close", "ok_html", "ok_cut", "no_finish")
OF_THE_MODEL = (
    *("cut_json", "length", "null_content", "missing_id", "swapped_ids", "duplicate_id", "prose"),
    *("fence", "think", "control", "full_width", "drop_tag", "duplicate_tag", "empty"),
)


@pytest.mark.slow
def test_a_third_of_bad_luck_changes_no_byte_and_costs_less_than_twice_the_requests(
    clean: dict[Path, Clean], tmp_path: Path
) -> None:
    faults = [Fault(name, share=0.24 / len(OF_THE_LINE)) for name in OF_THE_LINE]
    faults += [Fault(name, share=0.06 / len(OF_THE_MODEL)) for name in OF_THE_MODEL]
    sent, needed, fired = 0, 0, Counter[str]()
    for seed, source in product(range(4), clean):
        with MisbehavingServer(*faults, seed=seed) as server:
            outcome = translated_by(server, tmp_path / f"{source.parent.name}-{seed}", source)
            assert (outcome.code, text_of(outcome)) == (ExitCode.DONE, clean[source].text)
            sent, needed = sent + len(server.requests), needed + clean[source].requests
            fired += server.fired
    assert sent <= 2 * needed
    assert fired.total() > sent // 5
    assert len(fired) > 8


# ------------------------------------------------------------------------ reply formats

LADDER = [
    ((), "json_schema"),
    (("json_schema",), "json_object"),
    (("json_schema", "json_object"), None),
]


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize(
    "sources", [pytest.param(SAMPLES[:1], id="one"), pytest.param(SAMPLES, id="all", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(("unwelcome", "format_"), LADDER)
def test_an_unknown_reply_format_changes_nothing_and_is_remembered(
    unwelcome: tuple[str, ...],
    format_: str | None,
    sources: Sequence[Path],
    clean: dict[Path, Clean],
    tmp_path: Path,
) -> None:
    with MisbehavingServer(unwelcome=unwelcome) as server:
        assert text_of(translated_by(server, tmp_path)) == clean[ISSUE].text
        assert set(server.fired) == set(unwelcome)
        server.requests.clear()
        for source in sources:
            assert text_of(translated_by(server, tmp_path, source)) == clean[source].text
        formats = {(request.body.get("response_format") or {}).get("type") for request in server.requests}
    assert formats == {format_}
    assert not server.fired


def test_a_format_without_room_for_more_gets_one_segment_at_a_time(tmp_path: Path) -> None:
    with MisbehavingServer(Fault("prose"), unwelcome=("json_schema", "json_object")) as server:
        translated_by(server, tmp_path)
        single = [request for request in server.requests if SINGLE in str(request.body["messages"])]
    assert {len(request.ids) for request in single} == {1}


# ------------------------------------------------------------------------ what is kept


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("fault", ["number_dropped", "add_url", "key_echo", "wrong_magnitude", "drop_tag"])
def test_every_answer_that_did_not_pass_is_kept(fault: str, tmp_path: Path) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        outcome = translated_by(server, tmp_path)
        asked = Counter(server.asked)
    with open_memory(memory_place(tmp_path), now=str) as memory:
        for ask in outcome.plan.asks:
            attempts = memory.failed_answers(ask.key, ask.segment.text)
            passed = memory.find(ask.key, ask.segment.text) is not None and len(attempts) < MAX_REQUESTS
            doubted = passed and not attempts and asked[ask.segment.text] == 2  # once more, about a doubt
            assert len(attempts) == asked[ask.segment.text] - passed - doubted
            assert all(attempt.findings for attempt in attempts)


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize(
    ("fault", "times"),
    [
        *((fault, 1) for fault in ("http_503", "drop_tag", "cut_json", "swapped_ids", "length")),
        ("drop_tag", None),
        ("last_sentence", None),
    ],
)
def test_a_second_run_sends_nothing_and_writes_the_same_bytes(
    fault: str, times: int | None, tmp_path: Path
) -> None:
    output = tmp_path / "out.md"
    with MisbehavingServer(Fault(fault, times=times)) as server:
        first = translated_by(server, tmp_path, allow_partial=True, jobs=4)
        written = output.read_bytes()
        output.unlink()
        server.requests.clear()
        second = translated_by(server, tmp_path, allow_partial=True, jobs=4)
        assert server.requests == []
    assert output.read_bytes() == written
    assert second.findings == first.findings


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize(
    "fault", few_at_once(["add_url", "refusal_field", "obey", "length", "half_chinese"], 2)
)
def test_what_was_asked_for_in_vain_is_asked_again_where_a_person_wants_that(
    fault: str, clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        first = translated_by(server, tmp_path)
        server.requests.clear()
        second = translated_by(server, tmp_path)
        assert server.requests == []
        assert (second.code, second.findings, second.text) == (first.code, first.findings, first.text)
    with MisbehavingServer() as server:
        again = translated_by(server, tmp_path, retry_failed=True)
        assert (again.code, text_of(again)) == (ExitCode.DONE, clean[ISSUE].text)
        server.requests.clear()
        assert translated_by(server, tmp_path).text == again.text
        assert server.requests == []


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("fault", ["http_413", "http_503"])
def test_what_no_model_has_answered_is_asked_again(
    fault: str, clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault(fault)) as server:
        assert translated_by(server, tmp_path).code is not ExitCode.DONE
    with MisbehavingServer() as server:
        outcome = translated_by(server, tmp_path)
    assert (outcome.code, text_of(outcome)) == (ExitCode.DONE, clean[ISSUE].text)


def test_the_same_is_asked_once_more_where_nothing_can_be_read(tmp_path: Path) -> None:
    with MisbehavingServer(Fault("prose", times=2, where="噎住")) as server:
        assert translated_by(server, tmp_path).code is ExitCode.DONE
        sizes = [len(request.ids) for request in server.requests]
        lost = [number for number, request in enumerate(server.requests) if request.fault]
    assert lost
    assert sizes[lost[0]] == sizes[lost[1]] > sizes[lost[1] + 1]


def test_an_answer_that_is_bad_in_most_places_is_corrected_in_few_requests(
    clean: dict[Path, Clean], tmp_path: Path
) -> None:
    with MisbehavingServer(Fault("half_chinese", times=1)) as server:
        outcome = translated_by(server, tmp_path)
        assert server.fired.total() == 1
        assert clean[ISSUE].requests <= len(server.requests) <= clean[ISSUE].requests + 2
    assert (outcome.code, text_of(outcome)) == (ExitCode.DONE, clean[ISSUE].text)


@pytest.mark.parametrize("fault", few_at_once(["add_url", "drop_tag", "half_chinese", "wrong_magnitude"], 2))
def test_findings_stand_in_the_order_of_the_source_whatever_comes_first(fault: str, tmp_path: Path) -> None:
    found = []
    for jobs in (1, 4):
        with MisbehavingServer(Fault(fault)) as server:
            found.append(translated_by(server, tmp_path / f"{jobs}", jobs=jobs).findings)
    assert found[0] == found[1]
    lines = [finding.source_line for finding in found[0] if finding.segment]
    assert lines == sorted(lines, key=lambda line: line or 0)
