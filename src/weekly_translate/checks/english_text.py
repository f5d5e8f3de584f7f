"""The translation is English, and reads like it as far as a machine can tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.checks.plain_text import as_read
from weekly_translate.checks.registry import ERROR, INFO, NO_TRANSLATION, WARNING, Stage, check
from weekly_translate.model import Kind
from weekly_translate.text.chinese import HAN
from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HAN = re.compile(f"[{HAN}]")
_TRADITIONAL = frozenset(
    "這個們為說會來時對國學過還沒後開關於間問題體點發現實種經與應該讓從當動長電腦網頁資訊軟"
)
_OTHER_LETTERS = re.compile("[\u0370-\u058f\u0590-\u08ff\u0900-\u0dff\u0e00-\u0fff\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W\d_]+")
_FREQUENT = {
    "English": "the of and to in is that for it with as on are this be by from an or not can",
    "French": "le la les des une est dans pour qui que avec sur pas aux cette vous nous",
    "German": "der die das und ist nicht mit ein eine für den von auch sich wird auf",
    "Spanish": "el los las una es en para que con por del como más su esta muy",
    "Portuguese": "o os uma é em para que com por do da não como mais você são",
    "Italian": "il gli una è di per che con del della non sono come più questo",
}
_OTHERS = {language: frozenset(words.split()) for language, words in _FREQUENT.items()}
_ENGLISH = _OTHERS.pop("English")
_FOREIGN = frozenset[str]().union(*_OTHERS.values())
_NOTE_OF_CHINESE = re.compile(r"[（(](?:中文|中译|中|国语)[)）]")
_NOTE_OF_ENGLISH = re.compile(r"[（(](?:英文|英语|英)[)）]")
_SAYS_CHINESE = re.compile(r"[（(\[][^()（）\[\]]{0,20}\bChi(?:nese)?\b|\(ZH\)", re.IGNORECASE)
_SAYS_ENGLISH = re.compile(r"[（(\[][^()（）\[\]]{0,20}\bEng(?:lish)?\b|\(EN\)", re.IGNORECASE)
_FOR_CHINESE_READERS = re.compile("公众号|朋友圈|中文读者|国内读者|扫码|微信群")
_UNADAPTED = re.compile(
    r"\b(?:public|official) account|\bWeChat|\bMoments\b|\bChinese readers|\bscan the (?:QR )?code",
    re.IGNORECASE,
)


@check("lang.wrong", ERROR, Stage.NO_TRANSLATION, explains=(*NO_TRANSLATION, "char.script"))
def language_is_english(pair: Pair) -> Iterator[str]:
    """No kana, no Traditional Chinese, no Korean or Cyrillic text, and no French, German or Spanish."""
    source, target = prose_of(pair.segment.text), prose_of(pair.target)
    language = _language_of(target)
    if language and language != _language_of(source):
        yield f"the translation is {language}, not English"


def _language_of(text: str) -> str:
    """The language that a text seems to be in, or nothing for English, Simplified Chinese and doubt."""
    if len(_KANA.findall(text)) >= 3:
        return "Japanese"
    han = _HAN.findall(text)
    if len(han) >= 4 and sum(glyph in _TRADITIONAL for glyph in han) * 8 >= len(han):
        return "Traditional Chinese"
    letters = sum(map(str.isalpha, text))
    if len(_OTHER_LETTERS.findall(text)) * 3 > letters:
        return "in another script"
    words = [word.lower() for word in _WORD.findall(text)]
    if len(_FOREIGN.intersection(words)) < 3:
        return ""
    english = sum(word in _ENGLISH for word in words)
    for language, known in _OTHERS.items():
        found = [word for word in words if word in known]
        if len(set(found)) >= 3 and len(found) > 2 * english:
            return language
    return ""


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


@check("lang.self-reference", INFO, Stage.LAYOUT)
def references_are_adapted(pair: Pair) -> Iterator[str]:
    """What only readers in China can follow (公众号, 朋友圈) wants another sentence in English."""
    here, there = _FOR_CHINESE_READERS.search(pair.segment.text), _UNADAPTED.search(pair.target)
    if here and there:
        yield f"“{there[0]}” ({here[0]}) says little to a reader abroad"


# --------------------------------------------------------------------------- capitals and articles

DOUBLED = re.compile(r"(?<![\w-])([A-Za-z]{2,})([ \t]+)\1(?![\w-])", re.IGNORECASE | re.ASCII)
_MAY_DOUBLE = frozenset(("had", "that", "bye", "ha", "ah", "oh", "no", "go", "so", "very", "win"))
_START = re.compile(r"[a-z]+(?![\w.:_/@()-])", re.ASCII)
_MIXED = re.compile(
    r"(?<![\w.-])(?:(?!CPython|IPython)[A-Z]{2}[a-z]{2,}|[a-z]{2,}[A-Z]{2,}[a-z]+)(?![\w.-])", re.ASCII
)
_ARTICLE = re.compile(
    r"\b(?:a (?!one|once|eu)(?=[aeio][a-z]{2})|an (?=[bcdfgjklmpqrtvwyz][aeiou][a-z]))[a-z]+"
)


@check("word.repeated", WARNING)
def no_word_is_doubled(pair: Pair) -> Iterator[str]:
    """No `the the`; words that may stand twice, such as `had had`, are on a list."""
    source = as_read(pair.segment.text)
    for match in DOUBLED.finditer(as_read(pair.target)):
        if is_doubled_by_mistake(match, source):
            yield f"“{match[0]}” stands twice"


def is_doubled_by_mistake(match: re.Match[str], source: str) -> bool:
    """Whether a doubled word is neither on the list nor doubled in the source nor a name."""
    return match[1].lower() not in _MAY_DOUBLE and match[0] not in source and match[1] == match[0].split()[-1]


@check("caps.start", INFO)
def a_text_starts_with_a_capital(pair: Pair) -> Iterator[str]:
    """A sentence starts with a capital, unless it starts with a name that the source writes small."""
    match = _START.match(as_read(pair.target).lstrip("\"'“‘(["))
    if _is_sentence(pair) and match and match[0] not in pair.segment.text:
        yield f"the text starts with a small letter: {match[0]}"


def _is_sentence(pair: Pair) -> bool:
    return pair.segment.kind is Kind.TEXT and len(pair.segment.text) > 9 and pair.segment.text[-1] in "。！？"


@check("caps.multi", WARNING)
def capitals_stand_in_front(pair: Pair) -> Iterator[str]:
    """No `HEllo`; a name that is written so stands in the source."""
    for word in dict.fromkeys(_MIXED.findall(as_read(pair.target))):
        if word.lower() not in pair.segment.text.lower():
            yield f"{word} has strange capitals"


@check("word.article", INFO)
def articles_fit(pair: Pair) -> Iterator[str]:
    """`an` before a vowel, `a` before a consonant, as far as spelling tells the sound."""
    for match in _ARTICLE.finditer(as_read(pair.target)):
        yield f"“{match[0]}” has the wrong article"
