"""The outcome of a self-test in lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.selftest.table import SHARES, Goal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.selftest.trials import Outcome, Trial

HEADER = f"{'':27} {'sown':>5} {'found':>6} {'right id':>9} {'once':>5} {'good':>6}"
_MISSES_SHOWN = 5


def row_of(trial: Trial) -> str:
    """`URL altered    60     60        60    60   100%`."""
    sown, found = len(trial.outcomes), sum(bool(outcome.found) for outcome in trial.outcomes)
    if not trial.fault.ids:
        return f"{trial.fault.name:27} {sown:5} {found:6} {'':9} {'':5} {_share(trial.good, sown):>6}"
    right = sum(outcome.right for outcome in trial.outcomes)
    once = sum(outcome.once for outcome in trial.outcomes)
    return f"{trial.fault.name:27} {sown:5} {found:6} {right:9} {once:5} {_share(trial.good, sown):>6}"


def misses_of(trial: Trial) -> Iterator[str]:
    """What was not found, or not once, or under another id; of harmless changes what was said about them."""
    missed = [outcome for outcome in trial.outcomes if not outcome.is_good(trial.fault)]
    for outcome in missed[:_MISSES_SHOWN]:
        yield f"    line {outcome.sown.source_lines[0]}: {outcome.sown.what}: {_said(outcome)}"
    if len(missed) > _MISSES_SHOWN:
        yield f"    and {len(missed) - _MISSES_SHOWN} more"


def _said(outcome: Outcome) -> str:
    return "; ".join(f"{finding.check}: {finding.message}" for finding in outcome.found) or "nothing is found"


def totals_of(trials: Iterable[Trial]) -> dict[Goal, tuple[int, int]]:
    """For each goal how many faults are good of how many that were sown."""
    totals = dict.fromkeys(Goal, (0, 0))
    for trial in trials:
        good, sown = totals[trial.fault.goal]
        totals[trial.fault.goal] = good + trial.good, sown + len(trial.outcomes)
    return totals


def summary_of(trials: Sequence[Trial]) -> Iterator[str]:
    """`structure and numbers: 99.4 % of 1,210, wanted 99 %`."""
    for goal, (good, sown) in totals_of(trials).items():
        if goal is Goal.SILENT:
            yield f"{goal}: {sown - good} false alarms about {sown:,}"
        elif sown:
            share = f"{good / sown:.1%} of {sown:,} reported once and rightly"
            yield f"{goal}: {share}, wanted {SHARES[goal]:.0%}"


def reached(trials: Sequence[Trial]) -> bool:
    """Whether each goal is reached; what could not be sown fails none."""
    totals = totals_of(trials)
    return all(
        good >= share * sown
        for (good, sown), share in ((totals[goal], share) for goal, share in SHARES.items())
    )


def _share(good: int, sown: int) -> str:
    return f"{good / sown:.0%}" if sown else "-"
