"""Faults are injected one at a time, the pair is compared again, and what is new is judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.judge import compared
from weekly_translate.markdown.segments import parse
from weekly_translate.model import ComplaintKind, Severity
from weekly_translate.quality import faults, mistakes
from weekly_translate.quality.sites import FAULTS, SHARES, FaultKind, Goal, Injector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.model import Finding
    from weekly_translate.quality.sites import InjectablePair, InjectedFault


MODULES = (faults, mistakes)
"""Importing them registers what they inject."""
Key = tuple[str, int | None, int | None]
"""The id and the lines of a finding; what it says may change with the numbers of lines."""


class Detection(NamedTuple):
    """What became of one fault."""

    injected: InjectedFault
    found: tuple[Finding, ...]
    """The findings that the pair did not have before."""
    right: bool
    """Whether one of them stands where the fault is, under an id that fits."""

    def is_good(self, fault: FaultKind) -> bool:
        """Whether a fault is reported once and rightly; whether nothing is said about a harmless change.

        A doubt hides no error: the numbers of a sentence that may be invented are told as well.
        """
        if fault.goal is Goal.SILENT:
            return not self.found
        if fault.goal is Goal.MEANING:
            return self.right
        doubts = [one for one in self.found if one.kind is ComplaintKind.DOUBTFUL]
        with_reason = len(doubts) == 1 and all(one.check in fault.ids for one in self.found)
        return self.right and (len(self.found) == 1 or with_reason)


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcomes of one kind of fault, over all pairs."""

    fault: FaultKind
    detections: tuple[Detection, ...]

    @property
    def good(self) -> int:
        """How many outcomes are as they should be."""
        return sum(detection.is_good(self.fault) for detection in self.detections)


def trials(
    pairs: list[InjectablePair], *, seed: int, count: int, faults: Mapping[Injector, FaultKind] = FAULTS
) -> Iterator[Trial]:
    """Each kind of fault at most `count` times in each pair; the same seed sows the same faults."""
    for inject, fault in faults.items():
        detections: list[Detection] = []
        for number, pair in enumerate(pairs):
            random = Random(f"{seed} {number} {fault.name}")  # noqa: S311 - chooses faults, keeps no secret
            possible = list(inject(pair, random))
            chosen = random.sample(possible, min(count, len(possible)))
            detections += [detection(pair, injected, fault) for injected in chosen]
        yield Trial(fault, tuple(detections))


def detection(pair: InjectablePair, injected: InjectedFault, fault: FaultKind) -> Detection:
    """Compare the source with a translation that has one fault more."""
    findings = compared(
        pair.source, parse(mutated(pair, injected), every_line=True), pair.rules, pair.checked
    )
    known = Counter(_moved(_key(finding), pair, injected) for finding in pair.findings)
    new = []
    for finding in findings:
        if known[_key(finding)]:
            known[_key(finding)] -= 1
        else:
            new.append(finding)
    lines = set(_edited_lines(pair, injected))
    right = any(
        (finding.check in fault.ids or (fault.goal is Goal.MEANING and finding.severity is not Severity.INFO))
        and (finding.source_line in injected.source_lines or finding.target_line in lines)
        for finding in new
    )
    return Detection(injected, tuple(new), right)


def mutated(pair: InjectablePair, injected: InjectedFault) -> str:
    """The translation with the fault in it."""
    text = pair.target.text
    for edit in sorted(injected.edits, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _key(finding: Finding) -> Key:
    return finding.check, finding.source_line, finding.target_line


def _moved(key: Key, pair: InjectablePair, injected: InjectedFault) -> Key:
    """Where a finding stands after the edits before it have added or removed lines."""
    check, source, target = key
    if target is None:
        return key
    text = pair.target.text
    shift = sum(
        edit.text.count("\n") - text.count("\n", *edit.span)
        for edit in injected.edits
        if text.count("\n", 0, edit.span.start) + 1 < target
    )
    return check, source, target + shift


def _edited_lines(pair: InjectablePair, injected: InjectedFault) -> Iterator[int]:
    """The lines of the new text in which the edits stand."""
    text, shift = pair.target.text, 0
    for edit in sorted(injected.edits):
        first = text.count("\n", 0, edit.span.start) + 1 + shift
        yield from range(first, first + edit.text.count("\n") + 1)
        shift += edit.text.count("\n") - text.count("\n", *edit.span)


# --------------------------------------------------------------------------- as lines of text

HEADER = f"{'':27} {'sown':>5} {'found':>6} {'right id':>9} {'once':>5} {'good':>6}"
_MISSES_SHOWN = 5


def row_of(trial: Trial) -> str:
    """`URL altered    60     60        60    60   100%`."""
    detections = trial.detections
    injected, found = len(detections), sum(bool(detection.found) for detection in detections)
    right: int | str = sum(detection.right for detection in detections)
    once: int | str = sum(len(detection.found) == 1 for detection in detections)
    if trial.fault.goal is Goal.SILENT:
        right = once = ""
    share = f"{trial.good / injected:.0%}" if injected else "-"
    return f"{trial.fault.name:27} {injected:5} {found:6} {right:>9} {once:>5} {share:>6}"


def misses_of(trial: Trial) -> Iterator[str]:
    """What was not found, or not once, or under another id; of harmless changes what was said about them."""
    missed = [detection for detection in trial.detections if not detection.is_good(trial.fault)]
    for detection in missed[:_MISSES_SHOWN]:
        said = "; ".join(f"{finding.check}: {finding.message}" for finding in detection.found)
        line, what = detection.injected.source_lines[0], detection.injected.what
        yield f"    line {line}: {what}: {said or 'nothing is found'}"
    if len(missed) > _MISSES_SHOWN:
        yield f"    and {len(missed) - _MISSES_SHOWN} more"


def totals_of(trials: Iterable[Trial]) -> dict[Goal, tuple[int, int]]:
    """For each goal how many faults are good of how many that were sown."""
    totals = dict.fromkeys(Goal, (0, 0))
    for trial in trials:
        good, injected = totals[trial.fault.goal]
        totals[trial.fault.goal] = good + trial.good, injected + len(trial.detections)
    return totals


def summary_of(trials: Sequence[Trial]) -> Iterator[str]:
    """`structure and numbers: 99.4 % of 1,210, wanted 99 %`."""
    for goal, (good, injected) in totals_of(trials).items():
        if goal is Goal.SILENT:
            yield f"{goal}: {injected - good} false alarms about {injected:,}"
        elif goal is Goal.MEANING and injected:
            yield f"{goal}: {good / injected:.1%} of {injected:,} reported; the others take a reader"
        elif injected:
            share = f"{good / injected:.1%} of {injected:,} reported once and rightly"
            yield f"{goal}: {share}, wanted {SHARES[goal]:.0%}"


def reached(trials: Sequence[Trial]) -> bool:
    """Whether each goal is reached; what could not be sown fails none."""
    totals = totals_of(trials)
    return all(totals[goal][0] >= share * totals[goal][1] for goal, share in SHARES.items())
