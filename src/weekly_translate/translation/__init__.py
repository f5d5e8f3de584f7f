"""From segments to a request, and from a reply to verified text."""
