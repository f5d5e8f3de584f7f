"""Numbers by value: `7.4 万` and `74,000` are one quantity written twice."""

from __future__ import annotations

from weekly_translate.numerals.chinese import chinese_quantities
from weekly_translate.numerals.english import english_quantities
from weekly_translate.numerals.quantity import Quantity, QuantityKind, in_english

__all__ = ["Quantity", "QuantityKind", "chinese_quantities", "english_quantities", "in_english"]
