"""Whole runs against the misbehaving server. Nobody waits: the clock moves only when somebody sleeps."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from documents import ROOT
from fake_time import FakeTime
from program import environment, memory_place
from weekly_translate.llm.engine import engine_for
from weekly_translate.model import Severity
from weekly_translate.run.plan import Order
from weekly_translate.run.runner import translate_issue
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from server import MisbehavingServer
    from weekly_translate.llm.engine import Engine, EngineContext
    from weekly_translate.llm.providers import Timeouts
    from weekly_translate.model import Finding
    from weekly_translate.run.issue import Result
    from weekly_translate.settings import Settings

ISSUE = ROOT / "tests/cases/issue.md"
"""A short issue with a bit of everything, an instruction to whoever translates it among it."""
GLOSSARY = ROOT / "tests/cases/issue-glossary.yaml"
KEY = "key-of-no-usual-form"
"""Only a program that knows it can tell that this is a secret."""

_ADDRESS = re.compile(r"[a-z]+://[^\s<>()\"'`\u0080-\uffff]+")
_HTML = re.compile(r"(?<!\\)<[A-Za-z/!][^<>]*>")
_READ_ALOUD = re.compile(r'(?<=\s)(?:alt|title|label|text)="[^"]*"')
"""What HTML and components show to readers, and is therefore translated."""
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}
_PROMPT_LINES = tuple(
    line
    for file in sorted((ROOT / "prompts").glob("*.md"))
    for line in file.read_text("utf-8").splitlines()
    if len(line) > 40
)


def translated_by(  # noqa: PLR0913  a test names what it needs
    server: MisbehavingServer,
    folder: Path,
    source: Path = ISSUE,
    *,
    allow_partial: bool = False,
    jobs: int = 1,
    timeouts: Timeouts | None = None,
    glossary: Path | None = GLOSSARY,
    edition: str = "none",
    retry_failed: bool = False,
) -> Result:
    """One run of the program: `folder` gets the output and keeps the memory. Chunks have up to ten segments.

    One job at a time, unless told otherwise, so that it is known which request a fault meets.
    """

    def impatient(settings: Settings, context: EngineContext) -> Engine:
        pace = FakeTime().pace(lambda: 0.5)
        return engine_for(settings, replace(context, pace=pace, timeouts=timeouts or context.timeouts))

    folder.mkdir(exist_ok=True)
    options = SettingsOptions(
        project=folder,
        base_url=server.url,
        model="fake-70b",
        memory=str(memory_place(folder)),
        glossary=glossary,
        edition=edition,
        retry_failed=retry_failed,
        jobs=jobs,
    )
    return translate_issue(
        Order(source, folder / "out.md", allow_partial=allow_partial),
        settings_from(options, environment(folder, {"OPENAI_API_KEY": KEY})),
        make_engine=impatient,
    )


def text_of(outcome: Result) -> str:
    """The result, written or not."""
    return outcome.text


def errors_of(outcome: Result) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.severity is Severity.ERROR]


def foreign(output: str, source: str) -> Iterator[str]:
    """Whatever a model may not bring into an output: addresses, HTML, hidden characters, secrets, prompts."""
    for pattern in (_ADDRESS, _HTML):
        found, known = (
            {_READ_ALOUD.sub("", hit).rstrip(".,;:!?") for hit in pattern.findall(text)}
            for text in (output, source)
        )
        yield from found - known
    for character in set(output) - set(source):
        if unicodedata.category(character) in _INVISIBLE or character == "\N{REPLACEMENT CHARACTER}":
            yield f"U+{ord(character):04X}"
    for text in (KEY, " sk-", "PWNED", "evil.example", "translate a weekly newsletter", "First translation"):
        if text in output:
            yield text
    yield from (line for line in _PROMPT_LINES if line in output)
