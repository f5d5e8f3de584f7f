"""Faults in the text: sentences lost, invented and repeated, Chinese left over, the manners of models."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.chinese import han_count
from weekly_translate.comparison.english_marks import peeled
from weekly_translate.model import Span
from weekly_translate.selftest.ground import Edit, Sown, is_bare, is_whole, plain, sown
from weekly_translate.tags import TAG, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.selftest.ground import Ground, Place

_END = re.compile(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
_CLAUSE = re.compile(r"[，。；：！？、…（）“”]+")
_SHORTEST = 30
_INVENTED = (
    "The author has also published a free course on this topic.",
    "This approach has since been adopted by many large companies.",
    "Readers who are new to programming may want to start somewhere else.",
    "The installation takes only a few minutes on most machines.",
    "It was written while the author was traveling through South America.",
    "Critics have pointed out that the results are difficult to reproduce.",
    "The project is looking for volunteers who can help with the documentation.",
)
_NOTE = re.compile(r"\((?:in )?(EN|Eng|English|CN|Chinese)\b[^()]*\)")


def _bodies(ground: Ground) -> Iterator[tuple[Place, Segment]]:
    """Lines that are one running text, in both languages."""
    for place in ground.places:
        if len(place.target.segments) == len(place.source.segments) == 1:
            segment = place.target.segments[0]
            if segment.kind == "text" and han_count(place.source.words) >= 20:
                yield place, segment


def _sentences(segment: Segment, ground: Ground) -> list[Span]:
    """The sentences of a segment in the file, each with the space behind it."""
    words = plain(segment, ground.target, code="x")
    borders = [0, *(match.end() for match in _END.finditer(words)), len(words)]
    start = segment.span.start
    return [Span(start + one, start + two) for one, two in pairwise(borders)]


def sentence_dropped(ground: Ground, random: Random) -> Iterator[Sown]:
    """One sentence of several is lost."""
    for place, segment in _bodies(ground):
        spans = _sentences(segment, ground)
        possible = [span for span in spans if span.end - span.start >= _SHORTEST and is_bare(span, segment)]
        if len([span for span in spans if span.end - span.start >= _SHORTEST]) > 1 and possible:
            span = random.choice(possible)
            at = Span(spans[-2].end - 1, span.end) if span == spans[-1] else span
            yield sown(ground, place, at, "")


def sentence_invented(ground: Ground, random: Random) -> Iterator[Sown]:
    """A sentence that the source lacks."""
    for place, segment in _bodies(ground):
        spans = _sentences(segment, ground)
        yield _inserted(ground, place, random.choice(spans), random.choice(_INVENTED))


def sentence_strayed(ground: Ground, random: Random) -> Iterator[Sown]:
    """A sentence of another item stands here, too."""
    bodies = list(_bodies(ground))
    strays = [
        (place, ground.target.text[slice(*span)].strip())
        for place, segment in bodies
        for span in _sentences(segment, ground)
        if span.end - span.start >= _SHORTEST and is_bare(span, segment)
    ]
    for place, segment in bodies:
        others = [text for origin, text in strays if origin is not place]
        if others:
            spans = _sentences(segment, ground)
            yield _inserted(ground, place, random.choice(spans), random.choice(others))


def _inserted(ground: Ground, place: Place, behind: Span, sentence: str) -> Sown:
    text = ground.target.text[slice(*behind)]
    if text.endswith(" "):
        return sown(ground, place, Span(behind.end, behind.end), f"{sentence} ", f"added: {sentence}")
    return sown(ground, place, Span(behind.end, behind.end), f" {sentence}", f"added: {sentence}")


def sentence_repeated(ground: Ground, random: Random) -> Iterator[Sown]:
    """A sentence stands twice."""
    for place, segment in _bodies(ground):
        spans = _sentences(segment, ground)
        possible = [span for span in spans if span.end - span.start >= _SHORTEST and is_bare(span, segment)]
        if possible:
            span = random.choice(possible)
            yield _inserted(ground, place, span, ground.target.text[slice(*span)].strip())


# --------------------------------------------------------------------------- left in Chinese


def clause_left(ground: Ground, random: Random) -> Iterator[Sown]:
    """Words between two commas are still Chinese."""
    for place, segment in _bodies(ground):
        text = TAG.sub("￼", place.source.segments[0].text)
        clauses = [clause for clause in _CLAUSE.split(text) if han_count(clause) >= 5 and "￼" not in clause]
        words = plain(segment, ground.target, code="x")
        borders = [0, *(match.end() for match in re.finditer(r"[,.;:] ", words)), len(words) - 1]
        start = segment.span.start
        spans = [Span(start + one, start + two) for one, two in pairwise(borders)]
        spans = [span for span in spans if is_bare(span, segment) and span.end - span.start > 10]
        if clauses and spans:
            clause, span = random.choice(clauses), random.choice(spans)
            old = ground.target.text[slice(*span)]
            ending = re.search(r"[,.;:]? ?\Z", old)
            yield sown(ground, place, span, clause + (ending[0] if ending else ""))


def word_left(ground: Ground, random: Random) -> Iterator[Sown]:
    """A single word is still Chinese."""
    for place, segment in _bodies(ground):
        words = plain(segment, ground.target, code="x")
        spots = [match for match in re.finditer(r"\b[a-z]{5,}\b", words) if set(match[0]) != {"x"}]
        runs = re.findall("[\u4e00-\u9fff]{2,}", prose_of(place.source.segments[0].text))
        if spots and runs:
            match, run = random.choice(spots), random.choice(runs)
            start = segment.span.start
            yield sown(ground, place, Span(start + match.start(), start + match.end()), run[:2])


def half_left(ground: Ground, _: Random) -> Iterator[Sown]:
    """The second half is still Chinese."""
    for place, segment in _bodies(ground):
        ours = place.source.segments[0]
        raw = ground.source.text[slice(*ours.span)]
        borders = [match.end() for match in re.finditer(r"[。！？；，]", raw)][:-1]
        spans = _sentences(segment, ground)
        words = plain(segment, ground.target, code="x")
        if len(spans) > 1 and borders and peeled(words).text == words:
            half = min(borders, key=lambda at: abs(at - len(raw) // 2))
            span = Span(spans[len(spans) // 2].start, segment.span.end)
            there = Span(ours.span.start + half, ours.span.end)
            if is_bare(span, segment) and is_bare(there, ours):
                yield sown(ground, place, span, raw[half:])


def all_left(ground: Ground, _: Random) -> Iterator[Sown]:
    """A line is not translated at all."""
    for place in ground.places:
        if len(place.target.segments) == len(place.source.segments) == 1:
            ours, segment = place.source.segments[0], place.target.segments[0]
            alike = len(ours.tags) == len(segment.tags) and segment.kind in ("text", "title", "heading")
            if alike and han_count(prose_of(ours.text)) >= 4:
                yield sown(ground, place, segment.span, ground.source.text[slice(*ours.span)])


def text_cut_off(ground: Ground, random: Random) -> Iterator[Sown]:
    """The text breaks off in the middle of a sentence."""
    for place, segment in _bodies(ground):
        words = plain(segment, ground.target, code="x")
        spots = [
            segment.span.start + match.start()
            for match in re.finditer(r"(?<=[a-z]) (?=[a-z])", words)
            if 0.3 * len(words) < match.start() < 0.75 * len(words)
        ]
        spots = [at for at in spots if is_bare(Span(at, segment.span.end), segment)]
        if spots:
            at = random.choice(spots)
            yield sown(
                ground,
                place,
                Span(at, segment.span.end),
                "",
                f"ends with: {ground.target.text[at - 30 : at]}",
            )


# --------------------------------------------------------------------------- models, notes, terms


def preface_added(ground: Ground, random: Random) -> Iterator[Sown]:
    """`Here is the translation:` before a text."""
    openings = ("Here is the translation: ", "Sure! Here's the English translation:\n\n", "Translation: ")
    for place, segment in _bodies(ground):
        at = segment.span.start
        yield sown(ground, place, Span(at, at), random.choice(openings))


def comment_added(ground: Ground, random: Random) -> Iterator[Sown]:
    """A translator's note behind a text."""
    notes = (" (Note: the original uses a pun here.)", " [Translator's note: a holiday in spring.]")
    for place, segment in _bodies(ground):
        at = segment.span.end
        yield sown(ground, place, Span(at, at), random.choice(notes))


