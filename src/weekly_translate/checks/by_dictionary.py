"""What a dictionary of Chinese shows: other names, words that were only spelled out, labels that moved.

A dictionary knows few of the words that a good translation may use. No rule takes it as a sign that
one of them is missing, unless a word of the translation that stands for nothing says the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from weekly_translate.checks.bounds import LONGEST_SOUNDED, NAME_AKIN
from weekly_translate.checks.counterparts import meanings_of, stem
from weekly_translate.checks.markup import labels_of
from weekly_translate.checks.registry import INFO, WARNING, Known, Stage, doubt
from weekly_translate.checks.terms import is_headline
from weekly_translate.text import lazy_pattern
from weekly_translate.text.alike import name_of
from weekly_translate.text.characters import HAN, in_half_width
from weekly_translate.text.dictionary import function_words
from weekly_translate.text.numbers import MONTHS
from weekly_translate.text.tags import TAG, prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair
    from weekly_translate.text.dictionary import AllSenses

_HAN_RUN = lazy_pattern(f"[{HAN}]+")
_NAME = lazy_pattern(r"(?<![A-Za-z0-9@/._-])[A-Z][A-Za-z'.&-]*[A-Za-z](?: [A-Z][A-Za-z'.&-]*[A-Za-z])*")
_LATIN = lazy_pattern(r"[A-Za-z]+")
_WORD = lazy_pattern(
    r"(?<![A-Za-z0-9_./-])(?=[a-z]{6})(?:(?:[zcs]h|[b-df-hj-np-tw-z])?[aeiou]{1,3}(?:ng?|r)?){2,3}"
    r"(?![A-Za-z0-9_/-])",
    re.ASCII,
)
"""Two or three syllables, as far as a pattern knows them."""
_DAYS = "一二三四五六日天"
_MOST = 50
"""So many links of a text are compared with each other; the others count as its text."""
_MOST_WORDS = 5
"""The longest names that are looked up."""


@doubt("name.other", WARNING, Stage.TERMS)
def no_other_name_is_named(pair: Pair, known: Known) -> Iterator[str]:
    """No company, place or institution that the dictionary knows and the source does not name."""
    if known.senses is None or (is_headline(pair) and not name_of(pair.segment.text)):
        return
    source, latin = in_half_width(without_tags(pair.segment.text)), _latin_starts(pair)
    for name in _names_in(without_tags(pair.target), latin, known.senses):
        chinese = known.senses.chinese_of(name) | {name}
        akin = latin.union(map(_start, _senses_in(pair.segment.text, known.senses)))
        is_said = any(_sounds_like(word, source) for word in chinese) or _is_spelled(
            name, source, known.senses
        )
        if _start(name) not in akin and not is_said:
            yield f"{name} ({min(sorted(chinese - {name}), key=len)}) is not named in the source"


def _latin_starts(pair: Pair) -> frozenset[str]:
    """How months and the Latin words of source and terms begin: a name that begins alike is no other."""
    terms = (word for term in pair.terms for word in (term.source, *term.renderings))
    texts = (pair.segment.text, pair.segment.hint, *terms, *MONTHS)
    return frozenset(_start(word) for text in texts for word in _LATIN.findall(text))


def _start(word: str) -> str:
    """What words share that are akin: Latvia, Latvian."""
    return word[:NAME_AKIN].lower()


def _sounds_like(name: str, source: str) -> bool:
    """Whether a name or another spelling of it stands in the source: 丽池卡登 is 丽思卡尔顿, too."""
    if name.isascii():
        return name in source
    if name[0] == "周" and name[1:] in _DAYS:  # 周一、三、五
        return re.search(f"(?:周|星期|礼拜)[{_DAYS}、和至到~-]*[{name[1:]}末]", source) is not None
    akin = name[0] in source and 2 * sum(sign in source for sign in name) >= len(name) > 2
    return akin or name[:2] in source


def _is_spelled(name: str, source: str, senses: AllSenses) -> bool:
    """Whether a name spells characters of the source: 小红 is Xiao Hong, as 萧红 is."""
    letters = name.replace(" ", "").lower()
    runs = (
        run[at : at + size] for run in _HAN_RUN.findall(source) for size in (2, 3) for at in range(len(run))
    )
    return any(letters in _sounded(run, senses) for run in runs)


def _names_in(text: str, latin: frozenset[str], senses: AllSenses) -> Iterator[str]:
    """Names that the dictionary knows, the longest at each place.

    The dictionary is large: it is not asked where all words begin like some of `latin`.
    """
    for match in _NAME.finditer(text):
        words = [word.removesuffix("'s") for word in match[0].split(" ")]
        if all(_start(word) in latin for word in words):
            continue
        longest = min(len(words), _MOST_WORDS)
        parts = (words[at : at + size] for size in range(longest, 0, -1) for at in range(len(words)))
        found: dict[str, None] = {}
        for name in dict.fromkeys(" ".join(part) for part in parts):
            if _is_name(name, senses) and not any(name in longer for longer in found):
                found[name] = None
        yield from found


def _is_name(name: str, senses: AllSenses) -> bool:
    """China and You have a word of one character, which is no sign of anything."""
    chinese = senses.chinese_of(name)
    return bool(chinese) and min(map(len, chinese)) > 1 and (len(name) > 3 or not name.isupper())


@lru_cache(16)
def _senses_in(text: str, senses: AllSenses) -> frozenset[str]:
    """All English words of all words that a tagged Chinese text may hold."""
    found: set[str] = set()
    for run in _HAN_RUN.findall(in_half_width(without_tags(text))):
        for start in range(len(run)):
            for end in range(start + 1, min(start + 7, len(run) + 1)):
                found |= senses.english_of(run[start:end])
    return frozenset(found)


# --------------------------------------------------------------------------- words that were only spelled out


@doubt("lang.pinyin", WARNING, Stage.TERMS)
def no_word_is_spelled_out(pair: Pair, known: Known) -> Iterator[str]:
    """A Chinese word is translated, and not only written in Latin letters; a name begins with a capital."""
    if known.senses is None:
        return
    target = prose_of(pair.target)
    latin = in_half_width(without_tags(pair.segment.text)).lower()
    words = {word for word in _WORD.findall(target) if word not in latin}
    said = frozenset(stem(word) for word in _LATIN.findall(target))
    for run in _HAN_RUN.findall(prose_of(pair.segment.text)) if words else ():
        for start in range(len(run)):
            for end in range(start + 2, min(start + LONGEST_SOUNDED, len(run)) + 1):
                word = next((one for one in _sounded(run[start:end], known.senses) if one in words), None)
                if word and said.isdisjoint(meanings_of(run[start:end], known.senses)):
                    yield f"“{word}” only spells {run[start:end]}"


def _sounded(word: str, senses: AllSenses) -> list[str]:
    """How a word may be spelled: as many ways as its characters have readings."""
    spelled = [""]
    for character in word:
        spelled = [left + right for left in spelled for right in senses.sounds_of(character)]
    return spelled


# --------------------------------------------------------------------------- labels


@doubt("seg.swapped", WARNING, Stage.TERMS, in_titles=INFO)
def labels_say_what_they_said(pair: Pair, known: Known) -> Iterator[str]:
    """A link stays on the words that it stands on: its label is not that of another part of the sentence."""
    there = _labels(pair.target)
    if known.senses is None or not there:
        return
    rest_said, rest_meant = _stems(_outside(pair.target)), _meant(_outside(pair.segment.text), known.senses)
    labels = {name: _meant(label, known.senses) for name, label in _labels(pair.segment.text).items()}
    for name, meant in labels.items():
        said = _stems(there.get(name, ""))
        others_said = rest_said.union(*(_stems(label) for other, label in there.items() if other != name))
        others_meant = rest_meant.union(*(one for other, one in labels.items() if other != name))
        if said and meant and said.isdisjoint(meant) and others_said & meant and said & others_meant:
            label = TAG.sub("", there[name])
            yield f"the label of <{name}> is “{label}”, which is said elsewhere in the source"


def _labels(text: str) -> dict[str, str]:
    return dict(islice(labels_of(text).items(), _MOST))


def _stems(text: str) -> frozenset[str]:
    words = (word for word in _LATIN.findall(TAG.sub(" ", text)) if len(word) > 2)
    return frozenset(stem(word) for word in words) - function_words()


def _meant(text: str, senses: AllSenses) -> frozenset[str]:
    """The stems of all that the words of a text can mean, Latin ones among them."""
    plain = in_half_width(TAG.sub(" ", text))
    words = (word for run in _HAN_RUN.findall(plain) for word in _with_pairs(list(senses.words_in(run))))
    return frozenset(one for word in words for one in meanings_of(word, senses)) | _stems(plain)


def _with_pairs(words: list[str]) -> Iterator[str]:
    yield from words
    yield from (one + other for one, other in pairwise(words))


def _outside(text: str) -> str:
    """The text without its labels."""
    for label in _labels(text).values():
        text = text.replace(label, " ", 1)
    return text
