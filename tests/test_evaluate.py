"""`weekly-translate evaluate`: a difference is told where there is one, and only then."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from program import run
from server import MisbehavingServer, error
from server.asking import Asked, Question, question_in
from weekly_translate.errors import ExitCode
from weekly_translate.model import ErrorCategory, ErrorSeverity, MeaningError, Proofreading
from weekly_translate.quality.evaluation import ControlPair, Controls
from weekly_translate.quality.faults import planted
from weekly_translate.quality.scores import difference_of, preference, score_of, weight

if TYPE_CHECKING:
    from program import Ended


RANDOM = random.Random(1)  # noqa: S311  repeatable

# ------------------------------------------------------------------------ statistics


def drawn(n: int, share: float, *, seed: int, ties: float = 0.0) -> dict[str, list[float]]:
    """Preferences over issues of 60 segments: the first side wins this share of those that are no ties."""
    draw = random.Random(seed)  # noqa: S311  repeatable
    issues: dict[str, list[float]] = {}
    for number in range(n):
        said = 0.0 if draw.random() < ties else 1.0 if draw.random() < share else -1.0
        issues.setdefault(f"issue {number // 60}", []).append(said)
    return issues


def test_a_planted_difference_is_found_and_one_issue_does_not_tell() -> None:
    many = [difference_of(drawn(600, 0.6, seed=seed)) for seed in range(20)]
    assert sum(one.is_sure and one.mean > 0 for one in many) >= 19
    assert not any(one.is_sure for one in (difference_of(drawn(57, 0.7, seed=seed)) for seed in range(5)))


def test_no_difference_is_rarely_found_and_the_interval_holds_it() -> None:
    none = [difference_of(drawn(600, 0.5, seed=seed, ties=0.3)) for seed in range(20)]
    assert sum(one.is_sure for one in none) <= 2
    assert sum(one.low <= 0 <= one.high for one in none) >= 18


def test_how_many_segments_would_be_needed_is_said() -> None:
    found = difference_of(drawn(57, 0.7, seed=1))
    assert (found.n, found.issues, found.ties) == (57, 1, 0)
    assert found.needed is not None
    assert found.needed >= 100
    assert difference_of({"one": [0.0] * 50}).needed is None
    assert difference_of({}).n == 0


def test_the_same_seed_gives_the_same_numbers() -> None:
    assert difference_of(drawn(300, 0.6, seed=3), seed=5) == difference_of(drawn(300, 0.6, seed=3), seed=5)


@pytest.mark.parametrize(
    ("there", "back", "expected"),
    [("A", "B", 1), ("B", "A", -1), ("A", "A", 0), ("B", "B", 0), ("same", "B", 0), ("same", "same", 0)],
)
def test_a_judge_who_goes_by_the_place_gives_a_tie(there: str, back: str, expected: int) -> None:
    assert preference(there, back) == expected


def mistake(severity: str, words: str = "good words", better: str | None = "other words") -> MeaningError:
    return MeaningError("", words, ErrorCategory.STYLE, ErrorSeverity(severity), better)


def test_errors_weigh_as_in_mqm() -> None:
    said = [
        Proofreading((mistake("critical"), mistake("minor"))),
        Proofreading((mistake("major"),)),
        Proofreading(),
    ]
    assert score_of(said).per_hundred == pytest.approx(100 * 31 / 3)
    assert weight(mistake("minor", "Hello World", "Hello, World.")) == 0.1


def test_below_the_bar_a_judge_gives_no_verdict() -> None:
    assert "finds 6 of 10" in Controls(planted=10, found=6).fails
    assert "complains about 3 of 20" in Controls(planted=10, found=9, good=20, alarms=3).fails
    assert not Controls(planted=10, found=8, good=20, alarms=1).fails


@pytest.mark.parametrize(
    "text",
    ["It is not fast.", "It can't run.", "It takes 40 MB.", "It is faster than before.", "It is nice."],
)
def test_a_planted_fault_changes_the_text(text: str) -> None:
    assert planted(text, RANDOM) not in (None, text)


def test_what_no_rule_can_spoil_stays() -> None:
    assert planted("Hello", RANDOM) is None


# ------------------------------------------------------------------------ the command

ENOUGH, FEW = 130, 30
ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two translations of a few texts: `b.md` has a mistake in every third one."""
    return _written(tmp_path, FEW)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """The same of so many texts that a verdict can be given."""
    return _written(tmp_path, ENOUGH)