def fence_added(ground: Ground, _: Random) -> Iterator[Sown]:
    """A paragraph in a code fence."""
    for place, segment in _bodies(ground):
        if segment.span == place.span:
            edits = (
                Edit(Span(*(place.span.start,) * 2), "```markdown\n"),
                Edit(Span(*(place.span.end,) * 2), "\n```"),
            )
            yield Sown("a fence around it", edits, (place.source.number,))


def note_inverted(ground: Ground, _: Random) -> Iterator[Sown]:
    """(EN) is (Chinese) now."""
    for place in ground.places:
        match = _NOTE.search(ground.raw(place))
        if match and place.source.marks:
            start = place.span.start + match.start()
            other = "(Chinese)" if match[1].startswith("E") else "(EN)"
            yield sown(ground, place, Span(start, start + len(match[0])), other)


def term_replaced(ground: Ground, _: Random) -> Iterator[Sown]:
    """A word that the glossary forbids, or another one."""
    for place, segment in _bodies(ground):
        words = plain(segment, ground.target, code="x")
        for term in ground.rules.terms_in(prose_of(place.source.segments[0].text)):
            wanted = (term.target, *term.allowed)
            pattern = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, wanted))})\w*")
            found = list(pattern.finditer(words))
            other = term.avoid[0] if term.avoid else "gadget"
            if found:
                start = segment.span.start
                edits = tuple(
                    Edit(
                        Span(start + match.start(), start + match.end()),
                        other if match[0].islower() else other.capitalize(),
                    )
                    for match in found
                )
                yield Sown(f"{found[0][0]} -> {other}", edits, (place.source.number,))


def name_altered(ground: Ground, random: Random) -> Iterator[Sown]:
    """A name with a letter too many or in two words."""
    for place, start, name in _names(ground):
        at = random.randint(2, len(name) - 2)
        other = name[:at] + random.choice((" ", name[at - 1])) + name[at:]
        yield sown(ground, place, Span(start, start + len(name)), other)


def case_altered(ground: Ground, _: Random) -> Iterator[Sown]:
    """A name in other capitals."""
    for place, start, name in _names(ground):
        yield sown(ground, place, Span(start, start + len(name)), name[0] + name[1:].lower())


def _names(ground: Ground) -> Iterator[tuple[Place, int, str]]:
    """Latin names that stand once in the source and once in the translation."""
    for place, segment in _bodies(ground):
        words = plain(segment, ground.target, code="x")
        source = prose_of(place.source.segments[0].text)
        for name in dict.fromkeys(re.findall(r"(?<![\w.])[A-Za-z]*[A-Z][A-Za-z]{4,}(?![\w.])", source)):
            if source.count(name) == words.count(name) == 1 and is_whole(segment.span, segment):
                yield place, segment.span.start + words.index(name), name
