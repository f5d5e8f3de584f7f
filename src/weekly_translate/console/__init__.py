"""What a person sees: results on stdout, all else on stderr."""

from weekly_translate.console.cleaning import clean
from weekly_translate.console.streams import drop
from weekly_translate.console.summary import edition_rows, plan_rows, section_rows, summary_rows, title_rows
from weekly_translate.console.terminal import Terminal

__all__ = [
    "Terminal",
    "clean",
    "drop",
    "edition_rows",
    "plan_rows",
    "section_rows",
    "summary_rows",
    "title_rows",
]
