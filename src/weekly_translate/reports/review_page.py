"""A review as one self-contained page. Nothing of a document ever becomes markup (SEC-06).

All that comes from outside stands in a JSON island, as escapes where HTML could read it, and the page's
script shows it as text. The policy allows just this page's own script and style, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.reports.review_data import data_of

if TYPE_CHECKING:
    from weekly_translate.reports.reviewed import Review

_HIDDEN = "\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f"
"""Controls, marks of direction, halves of characters: what a reader of the page's source would not see."""
_UNSEEN = re.compile(f"[\x00-\x1f{_HIDDEN}]")
_DANGEROUS = re.compile(f"[<>&{_HIDDEN}]")
"""What could end the element that the data stands in, or hide in it."""


class PageFiles(NamedTuple):
    """The files of the page: its frame with `$placeholders`, its style, its scripts."""

    frame: str
    style: str
    script: str
    served: str = ""
    """The script that talks to a server; the page without one lacks it."""


def review_page(review: Review, files: PageFiles, *, server: bool = False) -> str:
    """The page as HTML; with `server`, it sends its decisions to where it came from."""
    return Template(files.frame).substitute(
        title=as_html(f"{review.name} · review"),
        policy=as_html(page_policy(files, server=server)),
        mode="server" if server else "file",
        style=files.style,
        data=island(data_of(review)),
        script=_script(files, server=server),
    )


def page_policy(files: PageFiles, *, server: bool = False) -> str:
    """The Content-Security-Policy. An image is fetched when a person asks for it, and nothing else ever."""
    rules = (
        "default-src 'none'",
        f"script-src '{_hash(_script(files, server=server))}'",
        f"style-src '{_hash(files.style)}'",
        "img-src http: https: data:",
        *(("connect-src 'self'",) if server else ()),
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(rules)


def as_html(text: str) -> str:
    """Text as text, in an element or in a quoted attribute; what nobody would see is left out."""
    return html.escape(_UNSEEN.sub("", text))


def island(data: object) -> str:
    """JSON that can stand in a script element: no character of it can end that, or hide."""
    return _DANGEROUS.sub(_escape, json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _escape(match: re.Match[str]) -> str:
    return "".join(f"\\u{ord(unit):04x}" for unit in _in_utf16(match[0]))


def _in_utf16(character: str) -> str:
    """One character, or the two halves of one beyond U+FFFF."""
    code = ord(character) - 0x10000
    return character if code < 0 else chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def _script(files: PageFiles, *, server: bool) -> str:
    return files.served + files.script if server else files.script


def _hash(text: str) -> str:
    """As a policy names a script or style; browsers hash the text with its line ends as they read them."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
