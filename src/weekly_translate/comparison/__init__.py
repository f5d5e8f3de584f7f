"""Two documents that exist: which line belongs to which, and what the checks say about each pair of lines."""