def _written(folder: Path, texts: int) -> Path:
    files: dict[str, list[str]] = {"zh.md": ["# 周刊"], "a.md": ["# Weekly"], "b.md": ["# Weekly"]}
    for number in range(1000, 1000 + texts):
        link = f"https://example.org/{number}"  # what the lines are aligned by at once
        word = "so" if number % 3 == 0 else "not"
        files["zh.md"].append(f"第 {number} 个库能处理 {number} 个[文件]({link})，而且不慢。")
        files["a.md"].append(f"Library number {number} can handle {number} [files]({link}) and is not slow.")
        files["b.md"].append(
            f"Library number {number} can handle {number} [files]({link}) and is {word} slow."
        )
    for name, lines in files.items():
        (folder / name).write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return folder


def careful(question: Question) -> str:
    """Names what is wrong, and prefers what is right."""
    said: dict[str, object] = {}
    for asked in question.asked:
        if asked.A:
            scores = [" not slow" in text for text in (asked.A, asked.B)]
            said[asked.id] = "same" if scores[0] == scores[1] else "A" if scores[0] else "B"
        else:
            number = asked.zh.split()[1] if " " in asked.zh else ""
            good = asked.en.count(number) == 2 and " not slow" in asked.en and "can handle" in asked.en
            said[asked.id] = [] if good or not number else [error(asked.en, asked.zh)]
    return json.dumps(said)


def by_place(question: Question) -> str:
    said = json.loads(careful(question))
    return json.dumps({id_: "A" if isinstance(one, str) else one for id_, one in said.items()})


def blind(question: Question) -> str:
    return json.dumps({asked.id: "same" if asked.A else [] for asked in question.asked})


def evaluate(folder: Path, server: MisbehavingServer, *more: str) -> Ended:
    judge = ("--judge", "careful-1", "--base-url", server.url)
    return run(folder, "evaluate", "zh.md", "a.md", "b.md", *judge, *more)


@pytest.mark.usefixtures("either_database")
def test_the_better_translation_is_named(large: Path) -> None:
    with MisbehavingServer(reader=careful) as server:
        ended = evaluate(large, server)
        sent = len(server.requests)
        again = evaluate(large, server, "--format", "json")
        page = evaluate(large, server, "--format", "html").out.decode()
        assert len(server.requests) == sent
    assert ended.code == ExitCode.DONE, ended.err
    out = ended.out.decode()
    assert out.count("a.md is better") == 2
    assert "40 of 40 planted faults found" in out
    data = json.loads(again.out)
    assert data["comparisons"][0]["pairwise"]["n"] == ENOUGH + 1
    assert data["scores"]["a.md"]["per_hundred"] == 0
    assert len(data["worst"]) == 10
    assert "<h1>Evaluation</h1>" in page
    assert "b.md, line" in page


@pytest.mark.usefixtures("either_database")
def test_a_judge_who_goes_by_the_place_prefers_nothing(folder: Path) -> None:
    with MisbehavingServer(reader=by_place) as server:
        data = json.loads(evaluate(folder, server, "--format", "json").out)
        preferences = [one for one in server.requests if "You judge translations" in str(one.body)]
    # A judge that sees both orders of a text side by side is steady, whatever it goes by.
    assert all(len(set(one.texts)) == len(one.texts) for one in preferences)
    assert sum(len(one.texts) for one in preferences) == 2 * len(set(preferences[0].texts))
    pairwise = data["comparisons"][0]["pairwise"]
    assert pairwise["ties"] == pairwise["n"] == FEW + 1


def test_a_blind_judge_gives_no_verdict(folder: Path) -> None:
    with MisbehavingServer(reader=blind) as server:
        ended = evaluate(folder, server)
    assert ended.code == ExitCode.FINDINGS
    assert f"no verdict, because the judge finds 0 of {FEW} planted faults" in ended.out.decode()


def everything_is_wrong(question: Question) -> str:
    return json.dumps({one.id: "A" if one.A else [error(one.en, one.zh)] for one in question.asked})


def test_a_judge_who_calls_every_text_wrong_finds_no_fault(folder: Path) -> None:
    with MisbehavingServer(reader=everything_is_wrong) as server:
        ended = evaluate(folder, server)
    assert ended.code == ExitCode.FINDINGS
    assert f"no verdict, because the judge finds 0 of {FEW} planted faults" in ended.out.decode()


def test_a_judge_who_says_nothing_that_can_be_read_is_no_judge(folder: Path) -> None:
    with MisbehavingServer(reader=lambda _question: "All of these are fine.") as server:
        ended = evaluate(folder, server)
        assert len(server.requests) <= 8
    assert ended.code == ExitCode.ENGINE
    assert "no verdict that can be read" in ended.err


