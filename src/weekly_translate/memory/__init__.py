"""The translation memory: what was translated once is looked up, and no paid answer is lost."""
