"""What models write that is no translation: prefaces, refusals, thoughts, loops, bits of the prompt.

`llm.injection` of the catalogue has no check of its own. A text that obeys the document shows in its
length, its numbers, its addresses and its tags, and those are checked; phrases prove nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.checks.bounds import ENDLESS, LOOP
from weekly_translate.checks.registry import (
    ERROR,
    NO_TRANSLATION,
    OTHER_WORDS,
    WARNING,
    Known,
    Stage,
    check,
    doubt,
)
from weekly_translate.text import lazy_pattern
from weekly_translate.text.characters import shortened
from weekly_translate.text.tags import TAG, prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_PREFACE = lazy_pattern(r"\s*(?:sure|certainly|of course|absolutely|okay|no problem)\s*[,!.:]", re.IGNORECASE)
_ANNOUNCED = lazy_pattern(
    rf"(?:{_PREFACE.pattern})?\s*"
    r"(?:(?:here(?:'s| is| are)|below is|the following is)\b[^.\n]{0,60}\btranslat[^\n]{0,40}:"
    r"|(?:the )?(?:english )?(?:translation|translated (?:text|version))\s*:)",
    re.IGNORECASE,
)
_PREFACE_OF_SOURCE = lazy_pattern(
    r"\s*(?:当然|好的|好[,，!！]|没问题|可以|行[,，!！]|以下|下面|这是|译文|翻译|sure|ok)", re.IGNORECASE
)
_COMMENT = lazy_pattern(
    r"(?:^|\n|[(\[])[ \t]*(?:translator(?:'s|s)? note|translation note|t/n|tl note)\b"
    r"|(?:\n[ \t]*|[(\[])(?:note|explanation)\s*:",
    re.IGNORECASE,
)
_COMMENT_OF_SOURCE = lazy_pattern(
    r"译注|译者|备注|(?<![关专备])注[:：]|请注意|(?:注意|说明|提示)[:：,，]|\bnotes?\b", re.IGNORECASE
)
_BRACKETS = lazy_pattern(r"[(（\[【〔]")
_THINKING = lazy_pattern(
    r"</?(?:think|thinking|thought|reasoning|scratchpad|analysis)>|<\|[a-z_]{2,20}\|>|\[/?INST\]|<</?SYS>>",
    re.IGNORECASE,
)
_REFUSAL_OF_SOURCE = lazy_pattern(
    r"抱歉|对不起|拒绝|无法|不能|没办法|sorry|作为(?:一个|一名)?\s?(?:AI|人工智能)", re.IGNORECASE
)
_REFUSAL = lazy_pattern(
    r"\W*(?:(?:I(?:['’]m| am) )?(?:so |very )?sorry,?(?: but)? )?"
    r"(?:I(?: can(?:not|['’]t)| won['’]t| will not|(?: am|['’]m) (?:unable|not able) to) "
    r"(?:assist|help|translate|comply|fulfill|provide|process)(?: you)?(?: with)? (?:this|that|your)"
    r"|As an AI (?:language )?(?:model|assistant), I)\b[^.]*\.?\s*",
    re.IGNORECASE,
)
_KEY = lazy_pattern(
    r"\b(?:sk-[A-Za-z0-9_*-]{16,200}|gh[pousr]_[A-Za-z0-9]{20,200}|AKIA[0-9A-Z]{16}|xox[abpr]-[A-Za-z0-9-]{10,200}"
    r"|AIza[A-Za-z0-9_-]{30,60})"
)
_JSON_EDGE = lazy_pattern(
    r'\s*[\[{]\s*[{"][^"]{0,40}"?\s*:|\s*\{\s*"|.*"\s*[}\]][\s}\],]*$|.*"\s*,\s*$', re.DOTALL
)
_ESCAPE = lazy_pattern(r"\\(?:u[0-9a-fA-F]{4}|[nrt\"/])")
_LONGEST_CYCLE = 8
_GRAM = 8


@check("llm.key-leak", ERROR, Stage.LEAKS, explains=("md.",))
def no_key_leaks(pair: Pair) -> Iterator[str]:
    """Nothing that looks like an API key, unless the source shows it; the key itself is not repeated."""
    for match in _KEY.finditer(pair.target):
        if match[0] not in pair.segment.text:
            yield f"the translation holds something like an API key ({match[0][:4]}…)"


@check("llm.think-leak", ERROR, Stage.LEAKS, explains=(*OTHER_WORDS, "sec.", "tag.duplicate"))
def no_thoughts(pair: Pair) -> Iterator[str]:
    """No `<think>` and no chat template is left."""
    match = _THINKING.search(pair.target)
    if match and match[0] not in pair.segment.text:
        yield f"{match[0]} shows that the model's thoughts stand in the translation"


@check("llm.refusal", ERROR, Stage.NO_TRANSLATION, explains=NO_TRANSLATION)
def answer_is_no_refusal(pair: Pair) -> Iterator[str]:
    """The answer is not a refusal and nothing else."""
    match = _REFUSAL.fullmatch(pair.target)
    if match and not _REFUSAL_OF_SOURCE.search(pair.segment.text):
        yield f"“{shortened(match[0])}” is a refusal, not a translation"


@check("llm.prompt-leak", ERROR, Stage.NO_TRANSLATION, explains=NO_TRANSLATION)
def prompt_stays_inside(pair: Pair, known: Known) -> Iterator[str]:
    """No eight words in a row come from the prompt unless the source has them."""
    shared = [gram for gram in _grams(pair.target) if gram in known.prompt_grams]
    if shared and shared[0] not in set(_grams(pair.segment.text)):
        yield f"“{shared[0]}” comes from the prompt, not from the source"


@lru_cache(maxsize=4)
def grams_of(prompt: str) -> frozenset[str]:
    """Each eight words in a row of a prompt, for `prompt_stays_inside`.

    Give it the instructions alone: examples and glossary terms may rightly occur in a translation.
    """
    return frozenset(_grams(prompt))


def _grams(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[start : start + _GRAM]) for start in range(len(words) - _GRAM + 1)]


@check("llm.preface", ERROR, Stage.ARTIFACTS, explains=("llm.", "seg.too-long", "seg.residual", "seg.line"))
def no_translation_is_announced(pair: Pair) -> Iterator[str]:
    """The translation starts with itself, not with `Here is the translation:`."""
    match = _ANNOUNCED.match(pair.target)
    if match and "译" not in pair.segment.text:
        yield f"the preface “{match[0].strip()}” does not belong to the translation"


@doubt(
    "llm.preface",
    WARNING,
    Stage.ARTIFACTS,
    explains=("llm.", "seg.too-long", "seg.residual", "seg.line"),
)
def no_preface(pair: Pair) -> Iterator[str]:
    """Nor does it start with a word to the reader, such as `Sure!`."""
    match = _PREFACE.match(pair.target)
    if match and not _PREFACE_OF_SOURCE.match(without_tags(pair.segment.text)):
        yield f"the preface “{match[0].strip()}” does not belong to the translation"


@doubt(
    "llm.commentary",
    WARNING,
    Stage.ARTIFACTS,
    explains=("seg.too-long", "seg.line", "punct.end", "llm.addition"),
)
def no_commentary(pair: Pair) -> Iterator[str]:
    """No translator's notes; a note of the source, and a bracket that was one there, are none."""
    match, source = _COMMENT.search(pair.target), without_tags(pair.segment.text)
    here, there = (len(_BRACKETS.findall(text)) for text in (source, without_tags(pair.target)))
    if match and not _COMMENT_OF_SOURCE.search(source) and not (_BRACKETS.match(match[0]) and here >= there):
        yield f"the comment “{match[0].strip()}” does not belong to the translation"


