"""Findings as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.model import Severity

if TYPE_CHECKING:
    from weekly_translate.model import Finding
    from weekly_translate.reports.judged import Judged

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github_of(pair: Judged) -> str:
    """One line for each finding: `::error file=en.md,line=12,title=num.value::…`.

    It points to the line of the translation; what has none there, to that of the source.
    """
    return "".join(_command(finding, pair) for finding in pair.findings)


def _command(finding: Finding, pair: Judged) -> str:
    in_target = finding.target_line is not None or finding.source_line is None
    properties = {
        "file": pair.target.name if in_target else pair.source.name,
        "line": str((finding.target_line if in_target else finding.source_line) or 1),
        "title": finding.check,
    }
    message = finding.message
    if in_target and finding.source_line is not None:
        message += f" ({pair.source.name}:{finding.source_line})"
    written = ",".join(f"{name}={value.translate(_IN_PROPERTIES)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{message.translate(_IN_DATA)}\n"
