"""What the program takes, in numbers: `python -m benchmarks` from the repository root."""
