"""Faults are injected into a good pair, one at a time, and the checks have to find each of them."""

from weekly_translate.selftest import harmless, line_faults, text_faults
from weekly_translate.selftest.sites import registered_faults

MODULES = (line_faults, text_faults, harmless)
FAULTS = registered_faults()
