"""The words of a link's slug: often the original English title."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_WORDS, _LETTERS = 3, 10
"""A slug with fewer says too little: `gc_go_py`."""
_SUFFIX = re.compile(r"\.(?:html?|md|php|aspx?|ipynb|pdf)$", re.IGNORECASE)
_SYLLABLE = re.compile(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:ia[on]|iang|iong|uang|ang|eng|ing|ong|uai|uan|ian|iao|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|[aeiouv])"
)


def hint_of(url: str) -> str:
    """The slug as lower-case words, or nothing: too short, a number, a hash, pinyin."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ""
    slug = _SUFFIX.sub("", path.rstrip("/").rpartition("/")[2]).lower()
    words = [word for word in re.split(r"[-_+\s]+", slug) if word]
    letters = [word for word in words if word.isascii() and word.isalpha()]
    if not slug.isascii() or len(letters) < _WORDS or sum(map(len, letters)) < _LETTERS:
        return ""
    if any(_is_hash(word) for word in words):
        return ""
    if all(_SYLLABLE.fullmatch(word) for word in letters):
        return ""
    return " ".join(words)


def _is_hash(word: str) -> bool:
    """Hexadecimal or base-36 of eight characters and more: digits among letters."""
    return len(word) > 7 and any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
