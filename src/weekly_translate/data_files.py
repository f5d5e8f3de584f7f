"""The files that an editor can change: prompts, editions, the glossary.

Each is looked up in the project folder first, then among the defaults that come with the program.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 2_000_000
_PACKAGE = Path(__file__).resolve().parent
_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)
_LEFT_TO_PYYAML = re.compile("[\t\ufeff]")
_PLACES = (_PACKAGE / "defaults", _PACKAGE.parents[1])
"""In the wheel, and in the repository."""


def data_file(name: str, project: Path) -> Path:
    """Where `name` (such as `prompts/system.md`) is taken from. Raises `UsageError`."""
    for place in (project, *_PLACES):
        if (place / name).exists():
            return place / name
    message = f"{name} is neither in the project folder {project} nor among the program's own files."
    raise UsageError(message)


def default_file(name: str) -> Path:
    """The program's own `name`. Raises `UsageError`."""
    return data_file(name, _PLACES[0])


def names_of_data(folder: str, suffix: str, project: Path) -> tuple[list[str], list[str]]:
    """The stems of the files in a folder of data: the project's own, and the program's that these leave."""
    own, *others = (
        {path.stem for path in (place / folder).glob(f"*{suffix}")} for place in (project, *_PLACES)
    )
    return sorted(own), sorted(set().union(*others) - own)


def read_data(path: Path) -> str:
    """The text of a data file. Raises `UsageError`."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file. Name a text file, or remove it.")
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise UsageError(f"{path} is larger than {LIMIT:,} bytes.")
        return data.decode("utf-8")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise UsageError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8."
        raise UsageError(message) from error


class YamlText(NamedTuple):
    """What a YAML text holds, and where the items of its outermost list stand: first and last line."""

    data: Any
    spans: tuple[tuple[int, int], ...] = ()
    node: Any = None
    """What PyYAML made of the text."""

    @property
    def lines(self) -> tuple[int, ...]:
        """The first line of each item."""
        return tuple(first for first, _ in self.spans)

    @property
    def places(self) -> dict[tuple[str | int, ...], int]:
        """The line of every key and item, by the keys (as they are written) and indexes that lead to it."""
        return dict(_places(self.node, ()))


def yaml_in(text: str, name: str) -> YamlText:
    """Read a YAML text, which errors call `name`. Raises `UsageError`.

    libyaml is five times as fast as PyYAML's own parser. What it refuses, and what the two do not agree on,
    is left to PyYAML: the same files get the same messages where there is no libyaml.
    """
    if yaml.__with_libyaml__ and not _LEFT_TO_PYYAML.search(text):
        with contextlib.suppress(*_NOT_YAML):
            return _loaded(_LibyamlLoader(text))
    try:
        return _loaded(_PlainLoader(text))
    except _NOT_YAML as error:
        raise UsageError(_not_yaml(name, error)) from error


def _loaded(loader: _PlainLoader) -> YamlText:
    node = loader.get_single_node()
    spans = ((item.start_mark.line + 1, _last_line(item)) for item in _items(node))
    return YamlText(loader.construct_document(node) if node else None, tuple(spans), node)


def _not_yaml(name: str, error: Exception) -> str:
    """What is wrong and in which line, where PyYAML knows it."""
    mark, problem = None, str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        mark, problem = error.problem_mark or error.context_mark, error.problem or problem
    place = f"{name}:{mark.line + 1}: this" if mark else name
    return f"{place} is not valid YAML: {' '.join(problem.split())[:300]}"


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _places(
    node: yaml.Node | None, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _places(value, (*path, key.value))
    for at, item in enumerate(_items(node)):
        yield (*path, at), item.start_mark.line + 1
        yield from _places(item, (*path, at))


def _last_line(node: yaml.Node) -> int:
    """A block ends with its last value; PyYAML puts its end behind the comments that follow."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    block = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
    return int(node.end_mark.line) + (0 if block else 1)


class _PlainLoader(yaml.SafeLoader):
    """Refuses what explodes (aliases, merge keys) and what hides a mistake (doubled keys)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stubs lack it
            problem = "an alias (*name) is not allowed: write the value out"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - PyYAML's own signature
        """A value that looks like a date and is none gets its line, as every other mistake."""
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error
        except (AttributeError, LookupError) as error:  # what PyYAML raises for `!!bool perhaps`
            problem = f"{node.value!r} does not fit its tag"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(
                    f"a key that begins with [ or {{ needs quotes around it, {key.start_mark}"
                )
            if key.value in seen or key.tag.endswith(":merge"):
                problem = f"the key {key.value!r} stands twice or merges"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _LibyamlLoader(_PlainLoader):
    """The same with the events of libyaml.

    Nodes are composed in Python nevertheless: libyaml's composer does not survive deep nesting.
    """

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._events = yaml.CSafeLoader(text)

        self.check_event = self._events.check_event  # type: ignore[method-assign]  # only where they come from
        self.peek_event = self._events.peek_event  # type: ignore[method-assign]  # as above

    def get_event(self) -> yaml.Event | None:
        event = self._events.get_event()
        if getattr(event, "tag", None):
            raise yaml.YAMLError("a tag is left to PyYAML")
        return event
