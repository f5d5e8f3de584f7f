"""Whole documents: every link, image, heading and item of the source is there, and the file is sound."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter, defaultdict, deque
from difflib import get_close_matches
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks import bounds
from weekly_translate.checks.registry import ERROR, INFO, WARNING, FileRemark, file_check
from weekly_translate.model import Document, Feature, FeatureKind, Finding, MarkKind, Severity
from weekly_translate.text.characters import HAN, LINE_END, has_han, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    import yaml

_LONGEST_SHOWN = 120


class Ids(NamedTuple):
    """The name of a kind of feature in messages, and the ids of what can happen to it."""

    name: str
    missing: str
    added: str
    changed: str
    duplicate: str = ""


IDS = {
    FeatureKind.LINK: Ids("link", "url.missing", "url.added", "url.changed", "url.duplicate"),
    FeatureKind.IMAGE: Ids("image", "img.missing", "img.added", "url.changed"),
    FeatureKind.CODE: Ids("code", "code.missing", "code.added", "code.changed"),
    FeatureKind.HTML: Ids("HTML", "md.html", "md.html", "md.html"),
    FeatureKind.HEADING: Ids("heading", "md.heading-level", "md.heading-level", "md.heading-level"),
    FeatureKind.ITEM: Ids("item number", "md.item-number", "md.item-number", "md.item-number"),
    FeatureKind.TABLE: Ids("table", "md.table", "md.table", "md.table"),
    FeatureKind.DEFINITION: Ids("definition", "md.reflink", "md.refdef-added", "md.reflink"),
    FeatureKind.FOOTNOTE: Ids("footnote", "md.reflink", "md.refdef-added", "md.reflink"),
    FeatureKind.FORMULA: Ids("formula", "md.formula", "md.formula", "md.formula"),
    FeatureKind.SYNTAX: Ids("syntax", "md.syntax", "md.syntax", "md.syntax"),
}
_A = {FeatureKind.LINK: "a link", FeatureKind.IMAGE: "an image"}
"""Kinds that are looked for in other places too: a link under another title is a wrong link."""
_PARTS = (FeatureKind.HEADING, FeatureKind.ITEM)
_SITE = lazy_pattern(r"(https?://[^/?#]+)/", re.IGNORECASE)
"""The address of a whole site; the slash behind it says nothing (RFC 3986, 6.2.3)."""
_COMPARED = 200
"""So many characters of two addresses are compared."""
_WITHIN_REACH = 20
"""How many additions are compared with each loss: a bound for lines with a thousand links."""

FeatureKey = tuple[FeatureKind, str]


class FeatureGroup(NamedTuple):
    """What stands for one another: the features of an item or a line in both documents."""

    source: Sequence[Feature]
    target: Sequence[Feature]
    lines: tuple[int, int] | None = None
    """The lines at which all of it is told; without them, each where it stands."""


class Unmatched(NamedTuple):
    """Something that is on one side of a group only."""

    kind: FeatureKind
    value: str
    group: int
    source_line: int | None
    target_line: int | None

    @property
    def key(self) -> FeatureKey:
        """What it is, wherever it stands."""
        return self.kind, self.value


class FeatureDifferences(NamedTuple):
    """What the groups do not both hold, and how often each of the features is expected."""

    lost: list[Unmatched]
    added: list[Unmatched]
    expected: Counter[FeatureKey]


def document_findings(
    source: Document, target: Document, *, expected: Sequence[Feature] | None = None
) -> list[Finding]:
    """What the target lost, gained, changed or moved, with the lines on both sides.

    `expected` replaces the features of the source where an edition drops a block or rewrites an address.
    """
    groups = _groups(source.features if expected is None else expected, target.features)
    findings = [*feature_findings(differences(groups)), *_star_counts(source, target)]
    return sorted(findings, key=lambda finding: finding.source_line or finding.target_line or 0)


def _groups(expected: Sequence[Feature], found: Sequence[Feature]) -> Iterable[FeatureGroup]:
    """By headings and items where both have as many of them, else all as one."""
    here, there = _parts(expected), _parts(found)
    alike = [part[0].kind for part in here] == [part[0].kind for part in there]
    return map(FeatureGroup, here, there) if alike else [FeatureGroup(expected, found)]


def _parts(features: Sequence[Feature]) -> list[list[Feature]]:
    parts: list[list[Feature]] = []
    for feature in features:
        if feature.kind in _PARTS or not parts:
            parts.append([])
        parts[-1].append(feature)
    return parts


def differences(groups: Iterable[FeatureGroup]) -> FeatureDifferences:
    """What each group has on one side only."""
    found = FeatureDifferences([], [], Counter())
    for index, (source, target, lines) in enumerate(groups):
        here, there = (Counter(map(key_of, side)) for side in (source, target))
        for counts in (here, there):
            for key in counts:
                if _is_span(*key):  # it may be named again or not
                    counts[key] = 1
        first, other = lines or (source[0].line if source else None, target[0].line if target else None)
        for one in _surplus(source, here - there):
            found.lost.append(Unmatched(*key_of(one), index, first if lines else one.line, other))
        for one in _surplus(target, there - here):
            found.added.append(Unmatched(*key_of(one), index, first, other if lines else one.line))
        found.expected.update(here)
    return found


def _surplus(features: Sequence[Feature], counts: Counter[FeatureKey]) -> Iterator[Feature]:
    """Of equal features the first ones."""
    for feature in features if counts else ():
        if counts[key_of(feature)] > 0:
            counts[key_of(feature)] -= 1
            yield feature


def key_of(feature: Feature) -> FeatureKey:
    """By what a feature is known on the other side."""
    kind, value = feature.kind, feature.value
    if kind in _A:
        site = _SITE.fullmatch(value)
        value = site[1] if site else value.removeprefix("./")
    elif kind is FeatureKind.DEFINITION:
        value = _LABEL.sub("", value)  # a label may be translated: what the references lead to is compared
    elif _is_span(kind, value):
        value = f"`{value.strip('` ')}`"  # `a` and ``a`` are the same code
    return kind, value


_LABEL = lazy_pattern(r"\A\[(?:[^\]\\]|\\.)*+\]:\s*")


def _is_span(kind: FeatureKind, value: str) -> bool:
    """Whether a feature is code within a text."""
    return kind is FeatureKind.CODE and value[:1] == "`"


def feature_findings(found: FeatureDifferences) -> list[Finding]:
    """Each difference once: what became another kind, stands elsewhere, is damaged, missing or added."""
    lost, added, expected = found
    findings = [*_other_kinds(lost, added), *_elsewhere(lost, added), *_damaged(lost, added)]
    findings += [_finding_at(place, IDS[place.kind].missing, "is missing") for place in lost]
    return findings + [_added(place, expected) for place in added]


def _taken(
    lost: list[Unmatched], added: list[Unmatched], key: Callable[[Unmatched], Hashable]
) -> list[tuple[Unmatched, Unmatched]]:
    """What is lost and what is added with the same key, two by two, out of both lists; None is no key."""
    waiting: defaultdict[Hashable, deque[Unmatched]] = defaultdict(deque)
    for place in added:
        waiting[key(place)].append(place)
    waiting[None].clear()
    pairs = [(place, waiting[key(place)].popleft()) for place in lost if waiting[key(place)]]
    gone = {id(place) for pair in pairs for place in pair}
    for places in (lost, added):
        places[:] = [place for place in places if id(place) not in gone]
    return pairs


def _other_kinds(lost: list[Unmatched], added: list[Unmatched]) -> Iterator[Finding]:
    """An image that became a link, or a link that became an image, of the same address in the same group."""
    for place, other in _taken(lost, added, lambda one: (one.group, one.value) if one.kind in _A else None):
        yield _finding_at(place, IDS[place.kind].missing, f"became {_A[other.kind]}")


def _elsewhere(lost: list[Unmatched], added: list[Unmatched]) -> Iterator[Finding]:
    """Links and images that stand with another item; two that changed places are one finding."""
    moves = _taken(lost, added, lambda one: one.key if one.kind in _A else None)
    ways = {(one.kind, one.group, two.group) for one, two in moves}
    told: set[tuple[FeatureKind, int, int]] = set()
    for one, two in moves:
        way, back = (one.kind, one.group, two.group), (one.kind, two.group, one.group)
        if back in told:
            continue
        told.add(way)
        name = IDS[one.kind].name
        message = (
            f"the {name}s of lines {one.source_line} and {two.source_line} have changed places, "
            f"beginning with {_shown(one.value)}"
            if back in ways
            else f"the {name} {_shown(one.value)} of line {one.source_line} stands on the line "
            f"that translates line {two.source_line}"
        )
        check = "img.order" if one.kind is FeatureKind.IMAGE else "seg.swapped"
        yield Finding(check, Severity.ERROR, message, None, one.source_line, two.target_line)


def _damaged(lost: list[Unmatched], added: list[Unmatched]) -> Iterator[Finding]:
    """What is lost and added in one group and nearly the same, or alone there."""
    surplus: defaultdict[tuple[int, FeatureKind], list[str]] = defaultdict(list)
    for place in added:
        surplus[place.group, place.kind].append(place.value[:_COMPARED])
    near: dict[Unmatched, str] = {}
    for place in sorted(lost, key=lambda one: has_han(one.value)):
        others, value = surplus[place.group, place.kind], place.value[:_COMPARED]
        reached = others[:_WITHIN_REACH]
        close = get_close_matches(value, reached, 1, bounds.SAME_ADDRESS)
        if has_han(value):
            close += [other for other in reached if _severity(place, other) is Severity.INFO]
        if close:
            near[place] = close[0]
            others.remove(close[0])
    pairs = _taken(lost, added, lambda one: (one.group, one.kind, near.get(one, one.value[:_COMPARED])))
    here, there = (Counter((one.group, one.kind) for one in places) for places in (lost, added))
    alone = {key for key in here if here[key] == there[key] == 1}
    pairs += _taken(
        lost, added, lambda one: (one.group, one.kind) if (one.group, one.kind) in alone else None
    )
    yield from starmap(_changed, pairs)


def _changed(place: Unmatched, best: Unmatched) -> Finding:
    check, value, other = IDS[place.kind].changed, place.value, best.value
    severity = _severity(place, other)
    if place.kind is FeatureKind.CODE:
        value, other = _from_the_change(value, other)
        place = place._replace(value=value)
    if place.kind is FeatureKind.HEADING and value.partition(" ")[0] == other.partition(" ")[0]:
        check = "emoji.heading"
    what = "has other blanks" if value.split() == other.split() else f"became {_shown(other, value)}"
    found = _finding_at(place, check, what, other)
    return found._replace(severity=severity or found.severity)


def _from_the_change(code: str, other: str) -> tuple[str, str]:
    """Two blocks of code from the first line on in which more differs than the words of a comment."""
    lines, others = code.split("\n"), other.split("\n")
    pairs = enumerate(zip(lines, others, strict=False))
    first = next((at for at, (line, there) in pairs if not _is_kept(line, there)), 0)
    return "\n".join(lines[first:]), "\n".join(others[first:])


def _severity(place: Unmatched, other: str) -> Severity | None:
    """How grave it is that a feature became another one, where that depends on what it became."""
    value = place.value
    if place.kind is FeatureKind.CODE:
        return _code_severity(value, other)
    if place.kind in _A and _file_in(value, place.kind) == _file_in(other, place.kind):
        return Severity.WARNING
    is_translated = place.kind in _WITH_TEXTS and _untranslated(value).fullmatch(other)
    return Severity.INFO if is_translated else None


_WITH_TEXTS = (FeatureKind.HTML, FeatureKind.SYNTAX, FeatureKind.FOOTNOTE)
_BETWEEN_SIGNS = r"[^\"'`<>|\[\]{}=/]"
_CHINESE_TEXT = lazy_pattern(rf"(?<!{_BETWEEN_SIGNS}){_BETWEEN_SIGNS}*[{HAN}]{_BETWEEN_SIGNS}*")


def _untranslated(markup: str) -> re.Pattern[str]:
    """What a tag, a shortcode or a role looks like when the Chinese of its values has been translated."""
    parts = (re.escape(part) for part in _CHINESE_TEXT.split(markup))
    return re.compile(f"{_BETWEEN_SIGNS}+".join(parts))


def _file_in(address: str, kind: FeatureKind) -> str:
    """What stays of an address whose file lies elsewhere: in another folder or branch, or an image's copy.

    Of a file in the same repository any place, because headings are named by their words.
    """
    name = address.partition("#")[0].rpartition("/")[2]
    name = name.removesuffix(".md").removesuffix(".html")
    is_elsewhere = address.startswith("//") or _SCHEME.match(address)
    if name and (kind is FeatureKind.IMAGE or not is_elsewhere):
        return name
    return address.lstrip("./").rstrip("/").replace("/master/", "/main/")


_CHINESE = lazy_pattern(f"[{HAN}\\u3000-\\u303f\\uff00-\\uffef]")
_SAYS = lazy_pattern(r"(?:#|//|--|;|<!--|\A[ \t]*/?\*+)[ \t]|\A`(?=\W*\Z)")
"""What begins a comment, and a piece of code before which only signs stand."""
_COMMENT = lazy_pattern(r"(?:\A[ \t]*(?:--|;|\*|/\*+|\*/|<!--)|(?:\A|(?<=\s))(?:#|//))(?:\s.*)?\Z")
_GAP = lazy_pattern(r"(?<=\S)[ \t]+")
_BESIDE_A_BRACKET = lazy_pattern(r"(?<=[(){}\[\]])[ \t]+|[ \t]+(?=[(){}\[\]])")
_INDENTED = lazy_pattern(r":[ \t]*$", re.MULTILINE)
"""How a block begins where the indentation is part of the code: Python, YAML."""


def _code_severity(code: str, other: str) -> Severity:
    """An information where only Chinese became other words, or the blanks between columns differ.

    A warning where it takes more lines, or a name or a number in it is lost, or only comments, blanks beside
    a bracket or an indentation that means nothing differ.
    """
    lines, others = (_GAP.sub(" ", text.replace("│", "|")).split("\n") for text in (code, other))
    is_longer = len(others) > len(lines)
    if not _are_kept(lines, others) or (is_longer and not has_han(code)):
        bare, other_bare = (_bare(side, is_indented=bool(_INDENTED.search(code))) for side in (lines, others))
        same = len(bare) == len(other_bare) and _are_kept(bare, other_bare)
        return Severity.WARNING if same else Severity.ERROR
    here, there = ({*re.findall(r"[a-z_]+|[0-9]+", text.lower())} for text in (code, other))
    return Severity.WARNING if is_longer or here - there or has_han(other) else Severity.INFO


def _bare(lines: Iterable[str], *, is_indented: bool) -> list[str]:
    """The lines of code without comments and without blanks that mean nothing."""
    bare = (_COMMENT.sub("", _BESIDE_A_BRACKET.sub("", line)).rstrip() for line in lines)
    return [line if is_indented else line.lstrip() for line in bare if line.strip()]


def _are_kept(lines: Sequence[str], others: Iterable[str]) -> bool:
    """Whether lines of code stand among others in their order."""
    left = iter(others)
    return all(any(_is_kept(line, other) for other in left) for line in lines)


def _is_kept(line: str, other: str) -> bool:
    """Whether a line of code is the same but for what it says in Chinese."""
    chinese = _CHINESE.search(line)
    if chinese is None:
        return line.rstrip() == other.rstrip()
    before = line[: chinese.start()]
    says = _SAYS.search(before)
    return other.startswith(before[: says.end()] if says else before)


def _added(place: Unmatched, expected: Counter[FeatureKey]) -> Finding:
    ids = IDS[place.kind]
    if ids.duplicate and expected[place.key]:
        return _finding_at(place, ids.duplicate, "stands here once more than in the source")
    return _finding_at(place, ids.added, "is not in the source")


def _finding_at(place: Unmatched, check: str, what: str, beside: str = "") -> Finding:
    """A finding on both lines; `beside` is the value that stands there instead."""
    message = f"the {IDS[place.kind].name} {_shown(place.value, beside)} {what}"
    is_doubt = check == "code.added" or all(map(_is_unseen, filter(None, (place.value, beside))))
    severity = Severity.WARNING if is_doubt else Severity.ERROR
    return Finding(check, severity, message, None, place.source_line, place.target_line)


_UNSEEN = lazy_pattern(
    r"<br[\s/]*>\Z|</?(?:kbd|b|i|u|em|strong|small|mark|sub|sup|code)>\Z"
    r"|\{%-? *(?:assign|comment|endcomment|capture)\b|\{ *#"
)
"""Line breaks, how words look, variables, and the ids of headings."""
_COMMENTS = lazy_pattern(r"(?:\s*<!--(?!-?>)(?:(?!--!?>).)*+(?:-->|\Z))+\s*\Z", re.DOTALL)


def _is_unseen(value: str) -> bool:
    return bool(_UNSEEN.match(value)) or is_comment(value)


def is_comment(html: str) -> bool:
    """Whether HTML is nothing but comments, which no reader sees."""
    return bool(_COMMENTS.match(html))


def _shown(value: str, beside: str = "") -> str:
    """The value, not longer than a line; of a long one the part that differs from `beside`."""
    value, beside = " ".join(value.split()), " ".join(beside.split())
    if len(value) <= _LONGEST_SHOWN:
        return value
    start = next((i for i, pair in enumerate(zip(value, beside, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, min(start - 20, len(value) - _LONGEST_SHOWN))
    end = start + _LONGEST_SHOWN
    return "…" * bool(start) + value[start:end] + "…" * (end < len(value))


def _star_counts(source: Document, target: Document) -> Iterator[Finding]:
    """Star counts are rendered by rule and never pass a check of segments: each has to be in the text."""
    marks = [mark for mark in source.marks if mark.kind is MarkKind.STARS]
    expected = Counter(mark.value for mark in marks)
    for mark in marks:
        if target.text.count(mark.value) < expected[mark.value]:
            message = f"the star count {mark.value} of line {mark.line} is missing"
            yield Finding("num.missing", Severity.ERROR, message, source_line=mark.line)


# --------------------------------------------------------------------------- the file as text

_FENCE = lazy_pattern(
    r"^(?:[ >\t]|[-*+] |[0-9]{1,9}[.)] )*(?P<fence>`{3,}|~{3,})(?P<rest>[^\r\n]*)$", re.MULTILINE
)
_BROKEN_LINK = lazy_pattern(r"\](?:[ \t]{1,4}\(|[ \t]{0,4}（)(?:https?://|mailto:|/|#)")
_SCHEME = lazy_pattern(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_HARMLESS = frozenset(("http", "https", "mailto", "ftp", "tel", "irc", "xmpp", "matrix", "news"))
_FRONT_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE)
_LONGEST_FRONT_MATTER = 20_000


@file_check("fm.valid", ERROR)
def front_matter_can_be_read(source: Document, target: Document) -> Iterator[FileRemark]:
    """The front matter is YAML, where that holds for the source."""
    head = _front_matter(target)
    if head and _is_yaml(_front_matter(source)) and not _is_yaml(head):
        yield FileRemark("the front matter is no valid YAML", 1, 1)


def _front_matter(document: Document) -> str:
    """The lines between `---` and `---`."""
    end = document.front_matter_end
    return document.text[: min(end, _LONGEST_FRONT_MATTER)].strip().removeprefix("---").removesuffix("---")


def _is_yaml(text: str) -> bool:
    import yaml  # noqa: PLC0415 - most newsletters have no front matter

    try:
        yaml.compose(text, yaml.SafeLoader)  # what a value means is for its reader to say
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
        RecursionError,
    ):  # no character has the number FFFFFFFF
        return False
    return True


_FrontValues = dict[str, tuple[int, str]]


def front_matter_values(document: Document) -> _FrontValues | None:
    """Each value of the front matter with its line, by its place in it: `title`, `authors.2.name`.

    What cannot be read is given line by line, by the keys that its lines begin with.
    """
    if not document.front_matter_end:
        return None
    text = _front_matter(document)
    if not text.startswith("+++"):
        return _values_of_yaml(text) if _is_yaml(text) else _values_of_lines(text)
    toml = _toml_as_json(text)
    return _on_their_lines(_values_of_yaml(toml), text.split("\n")) if toml else _values_of_lines(text)


def _values_of_yaml(text: str) -> _FrontValues:
    """The values of a text that is YAML, JSON among it."""
    import yaml  # noqa: PLC0415 - most newsletters have no front matter

    root = yaml.compose(text, yaml.SafeLoader)
    return dict(_values_below(root, "", set())) if root else {}


def _values_below(node: yaml.Node, path: str, seen: set[int]) -> Iterator[tuple[str, tuple[int, str]]]:
    if isinstance(node.value, str) or not node.value:
        yield path.removeprefix("."), (node.start_mark.line + 1, str(node.value))
    elif id(node) in seen:  # an alias, which may be endless
        yield path.removeprefix("."), (node.start_mark.line + 1, "*")
    else:
        seen.add(id(node))
        for number, one in enumerate(node.value, 1):
            named, value = one if isinstance(one, tuple) else (None, one)
            key = named.value if named and isinstance(named.value, str) else number
            yield from _values_below(value, f"{path}.{key}", seen)


def _toml_as_json(text: str) -> str | None:
    """TOML as JSON, which is read as YAML; None for what is no TOML."""
    try:
        return json.dumps(tomllib.loads(text.strip("+")), default=str)
    except (ValueError, RecursionError):  # a number of 5000 digits is none of TOML's own errors
        return None


def _on_their_lines(values: _FrontValues, lines: Sequence[str]) -> _FrontValues:
    """The values each with the next line that begins with the last key of its path."""
    at = 0
    found = {}
    for path, (_, value) in values.items():
        key = next((part for part in reversed(path.split(".")) if not part.isdecimal()), "")
        below = (place for place in range(at, len(lines)) if lines[place].lstrip(" \t\"'").startswith(key))
        at = next(below, at)
        found[path] = at + 1, value
    return found


_FRONT_LINE = lazy_pattern(r"(?P<key>[\w.\"'-]+)[ \t]*[:=][ \t]*(?P<value>.*)")


def _values_of_lines(text: str) -> _FrontValues:
    """The values of the lines that begin with a key, each with the lines below it that begin with none."""
    found: dict[str, tuple[int, list[str]]] = {}
    often: Counter[str] = Counter()
    name = ""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip(" \t\r+")
        if match := _FRONT_LINE.match(bare):
            name = match["key"]
            often[name] += 1
            name = f"{name} {often[name]}" if often[name] > 1 else name
            found[name] = number, [match["value"].strip("\"'")]
        elif bare and bare[0] != "#":
            name = name or bare
            found.setdefault(name, (number, []))[1].append(bare)
    return {name: (number, " ".join(values)) for name, (number, values) in found.items()}


@file_check("fm.duplicate-key", WARNING)
def front_matter_keys_stand_once(source: Document, target: Document) -> Iterator[FileRemark]:
    """No key of the front matter is written twice, for the first of them is ignored."""
    here, there = (Counter(_FRONT_KEY.findall(_front_matter(document))) for document in (source, target))
    for key, count in there.items():
        if count > max(1, here[key]):
            yield FileRemark(f"the front matter has '{key}' {count} times", 1, 1)


@file_check("md.fence-balance", ERROR)
def fences_are_closed(source: Document, target: Document) -> Iterator[FileRemark]:
    """A code fence that opens is closed, where that holds for the source."""
    line = _unclosed_fence(target.text)
    if line and not _unclosed_fence(source.text):
        yield FileRemark("the code fence is never closed", target_line=line)


@file_check("md.fence-balance", WARNING)
def fences_of_the_source_are_closed(source: Document, target: Document) -> Iterator[FileRemark]:
    """A fence that is never closed swallows the rest of the source."""
    del target  # each check of texts is given both
    if line := _unclosed_fence(source.text):
        yield FileRemark("the code fence is never closed", source_line=line)


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


@file_check("md.link-syntax", ERROR)
def links_are_links(source: Document, target: Document) -> Iterator[FileRemark]:
    """No `] (` and no full-width bracket before an address: Markdown prints such a link as text."""
    known = len(_BROKEN_LINK.findall(source.text))
    for line, text in enumerate(target.text.split("\n"), 1):
        for _ in _BROKEN_LINK.finditer(text):
            known -= 1
            if known < 0:
                yield FileRemark("what looks like a link is none: its brackets do not meet", target_line=line)


@file_check("sec.scheme", WARNING)
def schemes_are_harmless(source: Document, target: Document) -> Iterator[FileRemark]:
    """No `javascript:` link, even if the source has it; one that only the target has is `url.added`."""
    known = {feature.value for feature in source.features if feature.kind is FeatureKind.LINK}
    for feature in target.features:
        scheme = _SCHEME.match(feature.value) if feature.kind is FeatureKind.LINK else None
        if scheme and scheme[1].lower() not in _HARMLESS and feature.value in known:
            yield FileRemark(f"a link with {scheme[0]} can run a program", target_line=feature.line)


@file_check("doc.eol", WARNING)
def line_ends_are_kept(source: Document, target: Document) -> Iterator[FileRemark]:
    """Lines end as in the source: all with LF, or all with CRLF."""
    here, there = (set(LINE_END.findall(document.text)) for document in (source, target))
    if len(here) == 1 and there and here != there:
        yield FileRemark("the lines do not end as in the source", 1, 1)


@file_check("doc.eof", INFO)
def file_end_is_kept(source: Document, target: Document) -> Iterator[FileRemark]:
    """The last line ends as in the source, with a line break or without one."""
    here, there = (document.text.endswith(("\n", "\r")) for document in (source, target))
    if here != there and source.text and target.text:
        last = (document.text.count("\n") + 1 for document in (source, target))
        yield FileRemark("the last line has no line break" if here else "a line break ends the file", *last)
