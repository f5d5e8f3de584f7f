"""`glossary report` and `glossary suggest`: what existing translations say about a glossary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.checking.patterns import all_couples, parse_pattern
from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.comparison.learning import learnable_pairs
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.exchange import Status
from weekly_translate.markdown.sections import sections_of
from weekly_translate.pipeline.editions import read_editions
from weekly_translate.pipeline.glossary import read_glossary
from weekly_translate.pipeline.side_by_side import as_made
from weekly_translate.store.files import read_text
from weekly_translate.store.memory import open_memory
from weekly_translate.terminology.candidates import candidates_in, candidates_text
from weekly_translate.terminology.usage import Aligned, usage_of, usage_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from weekly_translate.pipeline.editions import Editions
    from weekly_translate.settings import Settings

USUAL = ("zh/{name}.md=en/{name}.md", "{name}/source.md={name}/en.md", "{name}.zh.md={name}.en.md")
"""How pairs are named where nothing is said."""


def run_report(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary report`: how the terms are kept in the pairs of a folder, to stdout."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    issues = _issues(given["folder"], given["pair"], settings)
    matcher = read_glossary(settings.glossary, settings.project).matcher
    terminal.result(usage_text(usage_of(matcher, issues)))
    segments = sum(map(len, issues.values()))
    terminal.say(f"{counted(len(issues), 'pair')}, {counted(segments, 'segment')} that could be aligned")
    return ExitCode.DONE


def run_suggest(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`glossary suggest`: what the glossary may lack, by the pairs of a folder or the approved memory."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    if given["folder"] is not None:
        issues = _issues(given["folder"], given["pair"], settings)
        pairs = [(one.segment.text, one.target) for found in issues.values() for one in found]
    else:
        pairs = _approved(settings)
    matcher = read_glossary(settings.glossary, settings.project).matcher
    terminal.result(candidates_text(candidates_in(pairs, matcher, least=given["least"])))
    terminal.say(f"{len(pairs)} pairs of segments")
    return ExitCode.DONE


def _issues(folder: Path, given: Sequence[str] | None, settings: Settings) -> dict[str, list[Aligned]]:
    """The aligned segments of each pair of files, by the path of the source."""
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder: name one that holds Chinese files and their translations."
        )
    patterns = [parse_pattern(text) for text in given or USUAL]
    couples = [(folder / one.source, folder / one.target) for one in all_couples(patterns, folder)]
    whole = [(source, target) for source, target in couples if target.is_file()]
    if not whole:
        raise UsageError(
            f"There are no pairs in {folder} named as {' or '.join(given or USUAL)}: say how with --pair."
        )
    editions = read_editions(settings.edition, settings.project)
    return {
        source.relative_to(folder).as_posix(): _aligned(source, target, editions) for source, target in whole
    }


def _aligned(source: Path, target: Path, editions: Editions) -> list[Aligned]:
    pair = as_made(read_text(source).text, source.name, read_text(target).text, editions)
    sections = sections_of(pair.source)
    pairs = learnable_pairs(pair.source, pair.target, pair.allowed)
    return [Aligned(segment, text, sections.get(segment.id, "")) for segment, text in pairs]


def _approved(settings: Settings) -> list[tuple[str, str]]:
    if not settings.memory.exists():
        raise UsageError(f"The memory {settings.memory} does not exist: name it, or a folder with pairs.")
    with open_memory(settings.memory, now=str) as memory:
        return [(entry.source, entry.target) for entry in memory.entries(at_least=Status.EDITED)]
