"""`python tests/sown.py`: sentences lost and invented in the published pairs, and how many the checks find.

The constants of `checks/fullness.py` come from the issues of odd days and from the samples: those of even
days tell what they are worth. The pairs are not part of the project.
"""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import yaml

from published import ALLOWED, CORPUS, ROOT
from weekly_translate.comparison.allowances import parse_allowances
from weekly_translate.comparison.compared import Rules
from weekly_translate.engines.senses import AllSenses
from weekly_translate.pipeline.glossary import read_glossary
from weekly_translate.selftest import wording
from weekly_translate.selftest.ground import Ground, ground_of
from weekly_translate.selftest.table import FAULTS
from weekly_translate.selftest.trials import outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weekly_translate.selftest.ground import Sown

KINDS: tuple[Callable[[Ground, Random], Iterator[Sown]], ...] = (
    wording.sentence_dropped,
    wording.sentence_invented,
    wording.sentence_strayed,
    wording.sentence_repeated,
    wording.text_cut_off,
)


class Share(NamedTuple):
    """How many faults of a kind are found once and under the right id, of how many."""

    name: str
    good: int
    sown: int


def grounds(*, even: bool) -> list[Ground]:
    """The published pairs of even or of odd days."""
    allowed = parse_allowances(yaml.safe_load(ALLOWED.read_text("utf-8")), ALLOWED.name)
    terms = read_glossary(None, ROOT).matcher.terms_in
    rules = Rules(terms_in=terms, allowed=allowed, senses=AllSenses())
    return [
        ground_of((CORPUS / "zh" / path.name).read_text("utf-8"), path.read_text("utf-8"), rules)
        for path in sorted((CORPUS / "en").glob("*.md"))
        if is_even(path) is even
    ]


def is_even(path: Path) -> bool:
    """Whether the day in the name of an issue is even."""
    return int(path.name.split("-")[2]) % 2 == 0


def shares(pairs: list[Ground], *, count: int, seed: int = 1) -> Iterator[Share]:
    """Each kind of fault up to `count` times in each pair, one at a time."""
    for kind in KINDS:
        fault, good, sown = FAULTS[kind], 0, 0
        for number, ground in enumerate(pairs):
            random = Random(f"{seed} {number} {fault.name}")  # noqa: S311 - chooses faults, keeps no secret
            possible = list(kind(ground, random))
            for one in random.sample(possible, min(count, len(possible))):
                good += outcome(ground, one, fault).is_good(fault)
                sown += 1
        yield Share(fault.name, good, sown)


def main() -> int:
    """Print both halves."""
    if not CORPUS.is_dir():
        sys.stdout.write("The published issues are not here: they are read from ../shared/corpus.\n")
        return 2
    for even, name in ((False, "Odd days, where the constants come from"), (True, "Even days")):
        sys.stdout.write(f"{name}\n")
        for share in shares(grounds(even=even), count=25):
            sys.stdout.write(
                f"  {share.name:20} {share.good:4} of {share.sown:4}  {share.good / share.sown:.1%}\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
