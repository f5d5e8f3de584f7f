"""`weekly-translate init`: a folder for a project, with settings and glossary."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weekly_translate.cli.options import command, one_of
from weekly_translate.cli.schema import schema_text
from weekly_translate.cli.terminal import Terminal
from weekly_translate.data_files import default_file, read_data, toml_in, validated
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, ensure_folder, write_text
from weekly_translate.settings import PROJECT_FILE, SettingsFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_FOLDERS = ("starter", "editions", "prompts")
EXAMPLES = ("longform", "digest")
"""Newsletters of other kinds that an edition can start from: a long-form weekly, a digest of projects."""
DOCS = "docs"
"""A folder of documentation: it has no house rules, and the terms of a newsletter are not its own."""
FOR_DOCS = (
    ("of this newsletter", "of this documentation"),
    ("for all newsletters", "for all projects"),
    ("in every issue", "on every page"),
    ("#   editions/      the house rules: headings, item numbers, notes, header, footer\n", ""),
    ("# editions/ and prompts/ are copies. A copy", "# prompts/ holds copies. A copy"),
    ("whose shape the issue has", "whose shape a page has"),
    ('#edition = "auto"', 'edition = "none"'),
    ('#about = "a newsletter about databases, read by administrators"', 'about = "the manual of a program"'),
    (
        "The last line below adds the terms that come with the program.",
        "The last line below, without its first `#`, adds those that come with the program, about Python.",
    ),
    ("- extends: default  #", "#- extends: default  #"),
)
"""What a folder of documentation has in its settings and glossary instead."""
_SUFFIXES = {".toml", ".yaml", ".md"}


_SCHEMAS = ("settings", "glossary")


def starter_files(*, full: bool = True) -> dict[Path, str]:
    """The files of a new project: path inside its folder -> text. Raises `UsageError`.

    Settings and glossary, with the schemas that their first lines name to editors; with `full` also copies
    of the editions and prompts.
    """
    texts = {Path("schemas", f"{name}.json"): schema_text(name) for name in _SCHEMAS}
    for name in _FOLDERS if full else ("starter",):
        folder = default_file(name)
        above = folder if name == "starter" else folder.parent
        paths = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)
        texts |= {path.relative_to(above): read_data(path) for path in paths}
    return texts if full else {path: text for path, text in texts.items() if path.parts[0] not in _FOLDERS}


def example_files(name: str) -> dict[Path, str]:
    """The editions of one of `EXAMPLES`, by their paths in a project."""
    folder = default_file(f"samples/{name}/editions")
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)
    return {path.relative_to(folder.parent): read_data(path) for path in paths}


def for_docs(texts: Mapping[Path, str]) -> dict[Path, str]:
    """The files of a project with what suits a folder of documentation."""
    changed = {path: text for path, text in texts.items() if path.parts[0] != "editions"}
    for before, after in FOR_DOCS:
        changed |= {
            path: text.replace(before, after) for path, text in changed.items() if len(path.parts) == 1
        }
    return changed


def set_up(folder: Path, texts: Mapping[Path, str]) -> Iterator[tuple[Path, bool]]:
    """Write each file that is not there yet; gives its path inside `folder`, and whether it was written.

    Whatever has the name of such a file is kept, and nothing is written through a link. Raises `UsageError`,
    before the first file is written, where a file stands in place of a folder; `StorageError` for the disk.
    """
    for place in {folder, *(folder / path.parent for path in texts)}:
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is no folder, but has to be one: rename it, or name another folder.")
    ensure_folder(folder)
    for path, text in texts.items():
        # A link is taken even if it leads nowhere, and nothing is written where one leads.
        inner = (folder / above for above in path.parents if above.name)
        is_free = not (os.path.lexists(folder / path) or any(above.is_symlink() for above in inner))
        if is_free:
            ensure_folder((folder / path).parent)
            write_text(folder / path, TextFile(text))
        yield path, is_free


@dataclass(frozen=True)
class InitOptions:
    """Set up a project: settings and glossary. What exists already is kept."""

    folder: Annotated[Path, typer.Argument(help="Where the files go.", show_default="this folder")] = Path()
    full: Annotated[
        bool, typer.Option("--full", help="Also copies of the editions and prompts, to change.")
    ] = False
    like: Annotated[
        str | None,
        typer.Option(
            help="Begin with an example, longform or digest; or with docs, for documentation.",
            **one_of("example", (*EXAMPLES, DOCS)),
        ),
    ] = None


def init(options: InitOptions) -> ExitCode:
    """Write what is not there yet, and say what to do next."""
    terminal = Terminal()
    files = starter_files(full=options.full)
    if options.like == DOCS:
        files = for_docs(files)
    elif options.like:
        files |= example_files(options.like)
    for path, is_new in set_up(options.folder, files):
        terminal.show_rows([("written" if is_new else "kept", str(options.folder / path))])
    for line in _next_steps(options):
        terminal.say(line)
    return ExitCode.DONE


def _next_steps(options: InitOptions) -> Iterator[str]:
    """What to do with the files."""
    if options.full:
        copies = "prompts/" if options.like == DOCS else "editions/ and prompts/"
        yield f"Each file says what it is for. Delete the copies in {copies} that you do not change."
    if options.like in EXAMPLES:
        yield f"Make the edition in {options.folder / 'editions'} your own: title, headings, header, footer."
    is_docs = _is_for_docs(options.folder)
    if is_docs:
        yield "Say in `about` in weekly-translate.toml what is documented, and for whom."
    yield "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own."
    here = "this folder" if options.folder == Path() else str(options.folder)
    run = "season DOCS -o ENGLISH" if is_docs else "ISSUE.md"
    yield f"Then run `weekly-translate {run} --plan` in {here}: it counts what it takes, and sends nothing."


def _is_for_docs(folder: Path) -> bool:
    """Whether the settings say that there are no house rules. They may be older than this run."""
    path = folder / PROJECT_FILE
    with suppress(UsageError):
        return validated(SettingsFile, toml_in(read_data(path), str(path))).edition == "none"
    return False


COMMANDS = {"init": command(InitOptions, init)}
