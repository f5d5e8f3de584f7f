"""A pair of files from disk to verdict; with `fix`, the translation is mended by rule and judged again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weekly_translate.checking.fixing import FIXES, fixed
from weekly_translate.checks.repair import better
from weekly_translate.checks.texts import text_findings
from weekly_translate.comparison.compared import Rules, compared
from weekly_translate.comparison.unneeded import unneeded
from weekly_translate.edition.prepared import manuscript_of
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.files import check_writable, read_text, write_text
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Finding, Severity
from weekly_translate.pipeline.side_by_side import rules_under, side_by_side
from weekly_translate.report.diff import diff_of
from weekly_translate.report.ignores import Ignore, fits, sifted
from weekly_translate.report.judged import Judged, side_of
from weekly_translate.text.chinese import han_count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weekly_translate.checking.patterns import Couple
    from weekly_translate.edition.choosing import Editions
    from weekly_translate.edition.prepared import Manuscript
    from weekly_translate.files import TextFile
    from weekly_translate.glossary.matcher import Matcher
    from weekly_translate.model import Document

_LITTLE_CHINESE = 20
"""Characters of Chinese that an English file may hold, whatever its source is."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the checks are told: their rules, and what is to be silent."""

    rules: Rules
    matcher: Matcher
    """The glossary, to which an edition adds its phrases."""
    editions: Editions
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
    idle: frozenset[str] = frozenset()
    """Allowances that this pair does not need, each as a sentence."""
    diff: str = ""

    def code(self, orders: Orders) -> ExitCode:
        """1 for errors, and for warnings where these are taken seriously."""
        failed = self.judged.count(Severity.ERROR) or (orders.strict and self.judged.count(Severity.WARNING))
        return ExitCode.FINDINGS if failed else ExitCode.DONE


def verdict_on(couple: Couple, orders: Orders, *, fix: bool = False) -> Verdict:
    """Read two files and judge them; with `fix`, write the translation anew where that is an improvement.

    Raises `InputRefusedError` for a file that cannot be read, and with `fix` what `write_text` raises.
    """
    original, file = (_read(path, orders.encoding) for path in couple)
    _refuse_exchanged(couple, original.text, file.text)
    if fix:
        check_writable(couple.target, source=couple.source)
    source = manuscript_of(original.text, couple.source.name, orders.editions, every_line=True)
    about_files = [*_byte_order_mark(original, file)]
    verdict = _judged(couple, source, file.text, orders, about_files)
    mended = _mended(couple, source, verdict, orders, about_files) if fix else verdict
    if mended is verdict:
        return verdict
    text = mended.judged.target.text
    write_text(couple.target, replace(file, text=text, path=couple.source))
    name = str(couple.target)
    return replace(mended, diff=diff_of(file.text, text, old_name=name, new_name=f"{name} (fixed)"))


def _read(path: Path, encoding: str | None) -> TextFile:
    """A file that is UTF-8 is read as such: of a pair, one may have another encoding."""
    if encoding is not None:
        with suppress(InputRefusedError):
            return read_text(path)
    return read_text(path, encoding_hint=encoding)


def _refuse_exchanged(couple: Couple, source: str, target: str) -> None:
    """The Chinese file comes first: whoever mixes them up shall not read a thousand findings."""
    if couple.source.samefile(couple.target):
        raise UsageError(f"{couple.source} is named twice: name the Chinese file and its translation")
    here, there = han_count(source), han_count(target)
    if there >= _LITTLE_CHINESE and there > 10 * here:
        raise UsageError(
            f"{couple.target} is Chinese and {couple.source} is not: name the Chinese file first, "
            "then its translation"
        )


def _byte_order_mark(source: TextFile, target: TextFile) -> Iterator[Finding]:
    """The mark is no part of a text: it was taken away when the file was read."""
    if bool(source.mark) != bool(target.mark):
        message = "the byte order mark is missing" if source.mark else "a byte order mark begins the file"
        yield Finding("doc.bom", Severity.WARNING, message, source_line=1, target_line=1)


def _mended(
    couple: Couple, source: Manuscript, verdict: Verdict, orders: Orders, about_files: list[Finding]
) -> Verdict:
    """The verdict after all fixes; where these do harm together, after each of them that does good alone."""
    found = dict.fromkeys(finding.check for finding in verdict.judged.findings if finding.check in FIXES)
    for checks in (found.keys(), *({check} for check in found)):
        findings = [finding for finding in verdict.judged.findings if finding.check in checks]
        target = parse(verdict.judged.target.text, every_line=True)
        text = fixed(source.edited.document, target, findings)
        if text != target.text:
            after = _judged(couple, source, text, orders, about_files)
            verdict = after if better(verdict.judged.findings, after.judged.findings) else verdict
    return verdict


def _judged(
    couple: Couple, manuscript: Manuscript, text: str, orders: Orders, about_files: list[Finding]
) -> Verdict:
    """`about_files` are the findings that neither text shows."""
    pair = side_by_side(manuscript, text, orders.rules.allowed)
    source, target = pair.source, pair.target
    sides = side_of(couple.source.as_posix(), source), side_of(couple.target.as_posix(), target)
    found = [*about_files, *_unread(source, target), *pair.findings, *text_findings(source, target)]
    found += compared(source, target, rules_under(manuscript, pair, orders.rules, orders.matcher))
    sorted_out = sifted([one for one in found if _wanted(one, orders)], orders.ignores, *sides)
    idle = unneeded(source, target, orders.rules.allowed)
    return Verdict(Judged(*sides, sorted_out.findings, sorted_out.suppressed), sorted_out.unused, idle)


def _unread(source: Document, target: Document) -> Iterator[Finding]:
    """What the parser leaves alone. In the source that is no error: a person may have translated it."""
    for finding in source.findings:
        yield replace(finding, severity=Severity.WARNING)
    for finding in target.findings:
        if finding.severity is Severity.ERROR:
            yield replace(finding, source_line=None, target_line=finding.source_line)


def _wanted(finding: Finding, orders: Orders) -> bool:
    return fits(finding.check, orders.select) and not fits(finding.check, orders.ignore)
