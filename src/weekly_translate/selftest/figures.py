"""Faults in numbers, dates, versions, units and counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.model import Span
from weekly_translate.numerals import QuantityKind, english_quantities
from weekly_translate.selftest.ground import plain, sown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.numerals import Quantity
    from weekly_translate.selftest.ground import Ground, Place, Sown

_COUNTED = (QuantityKind.NUMBER, QuantityKind.PERCENT, QuantityKind.MULTIPLE)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")
_SCALES = {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion"}
_UNITS = {
    "GB": "MB",
    "MB": "GB",
    "KB": "MB",
    "ms": "s",
    "milliseconds": "seconds",
    "seconds": "minutes",
    "minutes": "hours",
    "hours": "days",
    "days": "weeks",
    "years": "months",
    "months": "years",
}
_CURRENCIES = {"yuan": "dollars", "RMB": "USD", "dollars": "euros", "$": "€"}
_STARS = re.compile(r"\((?:stars? )?(\d)[\d.,]*[kK]?(?: stars?)?\)")
_ISSUE = re.compile(r"#(\d+)(?![\w-])")


def _quantities(ground: Ground, *kinds: QuantityKind) -> Iterator[tuple[Place, Quantity, int]]:
    """Numbers that stand once in their line and that the source demands; and where the segment begins."""
    for place in ground.places:
        for segment in place.target.segments:
            found = english_quantities(plain(segment, ground.target))
            values = [quantity.value for quantity in found]
            for quantity in found:
                demanded = quantity.demanded and quantity.kind in kinds
                if (
                    demanded
                    and values.count(quantity.value) == 1
                    and not _is_a_mark(ground, segment, quantity)
                ):
                    yield place, quantity, segment.span.start


def _is_a_mark(ground: Ground, segment: Segment, quantity: Quantity) -> bool:
    after = ground.target.text[segment.span.start + quantity.span.end :][:8]
    return "star" in after


def _edit(ground: Ground, at: tuple[Place, Quantity, int], text: str) -> Sown:
    place, quantity, start = at
    return sown(ground, place, Span(start + quantity.span.start, start + quantity.span.end), text)


def _with_other_digit(text: str, random: Random) -> str:
    """The first digit is another one, so that no tolerance for `about` covers it."""
    match = re.search(r"\d", text)
    if match is None:
        return text
    other = random.choice([digit for digit in "123456789" if digit != match[0]])
    return text[: match.start()] + other + text[match.end() :]


def number_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another first digit."""
    for at in _quantities(ground, *_COUNTED):
        if re.search(r"\d", at[1].text):
            yield _edit(ground, at, _with_other_digit(at[1].text, random))


def magnitude_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another power of ten: million for billion, 12,000 for 1,200."""
    for at in _quantities(ground, QuantityKind.NUMBER):
        text = at[1].text
        word = next((word for word in _SCALES if word in text), None)
        if word:
            yield _edit(ground, at, text.replace(word, _SCALES[word]))
        elif match := re.search(r"\d[\d,]*\d", text):
            digits = int(match[0].replace(",", ""))
            other = f"{digits * random.choice((10, 100)):,}"
            yield _edit(ground, at, text.replace(match[0], other))


def number_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """`many` for a number above ten."""
    for at in _quantities(ground, *_COUNTED):
        value = at[1].value
        if re.search(r"\d", at[1].text) and not isinstance(value, str) and value > 10:
            yield _edit(ground, at, "many")


def number_invented(ground: Ground, random: Random) -> Iterator[Sown]:
    """A number in the last sentence that the source lacks."""
    for place in ground.places:
        for segment in place.target.segments[:1]:
            if segment.kind == "text" and ground.target.text[: segment.span.end].endswith("."):
                end = segment.span.end - 1
                yield sown(ground, place, Span(end, end), f" in {random.randint(1200, 9800):,} cases")


def date_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another day, month or year."""
    for at in _quantities(ground, QuantityKind.DATE):
        text = at[1].text
        month = next((month for month in _MONTHS if month in text), None)
        if month and random.random() < 0.5:
            other = _MONTHS[(_MONTHS.index(month) + 1) % len(_MONTHS)]
            yield _edit(ground, at, text.replace(month, other))
        elif match := re.search(r"\d(?=\D*\Z)", text):
            other = str((int(match[0]) + 1) % 9 or 2)
            yield _edit(ground, at, text[: match.start()] + other + text[match.end() :])


def version_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """3.10 is 3.1 now, 3.12 is 3.2."""
    for at in _quantities(ground, QuantityKind.VERSION):
        text = at[1].text
        match = re.search(r"\.(\d)(?=\d)", text)
        other = (
            text.replace(match[0], ".", 1)
            if match
            else re.sub(r"\d(?=\D*\Z)", lambda m: str(int(m[0]) ^ 1), text)
        )
        yield _edit(ground, at, other)


def unit_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """GB are MB, seconds are minutes."""
    yield from _replaced(ground, _UNITS, r"(?<=[0-9]\ ){}\b|(?<=[0-9]){}\b")


def currency_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """Yuan are dollars."""
    yield from _replaced(ground, _CURRENCIES, r"(?<=[0-9]\ ){}\b|{}(?=[0-9])")


def _replaced(ground: Ground, others: dict[str, str], pattern: str) -> Iterator[Sown]:
    for place in ground.places:
        for segment in place.target.segments:
            words = plain(segment, ground.target)
            for word, other in others.items():
                for match in re.finditer(pattern.replace("{}", re.escape(word)), words):
                    start = segment.span.start + match.start()
                    yield sown(ground, place, Span(start, start + len(word)), other)


def stars_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another count of stars."""
    for place in ground.places:
        match = _STARS.search(ground.raw(place))
        if match and "star" in match[0] and place.source.marks:
            start = place.span.start + match.start()
            yield sown(ground, place, Span(start, start + len(match[0])), _with_other_digit(match[0], random))


def issue_number_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """Another number behind `#`."""
    for place in ground.places:
        for segment in place.target.segments:
            for match in _ISSUE.finditer(plain(segment, ground.target)):
                span = Span(segment.span.start + match.start(1), segment.span.start + match.end(1))
                yield sown(ground, place, span, str(int(match[1]) + 1))
