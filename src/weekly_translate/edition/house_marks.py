"""The marks around a text and the addresses that an edition writes by rule (D6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import code_lines, selected
from weekly_translate.edition.values import NotePolicy, RuleKind, Selector, Use
from weekly_translate.model import FeatureKind, MarkKind, Span, TagKind
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import LINE_END, MarkPatterns, bare_number, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.edition.values import Edition, Rewrite
    from weekly_translate.model import Document, Feature, Mark

ADDRESSED = (FeatureKind.LINK, FeatureKind.IMAGE)


def moved(address: str, rewrites: Iterable[Rewrite]) -> str:
    """Where an address has moved to: by the first rule that fits, once."""
    return _moved(address, rewrites)[0]


def localized(
    features: Iterable[Feature], rewrites: Iterable[Rewrite]
) -> tuple[dict[Span, str], tuple[Use, ...]]:
    """The new text of each destination that a rule rewrites, and the rules that did."""
    fixed: dict[Span, str] = {}
    lines: dict[Rewrite, list[int]] = {}
    for feature in features:
        if feature.kind not in ADDRESSED or feature.span is None:
            continue
        address, rewrite = _moved(feature.value, rewrites)
        if rewrite is not None and address != feature.value:
            fixed[feature.span] = address
            lines.setdefault(rewrite, []).append(feature.line)
    uses = (Use(RuleKind.ADDRESS, rule.name, tuple(at), rule.replacement) for rule, at in lines.items())
    return fixed, tuple(uses)


def _moved(address: str, rewrites: Iterable[Rewrite]) -> tuple[str, Rewrite | None]:
    for rewrite in rewrites:
        found, count = rewrite.pattern.subn(rewrite.replacement, address, count=1)
        if count:
            return found, rewrite
    return address, None


# --------------------------------------------------------------------------- marks

_ENGLISH_STARS = lazy_pattern(r"\s*\(\s*(\d[\d.,]*\s?[kKwW]?\+?)\s*stars?\s*\)\s*", re.IGNORECASE)
_INDENTED_BELOW = lazy_pattern(r"[^\r\n]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*(?: {3}|\t)")
_NEVER = lazy_pattern(r"(?!)")
_FLAGS = lazy_pattern(r"\A\(\?[aimsux]+\)")
"""Flags stand at the beginning of a pattern, and nowhere else."""
_KINDS = {MarkKind.ITEM: RuleKind.ITEM, MarkKind.NOTE: RuleKind.NOTE, MarkKind.STARS: RuleKind.STARS}


def written_marks(document: Document, edition: Edition) -> tuple[dict[Span, str], tuple[Use, ...]]:
    """What stands in the English in place of each mark that the edition knows, by kinds of marks as well."""
    fixed: dict[Span, str] = {}
    lines: dict[MarkKind, list[int]] = {}
    policies = NotePolicies(document, edition)
    for mark in document.marks:
        text = _rendered(mark, document.text, edition, policies.at(mark.line))
        if text is not None:
            fixed[mark.span] = text
            lines.setdefault(mark.kind, []).append(mark.line)
    uses = [Use(_KINDS[kind], f"{_KINDS[kind]}s", tuple(at)) for kind, at in lines.items()]
    unmarked = tuple(one for one in unmarked_items(document) if policies.at(one[0]) is NotePolicy.INVERT)
    counts = {mark.line: mark.span for mark in document.marks if mark.kind is MarkKind.STARS}
    for line, end in unmarked:
        following = counts.get(line, Span(end, min(end + 1, len(document.text))))
        behind = fixed.get(following, document.text[slice(*following)])
        fixed[following] = f" ({edition.unmarked}){behind}"
    if unmarked:
        at = tuple(line for line, _ in unmarked)
        uses.append(Use(RuleKind.NOTE, "items without a note", at, f"({edition.unmarked})"))
    return fixed, tuple(uses)


def with_house_marks(target: str, source: str, edition: Edition) -> str:
    """A translation whose star counts inside a sentence are written as the edition writes those at its end.

    Only where the source has one inside: so nothing else that a translator writes is touched.
    """
    inside = re.compile(edition.marks.stars.pattern.removesuffix(r"\Z"), edition.marks.stars.flags)
    if not inside.search(source):
        return target
    for pattern in (inside, _ENGLISH_STARS):
        target = pattern.sub(lambda match: _inside(match, edition), target)
    return target


def _inside(match: re.Match[str], edition: Edition) -> str:
    """A star count with the space around it that was there, and one between it and a word."""
    text, (start, end) = match.string, match.span()
    before = match[0][: len(match[0]) - len(match[0].lstrip())] or " " * text[start - 1 : start].isalnum()
    following = text[end : end + 1]
    after = match[0][len(match[0].rstrip()) :] or " " * (following.isalnum() or following == "(")
    count = edition.stars.replace("{count}", value_of(match).strip())
    return f"{before}{count}{after}"


def _rendered(mark: Mark, source: str, edition: Edition, policy: NotePolicy) -> str | None:
    if mark.kind is MarkKind.ITEM:
        number = bare_number(mark.value)
        # `1. ` begins a list, to which an indented block below would belong: there it is `(1) `.
        if number != mark.value or _INDENTED_BELOW.match(source, mark.span.end):
            return f"({number}) "
        return edition.items.replace("{number}", number)
    if mark.kind is MarkKind.STARS:
        return " " + edition.stars.replace("{count}", mark.value.removesuffix(" "))
    note = edition.notes.get(mark.value)
    if note is None:
        return None
    silent = policy is NotePolicy.INVERT and note == edition.usual
    return "" if silent or policy is NotePolicy.DROP else f" ({note})"


class NotePolicies:
    """What becomes of language notes in each line of a source: sections may have a policy of their own."""

    def __init__(self, document: Document, edition: Edition) -> None:
        """Headings are looked for once."""
        self._usual = edition.note_policy
        self._lines: dict[int, NotePolicy] = {}
        for pattern, policy in edition.note_sections:
            for line in selected(document.text, (Selector("heading", pattern),), code_lines(document)):
                self._lines.setdefault(line, policy)

    def at(self, line: int) -> NotePolicy:
        """The policy of a line."""
        return self._lines.get(line, self._usual)


def unmarked_items(document: Document) -> Iterator[tuple[int, int]]:
    """The lines of items that link somewhere and have no language note, and where these lines end."""
    noted = {mark.line for mark in document.marks if mark.kind is MarkKind.NOTE}
    linking = {
        segment.line
        for segment in document.segments
        if segment.link or any(tag.kind is TagKind.LINK for tag in segment.tags)
    }
    for mark in document.marks:
        if mark.kind is MarkKind.ITEM and mark.line in linking and mark.line not in noted:
            end = mark.span.end
            yield mark.line, end + len(LINE_END.split(document.text[end:], 1)[0].rstrip())


# --------------------------------------------------------------------------- the patterns of marks


def source_marks(
    item: re.Pattern[str] | None,
    note: re.Pattern[str] | None,
    stars: re.Pattern[str] | None,
    notes: Iterable[str],
) -> MarkPatterns:
    """How the source writes its marks, by the patterns of an edition; the usual ones where it has none."""
    usual = MarkPatterns()
    return MarkPatterns(
        _wrapped(item, usual.item, "{}\\s*"),
        _wrapped(note, _noted(notes), "{}\\s*\\Z"),
        _wrapped(stars, usual.stars, "{}\\s*\\Z"),
    )


def english_marks(items: str, notes: Iterable[str], stars: str) -> MarkPatterns:
    """How the English writes them, by the templates of an edition."""
    return MarkPatterns(_written(items), _noted(notes), _written(stars, at_end=True))


def _wrapped(marker: re.Pattern[str] | None, usual: re.Pattern[str], around: str) -> re.Pattern[str]:
    """The marker and the blanks around it."""
    if marker is None:
        return usual
    said = _FLAGS.sub("", marker.pattern) + ("\n" if marker.flags & re.VERBOSE else "")
    return re.compile(around.format(rf"\s*(?:{said})"), marker.flags & ~re.UNICODE)


def _noted(names: Iterable[str]) -> re.Pattern[str]:
    """One of these names in parentheses at the end; longer ones are tried first."""
    said = sorted({re.escape(name) for name in names if name}, key=len, reverse=True)
    return re.compile(rf"\s*[（(]({'|'.join(said)})[)）]\s*\Z") if said else _NEVER


def _written(template: str, *, at_end: bool = False) -> re.Pattern[str]:
    """What a template makes of any number: `{number}. ` is `1. `, but not the beginning of `3.12`."""
    before, _, after = template.replace("{count}", "{number}").partition("{number}")
    number = r"(\d[\d.,]*\s?[kKwW万]?\+?)" if at_end else r"(\d{1,4})"
    behind = r"\s*\Z" if at_end else r"(?=\s|\Z)\s*" if after.endswith(" ") else r"\s*"
    front = rf"\s*{re.escape(before.strip())}\s*" if before.strip() else r"\s*"
    return re.compile(rf"{front}{number}{re.escape(after.rstrip())}{behind}")
