"""How English words follow one another, by their class: what no grammar allows is no English.

Words out of a dictionary in the order of the Chinese (`can will web page conversion for`) are
English words, and every other check finds its names, numbers and tags in them.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from weekly_translate.text.patterns import lazy_pattern

_CLASSES = {
    "article": "a an the",
    "determiner": "this that these those my your his her its our their each every some any no all both",
    "preposition": "of in on for with from by at as into onto about over under after before between through"
    " during without via like than within across among against per upon toward towards behind above below",
    "to": "to",
    "modal": "can could will would should may might must cannot can't won't couldn't wouldn't shouldn't",
    "be": "is are was were be been being am isn't aren't wasn't",
    "have": "has have had having",
    "do": "does did do don't doesn't didn't",
    "pronoun": "i you he she it we they me him us them one who what which it's you'll you're we'll i'm"
    " they're that's there's there",
    "conjunction": "and or but nor",
    "clause": "when while where if because although though since until unless so whether how why once then",
    "adverb": "not never also only just even still already very more most too",
}
_OF_WORD = {word: number for number, words in enumerate(_CLASSES.values(), 1) for word in words.split()}
_MARK = len(_CLASSES) + 1
_NAME, _FIGURE, _OTHER = _MARK + 1, _MARK + 2, _MARK + 9
_ENDINGS = {"ing": _MARK + 3, "ed": _MARK + 4, "ly": _MARK + 5}
_ENDINGS |= dict.fromkeys(
    ("tion", "sion", "ment", "ness", "ity", "ance", "ence", "ism", "age", "ure"), _MARK + 6
)
_ENDINGS |= dict.fromkeys(("al", "ive", "ous", "ful", "able", "ible", "ic", "less", "ary"), _MARK + 7)
_ENDINGS |= {"s": _MARK + 8}
CLASSES = _OTHER + 1
"""How many classes there are, the end of a sentence among them, which is 0."""
_ASIDE = lazy_pattern(r",? and (?:so on|so forth|the like)\b", re.IGNORECASE)
"""What ends a list in an order of its own: `(cd, ls, and so on)`."""
_TOKEN = lazy_pattern(r"[A-Za-z][A-Za-z'’-]*|[0-9][0-9.,]*|[.!?]+(?=\s|$)|[,;:()]")


def classes_of(text: str) -> list[int]:
    """The class of each word and mark, after that of the beginning."""
    found = [0]
    for token in _TOKEN.findall(_ASIDE.sub(" ", text)):
        found.append(_class_of(token, begins=found[-1] == 0))
    return found


def _class_of(token: str, *, begins: bool) -> int:
    word = token.lower().replace("’", "'")
    if token[0] in ".!?":
        return 0
    if not token[0].isalpha():
        return _FIGURE if token[0].isdigit() else _MARK
    if known := _OF_WORD.get(word):
        return known
    if token[0].isupper() and not begins:
        return _NAME
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and not word.endswith("ass")), "")
    return _ENDINGS.get(ending, _OTHER)


def odds_of_english(text: str) -> tuple[float, int, int]:
    """The logarithm of the odds that words stand in an English order; their number, that of known ones."""
    weights, classes = _weights(), classes_of(text)
    known = sum(0 < one < _MARK for one in classes)
    return sum(weights[one][other] for one, other in pairwise(classes)) / 10, len(classes), known


@cache
def _weights() -> list[list[int]]:
    """Tenths of the logarithm of a likelihood ratio, for each class and the next one."""
    return [[int(cell) for cell in line.split()] for line in _TABLE.strip().splitlines()]


_TABLE = """
0 16 0 -6 9 -12 6 -19 8 9 -12 -1 -11 -7 0 -3 15 3 0 -6 1 3 -4
-30 -14 -36 -33 -14 -26 -25 -41 -14 -5 -6 -14 -4 -26 7 12 3 -3 8 -2 1 -1 0
1 7 10 1 3 10 -9 -8 6 16 -2 -8 -8 -2 11 6 4 15 7 0 -5 11 -3
-20 19 7 -19 -3 -18 -3 -34 -23 -4 -5 -3 -8 -16 4 3 11 4 2 -8 1 2 -8
-32 20 11 -44 -21 -37 37 -9 -15 -10 -5 -5 -10 -36 8 -1 -13 -1 13 -7 -2 -22 4
17 6 -7 -38 -6 -33 22 3 -7 10 -11 -17 8 25 -6 13 -23 -16 11 -21 -14 -13 3
2 1 -4 -13 19 -41 17 -19 -19 -6 -3 -17 2 -10 -14 11 19 21 16 -14 6 -12 1
-6 10 1 9 10 -6 49 5 5 -14 5 -10 -8 -13 1 -17 -17 22 7 -22 -16 0 -7
16 13 -13 12 3 3 3 3 19 28 14 19 -14 11 15 -13 -6 -2 19 -30 -11 -18 -5
3 8 -1 -3 28 2 3 8 16 23 -10 -13 -6 3 6 -7 -1 11 6 -20 -5 3 -5
5 28 3 -10 5 -4 4 9 -2 9 -11 -16 10 -7 0 8 10 7 13 -3 0 11 -4
-5 24 7 -28 -1 -4 15 -22 30 4 -17 5 -6 -12 16 29 22 8 5 -2 -4 6 1
48 17 7 -3 13 -39 -2 -8 14 1 -22 0 1 -1 17 14 5 5 4 -4 3 1 -7
7 24 -5 -7 6 -29 -4 -18 -11 3 10 0 -13 -2 5 6 20 0 -1 -6 -4 -8 -8
4 17 10 8 14 -10 6 11 -20 8 -4 2 -17 0 7 -2 -3 -9 -3 -9 -8 6 -10
6 18 -7 1 14 -3 7 6 -6 18 4 -12 -11 2 4 9 2 -12 -5 -17 -16 12 -7
-5 28 7 7 4 -26 -14 -17 -17 9 -6 0 -5 -1 4 15 1 -7 -13 -10 2 17 -6
3 17 18 1 11 -23 17 -4 -4 3 2 17 -21 1 5 -11 12 9 18 -5 -1 14 -9
13 14 -9 4 34 -19 -5 -5 10 -12 8 9 -46 8 -24 1 9 16 -30 -18 3 5 -4
3 -9 -1 12 12 -4 4 -2 -8 -18 -1 -11 -15 -1 -8 10 2 6 1 -3 -9 14 -9
-2 -5 8 5 10 -12 -1 -1 3 0 -3 -6 -21 -8 5 -6 5 13 11 1 -4 14 -5
9 9 3 13 7 -1 15 3 23 -6 8 5 -18 10 -11 -10 5 -2 5 -15 -11 -4 -13
0 13 7 6 9 -5 6 5 -13 10 -3 0 -14 -2 2 0 4 4 1 -2 -6 10 -7
"""
"""Printed by `python -m benchmarks.word_order`."""
