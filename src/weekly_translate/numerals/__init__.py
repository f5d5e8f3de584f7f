"""Numbers by value: `7.4 万` and `74,000` are one quantity written twice."""
