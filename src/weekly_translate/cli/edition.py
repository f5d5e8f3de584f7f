"""`weekly-translate edition check`: whether editions can be used, and what they do to issues."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import ProjectOptions, command
from weekly_translate.cli.terminal import Terminal
from weekly_translate.edition.applying import (
    AUTO,
    Manuscript,
    edition_file,
    edition_names,
    manuscript_of,
    read_edition,
    read_editions,
    unused,
)
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.files import read_text
from weekly_translate.model import Severity
from weekly_translate.report.review import uses_as_text
from weekly_translate.text.characters import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, kw_only=True)
class EditionCheckOptions(ProjectOptions):
    """Find what is wrong with editions; with --on, say which of their rules fire on issues."""

    editions: Annotated[
        list[str] | None, typer.Argument(help="Names or files; default all there are.", show_default=False)
    ] = None
    on: Annotated[
        list[Path] | None, typer.Option(help="An issue, or a folder of issues: which rules fire?")
    ] = None


def check(options: EditionCheckOptions) -> ExitCode:
    """What is wrong with editions, and which rules fire on issues, to stdout."""
    terminal = Terminal()
    project = options.settings.project
    asked = [_named(one, project) for one in options.editions or ()]
    issues = list(_issues(options.on or ()))
    if issues and len(asked) > 1:
        raise UsageError("--on takes one edition: name it, or none to take for each issue the one that fits.")
    checked = asked or [(name, project) for name in edition_names(project)]
    broken = 0
    for name, folder in checked:
        edition_file(name, folder)  # a name that does not exist is no broken edition
        try:
            read_edition(name, folder)
        except UsageError as error:
            terminal.result(f"{error}\n")
            broken += 1
    terminal.say(f"{counted(len(checked), 'edition')}, {broken or 'none'} with mistakes")
    if issues and not broken:
        broken = _try_on(issues, *(asked[0] if asked else (AUTO, project)), terminal)
    return ExitCode.FINDINGS if broken else ExitCode.DONE


COMMANDS = {"check": command(EditionCheckOptions, check)}


def _named(name: str, project: Path) -> tuple[str, Path]:
    """An edition by its name, or by the path of a file in a folder `editions`, and the project that has it.

    Raises `UsageError`.
    """
    path = Path(name)
    if path.name == name and path.suffix not in {".yaml", ".yml"}:
        return name, project
    if path.suffix != ".yaml" or path.absolute().parent.name != "editions":
        raise UsageError(f"{path} is no edition: its place is editions/NAME.yaml in the project folder.")
    return path.stem, path.parent.parent


def _issues(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and the Markdown files of the folders."""
    for path in paths:
        found = sorted(path.glob("*.md")) if path.is_dir() else [path]
        if not found:
            raise UsageError(f"There is no Markdown file in {path}. Name the folder of the issues.")
        yield from found


def _try_on(issues: Sequence[Path], name: str, project: Path, terminal: Terminal) -> int:
    """Show what fires where, and what never does; gives the number of issues that are refused."""
    editions = read_editions(name, project)
    shown: defaultdict[str, list[Manuscript]] = defaultdict(list)
    refused = 0
    for path in issues:
        try:
            manuscript = manuscript_of(read_text(path).text, path.name, editions)
        except InputRefusedError as error:
            terminal.result(f"{error}\n")
            refused += 1
        except UsageError as error:
            terminal.result(f"{path}: refused\n{error}\n")
            refused += 1
        else:
            refused += _show(path, manuscript, terminal)
            shown[manuscript.choice.edition.name].append(manuscript)
    for manuscripts in shown.values():
        terminal.result("".join(_idle(manuscripts)))
    return refused


def _idle(manuscripts: Sequence[Manuscript]) -> Iterator[str]:
    """The rules that never fired: in one issue that is common, in a season the rule has rotted."""
    edition, issues = manuscripts[0].choice.edition, len(manuscripts)
    for rule in unused(edition, (use for one in manuscripts for use in one.edited.uses)):
        place, name = f"{edition.file}:{rule.line}", f"{rule.kind} '{rule.name}'"
        if issues == 1:
            yield f"{place}: info: {name} does not fire on this issue\n"
        else:
            yield f"{place}: warning: {name} fires on none of these {issues} issues: mend or remove it\n"


def _show(path: Path, manuscript: Manuscript, terminal: Terminal) -> bool:
    """The rules that fire on an issue; gives whether the edition has errors to report about it."""
    choice = manuscript.choice
    terminal.result(f"{path}: edition {choice.edition.name}, because {choice.why}\n")
    terminal.result(uses_as_text(manuscript.edited.uses))
    findings = [one for one in manuscript.edited.document.findings if one.check.startswith("edition.")]
    for one in findings:
        terminal.result(f"{path}:{one.source_line or 1}: {one.severity}: {one.message}\n")
    return any(one.severity is Severity.ERROR for one in findings)
