"""Whether all of the source is there, and in English."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from weekly_translate.checks import bounds
from weekly_translate.checks.characters import LANGUAGES, asks_in_a_phrase, chinese_runs, ends, without_names
from weekly_translate.checks.counterparts import doubted, english_size, unsaid_brackets
from weekly_translate.checks.registry import (
    ERROR,
    NO_TRANSLATION,
    SHORTER,
    WARNING,
    Known,
    Stage,
    check,
    doubt,
)
from weekly_translate.checks.terms import is_headline
from weekly_translate.model import Kind, Pair
from weekly_translate.text.characters import (
    HAN,
    han_count,
    has_han,
    in_half_width,
    lazy_pattern,
    prose_of,
    shortened,
    without_tags,
)
from weekly_translate.text.dictionary import odds_of_english

if TYPE_CHECKING:
    from collections.abc import Iterator

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad \t\n\r"
_HANDLE = lazy_pattern(rf"@([\w{HAN}·・_-]+)")
_GLOSS = lazy_pattern(rf"(?<=[A-Za-z\d\"”'’.] )\(([A-Za-z]{{0,12}}[{HAN}·]{{1,8}})(?=[),:;])")
"""The original behind its English: `Lao Luo (老罗)`."""
_SIGNED = lazy_pattern(rf"(?<=(?:by|om) )([{HAN}·]{{2,4}})(?=[),.;]|\Z)")
"""The name of a person who shared something, which nobody can spell: `(Shared by 云云)`."""
_TYPED = lazy_pattern('(?:搜索?|回复|输入|关注)[^，。“"「]{0,6}[“"「]([^”"」]{2,30})[”"」]')
"""What a reader has to type as it is: search WeChat for “…”, reply with “…”."""
_QUOTED = lazy_pattern(rf"[“「]([{HAN}]{{2,8}})[”」]")
"""It may be a name: of a user, a reader, an account."""
_LAST_BRACKET = lazy_pattern(r"(?<!\s)\s*[(（][^()（）]*[)）]\Z")
_LETTER = lazy_pattern(r"[^\W\d_]")
_SENTENCE_END = lazy_pattern(r"(?<=[.!?。！？])\s+")
_DANGLING = lazy_pattern(
    r"\b(?:an?|the|and|or|but|nor|of|from|into|with|than|that|which|whose|because|if|while|when|how|is|are|was"
    r"|were|has|have|can|could|will|would|should|must|may|its|their|your|our)\Z|[,:;]\Z",
    re.IGNORECASE,
)
"""A word or a mark behind which an English sentence goes on."""
_CUT = lazy_pattern(r"(?<![/'’“\"-])\b(a(?=\Z)|an|the|and|or|nor|its|their|your|our|my)(?:\.?\Z|\.\s)")
"""A sentence that stops at a word which no sentence ends with."""


@check("seg.empty", ERROR, Stage.EMPTY, explains=(*NO_TRANSLATION, "char.zero-width"))
def target_is_there(pair: Pair) -> Iterator[str]:
    """There are words where the source has words."""
    source, target = prose_of(pair.segment.text), prose_of(pair.target)
    if source.strip(_INVISIBLE) and not target.strip(_INVISIBLE):
        yield "the translation is empty"
    elif has_han(source) and target.isascii() and not any(map(str.isalnum, target)):
        if pair.segment.kind is Kind.CELL and len(source.strip()) <= bounds.EMPTY_CELL:  # 无 may be `-`
            return
        yield "the translation holds no words"


@check("seg.untranslated", ERROR, Stage.NO_TRANSLATION, explains=(*NO_TRANSLATION, "char.full"))
def target_is_translated(pair: Pair, known: Known) -> Iterator[str]:
    """The translation is not the Chinese source again, but for `kept` names."""
    chinese = without_names(prose_of(pair.segment.text), {*known.kept, *LANGUAGES})
    if has_han(chinese) and has_han(pair.target) and _folded(pair.segment.text) == _folded(pair.target):
        yield "the text is not translated"


def _folded(text: str) -> str:
    """The letters and figures alone: Chinese with English punctuation is still Chinese."""
    return re.sub(r"\W+", "", in_half_width(without_tags(text)).casefold())


@doubt(
    "seg.repeated",
    WARNING,
    Stage.ARTIFACTS,
    explains=("seg.too-long", "seg.line", "tag.duplicate", "llm.addition", "num.added"),
)
def text_is_said_once(pair: Pair) -> Iterator[str]:
    """Neither the whole translation nor a long sentence of it occurs twice."""
    source, target = prose_of(pair.segment.text), prose_of(pair.target)
    if half_of(target):
        if not half_of(source, least=1):
            yield "the translation occurs twice"
        return
    counts = Counter(one for one in _SENTENCE_END.split(target) if len(one) >= 25)
    repeated = [sentence for sentence, count in counts.items() if count > 1]
    if repeated and max(Counter(re.split(r"[。！？.!?]", source)).values()) == 1:
        yield f"the sentence “{shortened(repeated[0])}” occurs twice"


def half_of(text: str, least: int = 12) -> str:
    """The half of a text that says the same thing twice, of so many characters; nothing for any other."""
    bare = text.strip()
    for gap in (0, 1, 2):
        length = (len(bare) - gap) // 2
        twice = bare[:length] == bare[len(bare) - length :] and not bare[length : len(bare) - length].strip()
        if length >= least and twice:
            return bare[:length].strip()
    return ""


# --------------------------------------------------------------------------- complete


@check(
    "seg.residual-cjk",
    ERROR,
    Stage.COMPLETENESS,
    explains=("seg.", "llm.addition", "punct.", "term.", "num.", "path.", "code.identifier"),
)
def no_clause_stays_chinese(pair: Pair, known: Known) -> Iterator[str]:
    """No four Chinese characters in a row nor over 5 % of the letters, outside code and `kept` names."""
    runs, share = _leftovers(pair, known.kept)
    named = _QUOTED.findall(pair.segment.text)
    clauses = [run for run in runs if run not in named]
    if clauses and (share > bounds.LEFT_SHARE or any(han_count(run) >= bounds.LEFT_RUN for run in clauses)):
        yield f"{_quoted(runs)} not translated"


@check(
    "seg.residual-cjk",
    WARNING,
    Stage.COMPLETENESS,
    explains=("punct.cjk", "punct.end", "term.missing", "num.missing"),
)
def no_word_stays_chinese(pair: Pair, known: Known) -> Iterator[str]:
    """No single Chinese word either, but a name may be meant."""
    runs, _ = _leftovers(pair, known.kept)
    if runs:
        yield f"{_quoted(runs)} not translated"


def _quoted(runs: list[str]) -> str:
    """`“潮流” is`, `“潮流” and “周刊” are`; of many the first three."""
    shown = [f"“{shortened(run)}”" for run in runs[:3]]
    if len(runs) > 3:
        shown[2] = f"{len(runs) - 2} more stretches"
    *others, last = shown
    return f"{', '.join(others)} and {last} are" if others else f"{last} is"


def _leftovers(pair: Pair, kept: frozenset[str]) -> tuple[list[str], float]:
    """Runs of Chinese in the target, each once, and their share of its letters.

    Kana and Hangul that the source has as well are no Chinese that was left.
    """
    source, prose = prose_of(pair.segment.text), prose_of(pair.target)
    for pattern in (_HANDLE, _GLOSS, _SIGNED):
        prose = pattern.sub(lambda match: " " if match[1] in source else match[0], prose)
    names = kept | {term.target for term in pair.terms if has_han(term.target)} | {*_TYPED.findall(source)}
    prose = without_names(prose, {*names, *LANGUAGES})
    runs = [run for run in chinese_runs(prose) if has_han(run) or run not in source]
    if not runs:
        return [], 0.0
    letters = len(_LETTER.findall(prose))
    return list(dict.fromkeys(runs)), sum(map(len, runs)) / letters if letters else 0.0


@doubt("seg.too-long", WARNING, Stage.COMPLETENESS, explains=("num.added", "llm.addition"))
def length_is_possible(pair: Pair) -> Iterator[str]:
    """At most eight English characters for a Chinese one: more is an answer, not a translation."""
    source, target = (len(prose_of(text).strip()) for text in (pair.segment.text, pair.target))
    if is_headline(pair):  # of the linked work
        return
    if has_han(pair.segment.text) and target > bounds.MOST_SAID * source + (
        0 if source >= bounds.MOST_OF else bounds.MORE_SAID
    ):
        yield f"{target} characters are too many for a source of {source}"


@check("seg.too-short", ERROR, Stage.COMPLETENESS, explains=("seg.", *SHORTER))
def something_is_said(pair: Pair) -> Iterator[str]:
    """At least one English character for each Chinese one, and a few words for a sentence."""
    source, target = (prose_of(text).strip() for text in (pair.segment.text, pair.target))
    chinese = han_count(source) if pair.segment.kind is Kind.TEXT else 0
    words = target.split()
    if chinese >= bounds.LEAST_OF and len(target) < bounds.LEAST_SAID * chinese:
        yield f"{len(target)} characters for {chinese} Chinese ones: most of it is missing"
    elif chinese >= bounds.SENTENCE_OF and ends(source) and len(words) < bounds.FEWEST_WORDS:
        yield f"“{' '.join(words)}” for a sentence of {chinese} Chinese characters: most of it is missing"


@doubt("seg.truncated", WARNING, Stage.COMPLETENESS, explains=("seg.too-short", "punct.", *SHORTER))
def text_is_complete(pair: Pair) -> Iterator[str]:
    """The last sentence goes on to its end, where that of the source has one."""
    source, target = (without_tags(text).strip() for text in (pair.segment.text, pair.target))
    whole = any(map(ends, (target, _LAST_BRACKET.sub("", target)))) or asks_in_a_phrase(source, target)
    stops = pair.segment.kind is Kind.TEXT and ends(source) and not whole
    short = english_size(target) < bounds.CUT_SHORT * english_size(source)
    cut = _CUT.search(target)
    lost = cut and not re.search(rf"(?a)\b{cut[1]}\b", source)
    if lost or (stops and (short or _DANGLING.search(target))):
        yield "the translation breaks off before the end of the sentence"


_WITH_A_PART = ("seg.", "term.", "code.identifier", "path.", "punct.end")
"""What is missing because a part is."""


@check("seg.too-short", WARNING, Stage.LENGTH, explains=_WITH_A_PART)
def much_is_said(pair: Pair, known: Known) -> Iterator[str]:
    """No sentences are left out: where next to nothing speaks for them, a model's word does not settle it."""
    found = doubted(pair, known.senses, made_up=False)
    if found and found.odds >= bounds.SURELY_OMITTED:
        yield f"nothing is said of “{shortened(found.part)}”"