@pytest.mark.parametrize(
    ("good", "target", "spoiled", "named", "found"),
    [
        ("It is not slow.", "", "It is slow.", "is slow", True),
        ("It is not slow.", "", "It is slow.", "It", False),
        ("It is not slow.", "It is not slow.", "It is slow.", "It is slow.", False),
        ("It runs. It is free.", "", "It runs.", "runs.", True),
        ("It runs. It is free.", "", "It is free.", "It is free.", True),
        ("It takes 40 MB.", "takes", "It takes 50 MB.", "50 MB", True),
        ("It takes 40 MB.", "40 MB", "It takes 50 MB.", "50 MB", False),
    ],
)
def test_a_fault_is_found_where_it_is(
    good: str, target: str, spoiled: str, named: str, *, found: bool
) -> None:
    before, after = (Proofreading((mistake("major", words),) if words else ()) for words in (target, named))
    assert ControlPair(good, before, spoiled, after).is_found == found


def test_a_plan_asks_nobody(folder: Path) -> None:
    with MisbehavingServer(reader=careful) as server:
        ended = evaluate(folder, server, "--plan")
        assert not server.requests
    assert "tokens in" in ended.err


def test_references_and_other_metrics_need_no_judge(folder: Path) -> None:
    pytest.importorskip("sacrebleu")
    (folder / "scores.jsonl").write_text(
        '{"system": "b.md", "metric": "COMET", "score": 84}\n', encoding="utf-8"
    )
    ended = run(
        folder, "evaluate", "zh.md", "a.md", "b.md", "--reference", "a.md", "--scores", "scores.jsonl"
    )
    out = ended.out.decode()
    assert "a.md: chrF 100.0, BLEU 100.0" in out
    assert "COMET 84.0" in out


def test_a_score_of_nothing_is_refused(folder: Path) -> None:
    (folder / "scores.jsonl").write_text(
        '{"system": "c.md", "metric": "COMET", "score": 84}\n', encoding="utf-8"
    )
    ended = run(folder, "evaluate", "zh.md", "a.md", "b.md", "--scores", "scores.jsonl")
    assert ended.code == ExitCode.USAGE
    assert "scores.jsonl:1" in ended.err


# ------------------------------------------------------------------------ answers in files

OFFLINE = ("evaluate", "zh.md", "a.md", "b.md", "--judge", "careful-1")


def exported(folder: Path, *more: str) -> list[dict[str, Any]]:
    ended = run(folder, *OFFLINE, "--export", "questions.jsonl", *more)
    assert ended.code == ExitCode.DONE, ended.err
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]


