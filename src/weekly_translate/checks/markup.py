"""Tags, code, addresses, HTML and layout: what a model has to hand back; what may not be stored."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.checks.registry import ERROR, WARNING, Stage, check, registered_checks
from weekly_translate.model import Kind
from weekly_translate.text.characters import (
    NAME,
    TAG,
    lazy_pattern,
    names_in,
    well_nested,
    without_tags,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.model import Pair


_LOOK_ALIKE = lazy_pattern(
    r"⟦[^⟦⟧]{0,20}⟧|(?:&lt;|[<＜]) ?/? ?(?P<name>[xyz]{0,3}[abidcm][0-9]{1,7}) ?/? ?(?:&gt;|[>＞])?"
)
_EMPTY = lazy_pattern(rf"<({NAME})>\s*</\1>")
_ADDRESS = lazy_pattern(
    r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s<>()\"'`]{0,300}|(?<![\w.])www\.[^\s<>()\"'`]{1,300}"
    r"|\b(?:(?:mailto|javascript|vbscript):|data:[a-z]{1,20}/)[^\s<>()\"'`]{1,300}"
    r"|(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,60}@[A-Za-z0-9-]{1,60}\.[A-Za-z]{2,20}"
    r"|(?<![\w.@/-])(?:[a-z0-9-]{1,60}\.){1,4}(?:com|org|net|io|dev|app|ai|cn|sh|co|me)/[^\s<>()]{1,200}",
    re.IGNORECASE,
)
_MAIL = lazy_pattern(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,60}@[A-Za-z0-9-]{1,60}\.[A-Za-z.]{2,20}")
"""One for another is `email.changed`."""
_LINK_SYNTAX = lazy_pattern(
    r"\]\([^()\n]{0,300}\)|\]\[[^\[\]\n]{0,300}\]|^ {0,3}\[[^\[\]\n]{1,300}\]:", re.MULTILINE
)
_HTML = lazy_pattern(
    r"<[A-Za-z/!?][^<>]{0,600}>|^ {0,3}</?[A-Za-z][A-Za-z0-9-]{0,30}(?=\s|$)|\{[{%#]", re.MULTILINE
)
_NAME = lazy_pattern(r"[A-Za-z][A-Za-z0-9_.+#-]*[A-Za-z0-9+#]|[0-9]+(?:\.[0-9]+)*")


@check("url.added", ERROR, Stage.ADDRESSES, explains=("num.added", "email.", "path.", "seg.line"))
def no_address_is_invented(pair: Pair) -> Iterator[str]:
    """A model writes no address: all of them come back from the source by tag."""
    seen = pair.segment.text.lower()
    addresses = [match[0].rstrip(".,;:!?") for match in _addresses(pair.target)]
    for address in dict.fromkeys(addresses):
        if address.lower() not in seen and not (_MAIL.fullmatch(address) and _MAIL.search(seen)):
            yield f"the address {address} is not in the source"
    for syntax in dict.fromkeys(_LINK_SYNTAX.findall(pair.target)):
        if syntax.lower() not in seen and not any(address in syntax for address in addresses):
            yield f"the link {syntax} is not in the source"


@check("tag.leak", ERROR, Stage.TAGS, explains=("num.added", "llm.entity"))
def no_tag_is_damaged(pair: Pair) -> Iterator[str]:
    """No look-alike of a tag (`< a1>`, `&lt;a1&gt;`, `⟦1⟧`) is left, for it would be printed."""
    known = {match[0] for match in _leaks(pair.segment.text)}
    for match in _leaks(pair.target):
        if match[0] not in known:
            yield f"{match[0]} is not a tag; it would be printed as it is"


@check("tag.missing", ERROR, Stage.TAGS)
def tags_survive(pair: Pair) -> Iterator[str]:
    """Each tag of the source stands somewhere in the translation."""
    there = _forms(pair.target).keys() | {match["name"] for match in _leaks(pair.target)}
    for name, form in _forms(pair.segment.text).items():
        if name not in there:
            yield f"the tag {_shown(name, form)} is missing"


@check("tag.extra", ERROR, Stage.TAGS)
def no_tag_is_invented(pair: Pair) -> Iterator[str]:
    """The translation holds no tag that the source lacks."""
    expected = _forms(pair.segment.text)
    for name, form in _forms(pair.target).items():
        if name not in expected:
            yield f"the tag {_shown(name, form)} is not in the source"


@check("tag.duplicate", ERROR, Stage.TAGS)
def tags_stand_once(pair: Pair) -> Iterator[str]:
    """No tag is used twice."""
    expected = _forms(pair.segment.text)
    for name, form in _forms(pair.target).items():
        if name in expected and max(form.values()) > 1 and form.keys() == expected[name].keys():
            yield f"the tag {_shown(name, form)} stands {max(form.values())} times"


@check("tag.orphan", ERROR, Stage.TAGS, explains=("tag.space",))
def tags_are_closed(pair: Pair) -> Iterator[str]:
    """Each opening tag has its closing one, and a tag that stands alone stays alone."""
    expected = _forms(pair.segment.text)
    for name, form in _forms(pair.target).items():
        if name in expected and form.keys() != expected[name].keys():
            written = " ".join(f"<{part}>" for part in form)
            yield f"the tag {_shown(name, expected[name])} is written {written}"


@check("tag.malformed", ERROR, Stage.TAGS, explains=("tag.space",))
def tags_are_nested(pair: Pair) -> Iterator[str]:
    """Tags do not overlap, and no closing tag comes first."""
    if well_nested(pair.target) or not well_nested(pair.segment.text):
        return
    if not any(any(check(pair)) for check in (tags_are_closed, tags_stand_once, no_tag_is_invented)):
        yield "the tags overlap: " + " ".join(f"<{name}>" for name in names_in(pair.target))


@check("tag.empty", ERROR, Stage.TAGS, explains=("tag.space",))
def labels_have_words(pair: Pair) -> Iterator[str]:
    """A pair of tags that has words between in the source has words between in the translation."""
    empty, others = (set(_EMPTY.findall(text)) for text in (pair.target, pair.segment.text))
    for name in sorted((empty - others) & _forms(pair.segment.text).keys()):
        yield f"nothing stands between <{name}> and </{name}>"


@check("seg.swapped", ERROR, Stage.TAGS)
def labels_stay_with_their_links(pair: Pair) -> Iterator[str]:
    """A name that the source links is not the label of another link: a swapped link is a wrong link."""
    expected, found = _names_in_labels(pair.segment.text), _names_in_labels(pair.target)
    for name, names in expected.items():
        for word in sorted(names - found.get(name, names)):
            others = [
                other for other in found if word in found[other] and word not in expected.get(other, ())
            ]
            if others:
                yield f"{word} is the label of <{name}> in the source and of <{others[0]}> in the translation"


@check("code.changed", ERROR, Stage.TAGS)
def code_is_unchanged(pair: Pair) -> Iterator[str]:
    """What stands between `<c1>` and `</c1>` is that of the source, byte for byte."""
    expected, found = _contents(pair.segment.text, "c"), _contents(pair.target, "c")
    for name, code in expected.items():
        if found.get(name, code) != code:
            yield f"the code `{code}` became `{found[name]}`"


@check("sec.raw-html", ERROR, Stage.TAGS, explains=("num.added",))
def no_html_is_invented(pair: Pair) -> Iterator[str]:
    """No HTML comes in, for that of the source is taken out before a model sees it, and no template mark.

    A site generator would run `{{ x }}` and `{% x %}`.
    """
    target = TAG.sub("", pair.target)
    for match in dict.fromkeys(_HTML.findall(target)):
        if match not in pair.segment.text and not _ADDRESS.match(match[1:]) and not _LOOK_ALIKE.match(match):
            yield f"{match} is {'a template mark' if match[0] == '{' else 'HTML'} that the source lacks"


@lru_cache(16)
def _forms(text: str) -> Mapping[str, Counter[str]]:
    """For each tag by name, how often each of its forms (`a1`, `/a1`, `a1/`) occurs."""
    forms: dict[str, Counter[str]] = {}
    for form in names_in(text):
        forms.setdefault(form.strip("/"), Counter())[form] += 1
    return forms


def _shown(name: str, form: Counter[str]) -> str:
    return f"<{name}/>" if f"{name}/" in form else f"<{name}>…</{name}>"


def _names_in_labels(text: str) -> dict[str, set[str]]:
    """The Latin names and figures in the label of each link, by the name of its tag."""
    return {name: set(_NAME.findall(TAG.sub("", label))) for name, label in labels_of(text).items()}


def labels_of(text: str) -> dict[str, str]:
    """The label of each link, by the name of its tag."""
    return _contents(text, "a")


def _contents(text: str, letter: str) -> dict[str, str]:
    """What stands between opening and closing tag of each link (`a`) or code span (`c`), by name."""
    pairs = rf"<([xyz]{{0,3}}{letter}\d{{1,7}})>([^<]*(?:<(?!/\1>)[^<]*)*)</\1>"
    return {match[1]: match[2] for match in re.finditer(pairs, text)}


def _addresses(text: str) -> Iterator[re.Match[str]]:
    """Most texts hold no sign that an address needs: they are not searched."""
    words = without_tags(text)
    signs = any(sign in words for sign in ":/@") or "www." in words.lower()
    return _ADDRESS.finditer(text if signs else "")


def _leaks(text: str) -> list[re.Match[str]]:
    return [match for match in _LOOK_ALIKE.finditer(text) if not TAG.fullmatch(match[0])]


# --------------------------------------------------------------------------- layout


@check("seg.edge-space", WARNING, Stage.LAYOUT)
def edges_are_kept(pair: Pair) -> Iterator[str]:
    """White space at the edges of a segment is layout: it is that of the source."""
    source, target = pair.segment.text, pair.target
    if pair.segment.kind is Kind.ALT:  # no reader sees it
        return
    if target.removesuffix(target.lstrip()) != source.removesuffix(source.lstrip()):
        yield "the white space at the beginning is not that of the source"
    if target.removeprefix(target.rstrip()) != source.removeprefix(source.rstrip()):
        yield "the white space at the end is not that of the source"


@check("seg.linebreaks", WARNING, Stage.LAYOUT)
def lines_are_kept(pair: Pair) -> Iterator[str]:
    """As many line breaks as in the source: a line is a segment, and a break inside one is meant."""
    source, target = pair.segment.text.strip().count("\n"), pair.target.strip().count("\n")
    if source != target:
        yield f"{target} line breaks for {source} of the source"


_NEVER = (
    *("tag.leak", "tag.missing", "tag.extra", "tag.duplicate", "tag.orphan", "tag.malformed", "tag.empty"),
    *("code.changed", "char.surrogate", "char.control", "char.bidi", "char.tag-smuggle"),
)
"""Everything else is a finding, and a person may know better."""


def why_not_stored(pair: Pair) -> str:
    """Why the target of a pair may not be stored, whoever wrote it; nothing where it may."""
    if not pair.target.strip():
        return "the text is empty"
    if pair.target.count("\n") > pair.segment.text.count("\n") or "\r" in pair.target:
        return "a line break would end the item: write it in as many lines as the source"
    asked = (check for check, rule in registered_checks().items() if rule.id in _NEVER)
    return "; ".join(message for check in asked for message in check(pair))
