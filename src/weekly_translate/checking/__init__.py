"""Pairs of files: which file belongs to which, what the checks say about them, and what a rule can mend."""
