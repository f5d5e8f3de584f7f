"""Glossary terms and names: what has to be in the English, and what may not."""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING

from weekly_translate.checks import bounds
from weekly_translate.checks.counterparts import meanings_of, stem, words_of
from weekly_translate.checks.markup import labels_of
from weekly_translate.checks.quantities import is_unit
from weekly_translate.checks.registry import INFO, WARNING, Known, Stage, doubt
from weekly_translate.model import Kind, TermKind
from weekly_translate.text.characters import (
    HAN,
    TAG,
    in_half_width,
    lazy_pattern,
    name_of,
    prose_of,
    without_tags,
)
from weekly_translate.text.dictionary import function_words
from weekly_translate.text.numbers import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weekly_translate.model import Pair, Term
    from weekly_translate.text.dictionary import AllSenses


_HANDLE = lazy_pattern(r"@\w+")


@doubt("term.forbidden", WARNING, Stage.TERMS, explains=("term.missing",))
def forbidden_terms_stay_out(pair: Pair) -> Iterator[str]:
    """No translation that the glossary rules out, unless it is part of a wanted one."""
    for term, word in _forbidden(pair):
        yield f"“{word}” is not our word for {term.source}; use {term.target}"


@doubt("term.missing", WARNING, Stage.TERMS)
def terms_are_kept(pair: Pair, known: Known) -> Iterator[str]:
    """For each glossary term of the source its translation, or an allowed one, stands in the target."""
    for term in () if is_headline(pair) else missing_terms(pair):
        if _binds(term, pair, known.senses):
            yield f"{term.source} is {' or '.join(term.renderings)} in our glossary, and is missing"


def _binds(term: Term, pair: Pair, senses: AllSenses | None) -> bool:
    """Whether nothing of the translation is there, and the term is no part of another word."""
    target, text = without_tags(pair.target).lower(), prose_of(pair.segment.text)
    whole = senses is None or term.kind is not TermKind.TERM or _stands_alone(term.source, text, senses)
    return whole and not any(word[: max(4, len(word) - 2)] in target for word in _words_of(term))


def _words_of(term: Term) -> list[str]:
    """The words that speak for a term: of its phrase, of a name the first, and what most renderings share."""
    own = term.source.lower()
    words = [
        [word for word in re.findall(r"[a-z]{4,}", one.lower()) if word not in own] for one in term.renderings
    ]
    preferred, *phrases = [ones if len(ones) > 1 else [] for ones in words]
    counts = Counter(word for phrase in phrases for word in phrase)
    shared = [word for word, count in counts.items() if count > len(words) / 2]
    is_name = term.target[:1].isupper() and preferred  # Tencent Cloud is no Alibaba Cloud
    return preferred[:1] if is_name else [*preferred, *shared]


def _stands_alone(word: str, text: str, senses: AllSenses) -> bool:
    """Whether a term is no part of other words somewhere: 国人 in 美国人, 并发 in 并发送."""
    for match in re.finditer(re.escape(word), text):
        before, after = text[match.start() - 1 : match.start() + 1], text[match.end() - 1 : match.end() + 1]
        if not any(len(one) > 1 and senses.english_of(one) for one in (before, after)):
            return True
    return False


def missing_terms(pair: Pair) -> list[Term]:
    """The terms of the source of which no rendering stands in the target, but for a name that both hold."""
    own = set(_COMPOUND.findall(pair.segment.text))
    target = _COMPOUND.sub(lambda match: " " if match[0] in own else match[0], without_tags(pair.target))
    return [term for term in _present(pair) if rendering_in(term, target) is None]


def unmet_terms(pair: Pair) -> list[Term]:
    """The terms that are missing, and those for which a forbidden word stands."""
    forbidden = [term for term, _ in _forbidden(pair)]
    return list(dict.fromkeys([*missing_terms(pair), *forbidden]))


def rendering_in(term: Term, target: str) -> str | None:
    """Which of its renderings stands in an English text without tags; the preferred one if it does."""
    return next((word for word in term.renderings if occurs(word, target)), None)


