"""What models write that is no translation: prefaces, refusals, thoughts, loops, hidden signs, the prompt.

`llm.injection` of the catalogue has no check of its own. A text that obeys the document shows in its
length, its numbers, its addresses and its tags, and those are checked; phrases prove nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from itertools import islice
from json import loads
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.registry import (
    ERROR,
    NO_TRANSLATION,
    OTHER_WORDS,
    WARNING,
    FileRemark,
    Known,
    Stage,
    check,
    doubt,
    file_check,
)
from weekly_translate.checks.tagged_text import as_read
from weekly_translate.model import Severity
from weekly_translate.text.characters import (
    EMOJI,
    HAN,
    IN_ASCII,
    TAG,
    lazy_pattern,
    prose_of,
    shortened,
    with_replaced,
    without_emoji,
    without_tags,
)
from weekly_translate.text.dictionary import data_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from weekly_translate.checks.registry import Check, FileCheck
    from weekly_translate.model import Document, Pair

_COMMENT = lazy_pattern(
    r"(?:^|\n|[(\[])[ \t]*(?:translator(?:'s|s)? note|translation note|t/n|tl note)\b"
    r"|(?:\n[ \t]*|[(\[])(?:note|explanation|or|alternatively|translator|todo)\s*:",
    re.IGNORECASE,
)
_COMMENT_OF_SOURCE = lazy_pattern(
    r"译注|译者|备注|(?<![关专备])注[:：]|请注意|(?:注意|说明|提示)[:：,，]|\bnotes?\b", re.IGNORECASE
)
_BRACKETS = lazy_pattern(r"[(（\[【〔]")
_LAST_REMARK = lazy_pattern(r"[.!?][\"”]?\s+([(\[{](?!in )[A-Za-z][^()\[\]{}]* [^()\[\]{}]*[)\]}])\s*\Z")
"""Of two words and more, behind the last sentence."""
_MOST_SIGNS = 5
_MOST_KEPT = 100
"""Each is looked for in the whole target: what a segment has more of is not looked at."""
_GRAM = 8


class Sign(NamedTuple):
    """What a translation holds only if its source does."""

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    """What excuses it in the source; otherwise only the same text does."""
    form: str
    """In which form of the text it is looked for: see `_READ`."""
    instead: Callable[[str], str]
    """What a repair puts in its place."""

    @property
    def has_code(self) -> bool:
        """Whether code belongs to what is found: a preface may name some, and a tag may be one of code."""
        return self.form in ("whole", "tags")

    def found(self, target: str, source: str) -> list[re.Match[str]]:
        """Where its check finds it in a text that translates this source."""
        return self._surplus(_READ[self.form][0](target), source)

    def _surplus(self, text: str, source: str) -> list[re.Match[str]]:
        if self.unless and self.unless.search(without_tags(source)):
            return []
        known: Collection[str] = _READ[self.form][1](source)
        if self.form == "tags":
            known = {match[0] for match in self.pattern.finditer(source)}
        # An emoji is the same without the selector of its colored form.
        strange = (one for one in self.pattern.finditer(text) if one[0].replace("\ufe0f", "") not in known)
        return list(self.pattern.finditer(text) if self.unless else strange)

    def repaired(self, text: str, source: str) -> str:
        """The text with something else in its place."""
        found = self._surplus(text, source)
        return with_replaced(text, ((*match.span(), self.instead(match[0])) for match in found))


def _from_json(escapes: str) -> str:
    """A space for what does not print, such as a line break."""
    return "".join(sign if sign.isprintable() else " " for sign in loads(f'"{escapes}"'))


_ON_AND_ON = lazy_pattern(r"\b(\w+) (\w+)(?: \1 \2)+ \1\b", re.IGNORECASE)
_READ: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "whole": (str, str),
    "tags": (str, str),
    "prose": (prose_of, str),
    "reading": (as_read, as_read),
    "reading in ASCII": (as_read, lambda source: as_read(source).translate(IN_ASCII)),
    "apart": (lambda text: _ON_AND_ON.sub("·", TAG.sub(" · ", text)), str),
}
"""In which form a sign is looked for, and the source that may hold it."""
REPAIRED: list[Sign] = []
"""What a rule takes away from every answer."""
FIXED: dict[str, list[Sign]] = {}
"""By the id of its check, what a rule takes away where that check complains."""
_INSTEAD: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "JSON": _from_json,
    "HTML": lambda entity: unescape(unescape(entity)),
    "one": lambda marks: marks[0],
    "unspaced": lambda words: words.replace(" ", ""),
    "unticked": lambda words: words.replace("`", ""),
    "spaced": lambda words: f"{words} ",
    "outside": lambda tag: f"{tag.strip()} " if "/" in tag else f" {tag.strip()}",
    "single-spaced": lambda words: re.sub(" {2,}", " ", words),
}


def _register(row: dict[str, str]) -> None:
    """The checks of a block of `signs.txt`, and what a rule does about it."""
    sign = None
    if "found" in row:
        pattern = lazy_pattern(row["found"].replace("{EMOJI}", EMOJI).replace("{HAN}", HAN))
        unless = lazy_pattern(row["unless"]) if "unless" in row else None
        repair = row.get("repaired") or row.get("fixed", "")
        sign = Sign(pattern, unless, row.get("in", "whole"), _INSTEAD[repair or "nothing"])
        if "repaired" in row:
            REPAIRED.append(sign)
        if "id" in row and repair:
            FIXED.setdefault(row["id"], []).append(sign)
    if "says" not in row:
        return
    groups = {"NO_TRANSLATION": NO_TRANSLATION, "OTHER_WORDS": OTHER_WORDS}
    explains = (one for word in row.get("explains", "").split() for one in groups.get(word, (word,)))
    rule = doubt if row["counts"] == "doubt" else check
    severity = WARNING if rule is doubt else Severity(row["counts"])
    in_titles = Severity(row["titles"]) if "titles" in row else None
    function = _added(sign, row) if sign else _lost(row)
    function.__doc__ = row["demand"]
    rule(row["id"], severity, Stage[row["stage"]], in_titles=in_titles, explains=tuple(explains))(function)
    if "copied" in row:
        of_files = _copied(row)
        of_files.__doc__ = row["copied"]
        file_check(row["id"], WARNING)(of_files)


def _added(sign: Sign, row: dict[str, str]) -> Check:
    def nothing_is_added(pair: Pair) -> Iterator[str]:
        new = list(dict.fromkeys(match[0] for match in sign.found(pair.target, pair.segment.text)))
        if new:
            signs = dict.fromkeys(one for one in "".join(new) if not (one.isascii() and one.isprintable()))
            names = (f"U+{ord(one):04X} {unicodedata.name(one, '')}".strip() for one in signs)
            codes = ", ".join(islice(names, _MOST_SIGNS))
            yield row["says"].format(found=shortened(" ".join(map(str.strip, new))), codes=codes)

    return nothing_is_added


def _lost(row: dict[str, str]) -> Check:
    pattern = lazy_pattern(row["kept"])

    def nothing_is_lost(pair: Pair) -> Iterator[str]:
        target = without_tags(pair.target).replace("\\", "")
        found = dict.fromkeys(pattern.findall(prose_of(pair.segment.text).replace("\\", "")))
        for one in islice(found, _MOST_KEPT):
            kept = re.escape(one).replace(r"\(", r" ?\(")  # Claude(Anthropic) is no call: English has a blank
            if not re.search(rf"(?<![0-9])(?<![0-9]\.){kept}(?!\w)", target):
                yield row["says"].format(found=one)

    return nothing_is_lost


def _copied(row: dict[str, str]) -> FileCheck:
    pattern, name = lazy_pattern(row["found"]), row["says"].partition(" that ")[0]

    def nothing_is_copied(source: Document, target: Document) -> Iterator[FileRemark]:
        bare = without_emoji(source.text).replace("\r", " ")
        found = [match for match in pattern.finditer(bare) if match[0] in target.text]
        if found:
            line = bare.count("\n", 0, found[0].start()) + 1
            others = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
            yield FileRemark(f"the {name} U+{ord(found[0][0][0]):04X}{others} of the source is copied", line)

    return nothing_is_copied


for _block in re.split("\\n(?=id: |repairs: )", "\n".join(data_lines(__file__, "signs.txt"))):
    _register(dict(line.split(": ", 1) for line in _block.split("\n")))


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
    elif not here and (remark := _LAST_REMARK.search(prose_of(pair.target))):
        words = re.findall(r"\w{4}", remark[0].lower())
        if not any(word in source.lower() for word in words):
            yield f"the remark “{remark[1]}” does not belong to the translation"
