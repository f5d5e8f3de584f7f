"""Text files in and out: encodings, what may be written over what, and writing whole or not at all.

Reading guesses nothing and changes nothing: line ends stay as they are.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import shlex
import stat
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from os.path import realpath
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import normalize

from weekly_translate.errors import InputRefusedError, StorageError, UsageError
from weekly_translate.text.characters import LINE_END, Misread, lines_of, misread_runs, repaired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


MARKDOWN = (".md", ".mdx")
STANDARD_INPUT = "-"
"""Stands for the standard input where a file is read."""
FILE_LIMIT = 4_000_000
"""Bytes of a source file; the largest real issue has 0.3 million."""
LINE_LIMIT = 1_000_000
"""Characters of one line; real lines have at most a few thousand."""

_BYTE_ORDER_MARKS = {  # UTF-32 first: its little-endian mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WITHOUT_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_KEPT = "the work is kept in the memory"
_UNFINISHED = ".weekly-translate-{}.part"
_ABANDONED = 600
"""Seconds after which an unfinished file belongs to no run that is alive: one is written in milliseconds."""
_SHORT = 4
"""Letters of a name: in a shorter one, a single slip is half of it."""
_ON_WINDOWS = os.name == "nt"
_NO_FILES: Mapping[str, Path | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text as it stands in a file. The text keeps its own line ends (CRLF, lone CR, none at the end)."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""
    """The byte order mark, an encoded U+FEFF or nothing, written again in front of the text."""
    path: Path | None = None
    """The source that the text comes from: it is never written to."""


def read_text(path: Path, *, encoding_hint: str | None = None, fix_mojibake: bool = False) -> TextFile:
    """Read a source: at most `FILE_LIMIT` bytes in UTF-8, a Unicode encoding with its mark, or as hinted.

    A hint also says that the text is meant as it is: what looks like mojibake is then not refused. Raises
    `InputRefusedError` for a file that is not translated, `UsageError` for an unknown hint.
    """
    name = "the standard input" if str(path) == STANDARD_INPUT else str(path)
    file = decoded(read_bytes(path, limit=FILE_LIMIT), name, hint=encoding_hint)
    runs = misread_runs(file.text) if fix_mojibake or encoding_hint is None else []
    if runs and not fix_mojibake:
        raise InputRefusedError(_mojibake(path, file.text, runs))
    return replace(file, text=repaired(file.text, runs), path=path)


def read_bytes(path: Path, *, limit: int) -> bytes:
    """The bytes of a regular file, or for `-` of the standard input, of at most `limit` bytes.

    Raises `InputRefusedError`.
    """
    if str(path) == STANDARD_INPUT:
        return _standard_input(limit)
    with _reading(path):
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise InputRefusedError(f"{path} is a folder: name a file in it")
        if not stat.S_ISREG(kind):
            raise InputRefusedError(f"{path} is a pipe or a device: name a file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            size = max(path.stat().st_size, len(data))
            raise InputRefusedError(f"{path} has {size:,} bytes; the limit is {limit:,}: split it")
    return data


@cache
def _standard_input(limit: int) -> bytes:
    """It can be read once only; a run reads its source more than once."""
    data = sys.stdin.buffer.read(limit + 1) if sys.stdin else b""
    if len(data) > limit:
        raise InputRefusedError(f"the standard input has more than {limit:,} bytes: split it")
    return data


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        meant = similar_path(path)
        advice = f"did you mean {meant}?" if meant else "check the name and the folder"
        raise InputRefusedError(f"{path} does not exist: {advice}") from error
    except PermissionError as error:
        raise InputRefusedError(f"{path} may not be read: check its permissions") from error
    except OSError as error:
        raise InputRefusedError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # which the command line cannot give, but a program can
        raise InputRefusedError(f"{str(path)!r} cannot be the name of a file: {error}") from error


def similar_path(path: Path) -> Path | None:
    """A path that exists and differs from this one in the spelling of one file or folder."""
    missing = [part for part in (path, *path.parents) if not part.exists()]
    if not missing:
        return None
    wrong = missing[-1]
    try:
        names = [one.name for one in wrong.parent.iterdir()]
    except OSError:
        return None
    stems = [Path(name).stem for name in names]
    for stem in get_close_matches(wrong.stem, stems, cutoff=0.5 if len(wrong.stem) < _SHORT else 0.7):
        meant = wrong.with_name(names[stems.index(stem)]) / path.relative_to(wrong)
        if meant.exists():
            return meant
    return None


def _mojibake(path: Path, text: str, runs: list[Misread]) -> str:
    first = runs[0]
    line = text.count("\n", 0, first.start) + 1
    more = f" and {len(runs) - 1} more" if len(runs) > 1 else ""
    return (
        f"{path} holds text that was read in a wrong encoding (UTF-8 taken for {first.encoding}): "
        f"line {line}{more}, such as {text[first.start : first.end]!r} for {first.text!r}; repair it with "
        f"`{to_paste(['weekly-translate', str(path), '--fix-mojibake'])}`, "
        "or add --encoding utf-8 if it is meant like that"
    )


def decoded(data: bytes, name: str, *, hint: str | None = None) -> TextFile:
    """The text of a file called `name`, which gives the bytes back; its own mark is stronger than `hint`.

    Raises `UsageError` for an unknown `hint`, `InputRefusedError` for what is not readable text.
    """
    announced = (name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark))
    encoding = next(announced, "") or _encoding_named(hint)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputRefusedError(_invalid(name, data, error, hint)) from error
    mark = "\ufeff".encode(encoding) if text.startswith("\ufeff") else b""
    text = text.removeprefix("\ufeff")
    _refuse_unreadable(text, name)
    return TextFile(text, encoding, mark)


def _encoding_named(hint: str | None) -> str:
    if hint is None:
        return "utf-8"
    try:
        bytes(4).decode(hint)  # also refuses codecs that are no text encodings, such as base64
        name = codecs.lookup(hint).name
    except (LookupError, UnicodeError) as error:
        raise UsageError(
            f"--encoding {hint}: there is no such encoding; try gb18030, big5 or utf-16"
        ) from error
    return _WITHOUT_MARK.get(name, name)


def _invalid(name: str, data: bytes, error: UnicodeDecodeError, hint: str | None) -> str:
    line = len((data[: error.start] + b"x").splitlines())
    where = f"{name} is not valid {error.encoding.upper()}: byte {error.start} (line {line}) cannot be read"
    if hint is None and b"\0" in data:
        return f"{name} is not a text file: name a Markdown file"
    if hint is None:
        return (
            f"{where}; if the file is GB18030, convert it to UTF-8, "
            "or add --encoding gb18030 where the command has that option"
        )
    return f"{where}; name another encoding, or leave out --encoding if the file is UTF-8"


def _refuse_unreadable(text: str, name: str) -> None:
    if not text.strip():
        raise InputRefusedError(f"{name} is empty: there is no text in it")
    if "\0" in text:
        line = len(LINE_END.findall(text, 0, text.index("\0"))) + 1
        raise InputRefusedError(
            f"{name} holds a NUL character (line {line}), so it is not a text file; "
            "if it is UTF-16, add --encoding utf-16"
        )
    for number, line_text in enumerate(lines_of(text), 1):
        if len(line_text) > LINE_LIMIT:
            raise InputRefusedError(
                f"line {number} of {name} has {len(line_text):,} characters; the limit is {LINE_LIMIT:,}"
            )


def why_not_written(path: Path, source: Path | None, others: Mapping[str, Path | None] = _NO_FILES) -> str:
    """Why `path` must not be written to, in one sentence; empty if it may be.

    It is a plain file, and neither the source nor one of the `others` that the run uses, under whatever name;
    these are given by what they are: `{"the memory": path}`. Whether a person has edited an existing output
    is another question, which the records of the runs answer.
    """
    if source and same_file(path, source):
        return f"{path} is the source {source} itself: name another file for the translation"
    for what, other in others.items():
        if other and same_file(path, other):
            return f"{path} is {what}: name another file"
    return _why_no_plain_file(path)


def to_paste(words: Iterable[str], *, on_windows: bool = _ON_WINDOWS) -> str:
    """A command as a shell takes it: there no shell knows single quotation marks as others do."""
    if not on_windows:
        return shlex.join(words)
    from subprocess import list2cmdline  # noqa: PLC0415 - the others do without

    return list2cmdline(list(words))


_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ .:]*(?:\.|$)", re.IGNORECASE)


def why_no_name(name: str, *, on_windows: bool = _ON_WINDOWS) -> str:
    """Why a file cannot have this name here; empty if it can. Elsewhere the system says so itself.

    Windows takes `a.md:b` for a part of `a.md` that nobody sees, and `nul.md` for a device, without a word.
    """
    if on_windows and (_DEVICE.match(name) or re.search(r'[<>:"|?*\0-\x1f]|[. ]$', name)):
        return f"{name} is no name of a file on Windows: name another file"
    return ""


def _why_no_plain_file(path: Path) -> str:
    if why := why_no_name(path.name):
        return why
    if path.is_symlink():
        return f"{path} is a symbolic link to {path.readlink()}: name the file itself"
    if path.is_dir():
        return f"{path} is a folder: name a file in it"
    if str(path) == "-" or (path.exists() and not path.is_file()):
        return f"{path} is a pipe or a device, or is meant as one: name a file"
    there = next(above for above in path.parents if os.path.lexists(above))
    if not there.is_dir():
        return f"{there} is no folder: name another file"
    return ""


def same_file(path: Path, source: Path) -> bool:
    """By name, link, hard link, or a name that differs only in case: some disks take those for one file."""
    if path.exists() and source.exists() and path.samefile(source):
        return True
    same_folder = realpath(path.parent) == realpath(source.parent)  # Path.resolve() fails on a loop of links
    return same_folder and _folded(path.name) == _folded(source.name)


def _folded(name: str) -> str:
    return normalize("NFC", name).casefold()


def check_writable(
    path: Path,
    *,
    source: Path | None = None,
    others: Mapping[str, Path | None] = _NO_FILES,
    may_replace: Callable[[bytes], bool] | None,
    otherwise: str = "remove it",
) -> None:
    """Refuse a target that must not or cannot be written; called before anything is paid.

    A folder that is missing is made. A file is replaced where it is empty, or where `may_replace` knows its
    bytes as what this program writes there; None leaves that to whoever knows what runs have written.
    `otherwise` is the other way on. Raises `UsageError` for this and for what `why_not_written` says,
    `StorageError` where the system forbids it.
    """
    from tempfile import TemporaryFile  # noqa: PLC0415 - a check of two files writes nothing

    with _writing(path, advice="name another file"):
        try:
            path.lstat()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # about which exists() is silent from Python 3.14 on
                raise
        if reason := why_not_written(path, source, others):
            raise UsageError(reason)
        if may_replace and path.exists() and (data := path.read_bytes()).strip() and not may_replace(data):
            raise UsageError(
                f"{path} is not replaced, because this program has not written it, or somebody may have "
                f"changed it since: name another file, or {otherwise}"
            )
        if path.exists() and not os.access(path, os.W_OK):
            raise StorageError(f"{path} is write-protected: change its permissions or name another file")
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):  # permissions do not tell of a read-only disk
            pass


def ensure_folder(path: Path) -> None:
    """Create a folder for outputs, and those above it. Raises `StorageError` if no file can be made in it."""
    from tempfile import TemporaryFile  # noqa: PLC0415 - as above

    with _writing(path, advice="name another folder"):
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path):
            pass


def write_text(path: Path, file: TextFile) -> None:
    """Write a text in its encoding: afterwards the file is old and whole, or new and whole.

    An existing file keeps its mode. Raises as `check_writable` does, and `StorageError` when the disk is
    full or the text holds a character that the encoding lacks.
    """
    check_writable(path, source=file.path, may_replace=None)
    data = content_of(file, path)
    with _writing(path, advice=_KEPT):
        _replace(path, data)


def content_of(file: TextFile, path: Path) -> bytes:
    """The bytes of a text in its encoding. Raises `StorageError`, with `path`, if a character is lacking."""
    try:
        return file.mark + file.text.encode(file.encoding)
    except UnicodeEncodeError as error:
        character = f"U+{ord(file.text[error.start]):04X}"
        raise StorageError(
            f"{path} cannot be written in {file.encoding}, which lacks {character}: "
            f"convert the source to UTF-8 and run again; {_KEPT}"
        ) from error


def _replace(path: Path, data: bytes) -> None:
    from secrets import token_hex  # noqa: PLC0415 - as above

    unfinished = path.with_name(_UNFINISHED.format(token_hex(8)))
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            now = os.fstat(file.fileno()).st_mtime
        _remove_abandoned(path.parent, now - _ABANDONED)
        if path.exists():
            unfinished.chmod(stat.S_IMODE(path.stat().st_mode))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _remove_abandoned(folder: Path, before: float) -> None:
    """Remove what a killed run has left. `before` is of the disk's own clock: ours may go differently."""
    for path in folder.glob(_UNFINISHED.format("*")):
        with suppress(OSError):  # another run may do the same
            if path.lstat().st_mtime < before:
                path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; Windows has no such call."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _writing(path: Path, *, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StorageError(f"no space left on the device for {path}; {advice}") from error
        raise StorageError(f"{path} cannot be written: {why_denied(error)}; {advice}") from error


def why_denied(error: OSError, *, on_windows: bool = _ON_WINDOWS) -> str:
    """What the system says; on Windows nobody writes to a file that another program has open."""
    if on_windows and isinstance(error, PermissionError):
        return f"{error.strerror} (close the program in which it is open, if there is one)"
    return str(error.strerror)


def now() -> str:
    """The time as the memory and the log write it: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
