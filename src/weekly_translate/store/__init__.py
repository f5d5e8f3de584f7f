"""What is kept on disk: text files, the translation memory, and TMX as its exchange format."""
