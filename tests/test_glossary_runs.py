"""The glossary in whole runs: terms that a model ignores, and entries that somebody edits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from documents import CORPUS, ROOT, SAMPLES
from faulty_runs import translated_by
from glossaries import parse_glossary
from program import run
from sampling import few_at_once
from server import Fault, MisbehavingServer
from weekly_translate.checks.terms import missing_terms
from weekly_translate.errors import ExitCode
from weekly_translate.glossary.entries import Matcher
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Kind, Pair
from weekly_translate.run.plan import terms_of

if TYPE_CHECKING:
    from pathlib import Path

    from server import Recorded
    from weekly_translate.run.issue import Result

GLOSSARY = ROOT / "glossary.yaml"
SAMPLE = ROOT / "samples/full/source.md"
ISSUES = [*(one for one in SAMPLES if one.parent.name in {"full", "odd", "another"}), *CORPUS[8:10]]


def missed(outcome: Result) -> list[str]:
    """The terms that are not in the result, one for each segment that needs them."""
    return [term for _, term in missed_in_texts(outcome)]


def missed_in_texts(outcome: Result) -> list[tuple[str, str]]:
    """The same, each behind the text of its segment."""
    terms = outcome.plan.terms
    return [
        (segment.text, term.source)
        for segment, answer in outcome.segments
        for term in missing_terms(Pair(segment, answer.target or "", terms[segment.id]))
    ]


def corrections(requests: list[Recorded]) -> list[Recorded]:
    return [request for request in requests if '"complaints"' in str(request.body["messages"])]


# --------------------------------------------------------------------------- ignored terms


@pytest.mark.parametrize(
    "source", few_at_once(ISSUES, 2), ids=lambda source: source.parent.name + source.stem
)
def test_terms_that_are_ignored_at_first_are_there_in_the_end(source: Path, tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        faultless = translated_by(server, tmp_path / "faultless", source, glossary=GLOSSARY, jobs=8)
        needed = len(server.requests)
    with MisbehavingServer(Fault("ignore_terms", share=0.4)) as server:
        outcome = translated_by(server, tmp_path / "ignored", source, glossary=GLOSSARY, jobs=8)
        assert server.fired
        requests = list(server.requests)
    times = Counter(text for request in requests for text in request.texts)
    heeded = {text for request in requests if not request.fault for text in request.texts}
    # A doubt is asked about once, and that request may ignore its terms as well.
    new = {text for text, _ in Counter(missed_in_texts(outcome)) - Counter(missed_in_texts(faultless))}
    assert not new & heeded
    assert all(times[text] > 1 for text in new)
    assert len(requests) <= 1.3 * needed


def test_a_term_that_never_comes_is_reported_and_nothing_else_suffers(tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        faultless = translated_by(server, tmp_path / "faultless", SAMPLE, glossary=GLOSSARY)
    with MisbehavingServer(Fault("ignore_always", where="标准库")) as server:
        outcome = translated_by(server, tmp_path / "ignored", SAMPLE, glossary=GLOSSARY)
        (correction,) = corrections(server.requests)
    assert outcome.code is ExitCode.DONE
    assert set(missed(outcome)) == {"标准库"}
    assert all("标准库" in text for text in correction.texts)
    others = zip(outcome.segments, faultless.segments, strict=True)
    assert all(
        one.target == other.target for (segment, one), (_, other) in others if "标准库" not in segment.text
    )
    reported = [finding for finding in outcome.findings if finding.check == "term.missing"]
    assert {finding.segment for finding in reported} == {
        segment.id for segment, _ in outcome.segments if "标准库" in segment.text
    }


def test_a_miss_is_asked_again_once_and_never_by_the_next_run(tmp_path: Path) -> None:
    with MisbehavingServer(Fault("ignore_always", where="标准库")) as server:
        first = translated_by(server, tmp_path, SAMPLE, glossary=GLOSSARY)
        server.requests.clear()
        second = translated_by(server, tmp_path, SAMPLE, glossary=GLOSSARY)
        assert server.requests == []
    assert second.findings == first.findings


def test_only_the_unmet_terms_are_named(tmp_path: Path) -> None:
    issue = tmp_path / "issue.md"
    issue.write_text("协程与装饰器都很有用，值得学习。\n", encoding="utf-8")
    with MisbehavingServer(Fault("ignore_always", where="协程")) as server:
        translated_by(server, tmp_path / "run", issue, glossary=GLOSSARY)
        (request,) = corrections(server.requests)
    message = str(request.body["messages"][-1]["content"])
    assert "协程 => coroutine" in message
    assert "装饰器 =>" not in message


def test_an_answer_that_keeps_the_term_and_spoils_something_is_not_taken(tmp_path: Path) -> None:
    issue = tmp_path / "issue.md"
    issue.write_text("协程很有用，见[文档](https://a.example/x)的说明。\n", encoding="utf-8")
    faults = (Fault("ignore_terms", times=1), Fault("drop_tag"))
    with MisbehavingServer(*faults) as server:
        outcome = translated_by(server, tmp_path / "run", issue, glossary=GLOSSARY)
    assert outcome.code is ExitCode.DONE
    assert missed(outcome) == ["协程"]
    assert "](https://a.example/x)" in outcome.text


def test_an_engine_that_fails_over_terms_costs_nothing_and_the_next_run_asks_for_them(tmp_path: Path) -> None:
    issue = tmp_path / "issue.md"
    issue.write_text("协程很有用，值得每一个人学习。\n", encoding="utf-8")
    with MisbehavingServer(Fault("ignore_terms", times=1), Fault("http_401")) as server:
        outcome = translated_by(server, tmp_path / "run", issue, glossary=GLOSSARY)
    assert (outcome.code, missed(outcome)) == (ExitCode.DONE, ["协程"])
    with MisbehavingServer() as server:
        again = translated_by(server, tmp_path / "run", issue, glossary=GLOSSARY)
        assert len(server.requests) == len(corrections(server.requests)) == 1
    assert (again.code, missed(again)) == (ExitCode.DONE, [])


# --------------------------------------------------------------------------- edited entries


def test_an_edited_entry_asks_exactly_for_the_segments_that_contain_it(tmp_path: Path) -> None:
    glossary = tmp_path / "terms.yaml"
    text = GLOSSARY.read_text("utf-8")
    glossary.write_text(text, encoding="utf-8")
    with MisbehavingServer() as server:
        first = translated_by(server, tmp_path / "run", SAMPLE, glossary=glossary)
        server.requests.clear()
        edited = text.replace("target: standard library, ", "target: stdlib, ")
        assert edited != text
        glossary.write_text(edited, encoding="utf-8")
        second = translated_by(server, tmp_path / "run", SAMPLE, glossary=glossary)
        asked = Counter(server.asked)
    holding = {
        segment.text
        for segment in first.plan.document.segments
        if any(term.source == "标准库" for term in first.plan.terms[segment.id])
    }
    assert holding
    assert asked == Counter(holding)
    assert "stdlib" in second.text


# --------------------------------------------------------------------------- senses


def test_the_section_decides_where_the_text_does_not() -> None:
    data = [
        {"source": "代理", "target": "proxy", "near": ["网络"]},
        {"source": "代理", "target": "agent", "near": ["智能体"]},
    ]
    document = parse("# 网络\n\n代理很好用。\n\n# 智能体\n\n代理很好用。\n\n网络代理。\n")
    terms = terms_of(document, Matcher(parse_glossary(data, "g")))
    bodies = [segment.id for segment in document.segments if segment.kind is not Kind.HEADING]
    assert [[term.target for term in terms[id_]] for id_ in bodies] == [["proxy"], ["agent"], ["proxy"]]


# --------------------------------------------------------------------------- what a plan says of terms


def test_a_plan_says_what_missed_terms_may_cost_on_top(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text("介绍了垃圾回收。\n\n没有别的。\n", "utf-8")
    with MisbehavingServer() as server:
        planned = run(tmp_path, "issue.md", "--plan", "--base-url", server.url).err
        (tmp_path / "issue.md").write_text("没有别的。\n", "utf-8")
        without = run(tmp_path, "issue.md", "--plan", "--base-url", server.url).err

    rows = [" ".join(line.split()) for line in planned.splitlines()]
    assert any(row.startswith("terms up to 1 request more where they are missed, ") for row in rows)
    assert "where they are missed" not in without
