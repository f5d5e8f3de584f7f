from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.rows import Row
from benchmarks.serving import local_server
from benchmarks.sources import cycle, edges, modules, twice
from benchmarks.texts import ROOT, sample
from benchmarks.tracing import PACKAGE, Trace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from benchmarks.sources import Module

_MODULES, _PACKAGES, _LINES = 130, 14, 26_000
_MODULES_OF_A_LINE, _WRAPPERS, _LONGEST_FUNCTION = 60, 4, 60
_LINE = "1. [聊一聊垃圾回收的原理和**实践**](https://example.org/gc) (英)\n"
_SOURCE = "聊一聊.*实践"


def house() -> Iterator[Row]:
    """How much there is to read, to tell apart and to follow, and the limits that we have set ourselves."""
    found = modules()
    yield from _sizes(found)
    yield from _names(found)
    yield from _habits(found)
    yield from _imports(found)
    yield from _journeys()


def _sizes(found: list[Module]) -> Iterator[Row]:
    yield _at_most("modules", len(found), _MODULES)
    yield _at_most("packages", sum(module.is_package for module in found), _PACKAGES)
    yield _at_most("lines of Python", sum(module.lines for module in found), _LINES)
    functions = [function for module in found for function in module.functions]
    yield Row("lines of a module", _spread([module.lines for module in found]))
    yield Row("lines of a function", _spread([lines for _, lines in functions]))
    long = [f"{place}, {lines} lines" for place, lines in functions if lines > _LONGEST_FUNCTION]
    yield from _listed(f"functions over {_LONGEST_FUNCTION} lines", long, 0)


def _names(found: list[Module]) -> Iterator[Row]:
    files = twice((module.name.rpartition(".")[2], module.name) for module in found if not module.is_package)
    types = twice((name, module.name) for module in found for name in module.types)
    for what, names in {"file names": files, "type names": types}.items():
        yield Row(f"{what} that occur more than once", f"{len(names)}")
        yield from (Row(f"  {name}", ", ".join(places)) for name, places in names.items())


def _habits(found: list[Module]) -> Iterator[Row]:
    yield from _listed("calls of locals()", chain.from_iterable(m.calls_of_locals for m in found), 0)
    yield from _listed("broad excepts", chain.from_iterable(m.broad_excepts for m in found), 1)


def _imports(found: list[Module]) -> Iterator[Row]:
    yield from _listed("cycles of imports", [circle] if (circle := cycle(found)) else [], 0)
    counted = edges(found)
    yield Row("edges between parts", f"{len(counted)}, for {counted.total()} imports")
    for part in sorted({part for part, _ in counted}):
        targets = ((other, number) for (one, other), number in counted.most_common() if one == part)
        yield Row(f"  {part} imports", ", ".join(f"{other} {number}" for other, number in targets))


def _journeys() -> Iterator[Row]:
    """What runs in `translate` from the file to the written output, with a server that answers well."""
    with local_server() as url:
        of_issue, _ = _trace(sample().content, url)
        of_line, output = _trace(_LINE, url)
        first, *_, last = re.findall("[A-Za-z]+", output.partition("](")[0])
        wrappers = _trace(_LINE, url, f"{first}.*{last}")[0].wrappers
    passed = {module for module, _ in of_issue.functions}
    yield Row("modules that an issue passes", f"{len(passed)}, {len(of_issue.functions)} functions")
    by_part = _by_part(of_line)
    yield _at_most("modules that one line passes", sum(map(len, by_part.values())), _MODULES_OF_A_LINE)
    yield Row("  functions", f"{len(of_line.functions)}")
    yield from (Row(f"  of {part}", ", ".join(names)) for part, names in by_part.items())
    yield from _listed("types between reply and file", wrappers, _WRAPPERS)


def _trace(text: str, url: str, answer: str = "") -> tuple[Trace, str]:
    """What ran, and the English that was written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, target, trace = folder / "zh.md", folder / "en.md", folder / "trace.json"
        source.write_text(text, "utf-8")
        run = [sys.executable, "-m", "benchmarks.tracing", str(trace), _SOURCE, answer]
        options = ["--engine=openai", f"--base-url={url}", f"--memory={folder}/memory.db", "--quiet"]
        command = [*run, str(source), f"--output={target}", *options]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own
        return Trace(*json.loads(trace.read_text("utf-8"))), target.read_text("utf-8")


def _by_part(trace: Trace) -> dict[str, list[str]]:
    """The modules that ran, by their part of the package."""
    found = defaultdict(list)
    for module in sorted({module for module, _ in trace.functions}):
        part, _, name = module.removeprefix(f"{PACKAGE}.").partition(".")
        found[part].append(name or part)
    return found


def _spread(numbers: Collection[int]) -> str:
    return f"median {median(numbers):.0f}, p90 {quantiles(numbers, n=10)[-1]:.0f}, max {max(numbers)}"


def _listed(what: str, found: Iterable[str], most: int) -> Iterator[Row]:
    """How many there are, and then which."""
    each = [name.removeprefix(f"{PACKAGE}.") for name in found]
    yield _at_most(what, len(each), most)
    yield from (Row("", name) for name in each)


def _at_most(what: str, number: int, most: int) -> Row:
    return Row(what, f"{number:,}", f"<= {most:,}", number <= most)
