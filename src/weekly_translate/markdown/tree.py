"""A parsed text: its blocks and their inline nodes, by where they stand in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Span


class Node(NamedTuple):
    """An inline node. `label` is what stands between its delimiters, `address` a destination as written."""

    kind: str
    span: Span
    label: Span | None = None
    address: Span | None = None
    title: Span | None = None
    url: str = ""
    reference: str | None = None
    """The label of a reference link, where the destination stands elsewhere."""
    children: tuple[Node, ...] = ()


class Block(NamedTuple):
    """A block without blocks in it."""

    kind: str
    span: Span
    level: int = 0
    raw: str = ""
    nodes: tuple[Node, ...] = ()
    in_order: bool = True
    """False where mistune has put together lines that do not follow one another."""
    too_dense: bool = False
    """Holds so many emphasis marks that mistune would take its time: not looked into."""


class Table(NamedTuple):
    """A table and its shape, rows x columns."""

    span: Span
    shape: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The blocks in source order, the defined labels, the tables, and footnote texts with their marks."""

    blocks: tuple[Block, ...]
    labels: frozenset[str]
    tables: tuple[Table, ...]
    footnotes: tuple[Span, ...]


def with_children(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Nodes and, after each, what is in it."""
    for node in nodes:
        yield node
        yield from with_children(node.children)
