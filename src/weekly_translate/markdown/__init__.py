"""Markdown in, Markdown out, byte for byte but for what is translated."""
