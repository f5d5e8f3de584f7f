"""`weekly-translate proofread`: a second reader names mistakes, is paid once and never believed blindly."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import islice, permutations
from typing import TYPE_CHECKING

import pytest

from program import KEY, run, start
from seasons import no_claim_is_left
from server import Fault, MisbehavingServer, error, scripted
from server.reading import CONTENT
from tagged import segment
from weekly_translate.errors import ExitCode
from weekly_translate.llm.requests import ChunkSize
from weekly_translate.llm.tokens import Budget
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Pair, Reply, Status
from weekly_translate.quality.reading import SecondReader, read_all
from weekly_translate.quality.verdicts import ReadPair
from weekly_translate.run.project import read_project, reader_of
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from pathlib import Path

    from forking import Forked
    from program import Ended
    from server.asking import Question
    from weekly_translate.memory.database import MemoryServer
    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.model import Proofreading, Request
    from weekly_translate.quality.reading import Readings

ZH = """# 周刊

新版本默认**关闭**遥测，企业用户需要确认。

这个解析器很小，作者只用了一个周末。

它支持[中文和英文](https://example.org/a)。
"""
EN = """# Weekly

The new version turns telemetry **on** by default.

The parser is tiny, and it took the author just a weekend.

It supports [Chinese and English](https://example.org/a).
"""
ON = error(
    "telemetry <b1>on</b1>", "默认<b1>关闭</b1>遥测", severity="critical", correction="telemetry <b1>off</b1>"
)
LOST = error(
    "by default.",
    "企业用户需要确认",
    category="omission",
    correction="by default; companies have to confirm.",
)
SLIP = error("tiny", "很小", severity="minor", category="style", correction="very small")
INVENTED = error("slow and old", "又慢又旧")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh.md").write_text(ZH, encoding="utf-8")
    (tmp_path / "en.md").write_text(EN, encoding="utf-8")
    return tmp_path


def proofread(folder: Path, server: MisbehavingServer, *more: str) -> Ended:
    return run(folder, "proofread", "zh.md", "en.md", "--base-url", server.url, *more)


def test_mistakes_are_shown_with_both_spans_and_fail_only_strictly(folder: Path) -> None:
    with MisbehavingServer(reader=scripted({"遥测": [ON, LOST, INVENTED], "解析器": [SLIP]})) as server:
        ended = proofread(folder, server)
        assert ended.code == ExitCode.DONE
        shown = " ".join(ended.out.decode().split())
        assert (
            "meaning.mistranslation: critical: “telemetry on” for “默认关闭遥测”; better “telemetry off”"
            in shown
        )
        assert "meaning.omission: major: “企业用户需要确认” is missing at “by default.”" in shown
        assert "zh.md:3 -> en.md:3" in shown
        assert "meaning.style" not in shown
        assert "1 error of the second reader about words that stand in neither text" in ended.err
        assert proofread(folder, server, "--strict").code == ExitCode.FINDINGS
        assert "meaning.style" in proofread(folder, server, "-v").out.decode()
        assert len(server.requests) == 1


def test_programs_get_the_spans_and_the_correction(folder: Path) -> None:
    with MisbehavingServer(reader=scripted({"遥测": [ON]})) as server:
        (finding,) = json.loads(proofread(folder, server, "--format", "json").out)["findings"]
        (log,) = json.loads(proofread(folder, server, "--format", "sarif").out)["runs"]
    assert finding["severity"] == "warning"
    assert finding["meaning"]["source"] == ON["zh"]
    assert finding["meaning"]["correction"] == ON["correction"]
    assert log["results"][0]["ruleId"] == "meaning.mistranslation"
    assert log["results"][0]["properties"]["target"] == ON["en"]


def test_a_verdict_is_paid_once_and_a_changed_text_alone_is_read_again(folder: Path) -> None:
    with MisbehavingServer() as server:
        assert proofread(folder, server).code == ExitCode.DONE
        assert len(server.asked) == 4
        proofread(folder, server)
        assert len(server.asked) == 4
        (folder / "en.md").write_text(EN.replace("tiny", "small"), encoding="utf-8")
        proofread(folder, server)
        assert len(server.asked) == 5
        proofread(folder, server, "--proofreader", "another-model")
        assert len(server.asked) == 9


def test_a_plan_asks_nobody_and_creates_nothing(folder: Path) -> None:
    with MisbehavingServer() as server:
        ended = proofread(folder, server, "--plan")
        assert "4, 0 read before, 4 to read" in ended.err
        assert not server.requests
    assert not (folder / ".weekly-translate").exists()


def lies(question: Question) -> str:
    return json.dumps({asked.id: [error("nothing of the kind", "子虚乌有")] * 40 for asked in question.asked})


def rewrites(question: Question) -> str:
    return json.dumps({asked.id: "A much better text." for asked in question.asked})


def refuses(_question: Question) -> str:
    return "I'm sorry, I can't help with that."


def answers_for_others(_question: Question) -> str:
    return json.dumps({"s900": [ON], "s901": []})


def never_ends(question: Question) -> str:
    return '{"' + question.asked[0].id + '": [' + json.dumps(SLIP) * 3 + " and " * 50_000


@pytest.mark.parametrize("reader", [lies, rewrites, refuses, answers_for_others, never_ends])
def test_a_reader_that_is_none_changes_nothing_and_costs_little(folder: Path, reader: object) -> None:
    with MisbehavingServer(reader=reader) as server:  # type: ignore[arg-type]
        ended = proofread(folder, server)
        assert ended.code == (ExitCode.DONE if reader is lies else ExitCode.ENGINE)
        assert "gave no verdict that can be read" in ended.err or reader is lies
        assert "tokens in" in ended.err  # what was paid is told, even if nothing came of it
        assert "meaning." not in ended.out.decode()
        assert len(server.requests) <= 4
    assert (folder / "en.md").read_text(encoding="utf-8") == EN


def test_a_reader_is_asked_in_the_format_that_its_provider_wants_first(folder: Path) -> None:
    """A schema with the numbers of the texts would stand before the instructions, and nothing be cached."""
    row = "- name: ours\n  hosts: [127.0.0.1]\n  first_format: json_object\n"
    (folder / "own" / "weekly-translate").mkdir(parents=True)
    (folder / "own" / "weekly-translate" / "providers.yaml").write_text(row, encoding="utf-8")
    with MisbehavingServer() as server:
        arguments = ("proofread", "zh.md", "en.md", "--base-url", server.url)
        run(folder, *arguments, XDG_CONFIG_HOME=str(folder / "own"))
        assert [one.body["response_format"]["type"] for one in server.requests] == ["json_object"]


@pytest.mark.parametrize(
    "more",
    [
        {"instead": "as it comes"},
        {"instead": "[1]", "usage": "[1]"},
        {"usage": '{"answers": "many"}'},
        {"usage": '{"answers": 1, "prompt": NaN}'},
    ],
)
def test_what_a_newer_version_has_learned_about_a_model_is_not_known(
    folder: Path, more: dict[str, str]
) -> None:
    with MisbehavingServer() as server:
        there = ("--memory", "memory.db", "--model", "fake-7b")
        with open_memory(folder / "memory.db", now=str) as memory:
            newer = {"format": "xml", "proofread_format": "xml", "size": "as it comes", **more}
            memory.learn_capability(server.url, "openai fake-7b", newer)
        assert proofread(folder, server, *there).code == ExitCode.DONE
        translated = run(folder, "zh.md", "-o", "new.md", "--base-url", server.url, *there)
        assert translated.code == ExitCode.DONE, translated.err
        asked_as = {one.body["response_format"]["type"] for one in server.requests}
        assert asked_as == {"json_schema"}


def test_what_a_failing_server_has_answered_is_kept(folder: Path) -> None:
    with MisbehavingServer(Fault("http_401", times=1)) as server:
        assert proofread(folder, server).code == ExitCode.ENGINE
        assert proofread(folder, server).code == ExitCode.DONE
        assert len(server.requests) == 2


def test_a_format_that_the_endpoint_does_not_know_is_left_out(folder: Path) -> None:
    with MisbehavingServer(
        reader=scripted({"遥测": [ON]}), unwelcome=("json_schema", "json_object")
    ) as server:
        assert "meaning.mistranslation" in proofread(folder, server).out.decode()
        assert "response_format" not in server.requests[-1].body


def test_a_budget_is_kept(folder: Path) -> None:
    (folder / "weekly-translate.toml").write_text(
        '[prices."m"]\ninput = 1000\noutput = 1000\n', encoding="utf-8"
    )
    with MisbehavingServer() as server:
        ended = proofread(folder, server, "--model", "m", "--budget", "0.01")
        assert ended.code == ExitCode.PARTIAL
        assert "would exceed the budget" in ended.err
        assert not server.requests


def test_the_second_reader_may_be_elsewhere_with_a_key_of_its_own(folder: Path) -> None:
    with MisbehavingServer() as server:
        own = folder / "own" / "weekly-translate"
        own.mkdir(parents=True)
        (own / "config.toml").write_text(
            f'[proofreader]\nmodel = "careful"\nbase_url = "{server.url}"\nkey_variable = "READER_KEY"\n',
            encoding="utf-8",
        )
        more = {"XDG_CONFIG_HOME": str(folder / "own"), "OPENAI_API_KEY": "key-of-translator"}
        assert run(folder, "proofread", "zh.md", "en.md", **more, READER_KEY="key-of-reader").code == 0
        run(folder, "proofread", "zh.md", "en.md", "--proofreader", "other", **more)
    keyed, unkeyed = server.requests
    assert keyed.body["model"] == "careful"
    assert keyed.headers["authorization"] == "Bearer key-of-reader"
    assert "key-of-translator" not in unkeyed.headers.get("authorization", "")


def test_a_project_may_not_choose_who_reads(folder: Path) -> None:
    (folder / "weekly-translate.toml").write_text('[proofreader]\nmodel = "x"\n', encoding="utf-8")
    ended = run(folder, "proofread", "zh.md", "en.md", "--base-url", "http://127.0.0.1:9")
    assert ended.code == ExitCode.USAGE
    assert "sets proofreader" in ended.err


def test_without_a_model_there_is_no_second_reader(folder: Path) -> None:
    ended = run(folder, "proofread", "zh.md", "en.md")
    assert ended.code == ExitCode.USAGE
    assert "OPENAI_API_KEY" in ended.err
    assert not ended.out


PRICES = '[prices."gpt-5-mini"]\ninput = 1.0\noutput = 1.0\n'


def test_what_a_reading_costs_counts_for_all_runs_on_the_memory(folder: Path) -> None:
    settings = folder / "weekly-translate.toml"
    with MisbehavingServer() as server:
        settings.write_text("budget_total = 0.01\n" + PRICES, encoding="utf-8")
        assert proofread(folder, server).code == ExitCode.DONE
        spent = server.requests[0]
        (folder / "en.md").write_text(EN.replace("just", "only"), encoding="utf-8")
        settings.write_text("budget_total = 0.001\n" + PRICES, encoding="utf-8")
        ended = proofread(folder, server)
        assert ended.code == ExitCode.PARTIAL
        assert "budget_total, of which $0.0000 were left" in ended.err
        assert server.requests == [spent]


def test_a_plan_counts_what_a_model_thinks_before_it_writes(folder: Path) -> None:
    def expected(model: str) -> int:
        said = run(folder, "proofread", "zh.md", "en.md", "--plan", "--model", model, OPENAI_API_KEY=KEY).err
        return int(said.partition(" out,")[0].split()[-1].replace(",", ""))

    assert expected("gpt-5-mini") > expected("gpt-4.1-mini")


def test_what_was_learned_of_a_model_counts_for_the_next_plan(folder: Path) -> None:
    with MisbehavingServer(prompt_tokens=40_000) as server:
        assert proofread(folder, server).code == ExitCode.DONE
        (folder / "en.md").write_text(EN.replace("just", "only"), encoding="utf-8")
        tokens = proofread(folder, server, "--plan").err.partition(" tokens in")[0].split()[-1]
        assert int(tokens.replace(",", "")) > 10_000


class CountingEngine:
    """Finds nothing wrong, when everybody else has had a turn."""

    name, worth, endpoint = "counting", Status.MACHINE, "here"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: Request) -> Reply:
        await asyncio.sleep(0)
        self.asked += [segment.text for segment in request.segments]
        return Reply(json.dumps({segment.id: [] for segment in request.segments}))

    def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


def test_two_readings_on_one_memory_ask_nothing_twice(tmp_path: Path, place: Path | MemoryServer) -> None:
    engine = CountingEngine()
    settings = settings_from(SettingsOptions(project=tmp_path), {"HOME": str(tmp_path)})
    texts = [segment(f"第{word}句", f"s{number:03}") for number, word in enumerate("一二三四五六")]
    pairs = [ReadPair(Pair(one, f"Sentence {one.id}.")) for one in texts]

    async def read_by(*memories: TranslationMemory) -> list[Readings[Proofreading]]:
        readers = [reader_of(read_project(settings, one), SecondReader) for one in memories]
        readers = [replace(one, size=ChunkSize(1, 10), jobs=2) for one in readers]
        return await asyncio.gather(*(read_all(pairs, one, engine, Budget(None)) for one in readers))

    with open_memory(place, now=str) as one, open_memory(place, now=str) as two:
        both = asyncio.run(read_by(one, two))
        assert no_claim_is_left(place)
    assert [(len(said.verdicts), said.unread) for said in both] == [(6, 0), (6, 0)]
    assert sorted(engine.asked) == sorted(one.text for one in texts)


def test_what_was_read_before_a_kill_is_not_paid_again(folder: Path) -> None:
    words = ["苹果", "香蕉", "樱桃", "葡萄", "西瓜", "桃子", "梨子", "橘子", "草莓", "芒果"]
    texts = [f"{'和'.join(some)}。" for some in islice(permutations(words, 3), 250)]
    (folder / "zh.md").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    english = (f"Fruit {number}." for number in range(len(texts)))
    (folder / "en.md").write_text("\n\n".join(english) + "\n", encoding="utf-8")
    processes: list[Forked] = []

    def reader(question: Question) -> str:
        if len(server.requests) == 1:  # this is the second
            processes[0].kill()
        return CONTENT(question)

    options = ("proofread", "zh.md", "en.md", "--jobs", "1", "--edition", "none", "--base-url")
    with MisbehavingServer(reader=reader) as server:
        processes.append(start(folder, *options, server.url))
        processes[0].communicate()
        first, second = server.requests[:2]
        assert run(folder, *options, server.url).code == ExitCode.DONE
        again = [text for one in server.requests[2:] for text in one.texts]
    assert not set(first.texts) & set(again)
    assert set(second.texts) <= set(again)
