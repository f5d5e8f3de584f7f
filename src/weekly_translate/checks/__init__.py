"""Checks: one small function each, with a decorator, and one case file.

The modules imported here register their checks; `registry` says how, and in which order checks are asked.
"""

from __future__ import annotations

from weekly_translate.checks import (  # isort: skip - checks of one stage are asked in this order
    characters,
    model_artifacts,
    completeness,
    markup,
    terms,
    numbers,
    document,
)
from weekly_translate.checks.document import document_findings
from weekly_translate.checks.model_artifacts import grams_of
from weekly_translate.checks.registry import FILE_CHECKS, findings_of, registered_checks, text_findings

MODULES = (characters, model_artifacts, completeness, markup, terms, numbers, document)
CHECKS, TEXT_CHECKS = registered_checks(), FILE_CHECKS

__all__ = ["CHECKS", "TEXT_CHECKS", "document_findings", "findings_of", "grams_of", "text_findings"]
