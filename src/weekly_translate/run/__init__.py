"""From issues to their translations: plan, ask, render, write."""
