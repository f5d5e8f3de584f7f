"""The files that an editor can change: prompts, editions, the glossary.

Each is looked up in the project folder first, then among the defaults that come with the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from weekly_translate.errors import UsageError

LIMIT = 2_000_000
_PACKAGE = Path(__file__).resolve().parents[1]
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
        message = f"{path} can not be read: {error.strerror}."
        raise UsageError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8."
        raise UsageError(message) from error


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds: its reader checks it
    """What a YAML file holds, without aliases, tags of its own or doubled keys (SEC-11)."""
    return yaml_in(read_data(path), str(path)).data


class YamlText(NamedTuple):
    """What a YAML text holds, and where the items of its outermost list stand: first and last line."""

    data: Any
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        """The first line of each item."""
        return tuple(first for first, _ in self.spans)


def yaml_in(text: str, name: str) -> YamlText:
    """Read a YAML text, which errors call `name`. Raises `UsageError`."""
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        spans = ((item.start_mark.line + 1, _last_line(item)) for item in _items(node))
        return YamlText(loader.construct_document(node) if node else None, tuple(spans))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:300]
        message = f"{name} is not valid YAML: {problem}"
        raise UsageError(message) from error


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


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
            raise yaml.YAMLError("an alias (*name) is not allowed: write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen or key.tag.endswith(":merge"):
                raise yaml.YAMLError(f"the key {key.value!r} stands twice or merges, {key.start_mark}")
            seen.add(key.value)
        return super().construct_mapping(node, deep)