@doubt("seg.too-short", WARNING, Stage.LENGTH, explains=_WITH_A_PART)
def nothing_is_omitted(pair: Pair, known: Known) -> Iterator[str]:
    """No part of the source is left out, as far as a dictionary and the lengths can tell."""
    if found := doubted(pair, known.senses, made_up=False):
        yield f"nothing seems to be said of “{shortened(found.part)}”"
    for part in () if found else unsaid_brackets(pair, known.senses):
        yield f"nothing seems to be said of “{shortened(part)}”"


@doubt("llm.addition", WARNING, Stage.LENGTH, explains=("seg.", "llm.", "name."))
def nothing_is_made_up(pair: Pair, known: Known) -> Iterator[str]:
    """No sentence of the translation is invented, as far as a dictionary and the lengths can tell."""
    if found := doubted(pair, known.senses, made_up=True):
        yield f"nothing in the source seems to say “{shortened(found.part)}”"


# --------------------------------------------------------------------------- English

_NOTE_OF_CHINESE = lazy_pattern(r"[（(](?:中文|中译|中|国语)[)）]")
_NOTE_OF_ENGLISH = lazy_pattern(r"[（(](?:英文|英语|英)[)）]")
_SAYS_CHINESE = lazy_pattern(r"[（(\[][^()（）\[\]]{0,20}\bChi(?:nese)?\b|\(ZH\)", re.IGNORECASE)
_SAYS_ENGLISH = lazy_pattern(r"[（(\[][^()（）\[\]]{0,20}\bEng(?:lish)?\b|\(EN\)", re.IGNORECASE)


