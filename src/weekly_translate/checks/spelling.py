"""Characters of the wrong encoding, width or alphabet."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from weekly_translate.text.tags import prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.model import Pair

FULL_WIDTH = re.compile("(?<![\"“'‘０-９Ａ-Ｚａ-ｚ])[０-９Ａ-Ｚａ-ｚ]+")
_MISREAD = re.compile(
    "Ã[\u0080-\u00bf]|â€[\u0080-\u00bf“”™˜œ¦]|Â[\u00a0-\u00bf]|ðŸ|[äåæçèé][\u0080-\u00bf¸º»¼½¾]{2}|ï¼"
)
ENTITY = re.compile(r"&amp;(?:amp|lt|gt|quot|nbsp|#[0-9]{1,5});|&(?:quot|nbsp|apos|#39|#x27);")
_ALPHABETS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC", "DEVANAGARI", "THAI", "COPTIC")
_WORD = re.compile(r"[^\W\d_]{2,}")


def letters_have_normal_width(pair: Pair) -> Iterator[str]:
    """Latin letters and digits have the width that English gives them, unless they are quoted."""
    found = dict.fromkeys(FULL_WIDTH.findall(prose_of(pair.target)))
    if found:
        yield f"full-width characters are left: {' '.join(found)}"


def no_text_is_misread(pair: Pair) -> Iterator[str]:
    """No `â€”` where a dash was: text that was read in the wrong encoding."""
    match = _MISREAD.search(pair.target)
    if match and match[0] not in pair.segment.text:
        yield f"“{match[0]}” was read in the wrong encoding"


def no_entity_is_left(pair: Pair) -> Iterator[str]:
    """No `&amp;amp;` and no `&quot;` that the source lacks: it would be printed."""
    for entity in dict.fromkeys(ENTITY.findall(prose_of(pair.target))):
        if entity not in pair.segment.text:
            yield f"{entity} would be printed as it is"


def words_keep_to_one_alphabet(pair: Pair) -> Iterator[str]:
    """No word of another alphabet, nor of two: a Cyrillic а looks like a Latin a."""
    prose = prose_of(pair.target)
    for word in dict.fromkeys(_WORD.findall("" if prose.isascii() else prose)):
        if not word.isascii() and word not in pair.segment.text:
            foreign = [sign for sign in word if unicodedata.name(sign, "").startswith(_ALPHABETS)]
            if foreign:
                yield f"{word} holds {unicodedata.name(foreign[0])}"
