"""The layers of docs/architecture.md, enforced from the imports; and the sizes that keep modules readable."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PACKAGE = "weekly_translate"
SOURCES = Path(__file__).parents[1] / "src" / PACKAGE

LAYERS = (
    {"__main__"},
    {"cli"},
    {"commands"},
    {"console"},
    {"season"},
    {"issue", "review", "selftest", "terminology"},
    {"compare"},
    {"pipeline"},
    {"markdown", "edition", "translation", "reports", "engines", "store", "settings"},
    {"checks"},
    {"templates", "titles"},
    {"text"},
    {"exchange"},
    {"model", "errors"},
)
"""A part imports from the rows below its own, never from a neighbor."""

PURE = {"markdown", "edition", "translation", "checks", "reports"}.union(*LAYERS[-5:])
WORLD = {
    *("asyncio", "http", "io", "socket", "subprocess", "threading", "urllib.request"),
    *("importlib", "logging", "os", "pathlib", "shutil", "sys", "tempfile"),
    *("datetime", "random", "secrets", "time", "uuid"),
}
WORDS_OF_THE_WORLD = {"open", "print", "input", "breakpoint"}

ONE_USER = {
    "mistune": "markdown",
    "openai": "engines",
    "rich": "console",
    "sqlite3": "store",
    "starlette": "review",
    "typer": "cli",
    "uvicorn": "review",
}
UNSAFE_MODULES = {"pickle", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "os.system"}
CHANGES_OF_THE_ENVIRONMENT = {
    *("os.putenv", "os.unsetenv"),
    *(f"os.environ.{name}" for name in ("clear", "pop", "popitem", "setdefault", "update")),
}
NAMES_THAT_SAY_NOTHING = {"common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
LONGEST_FUNCTION = 50
LONGEST_MODULE = 500


@dataclass(frozen=True)
class Module:
    """A module of the package; `name` lacks the package: `markdown.blocks`, `cli`, `` for the package."""

    name: str
    tree: ast.Module
    length: int

    @property
    def part(self) -> str:
        """The folder or top-level module that it belongs to: the unit of the layers."""
        return self.name.partition(".")[0]

    def imports(self) -> Iterator[tuple[str, int]]:
        """Everything that is imported anywhere in it, as a dotted name that may end in a function's name."""
        for node in ast.walk(self.tree):
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

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call and the name that is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node


# --------------------------------------------------------------------------- one rule, one function


def arrows_point_down(module: Module) -> Iterator[tuple[int, str]]:
    if module.part and _row_of(module.part) is None:
        yield 1, f"{module.part} stands in no layer"
    for name, line in module.imports_of_ours():
        part = name.partition(".")[0]
        own, other = _row_of(module.part), _row_of(part)
        if part != module.part and own is not None and other is not None and other <= own:
            yield (
                line,
                f"{module.part} imports {part}, which is {'its neighbor' if own == other else 'above it'}",
            )


def imports_are_absolute(module: Module) -> Iterator[tuple[int, str]]:
    for name, line in module.imports():
        if name.startswith("."):
            yield line, "imports by a relative name"


def libraries_have_one_user(module: Module) -> Iterator[tuple[int, str]]:
    for name, line in module.imports():
        library = name.partition(".")[0]
        if ONE_USER.get(library, module.part) != module.part:
            yield line, f"imports {library}, which only {ONE_USER[library]} may use"


def pure_parts_leave_the_world_alone(module: Module) -> Iterator[tuple[int, str]]:
    if module.part not in PURE:
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
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield from () if isinstance(node.ctx, ast.Load) else [(node.lineno, "changes the environment")]
    for name, call in module.calls():
        if name in CHANGES_OF_THE_ENVIRONMENT:
            yield call.lineno, f"calls {name}()"


def frozen_values_have_slots(module: Module) -> Iterator[tuple[int, str]]:
    """Without slots, a cached property can be put into a frozen value, and can grow there unseen."""
    for node in ast.walk(module.tree):
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


def functions_and_modules_are_short(module: Module) -> Iterator[tuple[int, str]]:
    if module.length > LONGEST_MODULE:
        yield 1, f"{module.length} lines long, over {LONGEST_MODULE}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name} is {length} lines long, over {LONGEST_FUNCTION}"


RULES: tuple[Callable[[Module], Iterator[tuple[int, str]]], ...] = (
    arrows_point_down,
    imports_are_absolute,
    libraries_have_one_user,
    pure_parts_leave_the_world_alone,
    nothing_runs_what_it_reads,
    nobody_changes_the_environment,
    frozen_values_have_slots,
    names_say_something,
    functions_and_modules_are_short,
)