@check("lang.gibberish", ERROR, Stage.LENGTH, explains=("seg.", "llm.", "term.", "name.", "punct."))
def words_stand_in_an_english_order(pair: Pair, known: Known) -> Iterator[str]:
    """The words make English sentences, and not a row of words in the order of the Chinese.

    Only where a dictionary is at hand: nobody judges the English of a draft while it is made.
    """
    text = prose_of(pair.target)
    odds, share = (0.0, 0.0) if known.senses is None else odds_of_english(text)
    if share >= bounds.GIBBERISH_KNOWN and odds < bounds.GIBBERISH:
        yield f"“{shortened(text.strip())}” is no English: the words are put together one by one"


@check("lang.tag", ERROR, Stage.LAYOUT)
def language_note_keeps_its_meaning(pair: Pair) -> Iterator[str]:
    """（中文） does not become (English), nor （英文） (Chinese); a note may be dropped."""
    source, target = pair.segment.text, pair.target
    for note, opposite, same in (
        (_NOTE_OF_CHINESE, _SAYS_ENGLISH, _SAYS_CHINESE),
        (_NOTE_OF_ENGLISH, _SAYS_CHINESE, _SAYS_ENGLISH),
    ):
        said, inverted = note.search(source), opposite.search(target)
        if said and inverted and not same.search(target) and not opposite.search(source):
            yield f"the note {said[0]} became “{inverted[0].lstrip('([（')}”"


_ASKS = lazy_pattern(
    r"[?？]|[吗呢]$|什么|怎|如何|何[时处为谓去从]|哪|谁|多少|是否|几[个种时]|(.)不\1|\b(?:why|what|how)\b",
    re.IGNORECASE,
)
_WHY = lazy_pattern(r"为什么|为何|为啥")
_REASON = lazy_pattern(
    r"\b(?:why|how come|reasons?|because|causes?|makes?|behind|motivations?)\b", re.IGNORECASE
)


@doubt("title.question", WARNING, Stage.LAYOUT)
def titles_ask_the_same(pair: Pair) -> Iterator[str]:
    """A title of ours does not begin to ask, and 为什么 stays a why."""
    if pair.segment.kind is not Kind.TITLE or is_headline(pair):
        return
    source, target = prose_of(pair.segment.text).strip(), prose_of(pair.target)
    if target.strip().endswith("?") and not _ASKS.search(source):
        yield "the statement became a question"
    elif (why := _WHY.search(source)) and not _REASON.search(target):
        yield f"{why[0]} became no “why”"
