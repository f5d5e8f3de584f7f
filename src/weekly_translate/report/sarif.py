"""Findings as SARIF 2.1.0 (OASIS) for code scanning, and as GitHub's workflow commands."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from weekly_translate.model import Severity
from weekly_translate.report.json import meaning_as_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from weekly_translate.model import Finding
    from weekly_translate.report.findings import Judged, Side

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class SarifRule(NamedTuple):
    """A check as SARIF describes it: what should be true, a line for each demand, and what it counts as."""

    text: str
    severity: Severity


def sarif_of(pairs: Sequence[Judged], rules: Mapping[str, SarifRule], *, version: str) -> str:
    """One run over all pairs; `rules` has each id that a finding may have, and others."""
    run = {
        "tool": {
            "driver": {
                "name": "weekly-translate",
                "semanticVersion": version,
                "rules": [_rule(id_, rule) for id_, rule in rules.items()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [result for pair in pairs for result in _results(pair, list(rules))],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(id_: str, rule: SarifRule) -> dict[str, Any]:
    return {
        "id": id_,
        "shortDescription": {"text": rule.text.partition("\n")[0]},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "help": {"text": rule.text},
    }


def _results(pair: Judged, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    index = {id_: number for number, id_ in enumerate(ids)}
    seen: Counter[str] = Counter()
    for finding, reason in chain(((finding, None) for finding in pair.findings), pair.suppressed):
        print_ = _fingerprint(finding, pair)
        seen[print_] += 1
        result = {
            "ruleId": finding.check,
            "ruleIndex": index[finding.check],
            "level": _LEVELS[finding.severity],
            "message": {"text": finding.message},
            **_places(finding, pair),
            "partialFingerprints": {"weeklyTranslate/v1": f"{print_}:{seen[print_]}"},
        }
        if finding.meaning is not None:
            result["properties"] = meaning_as_data(finding.meaning)
        if reason is not None:
            result["suppressions"] = [{"kind": "external", "justification": reason}]
        yield result


def _places(finding: Finding, pair: Judged) -> dict[str, Any]:
    """The translation first; what stands only in the source is looked for there."""
    target = _place(pair.target, finding.target_line)
    source = _place(pair.source, finding.source_line)
    if finding.target_line is None and finding.source_line is not None:
        return {"locations": [source]}
    related = {**source, "id": 1, "message": {"text": "the Chinese"}}
    return {"locations": [target], **({"relatedLocations": [related]} if finding.source_line else {})}


def _place(side: Side, line: int | None) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(side.name)},
            "region": {"startLine": line or 1},
        }
    }


def _uri(name: str) -> str:
    """A path with slashes as an address: relative to the folder of the run, or of a file."""
    drive, colon, rest = name.partition(":")
    has_drive = bool(colon) and len(drive) == 1
    path = quote(rest if has_drive else name, errors="surrogateescape")
    if has_drive:
        return f"file:///{drive}:{path}"
    return f"file://{path}" if name.startswith("/") else path


def _fingerprint(finding: Finding, pair: Judged) -> str:
    """The same for the same fault in the same two lines, wherever these move."""
    lines = (pair.source.line(finding.source_line), pair.target.line(finding.target_line))
    marks = "\0".join((finding.check, finding.message if not any(lines) else "", *lines))
    return blake2b(marks.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


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
