"""A text in the editor that a person has set up, with what belongs to it below a line."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CUT = "# ------------------------ everything below this line is left out ------------------------"


def edited(text: str, notes: str, environment: Mapping[str, str]) -> str:
    """What a person has made of a text. Raises `UsageError` when the editor or its file cannot be used.

    The file can be read by nobody else, and is gone afterwards.
    """
    handle, name = tempfile.mkstemp(prefix="weekly-translate-", suffix=".md")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(f"{text}\n\n{_CUT}\n{notes}\n".encode("utf-8", "surrogatepass"))
        _run(environment, path)
        return path.read_text("utf-8").partition(_CUT)[0].rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError("The editor has not saved UTF-8: nothing was changed.") from error
    finally:
        path.unlink(missing_ok=True)


def _run(environment: Mapping[str, str], path: Path) -> None:
    command = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    try:
        code = subprocess.run([*shlex.split(command), str(path)], check=False).returncode  # noqa: S603 - theirs
    except (OSError, ValueError) as error:
        raise UsageError(f"The editor {command!r} does not start: set EDITOR to one that does.") from error
    if code:
        raise UsageError(f"The editor {command!r} ended with {code}: nothing was changed.")
