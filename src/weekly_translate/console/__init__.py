"""What a person sees: results on stdout, all else on stderr."""

from weekly_translate.console.cleaning import clean
from weekly_translate.console.summary import plan_rows, summary_rows
from weekly_translate.console.terminal import Terminal, drop

__all__ = ["Terminal", "clean", "drop", "plan_rows", "summary_rows"]
