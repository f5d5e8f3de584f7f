"""Faults in what a text says: numbers, names, terms, model artifacts, sentences, Chinese left over."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.quantities import same
from weekly_translate.compare.document_lines import peeled
from weekly_translate.model import Span
from weekly_translate.selftest.sites import (
    SHORTEST,
    Edit,
    Goal,
    InjectablePair,
    InjectedFault,
    Site,
    bodies,
    fault,
    followed,
    injected,
    inserted,
    is_bare,
    is_whole,
    marks_replaced,
    plain,
    sentences,
    whole_sentences,
    words_replaced,
)
from weekly_translate.text.characters import han_count
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import MONTHS, QuantityKind, english_quantities
from weekly_translate.text.numbers import plain as in_plain_figures
from weekly_translate.text.patterns import lazy_pattern
from weekly_translate.text.tags import TAG, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.text.numbers import Quantity

_COUNTED = (QuantityKind.NUMBER, QuantityKind.PERCENT, QuantityKind.MULTIPLE)
_SCALES = {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion"}
_UNITS = {
    "GB": "MB",
    "MB": "GB",
    "KB": "MB",
    "ms": "s",
    "milliseconds": "seconds",
    "seconds": "minutes",
    "minutes": "hours",
    "hours": "days",
    "days": "weeks",
    "years": "months",
    "months": "years",
}
_CURRENCIES = {"yuan": "dollars", "RMB": "USD", "dollars": "euros", "$": "€"}
_STAR_COUNT = lazy_pattern(r"\((?=[^()]*star)(?:stars? )?(\d)[\d.,]*[kK]?(?: stars?)?\)")
_ISSUE = lazy_pattern(r"#(\d+)(?![\w-])")


class Figure(NamedTuple):
    """A number of the translation, and all numbers of the source of its line."""

    site: Site
    start: int
    """Where its segment begins in the file."""
    quantity: Quantity
    source: tuple[Quantity, ...]


def _quantities(pair: InjectablePair, *kinds: QuantityKind) -> Iterator[Figure]:
    """Numbers that stand once in their line, and that the source demands as one of these kinds."""
    for site in pair.sites:
        source = chinese_quantities("\n".join(prose_of(segment.text) for segment in site.source.segments))
        for segment in site.target.segments:
            found = english_quantities(plain(segment, pair.target))
            values = Counter(quantity.value for quantity in found)
            for quantity in found:
                origins = [one for one in source if same(one, quantity)]
                demanded = quantity.demanded and any(one.demanded for one in origins)
                alone = values[quantity.value] == len(origins) == 1 and _kind(origins[0], quantity) in kinds
                if demanded and alone and not _is_a_mark(pair, segment, quantity):
                    yield Figure(site, segment.span.start, quantity, tuple(source))


def _kind(source: Quantity, target: Quantity) -> QuantityKind:
    """What the source takes a number for, but `5.21` is a date where the translation says May 21."""
    return target.kind if target.kind is QuantityKind.DATE else source.kind


def _is_a_mark(pair: InjectablePair, segment: Segment, quantity: Quantity) -> bool:
    """Whether it is a count of stars or the number of an issue, which have faults of their own."""
    after = pair.target.text[segment.span.start + quantity.span.end :][:8]
    return "star" in after or quantity.text.startswith("#")


def _edits(pair: InjectablePair, figure: Figure, text: str) -> Iterator[InjectedFault]:
    """Another text for a number, unless the source happens to say that, too."""
    said = [same(one, other) for other in english_quantities(text) for one in figure.source]
    if not any(said):
        start, quantity = figure.start, figure.quantity
        span = Span(start + quantity.span.start, start + quantity.span.end)
        yield injected(pair, figure.site, span, text)


def _with_other_digit(text: str, random: Random) -> str:
    """The first digit is another one, so that no tolerance for `about` covers it."""
    match = re.search(r"\d", text)
    if match is None:
        return text
    other = random.choice([digit for digit in "123456789" if digit != match[0]])
    return text[: match.start()] + other + text[match.end() :]


@fault("number altered", Goal.CERTAIN, "num.value")
def number_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Another first digit."""
    for figure in _quantities(pair, *_COUNTED):
        if re.search(r"\d", figure.quantity.text):
            yield from _edits(pair, figure, _with_other_digit(figure.quantity.text, random))