@check("llm.json-residue", ERROR, Stage.ARTIFACTS, explains=("llm.", "seg.truncated", "punct."))
def no_json_is_left(pair: Pair) -> Iterator[str]:
    """No braces and quotes of the reply's JSON at the edges."""
    if _JSON_EDGE.match(pair.target) and not _JSON_EDGE.match(pair.segment.text):
        yield "a part of the JSON around the reply is left at the edge of the translation"


@check("llm.escape-residue", ERROR, Stage.ARTIFACTS, explains=("punct.quotes",))
def no_escape_is_left(pair: Pair) -> Iterator[str]:
    r"""No literal `\n` or `\u4e2d` outside code."""
    match = _ESCAPE.search(prose_of(pair.target))
    if match and "\\" not in pair.segment.text:
        yield f"{match[0]} is an escape that was not decoded"


ENTITY = lazy_pattern(r"&amp;(?:amp|lt|gt|quot|nbsp|#[0-9]{1,5});|&(?:quot|nbsp|apos|#39|#x27);")


@check("llm.entity-double", WARNING, Stage.ARTIFACTS, explains=("num.added", "punct.space"))
def no_entity_is_left(pair: Pair) -> Iterator[str]:
    """No `&amp;amp;` and no `&quot;` that the source lacks: it would be printed."""
    for entity in dict.fromkeys(ENTITY.findall(prose_of(pair.target))):
        if entity not in pair.segment.text:
            yield f"{entity} would be printed as it is"


