"""How good a translation is: a second reader's errors, several versions compared, faults for the checks."""
