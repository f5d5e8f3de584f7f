"""`memory verify`, `reject`, `prune`: what the checks refuse, what a person refuses, what nobody needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from weekly_translate.checks import findings_of
from weekly_translate.commands.given import Given, settings_for, terminal_for
from weekly_translate.commands.memory import existing_memory
from weekly_translate.console.summary import counted
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.issue import Listeners, job_for
from weekly_translate.markdown import parse
from weekly_translate.model import Pair, Segment, Severity, Span
from weekly_translate.pipeline.manuscript import manuscript_of
from weekly_translate.pipeline.plan import keys_of
from weekly_translate.store.files import read_text
from weekly_translate.store.housekeeping import Used, remove, waste_in
from weekly_translate.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import Finding
    from weekly_translate.pipeline.job import Job
    from weekly_translate.store.rows import Stored

_NAMED = 3
"""So many texts are offered where a part of them was given."""
_SHOWN = 60
"""Characters of a source, so that a person finds it."""


def run_verify(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory verify`: the findings to stdout; 1 if there is an error."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    errors = 0
    with existing_memory(settings, terminal) as memory:
        job = job_for(settings, memory, Listeners())
        stored = memory.stored()
        for one in stored:
            found = list(_findings(one, job, all_=given["verbose"]))
            errors += any(finding.severity is Severity.ERROR for finding in found)
            terminal.result("".join(_line(one, finding) for finding in found))
    terminal.say(f"{settings.memory}: {counted(len(stored), 'entry')}, {errors:,} with errors")
    return ExitCode.FINDINGS if errors else ExitCode.DONE


def _findings(one: Stored, job: Job, *, all_: bool) -> Iterator[Finding]:
    source = one.entry.source
    segment = Segment(one.key, one.kind, Span(0, len(source)), 0, source)
    terms = job.matcher.terms_in(source, one.entry.context)
    for finding in findings_of(Pair(segment, one.entry.target, terms), kept=job.allowed_chinese):
        if all_ or finding.severity is Severity.ERROR:
            yield finding


def _line(one: Stored, finding: Finding) -> str:
    status = one.entry.status.name.lower()
    source = one.entry.source[:_SHOWN]
    return f"{finding.severity.value} {finding.check}: {finding.message} ({status}, {source!r})\n"


def run_reject(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory reject`: the translations that are forgotten, to stdout. Raises `UsageError`."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    reason = " ".join(given["reason"].split())
    if not reason:
        raise UsageError("--reason is empty: say what is wrong, so that the next translation is better.")
    with existing_memory(settings, terminal) as memory:
        rejected = _named(given["text"], memory.stored(), settings.memory)
        for source in dict.fromkeys(one.entry.source for one in rejected):
            memory.reject(source, reason)
    terminal.result("".join(f"{one.entry.status.name.lower()}: {one.entry.target}\n" for one in rejected))
    terminal.say(f"{settings.memory}: {len(rejected)} rejected; the next run asks again and gives the reason")
    return ExitCode.DONE


def _named(text: str, stored: Sequence[Stored], memory: Path) -> list[Stored]:
    """The translations of a text: by the key, or by the source as it stands in Markdown or in the memory."""
    wanted = " ".join(text.split())
    names = {wanted, *(segment.text for segment in parse(text).segments)}
    found = [one for one in stored if names & {one.key, one.entry.source, _plain(one)}]
    sources = {one.entry.source for one in found}
    found = [one for one in stored if one.entry.source in sources]
    if not found:
        near = [_plain(one)[:_SHOWN] for one in stored if wanted and wanted in _plain(one)]
        hint = f" These hold it: {'; '.join(dict.fromkeys(near[:_NAMED]))}." if near else ""
        raise UsageError(f"{memory} has no translation of “{text[:_SHOWN]}”: give the whole text.{hint}")
    return found


def _plain(one: Stored) -> str:
    return " ".join(without_tags(one.entry.source).split())


def run_prune(given: Given, environment: Mapping[str, str]) -> ExitCode:
    """`memory prune`: says what nobody needs, and removes it with `--yes`. People's work is never touched."""
    terminal = terminal_for(given)
    settings = settings_for(given, environment)
    days = given["days"]
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    with existing_memory(settings, terminal) as memory:
        used = _used(given["files"], job_for(settings, memory, Listeners())) if given["files"] else None
        waste = waste_in(memory, used, before=before)
        if given["yes"]:
            remove(memory, waste, before=before)
    verb = "removed" if given["yes"] else "to remove"
    terminal.say(f"answers to texts that the files do not hold: {len(waste.unused):,} {verb}")
    terminal.say(f"answers to other prompts or terms: {len(waste.outdated):,} {verb}")
    terminal.say(f"answers that did not pass, older than {days} days: {waste.attempts:,} {verb}")
    if used is None:
        terminal.say("Name the Chinese files that you keep to find the answers that none of them needs.")
    if not given["yes"] and any(waste):
        terminal.say("Nothing was removed: add --yes to do it.")
    return ExitCode.DONE


def _used(files: Sequence[Path], job: Job) -> Used:
    sources: set[str] = set()
    keys: set[str] = set()
    for file in files:
        text = read_text(file).text
        manuscript = manuscript_of(text, file.name, job.editions)
        document = manuscript.edited.document
        sources |= {segment.text for segment in (*document.segments, *parse(text).segments)}
        keys |= keys_of(document, job.under(manuscript.choice))
    return Used(frozenset(sources), frozenset(keys))
