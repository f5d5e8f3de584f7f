"""Small changes to a module, each of which makes it wrong, or should."""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NOT_RUN = ("annotation", "returns", "decorator_list")
"""Types and caches change nothing that is said."""
_REMOVED = (ast.Expr, ast.Assign, ast.AugAssign, ast.Continue, ast.Break)


class Mutant(NamedTuple):
    """A module with one change."""

    where: str
    """The function or constant in which it stands: `quantities._near`."""
    line: int
    change: str
    """`source <= target -> source < target`."""
    code: CodeType


class _Site(NamedTuple):
    """A place in a tree: what is there is a field of `holder`, or one of the list in that field."""

    holder: ast.AST
    field: str
    place: int | None

    def node(self) -> ast.AST:
        value = getattr(self.holder, self.field)
        found: ast.AST = value if self.place is None else value[self.place]
        return found

    def put(self, node: ast.AST) -> None:
        if self.place is None:
            setattr(self.holder, self.field, node)
        else:
            getattr(self.holder, self.field)[self.place] = node


def mutants_of(path: Path, names: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Every change of a module, or of these functions and constants alone. Each of them has to be there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if gone := set(names).difference(map(_name_of, tree.body)):
        raise LookupError(
            f"{path.name} has no {', '.join(sorted(gone))}: see MODULES of benchmarks/mutants.py"
        )
    for top in tree.body:
        name = _name_of(top)
        if not name or (names and name not in names):
            continue
        for site in list(_sites(top)):
            node = site.node()
            for other in _others(node, in_function=isinstance(top, ast.FunctionDef)):
                site.put(ast.copy_location(other, node))
                code = compile(ast.fix_missing_locations(tree), str(path), "exec")
                change = f"{_shown(node)} -> {_shown(other)}"
                yield Mutant(f"{path.stem}.{name}", getattr(node, "lineno", 0), change, code)
                site.put(node)


def _name_of(node: ast.stmt) -> str:
    """What a statement of a module defines; nothing for imports and docstrings."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return ast.unparse(target) if target else ""


def _sites(holder: ast.AST) -> Iterator[_Site]:
    for field, value in ast.iter_fields(holder):
        if field in _NOT_RUN:
            continue
        if isinstance(value, ast.AST):
            yield from _site_and_below(_Site(holder, field, None))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST) and not _is_docstring(item):
                    yield from _site_and_below(_Site(holder, field, index))


def _site_and_below(site: _Site) -> Iterator[_Site]:
    yield site
    yield from _sites(site.node())


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _others(node: ast.AST, *, in_function: bool) -> Iterator[ast.AST]:
    """What may stand in its place."""
    if isinstance(node, ast.Compare):
        yield from _compared_otherwise(node)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _other_values(node.value))
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        negated = deepcopy(node)
        negated.test = ast.UnaryOp(ast.Not(), node.test)
        yield negated
    elif isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(value=None))
    elif isinstance(node, _REMOVED) and in_function:
        yield ast.Pass()


def _compared_otherwise(node: ast.Compare) -> Iterator[ast.Compare]:
    for index, operator in enumerate(node.ops):
        ops = list(node.ops)
        ops[index] = _COMPARISONS[type(operator)]()
        yield ast.Compare(node.left, ops, node.comparators)


def _other_values(value: object) -> tuple[bool | int | str, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    if isinstance(value, str):
        return ("XX",)
    return ()


def _shown(node: ast.AST) -> str:
    """The first line of a piece of code; of a part of an f-string the text."""
    text = ast.unparse(node).strip().split("\n")[0]
    return text if len(text) <= 90 else text[:89] + "…"
