"""The options that several commands share, how they become a command, and what follows from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from importlib.util import find_spec
from inspect import Parameter, Signature, get_annotations
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, TypeVar, get_origin, get_type_hints

import typer

from weekly_translate.cli.terminal import Terminal, this_command
from weekly_translate.errors import ExitCode, UsageError, WeeklyTranslateError
from weekly_translate.files import TextFile, check_writable, content_of, same_file, to_paste, write_text
from weekly_translate.settings import LOCAL, MODEL, Settings, SettingsOptions, project_settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from weekly_translate.run.issue import EditPolicy
    from weekly_translate.run.plan import Order


class _Choice(TypedDict):
    callback: Callable[[str | None], str | None]
    autocompletion: Callable[[str], list[str]]


def one_of(what: str, names: Collection[str]) -> _Choice:
    """For an option or argument that takes one of these names: others are refused, a shell offers these."""

    def known(value: str | None) -> str | None:
        if value is not None and value not in names:
            near = get_close_matches(value, names, 1)
            advice = f"Did you mean {near[0]}?" if near else f"Choose {', '.join(names)}."
            raise UsageError(f"There is no {what} {value!r}. {advice}")
        return value

    return {"callback": known, "autocompletion": lambda incomplete: _beginning(names, incomplete)}


def offered(names_in: Callable[[Path], Iterable[str]]) -> Callable[[typer.Context, str], list[str]]:
    """What a shell offers for an option, by the folder of the project; the option may take other values."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        with suppress(WeeklyTranslateError):  # the command itself says what is wrong with the project
            return _beginning(names_in(ctx.params.get("project") or Path()), incomplete)
        return []

    return complete


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    """The names that begin as the last of several, between which there are commas."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in names if name.startswith(last)]


def _editions(project: Path) -> Iterable[str]:
    from weekly_translate.edition.applying import AUTO, edition_names  # noqa: PLC0415 - only to complete it

    return [*edition_names(project), AUTO]


def _engines(_project: Path) -> Iterable[str]:
    from weekly_translate.llm.engine import ENGINES  # noqa: PLC0415 - as above

    return [*ENGINES, LOCAL]


def _models(project: Path) -> Iterable[str]:
    """Those that have a price in the settings, and the default."""
    return {MODEL: None, **project_settings(SettingsOptions(project=project), os.environ).prices}


MemoryOption = Annotated[
    str | None,
    typer.Option(
        help="The memory: a file, or the postgresql:// address of one to share.", show_default=False
    ),
]
EditionOption = Annotated[
    str | None,
    typer.Option(
        help="House rules: a name in editions/, or none; default auto.", autocompletion=offered(_editions)
    ),
]
GlossaryOption = Annotated[Path | None, typer.Option(help="The glossary, or none; default glossary.yaml.")]
ProjectOption = Annotated[
    Path | None, typer.Option(help="Where prompts, editions and glossary are looked for first.")
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        help="openai (the default), local or draft: word by word.", autocompletion=offered(_engines)
    ),
]
ModelOption = Annotated[
    str | None, typer.Option(help="The model's name at the endpoint.", autocompletion=offered(_models))
]
BaseUrlOption = Annotated[str | None, typer.Option(help="An OpenAI-compatible endpoint.")]
JobsOption = Annotated[int | None, typer.Option(help="Requests at a time; default 8.")]
BudgetOption = Annotated[float | None, typer.Option(help="Stop before more dollars than this are spent.")]
ReportOption = Annotated[Path | None, typer.Option(help="Write a JSON report to this file.")]
EncodingOption = Annotated[str | None, typer.Option(help="The encoding of the source if it is not Unicode.")]
MojibakeOption = Annotated[bool, typer.Option("--fix-mojibake", help="Repair text read in a wrong encoding.")]
ProofreaderOption = Annotated[
    str | None,
    typer.Option(
        help="The model that reads a second time; default the one that translates.",
        autocompletion=offered(_models),
    ),
]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Errors only.")]
VerboseOption = Annotated[bool, typer.Option("-v", "--verbose", help="Show every finding.")]
FilesEncodingOption = Annotated[
    str | None, typer.Option(help="The encoding of the files if it is not Unicode.")
]
AcceptOption = Annotated[
    str | None,
    typer.Option(
        "--accept-anyway",
        metavar="REASON",
        help="Why their findings count no more; what breaks a link is refused all the same.",
        show_default=False,
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace-edits", help="Replace files that people have made or edited.")
]
IgnoresOption = Annotated[Path | None, typer.Option(help="What is silent where, and why, in YAML.")]
AllowOption = Annotated[Path | None, typer.Option(help="Deliberate differences, in YAML.")]
PairOption = Annotated[list[str] | None, typer.Option(help="How pairs are named.")]


@dataclass(frozen=True, kw_only=True)
class Loudness:
    """How much a command tells."""

    quiet: QuietOption = False
    verbose: VerboseOption = False

    @property
    def terminal(self) -> Terminal:
        """As loud as `--quiet` and `--verbose` want it."""
        return Terminal(quiet=self.quiet, verbose=self.verbose)


@dataclass(frozen=True, kw_only=True)
class ProjectOptions(SettingsOptions):
    """Where a command that asks no engine finds its data files."""

    project: ProjectOption = None

    @property
    def settings(self) -> Settings:
        """Those of the options, the environment and the settings files. Raises `UsageError`."""
        return project_settings(self, os.environ)


@dataclass(frozen=True, kw_only=True)
class GlossaryOptions(ProjectOptions):
    """The same with a glossary."""

    glossary: GlossaryOption = None


@dataclass(frozen=True, kw_only=True)
class MemoryOptions(ProjectOptions):
    """The same with a memory."""

    memory: MemoryOption = None


_Options = TypeVar("_Options", bound="DataclassInstance")


def command(options: type[_Options], run: Callable[[_Options], ExitCode]) -> Callable[..., None]:
    """A function that typer takes for a command, made of a frozen dataclass and of what is done with it.

    Its docstring is the help. Its fields that are annotated for typer are the parameters, first its own and
    then those of `Loudness` and the like. A field without such an annotation keeps its default: of the
    `SettingsOptions`, a command offers those that it annotates anew.
    """

    def invoke(**values: Any) -> None:  # noqa: ANN401 - typer has checked them against the fields
        raise typer.Exit(int(run(options(**values))))

    types = get_type_hints(options, include_extras=True)
    defaults = {field.name: field.default for field in fields(options)}
    names = dict.fromkeys(name for base in options.__mro__ for name in get_annotations(base))
    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if defaults[name] is MISSING else defaults[name],
            annotation=types[name],
        )
        for name in names
        if get_origin(types[name]) is Annotated
    ]
    invoke.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    invoke.__doc__ = options.__doc__
    return invoke


def as_given(options: SettingsOptions, *names: str) -> list[str]:
    """Those of the fields of these names that have a value, as options of another command to paste."""
    given = {f"--{name.replace('_', '-')}": getattr(options, name, None) for name in names}
    return [
        word
        for name, value in given.items()
        if value not in (None, False)
        for word in ([name] if value is True else [name, str(value)])
    ]


def review_command(source: str, target: str, options: SettingsOptions) -> list[str]:
    """The command that shows an issue to a person, with what this one was told of the project."""
    given = as_given(options, "memory", "project", "glossary", "edition", "ignores")
    way = "--serve" if find_spec("starlette") else "--tty"  # in the browser, or without the extra here
    return ["weekly-translate", "review", source, target, *given, way]


def from_here(path: Path) -> Path:
    """A path below the current folder as a person would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def refuse_one_file_for_two(files: Mapping[str, Path | None]) -> None:
    """The last one written would be all that is left. Raises `UsageError` with the names of the two."""
    named = [(name, path) for name, path in files.items() if path is not None]
    for (name, path), (other, other_path) in combinations(named, 2):
        if same_file(path, other_path):
            raise UsageError(f"{path} is named twice, for {name} and for {other}: give each its own file.")


