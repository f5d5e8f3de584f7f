"""`python tests/sown.py`: sentences lost and invented in the published pairs, and how many the checks find.

The constants of `checks/counterparts.py` come from the issues of odd days and from the samples: those of even
days tell what they are worth. The pairs are not part of the project.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from published import ALLOWED, CORPUS, ROOT
from weekly_translate.compare.ignores import parse_allowances
from weekly_translate.compare.style import Rules
from weekly_translate.data_files import yaml_in
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.quality.faults import FAULTS
from weekly_translate.quality.trials import InjectablePair, Trial, injectable_pair, trials
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = ("sentence dropped", "sentence invented", "sentence strayed", "sentence repeated", "cut off")


def pairs(*, even: bool) -> list[InjectablePair]:
    """The published pairs of even or of odd days."""
    allowed = parse_allowances(yaml_in(ALLOWED.read_text("utf-8"), ALLOWED.name))
    rules = Rules(read_glossary(None, ROOT).matcher, allowed=allowed, senses=AllSenses())
    return [
        injectable_pair((CORPUS / "zh" / path.name).read_text("utf-8"), path.read_text("utf-8"), rules)
        for path in sorted((CORPUS / "en").glob("*.md"))
        if is_even(path) is even
    ]


def is_even(path: Path) -> bool:
    """Whether the day in the name of an issue is even."""
    return int(path.name.split("-")[2]) % 2 == 0


def of_sentences(pairs: list[InjectablePair], *, count: int) -> Iterator[Trial]:
    """Each of these kinds of fault up to `count` times in each pair, one at a time."""
    return trials(pairs, [kind for kind in FAULTS if kind.name in KINDS], seed=1, count=count)


def main() -> int:
    """Print both halves."""
    if not CORPUS.is_dir():
        sys.stdout.write("The published issues are not here: they are read from ../shared/corpus.\n")
        return 2
    for even, name in ((False, "Odd days, where the constants come from"), (True, "Even days")):
        sys.stdout.write(f"{name}\n")
        for trial in of_sentences(pairs(even=even), count=25):
            good, every = trial.good, len(trial.detections)
            sys.stdout.write(f"  {trial.fault.name:20} {good:4} of {every:4}  {good / every:.1%}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
