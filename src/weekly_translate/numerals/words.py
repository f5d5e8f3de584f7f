"""English words that state or hedge a number."""

from __future__ import annotations

from decimal import Decimal

MAGNITUDES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
SUFFIXES = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12, "bn": 10**9, "mn": 10**6}
_BELOW_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
WORDS = (
    {word: value for value, word in enumerate(_BELOW_TWENTY)}
    | {word: 20 + 10 * value for value, word in enumerate(_TENS)}
    | MAGNITUDES
)
"""What number phrases (`thirty million`) are made of."""

_NUMBERS_IN_WORDS = {
    "1": "once single a an another",
    "2": "twice double doubled doubles doubling both dual pair couple twofold",
    "3": "triple tripled triples threefold trio thrice",
    "4": "quadruple quadrupled fourfold",
    "10": "tenfold decade",
    "12": "dozen",
    "0.5": "half halved halves",
    "0.25": "quarter",
}
SOFT = {word: Decimal(value) for value, words in _NUMBERS_IN_WORDS.items() for word in words.split()} | {
    word: Decimal(value) for value, word in enumerate(_ORDINALS, start=1)
}
"""Words that may stand for a number of the source and are never taken for an invented one."""

ABOUT = {
    "nearly": "nearly",
    "almost": "nearly",
    "close to": "nearly",
    "over": "over",
    "more than": "over",
    "at least": "over",
    "about": "about",
    "around": "about",
    "approximately": "about",
    "roughly": "about",
    "some": "about",
}
"""Approximators before a number, and which of the three kinds they are."""
