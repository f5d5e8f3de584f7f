"""Faults are injected into a good pair, one at a time, and the checks have to find each of them."""

from weekly_translate.selftest import faults, mistakes
from weekly_translate.selftest.sites import FAULTS

__all__ = ["FAULTS", "faults", "mistakes"]
