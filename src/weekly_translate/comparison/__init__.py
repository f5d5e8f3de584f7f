"""Two documents that exist: which line belongs to which, and what the checks say about each pair of lines."""

from weekly_translate.comparison.allowances import Allowances, parse_allowances
from weekly_translate.comparison.compared import Rules, compared
from weekly_translate.comparison.learning import learnable_pairs

__all__ = ["Allowances", "Rules", "compared", "learnable_pairs", "parse_allowances"]
