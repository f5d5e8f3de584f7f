"""A second reader: a model that compares source and English and names mistakes of meaning."""
