"""Prints docs/checks.md, made from docs/checks.template.md, the tables of the checks and their cases.

`make docs` writes the page; a test says when it is no longer current.
"""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from weekly_translate.checks import CHECKS, TEXT_CHECKS
from weekly_translate.checks.catalogue import (
    OF_A_RUN,
    OF_A_SECOND_READER,
    SIDE_BY_SIDE,
    CatalogueEntry,
    entries_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "checks"
TEMPLATE = ROOT / "docs" / "checks.template.md"
SHOWN = {"fails": "reported", "passes": "good", "false alarms": "good, though it looks like a fault"}
"""Of each of these sections of a case file the first case is shown."""


def page() -> str:
    """The whole page."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(
        segments=_chapter(entries_of(CHECKS)),
        files=_chapter(entries_of(TEXT_CHECKS)),
        pairs=_rows(SIDE_BY_SIDE),
        runs=_rows(OF_A_RUN),
        readers=_rows(OF_A_SECOND_READER),
    )


def _chapter(entries: Iterable[tuple[str, CatalogueEntry]]) -> str:
    return "\n\n".join(_section(id_, entry) for id_, entry in entries).rstrip()


def _rows(table: Mapping[str, CatalogueEntry]) -> str:
    rows = (f"| {id_} | {_counts_as(entry)} | {' '.join(entry.demands)} |" for id_, entry in table.items())
    return "\n".join(["| id | counts as | what is demanded |", "|---|---|---|", *rows])


def _counts_as(entry: CatalogueEntry) -> str:
    counts_as = f"{' or '.join(entry.kinds)}, {' or '.join(entry.severities)}"
    counts_as += "".join(f", in titles {severity}" for severity in sorted(entry.in_titles))
    return counts_as + (", `--fix` mends it" if entry.fix else "")


def _section(id_: str, entry: CatalogueEntry) -> str:
    rows = [f"| {_cell(zh)} | {_cell(en)} | {verdict} |" for zh, en, verdict in _examples(id_)]
    return "\n".join(
        [
            f"### {id_}",
            "",
            f"*{_counts_as(entry)}.* {' '.join(entry.demands)}",
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
