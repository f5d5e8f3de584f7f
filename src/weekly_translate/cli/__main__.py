"""`python -m weekly_translate.cli`."""

from __future__ import annotations

from weekly_translate.cli import main

main()
