"""What is wrong with a translation, and what a rule can mend."""
