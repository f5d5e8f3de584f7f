"""Which part of the package may use which, as docs/architecture.md tells it; and a few habits of the code."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PACKAGE = "weekly_translate"
SOURCES = Path(__file__).parents[1] / "src" / PACKAGE

USES = {
    "errors": "",
    "version": "",
    "model": "",
    "caching": "",
    "interrupts": "",
    "text": "caching errors model version",
    "files": "errors text",
    "yaml_text": "errors",
    "data_files": "caching errors version yaml_text",
    "checks": "model text",
    "markdown": "errors model text",
    "report": "checks model text",
    "memory": "errors files interrupts model text",
    "llm": "caching checks data_files errors model text",
    "settings": "data_files errors files llm memory model",
    "glossary": "checks data_files errors model text",
    "edition": "data_files errors markdown model text",
    "compare": "checks data_files edition errors files glossary markdown model report text",
    "quality": "checks compare data_files edition errors llm markdown memory model text",
    "run": "checks compare data_files edition errors files glossary interrupts llm markdown memory model "
    "quality report settings text version",
    "review": "checks compare edition errors files glossary memory model quality report run text",
    "api": "checks compare data_files edition errors files glossary memory model report run settings text",
    "cli": "*",
    "__main__": "cli",
}
"""What each part imports from, besides itself: only rows above its own; `*` is all of them."""

PURE = {"checks", "errors", "markdown", "model", "report", "text"}
"""Values in, values out: no file, clock, environment, network or printing."""
READS_ITS_DATA = "text.dictionary"
"""The word list that is part of the package."""
WORLD = {
    *("asyncio", "http", "io", "socket", "subprocess", "threading", "urllib.request"),
    *("importlib", "logging", "os", "pathlib", "shutil", "sys", "tempfile"),
    *("datetime", "random", "secrets", "time", "uuid"),
}
WORDS_OF_THE_WORLD = {"open", "print", "input", "breakpoint"}

USERS = {
    "h11": "review.server",
    "httpx2": "llm",
    "lsprotocol": "cli.lsp",
    "mcp": "cli.mcp",
    "mcp_types": "cli.mcp",
    "mistune": "markdown.positions",
    "openai": "llm",
    "psycopg": "memory.postgres",
    "pydantic": "cli.schema compare.ignores data_files edition glossary llm.providers settings",
    "pygls": "cli.lsp",
    "rich": "cli",
    "sqlite3": "memory.sqlite",
    "sacrebleu": "quality.evaluation",
    "starlette": "review.server",
    "tiktoken": "llm.tokens",
    "typer": "cli",
    "uvicorn": "review.server",
    "yaml": "checks.document yaml_text",
}
"""The parts or modules that may import a library."""
RIM = "cli.program"
"""Catches every exception, and says that it is a bug."""
UNSAFE_MODULES = {"pickle", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "os.system"}
CHANGES_OF_THE_ENVIRONMENT = {
    *("os.putenv", "os.unsetenv"),
    *(f"os.environ.{name}" for name in ("clear", "pop", "popitem", "setdefault", "update")),
}
NAMES_THAT_SAY_NOTHING = {"common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
LONGEST_FUNCTION = 60


@dataclass(frozen=True)
class Module:
    """A module of the package; `name` lacks the package: `markdown.blocks`, `cli`, `` for the package."""

    name: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All that is in it: each rule looks through them."""
        return list(ast.walk(self.tree))

    @property
    def part(self) -> str:
        """The folder or top-level module that it belongs to: the unit of `USES`."""
        return self.name.partition(".")[0]

    def imports(self) -> Iterator[tuple[str, int]]:
        """Everything that is imported anywhere in it, as a dotted name that may end in a function's name."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (node.module or "")
                yield from ((f"{origin}.{alias.name}", node.lineno) for alias in node.names)

    def imports_of_ours(self) -> Iterator[tuple[str, int]]:
        """The same, only what comes from the package, without the package's name."""
        for name, line in self.imports():
            if name.startswith(f"{PACKAGE}."):
                yield name.removeprefix(f"{PACKAGE}."), line

    def is_in(self, places: str) -> bool:
        """Whether it is one of the modules or in one of the parts that are named, with spaces between."""
        return any(f"{self.name}.".startswith(f"{place}.") for place in places.split())

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call and the name that is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield dotted(node.func), node

    def caught(self) -> Iterator[tuple[int, set[str]]]:
        """The exceptions that each handler and each `suppress` names; "" where a handler names none."""
        for node in self.nodes:
            if isinstance(node, ast.ExceptHandler):
                named = ast.unparse(node.type) if node.type else ""
                yield node.lineno, set(named.strip("()").split(", "))
        for name, call in self.calls():
            if name.endswith("suppress"):
                yield call.lineno, {ast.unparse(argument) for argument in call.args}


