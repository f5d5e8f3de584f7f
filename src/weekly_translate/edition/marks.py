"""The marks around a text and the addresses that an edition writes by rule (D6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import RuleError, parse_pattern
from weekly_translate.edition.values import NotePolicy, Rewrite, RuleKind, Use
from weekly_translate.model import FeatureKind, MarkKind, Span, TagKind
from weekly_translate.text.marks import bare_number, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from weekly_translate.edition.values import Edition
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


def parse_rewrite(entry: Mapping[object, object], line: int = 0) -> Rewrite:
    """A rule from `{prefix, with}`, which is taken literally, or `{pattern, with}`. Raises `RuleError`."""
    replacement = entry.get("with")
    if entry.keys() == {"prefix", "with"} and isinstance(replacement, str):
        prefix = str(entry["prefix"])
        literal = replacement.replace("\\", r"\\")
        return Rewrite(re.compile("^" + re.escape(prefix)), literal, name=prefix, line=line)
    if entry.keys() == {"pattern", "with"} and isinstance(replacement, str):
        pattern = parse_pattern(entry["pattern"], "urls: pattern")
        check_replacement(pattern, replacement, "urls: with")
        return Rewrite(pattern, replacement, name=pattern.pattern, line=line)
    raise RuleError("an entry of 'urls' has the keys prefix and with, or pattern and with.")


def check_replacement(pattern: re.Pattern[str], replacement: str, key: str) -> None:
    r"""Raise `RuleError` where a replacement names a group, such as `\3`, that the pattern has not."""
    try:
        pattern.sub(replacement, "")
    except (re.error, IndexError) as error:
        shown = repr(replacement).replace("\\\\", "\\")
        raise RuleError(f"'{key}' {shown} cannot be used: {error}.") from error


def _moved(address: str, rewrites: Iterable[Rewrite]) -> tuple[str, Rewrite | None]:
    for rewrite in rewrites:
        found, count = rewrite.pattern.subn(rewrite.replacement, address, count=1)
        if count:
            return found, rewrite
    return address, None


# ---------------------------------------------------------------------------
# The marks around a text, rendered by rule: item numbers, language notes, star counts (D6).


_ENGLISH_STARS = re.compile(r"\s*\(\s*(\d[\d.,]*\s?[kKwW]?\+?)\s*stars?\s*\)\s*", re.IGNORECASE)
_INDENTED_BELOW = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*(?: {3}|\t)")
_KINDS = {MarkKind.ITEM: RuleKind.ITEM, MarkKind.NOTE: RuleKind.NOTE, MarkKind.STARS: RuleKind.STARS}


def fixed_texts(document: Document, edition: Edition) -> dict[Span, str]:
    """What stands in the English in place of each mark that the edition knows."""
    texts = ((mark.span, _rendered(mark, document.text, edition)) for mark in document.marks)
    fixed = {span: text for span, text in texts if text is not None}
    if edition.note_policy is NotePolicy.INVERT:
        counts = {mark.line: mark.span for mark in document.marks if mark.kind is MarkKind.STARS}
        for line, end in unmarked_items(document):
            following = counts.get(line, Span(end, min(end + 1, len(document.text))))
            behind = fixed.get(following, document.text[slice(*following)])
            fixed[following] = f" ({edition.unmarked}){behind}"
    return fixed


def mark_uses(document: Document, edition: Edition) -> tuple[Use, ...]:
    """How often each kind of mark was written anew."""
    lines: dict[MarkKind, list[int]] = {}
    for mark in document.marks:
        if _rendered(mark, document.text, edition) is not None:
            lines.setdefault(mark.kind, []).append(mark.line)
    uses = [Use(_KINDS[kind], f"{_KINDS[kind]}s", tuple(at)) for kind, at in lines.items()]
    if edition.note_policy is NotePolicy.INVERT and (
        marked := [line for line, _ in unmarked_items(document)]
    ):
        uses.append(Use(RuleKind.NOTE, "items without a note", tuple(marked), f"({edition.unmarked})"))
    return tuple(uses)


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
    after = match[0][len(match[0].rstrip()) :] or " " * (
        text[end : end + 1].isalnum() or text[end : end + 1] == "("
    )
    count = edition.stars.replace("{count}", value_of(match).strip())
    return f"{before}{count}{after}"


def _rendered(mark: Mark, source: str, edition: Edition) -> str | None:
    if mark.kind is MarkKind.ITEM:
        return _item(mark, source, edition)
    if mark.kind is MarkKind.STARS:
        return " " + edition.stars.replace("{count}", mark.value.removesuffix(" "))
    note = edition.notes.get(mark.value)
    if note is None:
        return None
    silent = edition.note_policy is NotePolicy.INVERT and note == edition.usual
    return "" if silent or edition.note_policy is NotePolicy.DROP else f" ({note})"


def _item(mark: Mark, source: str, edition: Edition) -> str:
    """`1. ` begins a list, to which an indented block below would belong: there it is `(1) `."""
    number = bare_number(mark.value)
    if number != mark.value or _INDENTED_BELOW.match(source, mark.span.end):
        return f"({number}) "
    return edition.items.replace("{number}", number)


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
            yield mark.line, _line_end(document.text, mark.span.end)


def _line_end(text: str, start: int) -> int:
    end = min((at for at in (text.find("\n", start), text.find("\r", start)) if at >= 0), default=len(text))
    return start + len(text[start:end].rstrip())
