"""Prints docs/checks.md, made from docs/checks.template.md, the tables of the checks and their cases.

`make docs` writes the page; a test says when it is no longer current.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import CHECKS, TEXT_CHECKS, Check, TextCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.checks import Rule

    Table = dict[Check, Rule] | dict[TextCheck, Rule]

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "checks"
TEMPLATE = ROOT / "docs" / "checks.template.md"
SHOWN = {"fails": "reported", "passes": "good", "false alarms": "good, though it looks like a fault"}
"""Of each of these sections of a case file the first case is shown."""


class Entry(NamedTuple):
    """A check as the page shows it: `demands` are the docstrings of the functions that share an id."""

    id: str
    counts_as: str
    demands: tuple[str, ...]


def page() -> str:
    """The whole page."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(segments=_chapter(CHECKS), files=_chapter(TEXT_CHECKS))


def _chapter(table: Table) -> str:
    return "\n\n".join(_section(entry) for entry in _entries(table)).rstrip()


def _entries(table: Table) -> Iterator[Entry]:
    rows = sorted(((rule, check) for check, rule in table.items()), key=lambda row: row[0].id)
    for id_, group in groupby(rows, key=lambda row: row[0].id):
        rules, checks = zip(*group, strict=True)
        counts_as = " or ".join(dict.fromkeys(rule.severity for rule in rules))
        titles = {rule.in_titles for rule in rules if rule.in_titles}
        counts_as += "".join(f", in titles {severity}" for severity in sorted(titles))
        counts_as += ", `--fix` mends it" if any(rule.fix for rule in rules) else ""
        yield Entry(id_, counts_as, tuple(_first_paragraph(check) for check in checks))


def _first_paragraph(check: Check | TextCheck) -> str:
    return " ".join((check.__doc__ or "").strip().partition("\n\n")[0].split())


def _section(entry: Entry) -> str:
    rows = [f"| {_cell(zh)} | {_cell(en)} | {verdict} |" for zh, en, verdict in _examples(entry.id)]
    return "\n".join(
        [
            f"### {entry.id}",
            "",
            f"*{entry.counts_as}.* {' '.join(entry.demands)}",
            "",
            "| source | translation | |",
            "|---|---|---|",
            *rows,
        ]
    )


def _examples(id_: str) -> Iterator[tuple[str, str, str]]:
    """Source, translation and verdict of the cases that stand for the others."""
    text = (CASES / f"{id_}.md").read_text(encoding="utf-8")
    for part in text.split("\n## ")[1:]:
        section, _, body = part.partition("\n")
        blocks = body.split("\n- ")[1:]
        if section in SHOWN and blocks:
            fields = dict(_fields(blocks[0].rstrip().split("\n")))
            source, target = (fields.get(one, fields.get(other, "")) for one, other in _SIDES)
            yield source, target, SHOWN[section]


_SIDES = (("zh", "source"), ("en", "target"))


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.strip().partition(":")
        yield name, value.removeprefix(" ")


def _cell(text: str) -> str:
    """A text as code in a table; what has backticks of its own stands between more of them."""
    escaped = text.replace("|", "\\|")
    ticks = "`"
    while ticks in escaped:
        ticks += "`"
    gap = " " if "`" in escaped or not escaped.strip() else ""
    return f"{ticks}{gap}{escaped or ' '}{gap}{ticks}"


if __name__ == "__main__":
    sys.stdout.write(page())
