"""House marks as English editions write them: `(EN)`, `(Chinese translation)`, `(2.6k stars)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.compare.document_lines import finding_of
from weekly_translate.model import Finding, MarkKind, Severity
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.compare.allowances import Allowances
    from weekly_translate.compare.document_lines import Match

_LANGUAGES = {
    "en": "EN",
    "eng": "EN",
    "english": "EN",
    "cn": "ZH",
    "zh": "ZH",
    "chn": "ZH",
    "chinese": "ZH",
    "jp": "JA",
    "japanese": "JA",
}
_LANGUAGE = "|".join(sorted(_LANGUAGES, key=len, reverse=True))
_NOTE = re.compile(
    rf"(?<!\s)\s*[(（]\s*(?:in\s+)?({_LANGUAGE})(?:\s*(?:&|and|/|\+|,)\s*({_LANGUAGE}))?"
    r"(\s+(?:translation|translated|version))?\s*[)）]\s*\Z",
    re.IGNORECASE,
)
_COUNT = r"(\d[\d.,]*\s?[kKmMwW万]?\+?)"
_STARS = re.compile(
    rf"(?<!\s)\s*[(（]\s*(?:GitHub\s+)?(?:stars?\s*[:：]?\s*{_COUNT}|{_COUNT}\s*(?:GitHub\s+)?stars?|⭐\s*{_COUNT})"
    r"\s*[)）]\s*\Z",
    re.IGNORECASE,
)
_CHINESE = {
    "英": "EN",
    "英文": "EN",
    "中": "ZH",
    "中文": "ZH",
    "中译": "ZH translation",
    "英译": "EN translation",
    "日": "JA",
    "日文": "JA",
    "中英": "EN ZH",
    "英中": "EN ZH",
}
_NAMES = {"EN": "English", "ZH": "Chinese", "JA": "Japanese"}
_SCALES = {"k": 1000, "w": 10000, "万": 10000, "m": 1000000}


@dataclass(frozen=True, slots=True)
class WithoutMarks:
    """An English text without the marks at its end, and what they say."""

    text: str
    note: str = ""
    """`EN`, `ZH`, `JA`, `EN ZH`, `ZH translation`, or nothing."""
    stars: str = ""


def peeled(text: str) -> WithoutMarks:
    """Take language notes and star counts off the end of a tagged text."""
    note = stars = ""
    while True:
        if not note and (match := _NOTE.search(text)):
            note = _meaning(match)
        elif not stars and (match := _STARS.search(text)):
            stars = next(group for group in match.groups() if group)
        else:
            return WithoutMarks(text, note, stars)
        text = text[: match.start()]


def _meaning(match: re.Match[str]) -> str:
    languages = {_LANGUAGES[name.lower()] for name in match.groups()[:2] if name}
    translated = match[3] and "transl" in match[3].lower()
    return " ".join([*sorted(languages), *(["translation"] if translated else [])])


def without_item(text: str, number: str) -> str:
    """A text without the number of its item, right or wrong, that it may begin with (`4. Why …`)."""
    return re.sub(r"\A\s*[(（]?[0-9]{1,3}[.)）、]\s*", "", text) if number else text


def meaning_of(note: str) -> str:
    """What a note (`英文`, `中译`, `Chinese translation`) says, in the same words as `WithoutMarks.note`."""
    english = _NOTE.fullmatch(f"({note})")
    return _meaning(english) if english else _CHINESE.get(note, note)


def in_words(meaning: str) -> str:
    """`Chinese translation` for `ZH translation`."""
    return " ".join(_NAMES.get(word, word) for word in meaning.split()).replace(
        "English Chinese", "Chinese & English"
    )


def star_value(count: str) -> Decimal:
    """2600 for `2.6K`, `2.6k` and `2,600`."""
    digits = count.strip().rstrip("+").replace(",", "").lower()
    scale = _SCALES.get(digits[-1:], 1)
    number = digits.rstrip("kwm万 ").strip(".")
    return Decimal(number) * scale if number.count(".") <= 1 else Decimal(0)


def star_values(text: str) -> Iterable[Decimal]:
    """Every count in a text that could be one of stars."""
    return (star_value(match[1]) for match in re.finditer(_COUNT, text))


# --------------------------------------------------------------------------- compared


def stars_in_words(match: Match, target: str) -> str:
    """The star counts that a translation tells in a sentence (`with 25K stars`)."""
    words = set(star_values(prose_of(target)))
    counts = [m.value for line in match.source for m in line.marks if m.kind is MarkKind.STARS]
    return "".join(f" {count}" for count in counts if star_value(count) in words)


def mark_findings(match: Match, allowed: Allowances) -> Iterator[Finding]:
    """Language notes say the same, star counts have the same value, however they are written."""
    ends = [peeled(segment.text) for line in match.target for segment in line.segments]
    written = [mark for line in match.target for mark in line.marks]
    notes = [meaning_of(mark.value) for mark in written if mark.kind is MarkKind.NOTE]
    notes += [end.note for end in ends if end.note]
    stars = [mark.value for mark in written if mark.kind is MarkKind.STARS]
    stars += [end.stars for end in ends if end.stars]
    for mark in (mark for line in match.source for mark in line.marks):
        if mark.kind is MarkKind.NOTE:
            yield from _note(match, meaning_of(mark.value), notes, allowed)
        elif mark.kind is MarkKind.STARS:
            yield from _stars(match, mark.value, stars)


def _note(match: Match, expected: str, found: list[str], allowed: Allowances) -> Iterator[Finding]:
    said = in_words(expected)
    if found and expected not in found:
        yield finding_of(match, "lang.tag", f"the note ({said}) became ({in_words(found[0])})")
    elif not found and allowed.notes == "keep" and expected:
        yield finding_of(match, "lang.tag", f"the note ({said}) is missing", Severity.WARNING)
    elif found and allowed.notes == "drop":
        yield finding_of(match, "lang.tag", f"the note ({said}) is to be dropped", Severity.WARNING)


def _stars(match: Match, expected: str, found: list[str]) -> Iterator[Finding]:
    value = star_value(expected)
    if found and value not in map(star_value, found):
        yield finding_of(match, "num.value", f"the star count {expected.strip()} became {found[0].strip()}")
    elif not found:
        words = " ".join(prose_of(segment.text) for line in match.target for segment in line.segments)
        if value not in star_values(words):
            yield finding_of(match, "num.missing", f"the star count {expected.strip()} is missing")