def occurs(word: str, text: str) -> bool:
    """Whether a word or phrase occurs: in any case, inflected, with spaces, hyphens or neither."""
    pattern = _pattern(word)
    return pattern is None or any(pattern.search(one) for one in (text, text.replace("-", "")))


def avoided_in(term: Term, target: str) -> list[str]:
    """The words that stand in a text although the term rules them out; those inside wanted ones are not."""
    for word in term.renderings if term.avoid else ():
        pattern = _pattern(word)
        target = pattern.sub(" ", target) if pattern else target
    return [word for word in term.avoid if occurs(word, target)]


def _present(pair: Pair) -> list[Term]:
    """The terms of the source, but for those inside a name that the translation keeps in Chinese."""
    source = _HANDLE.sub(" ", in_half_width(prose_of(pair.segment.text)).lower())
    for name in _HAN_RUN.findall(prose_of(pair.target)):
        source = source.replace(name, " ")
    return [term for term in pair.terms if in_half_width(term.source).lower() in source]


def _forbidden(pair: Pair) -> Iterator[tuple[Term, str]]:
    target = without_tags(pair.target)
    for term in _present(pair):
        for word in avoided_in(term, target):
            yield term, word


def is_headline(pair: Pair) -> bool:
    """Whether most words of the linked address stand in a title."""
    words = [word for word in re.findall(r"[a-z]+", pair.segment.hint.lower()) if len(word) > 1]
    if pair.segment.kind is not Kind.TITLE or len(words) < 3:
        return False
    title = set(re.findall(r"[a-z]+", re.sub("['’]", "", without_tags(pair.target).lower())))
    return sum(word in title for word in words) >= bounds.HEADLINE * len(words)


@lru_cache(maxsize=65_536)
def _pattern(word: str) -> re.Pattern[str] | None:
    """How a term is found; remembered, because a glossary has more terms than `re` remembers patterns."""
    parts = [re.escape(part) for part in re.split(r"[\s-]+", word) if part]
    if not parts:
        return None
    pattern = r"(?<![A-Za-z0-9])" + r"[\s‑-]*".join([*parts[:-1], _inflected(parts[-1])]) + r"(?![A-Za-z0-9])"
    return re.compile(pattern, re.IGNORECASE)


def _inflected(word: str) -> str:
    """An escaped English word with its regular endings: queries, profiling, shipped, models'."""
    possessive = "(?:['’]s?)?"
    if re.search("[^aeiou]y$", word):
        return rf"{word[:-1]}(?:y|ies|ied|ying){possessive}"
    if word.endswith("e"):
        return rf"{word[:-1]}(?:e|es|ed|ing|able){possessive}"
    doubled = rf"{word[-1]}?" if re.search("[^aeiou][aeiou][bdgklmnprt]$", word) else ""
    return rf"{word}(?:e?s|{doubled}ed|{doubled}ing)?{possessive}"


# --------------------------------------------------------------------------- what is written in Latin letters

_WORD = lazy_pattern(
    r"(?<![A-Za-z0-9_@/.+#-])[A-Za-z][A-Za-z0-9]*(?:[-+.#][A-Za-z0-9]+|/[0-9]{1,2}(?![0-9]))*[+#]{0,2}(?![A-Za-z0-9_])",
    re.ASCII,
)
_LETTERS = lazy_pattern(r"[^a-z0-9+#]+")
_MOST = 100
"""Each is looked for in the whole target: what a segment has more of is not looked at."""
_STAGES = ("alpha", "beta")
"""They are part of a version."""
_LONG_NAME = 5
"""Shorter ones that differ in a letter may well be two names."""
_DOUBLED = lazy_pattern(r"([aeiou])\1")
_PART = lazy_pattern(r"[A-Za-z]{3,}")
_JOINED = lazy_pattern(r"(?<=[A-Za-z0-9])\+(?=[A-Za-z])|(?<=[a-z])-(?=[A-Z][a-z])", re.ASCII)
_BOTH = lazy_pattern(r"(?<![\w./:-])([A-Za-z]+)/([A-Za-z]+)(?![\w./-])", re.ASCII)
"""`async/await`; no path and no address."""
_COMPOUND = lazy_pattern(r"(?<![A-Za-z0-9])[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)+", re.ASCII)
_ALPHANUMERIC = lazy_pattern(r"[A-Za-z0-9]{2,}")


