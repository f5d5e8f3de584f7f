"""Chinese and English without Markdown; here, regular expressions that are compiled when first used."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same as `re.compile`, later: a short command uses few of our 300 patterns, and all take 0.1 s."""
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))


class _LazyPattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a compiled pattern has
        """Called once for each name: what is found is an attribute from then on, as fast as any other."""
        found = self.__dict__[name] = getattr(self._compiled, name)
        return found
