"""Where each setting comes from: `weekly-translate.toml`, the user's own config, the environment, options.

A file found in the working folder may name a model, but never choose where the key is sent (CVE-2026-21852):
an endpoint comes from the user's own config, the environment or an option. Nor may it put the memory, which
holds the texts of every run, outside the project or on a server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    Strict,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticKnownError

from weekly_translate.data_files import DataModel, DataText, fault, read_data, toml_in, validated
from weekly_translate.errors import UsageError
from weekly_translate.files import to_paste
from weekly_translate.llm.providers import (
    OPENAI,
    Endpoint,
    Provider,
    RequestFields,
    local_server,
    provider_for,
)
from weekly_translate.memory.database import (
    MemoryServer,
    has_unclear_password,
    holds_password,
    is_mistyped_server,
    is_server,
)
from weekly_translate.model import USUAL, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

Word = TypeVar("Word", str, Path)
PROJECT_FILE = "weekly-translate.toml"
IGNORES = "ignores.yaml"
"""The file of a project that `ignores` means where the settings name none."""
ENGINE, LOCAL, MODEL = "openai", "local", "gpt-5-mini"
REQUEST = "WEEKLY_TRANSLATE_REQUEST"
"""The environment variable with more fields of the request, in JSON."""
MEMORY = "WEEKLY_TRANSLATE_MEMORY"
"""The one that says where the memory is. It may hold a password, which nobody else can read there."""
_NAMES = {
    "base_url": "OPENAI_BASE_URL",
    "model": "WEEKLY_TRANSLATE_MODEL",
    "memory": MEMORY,
    "request": REQUEST,
}
"""What the environment may say, by the names of the settings."""
FROM_ENVIRONMENT = "environment"


def _without_nul(value: Word) -> Word:
    if "\0" in str(value):
        raise fault("there is a NUL character, which no file and no server takes. Remove it.")
    return value


def _exact(value: object) -> Decimal:
    """A number as it is written: 0.1 is a tenth. True, which is an int as well, is none."""
    if type(value) not in (int, float, Decimal):
        raise PydanticKnownError("float_type")
    return Decimal(str(value))


Text = Annotated[str, AfterValidator(_without_nul)]


def _base(address: str) -> str:
    """The address below which an endpoint has its paths: people also copy that of the completions."""
    return address.strip().rstrip("/").removesuffix("/chat/completions")


Address = Annotated[Text, AfterValidator(_base)]
FilePath = Annotated[Path, AfterValidator(_without_nul)]
Dollars = Annotated[
    Decimal,
    Field(ge=0, allow_inf_nan=False),
    BeforeValidator(_exact, json_schema_input_type=Annotated[float, Field(ge=0)]),
]


class ModelPrice(DataModel):
    """What a model costs, in dollars for a million tokens."""

    input: Dollars
    """Tokens of a request."""
    cached: Dollars | None = None
    """Tokens of a request that the provider has read before; without it as dear as others."""
    output: Dollars
    """Tokens of an answer."""


class ProofreaderFile(DataModel):
    """Another model as second reader, perhaps at another endpoint."""

    model: Text | None = None
    """Its name at the endpoint."""
    base_url: Address | None = None
    """The endpoint; without it the one that translates."""
    key_variable: Text | None = None
    """The environment variable that holds the key for that endpoint."""


_A_PERSONS = {
    "base_url": "choose where the key is sent. Remove the line and set OPENAI_BASE_URL or give --base-url.",
    "request": "add to what the endpoint is sent. Remove it, and put [request] into your own config.toml.",
    "proofreader": "choose where texts and keys are sent. Remove the section and put it into your own "
    "config.toml, or give --proofreader.",
}
"""What a project file may not set, and why."""


class SettingsFile(DataModel):
    """The settings of a newsletter, `weekly-translate.toml`, or a person's own for all of them."""

    engine: Text | None = None
    """Who translates: openai (any endpoint that speaks OpenAI's chat completions), local (a server that runs
    on this machine, with the model that it has) or draft."""
    model: Text | None = None
    """The model's name at the endpoint."""
    about: Text | None = None
    """What is translated and for whom, such as 'a manual for database administrators'; the model is told."""
    markdown: Literal["mkdocs", "vitepress", "docusaurus", "hugo", "github"] | None = None
    """What makes a site of the documents, where they do not show it: it decides about the ids of headings."""
    keep_anchors: Annotated[bool, Strict()] = False
    """Whether a heading keeps the id that it had in Chinese, as `{#id}`: for links from elsewhere."""
    translate_comments: Annotated[bool, Strict()] = False
    """Whether comments in fenced code are translated; the code around them stays byte for byte."""
    edition: Text | None = None
    """The house rules: a name in editions/, none, or auto."""
    glossary: FilePath | None = None
    """Another glossary than glossary.yaml, relative to this file."""
    ignores: FilePath | None = None
    """Findings that are silent, with the reasons, relative to this file."""
    memory: Text | None = None
    """Where translations are remembered: a file, relative to this one. In your own settings also the
    postgresql:// address of a database that you share."""
    jobs: Annotated[int, Strict(), Field(ge=1)] = 8
    """How many requests are under way at a time."""
    budget: Dollars | None = None
    """Dollars for one run: no request is sent that could exceed them."""
    budget_total: Dollars | None = None
    """Dollars for all runs on this memory together, counted from the first run with this setting."""
    prices: dict[str, ModelPrice] = Field({})
    """The price of each model that is used."""
    allowed_chinese: tuple[str, ...] = ()
    """Names that may stay Chinese in the English."""
    base_url: Address | None = None
    """The endpoint. Only in your own settings: a project may not choose where the key is sent."""
    proofread: Annotated[bool, Strict()] | None = None
    """Whether a second reader reads what is translated; usually where the model is a hosted one."""
    proofreader: ProofreaderFile | None = None
    """Who reads translations a second time. Only in your own settings, as it may name an endpoint."""
    request: RequestFields = Field({})
    """More fields for the body of each request. Only in your own settings, like the endpoint."""

    @field_validator("memory")
    @classmethod
    def _is_a_file(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and is_server(value):
            if info.context == PROJECT_FILE:
                raise fault(
                    f"{PROJECT_FILE} puts the memory on a server: a project file may not choose where texts "
                    f"are sent. Remove the line and set {MEMORY}, or put it into your own config.toml."
                )
            if info.context != FROM_ENVIRONMENT and holds_password(value):
                raise fault(
                    "the address of the memory holds a password. Leave it out there, and set PGPASSWORD or "
                    "write it into ~/.pgpass."
                )
            if has_unclear_password(value):
                raise fault(
                    "the address of the memory has `@` or `/` in the user, in the password or behind them: "
                    "write them as %40 and %2F, or set PGPASSWORD."
                )
        elif value is not None and is_mistyped_server(value):
            shown = "what is named here" if re.search("[@=]", value) else repr(value)
            raise fault(
                f"{shown} is no memory that the program can use: name a file, "
                "or a PostgreSQL database as postgresql://user@host/name. A file that is called so is ./NAME."
            )
        return value

    @field_validator(*_A_PERSONS, mode="before")
    @classmethod
    def _is_a_persons(cls, value: object, info: ValidationInfo) -> object:
        if info.context == PROJECT_FILE and info.field_name:
            name = info.field_name
            raise fault(f"{PROJECT_FILE} sets {name}: a project file may not {_A_PERSONS[name]}")
        return value


@dataclass(frozen=True, slots=True)
class ProofreaderSettings:
    """Who reads a second time; what is None is as for the translation."""

    model: str | None = None
    base_url: str | None = None
    key: str = field(default="", repr=False)
    """Empty where no variable is named for it: another endpoint never gets the key of the first."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run is told. Paths are absolute or relative to the current folder."""

    project: Path
    engine: str
    """The engine that a file or an option names, else a model: a draft has to be asked for by name."""
    model: str
    base_url: str
    edition: str
    about: str
    """What is translated and for whom; empty where nobody says it."""
    glossary: Path | None
    ignores: Path | None
    memory: Path | MemoryServer
    jobs: int
    budget: Decimal | None
    budget_total: Decimal | None
    prices: Mapping[str, ModelPrice]
    allowed_chinese: frozenset[str]
    cache: Path
    """Where things are kept that take long to make; it may be deleted at any time."""
    key: str = field(repr=False)
    dialect: Dialect = USUAL
    """What is set about the Markdown."""
    proofread: bool | None = None
    """Whether what is translated is read a second time; None leaves it to the kind of engine."""
    fresh: bool = False
    """Whether machines' answers in the memory are asked anew."""
    retry_failed: bool = False
    """Whether what was asked for in vain is asked again."""
    retranslate_from: str | None = None
    """The model whose answers are asked anew."""
    proofreader: ProofreaderSettings = ProofreaderSettings()
    request: Mapping[str, JsonValue] = field(default_factory=dict)
    """More fields for the body of each request."""
    own_providers: Path | None = None
    """A person's own table of providers, if there is one."""

    @property
    def memory_file(self) -> Path | None:
        """The memory, where it is a file that nothing else may be written to."""
        return self.memory if isinstance(self.memory, Path) else None

    @property
    def provider(self) -> Provider:
        """What is known of the model at its endpoint. Raises `UsageError` for a table that cannot be used."""
        return provider_for(self.base_url, self.model, self.own_providers, self.request, self.cache)

    @property
    def endpoint(self) -> Endpoint:
        """The server with the model. Raises `UsageError` where that must not get the key."""
        return Endpoint(self.base_url, self.model, self.key, provider=self.provider)

    @property
    def of_proofreader(self) -> Settings:
        """The same for the second reader: its model, its endpoint, its key."""
        from weekly_translate.llm.engine import makes_drafts  # noqa: PLC0415 - only where an engine is asked

        reader = self.proofreader
        elsewhere = reader.base_url is not None and reader.base_url != self.base_url
        return replace(
            self,
            engine=ENGINE if elsewhere or makes_drafts(self.engine) else self.engine,  # a draft reads nothing
            model=reader.model or self.model,
            base_url=reader.base_url or self.base_url,
            key=reader.key if elsewhere or reader.key else self.key,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsOptions:
    """The settings that a person gives for one run; None leaves them to the files and the environment."""

    project: Path | None = None
    engine: str | None = None
    model: str | None = None
    base_url: str | None = None
    translate_comments: bool | None = None
    edition: str | None = None
    glossary: Path | None = None
    ignores: Path | None = None
    memory: Path | str | None = None
    jobs: int | None = None
    budget: float | None = None
    proofread: bool | None = None
    fresh: bool = False
    retry_failed: bool = False
    retranslate_from: str | None = None
    proofreader: str | None = None
    """The model that reads a second time."""


def settings_from(options: SettingsOptions, environment: Mapping[str, str]) -> Settings:
    """The settings of a run that asks the engine.

    Raises `UsageError` for what `project_settings` refuses, and for an engine that does not exist. One that
    lacks its key is missed only when something has to be asked.
    """
    from weekly_translate.llm.engine import ENGINES  # noqa: PLC0415 - only where an engine is asked

    settings = project_settings(options, environment)
    if settings.engine == LOCAL:  # a server on this machine, with the model that it has, never with a key
        # A run that the memory answers whole needs none: then the usual address stands.
        place = local_server(environment)
        model = place.model if settings.model == MODEL else settings.model
        settings = replace(settings, engine=ENGINE, base_url=place.base_url, model=model, key="")
    if settings.engine not in ENGINES:
        raise UsageError(
            f"The engine {settings.engine!r} does not exist. Choose {', '.join([*ENGINES, LOCAL])}."
        )
    return settings


def project_settings(options: SettingsOptions, environment: Mapping[str, str]) -> Settings:
    """The settings of a run, whether or not its engine can be used.

    Raises `UsageError` that names the file and the key.
    """
    project = options.project or Path()
    if not project.is_dir():
        raise UsageError(f"The project folder {project} does not exist. Name one with --project.")
    own = _own_folder(environment, "XDG_CONFIG_HOME", ".config")
    said = {**_file(own / "config.toml"), **_file(project / PROJECT_FILE, PROJECT_FILE)}
    said |= _variables(environment) | _options(options)
    found = validated(SettingsFile, DataText("the settings", said), FROM_ENVIRONMENT)
    memory: Path | MemoryServer = Path(found.memory or project / ".weekly-translate" / "memory.db")
    if found.memory is not None and is_server(found.memory):
        own_data = _own_folder(environment, "XDG_DATA_HOME", ".local/share")
        memory = MemoryServer(found.memory, project, own_data)
    reader = found.proofreader or ProofreaderFile()
    reader_key = environment.get(reader.key_variable, "").strip() if reader.key_variable else ""
    return Settings(
        project=project,
        engine=found.engine or ENGINE,
        model=found.model or MODEL,
        base_url=found.base_url or OPENAI,
        edition=found.edition or "auto",
        about=found.about or "",
        dialect=Dialect(found.translate_comments, found.markdown or "", _keeps_ids(found)),
        glossary=found.glossary,
        ignores=found.ignores or (project / IGNORES if (project / IGNORES).exists() else None),
        memory=memory,
        jobs=found.jobs,
        budget=found.budget,
        budget_total=found.budget_total,
        prices=found.prices,
        allowed_chinese=frozenset(found.allowed_chinese),
        cache=_own_folder(environment, "XDG_CACHE_HOME", ".cache"),
        key=environment.get("OPENAI_API_KEY", "").strip(),
        proofread=found.proofread,
        fresh=options.fresh,
        retry_failed=options.retry_failed,
        retranslate_from=options.retranslate_from,
        proofreader=ProofreaderSettings(options.proofreader or reader.model, reader.base_url, reader_key),
        request=found.request,
        own_providers=own / "providers.yaml",
    )


def _variables(environment: Mapping[str, str]) -> dict[str, object]:
    """What the environment says; messages name the variable."""
    said: dict[str, object] = {}
    for key, name in _NAMES.items():
        if value := environment.get(name, "").strip():
            said[key] = _json_in(value) if key == "request" else value
            validated(SettingsFile, DataText(name, {key: said[key]}), FROM_ENVIRONMENT)
    return said


def _options(options: SettingsOptions) -> dict[str, object]:
    """What the options say; messages name the option."""
    said: dict[str, object] = {}
    for key in SettingsFile.model_fields:
        if key != "proofreader" and (value := getattr(options, key, None)) is not None:
            said[key] = str(value) if key == "memory" else value
            validated(SettingsFile, DataText(f"--{key.replace('_', '-')}", {key: said[key]}))
    return said


def _keeps_ids(said: SettingsFile) -> bool:
    if said.keep_anchors and said.markdown in (None, "github"):
        raise UsageError(
            "keep_anchors needs a site that reads {#id} behind a heading: set markdown to mkdocs, vitepress, "
            "docusaurus or hugo as well."
        )
    return said.keep_anchors


def _json_in(text: str) -> object:
    """What the environment says of the request. Raises `UsageError`."""
    import json  # noqa: PLC0415 - hardly ever set

    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(
            f'{REQUEST} is no JSON object, such as {{"reasoning_effort": "low"}}: {error}.'
        ) from error


def _own_folder(environment: Mapping[str, str], variable: str, default: str) -> Path:
    """The program's folder among the user's own files (XDG Base Directory Specification)."""
    base = environment.get(variable) or Path(environment.get("HOME") or Path.home()) / default
    return Path(base) / "weekly-translate"


def _file(path: Path, context: str = "") -> dict[str, Any]:
    """What a TOML file says; paths in it are relative to its folder."""
    if not path.exists():
        return {}
    text = toml_in(read_data(path), str(path))
    found = validated(SettingsFile, text, context)
    said = {key: getattr(found, key) for key in found.model_fields_set}
    if context == PROJECT_FILE and found.memory is not None:
        _refuse_memory_outside(path, Path(found.memory), text.line(("memory",)))
    if found.memory is not None and not is_server(found.memory):
        said["memory"] = str(path.parent / found.memory)
    return said | {key: path.parent / said[key] for key in ("glossary", "ignores") if key in said}


def _refuse_memory_outside(path: Path, memory: Path, line: int) -> None:
    """A project file may not have the texts of a run stored elsewhere. Links are followed."""
    if Path(realpath(path.parent / memory)).is_relative_to(realpath(path.parent)):
        return
    raise UsageError(
        f"{path}:{line}: memory is {str(memory)!r}, which is outside the project: only you may choose that. "
        f"Remove the line, and give --memory {to_paste([str(path.parent / memory)])} or set it in your own "
        "config.toml."
    )
