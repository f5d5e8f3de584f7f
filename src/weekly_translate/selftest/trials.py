"""Faults are sown one at a time, the pair is compared again, and what is new is judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.comparison.compared import compared
from weekly_translate.markdown.segments import parse
from weekly_translate.selftest.table import FAULTS, Fault, Sow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.model import Finding
    from weekly_translate.selftest.ground import Ground, Sown

Key = tuple[str, int | None, int | None]
"""The id and the lines of a finding; what it says may change with the numbers of lines."""


class Outcome(NamedTuple):
    """What became of one fault."""

    sown: Sown
    found: tuple[Finding, ...]
    """The findings that the pair did not have before."""
    right: bool
    """Whether one of them stands where the fault is, under an id that fits."""

    @property
    def once(self) -> bool:
        """Whether it is said once."""
        return len(self.found) == 1

    def is_good(self, fault: Fault) -> bool:
        """Whether a fault is reported once and rightly; whether nothing is said about a harmless change."""
        return self.right and self.once if fault.ids else not self.found


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcomes of one kind of fault, over all pairs."""

    fault: Fault
    outcomes: tuple[Outcome, ...] = ()

    @property
    def good(self) -> int:
        """How many outcomes are as they should be."""
        return sum(outcome.is_good(self.fault) for outcome in self.outcomes)


def trials(
    grounds: list[Ground], *, seed: int, count: int, faults: Mapping[Sow, Fault] = FAULTS
) -> Iterator[Trial]:
    """Each kind of fault at most `count` times in each pair; the same seed sows the same faults."""
    for sow, fault in faults.items():
        trial = Trial(fault)
        for number, ground in enumerate(grounds):
            random = Random(f"{seed} {number} {fault.name}")  # noqa: S311 - chooses faults, keeps no secret
            possible = list(sow(ground, random))
            chosen = random.sample(possible, min(count, len(possible)))
            trial = replace(
                trial, outcomes=trial.outcomes + tuple(outcome(ground, sown, fault) for sown in chosen)
            )
        yield trial


def outcome(ground: Ground, sown: Sown, fault: Fault) -> Outcome:
    """Compare the source with a translation that has one fault more."""
    findings = compared(
        ground.source, parse(mutated(ground, sown), every_line=True), ground.rules, ground.checked
    )
    known = Counter(_moved(_key(finding), ground, sown) for finding in ground.findings)
    new = []
    for finding in findings:
        if known[_key(finding)]:
            known[_key(finding)] -= 1
        else:
            new.append(finding)
    lines = set(_edited_lines(ground, sown))
    right = any(
        finding.check in fault.ids
        and (finding.source_line in sown.source_lines or finding.target_line in lines)
        for finding in new
    )
    return Outcome(sown, tuple(new), right)


def mutated(ground: Ground, sown: Sown) -> str:
    """The translation with the fault in it."""
    text = ground.target.text
    for edit in sorted(sown.edits, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _key(finding: Finding) -> Key:
    return finding.check, finding.source_line, finding.target_line


def _moved(key: Key, ground: Ground, sown: Sown) -> Key:
    """Where a finding stands after the edits before it have added or removed lines."""
    check, source, target = key
    if target is None:
        return key
    text = ground.target.text
    shift = sum(
        edit.text.count("\n") - text.count("\n", *edit.span)
        for edit in sown.edits
        if text.count("\n", 0, edit.span.start) + 1 < target
    )
    return check, source, target + shift


def _edited_lines(ground: Ground, sown: Sown) -> Iterator[int]:
    """The lines of the new text in which the edits stand."""
    text, shift = ground.target.text, 0
    for edit in sorted(sown.edits):
        first = text.count("\n", 0, edit.span.start) + 1 + shift
        yield from range(first, first + edit.text.count("\n") + 1)
        shift += edit.text.count("\n") - text.count("\n", *edit.span)
