"""UTF-8 that was once read as Mac Roman, Windows-1252 or Latin-1: `ðŸ¦„` for 🦄, `≈Å` for Ł.

A run of non-ASCII characters is suspect when its bytes in one of those encodings are valid UTF-8. Honest
text does that now and then (`é »` reads as a Chinese character), so one short run proves nothing: see
`misread_runs`.
"""

from __future__ import annotations

from typing import NamedTuple

from weekly_translate.text.characters import with_replaced
from weekly_translate.text.patterns import lazy_pattern

_RUN = lazy_pattern(r"[^\x00-\x7f]+")
_AROUND = "“”‘’«»—–…"
"""What honest text has beside a word; as bytes of Windows-1252 they would spoil any run."""


def _bytes_of(*encodings: str) -> dict[str, int]:
    """The byte of each non-ASCII character in the first of the encodings that has it."""
    table: dict[str, int] = {}
    for encoding in encodings:
        for byte in range(0x80, 0x100):
            for character in bytes([byte]).decode(encoding, "ignore"):
                table.setdefault(character, byte)
    return table


_TABLES = {
    "Mac Roman": _bytes_of("mac_roman"),
    "Windows-1252": _bytes_of("cp1252", "latin-1"),  # Latin-1 for the five bytes that cp1252 leaves out
}


class Misread(NamedTuple):
    """A run that was read in a wrong encoding, and what it was."""

    start: int
    end: int
    text: str
    """What was meant."""
    encoding: str
    """What it was taken for."""


def misread_runs(text: str) -> list[Misread]:
    """The runs that are mojibake beyond reasonable doubt, in order.

    A run that gives an emoji or three Chinese characters is proof of itself. Shorter ones count when there
    are at least three and they outnumber all the other non-ASCII runs, as in a file that was misread whole.
    """
    return max((_misread_as(name, text) for name in _TABLES), key=len)


def repaired(text: str, runs: list[Misread]) -> str:
    """The text with each run replaced by what was meant."""
    return with_replaced(text, ((run.start, run.end, run.text) for run in runs))


def _misread_as(name: str, text: str) -> list[Misread]:
    runs = [_suspect(run.start(), run[0], name) for run in _RUN.finditer(text)]
    suspects = [suspect for suspect in runs if suspect is not None]
    if len(suspects) > max(2, len(runs) - len(suspects)):
        return suspects
    return [suspect for suspect in suspects if _proves_itself(suspect.text)]


def _suspect(start: int, run: str, name: str) -> Misread | None:
    """A run that was misread, quotes and dashes around it left aside where it says nothing with them."""
    for part in dict.fromkeys((run, run.lstrip(_AROUND), run.rstrip(_AROUND), run.strip(_AROUND))):
        if part and (meant := _read_again(part, _TABLES[name])) is not None:
            first = start + run.index(part)
            return Misread(first, first + len(part), meant, name)
    return None


def _read_again(run: str, table: dict[str, int]) -> str | None:
    try:
        meant = bytes(table[character] for character in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
    return meant if all(map(_is_likely, meant)) else None


def _is_likely(character: str) -> bool:
    """Latin, Greek, or beyond the two-byte scripts: a French `’é` reads as Armenian, which nobody meant."""
    return character <= "\u017f" or "\u0370" <= character <= "\u03ff" or character > "\u07ff"


def _proves_itself(meant: str) -> bool:
    """By chance, honest text forms one sequence of three bytes, but not one of four, nor three in a row."""
    return any(character > "\uffff" for character in meant) or sum(c > "\u07ff" for c in meant) > 2
