"""Two documents that exist, aligned line by line, judged, and learned from."""
