"""How a glossary is kept in translations that exist."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.terms import avoided_in, rendering_in
from weekly_translate.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from weekly_translate.model import Segment, Term
    from weekly_translate.translation.matcher import Matcher


class Aligned(NamedTuple):
    """A segment, its translation, and the heading that it stands under."""

    segment: Segment
    target: str
    section: str = ""


_MISSING = "(missing)"


@dataclass(slots=True)
class Usage:
    """How often a term was needed, and what stood for it."""

    term: Term
    renderings: Counter[str] = field(default_factory=Counter)
    by_issue: dict[str, tuple[int, int]] = field(default_factory=dict)
    """For each issue how often the term was kept, and how often it was needed."""

    @property
    def uses(self) -> int:
        """How many segments need it."""
        return self.renderings.total()

    @property
    def kept(self) -> int:
        """In how many of them it stands as the glossary wants it."""
        return sum(self.renderings[word] for word in self.term.renderings)


def usage_of(matcher: Matcher, issues: Mapping[str, Iterable[Aligned]]) -> list[Usage]:
    """The usage of each term that occurs, those that are kept least first."""
    usages: dict[Term, Usage] = {}
    for issue, pairs in issues.items():
        for segment, target, section in pairs:
            for term in matcher.terms_in(segment.text, section):
                usage = usages.setdefault(term, Usage(term))
                said = _said(term, without_tags(target))
                usage.renderings[said] += 1
                kept, needed = usage.by_issue.get(issue, (0, 0))
                usage.by_issue[issue] = (kept + (said in term.renderings), needed + 1)
    return sorted(usages.values(), key=lambda one: (one.kept / one.uses, -one.uses, one.term.source))


def usage_text(usages: Sequence[Usage]) -> str:
    """A table of the terms, and the sum of all; issues are named where a term was not kept."""
    lines = [f"{'uses':>5} {'kept':>5}  term"]
    for usage in usages:
        words = ", ".join(f"{word} {count}" for word, count in usage.renderings.most_common())
        lines.append(f"{usage.uses:5} {usage.kept / usage.uses:5.0%}  {usage.term.source}: {words}")
        missed = [
            f"{issue} {needed - kept}"
            for issue, (kept, needed) in sorted(usage.by_issue.items())
            if kept < needed
        ]
        if missed:
            lines.append(f"{'':13}not kept in {', '.join(missed)}")
    uses, kept = sum(usage.uses for usage in usages), sum(usage.kept for usage in usages)
    share = f"{kept / uses:.1%}" if uses else "none"
    lines.append(f"{uses} uses of {len(usages)} terms, {share} kept")
    return "".join(f"{line}\n" for line in lines)


def _said(term: Term, target: str) -> str:
    avoided = avoided_in(term, target)
    if avoided:
        return f"{avoided[0]} (to be avoided)"
    return rendering_in(term, target) or _MISSING
