"""A pair of files from disk to verdict; with `fix`, the translation is mended by rule and judged again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from weekly_translate.checking.fixing import fixed
from weekly_translate.checks.comparison import Rules, compared
from weekly_translate.errors import ExitCode
from weekly_translate.markdown import parse
from weekly_translate.model import Severity
from weekly_translate.reports.diff import diff_of
from weekly_translate.reports.ignores import Ignore, fits, sifted
from weekly_translate.reports.judged import Judged, side_of
from weekly_translate.store.files import check_writable, read_text, write_text
from weekly_translate.translation.repair import better

if TYPE_CHECKING:
    from weekly_translate.checking.patterns import Couple
    from weekly_translate.model import Document, Finding


@dataclass(frozen=True, slots=True)
class Orders:
    """What the checks are told: their rules, and what is to be silent."""

    rules: Rules
    select: tuple[str, ...] = ("*",)
    ignore: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    strict: bool = False
    """Whether a warning fails the run as well."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is left to say about a pair, and what `fix` has changed in it."""

    judged: Judged
    unused: tuple[Ignore, ...] = ()
    diff: str = field(default="")

    def code(self, orders: Orders) -> ExitCode:
        """1 for errors, and for warnings where these are taken seriously."""
        failed = self.judged.count(Severity.ERROR) or (orders.strict and self.judged.count(Severity.WARNING))
        return ExitCode.FINDINGS if failed else ExitCode.DONE


def verdict_on(couple: Couple, orders: Orders, *, fix: bool = False) -> Verdict:
    """Read two files and judge them; with `fix`, write the translation anew where that is an improvement.

    Raises `InputRefusedError` for a file that can not be read, and with `fix` what `write_text` raises.
    """
    source = _document(read_text(couple.source).text)
    file = read_text(couple.target)
    if fix:
        check_writable(couple.target, source=couple.source)
    before = _judged(couple, source, _document(file.text), orders)
    if not fix:
        return before
    text = fixed(source, _document(file.text), before.judged.findings)
    after = _judged(couple, source, _document(text), orders)
    if not better(before.judged.findings, after.judged.findings):
        return before
    write_text(couple.target, replace(file, text=text, path=couple.source))
    name = str(couple.target)
    return replace(after, diff=diff_of(file.text, text, old_name=name, new_name=f"{name} (fixed)"))


def _document(text: str) -> Document:
    return parse(text, every_line=True)


def _judged(couple: Couple, source: Document, target: Document, orders: Orders) -> Verdict:
    sides = side_of(str(couple.source), source), side_of(str(couple.target), target)
    found = [finding for finding in compared(source, target, orders.rules) if _wanted(finding, orders)]
    sorted_out = sifted(found, orders.ignores, *sides)
    return Verdict(Judged(*sides, sorted_out.findings, sorted_out.suppressed), sorted_out.unused)


def _wanted(finding: Finding, orders: Orders) -> bool:
    return fits(finding.check, orders.select) and not fits(finding.check, orders.ignore)
