"""Chinese Markdown newsletters into English, with every link, image, code span and number accounted for."""

__version__ = "0.1.0"
