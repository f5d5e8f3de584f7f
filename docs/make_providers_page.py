"""Prints docs/providers.md, made from its template, the table of providers and the cases of their errors.

`make docs` writes the page; a test says when it is no longer current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

from weekly_translate.cli.schema import FILES, schema_of
from weekly_translate.llm.providers import TABLE, provider_for, rows_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.llm.providers import ProviderRow

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "docs/providers.template.md"
CASES = ROOT / "tests/cases/providers/errors.yaml"
ENDS = {
    "goes-on": "waits and asks again",
    "one-segment": "one segment stays in Chinese, with a finding; the others are translated",
    "stops": "stops with exit 3: “… {words} …”",
}


def page() -> str:
    """The whole page."""
    usual = provider_for("https://api.example.com/v1", "any")
    rows = rows_in(TABLE)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        rows=_table(("", "where", "sent along", "a request has", ""), map(_row, rows)),
        times=_table(("", "without a byte", "in all"), _times(rows)),
        errors=_table(("provider", "what is wrong", "how it says so", "what the program does"), _errors()),
        keys="\n".join(f"| `{key}` | {said} |" for key, said in _keys()),
        idle=f"{usual.idle:g}",
        total=f"{usual.total:g}",
        reserve=f"{usual.reserve:g}",
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(row: ProviderRow) -> tuple[str, ...]:
    hosts = [f"`{host}`" for host in row.hosts] + [f"port {port} of this machine" for port in row.ports]
    models = f"models `{row.models}`".replace("|", "\\|") if row.models else ""
    sent = f"`{json.dumps(row.request)}`" if row.request else ""
    size = f"{row.cap} segments" if row.cap else ""
    if row.most_cap:
        size += f", up to {row.most_cap}"
    notes = [] if row.batches is None else ["Batch API" if row.batches else "no Batch API"]
    notes += [f"prompts `{row.family}`"] if row.family else []
    notes += [f"replies `{row.first_format.value}`"] if row.first_format else []
    notes += [f"no `{name}`" for name in row.without]
    return row.name, ", ".join(filter(None, (*hosts, models))) or "everywhere", sent, size, ", ".join(notes)


def _times(rows: Iterable[ProviderRow]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        if row.idle and (row.models or row.ports or row.hosts):
            yield row.name, f"{row.idle:g} s", f"{row.total:g} s"


def _errors() -> Iterator[tuple[str, ...]]:
    cases: list[dict[str, Any]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    for case in cases:
        body = json.dumps(case["body"], ensure_ascii=False).replace("|", "\\|")
        shown = body if len(body) <= 150 else f"{body[:150]}…"
        does = ENDS[case["ends"]].format(words=case.get("words", ""))
        if "waits" in case:
            does = f"waits {case['waits']} s and asks again"
        elif case.keys() & {"with", "unless"} or case.get("times"):
            does = "asks again in another way, and remembers it"
        elif "context" in case["what"]:
            does = "asks again with fewer segments"
        code = f"`` {shown} ``" if "`" in shown else f"`{shown}`"
        yield case["provider"], case["what"], f"{case['status']} {code}", does


def _keys() -> Iterator[tuple[str, str]]:
    schema: dict[str, Any] = schema_of(FILES["providers"])
    for key, said in schema["$defs"]["ProviderRow"]["properties"].items():
        yield key, said["description"].replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.buffer.write(page().encode())
