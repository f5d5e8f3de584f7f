"""A pair of files from disk to verdict; with `fix`, the translation is mended by rule and judged again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from weekly_translate.checking.fixing import FIXES, fixed
from weekly_translate.comparison.compared import Rules, compared
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
    encoding: str | None = None
    """Of files that are not Unicode."""


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
    source = _document(read_text(couple.source, encoding_hint=orders.encoding).text)
    file = read_text(couple.target, encoding_hint=orders.encoding)
    if fix:
        check_writable(couple.target, source=couple.source)
    verdict = _judged(couple, source, _document(file.text), orders)
    mended = _mended(couple, source, verdict, orders) if fix else verdict
    if mended is verdict:
        return verdict
    text = mended.judged.target.text
    write_text(couple.target, replace(file, text=text, path=couple.source))
    name = str(couple.target)
    return replace(mended, diff=diff_of(file.text, text, old_name=name, new_name=f"{name} (fixed)"))


def _mended(couple: Couple, source: Document, verdict: Verdict, orders: Orders) -> Verdict:
    """The verdict after all fixes; where these do harm together, after each of them that does good alone."""
    found = dict.fromkeys(finding.check for finding in verdict.judged.findings if finding.check in FIXES)
    for checks in (found.keys(), *({check} for check in found)):
        findings = [finding for finding in verdict.judged.findings if finding.check in checks]
        target = _document(verdict.judged.target.text)
        text = fixed(source, target, findings)
        if text != target.text:
            after = _judged(couple, source, _document(text), orders)
            verdict = after if better(verdict.judged.findings, after.judged.findings) else verdict
    return verdict


def _document(text: str) -> Document:
    return parse(text, every_line=True)


def _judged(couple: Couple, source: Document, target: Document, orders: Orders) -> Verdict:
    sides = side_of(couple.source.as_posix(), source), side_of(couple.target.as_posix(), target)
    found = [finding for finding in compared(source, target, orders.rules) if _wanted(finding, orders)]
    sorted_out = sifted(found, orders.ignores, *sides)
    return Verdict(Judged(*sides, sorted_out.findings, sorted_out.suppressed), sorted_out.unused)


def _wanted(finding: Finding, orders: Orders) -> bool:
    return fits(finding.check, orders.select) and not fits(finding.check, orders.ignore)
