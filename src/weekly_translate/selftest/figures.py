"""Faults in numbers, dates, versions, units and counts."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.quantities import same
from weekly_translate.model import Span
from weekly_translate.selftest.ground import plain, sown
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.english_numbers import english_quantities
from weekly_translate.text.numbers import MONTHS, QuantityKind
from weekly_translate.text.numbers import plain as in_plain_figures
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.selftest.ground import Ground, Place, Sown
    from weekly_translate.text.numbers import Quantity

_COUNTED = (QuantityKind.NUMBER, QuantityKind.PERCENT, QuantityKind.MULTIPLE)
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


class Figure(NamedTuple):
    """A number of the translation, and all numbers of the source of its line."""

    place: Place
    start: int
    """Where its segment begins in the file."""
    quantity: Quantity
    source: tuple[Quantity, ...]


def _quantities(ground: Ground, *kinds: QuantityKind) -> Iterator[Figure]:
    """Numbers that stand once in their line, and that the source demands as one of these kinds."""
    for place in ground.places:
        source = chinese_quantities("\n".join(prose_of(segment.text) for segment in place.source.segments))
        for segment in place.target.segments:
            found = english_quantities(plain(segment, ground.target))
            values = Counter(quantity.value for quantity in found)
            for quantity in found:
                origins = [one for one in source if same(one, quantity)]
                demanded = quantity.demanded and any(one.demanded for one in origins)
                alone = values[quantity.value] == len(origins) == 1 and _kind(origins[0], quantity) in kinds
                if demanded and alone and not _is_a_mark(ground, segment, quantity):
                    yield Figure(place, segment.span.start, quantity, tuple(source))


def _kind(source: Quantity, target: Quantity) -> QuantityKind:
    """What the source takes a number for, but `5.21` is a date where the translation says May 21."""
    return target.kind if target.kind is QuantityKind.DATE else source.kind


def _is_a_mark(ground: Ground, segment: Segment, quantity: Quantity) -> bool:
    """Whether it is a count of stars or the number of an issue, which have faults of their own."""
    after = ground.target.text[segment.span.start + quantity.span.end :][:8]
    return "star" in after or quantity.text.startswith("#")


def _edits(ground: Ground, figure: Figure, text: str) -> Iterator[Sown]:
    """Another text for a number, unless the source happens to say that, too."""
    said = [same(one, other) for other in english_quantities(text) for one in figure.source]
    if not any(said):
        start, quantity = figure.start, figure.quantity
        span = Span(start + quantity.span.start, start + quantity.span.end)
        yield sown(ground, figure.place, span, text)


def _with_other_digit(text: str, random: Random) -> str:
    """The first digit is another one, so that no tolerance for `about` covers it."""
    match = re.search(r"\d", text)
    if match is None:
        return text
    other = random.choice([digit for digit in "123456789" if digit != match[0]])
    return text[: match.start()] + other + text[match.end() :]


def number_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another first digit."""
    for figure in _quantities(ground, *_COUNTED):
        if re.search(r"\d", figure.quantity.text):
            yield from _edits(ground, figure, _with_other_digit(figure.quantity.text, random))


def magnitude_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another power of ten: million for billion, 12,000 for 1,200."""
    for figure in _quantities(ground, QuantityKind.NUMBER):
        text = figure.quantity.text
        word = next((word for word in _SCALES if word in text), None)
        if word:
            yield from _edits(ground, figure, text.replace(word, _SCALES[word]))
        elif match := re.search(r"\d[\d,]*(?:\.\d+)?", text):
            value = Decimal(match[0].replace(",", "")) * random.choice((10, 100))
            yield from _edits(ground, figure, text.replace(match[0], in_plain_figures(value)))


def number_dropped(ground: Ground, _: Random) -> Iterator[Sown]:
    """`many` for a number above ten."""
    for figure in _quantities(ground, *_COUNTED):
        value = figure.quantity.value
        if re.search(r"\d", figure.quantity.text) and not isinstance(value, str) and value > 10:
            yield from _edits(ground, figure, "many")


def number_invented(ground: Ground, random: Random) -> Iterator[Sown]:
    """A number in the last sentence that the source lacks."""
    for place in ground.places:
        for segment in place.target.segments[:1]:
            if segment.kind == "text" and ground.target.text[: segment.span.end].endswith("."):
                end = segment.span.end - 1
                yield sown(ground, place, Span(end, end), f" in {random.randint(1200, 9800):,} cases")


def date_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """Another day, month or year."""
    for figure in _quantities(ground, QuantityKind.DATE):
        text = figure.quantity.text
        month = next((month for month in MONTHS if month in text), None)
        if month and random.random() < 0.5:
            other = MONTHS[(MONTHS.index(month) + 1) % len(MONTHS)]
            yield from _edits(ground, figure, text.replace(month, other))
        elif match := re.search(r"\d+(?=\D*\Z)", text):
            other = str(int(match[0]) - 1 or 2).zfill(len(match[0]))
            yield from _edits(ground, figure, text[: match.start()] + other + text[match.end() :])


def version_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """3.10 is 3.1 now, 3.12 is 3.2."""
    for figure in _quantities(ground, QuantityKind.VERSION):
        text = figure.quantity.text
        match = re.search(r"\.(\d)(?=\d)", text)
        other = (
            text.replace(match[0], ".", 1)
            if match
            else re.sub(r"\d(?=\D*\Z)", lambda m: str(int(m[0]) ^ 1), text)
        )
        yield from _edits(ground, figure, other)


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
