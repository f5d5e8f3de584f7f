"""Faults in the text: sentences lost, invented and repeated, Chinese left over, texts cut off."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from weekly_translate.comparison.english_marks import peeled
from weekly_translate.model import Span
from weekly_translate.selftest.bodies import SHORTEST, bodies, followed, sentences, whole_sentences
from weekly_translate.selftest.ground import Sown, is_bare, plain, sown
from weekly_translate.text.chinese import han_count
from weekly_translate.text.english_numbers import english_quantities
from weekly_translate.text.tags import TAG, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.selftest.ground import Ground, Place

_CLAUSE = re.compile(r"[，。；：！？、…（）“”]+")
_MARKUP = re.compile(r"[_*`<\[\ufffc]")
_NAMED = re.compile(r"[A-Z0-9]")
_INVENTED = (
    "The author has also published a free course on this topic.",
    "This approach has since been adopted by many large companies.",
    "Readers who are new to programming may want to start somewhere else.",
    "The installation takes only a few minutes on most machines.",
    "It was written while the author was traveling through South America.",
    "Critics have pointed out that the results are difficult to reproduce.",
    "The project is looking for volunteers who can help with the documentation.",
)


def sentence_dropped(ground: Ground, random: Random) -> Iterator[Sown]:
    """One sentence of several is lost."""
    for place, segment in bodies(ground):
        spans = sentences(segment, ground)
        possible = whole_sentences(spans, segment, ground)
        if len([span for span in spans if span.end - span.start >= SHORTEST]) > 1 and possible:
            span = random.choice(possible)
            at = Span(spans[-2].end - 1, span.end) if span == spans[-1] else span
            yield sown(ground, place, at, "")


def sentence_invented(ground: Ground, random: Random) -> Iterator[Sown]:
    """A sentence that the source lacks."""
    for place, segment in bodies(ground):
        spans = followed(sentences(segment, ground), segment)
        yield _inserted(ground, place, random.choice(spans), random.choice(_INVENTED))


def sentence_strayed(ground: Ground, random: Random) -> Iterator[Sown]:
    """A sentence of another item stands here, too."""
    texts = list(bodies(ground))
    strays = [
        (place, ground.target.text[slice(*span)].strip())
        for place, segment in texts
        for span in whole_sentences(sentences(segment, ground), segment, ground)
    ]
    for place, segment in texts:
        others = [text for origin, text in strays if origin is not place]
        if others:
            spans = followed(sentences(segment, ground), segment)
            yield _inserted(ground, place, random.choice(spans), random.choice(others))


def _inserted(ground: Ground, place: Place, behind: Span, sentence: str) -> Sown:
    text = ground.target.text[slice(*behind)]
    if text.endswith(" "):
        return sown(ground, place, Span(behind.end, behind.end), f"{sentence} ", f"added: {sentence}")
    return sown(ground, place, Span(behind.end, behind.end), f" {sentence}", f"added: {sentence}")


def sentence_repeated(ground: Ground, random: Random) -> Iterator[Sown]:
    """A sentence stands twice."""
    for place, segment in bodies(ground):
        possible = whole_sentences(sentences(segment, ground), segment, ground)
        if possible:
            span = random.choice(possible)
            yield _inserted(ground, place, span, ground.target.text[slice(*span)].strip())


# --------------------------------------------------------------------------- left in Chinese


def clause_left(ground: Ground, random: Random) -> Iterator[Sown]:
    """Words between two commas are still Chinese."""
    for place, segment in bodies(ground):
        text = TAG.sub("￼", place.source.segments[0].text)
        clauses = [one for one in _CLAUSE.split(text) if han_count(one) >= 5 and not _MARKUP.search(one)]
        words = plain(segment, ground.target, code="x")
        borders = [0, *(match.end() for match in re.finditer(r"[,.;:] ", words)), len(words) - 1]
        start = segment.span.start
        spans = [Span(start + one, start + two) for one, two in pairwise(borders)]
        spans = [span for span in spans if is_bare(span, segment) and span.end - span.start > 10]
        # The clause is any one of the text: names and numbers that it does not hold would be lost, too.
        spans = [span for span in spans if not _NAMED.search(ground.target.text, span.start + 1, span.end)]
        if clauses and spans:
            clause, span = random.choice(clauses), random.choice(spans)
            old = ground.target.text[slice(*span)]
            ending = re.search(r"[,.;:]? ?\Z", old)
            yield sown(ground, place, span, clause + (ending[0] if ending else ""))


def word_left(ground: Ground, random: Random) -> Iterator[Sown]:
    """A single word is still Chinese."""
    for place, segment in bodies(ground):
        words = plain(segment, ground.target, code="x")
        numbers = [quantity.span for quantity in english_quantities(words)]
        spots = [
            match
            for match in re.finditer(r"\b[a-z]{5,}\b", words)
            if set(match[0]) != {"x"}
            and not any(span.start < match.end() and match.start() < span.end for span in numbers)
        ]
        runs = re.findall("[\u4e00-\u9fff]{2,}", prose_of(place.source.segments[0].text))
        if spots and runs:
            match, run = random.choice(spots), random.choice(runs)
            start = segment.span.start
            yield sown(ground, place, Span(start + match.start(), start + match.end()), run[:2])


def half_left(ground: Ground, _: Random) -> Iterator[Sown]:
    """The second half is still Chinese."""
    for place, segment in bodies(ground):
        ours = place.source.segments[0]
        raw = ground.source.text[slice(*ours.span)]
        borders = [match.end() for match in re.finditer(r"[。！？；，]", raw)][:-1]
        spans = sentences(segment, ground)
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
                span = _without_marks(segment, ground)
                yield sown(ground, place, span, ground.source.text[slice(*ours.span)])


def _without_marks(segment: Segment, ground: Ground) -> Span:
    """Where a text stands in the file, without the note or the stars behind it."""
    words = plain(segment, ground.target, code="x")
    marks = words[len(peeled(words).text) :].strip()
    raw = ground.target.text[slice(*segment.span)].rstrip()
    return Span(segment.span.start, segment.span.start + len(raw.removesuffix(marks).rstrip()))


def text_cut_off(ground: Ground, random: Random) -> Iterator[Sown]:
    """The text breaks off in the middle of a sentence."""
    for place, segment in bodies(ground):
        words = plain(segment, ground.target, code="x")
        spots = [
            segment.span.start + match.start()
            for match in re.finditer(r"(?<=[a-z]) (?=[a-z])", words)
            if 0.3 * len(words) < match.start() < 0.75 * len(words)
        ]
        ends = [Span(at, segment.span.end) for at in spots]
        spots = [
            end.start for end in ends if is_bare(end, segment) and "<" not in ground.target.text[slice(*end)]
        ]
        if spots:
            at = random.choice(spots)
            yield sown(
                ground,
                place,
                Span(at, segment.span.end),
                "",
                f"ends with: {ground.target.text[at - 30 : at]}",
            )
