"""What a rule mends in a translation without doubt, on its own line and never in code or an address."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.checks.fixes import FIXES as FIXES_OF_WORDS
from weekly_translate.checks.repair import (
    in_english_punctuation,
    said_once,
    without_commentary,
    without_hidden_characters,
    without_json_residue,
)
from weekly_translate.markdown.assemble import assemble
from weekly_translate.text.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from weekly_translate.model import Document, Finding, Segment

FIXES: Mapping[str, Callable[[str, Segment], str]] = MappingProxyType(
    {
        "char.bidi": without_hidden_characters,
        "char.control": without_hidden_characters,
        "char.tag-smuggle": without_hidden_characters,
        "char.zero-width": without_hidden_characters,
        "char.fullwidth": in_english_punctuation,
        "llm.commentary": without_commentary,
        "llm.json-residue": without_json_residue,
        "llm.preface": without_commentary,
        "punct.cjk": in_english_punctuation,
        "seg.repeated": said_once,
        **FIXES_OF_WORDS,
    }
)
"""By the check that asks for it; what model output is repaired with serves here, too."""


def fixed(source: Document, target: Document, findings: Iterable[Finding]) -> str:
    """The target with what `findings` complain about mended, as far as a rule can; all else byte for byte."""
    wanted: dict[int, set[str]] = {}
    chinese: dict[int, str] = {}
    lines = _words_by_line(source)
    for finding in findings:
        if finding.check in FIXES and finding.target_line:
            wanted.setdefault(finding.target_line, set()).add(finding.check)
            chinese.setdefault(finding.target_line, lines.get(finding.source_line or 0, ""))
    steady = _steady_lines(target, wanted.keys())
    mended: dict[str, str] = {}
    for segment in target.segments:
        if segment.line in steady:
            text = _mended(segment, chinese[segment.line], wanted[segment.line])
            mended |= {segment.id: text} if text != segment.text else {}
    return assemble(target, mended)


def _words_by_line(document: Document) -> dict[int, str]:
    lines: dict[int, str] = {}
    for segment in document.segments:
        lines[segment.line] = f"{lines.get(segment.line, '')} {segment.text}"
    return lines


def _steady_lines(document: Document, wanted: Iterable[int]) -> set[int]:
    """Of the wanted lines, those that come back, but for double spaces, when their own text is put into them.

    On any other line something beside the fault would change: it is left to a person.
    """
    lines = set(wanted)
    same = {segment.id: segment.text for segment in document.segments if segment.line in lines}
    before, after = map(_single_spaced_lines, (document.text, assemble(document, same)))
    return {line for line in lines if len(before) == len(after) and before[line - 1] == after[line - 1]}


def _single_spaced_lines(text: str) -> list[str]:
    return [re.sub(r"(?<=\S) {2,}(?=\S)", " ", line) for line in lines_of(text)]


def _mended(segment: Segment, chinese: str, checks: set[str]) -> str:
    """A step compares with the Chinese, but knows code and addresses by the tags of the English."""
    text, reference = segment.text, replace(segment, text=chinese)
    for step in dict.fromkeys(FIXES[check] for check in FIXES if check in checks):
        text = step(text, reference)
    return text if text.strip() else segment.text
