"""The files as texts: line ends, front matter, fences, and links that Markdown does not read as links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import yaml

from weekly_translate.checks.rule import ERROR, INFO, WARNING, Rule
from weekly_translate.model import FeatureKind, Finding
from weekly_translate.text.lines import LINE_END

if TYPE_CHECKING:
    from weekly_translate.model import Document

_FENCE = re.compile(
    r"^(?:[ >\t]|[-*+] |[0-9]{1,9}[.)] )*(?P<fence>`{3,}|~{3,})(?P<rest>[^\r\n]*)$", re.MULTILINE
)
_BROKEN_LINK = re.compile(r"\](?:[ \t]{1,4}\(|[ \t]{0,4}（)(?:https?://|mailto:|/|#)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_HARMLESS = frozenset(("http", "https", "mailto", "ftp", "tel", "irc", "xmpp", "matrix", "news"))
_LONGEST_FRONT_MATTER = 20_000


class Remark(NamedTuple):
    """What a check of texts has to say, and where."""

    message: str
    source_line: int | None = None
    target_line: int | None = None


TextCheck = Callable[["Document", "Document"], Iterator[Remark]]


def line_ends_are_kept(source: Document, target: Document) -> Iterator[Remark]:
    """Lines end as in the source: all with LF, or all with CRLF."""
    here, there = (set(LINE_END.findall(document.text)) for document in (source, target))
    if len(here) == 1 and there and here != there:
        yield Remark("the lines do not end as in the source", 1, 1)


def file_end_is_kept(source: Document, target: Document) -> Iterator[Remark]:
    """The last line ends as in the source, with a line break or without one."""
    here, there = (document.text.endswith(("\n", "\r")) for document in (source, target))
    if here != there and source.text and target.text:
        last = (document.text.count("\n") + 1 for document in (source, target))
        yield Remark("the last line has no line break" if here else "a line break ends the file", *last)


def front_matter_can_be_read(source: Document, target: Document) -> Iterator[Remark]:
    """The front matter is YAML, where that holds for the source."""
    if _is_yaml(_front_matter(source)) and not _is_yaml(_front_matter(target)):
        yield Remark("the front matter is no valid YAML", 1, 1)


def _front_matter(document: Document) -> str:
    """The lines between `---` and `---`."""
    end = document.front_matter_end
    return document.text[: min(end, _LONGEST_FRONT_MATTER)].strip().removeprefix("---").removesuffix("---")


def _is_yaml(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # a date such as 2024-13-40 is a ValueError
        return False
    return True


def front_matter_keys_stand_once(source: Document, target: Document) -> Iterator[Remark]:
    """No key of the front matter is written twice, for the first of them is ignored."""
    here, there = (Counter(_keys(document)) for document in (source, target))
    for key, count in there.items():
        if count > max(1, here[key]):
            yield Remark(f"the front matter has '{key}' {count} times", 1, 1)


def _keys(document: Document) -> list[str]:
    return re.findall(r"^([A-Za-z_][\w-]*)[ \t]*:", _front_matter(document), re.MULTILINE)


def fences_of_the_source_are_closed(source: Document, target: Document) -> Iterator[Remark]:
    """A fence that is never closed swallows the rest of the source."""
    del target  # each check of texts is given both
    if line := _unclosed_fence(source.text):
        yield Remark("the code fence is never closed", source_line=line)


def fences_are_closed(source: Document, target: Document) -> Iterator[Remark]:
    """A code fence that opens is closed, where that holds for the source."""
    line = _unclosed_fence(target.text)
    if line and not _unclosed_fence(source.text):
        yield Remark("the code fence is never closed", target_line=line)


def _unclosed_fence(text: str) -> int:
    """The line of a fence that has no end, or 0."""
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        fence, rest = match["fence"], match["rest"].strip()
        if opened is None:
            opened = match if "`" not in rest else None
        elif fence.startswith(opened["fence"]) and not rest:
            opened = None
    return text.count("\n", 0, opened.start("fence")) + 1 if opened else 0


def links_are_links(source: Document, target: Document) -> Iterator[Remark]:
    """No `] (` and no full-width bracket before an address: Markdown prints such a link as text."""
    known = len(_BROKEN_LINK.findall(source.text))
    for line, text in enumerate(target.text.split("\n"), 1):
        for _ in _BROKEN_LINK.finditer(text):
            known -= 1
            if known < 0:
                yield Remark("what looks like a link is none: its brackets do not meet", target_line=line)


def schemes_are_harmless(source: Document, target: Document) -> Iterator[Remark]:
    """No `javascript:` link, even if the source has it; one that only the target has is `url.added`."""
    known = {feature.value for feature in source.features if feature.kind is FeatureKind.LINK}
    for feature in target.features:
        scheme = _SCHEME.match(feature.value) if feature.kind is FeatureKind.LINK else None
        if scheme and scheme[1].lower() not in _HARMLESS and feature.value in known:
            yield Remark(f"a link with {scheme[0]} can run a program", target_line=feature.line)


TEXT_CHECKS: dict[TextCheck, Rule] = {
    front_matter_can_be_read: Rule("fm.valid", ERROR),
    front_matter_keys_stand_once: Rule("fm.duplicate-key", WARNING),
    fences_are_closed: Rule("md.fence-balance", ERROR),
    fences_of_the_source_are_closed: Rule("md.fence-balance", WARNING),
    links_are_links: Rule("md.link-syntax", ERROR),
    schemes_are_harmless: Rule("sec.scheme", WARNING),
    line_ends_are_kept: Rule("doc.eol", WARNING),
    file_end_is_kept: Rule("doc.eof", INFO),
}
"""The checks that look at whole files; like the table of segments, one line for each."""


def text_findings(source: Document, target: Document) -> list[Finding]:
    """What is wrong with the target as a file, whatever its segments say."""
    return [
        Finding(rule.id, rule.severity, message, None, source_line, target_line)
        for check, rule in TEXT_CHECKS.items()
        for message, source_line, target_line in check(source, target)
    ]
