"""The files that an editor can change: where they are found, what they say, and on which line.

Each is looked up in the project folder first, then among the defaults that come with the program. A model of
pydantic says what a file may hold; everything that is wrong with it is told at once, with its line.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from weekly_translate.caching import cached_by_content
from weekly_translate.errors import FaultsError, UsageError
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


Model = TypeVar("Model")
Steps = tuple[str | int, ...]
"""The keys and indexes that lead to a value: `("replaced", 0, "with")`."""

RULE_FOLDERS = ("prompts", "editions")
"""Folders of a project whose Markdown tells the program what to do, and is no issue."""
LIMIT = 2_000_000
_LONGEST_SHOWN = 60
_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "defaults", _PACKAGE.parents[1])
"""In the wheel, and in the repository."""


def data_file(name: str, project: Path) -> Path:
    """Where `name` (such as `prompts/system.md`) is taken from. Raises `UsageError`."""
    for place in (project, *_PLACES):
        if (place / name).exists():
            return place / name
    raise UsageError(f"{name} is neither in the project folder {project} nor among the program's own files.")


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
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error


# --------------------------------------------------------------------------- YAML and TOML, with their lines


class DataText(NamedTuple):
    """What a data file holds; `name` is what messages call it."""

    name: str
    data: object
    line: Callable[[Steps], int] = lambda _steps: 0
    """The line of a key or item, or of the innermost one around it that is there; 0 where none is known."""
    ends: tuple[int, ...] = ()
    """The last lines of the items of the outermost list."""
    sign: str = ":"
    """What stands between a key and its value."""

    def place(self, steps: Steps) -> str:
        """Where a value stands, for a message: `allow.yaml:3`, or `allow.yaml, dropped, entry 1`."""
        if line := self.line(steps):
            return f"{self.name}:{line}"
        around = steps[:-1] if steps and isinstance(steps[-1], str) else steps
        return ", ".join(
            [self.name, *(f"entry {step + 1}" if isinstance(step, int) else step for step in around)]
        )


def yaml_in(text: str, name: str, cache: Path | None = None) -> DataText:
    """Read a YAML text, which errors call `name`; keys and dates are texts, as written. Raises `UsageError`.

    What it says is kept in the folder `cache`, because PyYAML takes longer than all that follows.
    """

    def read() -> bytes:
        from weekly_translate.yaml_text import read_yaml  # noqa: PLC0415 - what is kept needs no PyYAML

        return json.dumps(read_yaml(text, name)).encode()

    kept = cached_by_content(cache and cache / "data", text, f"data 1 weekly-translate {VERSION}", read)
    data, places, ends = json.loads(kept)
    return DataText(name, data, partial(_yaml_line, places), tuple(ends))


def toml_in(text: str, name: str) -> DataText:
    """Read a TOML text, which errors call `name`. Raises `UsageError`."""
    import tomllib  # noqa: PLC0415 - not every project has settings

    try:
        return DataText(name, tomllib.loads(text), partial(_toml_line, text), sign=" =")
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} cannot be read: {error}. Mend or remove it.") from error


def _yaml_line(places: Any, steps: Steps) -> int:  # noqa: ANN401 - nested as the text is
    """Steps that are not there are passed over: a short form may stand for what a model has in full."""
    line = 1
    for step in steps:
        if isinstance(places, dict):
            line, places = places.get(step, (line, places))
        elif isinstance(step, int) and step < len(places):
            line, places = places[step]
    return line


def _toml_line(text: str, steps: Steps) -> int:
    """The first line that has each key behind those before it, as a name of a value or in one of a table."""
    lines = text.split("\n")
    at = 0
    for step in steps:
        key = re.compile(rf"""\s*(?:\[.*?)?(?<![\w-])["']?{re.escape(str(step))}["']?\s*[.=\]]""")
        at = next((number for number in range(at, len(lines)) if key.match(lines[number])), at)
    return at + 1


# --------------------------------------------------------------------------- what a file may hold


class DataModel(BaseModel):
    """What a mapping of a data file may hold: no other keys, and a key without a value says nothing.

    The text below a field describes it in the JSON Schema (`cli/schema.py`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _keys_as_meant(cls, data: object) -> object:
        """Leave out keys without a value, and let a key that is not known tell those that are."""
        known = keys_of(cls)
        if isinstance(data, cls):
            return data
        if not isinstance(data, dict):
            raise fault_of_value(f"is {_shown(data)}, but must be a mapping with keys: {', '.join(known)}.")
        if data.keys() <= known.keys() and None not in data.values():
            return data
        return {
            key: value if key in known else _UnknownKey(tuple(known))
            for key, value in data.items()
            if value is not None or key not in known
        }


class _UnknownKey(NamedTuple):
    """Stands for the value of a key that nobody knows, and says which there are."""

    known: tuple[str, ...]


@cache
def keys_of(model: type[BaseModel]) -> dict[str, str]:
    """The keys that a mapping may have, as files write them, and the fields that they fill."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def validated(model: type[Model] | TypeAdapter[Model], text: DataText, context: object = None) -> Model:
    """What a data file says, as a `model` or, if it is a list, by its adapter. An empty file says nothing.

    Raises `FaultsError` with all that is wrong, each with its line.
    """
    empty: object = [] if isinstance(model, TypeAdapter) else {}
    adapter: TypeAdapter[Model] = model if isinstance(model, TypeAdapter) else _adapter_of(model)  # type: ignore[arg-type]  # every class has a hash
    try:
        return adapter.validate_python(empty if text.data is None else text.data, context=context)
    except ValidationError as error:
        found = [(one["loc"], _told(one, text.sign)) for one in error.errors()]
        told = sorted({(text.line(steps), f"{text.place(steps)}: {message}") for steps, message in found})
        raise FaultsError(message for _, message in told) from error


@cache
def _adapter_of(model: type[Model]) -> TypeAdapter[Model]:
    """Building the validator of a model takes longer than reading a file with it."""
    return TypeAdapter(model)


def fault(message: str) -> PydanticCustomError:
    """What a validator raises for what cannot be used; the place comes in front of it."""
    return PydanticCustomError("fault", "{message}", {"message": message})


def fault_of_value(message: str) -> PydanticCustomError:
    """The same, of a sentence that the key begins: `'since'` is no date."""
    return PydanticCustomError("fault_of_value", "{message}", {"message": message})


def refuse(faults: Iterable[tuple[Steps, str]]) -> None:
    """Raise all faults of a value at once, if there are any; the steps lead from it to what is wrong."""
    details = [InitErrorDetails(type=fault(message), loc=steps, input=None) for steps, message in faults]
    if details:
        raise ValidationError.from_exception_data("", details)


def exactly_one(keys: Iterable[str]) -> dict[str, JsonValue]:
    """For JSON Schema, what a validator has to say for itself: a mapping has one of these keys."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def not_known(what: str, name: object, known: Iterable[str]) -> str:
    """That there is no such thing, and which one was probably meant."""
    return f"there is no {what} '{name}'. {meant(name, known)}"


def meant(name: object, known: Iterable[str], shown: Callable[[str], str] = str) -> str:
    """The name that was probably meant, or all that there are."""
    known = sorted(known)
    if near := get_close_matches(str(name), known, 1):
        return f"Did you mean {shown(near[0])}?"
    return f"There {'is only' if len(known) == 1 else 'are'} {', '.join(map(shown, known)) or 'none'}."


_NEEDED = {
    "string_type": "a text; put quotes around it",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that is not infinite",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping, of keys and values",
}


def _told(error: ErrorDetails, sign: str) -> str:
    """A fault in words, without its place; the sign stands between a key and its value."""
    steps, value, context = error["loc"], error["input"], error.get("ctx", {})
    key = next((f"'{step}'" for step in reversed(steps) if isinstance(step, str)), "")
    if isinstance(value, _UnknownKey):
        return not_known("key", steps[-1], value.known)
    what = key if steps else "the file"
    if steps and isinstance(steps[-1], int):
        what = f"an item of {key}" if key else "an entry"
    match error["type"]:
        case "fault":
            return str(error["msg"])
        case "fault_of_value":
            return f"{what} {error['msg']}"
        case "missing":
            return f"there is no {key}. Write `{steps[-1]}{sign} …`."
        case "literal_error" | "enum":
            needed = context["expected"].replace("'", "").replace("True", "true")
        case "greater_than_equal":
            needed = f"at least {context['ge']}"
        case "too_long":
            return f"{what} has {context['actual_length']} entries, more than {context['max_length']}."
        case kind:
            needed = _NEEDED.get(kind, error["msg"])
    return f"{what} is {_shown(value)}, but must be {needed}."


def _shown(value: object) -> str:
    shown = repr(value)
    if value is None or isinstance(value, bool | Decimal):
        shown = "empty" if value is None else str(value).lower()
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