@doubt("term.nontranslatable", WARNING, Stage.TERMS, explains=("title.",))
def names_keep_their_letters(pair: Pair) -> Iterator[str]:
    """No letter or figure of a Latin name is changed, nor is it split: GitHub is not Git Hub."""
    target = without_tags(pair.target)
    changed = ((name, one) for name, one in _words_alike(pair) if not _may_be(name, one))
    together, small = run_together(target), target.lower()
    parts = _PART.findall(" ".join(name for name in latin_names(pair) if not name.islower()))
    apart = (part for part in parts if part.lower() in together and part.lower() not in small)
    split = ((part, re.search(" ?".join(part), target, re.IGNORECASE)) for part in apart)
    for name, instead in {**dict(changed), **{part: found[0] for part, found in split if found}}.items():
        yield f"{name} became {instead}"


def _words_alike(pair: Pair) -> Iterator[tuple[str, str]]:
    """Names that the translation has less often than the source, each with a word alike that only it has."""
    source, target = (_apart(in_half_width(without_tags(side))) for side in (pair.segment.text, pair.target))
    here, there = (Counter(map(run_together, _WORD.findall(side))) for side in (source, target))
    words = {run_together(word): word for word in _WORD.findall(target) if run_together(word) not in here}
    known = run_together(f"{source} {pair.segment.hint}")
    for name in _latin_names(pair.segment.text, ()):
        own = run_together(name)
        if len(own) >= _LONG_NAME and there[own] + there[f"{own}s"] < here[own]:
            rest = known.replace(own, " ")
            new = [word for word in islice(words, _MOST) if word not in rest]
            yield from ((name, words[one]) for one in get_close_matches(own, new, 1, bounds.NAME_ALIKE))


def _may_be(name: str, other: str) -> bool:
    """Whether it is a form or a part of the name (parser, Python), or the source had it wrong (YoouTube)."""
    one, two = sorted(map(run_together, (name, other)), key=len)
    part = two.startswith(one) or (one in two and other[:1].isupper())
    part = part and (name.isalpha() or not two.replace(one, "").isalpha())  # GPT-4o is not GPT-4
    return part or run_together(other) == _DOUBLED.sub(r"\1", run_together(name))


# --------------------------------------------------------------------------- titles of the form `name：说明`


@doubt("title.name", WARNING, Stage.TERMS, explains=("term.",))
def the_name_leads_the_title(pair: Pair) -> Iterator[str]:
    """The name before the colon of a title is kept: codegate is not Code Gate. It may get capitals (cuDF)."""
    text = pair.segment.text
    leads = pair.segment.kind is Kind.TITLE or text.startswith("<a")
    name, target = name_of(without_tags(text)), without_tags(pair.target)
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", target, re.IGNORECASE) if name else None
    if leads and name and not (match and (match[0] == name or _capitals(match[0]) > _capitals(name))):
        yield f"the title does not hold the name {name}"
    elif name and re.match(rf"{re.escape(name)}\b.*: {re.escape(name)}(?:\Z|:)", target):
        yield f"the name {name} is said twice"


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))


# --------------------------------------------------------------------------- names anywhere


@doubt("term.case", WARNING, Stage.TERMS)
def names_keep_their_case(pair: Pair) -> Iterator[str]:
    """Capitals inside a name are part of it: PyPI is not Pypi."""
    for name, written in names_written_small(pair):
        yield f"{name} became {written}"


def names_written_small(pair: Pair) -> Iterator[tuple[str, str]]:
    """Names of the source and how the translation writes them, where capitals are lost."""
    target = without_tags(pair.target)
    for name in latin_names(pair):
        inside = any(sign.isupper() for sign in name[1:]) and not name.isupper()
        match = re.search(re.escape(name), target, re.IGNORECASE) if inside and name not in target else None
        if match and _capitals(match[0]) < _capitals(name):
            yield name, match[0]


