"""What a complaint of a check counts as."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from weekly_translate.model import Pair, Severity

Check = Callable[[Pair], Iterator[str]]
"""Says in whole sentences what is wrong with a pair. People read them, and so does the model that repairs."""

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


class Rule(NamedTuple):
    """What a complaint of a check counts as.

    In titles it counts as `in_titles` if that is given: they often are the linked page's English headline.
    `explains` lists the starts of the ids that are not looked at once this check has complained.
    `fix` says that a certain repair without a model exists (`check --fix`).
    """

    id: str
    severity: Severity
    in_titles: Severity | None = None
    explains: tuple[str, ...] = ()
    fix: bool = False
