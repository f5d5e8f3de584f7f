"""What a run would change in a file."""

from __future__ import annotations

from difflib import unified_diff


def diff_of(old: str, new: str, *, old_name: str, new_name: str) -> str:
    """A unified diff, empty where nothing changes."""
    lines = unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="")
    return "".join(f"{line}\n" for line in lines)
