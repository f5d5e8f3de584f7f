"""`python -m weekly_translate`."""

from __future__ import annotations

from weekly_translate.cli import main

main()
