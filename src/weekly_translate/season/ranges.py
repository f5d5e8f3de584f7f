"""A part of a season: from one issue to another, by date or by number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weekly_translate.edition import Issue
    from weekly_translate.season.selection import Chosen

_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_NUMBER = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Bound:
    """The first or the last issue of a range, by date (`2023-07-08`, `2023-07`) or by number (`12`)."""

    option: str
    text: str

    @property
    def is_date(self) -> bool:
        """Whether it is compared with dates."""
        return "-" in self.text

    @property
    def kind(self) -> str:
        """What it is compared with, as a word."""
        return "date" if self.is_date else "number"


def bound_of(option: str, text: str | None) -> Bound | None:
    """The bound that an option names. Raises `UsageError`."""
    if text is None:
        return None
    if _DATE.fullmatch(text) or _NUMBER.fullmatch(text):
        return Bound(option, text)
    raise UsageError(
        f"{option} {text} is neither a date nor a number: write 2023-07-08, 2023-07, or the issue's number."
    )


class Range(NamedTuple):
    """From one issue to another, both included; None is open."""

    first: Bound | None = None
    last: Bound | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None

    def __str__(self) -> str:
        ends = (("from", self.first), ("to", self.last))
        return " ".join(f"{word} {bound.kind} {bound.text}" for word, bound in ends if bound is not None)

    def holds(self, issue: Issue) -> bool | None:
        """Whether an issue lies in it; None if the issue does not say."""
        if _lacking(issue, self):
            return None
        above = self.first is None or _value(issue, self.first) >= _key(self.first)
        return above and (self.last is None or _value(issue, self.last) <= _key(self.last))


def range_of(first: Bound | None, last: Bound | None) -> Range:
    """Both bounds as a range. Raises `UsageError` where no issue could lie between them."""
    if first is not None and last is not None and first.is_date == last.is_date:
        length = min(len(first.text), len(last.text)) if first.is_date else None
        if _key(first, length) > _key(last, length):
            raise UsageError(f"{first.option} {first.text} comes after {last.option} {last.text}: swap them.")
    return Range(first, last)


class Unknown(NamedTuple):
    """A source that a range leaves out because it has no date or number."""

    chosen: Chosen
    lacks: str


def in_range(
    chosen: Iterable[Chosen], wanted: Range, issue_in: Callable[[Chosen], Issue]
) -> Iterator[Chosen | Unknown]:
    """The sources of a range. One that cannot be read stays: it is to fail in the summary, not to vanish."""
    for one in chosen:
        try:
            issue = issue_in(one)
        except UsageError:
            yield one
            continue
        inside = wanted.holds(issue)
        if inside is None:
            yield Unknown(one, _lacking(issue, wanted))
        elif inside:
            yield one


def _lacking(issue: Issue, wanted: Range) -> str:
    """What an issue would have to say to be compared with a range; nothing if it says it."""
    for bound in wanted:
        if bound is not None and not (issue.date if bound.is_date else _digits(issue)):
            return bound.kind
    return ""


def _digits(issue: Issue) -> str:
    return "".join(re.findall(r"[0-9]", issue.number))


def _key(bound: Bound, length: int | None = None) -> tuple[int, str]:
    return (0, bound.text[:length]) if bound.is_date else (int(bound.text), "")


def _value(issue: Issue, bound: Bound) -> tuple[int, str]:
    """What of an issue a bound is compared with; of a date only as much as the bound has of one."""
    return (0, issue.date[: len(bound.text)]) if bound.is_date else (int(_digits(issue)), "")
