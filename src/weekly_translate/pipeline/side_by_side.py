"""A source and a translation that anybody made, as the edition of the source wants them compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.comparison.allowances import Allowances
from weekly_translate.comparison.conforming import Conformed, conformed
from weekly_translate.edition.prepared import manuscript_of
from weekly_translate.markdown.segments import parse

if TYPE_CHECKING:
    from weekly_translate.comparison.compared import Rules
    from weekly_translate.edition.choosing import Editions
    from weekly_translate.edition.prepared import Manuscript
    from weekly_translate.glossary.matcher import Matcher


def side_by_side(manuscript: Manuscript, target: str, allowed: Allowances) -> Conformed:
    """The pair, line by line; the manuscript is made with `every_line`. Raises `InputRefusedError`."""
    choice, issue, edited = manuscript
    english = parse(target, every_line=True, marks=choice.edition.written)
    return conformed(choice.edition, issue, edited, english, allowed)


def as_made(source: str, name: str, target: str, editions: Editions) -> Conformed:
    """A pair to learn from: under the edition of the source if the translation holds the edition's own texts.

    One that was made in another way is aligned line by line, with all that the source has.
    """
    manuscript = manuscript_of(source, name, editions, every_line=True)
    pair = side_by_side(manuscript, target, Allowances())
    if not any(finding.check == "edition.text" for finding in pair.findings):
        return pair
    whole = parse(source, every_line=True, marks=manuscript.choice.edition.marks)
    return Conformed(whole, parse(target, every_line=True), Allowances())


def rules_under(manuscript: Manuscript, pair: Conformed, rules: Rules, matcher: Matcher) -> Rules:
    """The rules of a comparison with what the edition allows, names and calls."""
    edition = manuscript.choice.edition
    terms_in = matcher.extended(edition.terms).terms_in if edition.terms else rules.terms_in
    return replace(rules, allowed=pair.allowed, kept=rules.kept | edition.kept, terms_in=terms_in)
