"""`python -m benchmarks [NAME ...]`: all measurements, or those that are named."""

from __future__ import annotations

import sys

from benchmarks.checking import checking
from benchmarks.compiling import compiling
from benchmarks.dialects import dialects
from benchmarks.evaluating import evaluating
from benchmarks.house import house
from benchmarks.learning import learning
from benchmarks.makespan import makespan
from benchmarks.matching import matching
from benchmarks.memory_use import memory_use
from benchmarks.parsing import parsing
from benchmarks.proofreading import proofreading
from benchmarks.published import published
from benchmarks.remembering import remembering
from benchmarks.reviewing import reviewing
from benchmarks.rows import HEAD
from benchmarks.season import season
from benchmarks.spending import spending
from benchmarks.starting import starting
from benchmarks.verdict import verdict

MEASUREMENTS = (
    house,
    parsing,
    dialects,
    checking,
    compiling,
    published,
    starting,
    reviewing,
    memory_use,
    matching,
    remembering,
    learning,
    spending,
    makespan,
    season,
    verdict,
    proofreading,
    evaluating,
)


def main(names: list[str]) -> int:
    """Print a row as soon as it is measured."""
    known = {measure.__name__: measure for measure in MEASUREMENTS}
    if unknown := set(names) - known.keys():
        print(f"There is no measurement {', '.join(sorted(unknown))}. There are {', '.join(known)}.")
        return 2
    print(HEAD)
    for name in names or known:
        for row in known[name]():
            print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
