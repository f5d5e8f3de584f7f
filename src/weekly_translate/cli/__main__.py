"""`python -m weekly_translate.cli`."""

from weekly_translate.cli import main

main()