@fault("magnitude altered", Goal.CERTAIN, "num.value")
def magnitude_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Another power of ten: million for billion, 12,000 for 1,200."""
    for figure in _quantities(pair, QuantityKind.NUMBER):
        text = figure.quantity.text
        word = next((word for word in _SCALES if word in text), None)
        if word:
            yield from _edits(pair, figure, text.replace(word, _SCALES[word]))
        elif match := re.search(r"\d[\d,]*(?:\.\d+)?", text):
            value = Decimal(match[0].replace(",", "")) * random.choice((10, 100))
            yield from _edits(pair, figure, text.replace(match[0], in_plain_figures(value)))


@fault("number dropped", Goal.CERTAIN, "num.missing")
def number_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """`many` for a number above ten."""
    for figure in _quantities(pair, *_COUNTED):
        value = figure.quantity.value
        if re.search(r"\d", figure.quantity.text) and not isinstance(value, str) and value > 10:
            yield from _edits(pair, figure, "many")


@fault("number invented", Goal.CERTAIN, "num.added", "llm.addition")
def number_invented(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A number in the last sentence that the source lacks."""
    for site in pair.sites:
        for segment in site.target.segments[:1]:
            if segment.kind == "text" and pair.target.text[: segment.span.end].endswith("."):
                end = segment.span.end - 1
                yield inserted(pair, site, end, f" in {random.randint(1200, 9800):,} cases")


@fault("date altered", Goal.CERTAIN, "num.date")
def date_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Another day, month or year."""
    for figure in _quantities(pair, QuantityKind.DATE):
        text = figure.quantity.text
        month = next((month for month in MONTHS if month in text), None)
        if month and random.random() < 0.5:
            other = MONTHS[(MONTHS.index(month) + 1) % len(MONTHS)]
            yield from _edits(pair, figure, text.replace(month, other))
        elif match := re.search(r"\d+(?=\D*\Z)", text):
            other = str(int(match[0]) - 1 or 2).zfill(len(match[0]))
            yield from _edits(pair, figure, text[: match.start()] + other + text[match.end() :])


@fault("version altered", Goal.CERTAIN, "num.version")
def version_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """3.10 is 3.1 now, 3.12 is 3.2."""
    for figure in _quantities(pair, QuantityKind.VERSION):
        text = figure.quantity.text
        match = re.search(r"\.(\d)(?=\d)", text)
        other = (
            text.replace(match[0], ".", 1)
            if match
            else re.sub(r"\d(?=\D*\Z)", lambda m: str(int(m[0]) ^ 1), text)
        )
        yield from _edits(pair, figure, other)


@fault("unit altered", Goal.CERTAIN, "num.unit")
def unit_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """GB are MB, seconds are minutes."""
    yield from _replaced(pair, _UNITS, r"(?<=[0-9]\ ){}\b|(?<=[0-9]){}\b")


@fault("currency altered", Goal.CERTAIN, "num.currency")
def currency_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Yuan are dollars."""
    yield from _replaced(pair, _CURRENCIES, r"(?<=[0-9]\ ){}\b|{}(?=[0-9])")


def _replaced(pair: InjectablePair, others: dict[str, str], pattern: str) -> Iterator[InjectedFault]:
    for site in pair.sites:
        for segment in site.target.segments:
            words = plain(segment, pair.target)
            for word, other in others.items():
                for match in re.finditer(pattern.replace("{}", re.escape(word)), words):
                    start = segment.span.start + match.start()
                    yield injected(pair, site, Span(start, start + len(word)), other)


@fault("stars altered", Goal.CERTAIN, "num.value")
def stars_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Another count of stars."""
    yield from marks_replaced(pair, _STAR_COUNT, lambda match: _with_other_digit(match[0], random))


@fault("issue number altered", Goal.CERTAIN, "num.issue", "num.value")
def issue_number_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Another number behind `#`."""
    yield from words_replaced(pair, _ISSUE, lambda match: str(int(match[1]) + 1), group=1)


_NOTE = lazy_pattern(r"\((?:in )?(EN|Eng|English|CN|Chinese)\b[^()]*\)")


