"""All that the program does, written down: to see that a change of its insides changes nothing outside.

    python -m tests.record FOLDER                      write the record of this code into a folder
    python -m tests.record FOLDER --against OTHER      and show where it differs from another record

A record knows the program only by its command line, and the model by the server in `tests/server`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # for `server`, as the tests call it
