"""Reports for programs: JSON with the number of its shape, SARIF 2.1.0 (OASIS), GitHub's commands."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from weekly_translate.model import Severity, Usage
from weekly_translate.report.season_table import COUNTED, total_cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from weekly_translate.checks.characters import Leftover
    from weekly_translate.model import Finding
    from weekly_translate.report.review_values import Review, Reviewed
    from weekly_translate.report.season_table import Account, Inventory, Variety
    from weekly_translate.report.text import Judged, Side


SCHEMA = 1


def as_json(data: Mapping[str, Any]) -> str:
    """`{"schema", **data}` as text, for a file or the standard output."""
    text = json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False, indent=2) + "\n"
    # A file name may hold bytes that are no UTF-8, as half characters: a JSON escape, as it happens.
    return text.encode("utf-8", "backslashreplace").decode()


def is_report(data: bytes) -> bool:
    """Whether `as_json` has made these bytes."""
    return data.startswith(b'{\n  "schema": ')


def finding_as_data(finding: Finding) -> dict[str, Any]:
    """A finding in the shape that `check --format json` and reports share."""
    data: dict[str, Any] = {
        "check": finding.check,
        "severity": finding.severity.value,
        "kind": finding.kind.value,
        "message": finding.message,
        "segment": finding.segment,
        "source_line": finding.source_line,
        "target_line": finding.target_line,
    }
    data |= {"settled": finding.settled._asdict()} if finding.settled else {}
    return data | {"meaning": finding.meaning._asdict()} if finding.meaning else data


def usage_as_data(usage: Usage, cost: Decimal | None) -> dict[str, Any]:
    """Requests, tokens and dollars; an unknown cost is null."""
    return {**tokens_as_data(usage), "cost_usd": None if cost is None else float(cost)}


def tokens_as_data(usage: Usage) -> dict[str, int]:
    """Requests and tokens."""
    return {
        "requests": usage.requests,
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "completion_tokens": usage.completion,
    }


def report_of(facts: dict[str, Any], findings: Iterable[Finding], segments: Iterable[dict[str, Any]]) -> str:
    """The whole report; `facts` say what was run, and how it ended."""
    found = [finding_as_data(finding) for finding in findings]
    return as_json({**facts, "findings": found, "segments": list(segments)})


def json_of(pair: Judged) -> str:
    """One pair: `{"schema", "source", "target", "findings", "suppressed"}`.

    What is suppressed has the fields of a finding and a `reason`.
    """
    return as_json(_as_data(pair))


def json_of_many(pairs: Sequence[Judged]) -> str:
    """Several pairs: `{"schema", "pairs": [{"source", "target", "findings", "suppressed"}]}`."""
    return as_json({"pairs": [_as_data(pair) for pair in pairs]})


def _as_data(pair: Judged) -> dict[str, Any]:
    return {
        "source": pair.source.name,
        "target": pair.target.name,
        "findings": [finding_as_data(finding) for finding in pair.findings],
        "suppressed": [{**finding_as_data(one.finding), "reason": one.reason} for one in pair.suppressed],
    }


def dry_run_json(review: Review, facts: dict[str, Any]) -> str:
    """A dry run: the `facts`, then `edition`, `text` (the English document), `findings`, `segments`."""
    return as_json(
        {
            **facts,
            "edition": {"name": review.edition, "rules": [rule._asdict() for rule in review.rules]},
            "text": review.text,
            "findings": [finding_as_data(finding) for finding in review.findings],
            "segments": [_segment(one) for one in review.segments],
        }
    )


def _segment(one: Reviewed) -> dict[str, Any]:
    """A segment in tagged text; `previous` is null where the English file has nothing for it."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "section": one.section,
        "source_line": one.line,
        "target_line": one.target_line,
        "source": one.source,
        "target": one.target,
        "previous": one.previous,
        "changed": one.is_changed,
        "origin": one.origin.value,
        "made_by": one.made_by,
        "findings": [finding_as_data(finding) for finding in one.findings],
    }


class Idle(NamedTuple):
    """A rule of an edition that fired in none of its issues."""

    file: str
    line: int
    kind: str
    name: str
    issues: int
    """How many issues took the edition."""


class Season(NamedTuple):
    """All that is told of a season at its end."""

    accounts: Sequence[Account]
    varieties: Sequence[Variety] = ()
    idle: Sequence[Idle] = ()
    inventories: Sequence[Inventory] = ()


def season_report(season: Season, facts: Mapping[str, Any]) -> str:
    """The whole report; `facts` say what was run, and how it ended."""
    accounts = season.accounts
    usage = sum((one.usage for one in accounts), Usage())
    data = {
        **facts,
        "usage": usage_as_data(usage, total_cost(accounts)),
        "issues": [_issue(one) for one in accounts],
        "inventory": [_inventory(one) for one in season.inventories],
        "renderings": [_variety(one) for one in season.varieties],
        "unused_rules": [one._asdict() for one in season.idle],
    }
    return as_json(data)


def account_as_data(one: Account) -> dict[str, Any]:
    """What became of an issue, in numbers: no word of it but its name."""
    return {
        "name": one.name,
        "result": one.ending.name.lower(),
        "written": one.ending.is_written,
        "segments": one.counts._asdict(),
        "memory_share": round(one.share, 4),
        "usage": usage_as_data(one.usage, one.cost),
        "seconds": round(one.seconds, 3),
        "counts": {kind.value: one.number_of(kind) for kind in Severity},
    }


def _issue(one: Account) -> dict[str, Any]:
    """Drafts are counted with the segments."""
    told = (finding for finding in one.findings if not finding.is_of_draft)
    return {
        **account_as_data(one),
        "source": one.source,
        "target": one.target,
        "why": one.why or one.ending.value,
        "signature": one.signature or None,
        "errors_dropped": one.dropped_errors,
        "edition": one.edition or None,
        "findings": [finding_as_data(finding) for finding in told],
        "chinese": left_as_data(one.left),
        "rules": [{"kind": use.kind, "rule": use.rule, "lines": list(use.lines)} for use in one.rules],
    }


def left_as_data(left: Iterable[Leftover]) -> list[dict[str, Any]]:
    """The Chinese that is left, where a reader sees it."""
    return [{"place": one.place, "line": one.line, "text": one.words} for one in left if one.is_seen]


def _inventory(one: Inventory) -> dict[str, Any]:
    """What an issue should hold and does; `texts` are those that its edition has for it."""
    counts = {
        COUNTED[kind]: {"found": found, "expected": expected}
        for kind, (found, expected) in one.counts.items()
    }
    return {
        "name": one.name,
        "edition": one.edition,
        "whole": one.is_whole,
        **counts,
        "chinese_lines": one.chinese,
        "texts": one.texts,
    }


def _variety(one: Variety) -> dict[str, Any]:
    renderings = [
        {"text": text, "places": [place._asdict() for place in places]}
        for text, places in one.renderings.items()
    ]
    return {"kind": one.kind, "source": one.source, "renderings": renderings}


_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
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
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
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
            result["properties"] = finding.meaning._asdict()
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
