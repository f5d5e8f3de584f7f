"""Chinese and English text, without Markdown and without a model."""
