"""Translations are read a second time: what is found goes to the translator once, what remains is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from program import run, start
from server import Fault, MisbehavingServer, error
from server.reading import CONTENT
from weekly_translate.errors import ExitCode
from weekly_translate.model import Usage
from weekly_translate.run.scheduler import divided

if TYPE_CHECKING:
    from pathlib import Path

    from forking import Forked
    from program import Ended
    from server.asking import Question
    from server.reading import SecondReader

pytestmark = pytest.mark.usefixtures("either_database")

ZH = """# 周刊

新版本默认关闭遥测，企业用户需要确认。

这个解析器很小，作者只用了一个周末。

它支持[中文和英文](https://example.org/a)。
"""


def complains(times: int = 1, **more: str) -> SecondReader:
    """About the first words of each translation of a text with 遥测, so many times."""
    left = [times]

    def reader(question: Question) -> str:
        said: dict[str, object] = {}
        for asked in question.asked:
            wanted = "遥测" in asked.zh and left[0] > 0
            left[0] -= wanted
            words = asked.en.split()[0]
            said[asked.id] = [error(words, "关闭遥测", **more)] if wanted else []
        return json.dumps(said)

    return reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zh.md").write_text(ZH, encoding="utf-8")
    return tmp_path


def translate(folder: Path, server: MisbehavingServer, *more: str) -> Ended:
    return run(folder, "zh.md", "-o", "en.md", "--base-url", server.url, "--proofread", *more)


def steps(server: MisbehavingServer) -> list[str]:
    """What each request was for."""
    return ["read" if is_second(one.body) else "translate" for one in server.requests]


def is_second(body: object) -> bool:
    return "second reader" in json.dumps(body)


def test_good_translations_are_read_once_and_stay(folder: Path) -> None:
    with MisbehavingServer() as server:
        ended = translate(folder, server)
        assert ended.code == ExitCode.DONE, ended.err
        assert steps(server) == ["translate", "read"]
        english = (folder / "en.md").read_bytes()
        assert translate(folder, server).code == ExitCode.DONE
        assert len(server.requests) == 2
        (folder / "zh.md").write_text(ZH.replace("周末", "晚上"), encoding="utf-8")
        translate(folder, server)
        assert [len(one.texts) for one in server.requests[2:]] == [1, 1]
    assert b"https://example.org/a" in english


def test_a_mistake_goes_to_the_translator_once_and_what_remains_is_told(folder: Path) -> None:
    with MisbehavingServer(reader=complains(times=9)) as server:
        ended = translate(folder, server, "--report", "report.json")
        # The translator stands by its text, which needs no second reading.
        assert steps(server) == ["translate", "read", "translate"]
        question = json.loads(server.requests[-1].body["messages"][-1]["content"].split("\n")[-3])
        assert "关闭遥测" in question[0]["complaints"][0]
        assert ended.code == ExitCode.DONE
        assert "meaning.mistranslation" in ended.err
        findings = json.loads((folder / "report.json").read_text(encoding="utf-8"))["findings"]
        assert [one["meaning"]["source"] for one in findings if one["kind"] == "meaning"] == ["关闭遥测"]
        assert translate(folder, server).code == ExitCode.DONE
        assert len(server.requests) == 3


def test_a_minor_slip_is_only_remembered(folder: Path) -> None:
    with MisbehavingServer(reader=complains(severity="minor")) as server:
        ended = translate(folder, server)
        assert steps(server) == ["translate", "read"]
        assert "meaning." not in ended.err


def test_a_local_model_is_read_only_on_demand(folder: Path) -> None:
    with MisbehavingServer() as server:
        run(folder, "zh.md", "-o", "en.md", "--base-url", server.url)
        assert steps(server) == ["translate"]
        (folder / "weekly-translate.toml").write_text("proofread = true\n", encoding="utf-8")
        run(folder, "zh.md", "-o", "en.md", "--base-url", server.url)
        assert steps(server) == ["translate", "read"]
        run(folder, "zh.md", "-o", "en.md", "--base-url", server.url, "--no-proofread")
        assert len(server.requests) == 2


def lies(question: Question) -> str:
    return json.dumps({asked.id: [error("nothing of the kind", "子虚乌有")] * 40 for asked in question.asked})


def rewrites(question: Question) -> str:
    return json.dumps({asked.id: "A much better text." for asked in question.asked})


def refuses(_question: Question) -> str:
    return "I'm sorry, I can't help with that."


def never_ends(question: Question) -> str:
    return '{"' + question.asked[0].id + '": [' + " and " * 50_000


@pytest.mark.parametrize("reader", [lies, rewrites, refuses, never_ends])
def test_a_reader_that_is_none_changes_nothing_and_costs_little(folder: Path, reader: SecondReader) -> None:
    with MisbehavingServer() as server:
        run(folder, "zh.md", "-o", "en.md", "--base-url", server.url)
        english = (folder / "en.md").read_bytes()
        server.reader = reader
        ended = translate(folder, server)
        assert ended.code == ExitCode.DONE
        assert "meaning." not in ended.err
        assert ("160 errors of the second reader about words" in ended.err) == (reader is lies)
        assert steps(server)[1:].count("read") <= 3
        assert steps(server)[1:].count("translate") == 0
    assert (folder / "en.md").read_bytes() == english


def answers_for_others(question: Question) -> str:
    """Each verdict stands under the id of the next text, and of one that was not asked for."""
    ids = [*(asked.id for asked in question.asked[1:]), question.asked[0].id, "s999"]
    said = [[error(asked.en, asked.zh)] for asked in (*question.asked, question.asked[0])]
    return json.dumps(dict(zip(ids, said, strict=True)), ensure_ascii=False)


def test_a_reader_who_answers_for_other_texts_changes_nothing(folder: Path) -> None:
    with MisbehavingServer() as server:
        run(folder, "zh.md", "-o", "en.md", "--base-url", server.url)
        english = (folder / "en.md").read_bytes()
        server.reader = answers_for_others
        ended = translate(folder, server)
        assert (ended.code, "meaning." in ended.err) == (ExitCode.DONE, False)
        assert steps(server) == ["translate", "read"]
        assert translate(folder, server).code == ExitCode.DONE
        assert len(server.requests) == 2
    assert (folder / "en.md").read_bytes() == english


def test_a_reader_who_fails_keeps_nobody_from_the_translation(folder: Path) -> None:
    with MisbehavingServer() as server, MisbehavingServer(Fault("http_401")) as other:
        own = folder / "own" / "weekly-translate"
        own.mkdir(parents=True)
        (own / "config.toml").write_text(f'[proofreader]\nbase_url = "{other.url}"\n', encoding="utf-8")
        arguments = ("zh.md", "-o", "en.md", "--base-url", server.url, "--proofread")
        ended = run(folder, *arguments, XDG_CONFIG_HOME=str(folder / "own"))
        assert ended.code == ExitCode.DONE
        assert "Not everything is proofread." in ended.err
        assert steps(server) == ["translate"]
        other.misbehave()
        assert run(folder, *arguments, XDG_CONFIG_HOME=str(folder / "own")).code == ExitCode.DONE
        assert [one.fault for one in other.requests] == ["http_401", ""]
        assert len(server.requests) == 1
    assert (folder / "en.md").exists()


def test_who_has_no_key_and_wants_no_reader_hears_of_none(folder: Path) -> None:
    with MisbehavingServer() as server:
        run(folder, "zh.md", "-o", "en.md", "--base-url", server.url)
    ended = run(folder, "zh.md", "-o", "other.md")
    assert (ended.code, "proofread" in ended.err) == (ExitCode.DONE, False)
    assert "Not everything is proofread." in run(folder, "zh.md", "-o", "third.md", "--proofread").err


def test_a_season_is_read_too(folder: Path) -> None:
    (folder / "zh").mkdir()
    for number in (1, 2, 3):
        (folder / "zh" / f"{number}.md").write_text(
            ZH.replace("周末", f"周末，第 {number} 次"), encoding="utf-8"
        )
    with MisbehavingServer() as server:
        arguments = ("season", "zh", "-o", "en", "--base-url", server.url, "--proofread")
        assert run(folder, *arguments).code == ExitCode.DONE
        read = [text for one in server.requests if is_second(one.body) for text in one.texts]
        assert len(read) == len(set(read)) == 6
        sent = len(server.requests)
        assert run(folder, *arguments).code == ExitCode.DONE
        assert len(server.requests) == sent


@pytest.fixture
def season(folder: Path) -> Path:
    """Three short issues, whose texts have the same ids, translated and not read yet."""
    (folder / "zh").mkdir()
    for number, who in enumerate(("企业用户", "学校用户", "个人用户"), 1):
        text = ZH.replace("企业用户", who).replace("这个解析器很小", f"这个给{who}的解析器很小")
        (folder / "zh" / f"{number}.md").write_text(text, encoding="utf-8")
    return folder


def translate_season(folder: Path, server: MisbehavingServer, *more: str) -> Ended:
    return run(folder, "season", "zh", "-o", "en", "--base-url", server.url, *more)


def readings(server: MisbehavingServer) -> list[int]:
    """How many texts each request to the second reader has."""
    return [len(one.texts) for one in server.requests if is_second(one.body)]


def test_short_issues_share_a_request_and_each_has_its_own_verdicts(season: Path) -> None:
    def reader(question: Question) -> str:
        wrong = {asked.id: asked.en.split()[0] for asked in question.asked if "学校用户需要" in asked.zh}
        said: dict[str, object] = {asked.id: [] for asked in question.asked}
        return json.dumps(said | {id_: [error(words, "遥测")] for id_, words in wrong.items()})

    with MisbehavingServer(reader=reader) as server:
        translate_season(season, server)
        ended = translate_season(season, server, "--proofread", "--report", "report.json")
        assert ended.code == ExitCode.DONE, ended.err
        assert readings(server) == [8]  # the heading and the link stand in each issue
        issues = json.loads((season / "report.json").read_text(encoding="utf-8"))["issues"]
        meant = [[one for one in issue["findings"] if one["kind"] == "meaning"] for issue in issues]
        assert [len(found) for found in meant] == [0, 1, 0]


WHO = {"企业用户": "COMPANIES", "学校用户": "SCHOOLS", "个人用户": "PEOPLE"}


def complains_everywhere(question: Question) -> str:
    """About each translation that has to be confirmed, unless it says who has to."""
    wrong = {
        asked.id: asked.en.split()[0]
        for asked in question.asked
        if "需要确认" in asked.zh and not any(who in asked.en for who in WHO.values())
    }
    said: dict[str, object] = {asked.id: [] for asked in question.asked}
    return json.dumps(said | {id_: [error(words, "遥测")] for id_, words in wrong.items()})


def test_what_is_found_in_short_issues_goes_back_in_one_request(season: Path) -> None:
    with MisbehavingServer() as server:
        translate_season(season, server)
    with MisbehavingServer(terms=WHO, reader=complains_everywhere) as server:
        ended = translate_season(season, server, "--proofread")
        assert ended.code == ExitCode.DONE, ended.err
        assert steps(server) == ["read", "translate", "read"]
        assert [len(one.texts) for one in server.requests] == [8, 3, 3]
        assert len(set(server.requests[1].ids)) == 3
    for path, who in zip(sorted((season / "en").iterdir()), WHO.values(), strict=True):
        assert who in path.read_text(encoding="utf-8")


def test_what_is_too_long_for_one_request_goes_back_issue_by_issue(season: Path) -> None:
    own = season / "own" / "weekly-translate"
    own.mkdir(parents=True)
    with MisbehavingServer() as server, MisbehavingServer(reader=complains_everywhere) as other:
        translate_season(season, server)
        (own / "config.toml").write_text(f'[proofreader]\nbase_url = "{other.url}"\n', encoding="utf-8")
        server.misbehave(Fault("http_400_context", times=1))
        sent = len(server.requests)
        arguments = ("season", "zh", "-o", "en", "--base-url", server.url, "--proofread")
        assert run(season, *arguments, XDG_CONFIG_HOME=str(season / "own")).code == ExitCode.DONE
        assert [len(one.texts) for one in server.requests[sent:]] == [3, 1, 1, 1]
        sent = len(server.requests)
        run(season, *arguments, XDG_CONFIG_HOME=str(season / "own"))
        assert (len(server.requests), len(other.requests)) == (sent, 1)


def test_answers_that_differ_in_numbers_only_are_read_together(folder: Path) -> None:
    """Asked for, one of them waits for the other; to be read, it need not."""
    (folder / "zh").mkdir()
    for number in (1, 2, 3):
        text = ZH.replace("周末", f"周末，花了 {number} 天")
        (folder / "zh" / f"{number}.md").write_text(text, encoding="utf-8")
    with MisbehavingServer() as server:
        translate_season(folder, server)
        translate_season(folder, server, "--proofread")
        assert readings(server) == [6]


def test_a_season_counts_what_a_reader_invents(season: Path) -> None:
    with MisbehavingServer(reader=lies) as server:
        ended = translate_season(season, server, "--proofread", "--report", "report.json")
    assert "320 errors of the second reader about words that stand in neither text" in ended.err
    issues = json.loads((season / "report.json").read_text(encoding="utf-8"))["issues"]
    assert sum(one["errors_dropped"] for one in issues) == 320


def test_a_shared_request_that_is_too_long_is_one_for_each_issue(season: Path) -> None:
    with MisbehavingServer() as server:
        translate_season(season, server)
        server.misbehave(Fault("http_400_context", times=1))
        assert translate_season(season, server, "--proofread").code == ExitCode.DONE
        first, *others = readings(server)
        assert first == sum(others) > max(others)
        sent = len(server.requests)
        translate_season(season, server, "--proofread")
        assert len(server.requests) == sent


def test_a_season_that_is_up_to_date_is_read_all_the_same_until_it_has_been(season: Path) -> None:
    with MisbehavingServer() as server:
        translate_season(season, server)
        server.reader = refuses
        translate_season(season, server, "--proofread")
        tried = len(readings(server))
        server.reader = CONTENT
        translate_season(season, server, "--proofread")
        assert len(readings(server)) == tried + 1
        assert readings(server)[-1] == readings(server)[0]
        english = [path.read_bytes() for path in sorted((season / "en").iterdir())]
        ended = translate_season(season, server, "--proofread")
        assert "3 up to date" in ended.err
        assert len(readings(server)) == tried + 1
        assert [path.read_bytes() for path in sorted((season / "en").iterdir())] == english


def test_what_a_shared_reply_leaves_out_is_asked_for_apart(season: Path) -> None:
    def reader(question: Question) -> str:
        texts = question.asked[:1] if len(question.asked) > 4 else question.asked
        return json.dumps({asked.id: [] for asked in texts})

    with MisbehavingServer(reader=reader) as server:
        translate_season(season, server)
        translate_season(season, server, "--proofread")
        first, *others = readings(server)
        assert sum(others) == first - 1
        assert max(others) < 4


def test_a_reader_that_never_answers_ends_after_three_requests_however_many_issues_share_them(
    season: Path,
) -> None:
    with MisbehavingServer() as server:
        translate_season(season, server)
        server.reader = refuses
        ended = translate_season(season, server, "--proofread", "--jobs", "1")
        assert ended.code == ExitCode.DONE
        assert len(readings(server)) == 3
        assert "Three replies in a row held no verdict" in ended.err


@pytest.mark.parametrize("weights", [[1], [1, 1, 1], [50, 3], [0, 7]])
def test_issues_that_share_a_request_share_what_it_used(weights: list[int]) -> None:
    usage = Usage(requests=1, prompt=1000, cached=500, completion=77, reasoning=5)
    shares = list(divided(usage, weights))
    assert sum(shares, Usage()) == usage
    assert shares[-1].prompt == pytest.approx(1000 * weights[-1] / sum(weights), abs=1)


def test_a_title_that_one_address_has_and_another_lacks_is_asked_for(folder: Path) -> None:
    title, at = "异步编程的内幕与陷阱", "https://example.{}/async"
    with MisbehavingServer() as server:
        (folder / "zh.md").write_text(
            f"# 周刊\n\n[异步编程的内幕和陷阱]({at.format('org')})\n", encoding="utf-8"
        )
        assert translate(folder, server).code == ExitCode.DONE
        both = "".join(f"- [{title}]({at.format(domain)})\n" for domain in ("org", "com"))
        (folder / "zh.md").write_text(f"# 周刊\n\n{both}", encoding="utf-8")
        ended = translate(folder, server)
    assert ended.code == ExitCode.DONE, ended.err
    assert steps(server) == ["translate", "read"] * 2


def test_two_runs_on_one_memory_have_a_text_read_once(folder: Path) -> None:
    """The other one begins while the first waits for the second reader, and ends when it has the verdicts."""
    others: list[Forked] = []

    def reader(question: Question) -> str:
        if not others:
            arguments = ("zh.md", "-o", "other.md", "--base-url", server.url, "--proofread")
            others.append(start(folder, *arguments))
            assert others[0].stderr is not None
            assert any(b"another run on this memory" in line for line in others[0].stderr)
        return CONTENT(question)

    with MisbehavingServer() as server:
        server.reader = reader
        assert translate(folder, server).code == ExitCode.DONE
        others[0].communicate()
        assert others[0].returncode == ExitCode.DONE
        assert steps(server) == ["translate", "read"]
