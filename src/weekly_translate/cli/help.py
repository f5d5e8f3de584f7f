"""The help of a command: its options in groups, and examples that can be pasted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer._click.core import Context
    from typer._click.formatting import HelpFormatter

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
    "glossary add": ("glossary add 协程池 'coroutine pool'",),
    "glossary lint": ("glossary lint",),
    "edition check": ("edition check full --on issue.md",),
    "batch export": ("batch export requests.jsonl zh",),
    "batch import": ("batch import answers.jsonl --origin gpt-5-mini",),
}
"""What somebody may want from a command, without the name of the program."""


_COMMANDS = {
    "Translate and publish": "translate season batch review",
    "Check": "check proofread evaluate lsp selftest",
    "Set up and keep": "init memory glossary edition schema",
}
"""In which group the list of commands shows each of them; others stand at the end."""


class HelpfulGroup(TyperGroup):
    """A list of commands in groups."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - as typer calls it
        """Each with the first sentence of its help."""
        rows = {name: one.get_short_help_str(limit=200) for name, one in self.commands.items()}
        named = {
            group: [name for name in names.split() if name in rows] for group, names in _COMMANDS.items()
        }
        listed = {name for names in named.values() for name in names}
        named["Commands"] = [name for name in rows if name not in listed]
        for group, names in named.items():
            if names:
                with formatter.section(group):
                    formatter.write_dl([(name, rows[name]) for name in names])


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