def write_export(
    file: Path,
    text: str,
    is_export: Callable[[bytes], bool],
    others: Mapping[str, Path | None],
    *,
    replaces_edits: bool,
) -> None:
    """Write what people edit in other programs: a file that may hold such work is not replaced unasked.

    `is_export` knows what nobody has edited by a seal. Where there is none only the same bytes are replaced.
    Raises as `check_writable` does.
    """
    new = TextFile(text)
    check_writable(
        file,
        others=others,
        may_replace=lambda old: replaces_edits or is_export(old) or old == content_of(new, file),
        otherwise=f"replace it with `{to_paste(this_command('--replace-edits'))}`",
    )
    write_text(file, new)


@dataclass(frozen=True, kw_only=True)
class RunOptions(Loudness, SettingsOptions):
    """What a run of one issue is told as well as a run of many."""

    engine: EngineOption = None
    model: ModelOption = None
    base_url: BaseUrlOption = None
    edition: EditionOption = None
    glossary: GlossaryOption = None
    ignores: IgnoresOption = None
    memory: MemoryOption = None
    jobs: JobsOption = None
    budget: BudgetOption = None
    proofread: Annotated[
        bool | None,
        typer.Option(
            "--proofread/--no-proofread", help="Have it read a second time; default for hosted models."
        ),
    ] = None
    proofreader: ProofreaderOption = None
    report: ReportOption = None
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Write the result in spite of errors.")
    ] = False
    project: ProjectOption = None
    encoding: EncodingOption = None
    fix_mojibake: MojibakeOption = False
    translate_comments: Annotated[
        bool | None, typer.Option("--translate-comments", help="Translate comments in fenced code, too.")
    ] = None
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask anew what models have answered; people's work stays.")
    ] = False
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask again what this model was asked for in vain.")
    ] = False
    retranslate_from: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="The same for the answers of this model only.",
            autocompletion=offered(_models),
        ),
    ] = None
    keep_edits: Annotated[
        bool, typer.Option("--keep-edits", help="Keep English files as people have made or edited them.")
    ] = False
    replace_edits: ReplaceOption = False

    @property
    def policy(self) -> EditPolicy:
        """What is to happen to outputs that people have edited. Raises `UsageError`."""
        from weekly_translate.run.issue import EditPolicy  # noqa: PLC0415 - only commands that write English

        if self.keep_edits and self.replace_edits:
            raise UsageError("--keep-edits and --replace-edits contradict each other: choose one.")
        if self.keep_edits:
            return EditPolicy.KEEP
        return EditPolicy.REPLACE if self.replace_edits else EditPolicy.HOLD

    def order_of(self, source: Path, out: Path | None = None, *, dry_run: bool = False) -> Order:
        """A source that is read as the options say."""
        from weekly_translate.run.plan import Order  # noqa: PLC0415 - only commands that translate have issues

        return Order(source, out, self.encoding, self.fix_mojibake, self.allow_partial, dry_run)
