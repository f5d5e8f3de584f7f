"""Faults are injected into a good pair, one at a time, and the checks have to find each of them."""
