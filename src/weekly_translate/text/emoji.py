"""What an emoji is: one or more characters that are shown as one sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGN = (
    r"\u231A\u231B\u23E9-\u23F3\u25FD\u25FE\u2600-\u2775\u2794-\u27BF\u2B05-\u2B07\u2B1B\u2B1C\u2B50\u2B55"
    r"\U0001F300-\U0001FAFF"
)
_MODIFIED = r"\uFE0F?[\U0001F3FB-\U0001F3FF]?"
EMOJI = (
    r"(?:\U0001F3F4[\U000E0020-\U000E007F]{2,8}"  # the flags of regions: England
    r"|[\U0001F1E6-\U0001F1FF]{2}"  # the flags of countries: two letters
    rf"|[{_SIGN}]{_MODIFIED}(?:\u200D[\u2600-\u27BF\U0001F300-\U0001FAFF]\uFE0F?)*)"
)
"""A pattern of one emoji. The circled figures ❶-❿ among the dingbats are numbers, not emoji."""
_EMOJI = re.compile(EMOJI)


def emoji_in(text: str) -> Iterator[tuple[int, str]]:
    """Where each emoji begins, and the emoji as one compares it: without the selector of its colored form."""
    return ((match.start(), match[0].replace("\ufe0f", "")) for match in _EMOJI.finditer(text))
