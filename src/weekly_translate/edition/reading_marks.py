"""How a newsletter marks item numbers, language notes and star counts, and how its edition writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.reading_values import pattern_in, strings_in
from weekly_translate.edition.values import NotePolicy
from weekly_translate.model import MarkPatterns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.edition.problems import Problems

_NOTE_KEYS = {"marker", "policy", "usual", "unmarked", "names"}
_NEVER = re.compile(r"(?!)")
_FLAGS = re.compile(r"\A\(\?[aimsux]+\)")
"""Flags stand at the beginning of a pattern, and nowhere else."""


class Marks(NamedTuple):
    """All that an edition says about marks."""

    source: MarkPatterns
    english: MarkPatterns
    items: str
    stars: str
    notes: dict[str, str]
    policy: NotePolicy
    usual: str
    unmarked: str


def marks_in(data: Mapping[str, object], problems: Problems) -> Marks:
    """The keys `items`, `stars` and `notes`."""
    item, items = _marker(data, "items", "{number}", problems)
    star, stars = _marker(data, "stars", "{count}", problems)
    told = data.get("notes") or {}
    full = told if isinstance(told, Mapping) and told.keys() & _NOTE_KEYS else {"names": told}
    for key in full.keys() - _NOTE_KEYS:
        problems.unknown(("notes", str(key)), key, _NOTE_KEYS, "key of 'notes'")
    notes = _names(full, problems, nested=full is told)
    policy = _policy(full, notes, problems)
    unmarked = str(full.get("unmarked", "Chinese"))
    usually = MarkPatterns()
    source = MarkPatterns(
        _wrapped(item, usually.item, "{}\\s*"),
        _wrapped(_pattern(full, "notes", problems), _noted(notes), "{}\\s*\\Z"),
        _wrapped(star, usually.stars, "{}\\s*\\Z"),
    )
    english = MarkPatterns(_written(items), _noted([*notes.values(), unmarked]), _written(stars, at_end=True))
    return Marks(source, english, items, stars, notes, policy, _usual(full), unmarked)


def _policy(full: Mapping[str, object], notes: Mapping[str, str], problems: Problems) -> NotePolicy:
    """What becomes of the notes; with `invert`, one of them has to be the usual one."""
    policy = full.get("policy", "keep")
    if not isinstance(policy, str) or policy not in tuple(NotePolicy):
        problems.add(("notes", "policy"), f"'policy' is {', '.join(NotePolicy)}, not {policy!r}.")
        return NotePolicy.KEEP
    if policy == NotePolicy.INVERT and _usual(full) not in notes.values():
        known = ", ".join(dict.fromkeys(notes.values()))
        message = f"'usual' is {_usual(full)}, which is no note here: give the one that vanishes, {known}."
        problems.add(("notes",), message)
    return NotePolicy(policy)


def _usual(full: Mapping[str, object]) -> str:
    return str(full.get("usual", "EN"))


def _names(full: Mapping[str, object], problems: Problems, *, nested: bool) -> dict[str, str]:
    """The notes, in Chinese and in English."""
    if not nested:
        return strings_in({"notes": full["names"]}, ("notes",), problems)
    return strings_in(full, ("notes", "names"), problems)


def _marker(
    data: Mapping[str, object], key: str, variable: str, problems: Problems
) -> tuple[re.Pattern[str] | None, str]:
    """The pattern of the source, if it is not the usual one, and the template of the English."""
    told = data.get(key)
    marker, text = None, told
    if isinstance(told, Mapping):
        for unknown in told.keys() - {"marker", "with"}:
            problems.unknown((key, str(unknown)), unknown, ("marker", "with"), f"key of '{key}'")
        marker, text = _pattern(told, key, problems), told.get("with")
    if told is not None and (not isinstance(text, str) or variable not in text or "\n" in text):
        problems.add((key,), f"'{key}' is a text of one line that holds {variable}.")
    return marker, text if isinstance(text, str) else variable


def _pattern(told: Mapping[str, object], key: str, problems: Problems) -> re.Pattern[str] | None:
    """The `marker` of a key, if it has one."""
    marker = pattern_in(told.get("marker"), (key, "marker"), problems)
    if marker is not None and not marker.groups:
        problems.add((key, "marker"), r"the marker has no group for its value: put it in parentheses, (\d+).")
        return None
    return marker


def _wrapped(marker: re.Pattern[str] | None, usual: re.Pattern[str], around: str) -> re.Pattern[str]:
    """The marker and the blanks around it."""
    if marker is None:
        return usual
    said = _FLAGS.sub("", marker.pattern) + ("\n" if marker.flags & re.VERBOSE else "")
    return re.compile(around.format(rf"\s*(?:{said})"), marker.flags & ~re.UNICODE)


def _noted(names: Iterable[str]) -> re.Pattern[str]:
    """One of these names in parentheses at the end; longer ones are tried first."""
    said = sorted({re.escape(name) for name in names if name}, key=len, reverse=True)
    return re.compile(rf"\s*[（(]({'|'.join(said)})[)）]\s*\Z") if said else _NEVER


def _written(template: str, *, at_end: bool = False) -> re.Pattern[str]:
    """What a template makes of any number: `{number}. ` is `1. `, but not the beginning of `3.12`."""
    before, _, after = template.replace("{count}", "{number}").partition("{number}")
    number = r"(\d[\d.,]*\s?[kKwW万]?\+?)" if at_end else r"(\d{1,4})"
    behind = r"\s*\Z" if at_end else r"(?=\s|\Z)\s*" if after.endswith(" ") else r"\s*"
    front = rf"\s*{re.escape(before.strip())}\s*" if before.strip() else r"\s*"
    return re.compile(rf"{front}{number}{re.escape(after.rstrip())}{behind}")