def violations(sources: Mapping[str, str]) -> list[str]:
    """What breaks a rule in a package, given as {module name without the package: source text}."""
    modules = [Module(name, ast.parse(text), text.count("\n")) for name, text in sources.items()]
    found = [
        f"{module.name or PACKAGE}:{line}: {message}"
        for module in modules
        for rule in RULES
        for line, message in rule(module)
    ]
    return sorted(found) + _cycles(modules)


def _row_of(part: str) -> int | None:
    return next((row for row, parts in enumerate(LAYERS) if part in parts), None)


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


def _package() -> dict[str, str]:
    found = {}
    for path in sorted(SOURCES.rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = path.read_text(encoding="utf-8")
    return found


# --------------------------------------------------------------------------- the tests


def test_the_package_keeps_its_rules() -> None:
    assert violations(_package()) == []


def test_the_package_is_found() -> None:
    assert {"", "model", "tags"} <= _package().keys()


KEPT = {
    "the package itself may be imported by all": {"": "", "cli": "from weekly_translate import __version__"},
    "a part may import itself": {"checks": "", "checks.numbers": "from weekly_translate.checks import Check"},
    "rows may be skipped": {"cli": "from weekly_translate.model import Span", "model": ""},
    "each library has its user": {"engines.chat": "import openai", "cli": "import typer"},
    "the world stands at the rim": {"store.files": "import os\nfrom pathlib import Path\nopen('x')"},
    "methods of the same name are not the world": {"markdown": "tag.open()"},
    "taking an address apart asks nobody": {"edition": "from urllib.parse import urlsplit"},
    "yaml is read safely": {"edition": "import yaml\nyaml.safe_load(text)"},
}


@pytest.mark.parametrize("sources", KEPT.values(), ids=KEPT.keys())
def test_what_is_allowed_is_not_reported(sources: dict[str, str]) -> None:
    assert violations(sources) == []


BROKEN = [
    ({"season": "from weekly_translate.cli import main"}, "season:1: season imports cli, which is above it"),
    (
        {"pipeline": "from weekly_translate import season"},
        "pipeline:1: pipeline imports season, which is above it",
    ),
    ({"model": "import weekly_translate.text.tags"}, "model:1: model imports tags, which is above it"),
    (
        {"reports": "\nfrom weekly_translate.edition.urls import rewritten"},
        "reports:2: reports imports edition, which is its neighbor",
    ),
    (
        {"store": "if TYPE_CHECKING:\n    from weekly_translate.engines import openai_chat"},
        "store:2: store imports engines, which is its neighbor",
    ),
    (
        {"translation.cost": "def f():\n    from weekly_translate.settings import Settings"},
        "translation.cost:2: translation imports settings, which is its neighbor",
    ),
    ({"checks.tags": "from . import numbers"}, "checks.tags:1: imports by a relative name"),
    ({"surprise": ""}, "surprise:1: surprise stands in no layer"),
    ({"reports": "from rich.console import Console"}, "reports:1: imports rich, which only console may use"),
    ({"edition": "import mistune"}, "edition:1: imports mistune, which only markdown may use"),
    ({"pipeline": "import sqlite3"}, "pipeline:1: imports sqlite3, which only store may use"),
    ({"settings": "import openai"}, "settings:1: imports openai, which only engines may use"),
    ({"console": "import typer"}, "console:1: imports typer, which only cli may use"),
    ({"checks": "from os import path"}, "checks:1: checks is pure, and imports os.path"),
    ({"tags": "import datetime as d"}, "tags:1: tags is pure, and imports datetime"),
    ({"markdown": "from urllib import request"}, "markdown:1: markdown is pure, and imports urllib.request"),
    ({"reports.diff": "print('x')"}, "reports.diff:1: reports is pure, and calls print()"),
    ({"cli": "eval(text)"}, "cli:1: calls eval()"),
    ({"store": "import pickle"}, "store:1: imports pickle"),
    ({"edition": "yaml.load(text)"}, "edition:1: calls yaml.load()"),
    ({"season": "run('ls', shell=True)"}, "season:1: starts a shell"),
    ({"engines": "import os\nos.environ['X'] = '1'"}, "engines:2: changes the environment"),
    ({"cli": "import os\nos.environ.pop('X')"}, "cli:2: calls os.environ.pop()"),
    ({"model": "@dataclass(frozen=True)\nclass Job: pass"}, "model:2: Job is frozen and has no slots"),
    ({"checks.utils": ""}, "checks.utils:1: utils is no name for a module"),
    ({"tags": "\n" * 501}, "tags:1: 501 lines long, over 500"),
    ({"tags": "def f():\n" + "    x\n" * 50}, "tags:1: f is 51 lines long, over 50"),
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
