"""Which files may be written to: never a source, under whatever name, and nothing but plain files."""

from __future__ import annotations

from os.path import realpath
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path, source: Path | None) -> str:
    """Why `path` is not written to, in one sentence; nothing if it may be written to."""
    if source and same_file(path, source):
        return f"{path} is the source {source} itself: name another file for the translation"
    if path.is_symlink():
        return f"{path} is a symbolic link to {path.readlink()}: name the file itself"
    if path.is_dir():
        return f"{path} is a folder: name a file in it"
    if str(path) == "-" or (path.exists() and not path.is_file()):
        return f"{path} is a pipe or a device, or is meant as one: name a file"
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist: create it, or name another file"
    return ""


def same_file(path: Path, source: Path) -> bool:
    """By name, link, hard link, or a name that differs only in case: some disks take those for one file."""
    if path.exists() and source.exists() and path.samefile(source):
        return True
    same_folder = realpath(path.parent) == realpath(source.parent)  # Path.resolve() fails on a loop of links
    return same_folder and _folded(path.name) == _folded(source.name)


def _folded(name: str) -> str:
    return normalize("NFC", name).casefold()
