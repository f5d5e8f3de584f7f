"""Bytes to text: the byte order mark decides, else strict UTF-8, else the encoding a person names.

Nothing is guessed, and line ends stay as they are: a document is its untouched source.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple

from weekly_translate.errors import InputRefusedError, UsageError
from weekly_translate.lines import LINE_END, lines_of

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


class Decoded(NamedTuple):
    """`mark + text.encode(encoding)` gives the bytes back; `mark` is an encoded U+FEFF or nothing."""

    text: str
    encoding: str
    mark: bytes


def decoded(data: bytes, name: str, *, hint: str | None = None) -> Decoded:
    """The text of a file called `name`; a byte order mark is stronger than `hint`.

    Raises `UsageError` for an unknown `hint`, `InputRefusedError` for what is not readable text.
    """
    encoding = _announced(data) or _named(hint)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputRefusedError(_invalid(name, data, error, hint)) from error
    mark = "\ufeff".encode(encoding) if text.startswith("\ufeff") else b""
    text = text.removeprefix("\ufeff")
    _refuse_unreadable(text, name)
    return Decoded(text, encoding, mark)


def _announced(data: bytes) -> str | None:
    return next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)


def _named(hint: str | None) -> str:
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
    if hint is None:
        return (
            f"{where}; if the file is GB18030, convert it to UTF-8, "
            "or add --encoding gb18030 where the command has that option"
        )
    return f"{where}; name another encoding, or leave out --encoding if the file is UTF-8"


def _refuse_unreadable(text: str, name: str) -> None:
    if not text.strip():
        raise InputRefusedError(f"{name} is empty: there is nothing to translate")
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
