"""A translation that satisfies strict checks: tags, code, names, numbers and terms stay, Chinese goes.

Chinese words become words of no language, always the same for the same segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.text.characters import HAN, Token, in_half_width, tokens_of, without_tags
from weekly_translate.text.chinese_numbers import chinese_quantities, in_english

if TYPE_CHECKING:
    from weekly_translate.text.numbers import Quantity

Terms = Mapping[str, str]


class Atom(NamedTuple):
    """A piece of the translation and whether a space may stand on either side of it."""

    text: str
    before: bool = True
    after: bool = True
    made_up: bool = False


MARKS = {
    "，": Atom(",", before=False),
    "、": Atom(",", before=False),
    "。": Atom(".", before=False),
    "；": Atom(";", before=False),
    "：": Atom(":", before=False),
    "！": Atom("!", before=False),
    "？": Atom("?", before=False),
    "……": Atom("...", before=False),
    "…": Atom("...", before=False),
    "——": Atom("-"),
    "～": Atom("-", before=False, after=False),
    "·": Atom(" ", before=False, after=False),
    **dict.fromkeys("（〔", Atom("(", after=False)),
    **dict.fromkeys("）〕", Atom(")", before=False)),
    **dict.fromkeys("【", Atom("[", after=False)),
    **dict.fromkeys("】", Atom("]", before=False)),
    **dict.fromkeys("《〈「『“‘", Atom('"', after=False)),
    **dict.fromkeys("》〉」』”’", Atom('"', before=False)),
}
_MARK = "|".join(sorted(map(re.escape, MARKS), key=len, reverse=True))
_PIECE = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<mark>{_MARK})|(?P<line>\n)|(?P<space>\s+)|(?P<kept>(?:(?!{_MARK})[^{HAN}\s])+)"
)
_CONSONANTS, _VOWELS = "bdgklmptv", "aeiou"
"""Too few letters for `nine`, `zero`, `June`, `Sure` or `Here is` to come about."""


def translated(text: str, terms: Terms | None = None) -> str:
    """Tagged Chinese in pseudo-English."""
    atoms = list(_atoms(tokens_of(text.strip()), terms or {}))
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    return text[:start] + _joined(_capitalized(atoms)) + (text[end:] if text.strip() else "")


def with_tags_of(source: str, plain: str, terms: Terms | None = None) -> str:
    """The plain translation with the tags of the source put in, no word changed."""
    whole = translated(source, terms)
    if without_tags(whole) == plain:
        return whole
    words = plain.split(" ")
    opening = [token for token in tokens_of(source) if token.name and not token.closes]
    for number, token in enumerate(opening):
        place = min(number, len(words) - 1)
        word = words[place]
        words[place] = word + token.text if token.alone else f"{token.text}{word}</{token.name}>"
    return " ".join(words)


def _atoms(tokens: Iterable[Token], terms: Terms) -> Iterator[Atom]:
    code = ""
    words = 0
    for token in tokens:
        if code and token.name != code:
            yield Atom(token.text, before=False, after=False)
        elif token.name:
            code = token.name if not code and not token.alone and re.search(r"c\d", token.name) else ""
            yield Atom(token.text, before=not token.closes, after=token.closes or token.alone)
        else:
            for atom in _atoms_of_text(token.text, terms, words):
                words += atom.made_up
                yield atom


def _atoms_of_text(text: str, terms: Terms, words: int) -> Iterator[Atom]:
    """Terms and numbers first; what lies between them piece by piece."""
    position = 0
    for start, end, english in [*_settled(text, terms), (len(text), len(text), "")]:
        for piece in _PIECE.finditer(text, position, end if english == "" else start):
            for atom in _atoms_of_piece(piece, words):
                words += atom.made_up
                yield atom
        if english:
            yield Atom(english)
        position = end


def _settled(text: str, terms: Terms) -> list[tuple[int, int, str]]:
    """Where terms and Chinese numbers stand, and what they are in English."""
    spans: list[tuple[int, int, str]] = []
    for source in sorted(terms, key=len, reverse=True):
        letters = "[A-Za-z0-9]" if source.isascii() else "(?!)"
        guarded = rf"(?<!{letters}){re.escape(source)}(?!{letters})"
        for match in re.finditer(guarded, text, re.IGNORECASE):
            if _free(match.span(), spans):
                spans.append((*match.span(), terms[source]))
    found: dict[tuple[int, int], list[str]] = {}
    for quantity in chinese_quantities(text):
        chinese = not quantity.text.isascii() or "w" in quantity.text
        if quantity.demanded and chinese:
            found.setdefault(quantity.span, []).append(_number(quantity))
    for span, numbers in found.items():
        if _free(span, spans):
            spans.append((*span, " of ".join(numbers)))  # two in one: 8 个里有 3 个
    return sorted(spans)


def _number(quantity: Quantity) -> str:
    """`more by 10x` in the middle of other words is a row of words."""
    if not quantity.about.endswith(" by"):
        return in_english(quantity)
    return f"{in_english(quantity._replace(about=''))} {quantity.about.removesuffix(' by')}"


def _free(span: tuple[int, int], taken: list[tuple[int, int, str]]) -> bool:
    return all(span[1] <= start or end <= span[0] for start, end, _ in taken)


def _atoms_of_piece(piece: re.Match[str], words: int) -> Iterator[Atom]:
    match piece.lastgroup:
        case "han":
            for offset in range(0, len(piece[0]), 2):
                yield Atom(_word(piece[0][offset : offset + 2], words + offset), made_up=True)
        case "mark":
            yield MARKS[piece[0]]
        case "line":
            yield Atom("\n", before=False, after=False)
        case "kept":
            text = in_half_width(piece[0])
            yield Atom(text, before=bool(text.strip(",.;:!?)]}%")), after=text[-1] not in "([{#@$")


def _word(chinese: str, number: int) -> str:
    """A syllable for each character, which makes the text about as long as English is.

    The number keeps a repeated word from looking like a loop.
    """
    codes = [ord(char) * 7 + number * 13 for char in chinese]
    return "".join(_CONSONANTS[c % 9] + _VOWELS[c // 9 % 5] + _CONSONANTS[c // 45 % 9] for c in codes)


def _capitalized(atoms: list[Atom]) -> Iterator[Atom]:
    starts = True
    for atom in atoms:
        yield atom._replace(text=atom.text.capitalize()) if starts and atom.made_up else atom
        if atom.text in {".", "!", "?"}:
            starts = True
        elif atom.text not in {'"', "("} and not atom.text.startswith("<"):
            starts = False


def _joined(atoms: Iterable[Atom]) -> str:
    text, open_for_space = "", False
    for atom in atoms:
        text += f" {atom.text}" if open_for_space and atom.before else atom.text
        open_for_space = atom.after
    return text
