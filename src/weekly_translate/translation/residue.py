"""Takes away what is no part of a translation: wrappings, commentary, JSON, invisible characters."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from weekly_translate.translation.wrapping import unwrapped

if TYPE_CHECKING:
    from weekly_translate.model import Segment

_INTRODUCTION = re.compile(
    r"(?:(?:sure|certainly|of course|okay)[!,.]?\s{0,2})?(?:here(?:['’]s| is| are)|below is|以下是)"
    r"[^\n]{0,80}[:：][ \t]*\n\s*"
    r"|(?:sure|certainly|of course)[!,.:]?[ \t]*\n\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:\*\*)?(?:english )?(?:translation|english|译文|翻译(?:结果|如下)?)(?:\*\*)?[:：](?:\*\*)?\s{0,3}",
    re.IGNORECASE,
)
_EPILOGUE = re.compile(
    r"\n[ \t]{0,8}"
    r"(?:\(?(?:translator['’]s )?note\b[^\n]{0,40}[:：]|(?:please )?let me know|i hope this|\(?译注|注[:：])",
    re.IGNORECASE,
)
_JSON_HEAD = re.compile(r"""\{?\s*"(?:en|[a-z]{1,3}\d{1,6})"\s*:\s*(?:\{\s*"en"\s*:\s*)?\"""")
_JSON_TAIL = re.compile(r'"[ \t\n]{0,8}\}[}\],\s]{0,8}\Z')
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_MARKUP_IN_FRONT = re.compile(r"\s{0,3}(?:#{1,6}|[-*+>]|\d{1,3}[.)])\s+(?=\S)")
_ID_ECHO = re.compile(r"\s{0,3}\[{0,2}s\d{3,5}\]{0,2}[:.]?\s+(?=\S)|\s+\[\[s\d{3,5}\]\]\s{0,3}\Z")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#39|#34|mdash|ndash|hellip);")
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]{0,16}[@-~]")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)


def without_wrapping(text: str, segment: Segment) -> str:
    """Without thoughts and without a code fence around the whole."""
    return unwrapped(text, segment.text)[0]


def without_json_residue(text: str, segment: Segment) -> str:
    """`done."},` ends with `done.`, and `{"en": "Text"}` is `Text`."""
    head, tail = _JSON_HEAD.match(text), _JSON_TAIL.search(text[-24:])
    if tail is None or "}" in segment.text:
        return text
    end = len(text) - len(tail[0])
    return text[head.end() if head and '"' not in segment.text else 0 : end]


def without_commentary(text: str, segment: Segment) -> str:
    """Without "Here is the translation:" before the text and a note from the translator behind it."""
    introduction = _INTRODUCTION.match(text)
    if introduction is None and not re.search(r"翻译|译文|译|英文|英语", segment.text):
        introduction = _LABEL.match(text)
    text = text[introduction.end() :] if introduction else text
    epilogue = None if "\n" in segment.text else _EPILOGUE.search(text)
    return text[: epilogue.start()].rstrip() if epilogue and epilogue.start() else text


def without_hidden_characters(text: str, segment: Segment) -> str:
    """Without control, zero-width, direction and tag characters that the source lacks."""
    text = _ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n"))
    return _HIDDEN.sub(lambda match: match[0] if match[0] in segment.text else "", text)


def without_markup_in_front(text: str, segment: Segment) -> str:
    """Without `## `, `- ` or `1. ` before the text, which the document has, and without an echoed id."""
    bare = text if re.match(r"\s*s\d|.*\[\[", segment.text) else _ID_ECHO.sub("", text)
    prefix = _MARKUP_IN_FRONT.match(bare)
    if prefix is None or segment.text.startswith(prefix[0].strip()):
        return bare
    return bare if _MARKUP_IN_FRONT.match(segment.text) else bare[prefix.end() :]


def without_entities(text: str, segment: Segment) -> str:
    """`R&amp;D` is `R&D`: in the source such an entity would be a tag."""
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" not in segment.text else text


def on_as_many_lines(text: str, segment: Segment) -> str:
    """A segment on one line has its translation on one line; a second paragraph is no part of it."""
    if "\n" in segment.text or _PARAGRAPHS.search(text.strip()):
        return text
    return " ".join(line.strip() for line in text.split("\n") if line.strip())
