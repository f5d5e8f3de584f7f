"""The two forms that a reply for many segments can have: JSON, and blocks that begin with `[[id]]`."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import NamedTuple, NoReturn

from weekly_translate.translation.wrapping import Wrapping


class Answer(NamedTuple):
    """What a model wrote for an id."""

    id: str
    text: str


class Unreadable(ValueError):  # noqa: N818 - it is what a reply is, and reads so where it is caught
    """There is no answer in the text."""


class _Object(tuple[tuple[object, object], ...]):
    """A JSON object as it was written: a dictionary would keep only the last of two equal keys."""

    __slots__ = ()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_Object, parse_constant=_refuse_constant, strict=False)
_BEGINNING = re.compile(r"\{\s*[\"}]|\[\s*[{\]]")
_SPACE = re.compile(r"\s*")
_BLOCK = re.compile(r"^[ \t]*\[\[[ \t]*([A-Za-z][\w.-]{0,40})[ \t]*\]\]", re.MULTILINE)
_ATTEMPTS = 3


def answers_in_json(text: str, *, cut: bool) -> tuple[list[Answer], tuple[Wrapping, ...]]:
    """The answers in `{"s1": "…"}`, `{"s1": {"en": "…"}}` or `[{"id": "s1", "en": "…"}]`.

    Of an answer that was cut off, the entries before the cut. Raises `Unreadable`.
    """
    cut = cut or not text.rstrip("` \n").endswith(("}", "]"))
    for beginning in islice(_BEGINNING.finditer(text), _ATTEMPTS):
        start = beginning.start()
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            entries = _before_the_cut(text, start) if cut else ()
            if entries:
                return _answers_of(entries), (Wrapping.CUT,)
        else:
            return _answers_of(value), _words_around(text[:start] + text[end:])
    raise Unreadable("it is not valid JSON")


def answers_in_blocks(text: str, *, cut: bool) -> tuple[list[Answer], tuple[Wrapping, ...]]:
    """The answers in blocks that begin with `[[id]]`; the last one of a cut text is left out."""
    marks = list(_BLOCK.finditer(text))
    if not marks:
        raise Unreadable("no line begins with the id of a segment")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    answers = [Answer(mark[1], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]
    around = _words_around(text[: marks[0].start()])
    return (answers[:-1], (*around, Wrapping.CUT)) if cut else (answers, around)


def _words_around(outside: str) -> tuple[Wrapping, ...]:
    found = [Wrapping.FENCE] if "```" in outside else []
    return (*found, Wrapping.PREAMBLE) if re.search(r"\w", re.sub(r"```\w*", "", outside)) else tuple(found)


def _answers_of(value: object) -> list[Answer]:
    """The entries of a JSON value; one that holds anything but text is left out, as if it were missing."""
    entries: list[tuple[object, object]] = []
    if isinstance(value, _Object) and dict(value).keys() == {"id", "en"}:
        value = [value]
    if isinstance(value, _Object):
        entries = [(key, _english(content)) for key, content in value]
    elif isinstance(value, list):
        objects = [dict(item) for item in value if isinstance(item, _Object)]
        entries = [(item.get("id"), item.get("en")) for item in objects]
    answers = [
        Answer(key.strip(), text) for key, text in entries if isinstance(key, str) and isinstance(text, str)
    ]
    if not answers:
        raise Unreadable("it is JSON, but holds no text under an id")
    return answers


def _english(content: object) -> object:
    return dict(content).get("en") if isinstance(content, _Object) else content


def _before_the_cut(text: str, start: int) -> _Object | list[object]:
    """The complete entries, those with a comma behind them, of an object or array that lacks its end."""
    keyed = text[start] == "{"
    entries: list[tuple[object, object]] = []
    position = start + 1
    try:
        while True:
            key: object = None
            if keyed:
                key, position = _DECODER.raw_decode(text, _after_space(text, position))
                position = _expect(":", text, position)
            value, position = _DECODER.raw_decode(text, _after_space(text, position))
            position = _expect(",", text, position)
            entries.append((key, value))
    except (ValueError, RecursionError):
        return _Object(entries) if keyed else [value for _, value in entries]


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _expect(sign: str, text: str, position: int) -> int:
    position = _after_space(text, position)
    if not text.startswith(sign, position):
        raise ValueError(f"there is no {sign} where one belongs")
    return position + 1