def taken(folder: Path, answers: list[dict[str, Any]]) -> Ended:
    lines = (json.dumps(one, ensure_ascii=False) for one in answers)
    (folder / "answers.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return run(folder, *OFFLINE, "--answers", "answers.jsonl", "--format", "json")


def test_a_judge_who_answers_in_a_file_says_what_it_says_live(folder: Path) -> None:
    answers = [
        {"custom_id": one["custom_id"], "answer": careful(question_in(one["body"]))}
        for one in exported(folder)
    ]
    half = taken(folder, answers[::2])
    assert half.code == ExitCode.PARTIAL, half.err
    assert len(exported(folder)) < len(answers)
    ended = taken(folder, answers)
    assert ended.code == ExitCode.DONE, ended.err
    with MisbehavingServer(reader=careful) as server:
        live = evaluate(folder, server, "--format", "json", "--memory", "live.db")
        assert json.loads(live.out) == json.loads(ended.out)
        sent = len(server.requests)
        assert evaluate(folder, server).code == ExitCode.DONE  # with the answers of the file
        assert len(server.requests) == sent
    assert exported(folder) == []


def by_person(line: dict[str, Any]) -> dict[str, Any]:
    """A person's answer to a line, by the same rules as the careful judge."""
    one = Asked("s1", line["zh"], en=line.get("en", ""), A=line.get("A", ""), B=line.get("B", ""))
    said = json.loads(careful(Question((one,), "", {}, wants_json=True)))["s1"]
    return {**line, "answer": said or "none"}


def test_a_person_may_judge_line_by_line(folder: Path) -> None:
    lines = exported(folder, "--by-hand")
    assert all(set(line) <= {"custom_id", "kind", "under", "zh", "en", "A", "B", "answer"} for line in lines)
    (folder / "weekly-translate.toml").write_text("budget_total = 1\n", "utf-8")  # a person has no price
    kept = run(folder, *OFFLINE, "--export", "answers.jsonl", "--by-hand")
    assert kept.code == ExitCode.DONE
    answers = [by_person(line) for line in lines]
    ended = taken(folder, [*answers, {"custom_id": "wt-unknown", "answer": "A"}, {"custom_id": 3}])
    assert ended.code == ExitCode.DONE, ended.err
    assert "2 lines broken, or of no request" in " ".join(ended.err.split())
    wrong = taken(folder, [{"custom_id": "wt-unknown", "answer": "A"}])
    assert (wrong.code, "is it the file of answers" in wrong.err) == (ExitCode.FINDINGS, True)
    (folder / "weekly-translate.toml").unlink()
    with MisbehavingServer(reader=careful) as server:
        live = evaluate(folder, server, "--format", "json", "--memory", "live.db")
    assert json.loads(live.out) == json.loads(ended.out)
    refused = run(folder, *OFFLINE, "--export", "answers.jsonl", "--by-hand")
    assert (refused.code, "is not replaced" in refused.err) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("answer", ["maybe", "[[[", {"s1": "A"}, 5, "C", ""])
def test_an_answer_that_is_no_verdict_is_none(folder: Path, answer: object) -> None:
    lines = [{**line, "answer": answer} for line in exported(folder, "--by-hand")[:3]]
    ended = taken(folder, lines)
    assert ended.code == (ExitCode.PARTIAL if answer else ExitCode.FINDINGS), ended.err
    assert json.loads(ended.out)["scores"]["a.md"]["per_hundred"] == 0


def test_a_file_that_answers_nothing_is_a_finding_also_where_answers_are_missing(folder: Path) -> None:
    answers = [by_person(line) for line in exported(folder, "--by-hand")]
    assert taken(folder, answers[:-1]).code == ExitCode.PARTIAL
    wrong = taken(folder, [{"custom_id": "wt-unknown", "answer": "A"}])
    assert (wrong.code, "is it the file of answers" in wrong.err) == (ExitCode.FINDINGS, True)


def test_answers_are_found_by_their_texts(folder: Path) -> None:
    """Whoever answers need not keep the ids, which a new prompt would change."""
    answers = [by_person(line) for line in exported(folder, "--by-hand")]
    answers = [
        {name: line[name] for name in line if name in ("zh", "en", "A", "B", "answer")} for line in answers
    ]
    assert taken(folder, answers).code == ExitCode.DONE
    assert "known" in taken(folder, answers).err


def test_the_example_of_the_documentation_is_what_the_command_prints(tmp_path: Path) -> None:
    page = (ROOT / "docs/quality.md").read_text("utf-8")
    sample = "samples/full"
    issue = (f"{sample}/source.md", f"{sample}/edition.md", f"{sample}/review/earlier.md")
    options = ("--judge", "a-judge", "--answers", f"{sample}/judged.jsonl")
    assert f"weekly-translate evaluate {' '.join((*issue, *options))}" in page
    ended = run(ROOT, "evaluate", *issue, *options, "--memory", tmp_path / "memory.db")
    assert ended.code == ExitCode.DONE, ended.err
    assert ended.out.decode() in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--export", "x.jsonl"), "with --judge"),
        (("--judge", "m", "--by-hand"), "give --export"),
        (("--judge", "m", "--export", "x.jsonl", "--answers", "a.md"), "give one of them"),
        (("--judge", "m", "--plan", "--export", "x.jsonl"), "leave out --export"),
        (("--judge", "m", "--plan", "--answers", "a.md"), "leave out --export"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    ended = run(folder, "evaluate", "zh.md", "a.md", *options)
    assert (ended.code, said in ended.err) == (ExitCode.USAGE, True)


def test_what_is_no_translation_is_refused(folder: Path) -> None:
    (folder / "other.md").write_text("```\nNothing else\n```\n", "utf-8")
    ended = run(folder, "evaluate", "zh.md", "a.md", "other.md")
    assert (ended.code, "are they its translations?" in ended.err) == (ExitCode.USAGE, True)


def test_faults_stand_among_the_other_texts(folder: Path) -> None:
    lines = [line for line in exported(folder, "--by-hand") if "en" in line]
    texts = set((folder / "a.md").read_text("utf-8").split("\n\n")) | set(
        (folder / "b.md").read_text("utf-8").split("\n\n")
    )
    places = [place for place, line in enumerate(lines) if line["en"] not in texts]
    assert max(places) - min(places) > len(lines) // 2
