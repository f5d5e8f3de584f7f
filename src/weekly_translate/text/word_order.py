"""How English words follow one another, by their class: what no grammar allows is no English.

Words out of a dictionary in the order of the Chinese (`can will web page conversion for`) are English words, and every
other check finds its names, numbers and tags in them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
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
    "pronoun": "i you he she it we they me him us them one who what which it's you'll you're we'll i'm they're"
    " that's there's there",
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
_TOKEN = lazy_pattern(r"[A-Za-z][A-Za-z'’-]*|[0-9][0-9.,]*|[.!?]+(?=\s|$)|[,;:()]")


def classes_of(text: str) -> list[int]:
    """The class of each word and mark, after that of the beginning."""
    found = [0]
    for token in _TOKEN.findall(text):
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


def odds_of_english(text: str) -> tuple[float, int]:
    """The logarithm of the odds that these words stand in an English order, not in a Chinese one; and their number."""
    weights, classes = _weights(), classes_of(text)
    return sum(weights[one][other] for one, other in pairwise(classes)) / 10, len(classes)


@cache
def _weights() -> list[list[int]]:
    """Tenths of the logarithm of a likelihood ratio, for each class and the next one."""
    lines = (files("weekly_translate.text") / "word_order.txt").read_text("utf-8").splitlines()
    return [[int(cell) for cell in line.split()] for line in lines if not line.startswith("#")]
