"""Whether the comparison sees what it promises: faults are sown into a good pair, and findings counted."""
