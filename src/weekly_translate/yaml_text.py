"""YAML as data files may have it: nothing in it explodes or hides a mistake, and each value has its line."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml
from yaml.composer import Composer

from weekly_translate.errors import UsageError


class YamlRead(NamedTuple):
    """What a YAML text says, all of which JSON can hold."""

    data: object
    places: object
    """By the keys of a mapping or the indexes of a list: a line, and the same for what stands there."""
    ends: list[int]
    """The last lines of the items of the outermost list."""


def read_yaml(text: str, name: str) -> YamlRead:
    """Read a text, which errors call `name`; keys and dates are texts, as written. Raises `UsageError`."""
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
        return YamlRead(data, _places(node), [_last_line(item) for item in _items(node)])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(_not_yaml(name, error)) from error


def _not_yaml(name: str, error: Exception) -> str:
    """What is wrong and in which line, where PyYAML knows it."""
    mark, problem = None, str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        mark, problem = error.problem_mark or error.context_mark, error.problem or problem
    place = f"{name}:{mark.line + 1}: this" if mark else name
    return f"{place} is not valid YAML: {' '.join(problem.split())[:300]}"


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _places(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: (key.start_mark.line + 1, _places(value)) for key, value in node.value}
    return [(item.start_mark.line + 1, _places(item)) for item in _items(node)]


def _last_line(node: yaml.Node) -> int:
    """A block ends with its last value; PyYAML puts its end behind the comments that follow."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    block = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
    return int(node.end_mark.line) + (0 if block else 1)


_NOT_IN_JSON = [f"tag:yaml.org,2002:{kind}" for kind in ("binary", "omap", "pairs", "set")]
"""What no data file needs either."""

if yaml.__with_libyaml__:

    class _Loader(Composer, yaml.CSafeLoader):
        """libyaml reads five times as fast. Its own composer is left out: deep nesting would crash it."""

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            Composer.__init__(self)

else:
    _Loader = yaml.SafeLoader  # type: ignore[assignment, misc]  # a PyYAML built without libyaml


class _PlainLoader(_Loader):
    """Refuses what explodes (aliases, merge keys) and what hides a mistake (doubled keys)."""

    yaml_constructors = {  # noqa: RUF012 - as PyYAML has it
        **_Loader.yaml_constructors,
        "tag:yaml.org,2002:timestamp": _Loader.construct_yaml_str,
        **dict.fromkeys(_NOT_IN_JSON, _Loader.construct_undefined),
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None:
            # Most nodes: PyYAML takes longer to find that out.
            return self.compose_scalar_node(None)  # type: ignore[arg-type]  # there is no anchor
        if isinstance(event, yaml.AliasEvent):
            problem = "an alias (*name) is not allowed: write the value out"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]  # libyaml's
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - PyYAML's own signature
        """A value that does not fit its tag gets its line, as every other mistake."""
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error
        except (AttributeError, LookupError) as error:  # what PyYAML raises for `!!bool perhaps`
            problem = f"{node.value!r} does not fit its tag"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        """Keys are texts as written: `7`, `2023-05-31` and `off` are no number, date or false."""
        found: dict[Any, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(
                    f"a key that begins with [ or {{ needs quotes around it, {key.start_mark}"
                )
            if key.value in found or key.tag.endswith(":merge"):
                problem = f"the key {key.value!r} stands twice or merges"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            found[key.value] = self.construct_object(value, deep)
        return found
