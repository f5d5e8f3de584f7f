"""The rules of an edition that may fire or not, and those that never did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.edition.outcomes import Rule
from weekly_translate.edition.values import RuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.edition.outcomes import Use
    from weekly_translate.edition.values import Edition


def rules_of(edition: Edition) -> tuple[Rule, ...]:
    """The rules for headings, blocks and addresses, in the order of the file."""
    rules = [Rule(RuleKind.HEADING, one.pattern.pattern, one.line) for one in edition.headings]
    rules += [Rule(one.kind, one.name, one.line) for one in edition.replaced]
    rules += [Rule(RuleKind.ADDRESS, one.name, one.line) for one in edition.urls]
    return tuple(sorted(rules, key=lambda rule: rule.line))


def unused(edition: Edition, uses: Iterable[Use]) -> tuple[Rule, ...]:
    """The rules that fired in none of the issues whose uses these are: what they look for is gone."""
    uses = tuple(uses)
    fired = {(use.kind, use.rule) for use in uses} | {
        # A promotion that is dropped, because it did not exist yet, has been found all the same.
        (RuleKind.REPLACED, use.rule)
        for use in uses
        if use.kind is RuleKind.DROPPED
    }
    return tuple(rule for rule in rules_of(edition) if (rule.kind, rule.name) not in fired)
