"""Markdown in, Markdown out, byte for byte but for what is translated."""

from weekly_translate.markdown.assemble import assemble
from weekly_translate.markdown.parse import parse

__all__ = ["assemble", "parse"]