@doubt("term.nontranslatable", WARNING, Stage.TERMS)
def names_stay(pair: Pair) -> Iterator[str]:
    """A Latin name of the source stands in the translation, in whatever case and number.

    A title may do without, for it often is the headline of the linked work, but not with another name.
    """
    target = without_tags(pair.target)
    together, alike = run_together(target), dict(_words_alike(pair))
    stems = {name: run_together(name).rstrip("0123456789") for name in latin_names(pair)}
    kept = [stem for stem in stems.values() if stem in together and len(stem) > _LONG_NAME]
    missing = [
        name
        for name, stem in stems.items()
        if len(stem) > 1
        and stem.removesuffix("s") not in together
        and name not in alike
        and not _is_said_shorter(name, target)
        # The source's own `Protocal` may be put right where `Protocol` stands beside it.
        and not get_close_matches(stem, kept, cutoff=bounds.NAME_ALIKE)
    ]
    new = list(_new_names(target, pair))
    if pair.segment.kind is Kind.TITLE:
        told = not name_of(pair.segment.text) and not all(map(str.isupper, new))
    else:  # CPU, APP, RSS: such a word may be left out, though not be another one
        told = bool(new) or any(not name.isupper() or len(name) >= _LONG_NAME for name in missing)
    if missing and told:
        yield f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"


def _is_said_shorter(name: str, target: str) -> bool:
    """Whether it is said in short or in full, as JavaScript and JS, Kubernetes and K8s; or is a unit."""
    for word in _ALPHANUMERIC.findall(target):
        short, long = sorted((word, name), key=len)
        capitals, small = "".join(filter(str.isupper, long)), long.lower()
        ways = (capitals.lower(), f"{small[0]}{len(small) - 2}{small[-1]}", small.removesuffix("ql"))
        if short.lower() in ways:
            return True
    return is_unit(name)


def _new_names(target: str, pair: Pair) -> Iterator[str]:
    """Words with capitals inside, such as PyPy and CPU, that are neither in the source nor in the address."""
    known = run_together(f"{without_tags(pair.segment.text)} {pair.segment.hint}")
    words = (word for word in _WORD.findall(target) if any(map(str.isupper, word[1:])))
    return (word for word in words if run_together(word) not in known)


def latin_names(pair: Pair) -> tuple[str, ...]:
    """Words of the source with three letters and a capital, or four, each once, glossary terms aside."""
    return _latin_names(pair.segment.text, tuple(term.source for term in pair.terms))


