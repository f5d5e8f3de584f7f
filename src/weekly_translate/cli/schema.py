"""`weekly-translate schema`: what each data file may say, for editors and other programs."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import dataclass
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from weekly_translate.cli.options import command, one_of
from weekly_translate.cli.terminal import Terminal
from weekly_translate.compare.ignores import AllowFile, IgnoresFile
from weekly_translate.data_files import DataModel, keys_of
from weekly_translate.edition.schema import Edition
from weekly_translate.errors import ExitCode
from weekly_translate.glossary.entries import GlossaryFile
from weekly_translate.llm.providers import ProvidersFile
from weekly_translate.settings import SettingsFile

if TYPE_CHECKING:
    from pydantic_core import core_schema


_NOTHING: tuple[object, ...] = (None, "", [], {})
FILES: dict[str, TypeAdapter[Any]] = {
    "edition": TypeAdapter(Edition),
    "glossary": GlossaryFile,
    "allow": TypeAdapter(AllowFile),
    "ignores": IgnoresFile,
    "settings": TypeAdapter(SettingsFile),
    "providers": ProvidersFile,
}


@dataclass(frozen=True, slots=True)
class SchemaOptions:
    """Print the JSON Schema of a data file, with which an editor completes and checks it."""

    name: Annotated[
        str,
        typer.Argument(
            help="edition, glossary, allow, ignores, settings or providers.", **one_of("schema", FILES)
        ),
    ]


def schema(options: SchemaOptions) -> ExitCode:
    """One of the schemas, to stdout."""
    Terminal().result(schema_text(options.name))
    return ExitCode.DONE


def schema_text(name: str) -> str:
    """The schema of one of `FILES` as JSON."""
    return json.dumps(schema_of(FILES[name]), ensure_ascii=False, indent=2) + "\n"


def schema_of(file: TypeAdapter[Any]) -> dict[str, object]:
    """What a data file may say, for editors and other programs."""
    schema = file.json_schema(schema_generator=_Schema)
    return {"$schema": _Schema.schema_dialect, **schema}


class _Schema(GenerateJsonSchema):
    """Without titles that repeat the keys, and without null: a key without a value is left out."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's own signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if key != "default" or value not in _NOTHING}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        if "properties" in made:
            model: type[DataModel] = schema["cls"]
            fields, texts = keys_of(model), _descriptions(model)
            for key, described in made["properties"].items():
                described["description"] = texts[fields[key]]
        return made


def _descriptions(model: type) -> dict[str, str]:
    """The text below each field. pydantic would read it whenever a model is defined, which takes long."""
    found: dict[str, str] = {}
    for base in reversed([base for base in model.__mro__ if base.__module__.startswith("weekly_translate")]):
        (definition,) = ast.parse(dedent(inspect.getsource(base))).body
        for field, text in pairwise(getattr(definition, "body", ())):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                found[ast.unparse(field.target)] = inspect.cleandoc(ast.literal_eval(text.value))
    return found


COMMANDS = {"schema": command(SchemaOptions, schema)}
