"""What the sources of the package say about themselves, whatever its parts are called."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from benchmarks.texts import ROOT
from benchmarks.tracing import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SOURCES = ROOT / "src"
_BROAD = {"Exception", "BaseException"}


@dataclass(frozen=True)
class Module:
    """A module of the package; `name` is dotted and begins with the package."""

    name: str
    tree: ast.Module
    lines: int
    is_package: bool

    @property
    def part(self) -> str:
        """The folder directly below the package, or the module that lies beside the folders."""
        return self.name.split(".")[1] if "." in self.name else ""

    @cached_property
    def functions(self) -> list[tuple[str, int]]:
        """The place of each function and how many lines it has, without decorators."""
        return [
            (f"{self._place(node)} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]

    @cached_property
    def types(self) -> list[str]:
        """The names of its classes."""
        return [node.name for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]

    @property
    def calls_of_locals(self) -> list[str]:
        """Where `locals()` is called."""
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return [self._place(call) for call in calls if _called(call) == "locals"]

    @property
    def broad_excepts(self) -> list[str]:
        """Where every exception is caught, or passed over by `suppress`."""
        handlers = (node for node in ast.walk(self.tree) if isinstance(node, ast.ExceptHandler))
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        caught: list[ast.ExceptHandler | ast.Call] = [*handlers]
        caught += (call for call in calls if _called(call).endswith("suppress"))
        return [self._place(node) for node in caught if _is_broad(node)]

    def imports(self, known: Iterable[str]) -> Iterator[str]:
        """The modules among the `known` ones that it imports; a module again for each import of it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in known)
            elif isinstance(node, ast.ImportFrom) and (origin := self._origin(node)) in known:
                names = {f"{origin}.{alias.name}" for alias in node.names}
                yield from names & set(known) or {origin}

    def _origin(self, node: ast.ImportFrom) -> str:
        """What it imports from; a relative name is completed."""
        if not node.level:
            return node.module or ""
        kept = (
            self.name.split(".")[: 1 - node.level or None]
            if self.is_package
            else self.name.split(".")[: -node.level]
        )
        return ".".join([*kept, *([node.module] if node.module else [])])

    def _place(self, node: ast.expr | ast.stmt | ast.excepthandler) -> str:
        return f"{self.name.removeprefix(f'{PACKAGE}.')}:{node.lineno}"


def modules() -> list[Module]:
    """All modules of the package, `__init__.py` among them."""
    return [_module(path.relative_to(_SOURCES).parts) for path in sorted((_SOURCES / PACKAGE).rglob("*.py"))]


def _module(parts: tuple[str, ...]) -> Module:
    text = _SOURCES.joinpath(*parts).read_text("utf-8")
    names = [part.removesuffix(".py") for part in parts]
    is_package = names[-1] == "__init__"
    name = ".".join(names[:-1] if is_package else names)
    return Module(name, ast.parse(text), text.count("\n"), is_package)


def edges(found: list[Module]) -> Counter[tuple[str, str]]:
    """How many imports lead from one part of the package to another."""
    parts = {module.name: module.part for module in found}
    return Counter(
        (module.part, parts[name])
        for module in found
        for name in module.imports(parts)
        if parts[name] not in {module.part, ""}
    )


def cycle(found: list[Module]) -> str:
    """The first circle that imports make among modules, or else among parts of the package; or nothing."""
    parts = {module.name for module in found}
    of_modules = {module.name: set(module.imports(parts)) - {module.name} for module in found}
    of_parts = defaultdict(set)
    for one, other in edges(found):
        of_parts[one].add(other)
    return _cycle_in(of_modules) or _cycle_in(of_parts)


def _cycle_in(graph: dict[str, set[str]]) -> str:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return ""


def twice(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What has the same name as something else: the name, and the modules that use it."""
    found = defaultdict(list)
    for name, module in names:
        found[name].append(module.removeprefix(f"{PACKAGE}."))
    return {name: places for name, places in sorted(found.items()) if len(places) > 1}


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _is_broad(caught: ast.ExceptHandler | ast.Call) -> bool:
    kinds = caught.type if isinstance(caught, ast.ExceptHandler) else caught
    return kinds is None or any(isinstance(node, ast.Name) and node.id in _BROAD for node in ast.walk(kinds))
