"""What the forms of an English word have in common, and which words carry no meaning of their own."""

from __future__ import annotations

import re
from functools import lru_cache

LATIN = re.compile(r"[A-Za-z][A-Za-z'+#]*|[0-9](?:[0-9.,]*[0-9])?")
"""English words, and figures, which are written alike in both languages."""
_FUNCTION_WORDS = frozenset(
    """
    a an the this that these those here there such same other another
    i me my we us our you your he him his she her it its they them their one's sb sth
    who whom whose which what when where why how whether
    am is are was were be been being do does did done doing have has had having
    will would shall should can could may might must
    and or but if than then so as because while though although since until unless not no nor only just too
    very well even still yet already now again once also etc see like
    all any both each either every few many more most much neither none some various including one two new way
    of to in on for with at by from into onto about up out off over under above below between among across
    within without through during before after against via per
    """.split()  # noqa: SIM905 - a list of ninety literals would hide what it holds
)
_ENDINGS = (
    *(("iness", "y"), ("ations", "at"), ("ation", "at"), ("ating", "at"), ("ated", "at"), ("ates", "at")),
    *(("ies", "y"), ("ied", "y"), ("ing", ""), ("edly", ""), ("ed", ""), ("ers", ""), ("er", "")),
    *(("ors", ""), ("or", ""), ("ly", ""), ("ments", ""), ("ment", ""), ("ions", ""), ("ion", "")),
    *(("es", ""), ("s", "")),
)


def has_meaning(word: str) -> bool:
    """Whether an English word says something by itself: `the` and `of` stand in every sentence."""
    return word.lower() not in _FUNCTION_WORDS


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The letters that the forms of a word share: `instal` of `installed` and `installs`, `us` of `using`."""
    word = word.lower().removesuffix("'s")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 2 and word.endswith("e") else word
