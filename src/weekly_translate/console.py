"""What a person sees. Results go to stdout, all else to stderr; nothing foreign reaches a terminal raw."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from weekly_translate.exchange import Status
from weekly_translate.model import Severity
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weekly_translate.exchange import Usage
    from weekly_translate.issue import Outcome
    from weekly_translate.model import Finding
    from weekly_translate.pipeline import Forecast, Job

_CONTROLS = re.compile(
    "\x1b\\][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\\\|\x9c)?"
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_SHOWN_WARNINGS = 20


def clean(text: str) -> str:
    """Foreign text for a terminal: escape sequences, controls and direction marks become visible (SEC-07)."""
    return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


class Terminal:
    """Writes to stderr, and results to stdout."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        """`quiet` leaves errors only, `verbose` shows every finding."""
        self._quiet = quiet
        self._verbose = verbose
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str, style: str = "") -> None:
        """One line of information."""
        if not self._quiet:
            self._err.print(Text(clean(text), style=style))

    def complain(self, message: str) -> None:
        """One plain sentence about what went wrong."""
        self._err.print(Text(clean(message), style="bold red"))

    def result(self, text: str) -> None:
        """A result, byte for byte."""
        sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
        sys.stdout.buffer.flush()

    @contextmanager
    def progress(self, name: str) -> Iterator[Callable[[int, int, Usage], None]]:
        """Something to tell how far a run is: a bar on a terminal, a line at each fifth elsewhere."""
        if self._quiet:
            yield lambda _settled, _all, _usage: None
        elif self._err.is_terminal:
            with self._bar() as bar:
                task = bar.add_task(clean(name), total=None)
                yield lambda settled, all_, _usage: bar.update(task, completed=settled, total=all_)
        else:
            yield self._milestones(clean(name))

    def _bar(self) -> Progress:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self._err, transient=True)

    def _milestones(self, name: str) -> Callable[[int, int, Usage], None]:
        last = -1

        def told(settled: int, all_: int, usage: Usage) -> None:
            nonlocal last
            fifth = 5 * settled // max(all_, 1)
            if fifth > last and usage.requests:
                last = fifth
                self.say(f"{name}: {settled} of {all_} segments, {usage.requests} requests")

        return told

    # ------------------------------------------------------------------ findings

    def show_findings(self, name: str, findings: Iterable[Finding]) -> None:
        """Errors first; drafts are counted, warnings cut at twenty, information kept for `-v`."""
        found = sorted(findings, key=lambda f: (list(Severity).index(f.severity), f.source_line or 0))
        drafts = [finding for finding in found if finding.check == "seg.draft"]
        shown = [finding for finding in found if self._verbose or finding.check != "seg.draft"]
        if not self._verbose:
            shown = [finding for finding in shown if finding.severity is not Severity.INFO]
        warnings = 0
        for finding in shown:
            warnings += finding.severity is Severity.WARNING
            if self._verbose or warnings <= _SHOWN_WARNINGS:
                self._show_finding(name, finding)
        if warnings > _SHOWN_WARNINGS and not self._verbose:
            self.say(f"… and {warnings - _SHOWN_WARNINGS} more warnings (-v shows all)", "yellow")
        if drafts and not self._verbose:
            self.say(f"{len(drafts)} segments are drafts, not translations", "yellow")

    def _show_finding(self, name: str, finding: Finding) -> None:
        place = f"{name}:{finding.source_line}" if finding.source_line else name
        if finding.target_line:
            place += f" (line {finding.target_line} of the result)"
        segment = f" [{finding.segment}]" if finding.segment else ""
        line = Text(f"{clean(place)}: ")
        line.append(finding.severity.value, _STYLES[finding.severity])
        line.append(f" {finding.check}{segment}: {clean(finding.message)}")
        if finding.severity is Severity.ERROR or not self._quiet:
            self._err.print(line)

    # ------------------------------------------------------------------ summaries

    def show_summary(self, outcome: Outcome) -> None:
        """One table at the end: where the segments come from, what it took, what is left to look at."""
        segments = outcome.translation.rendering.segments
        known = len(outcome.translation.plan.known)
        left = sum(one.target is None for one in segments)
        drafts = sum(one.status is Status.DRAFT and one.target is not None for one in segments)
        usage = outcome.translation.usage
        errors, warnings = (
            sum(finding.severity is severity for finding in outcome.findings)
            for severity in (Severity.ERROR, Severity.WARNING)
        )
        made = len(segments) - known - left - drafts
        self._row(
            "segments",
            f"{len(segments)}: {known} from memory, {made} translated, {drafts} drafts, {left} in Chinese",
        )
        self._row("requests", f"{usage.requests}, {_tokens(usage)}, {self._cost(usage, outcome)}")
        self._row("findings", f"{errors} errors, {warnings} warnings")
        self._row("made by", outcome.signature)
        for note in outcome.notes:
            self._row("memory", note)
        self._row("result", _result(outcome))
        if drafts:
            self.say(
                "Drafts are word by word. For a translation set OPENAI_API_KEY and run the command again.",
                "yellow",
            )

    def show_plan(self, forecast: Forecast, job: Job) -> None:
        """What a run would take."""
        segments = len(forecast.plan.document.segments)
        known = len(forecast.plan.known)
        self._row("segments", f"{segments}: {known} from memory, {segments - known} to translate")
        self._row("requests", f"about {forecast.chunks}, about {_tokens(forecast.usage)}")
        spent = cost(forecast.usage, job.price)
        self._row("cost", f"price of {job.engine.name} unknown" if spent is None else f"about ${spent:.4f}")
        self._row("made by", job.signature)

    def _row(self, name: str, value: str) -> None:
        if not self._quiet:
            self._err.print(Text(f"{name:<9} ", style="bold").append(clean(value), style="not bold"))

    @staticmethod
    def _cost(usage: Usage, outcome: Outcome) -> str:
        if not usage.requests:
            return "nothing paid"
        spent = cost(usage, outcome.price)
        return "price unknown" if spent is None else f"${spent:.4f}"


def _tokens(usage: Usage) -> str:
    return f"{usage.prompt:,} tokens in ({usage.cached:,} cached), {usage.completion:,} out"


def _result(outcome: Outcome) -> str:
    place = str(outcome.order.out) if outcome.order.out else "standard output"
    if outcome.order.dry_run:
        return "nothing written (dry run); the answers are in the memory"
    if not outcome.written:
        return "nothing written: see the errors above (--allow-partial writes it all the same)"
    return place if outcome.code == 0 else f"{place}, incomplete: see the errors above"
