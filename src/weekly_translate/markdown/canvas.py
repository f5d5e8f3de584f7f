"""One byte a character: what each stretch of the source is. Painted over, containers first."""

from __future__ import annotations

import re

from weekly_translate.model import Passage, PassageKind, Span

_KINDS = tuple(PassageKind)
_SEGMENT = len(_KINDS)
_RUN = re.compile(rb"(.)\1*", re.DOTALL)


class Canvas:
    """Starts out as layout (`PassageKind.SKELETON`); `None` paints a segment."""

    def __init__(self, length: int) -> None:
        """Cover a text of `length` characters."""
        self._paint = bytearray(length)

    def paint(self, span: Span, kind: PassageKind | None) -> None:
        """Say what a stretch is."""
        color = _SEGMENT if kind is None else _KINDS.index(kind)
        self._paint[span.start : span.end] = bytes([color]) * (span.end - span.start)

    def kind_at(self, offset: int) -> PassageKind | None:
        """What the character at `offset` is."""
        return None if self._paint[offset] == _SEGMENT else _KINDS[self._paint[offset]]

    def passages(self) -> tuple[Passage, ...]:
        """The stretches that are kept, in order."""
        return tuple(
            Passage(Span(*match.span()), _KINDS[match[1][0]])
            for match in _RUN.finditer(self._paint)
            if match[1][0] != _SEGMENT
        )
