"""Which text translates which, in the tags of its source; and what a memory may learn from it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.bounds import FEWEST_ADDRESSES, SHARED_ADDRESSES
from weekly_translate.checks.markup import why_not_stored
from weekly_translate.checks.registry import findings_of, settled
from weekly_translate.checks.tagged_text import as_read, complete, placed
from weekly_translate.compare.align import aligned
from weekly_translate.compare.document_lines import EMPHASIS, peeled, without_item
from weekly_translate.edition.rewriting import ADDRESSED
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import PLACED, FeatureKind, Pair, Segment, Severity, Tag, TagKind
from weekly_translate.text.characters import TAG, lazy_pattern, prose_of, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Match
    from weekly_translate.compare.ignores import Allowances
    from weekly_translate.compare.style import PreparedPair
    from weekly_translate.model import Finding, Settlement


def texts_of(match: Match, allowed: Allowances) -> Iterator[MatchedText]:
    """The texts of lines that stand for one another, in the tags of the source.

    The target has lost the number of the item and the marks at the end.
    """
    item = match.source.item
    for here, there in _segments_of(match):
        source = _LocatedSegment(here, match.source.document)
        result = _retagged(source, _LocatedSegment(there, match.target.document), allowed.address)
        target = peeled(result.target).text.strip()
        bare = without_item(target, item)
        if without_item(here.text, item) == here.text:
            yield replace(result, target=bare)
        elif bare == target and match.target.item:  # `1.Start` without a space is text, `1. Start` an item
            yield replace(result, source=without_item(result.source, item), target=target)
        else:
            yield replace(result, target=target)


def _segments_of(match: Match) -> Iterator[tuple[Segment, Segment]]:
    """The segments two by two; as many as there are on one side only are read as one."""
    here, there = match.source.segments, match.target.segments
    if len(here) == len(there) and not match.is_joined:
        yield from zip(here, there, strict=True)
    elif here and there:
        yield _joined(here), _joined(there)
    targets = dict(alt_texts(match.target))
    for key, segment in alt_texts(match.source):
        if key in targets and not names_its_file(key, targets[key]):
            yield segment, targets[key]


def _joined(segments: Sequence[Segment]) -> Segment:
    text = " ".join(as_read(segment.text) for segment in segments)
    return segments[0]._replace(text=text, tags=())


def names_its_file(key: str, segment: Segment) -> bool:
    """Whether an alt text says how the file is called, and not what the image shows."""
    name = key.rpartition("/")[2]
    return "." in name and name in segment.text


_ALT = lazy_pattern(r"\balt\s*=\s*[\"']\Z", re.IGNORECASE)
_LONGEST_ALT = 20
_TO_ADDRESS, _TO_TITLE = lazy_pattern(r"\]\(\s*<?"), lazy_pattern(r">?\s+[\"'(]")


def alt_texts(line: DocumentLine) -> Iterator[tuple[str, Segment]]:
    """Alt texts and link titles, each with the address beside it."""
    keys: dict[int, str] = {}
    for one in line.features:
        if one.kind in ADDRESSED and one.span is not None:
            keys[one.span.start] = f"alt {one.value}"
            if match := _TO_TITLE.match(line.document, one.span.end):
                keys[match.end()] = f"title {one.value}"
    for segment in line.inner:
        match = _TO_ADDRESS.match(line.document, segment.span.end)
        at = match.end() if match and not segment.quotes else segment.span.start
        if tag := _in_tag(line, segment):
            at = next((start for start in keys if start in tag), at)
        if at in keys and segment.text:
            yield keys[at], segment


def _in_tag(line: DocumentLine, segment: Segment) -> range | None:
    """Where the HTML tag stands of which a text is the `alt`."""
    text, (start, end) = line.document, segment.span
    is_alt = segment.quotes.startswith("<") and _ALT.search(text, max(0, start - _LONGEST_ALT), start)
    return range(text.rfind("<", 0, start), text.find(">", end)) if is_alt else None


# --------------------------------------------------------------------------- the same bytes get the same name

_TITLE = lazy_pattern(r"\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\))\s*\Z")
_AS_WRITTEN = lazy_pattern(r"(?!\$|.*://)(?:(?!.*[^\W\d_]{2}).*|<?[\w.+-]+@[\w.-]+>?)", re.DOTALL)
"""An emoji, an entity or an e-mail address: no other address, no HTML and no formula."""
_TO_MAIL = lazy_pattern(r"\A\[([^]]*@[^]]*)\]\(mailto:[^()]*\)\Z")
_IN_A_WORD = lazy_pattern(
    r"(?<![A-Za-z0-9_])(?P<before>[A-Za-z0-9_]+)<(?P<tag>i[0-9]+)>(?P<inner>[A-Za-z0-9_]+)</(?P=tag)>"
    r"(?P<after>[A-Za-z0-9_]+)"
)
_SET_APART = {TagKind.STRONG: "【「『“", TagKind.EMPHASIS: "《「『“", TagKind.STRIKE: ""}
"""What Chinese writes where English sets a label in bold, the title of a book in italics."""

_Key = tuple[TagKind, str]
Emphasis = tuple[TagKind, str]
"""How words are set, and the words; nothing where others are set so, too, and it may be those."""


class _LocatedSegment(NamedTuple):
    """A segment and the text of the document in which its tags point."""

    segment: Segment
    document: str


@dataclass(frozen=True, slots=True)
class MatchedText:
    """Two segments; their texts without the tags that the other side lacks, in one alphabet."""

    segment: Segment
    other: Segment
    source: str
    target: str
    complete: bool
    """Whether no tag was dropped, so that the target is what a model would have answered.

    Two tags of the target may be dropped: a link around the whole text, behind which its note may stand, and
    emphasis that the source lacks.
    """
    lost: tuple[Emphasis, ...] = ()
    """What the target lacks."""
    added: tuple[Emphasis, ...] = ()


def _retagged(source: _LocatedSegment, target: _LocatedSegment, rewrite: Callable[[str], str]) -> MatchedText:
    """Name the target's tags by the source's; `rewrite` tells where an address of the source has moved to."""
    segment = source.segment
    source = _restored(source, target)
    here = {tag.name: _key(tag, source, rewrite) for tag in source.segment.tags}
    there = {tag.name: _key(tag, target, str) for tag in target.segment.tags}
    names = _same(_with_words(target, there), _with_words(source, here))
    known = {*names.values()}
    by_order = _same(_without(there, names), _without(here, known))
    unsure = {here[name][0] for name in by_order.values()}
    names |= by_order
    complete = len(names) == len(here)
    # Code, images and formulas that only one side has are, in order, the same tag with something else in it.
    changed = _same(_things(target, names), _things(source, {*names.values()}))
    names |= changed
    kept = {name: name for name in names.values()}
    added = [tag for tag in target.segment.tags if tag.name not in names]
    left = [there[tag.name] for tag in added if tag.kind not in EMPHASIS]
    emphasis = list(_emphasis(target, added, unsure))
    counts = Counter(kind for kind, _ in emphasis)
    excused = {
        kind for kind, marks in _SET_APART.items() if counts[kind] <= sum(map(segment.text.count, marks))
    }
    return MatchedText(
        segment,
        target.segment,
        _renamed(source, kept),
        _with_code_of(source, _renamed(target, names), changed.values()),
        complete=complete and left in ([], [(TagKind.LINK, rewrite(source.segment.link))]),
        lost=tuple(_emphasis(source, (tag for tag in source.segment.tags if tag.name not in kept), unsure)),
        added=tuple(one for one in emphasis if one[0] not in excused),
    )


def _with_words(piece: _LocatedSegment, keys: Mapping[str, _Key]) -> dict[str, object]:
    """The keys, those of emphasis with the words, for both sides may have the same."""
    text = piece.segment.text
    return {
        name: (key, TAG.sub("", _inside(name, text)).casefold()) if key[0] in EMPHASIS else key
        for name, key in keys.items()
    }


def _without(keys: Mapping[str, _Key], names: Container[str]) -> dict[str, _Key]:
    return {name: key for name, key in keys.items() if name not in names}


def _same(there: Mapping[str, object], here: Mapping[str, object]) -> dict[str, str]:
    """The names there, each with the one here that has the same key, in order."""
    waiting: defaultdict[object, deque[str]] = defaultdict(deque)
    for name, key in here.items():
        waiting[key].append(name)
    return {name: waiting[key].popleft() for name, key in there.items() if waiting[key]}


def _things(piece: _LocatedSegment, but: Container[str]) -> dict[str, TagKind]:
    """The kinds of the tags whose bytes are compared elsewhere, by their names."""
    return {
        tag.name: tag.kind
        for tag in piece.segment.tags
        if (tag.closing is None or tag.kind is TagKind.CODE) and tag.name not in but
        if tag.closing or not _AS_WRITTEN.fullmatch(piece.document[slice(*tag.opening)])
    }


def _with_code_of(source: _LocatedSegment, text: str, names: Iterable[str]) -> str:
    """The text with the code of the source in these tags: that it was another one is told elsewhere."""
    for name in names:
        code = _inside(name, source.segment.text)
        text = text.replace(f"<{name}>{_inside(name, text)}</{name}>", f"<{name}>{code}</{name}>")
    return text


def _inside(name: str, text: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


def _restored(source: _LocatedSegment, target: _LocatedSegment) -> _LocatedSegment:
    """Markdown reads `load*certificate*file` as italics: no tag is lost if the target writes underscores."""
    text = source.segment.text
    for match in _IN_A_WORD.finditer(text):
        name = f"{match['before']}_{match['inner']}_{match['after']}"
        if name in target.segment.text.replace("\\", ""):
            text = text.replace(match[0], name)
    tags = tuple(tag for tag in source.segment.tags if tag.closing is None or f"<{tag.name}>" in text)
    return source._replace(segment=source.segment._replace(text=text, tags=tags))


def _key(tag: Tag, piece: _LocatedSegment, rewrite: Callable[[str], str]) -> _Key:
    """By what a tag is recognized: an address, code, the bytes of what stands alone; emphasis by its kind."""
    opening = piece.document[slice(*tag.opening)]
    if tag.closing is None:
        image = opening.startswith("![") and opening.endswith(")")
        return tag.kind, _address(opening[opening.rfind("](") :]) if image else opening
    if tag.kind is TagKind.LINK:
        return tag.kind, rewrite(_address(tag.completion or piece.document[slice(*tag.closing)]))
    if tag.kind is TagKind.CODE:
        return tag.kind, " ".join(piece.document[tag.opening.end : tag.closing.start].split())
    return tag.kind, ""


def _address(closing: str) -> str:
    """The destination in `](destination "title")`, the label in `][label]`."""
    return _TITLE.sub("", closing.strip("[]()")).strip(" <>")


def _renamed(piece: _LocatedSegment, names: dict[str, str]) -> str:
    """The text in the alphabet of `names`; tags that are not among them leave their words behind.

    HTML in code is no HTML, without its tag either.
    """
    bytes_of = {tag.name: piece.document[slice(*tag.opening)] for tag in piece.segment.tags}
    text = piece.segment.text
    for tag in piece.segment.tags:
        if tag.kind is TagKind.CODE and tag.name not in names:
            before, opening, rest = text.partition(f"<{tag.name}>")
            code, closing, behind = rest.partition(f"</{tag.name}>")
            text = f"{before}{opening}{code.replace('<', '‹').replace('>', '›')}{closing}{behind}"
    parts = []
    for token in tokens_of(text):
        if token.name in names:
            parts.append(token.text.replace(token.name, names[token.name]))
        elif not token.name or token.name not in bytes_of:
            parts.append(token.text)
        elif unescape(written := _TO_MAIL.sub(r"\1", bytes_of[token.name])).isspace():  # `&nbsp;`
            parts.append(" ")
        elif token.alone and _AS_WRITTEN.fullmatch(written):
            parts.append(written.strip("<>") if "@" in written else written)
    return "".join(parts)


def _emphasis(piece: _LocatedSegment, tags: Iterable[Tag], unsure: Container[TagKind]) -> Iterator[Emphasis]:
    """Emphasis in words; not that of a number of an item, nor of a whole text: that is peeled off.

    Without words where it is `unsure` which of several it is.
    """
    text = piece.segment.text
    for tag in tags:
        if tag.kind in EMPHASIS:
            before, _, rest = text.partition(f"<{tag.name}>")
            inner, _, after = rest.partition(f"</{tag.name}>")
            if prose_of(before + after).strip() and without_item(inner, inner):
                yield tag.kind, "" if tag.kind in unsure else TAG.sub("", inner)


# ---------------------------------------------------------------------------
# What a translation memory may learn from a translation that exists, and why not the rest.


_UNTRANSLATED = "nothing in the translation stands for it alone"
_ELSEWHERE = "its translation stands in another place"
_UNRELATED = "the two files link to different works"
_ALONE = (_UNTRANSLATED, _ELSEWHERE, _UNRELATED)
_OTHER_WORK = "its link leads elsewhere in the translation"
_NOT_THE_PAGE = lazy_pattern(r"^https?://(?:www\.)?|/?(?:#.*)?$", re.IGNORECASE | re.DOTALL)
"""What of an address does not say which page it is: the scheme, `www.` and the fragment."""


class Lesson(NamedTuple):
    """A segment of the source and its translation, in the source's own tags.

    `fault` is why it is not to be learned; nothing where it is. `remark` is `PLACED` where the translation
    had lost tags whose words it has kept.
    """

    segment: Segment
    target: str
    remark: str = ""
    fault: str = ""
    line: int | None = None
    """Where the translation stands in its file."""


def lessons_in(pair: PreparedPair, *, judged: bool = True) -> list[Lesson]:
    """A lesson for each segment of the source, in its order.

    Unless a translation is to be `judged`, it counts whatever the checks would say of it; but lost tags are
    put back.
    """
    rules, sections = pair.rules, sections_of(pair.source)
    pairing = aligned(pair.source, pair.target, rules.allowed, by_paragraph=False)
    lessons: dict[Segment, Lesson] = {}
    for match in pairing.matches:
        # Nothing is learned from lines that were merged or cut in two.
        for text in () if match.is_joined else texts_of(match, rules.allowed):
            segment, english = text.segment, _numbered(text, match.source.item)
            lesson = Lesson(segment, english)
            if judged or not complete(english, segment):
                terms = rules.matcher.terms_in(segment.text, sections.get(segment.id, ""))
                settlement = rules.settlements.get((segment.text, english))
                lesson = _lesson(Pair(segment, english, terms), settlement, is_complete=text.complete)
            place = _ELSEWHERE if match.moved else "" if _is_one_work(text, rules.allowed) else _OTHER_WORK
            # By the whole segment: several that are read as one are none of these.
            lessons[segment] = lesson._replace(line=text.other.line, fault=place or lesson.fault)
    found = [
        lessons.get(segment, Lesson(segment, "", fault=_UNTRANSLATED)) for segment in pair.source.segments
    ]
    is_other = _are_unrelated(pairing.source, pairing.target)
    return [lesson._replace(fault=_UNRELATED) for lesson in found] if is_other else found


def added_lines(pair: PreparedPair) -> list[DocumentLine]:
    """The lines of a translation with words that stand for nothing in its source."""
    return [line for line in aligned(pair.source, pair.target, pair.rules.allowed).added if line.words]


def shares_text(lessons: Sequence[Lesson]) -> str:
    """The shares of the characters that are learned, are not sound, and have no translation of their own."""
    characters = {"learned": 0, "alone": 0, "faulty": 0}
    for lesson in lessons:
        kind = "alone" if lesson.fault in _ALONE else "faulty" if lesson.fault else "learned"
        characters[kind] += len(lesson.segment.text)
    whole = max(1, sum(characters.values()))
    text = f"{characters['learned'] / whole:.1%} of the characters"
    text += f"; {characters['faulty'] / whole:.1%} have a faulty translation" if characters["faulty"] else ""
    return text + (f"; {characters['alone'] / whole:.1%} have none" if characters["alone"] else "")


def _are_unrelated(source: Sequence[DocumentLine], target: Sequence[DocumentLine]) -> bool:
    """Whether a document is the translation of another one; a part of a translation is not."""
    here, there = (
        {_page(address) for line in lines for address in line.values(FeatureKind.LINK)}
        for lines in (source, target)
    )
    return len(there) >= FEWEST_ADDRESSES and len(here & there) < SHARED_ADDRESSES * len(there)


def _numbered(text: MatchedText, item: str) -> str:
    """The English with the number of its item, where only the source has it in the text: `1.安装`."""
    segment = text.segment.text
    is_apart = without_item(segment, item) != segment and without_item(text.source, item) == text.source
    return f"{item}. {text.target}" if is_apart else text.target


def _is_one_work(text: MatchedText, allowed: Allowances) -> bool:
    """Two titles that link to different pages are those of different works, however well they align."""
    here, there = text.segment.link, text.other.link
    return not (here and there) or _page(allowed.address(here)) == _page(there)


def _page(address: str) -> str:
    """What an address names, however it is reached, and whatever place of it is shown first."""
    return _NOT_THE_PAGE.sub("", address)


def _lesson(pair: Pair, settlement: Settlement | None, *, is_complete: bool) -> Lesson:
    """Lost tags are placed where their code, name or number stands, if there is exactly one such place."""
    errors = _errors(pair, None if why_not_stored(pair) else settlement)
    if not errors and is_complete:
        return Lesson(pair.segment, pair.target)
    if errors and all(error.check == "tag.missing" for error in errors):
        mended = placed(pair.segment, pair.target, pair.terms)
        if mended is not None and not _errors(pair._replace(target=mended)):
            return Lesson(pair.segment, mended, PLACED)
    said = "; ".join(error.message for error in errors)
    fault = said or "it holds a link, an image or code that the source lacks"
    return Lesson(pair.segment, pair.target, fault=fault)


def _errors(pair: Pair, settlement: Settlement | None = None) -> list[Finding]:
    """A word that the glossary forbids is not learned either, unless a person has accepted it."""
    return [
        finding
        for finding in settled(findings_of(pair), settlement)
        if finding.severity is Severity.ERROR or (finding.check == "term.forbidden" and not finding.settled)
    ]
