"""The program: it imports the command that the arguments name, runs it, or says what went wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections import defaultdict
from difflib import get_close_matches
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from weekly_translate.errors import ExitCode, FaultsError, NoEngineError, WeeklyTranslateError, without_keys
from weekly_translate.interrupts import end_in_order_when_told_to
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter

    from weekly_translate.cli.terminal import Terminal


COMMANDS = {
    "translate": "Translate one issue. The word `translate` may be left out.",
    "season": "Translate many issues; what is up to date is skipped, and what people have edited is kept.",
    "review": "Look at a translation segment by segment: accept, edit, reject.",
    "check": "Compare an English file with its Chinese source, whoever made it.",
    "proofread": "Have a model compare an English file with its Chinese source, and show the mistakes of "
    "meaning.",
    "lsp": "Serve an editor: findings of an open pair, fixes, and on hover the source and its terms.",
    "mcp": "Serve an assistant: check, plan, translate within a budget, and look up memory and glossary.",
    "evaluate": "Compare translations of the same issues: what is wrong with each, and which is better.",
    "selftest": "Sow faults into good pairs and count which ones the checks find.",
    "schema": "Print the JSON Schema of a data file, with which an editor completes and checks it.",
    "init": "Set up a project: settings and glossary. What exists already is kept.",
}
"""What each command is for, as its own help says: the list of commands imports none of them."""
GROUPS = {
    "memory": "The translation memory.",
    "glossary": "The glossary.",
    "edition": "The house rules.",
    "batch": "Requests as a file, for whoever answers later.",
}
"""The same of the commands that have commands of their own."""
_ASKING = ("translate", "season", "proofread", "evaluate")
"""Commands that keep what a model has answered."""
BATCH_STEPS = ("submit", "status", "fetch", "forget")
"""What may follow `season --batch`; any other word is a source."""


_OF_THE_PROGRAM = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
_FIRST_WORDS = {*COMMANDS, *GROUPS, *_OF_THE_PROGRAM}
_CONTEXT = {"help_option_names": ["-h", "--help"]}
_COMPLETING = "_WEEKLY_TRANSLATE_COMPLETE"
"""Set by the shell that asks what a word may become."""


def run() -> NoReturn:
    """Run the command that the arguments name, and end with its code."""
    end_in_order_when_told_to()
    arguments = sys.argv[1:]
    if meant := misspelled_command(arguments):
        sys.exit(_complain(f"{arguments[0]} is neither a command nor a file: did you mean {meant}?", 2))
    sys.exit(_run(completed(arguments)))


def misspelled_command(arguments: Sequence[str]) -> str:
    """The command that the first word may mean, where it looks like no file; nothing else."""
    match arguments:
        case [first, *_] if first.isalpha() and not Path(first).exists():
            (meant, *_) = (*get_close_matches(first, [*COMMANDS, *GROUPS], n=1), "")
            return "" if meant == first else meant
    return ""


def completed(arguments: Sequence[str]) -> list[str]:
    """The arguments with what may be left out: `translate` before an issue, `submit` after `--batch`."""
    match arguments:
        case ["season", *_]:
            return [
                word
                for one, following in pairwise([*arguments, ""])
                for word in ([one, "submit"] if one == "--batch" and following not in BATCH_STEPS else [one])
            ]
        case [first, *_] if first not in _FIRST_WORDS:
            return ["translate", *arguments]
    return list(arguments)


def program(*loaded: str) -> typer.Typer:
    """The program, in which these commands and groups can run; of the others it has names and help only."""
    app = typer.Typer(
        name="weekly-translate",
        help="Chinese Markdown newsletters into English: every link, image, code span and number accounted "
        "for.",
        epilog="An issue: weekly-translate ISSUE.md -o OUT.md (options: weekly-translate translate --help)",
        cls=HelpfulGroup,
        context_settings=_CONTEXT,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(invoke_without_command=True)(_top)
    for name, summary in COMMANDS.items():
        if name in loaded:
            app.command(name, cls=HelpfulCommand, context_settings=_CONTEXT)(commands_of(name)[name])
        else:
            app.command(name, help=summary)(lambda: None)  # stands in the list only
    for name, summary in GROUPS.items():
        group = typer.Typer(help=summary, context_settings=_CONTEXT, rich_markup_mode=None)
        for inner, made in commands_of(name).items() if name in loaded else ():
            group.command(inner, cls=HelpfulCommand, context_settings=_CONTEXT)(made)
        app.add_typer(group, name=name)
    return app


def commands_of(name: str) -> Mapping[str, Callable[..., None]]:
    """The commands of the module of this name, made by `options.command`."""
    module = import_module(f"weekly_translate.cli.{name}")
    commands: Mapping[str, Callable[..., None]] = module.COMMANDS
    return commands


def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002 - a flag
) -> None:
    if version:
        typer.echo(VERSION)
        raise typer.Exit


def _run(arguments: list[str]) -> int:
    """The exit code; whatever went wrong has been said in one sentence."""
    try:
        words = arguments
        if _COMPLETING in os.environ:  # what the shell has so far, behind the name of the program
            typed = (os.environ.get(name, "") for name in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"))
            words = completed(" ".join(typed).split()[1:])
        app = program(*words[:1])
        code = app(arguments or ["--help"], prog_name="weekly-translate", standalone_mode=False)
    except WeeklyTranslateError as error:
        return _tell(error)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)  # of the innermost command: `weekly-translate memory learn`
        path = context.command_path if context else f"weekly-translate {arguments[0]}"
        return _complain(f"{_with_guess(error, arguments)} See {path} --help.", ExitCode.USAGE)
    except OSError as error:
        return no_output(error)
    except Exception:  # noqa: BLE001 - the last line of defense: a bug says that it is one
        said = without_keys(
            traceback.format_exc(), [key for name, key in os.environ.items() if name.endswith("_KEY")]
        )
        for name, password in os.environ.items():
            if password and name.endswith("PASSWORD"):  # which may be as short as a word
                said = said.replace(password, "***")
        for line in said.splitlines():
            _complain(line, ExitCode.BUG)
        return _complain(
            "This is a bug of weekly-translate. Please report it with the lines above.", ExitCode.BUG
        )
    if code == ExitCode.INTERRUPTED:
        return _tell_interrupted(arguments)
    return int(code or 0) if arguments else int(ExitCode.USAGE)


def _tell(error: WeeklyTranslateError) -> int:
    """What was foreseen, in words; the exit code."""
    if isinstance(error, NoEngineError):
        from weekly_translate.cli.run_messages import show_failure  # noqa: PLC0415 - only when something is wrong

        show_failure(error, _terminal(), drafts=False)
        return int(error.exit_code)
    # Several faults are told line by line; a line break in another message is part of a name.
    for line in error.faults if isinstance(error, FaultsError) else [str(error)]:
        _complain(line, error.exit_code)
    return int(error.exit_code)


def _with_guess(error: typer.TyperException, arguments: Sequence[str]) -> str:
    """What is wrong with the arguments, and which option or command may be meant, as a sentence."""
    message = error.format_message()
    if arguments[0] == "translate" and "unexpected extra argument" in message:
        return (
            "One issue at a time: -o names the English file, and weekly-translate season takes many issues."
        )
    option = getattr(error, "option_name", "")
    context = getattr(error, "ctx", None)
    if not option or context is None or "No such option" not in message:
        return message if message.endswith("?") else f"{message.rstrip('.')}."
    known = [name for parameter in context.command.params for name in parameter.opts if name.startswith("--")]
    (meant, *_) = (*get_close_matches(option, [*known, *_OF_THE_PROGRAM], n=1), "")
    return f"No such option: {option}" + (f"; did you mean {meant}?" if meant else ".")


def _tell_interrupted(arguments: Sequence[str]) -> int:
    """Where answers are kept, with the command that goes on."""
    terminal = _terminal()
    if arguments[0] in _ASKING:
        kept = "Interrupted. The answers so far are kept. To go on:"
        terminal.way_on(kept, ["weekly-translate", *sys.argv[1:]], even_if_quiet=True)
    else:
        terminal.complain("Interrupted.")
    return int(ExitCode.INTERRUPTED)


def no_output(error: OSError) -> int:
    """The exit code where help or version cannot be written, or the system does not even look at a path."""
    from weekly_translate.cli.terminal import drop  # noqa: PLC0415 - only when something is wrong

    drop(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return int(ExitCode.DONE)  # nobody reads on: nothing to say
    what = error.filename or "The standard output"
    return _complain(f"{what} cannot be used: {error.strerror}.", ExitCode.STORAGE)


def _complain(message: str, code: int) -> int:
    """The address of a server may stand where a file does, and is quoted as one: without its password."""
    if ":/" in message:
        from weekly_translate.memory.database import without_passwords  # noqa: PLC0415 - as below

        message = without_passwords(message)
    _terminal().complain(message)
    return int(code)


def _terminal() -> Terminal:
    from weekly_translate.cli.terminal import Terminal  # noqa: PLC0415 - only when something is wrong

    return Terminal()


_GROUPS = {
    "Which files": "first last changed pair encoding fix_mojibake",
    "Who translates": "engine model base_url jobs budget batch fresh retry_failed retranslate_from origin "
    "reviewer",
    "By which rules": "edition translate_comments glossary memory project allow ignores select ignore strict "
    "require_translation",
    "What is written": "out full like plan dry_run allow_partial keep_edits replace_edits fix apply "
    "by_hand yes",
    "What is shown": "format report log log_texts list_checks watch no_browser serve tty count seed "
    "quiet verbose",
}
"""Which group the options of a name stand in; others stand at the end."""
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names.split()}
_OWN = "Options"

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "translate": (
        "issue.md --plan",
        "issue.md -o issue.en.md",
        "issue.md -o issue.en.md --base-url http://localhost:11434/v1 --model qwen3:14b",
        "- < issue.md > issue.en.md",
    ),
    "season": ("season zh -o en --plan", "season zh -o en --budget 2.00", "season 'docs/**/*.md' -o en"),
    "check": (
        "check issue.md issue.en.md",
        "check --pair 'docs/{name}.md=en/{name}.md' --require-translation",
        "check issue.md issue.en.md --watch",
    ),
    "lsp": ("lsp --pair 'docs/{name}.md=en/{name}.md'",),
    "mcp": ("mcp --budget 2.00",),
    "review": (
        "review issue.md issue.en.md --serve",
        "review issue.md issue.en.md -o page.html",
        "review --status zh",
    ),
    "selftest": ("selftest issue.md issue.en.md",),
    "schema": ("schema glossary > glossary.schema.json",),
    "init": ("init newsletter", "init newsletter --full"),
    "memory learn": ("memory learn issue.md issue.en.md --status edited",),
    "memory import": ("memory import other.tmx",),
    "memory export": ("memory export memory.jsonl",),
    "memory copy": ("memory copy .weekly-translate/memory.db postgresql://ada@db.example.org/weekly",),
    "glossary add": ("glossary add 协程池 'coroutine pool'",),
    "glossary lint": ("glossary lint",),
    "edition check": ("edition check full --on issue.md",),
    "batch export": ("batch export requests.jsonl zh",),
    "batch import": ("batch import answers.jsonl --origin gpt-5-mini",),
}
"""What somebody may want from a command, without the name of the program."""


_COMMANDS = {
    "Translate and publish": "translate season batch review",
    "Check": "check proofread evaluate selftest",
    "Serve other programs": "lsp mcp",
    "Set up and keep": "init memory glossary edition schema",
}
"""In which group the list of commands shows each of them."""


class HelpfulGroup(TyperGroup):
    """A list of commands in groups; a shell that completes may leave out `translate` as well."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Where `completed` has not looked before: the shell gives the words in the environment."""
        if ctx.resilient_parsing and args[0] not in self.commands:
            args = ["translate", *args]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - as typer calls it
        """Each with the first sentence of its help."""
        for group, names in _COMMANDS.items():
            with formatter.section(group):
                shown = ((name, self.commands[name]) for name in names.split())
                formatter.write_dl([(name, one.get_short_help_str(limit=200)) for name, one in shown])


class HelpfulCommand(TyperCommand):
    """A command whose help has its options in groups and ends with examples."""

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Arguments, then the options in their groups."""
        groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_argument = parameter.param_type_name == "argument"
                group = "Arguments" if is_argument else _GROUP_OF.get(str(parameter.name), _OWN)
                groups[group].append(record)
        for name in ("Arguments", *_GROUPS, _OWN):
            if name in groups:
                with formatter.section(name):
                    formatter.write_dl(groups[name])

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The examples, each on a line of its own however long it is."""
        path = ctx.command_path.partition(" ")[2]
        if examples := EXAMPLES.get(path):
            with formatter.section("Examples"):
                for example in examples:
                    formatter.write(f"  weekly-translate {example}\n")
