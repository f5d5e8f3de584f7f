"""House rules: what is settled without a model."""

from weekly_translate.edition.marks import Edition, fixed_texts, parse_edition

__all__ = ["Edition", "fixed_texts", "parse_edition"]
