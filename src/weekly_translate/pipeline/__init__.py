"""From issues to their translations: plan, run, render. Brings the pure layers and the world together."""