@check("llm.loop", ERROR, Stage.ARTIFACTS, explains=(*OTHER_WORDS, "tag.duplicate", "word.repeated"))
def no_endless_loop(pair: Pair) -> Iterator[str]:
    """No words that come back more than twenty times in a row: nobody writes that."""
    yield from _loops(pair, ENDLESS)


@doubt("llm.loop", WARNING, Stage.ARTIFACTS, explains=(*OTHER_WORDS, "tag.duplicate", "word.repeated"))
def no_loop(pair: Pair) -> Iterator[str]:
    """No words that come back more than five times in a row."""
    yield from _loops(pair, LOOP)


def _loops(pair: Pair, times: int) -> Iterator[str]:
    phrase = looping(prose_of(pair.target), times)
    if phrase and not looping(prose_of(pair.segment.text), LOOP):
        yield f"“{phrase}” is repeated again and again"


def looping(text: str, times: int) -> str:
    """The words of a cycle that is gone through more often than so many times, or nothing.

    A sign between words is none of them: commas are what is left of a list of code.
    """
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    repeated = len(words) - len(set(words))
    for cycle in range(1, min(_LONGEST_CYCLE, repeated // times) + 1):
        run = 0
        for index in range(cycle, len(words)):
            run = run + 1 if words[index] == words[index - cycle] else 0
            if run >= times * cycle:
                return " ".join(words[index - cycle + 1 : index + 1])
    return ""


_WORD = r"[\w'’+#-]+"
_TWICE = lazy_pattern(
    rf"(?<![\w'’-])(?:((?!that\ |had\ |[\d\ ]+\ ){_WORD}(?:\ {_WORD}){{0,7}}?)\ \1"
    rf"|({_WORD}(?:\ {_WORD}){{2,7}}?),\ \2)(?![\w'’-])",
    re.IGNORECASE | re.VERBOSE,
)
_TWICE_IN_SOURCE = lazy_pattern(r"(\w{2,})[\s、，,]*\1|(\w)(?:[\s、，,]*\2){2}")


@doubt("word.repeated", WARNING, Stage.ARTIFACTS)
def no_words_stand_twice(pair: Pair) -> Iterator[str]:
    """No word or phrase twice in a row: the the. Where the source does so (非常非常), English may."""
    found = _TWICE.search(TAG.sub(" · ", pair.target))
    if found and not _TWICE_IN_SOURCE.search(without_tags(pair.segment.text)):
        yield f"“{found[0]}” says the same words twice in a row"
