"""House rules: what is settled without a model."""

from weekly_translate.edition.edited import edited
from weekly_translate.edition.identity import issue_of
from weekly_translate.edition.outcomes import Edited, Issue, Rule, Use
from weekly_translate.edition.reading import parse_edition
from weekly_translate.edition.rules import rules_of, unused
from weekly_translate.edition.shapes import chosen, fits
from weekly_translate.edition.values import (
    Edition,
    Heading,
    NotePolicy,
    Override,
    Rewrite,
    RuleKind,
    Selector,
)

__all__ = [
    "Edited",
    "Edition",
    "Heading",
    "Issue",
    "NotePolicy",
    "Override",
    "Rewrite",
    "Rule",
    "RuleKind",
    "Selector",
    "Use",
    "chosen",
    "edited",
    "fits",
    "issue_of",
    "parse_edition",
    "rules_of",
    "unused",
]
