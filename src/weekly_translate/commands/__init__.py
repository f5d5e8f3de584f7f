"""What each command does: make the settings, call one function, show the outcome, return the code."""
