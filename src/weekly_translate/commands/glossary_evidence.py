"""`glossary report` and `glossary suggest`: what existing translations say about a glossary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.checking.patterns import all_couples, parse_pattern
from weekly_translate.commands.given import Given, terminal_for
from weekly_translate.comparison.compared import learnable_pairs
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.exchange import Status
from weekly_translate.markdown import parse
from weekly_translate.pipeline.glossary import read_glossary
from weekly_translate.settings import settings_from
from weekly_translate.store.files import read_text
from weekly_translate.store.memory import open_memory
from weekly_translate.terminology.candidates import candidates_in, candidates_text
from weekly_translate.terminology.usage import usage_of, usage_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import Document, Segment
    from weekly_translate.settings import Settings

USUAL = ("zh/{name}.md=en/{name}.md", "{name}/source.md={name}/en.md", "{name}.zh.md={name}.en.md")
"""How pairs are named where nothing is said."""


def run_report(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary report`: how the terms are kept in the pairs of a folder, to stdout."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    issues = _issues(given["folder"], given["pair"])
    matcher = read_glossary(settings.glossary, settings.project).matcher
    terminal.result(usage_text(usage_of(matcher, issues)))
    terminal.say(f"{len(issues)} pairs, {sum(map(len, issues.values()))} segments that could be aligned")
    return ExitCode.DONE


def run_suggest(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary suggest`: what the glossary may lack, by the pairs of a folder or the approved memory."""
    terminal = terminal_for(given)
    settings = settings_from({**given, "engine": "draft"}, environment)
    if given["folder"] is not None:
        issues = _issues(given["folder"], given["pair"])
        pairs = [(segment.text, target) for found in issues.values() for segment, target in found]
    else:
        pairs = _approved(settings)
    matcher = read_glossary(settings.glossary, settings.project).matcher
    terminal.result(candidates_text(candidates_in(pairs, matcher, least=given["least"])))
    terminal.say(f"{len(pairs)} pairs of segments")
    return ExitCode.DONE


def _issues(folder: Path, given: Sequence[str] | None) -> dict[str, list[tuple[Segment, str]]]:
    """The aligned segments of each pair of files, by the path of the source."""
    patterns = [parse_pattern(text) for text in given or USUAL]
    couples = [(folder / one.source, folder / one.target) for one in all_couples(patterns, folder)]
    whole = [(source, target) for source, target in couples if target.is_file()]
    if not whole:
        raise UsageError(
            f"There are no pairs in {folder} named as {' or '.join(given or USUAL)}: say how with --pair."
        )
    return {
        source.relative_to(folder).as_posix(): learnable_pairs(_document(source), _document(target))
        for source, target in whole
    }


def _document(path: Path) -> Document:
    return parse(read_text(path).text, every_line=True)


def _approved(settings: Settings) -> list[tuple[str, str]]:
    if not settings.memory.exists():
        raise UsageError(f"The memory {settings.memory} does not exist: name it, or a folder with pairs.")
    with open_memory(settings.memory, now=str) as memory:
        return [(entry.source, entry.target) for entry in memory.entries(at_least=Status.EDITED)]
