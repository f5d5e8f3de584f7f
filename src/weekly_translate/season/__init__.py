"""Many issues in one run: which ones, in what order, and what becomes of their outputs."""
