"""The self-test: what is sown is found, what is harmless is not, and the same seed sows the same faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from program import run
from weekly_translate.comparison.allowances import parse_allowances
from weekly_translate.comparison.compared import Rules
from weekly_translate.data_files import yaml_in
from weekly_translate.selftest.ground import Edit, Ground, Sown, ground_of
from weekly_translate.selftest.rows import misses_of
from weekly_translate.selftest.table import FAULTS, SHARES, Goal
from weekly_translate.selftest.trials import Trial, mutated, outcome, trials
from weekly_translate.text.dictionary import AllSenses

SAMPLES = Path(__file__).parents[1] / "samples"
CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"
ALLOWED = Path(__file__).parent / "cases" / "published" / "allow.yaml"
LEAST = {**SHARES, Goal.SILENT: 1.0}


@pytest.fixture(scope="module")
def grounds() -> list[Ground]:
    rules = Rules(senses=AllSenses())
    texts = [
        [(SAMPLES / name / f"{side}.md").read_text("utf-8") for side in ("source", "en")]
        for name in ("full", "odd")
    ]
    return [ground_of(source, target, rules) for source, target in texts]


@pytest.fixture(scope="module")
def table(grounds: list[Ground]) -> list[Trial]:
    return list(trials(grounds, seed=1, count=4))


def _share_of(goal: Goal, table: list[Trial]) -> float:
    kinds = [trial for trial in table if trial.fault.goal is goal]
    return sum(trial.good for trial in kinds) / sum(len(trial.outcomes) for trial in kinds)


def _missed(goal: Goal, table: list[Trial]) -> str:
    """For the message of a test that fails."""
    return "\n".join(
        f"{trial.fault.name}\n{line}"
        for trial in table
        if trial.fault.goal is goal
        for line in misses_of(trial)
    )


def test_the_samples_are_good_ground(grounds: list[Ground]) -> None:
    assert [ground.findings for ground in grounds] == [(), ()]


@pytest.mark.parametrize("goal", list(Goal))
def test_what_is_sown_into_the_samples_is_found_once(goal: Goal, table: list[Trial]) -> None:
    assert _share_of(goal, table) >= LEAST[goal], _missed(goal, table)


@pytest.fixture(scope="module")
def published() -> list[Trial]:
    """Pairs that nobody wrote for this test; what is wrong with them is there before anything is sown."""
    if not CORPUS.is_dir():
        pytest.skip("the published issues are not here: they are read from ../shared/corpus")
    allowed = parse_allowances(yaml_in(ALLOWED.read_text("utf-8"), ALLOWED.name))
    rules = Rules(allowed=allowed, senses=AllSenses())
    names = sorted(path.name for path in (CORPUS / "en").glob("*.md"))[::2]
    grounds = [
        ground_of((CORPUS / "zh" / name).read_text("utf-8"), (CORPUS / "en" / name).read_text("utf-8"), rules)
        for name in names
    ]
    return list(trials(grounds, seed=1, count=2))


@pytest.mark.parametrize("goal", [Goal.CERTAIN, Goal.LIKELY])
def test_what_is_sown_into_published_pairs_is_found_once(goal: Goal, published: list[Trial]) -> None:
    assert _share_of(goal, published) >= LEAST[goal], _missed(goal, published)


def test_the_same_seed_sows_the_same_faults(grounds: list[Ground]) -> None:
    first, second = [next(trials(grounds, seed=seed, count=3)).outcomes for seed in (7, 7)]
    assert first == second


def test_every_kind_of_fault_has_a_name_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS.values()}) == len(FAULTS)


def test_edits_are_made_from_the_end_so_that_none_moves_another(grounds: list[Ground]) -> None:
    one, two = grounds[0].places[1].span, grounds[0].places[2].span
    text = mutated(grounds[0], Sown("", (Edit(one, "one"), Edit(two, "two")), ()))
    assert text == grounds[0].target.text[: one.start] + "one" + grounds[0].target.text[
        one.end : two.start
    ] + ("two" + grounds[0].target.text[two.end :])


def test_nothing_is_new_where_nothing_is_sown(grounds: list[Ground]) -> None:
    fault = next(iter(FAULTS.values()))
    assert outcome(grounds[0], Sown("nothing", (), ()), fault).found == ()


def test_the_command_wants_whole_pairs(tmp_path: Path) -> None:
    ended = run(tmp_path, "selftest", SAMPLES / "full" / "source.md")
    assert ended.code == 2
    assert "pairs" in ended.err