def dotted(node: ast.expr) -> str:
    """`os.environ.pop` as it is written; only the last name of what is called on a call."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, name):
            return f"{dotted(value)}.{name}"
    return ""


# --------------------------------------------------------------------------- one rule, one function


def parts_use_what_the_table_allows(module: Module) -> Iterator[tuple[int, str]]:
    if module.part and module.part not in USES:
        yield 1, f"{module.part} has no row in USES"
        return
    for name, line in module.imports_of_ours():
        part = name.partition(".")[0]
        if module.part and part in USES and part not in {module.part, *allowed_for(module.part)}:
            yield line, f"{module.part} imports {part}, which its row in USES does not name"


def allowed_for(part: str) -> list[str]:
    """The parts that a part may import from, besides itself."""
    above = list(USES)[: list(USES).index(part)]
    return above if USES[part] == "*" else USES[part].split()


def imports_are_absolute(module: Module) -> Iterator[tuple[int, str]]:
    for name, line in module.imports():
        if name.startswith("."):
            yield line, "imports by a relative name"


def libraries_have_few_users(module: Module) -> Iterator[tuple[int, str]]:
    for name, line in module.imports():
        library = name.partition(".")[0]
        if library in USERS and not module.is_in(USERS[library]):
            yield line, f"imports {library}, which only {USERS[library]} may use"


def pure_parts_leave_the_world_alone(module: Module) -> Iterator[tuple[int, str]]:
    if module.part not in PURE or module.name == READS_ITS_DATA:
        return
    for name, line in module.imports():
        if any(f"{name}.".startswith(f"{thing}.") for thing in WORLD):
            yield line, f"{module.part} is pure, and imports {name}"
    for name, call in module.calls():
        if name in WORDS_OF_THE_WORLD:
            yield call.lineno, f"{module.part} is pure, and calls {name}()"


def nothing_runs_what_it_reads(module: Module) -> Iterator[tuple[int, str]]:
    for name, line in module.imports():
        if name.partition(".")[0] in UNSAFE_MODULES:
            yield line, f"imports {name}"
    for name, call in module.calls():
        if name in UNSAFE_CALLS:
            yield call.lineno, f"calls {name}()"
        if any(word.arg == "shell" for word in call.keywords):
            yield call.lineno, "starts a shell"


def nobody_changes_the_environment(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.nodes:
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield from () if isinstance(node.ctx, ast.Load) else [(node.lineno, "changes the environment")]
    for name, call in module.calls():
        if name in CHANGES_OF_THE_ENVIRONMENT:
            yield call.lineno, f"calls {name}()"


def frozen_values_have_slots(module: Module) -> Iterator[tuple[int, str]]:
    """Without slots, a cached property can be put into a frozen value, and can grow there unseen.

    The options of a command are mixed from several classes, which Python does not allow with slots.
    """
    if module.part == "cli":
        return
    for node in module.nodes:
        if isinstance(node, ast.ClassDef):
            settings = {
                word.arg: ast.unparse(word.value)
                for decorator in node.decorator_list
                if isinstance(decorator, ast.Call)
                for word in decorator.keywords
            }
            if settings.get("frozen") == "True" and settings.get("slots") != "True":
                yield node.lineno, f"{node.name} is frozen and has no slots"


def names_say_something(module: Module) -> Iterator[tuple[int, str]]:
    for word in NAMES_THAT_SAY_NOTHING & set(module.name.split(".")):
        yield 1, f"{word} is no name for a module"


def functions_are_short(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name} is {length} lines long, over {LONGEST_FUNCTION}"


def values_are_handed_on_by_name(module: Module) -> Iterator[tuple[int, str]]:
    for name, call in module.calls():
        if name == "locals":
            yield call.lineno, "calls locals()"


def exceptions_are_named(module: Module) -> Iterator[tuple[int, str]]:
    for line, caught in module.caught():
        if module.name != RIM and caught & {"", "BaseException", "Exception"}:
            yield line, f"catches every exception, which only {RIM} may do"


RULES: tuple[Callable[[Module], Iterator[tuple[int, str]]], ...] = (
    parts_use_what_the_table_allows,
    imports_are_absolute,
    libraries_have_few_users,
    pure_parts_leave_the_world_alone,
    nothing_runs_what_it_reads,
    nobody_changes_the_environment,
    frozen_values_have_slots,
    names_say_something,
    functions_are_short,
    values_are_handed_on_by_name,
    exceptions_are_named,
)


def violations(sources: Mapping[str, str]) -> list[str]:
    """What breaks a rule in a package, given as {module name without the package: source text}."""
    return _violations([Module(name, ast.parse(text)) for name, text in sources.items()])


def _violations(modules: list[Module]) -> list[str]:
    found = {
        f"{module.name or PACKAGE}:{line}: {message}"
        for module in modules
        for rule in RULES
        for line, message in rule(module)
    }
    return sorted(found) + _cycles(modules)


def _cycles(modules: list[Module]) -> list[str]:
    names = {module.name for module in modules}
    graph = {module.name: _targets(module, names) - {module.name} for module in modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"imports go in a circle: {' -> '.join(reversed(error.args[1]))}"]
    return []


def _targets(module: Module, names: set[str]) -> set[str]:
    imported = {name for name, _ in module.imports_of_ours()}
    return {name if name in names else name.rpartition(".")[0] for name in imported} & names


@cache
def _package() -> list[Module]:
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found.append(Module(name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


# --------------------------------------------------------------------------- the tests


def test_the_package_keeps_its_rules() -> None:
    found = _violations(_package())
    assert not found, "\n".join(found)


def test_the_package_is_found() -> None:
    assert {"", "model", "text.characters"} <= {module.name for module in _package()}


def test_the_table_has_a_row_for_each_part_and_allows_nothing_that_is_not_used() -> None:
    modules = _package()
    used = {part: set[str]() for part in dict.fromkeys(module.part for module in modules) if part}
    for module in modules:
        if module.part:
            used[module.part] |= {name.partition(".")[0] for name, _ in module.imports_of_ours()}
    assert used.keys() == USES.keys()
    rows = {part: set(row.split()) for part, row in USES.items()}
    assert {part: row - used[part] for part, row in rows.items() if row - used[part] - {"*"}} == {}


def test_the_table_goes_from_below_to_above() -> None:
    above: set[str] = set()
    for part in USES:
        assert set(allowed_for(part)) <= above, part
        above.add(part)


KEPT = {
    "the package itself may be imported by all": {"": "", "cli": "from weekly_translate import __version__"},
    "a part may import itself": {"checks": "", "checks.numbers": "from weekly_translate.checks import Check"},
    "rows that the table names": {"cli": "from weekly_translate.model import Span", "model": ""},
    "each library has its user": {"llm.openai": "import openai", "markdown.positions": "import mistune"},
    "the world stands at the rim": {"files": "import os\nfrom pathlib import Path\nopen('x')"},
    "methods of the same name are not the world": {"markdown": "tag.open()"},
    "taking an address apart asks nobody": {"edition": "from urllib.parse import urlsplit"},
    "yaml is read safely": {"yaml_text": "import yaml\nyaml.safe_load(text)"},
    "the program catches what nobody has foreseen": {
        "cli.program": "try:\n    run()\nexcept Exception:\n    pass"
    },
    "a module may be long": {"text": "\n" * 2000},
}


@pytest.mark.parametrize("sources", KEPT.values(), ids=KEPT.keys())
def test_what_is_allowed_is_not_reported(sources: dict[str, str]) -> None:
    assert violations(sources) == []


BROKEN = [
    (
        {"run": "from weekly_translate.cli import main"},
        "run:1: run imports cli, which its row in USES does not name",
    ),
    (
        {"model": "import weekly_translate.text.characters"},
        "model:1: model imports text, which its row in USES does not name",
    ),
    (
        {"report.text": "\nfrom weekly_translate.edition.marks import marks"},
        "report.text:2: report imports edition, which its row in USES does not name",
    ),
    (
        {"memory": "if TYPE_CHECKING:\n    from weekly_translate import llm"},
        "memory:2: memory imports llm, which its row in USES does not name",
    ),
    (
        {"llm.cost": "def f():\n    from weekly_translate.settings import Settings"},
        "llm.cost:2: llm imports settings, which its row in USES does not name",
    ),
    ({"surprise": ""}, "surprise:1: surprise has no row in USES"),
    ({"checks.tags": "from . import numbers"}, "checks.tags:1: imports by a relative name"),
    (
        {"report": "from rich.console import Console, Group"},
        "report:1: imports rich, which only cli may use",
    ),
    (
        {"markdown.parse": "import mistune"},
        "markdown.parse:1: imports mistune, which only markdown.positions may use",
    ),
    (
        {"edition.values": "def f():\n    from mistune.util import unikey"},
        "edition.values:2: imports mistune, which only markdown.positions may use",
    ),
    ({"run": "import sqlite3"}, "run:1: imports sqlite3, which only memory.sqlite may use"),
    ({"settings": "import openai"}, "settings:1: imports openai, which only llm may use"),
    ({"checks": "from os import path"}, "checks:1: checks is pure, and imports os.path"),
    ({"text.characters": "import datetime as d"}, "text.characters:1: text is pure, and imports datetime"),
    ({"markdown": "from urllib import request"}, "markdown:1: markdown is pure, and imports urllib.request"),
    ({"report.diff": "print('x')"}, "report.diff:1: report is pure, and calls print()"),
    ({"cli": "eval(text)"}, "cli:1: calls eval()"),
    ({"memory": "import pickle"}, "memory:1: imports pickle"),
    ({"edition": "yaml.load(text)"}, "edition:1: calls yaml.load()"),
    ({"run": "run('ls', shell=True)"}, "run:1: starts a shell"),
    ({"llm": "import os\nos.environ['X'] = '1'"}, "llm:2: changes the environment"),
    ({"cli": "import os\nos.environ.pop('X')"}, "cli:2: calls os.environ.pop()"),
    ({"model": "@dataclass(frozen=True)\nclass Job: pass"}, "model:2: Job is frozen and has no slots"),
    ({"checks.utils": ""}, "checks.utils:1: utils is no name for a module"),
    ({"text": "def f():\n" + "    x\n" * 60}, "text:1: f is 61 lines long, over 60"),
    ({"cli.check": "run(**locals())"}, "cli.check:1: calls locals()"),
    (
        {"run": "try:\n    f()\nexcept (ValueError, Exception):\n    pass"},
        "run:3: catches every exception, which only cli.program may do",
    ),
    (
        {"llm": "try:\n    f()\nexcept:\n    pass"},
        "llm:3: catches every exception, which only cli.program may do",
    ),
    (
        {"llm": "with suppress(Exception):\n    f()"},
        "llm:1: catches every exception, which only cli.program may do",
    ),
    (
        {
            "markdown.blocks": "from weekly_translate.markdown.inline import x",
            "markdown.inline": "from weekly_translate.markdown import blocks",
        },
        "imports go in a circle: markdown.blocks -> markdown.inline -> markdown.blocks",
    ),
]


@pytest.mark.parametrize(("sources", "expected"), BROKEN, ids=[expected for _, expected in BROKEN])
def test_a_rule_broken_on_purpose_is_reported(sources: dict[str, str], expected: str) -> None:
    assert violations(sources) == [expected]