@fault("language note inverted", Goal.CERTAIN, "lang.tag")
def note_inverted(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """(EN) is (Chinese) now."""
    yield from marks_replaced(pair, _NOTE, lambda match: "(Chinese)" if match[1].startswith("E") else "(EN)")


# --------------------------------------------------------------------------- names and terms

_LATIN_NAME = lazy_pattern(r"(?<![\w./])[A-Za-z]*[A-Z][A-Za-z]{4,}(?![\w./])")


@fault("name altered", Goal.CERTAIN, "term.nontranslatable", "title.name")
def name_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A name with a letter too many or in two words."""
    for site, start, name in _latin_names(pair):
        at = random.randint(2, len(name) - 2)
        other = name[:at] + random.choice((" ", name[at - 1])) + name[at:]
        yield injected(pair, site, Span(start, start + len(name)), other)


@fault("case of a name altered", Goal.CERTAIN, "term.case", "title.name")
def case_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A name without the capitals inside; APP may be an app."""
    for site, start, name in _latin_names(pair):
        other = name[0] + name[1:].lower()
        if other != name and not name.isupper():
            yield injected(pair, site, Span(start, start + len(name)), other)


@fault("term violated", Goal.CERTAIN, "term.missing", "term.forbidden")
def term_replaced(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A word that the glossary forbids, or another one."""
    for site, segment, words in bodies(pair):
        for term in pair.rules.terms_in(prose_of(site.source.segments[0].text)):
            pattern = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, term.renderings))})\w*")
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
                yield InjectedFault(f"{found[0][0]} -> {other}", edits, (site.source.number,))


def _latin_names(pair: InjectablePair) -> Iterator[tuple[Site, int, str]]:
    """Latin names that stand once in the source and once in the translation."""
    for site, segment, words in bodies(pair):
        source = prose_of(site.source.segments[0].text)
        for name in dict.fromkeys(_LATIN_NAME.findall(source)):
            alone = source.lower().count(name.lower()) == words.lower().count(name.lower()) == 1
            if alone and name in words and is_whole(segment.span, segment):
                yield site, segment.span.start + words.index(name), name


# --------------------------------------------------------------------------- model artifacts


@fault("preamble", Goal.CERTAIN, "llm.preface", "seg.extra")
def preface_added(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """`Here is the translation:` before a text."""
    openings = ("Here is the translation: ", "Sure! Here's the English translation:\n\n", "Translation: ")
    for site, segment, _words in bodies(pair):
        yield inserted(pair, site, segment.span.start, random.choice(openings))


@fault("translator's comment", Goal.CERTAIN, "llm.commentary")
def comment_added(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A translator's note behind a text."""
    notes = (" (Note: the original uses a pun here.)", " [Translator's note: a holiday in spring.]")
    for site, segment, _words in bodies(pair):
        yield inserted(pair, site, segment.span.end, random.choice(notes))


@fault("fence around a text", Goal.CERTAIN, "llm.fence-wrap")
def fence_added(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A paragraph in a code fence."""
    for site, segment, _words in bodies(pair):
        if segment.span == site.span:
            yield injected(pair, site, site.span, f"```markdown\n{pair.raw(site)}\n```", "a fence around it")


# --------------------------------------------------------------------------- sentences

_CLAUSE = lazy_pattern(r"[，。；：！？、…（）“”]+")
_MARKUP = lazy_pattern(r"[_*`<\[\ufffc]")
_NAMED = lazy_pattern(r"[A-Z0-9]")
_INVENTED_SENTENCES = (
    "The author has also published a free course on this topic.",
    "This approach has since been adopted by many large companies.",
    "Readers who are new to programming may want to start somewhere else.",
    "The installation takes only a few minutes on most machines.",
    "It was written while the author was traveling through South America.",
    "Critics have pointed out that the results are difficult to reproduce.",
    "The project is looking for volunteers who can help with the documentation.",
)


@fault("sentence dropped", Goal.LIKELY, "seg.too-short", "num.missing", "term.nontranslatable")
def sentence_dropped(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """One sentence of several is lost."""
    for site, segment, words in bodies(pair):
        spans = sentences(segment, words)
        possible = whole_sentences(spans, segment, pair)
        if len([span for span in spans if span.end - span.start >= SHORTEST]) > 1 and possible:
            span = random.choice(possible)
            at = Span(spans[-2].end - 1, span.end) if span == spans[-1] else span
            yield injected(pair, site, at, "")


@fault("sentence invented", Goal.LIKELY, "llm.addition", "seg.too-long")
def sentence_invented(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A sentence that the source lacks."""
    for site, segment, words in bodies(pair):
        spans = followed(sentences(segment, words), segment)
        yield _inserted(pair, site, random.choice(spans), random.choice(_INVENTED_SENTENCES))


@fault("sentence strayed", Goal.LIKELY, "llm.addition", "seg.too-long", "num.added")
def sentence_strayed(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A sentence of another item stands here, too."""
    texts = list(bodies(pair))
    strays = [
        (site, pair.text(span).strip())
        for site, segment, words in texts
        for span in whole_sentences(sentences(segment, words), segment, pair)
    ]
    for site, segment, words in texts:
        others = [text for origin, text in strays if origin is not site]
        if others:
            spans = followed(sentences(segment, words), segment)
            yield _inserted(pair, site, random.choice(spans), random.choice(others))


def _inserted(pair: InjectablePair, site: Site, behind: Span, sentence: str) -> InjectedFault:
    spaced = f"{sentence} " if pair.text(behind).endswith(" ") else f" {sentence}"
    return inserted(pair, site, behind.end, spaced, f"added: {sentence}")


@fault("sentence repeated", Goal.LIKELY, "seg.repeated", "llm.addition")
def sentence_repeated(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A sentence stands twice."""
    for site, segment, words in bodies(pair):
        possible = whole_sentences(sentences(segment, words), segment, pair)
        if possible:
            span = random.choice(possible)
            yield _inserted(pair, site, span, pair.text(span).strip())


# --------------------------------------------------------------------------- left in Chinese


@fault("clause left in Chinese", Goal.LIKELY, "seg.residual-cjk")
def clause_left(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Words between two commas are still Chinese."""
    for site, segment, words in bodies(pair):
        text = TAG.sub("￼", site.source.segments[0].text)
        clauses = [one for one in _CLAUSE.split(text) if han_count(one) >= 5 and not _MARKUP.search(one)]
        borders = [0, *(match.end() for match in re.finditer(r"[,.;:] ", words)), len(words) - 1]
        start = segment.span.start
        spans = [Span(start + one, start + two) for one, two in pairwise(borders)]
        spans = [span for span in spans if is_bare(span, segment) and span.end - span.start > 10]
        # The clause is any one of the text: names and numbers that it does not hold would be lost, too.
        spans = [span for span in spans if not _NAMED.search(pair.target.text, span.start + 1, span.end)]
        if clauses and spans:
            clause, span = random.choice(clauses), random.choice(spans)
            old = pair.text(span)
            ending = re.search(r"[,.;:]? ?\Z", old)
            yield injected(pair, site, span, clause + (ending[0] if ending else ""))


@fault("word left in Chinese", Goal.LIKELY, "seg.residual-cjk")
def word_left(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A single word is still Chinese."""
    for site, segment, words in bodies(pair):
        numbers = [quantity.span for quantity in english_quantities(words)]
        spots = [
            match
            for match in re.finditer(r"\b[a-z]{5,}\b", words)
            if set(match[0]) != {"x"}
            and not any(span.start < match.end() and match.start() < span.end for span in numbers)
        ]
        runs = re.findall("[\u4e00-\u9fff]{2,}", prose_of(site.source.segments[0].text))
        if spots and runs:
            match, run = random.choice(spots), random.choice(runs)
            start = segment.span.start
            yield injected(pair, site, Span(start + match.start(), start + match.end()), run[:2])


@fault("half left in Chinese", Goal.LIKELY, "seg.residual-cjk")
def half_left(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """The second half is still Chinese."""
    for site, segment, words in bodies(pair):
        ours = site.source.segments[0]
        raw = pair.source.text[slice(*ours.span)]
        borders = [match.end() for match in re.finditer(r"[。！？；，]", raw)][:-1]
        spans = sentences(segment, words)
        if len(spans) > 1 and borders and peeled(words).text == words:
            half = min(borders, key=lambda at: abs(at - len(raw) // 2))
            span = Span(spans[len(spans) // 2].start, segment.span.end)
            there = Span(ours.span.start + half, ours.span.end)
            if is_bare(span, segment) and is_bare(there, ours):
                yield injected(pair, site, span, raw[half:])


@fault("not translated", Goal.LIKELY, "seg.untranslated")
def all_left(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A line is not translated at all."""
    for site in pair.sites:
        if len(site.target.segments) == len(site.source.segments) == 1:
            ours, segment = site.source.segments[0], site.target.segments[0]
            alike = len(ours.tags) == len(segment.tags) and segment.kind in ("text", "title", "heading")
            if alike and han_count(prose_of(ours.text)) >= 4:
                span = _without_marks(segment, pair)
                yield injected(pair, site, span, pair.source.text[slice(*ours.span)])


def _without_marks(segment: Segment, pair: InjectablePair) -> Span:
    """Where a text stands in the file, without the note or the stars behind it."""
    words = plain(segment, pair.target, code="x")
    marks = words[len(peeled(words).text) :].strip()
    raw = pair.text(segment.span).rstrip()
    return Span(segment.span.start, segment.span.start + len(raw.removesuffix(marks).rstrip()))


@fault("cut off", Goal.LIKELY, "seg.truncated", "seg.too-short")
def text_cut_off(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """The text breaks off in the middle of a sentence."""
    for site, segment, words in bodies(pair):
        ends = [
            Span(segment.span.start + match.start(), segment.span.end)
            for match in re.finditer(r"(?<=[a-z]) (?=[a-z])", words)
            if 0.3 * len(words) < match.start() < 0.75 * len(words)
        ]
        ends = [end for end in ends if is_bare(end, segment) and "<" not in pair.text(end)]
        if ends:
            end = random.choice(ends)
            kept = pair.target.text[end.start - 30 : end.start]
            yield injected(pair, site, end, "", f"ends with: {kept}")
