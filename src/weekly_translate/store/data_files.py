"""The files that an editor can change: prompts, editions, the glossary.

Each is looked up in the project folder first, then among the defaults that come with the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from weekly_translate.errors import UsageError

LIMIT = 2_000_000
_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "defaults", _PACKAGE.parents[1])
"""In the wheel, and in the repository."""


def data_file(name: str, project: Path) -> Path:
    """Where `name` (such as `prompts/system.md`) is taken from. Raises `UsageError`."""
    for place in (project, *_PLACES):
        if (place / name).is_file():
            return place / name
    message = f"{name} is neither in the project folder {project} nor among the program's own files."
    raise UsageError(message)


def read_data(path: Path) -> str:
    """The text of a data file. Raises `UsageError`."""
    try:
        if path.stat().st_size > LIMIT:
            message = f"{path} is larger than {LIMIT:,} bytes."
            raise UsageError(message)
        return path.read_text("utf-8")
    except OSError as error:
        message = f"{path} can not be read: {error.strerror}."
        raise UsageError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8."
        raise UsageError(message) from error


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds: its reader checks it
    """What a YAML file holds, without aliases, tags of its own or doubled keys (SEC-11)."""
    try:
        return _PlainLoader(read_data(path)).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:300]
        message = f"{path} is not valid YAML: {problem}"
        raise UsageError(message) from error


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
