"""What counts as Chinese, and the full-width characters that English does without."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HAN = "々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Ideographs, for use inside a character class."""
KANA_HANGUL = "\u3041-\u3096\u30a1-\u30fa\u30fc\uac00-\ud7a3"
"""The other East Asian letters, for use inside a character class."""

CHINESE_PUNCTUATION = "，。；：！？、（）【】《》〈〉「」『』〔〕～…"
"""Marks that do not belong in English text. The ellipsis only counts doubled (`……`)."""

IN_ASCII = str.maketrans(
    {
        "，": ",",
        "。": ".",
        "；": ";",
        "：": ":",
        "！": "!",
        "？": "?",
        "、": ",",
        "（": "(",
        "）": ")",
        "【": "[",
        "】": "]",
        "《": '"',
        "》": '"',
        "〈": '"',
        "〉": '"',
        "「": '"',
        "」": '"',
        "『": '"',
        "』": '"',
        "〔": "(",
        "〕": ")",
        "～": "~",
        "％": "%",
        "\u3000": " ",
    }
)
"""For `str.translate`: a full-width mark and the mark that English uses in its place."""

_HAN = re.compile(f"[{HAN}]")


def has_han(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return not text.isascii() and _HAN.search(text) is not None


@lru_cache(16)
def han_count(text: str) -> int:
    """How many Chinese characters the text holds."""
    return len(_HAN.findall(text))


def in_half_width(text: str) -> str:
    """Full-width letters, digits and signs in ASCII; each character stays where it was.

    Only U+FF01..U+FF5E and the ideographic space change, so that offsets stay true.
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)


_HALF_WIDTH = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " "
}