@lru_cache(16)
def _latin_names(text: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    """Remembered, because four checks ask."""
    source = _apart(in_half_width(prose_of(text)))
    for term in terms:
        source = re.sub(re.escape(term), " ", source, flags=re.IGNORECASE)
    words = dict.fromkeys(_WORD.findall(source))
    return tuple(word for word in words if len(word) > 2 + word.islower() and word not in _STAGES)[:_MOST]


def _apart(text: str) -> str:
    """The names of `async/await`, `Maple+Birch` and `non-Maple` as words."""
    return _BOTH.sub(r"\1 \2", _JOINED.sub(" ", text))


@lru_cache(256)
def run_together(text: str) -> str:
    """The letters and digits alone, in small letters."""
    return _LETTERS.sub("", text.lower())


# --------------------------------------------------------------------------- what a dictionary shows
# It knows few of the words that a good translation may use. No rule takes it as a sign that one of them is
# missing, unless a word of the translation that stands for nothing says the same.

_HAN_RUN = lazy_pattern(f"[{HAN}]+")
_NAME = lazy_pattern(r"(?<![A-Za-z0-9@/._-])[A-Z][A-Za-z'.&-]*[A-Za-z](?: [A-Z][A-Za-z'.&-]*[A-Za-z])*")
_LATIN = lazy_pattern(r"[A-Za-z]+")
_ENDING = lazy_pattern(r"'s\Z|(?<=day)s\Z")
"""Of a name, and of a day that comes each week."""
_SYLLABLES = lazy_pattern(
    r"(?<![A-Za-z0-9_./-])(?=[a-z]{6})(?:(?:[zcs]h|[b-df-hj-np-tw-z])?[aeiou]{1,3}(?:ng?|r)?){2,3}"
    r"(?![A-Za-z0-9_/-])",
    re.ASCII,
)
"""Two or three syllables, as far as a pattern knows them."""
_DAYS = "一二三四五六日天"
_WEEKDAY = lazy_pattern(f"(?:周|星期|礼拜)([{_DAYS}])")
_MOST_LINKS = 50
"""So many links of a text are compared with each other; the others count as its text."""
_MOST_WORDS, _LONGEST_WORD = 5, 6
"""Words of the longest names, and characters of the longest words, that are looked up."""


@doubt("name.other", WARNING, Stage.TERMS)
def no_other_name_is_named(pair: Pair, known: Known) -> Iterator[str]:
    """No company, place or institution that the dictionary knows and the source does not name."""
    if known.senses is None or (is_headline(pair) and not name_of(pair.segment.text)):
        return
    source, latin = in_half_width(without_tags(pair.segment.text)), _latin_words(pair)
    for name in _names_in(without_tags(pair.target), latin, known.senses):
        chinese = known.senses.chinese_of(name)
        akin = latin | _senses_in(pair.segment.text, known.senses)
        spelled = re.findall(rf"\b{re.escape(name)} ([A-Z][a-z]+)", pair.target)  # 尤 makes it Evan You
        is_said = name in source or any(_is_spelled(one, source, known.senses) for one in (name, *spelled))
        if _is_akin(name, akin) or is_said or is_unit(f"degrees {name}"):
            continue
        if not any(_sounds_like(one, known.senses.simplified(source)) for one in chinese):
            yield f"{name} ({chinese[0]}) is not named in the source"


def _latin_words(pair: Pair) -> frozenset[str]:
    """Months and the Latin words of source and terms: a name that begins alike is no other."""
    terms = (word for term in pair.terms for word in (term.source, *term.renderings))
    texts = (pair.segment.text, pair.segment.hint, *terms, *MONTHS)
    return frozenset(word.lower() for text in texts for word in _LATIN.findall(text))


def _is_akin(name: str, words: Iterable[str]) -> bool:
    """Whether one of these begins like a name: Latvian like Latvia, but not change like Changsha."""
    first = name.partition(" ")[0].lower()
    start = first[: max(bounds.NAME_AKIN, ceil(bounds.NAME_AKIN_SHARE * len(first)))]
    return any(word.startswith(start) for word in words)


def _sounds_like(name: str, source: str) -> bool:
    """Whether a name or another spelling of it stands in the source: 丽池卡登 is 丽思卡尔顿, too."""
    source = source.replace(" ", "")  # a blank divides no Chinese word: T 恤
    if day := _WEEKDAY.fullmatch(name):  # 周一、三、五; of no day at all, Patch Tuesday
        days = re.findall(f"(?:周|星期|礼拜)([{_DAYS}、和至到~-]*[{_DAYS}末])", source)
        return not days or any(day[1] in one or "末" in one for one in days)
    akin = name[0] in source and 2 * sum(sign in source for sign in name) >= len(name) > 2
    return akin or name[: 3 if len(name) > 3 else 2] in source


def _is_spelled(name: str, source: str, senses: AllSenses) -> bool:
    """Whether a name spells characters of the source: 小红 is Xiao Hong, as 萧红 is."""
    letters = name.replace(" ", "").lower()
    return any(letters in _sounded(word, senses) for word in _words_within(source, bounds.LONGEST_SOUNDED))


def _words_within(text: str, longest: int) -> Iterator[str]:
    """Whatever may be a Chinese word or name of at most so many characters: one is the Wei of Zhang Wei."""
    for run in _HAN_RUN.findall(text):
        for start in range(len(run)):
            for end in range(start + 1, min(start + longest, len(run)) + 1):
                yield run[start:end]


def _names_in(text: str, latin: frozenset[str], senses: AllSenses) -> Iterator[str]:
    """Names that the dictionary knows, the longest at each place.

    The dictionary is large: it is not asked where all words begin like some of `latin`.
    """
    for match in _NAME.finditer(text):
        words = [_ENDING.sub("", word) for word in match[0].split(" ")]
        if all(_is_akin(word, latin) for word in words):
            continue
        longest = min(len(words), _MOST_WORDS)
        parts = (words[at : at + size] for size in range(longest, 0, -1) for at in range(len(words)))
        found: dict[str, None] = {}
        for name in dict.fromkeys(" ".join(part) for part in parts):
            if _is_name(name, senses) and not any(name in longer for longer in found):
                found[name] = None
        yield from found


def _is_name(name: str, senses: AllSenses) -> bool:
    """A word of one character is no sign of anything, unless a longer one begins with it: 德 and 德国."""
    chinese = senses.chinese_of(name)
    long = [word for word in chinese if len(word) > 1]
    return (
        bool(long)
        and all(any(one.startswith(word) for one in long) for word in chinese)
        and (len(name) > 3 or not name.isupper())
    )


@lru_cache(16)
def _senses_in(text: str, senses: AllSenses) -> frozenset[str]:
    """All English words of all words that a tagged Chinese text may hold."""
    words = _words_within(in_half_width(without_tags(text)), _LONGEST_WORD)
    return frozenset[str]().union(*map(senses.english_of, words))


# --------------------------------------------------------------------------- words that were only spelled out


@doubt("lang.pinyin", WARNING, Stage.TERMS)
def no_word_is_spelled_out(pair: Pair, known: Known) -> Iterator[str]:
    """A Chinese word is translated, and not only written in Latin letters; a name begins with a capital."""
    if known.senses is None:
        return
    target = prose_of(pair.target)
    latin = in_half_width(without_tags(pair.segment.text)).lower()
    words = {word for word in _SYLLABLES.findall(target) if word not in latin}
    said = frozenset(stem(word) for word in _LATIN.findall(target))
    source = prose_of(pair.segment.text) if words else ""
    for short in _words_within(source, bounds.LONGEST_SOUNDED):
        word = next((one for one in _sounded(short, known.senses) if one in words), None)
        if word and said.isdisjoint(meanings_of(short, known.senses)):
            yield f"“{word}” only spells {short}"


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
    if known.senses is None or not any(map(_stems, there.values())):  # `here` needs no dictionary
        return
    rest_said, rest_meant = _stems(_outside(pair.target)), _meant(_outside(pair.segment.text), known.senses)
    labels = {name: _meant(label, known.senses) for name, label in _labels(pair.segment.text).items()}
    for place, (name, meant) in enumerate(labels.items()):
        said = _stems(there.get(name, ""))
        others = [(_stems(there.get(other, "")), one) for other, one in labels.items() if other != name]
        others_said = rest_said.union(*(label for label, _ in others))
        others_meant = rest_meant.union(*(one for _, one in others))
        elsewhere = others_said & meant and said & others_meant and said.isdisjoint(meant)
        if elsewhere or any(_are_exchanged((said, meant), later) for later in others[place:]):
            label = TAG.sub("", there[name])
            yield f"the label of <{name}> is “{label}”, which is said elsewhere in the source"


def _are_exchanged(*labels: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Whether two labels say, what both say aside, what the other one means, and nothing of their own."""
    (said, meant), (other_said, other_meant) = labels
    mine, yours = said - other_said, other_said - said
    own = mine & (meant - other_meant) or yours & (other_meant - meant)
    crossed = len(mine & (other_meant - meant)) + len(yours & (meant - other_meant))
    return not own and crossed + bool(said and other_said) > 1


def _labels(text: str) -> dict[str, str]:
    return dict(islice(labels_of(text).items(), _MOST_LINKS))


def _stems(text: str) -> frozenset[str]:
    words = (word for word in _LATIN.findall(TAG.sub(" ", text)) if len(word) > 2)
    return frozenset(stem(word) for word in words) - function_words()


@lru_cache(16)
def _meant(text: str, senses: AllSenses) -> frozenset[str]:
    """The stems of all that the words of a text can mean, Latin ones among them."""
    plain = in_half_width(TAG.sub(" ", text))
    words = (word for run in _HAN_RUN.findall(plain) for word in words_of(run, senses))
    return _stems(plain).union(*(meaning for word in words for meaning in word.meanings))


def _outside(text: str) -> str:
    """The text without its labels."""
    for label in _labels(text).values():
        text = text.replace(label, " ", 1)
    return text
