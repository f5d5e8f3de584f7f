"""Checks: one small function each, one line in the table, one case file."""

from __future__ import annotations

from weekly_translate.checks.document import document_findings
from weekly_translate.checks.manners import grams_of
from weekly_translate.checks.rule import Check, Rule
from weekly_translate.checks.table import CHECKS, findings_of
from weekly_translate.checks.texts import TEXT_CHECKS, TextCheck, text_findings

__all__ = [
    "CHECKS",
    "TEXT_CHECKS",
    "Check",
    "Rule",
    "TextCheck",
    "document_findings",
    "findings_of",
    "grams_of",
    "text_findings",
]
