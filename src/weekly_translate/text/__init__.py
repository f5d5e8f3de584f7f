"""Chinese and English without Markdown."""
