"""The faults that are injected into a good translation; the last of the file is their table."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from weekly_translate.checks.quantities import same
from weekly_translate.compare.document_lines import LineShape, peeled
from weekly_translate.model import FeatureKind, Kind, Span, TagKind
from weekly_translate.quality.trials import (
    Edit,
    FaultKind,
    Goal,
    InjectedFault,
    behind,
    bodies,
    each,
    exchanged,
    found,
    injected,
    is_bare,
    plain,
    segments_of,
    shifted,
    words_of,
)
from weekly_translate.text.characters import TAG, han_count, lazy_pattern, prose_of
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.chinese_numbers import plain as in_plain_figures
from weekly_translate.text.numbers import MONTHS, QuantityKind, english_quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.quality.trials import InjectablePair, Injector, Other, Site
    from weekly_translate.text.numbers import Quantity

    Faults = Iterator[InjectedFault]
    Places = Iterator[tuple[Site, Span]]


def _in_words(pattern: str, other: Other) -> Injector:
    """Another text wherever the words of a segment fit a pattern."""
    return each(found(words_of, pattern), other)


def _in_lines(
    pattern: str,
    other: Other,
    of: Callable[[Site], object] = lambda _: True,
    group: int = 0,
    most: int | None = None,
) -> Injector:
    """Another text wherever a line, as it stands in the file, fits a pattern; at most so often in a line."""

    def lines(pair: InjectablePair) -> Iterator[tuple[Site, str, int]]:
        return ((site, pair.raw(site), site.span.start) for site in pair.sites if of(site))

    return each(found(lines, pattern, group, most), other)


_in_marks = partial(_in_lines, of=lambda site: site.source.marks, most=1)


def _turned(others: Mapping[str, str], before: str = r"\b", behind: str = r"\b") -> Injector:
    """Each of these words becomes the one beside it."""
    return _in_words(f"{before}(?:{'|'.join(others)}){behind}", others)


# --------------------------------------------------------------------------- links, images, code, emphasis

_LETTER = re.compile(r"[A-Za-z0-9]")
_ADDED_LINK = " ([more](https://invented.example/page))"
_ADDED_IMAGE = "\n\n![](https://invented.example/p.png)\n"
_EMPHASIS = (TagKind.STRONG, TagKind.EMPHASIS)


def _addresses(pair: InjectablePair, kind: FeatureKind) -> Places:
    """Destinations that stand in brackets, `](here)`, one of each line."""
    for site in pair.sites:
        raw, values = pair.raw(site), site.target.values(kind)
        for value in dict.fromkeys(values):
            at = raw.find(f"]({value})")
            if value and at >= 0 and raw.count(value) == 1 and values.count(value) == 1:
                yield site, shifted(Span(at + 2, at + 2 + len(value)), site.span.start)
                break


_links = partial(_addresses, kind=FeatureKind.LINK)
_images = partial(_addresses, kind=FeatureKind.IMAGE)


def _images_alone(pair: InjectablePair) -> Places:
    """Lines that are nothing but an image."""
    for site, address in _images(pair):
        if pair.raw(site).startswith("![") and address.end + 1 == site.span.end:
            yield site, site.span


def _texts(pair: InjectablePair) -> Places:
    return ((site, site.span) for site in pair.sites if site.target.shape is LineShape.TEXT)


def _tags(pair: InjectablePair, kind: TagKind) -> Iterator[tuple[Site, Segment, Span, Span]]:
    """The tags of a kind that stand around words: where they stand, and what they enclose."""
    for site, segment in segments_of(pair):
        for tag in segment.tags:
            if tag.kind is kind and tag.closing and tag.opening.end < tag.closing.start:
                around = Span(tag.opening.start, tag.closing.end)
                yield site, segment, around, Span(tag.opening.end, tag.closing.start)


def _code(pair: InjectablePair) -> Places:
    """What stands in code spans that stand once in their line."""
    for site, _segment, around, inside in _tags(pair, TagKind.CODE):
        once = site.target.values(FeatureKind.CODE).count(pair.text(around)) == 1
        if once and _LETTER.search(pair.text(inside)):
            yield site, inside


def _code_blocks(pair: InjectablePair) -> Places:
    for site in pair.sites:
        if (raw := pair.raw(site)).startswith("```"):
            span = Span(site.span.start + raw.find("\n") + 1, site.span.end - 3)
            if _LETTER.search(pair.text(span)):
                yield site, span


def _altered(text: str, random: Random) -> str:
    """One letter or digit is another, behind the name of the host where there is one."""
    after = text.find("/", text.find("//") + 2) if "//" in text else 0
    spots = [match.start() for match in _LETTER.finditer(text, max(0, after))]
    spot = random.choice(spots or [match.start() for match in _LETTER.finditer(text)])
    return text[:spot] + ("q" if text[spot] in "xX" else "x") + text[spot + 1 :]


def _address_cut(address: str, random: Random) -> str | None:
    cut = address[: -random.randint(1, 4)].rstrip("/.")
    # The slash behind a site says nothing, and half a bracket would not end the link here.
    return cut if cut != address.rstrip("/") and cut.count("(") == cut.count(")") else None


def _link_dropped(pair: InjectablePair, _: Random) -> Faults:
    for site, _segment, around, inside in _tags(pair, TagKind.LINK):
        yield injected(pair, site, around, pair.text(inside))
    for site, span in _links(pair):
        opening = site.span.start + pair.raw(site).find("[")
        label = pair.text(Span(opening + 1, span.start - 2))
        if "[" not in label and not site.target.segments[0].tags:
            yield injected(pair, site, Span(opening, span.end + 1), label)


def _ends_of_words(pair: InjectablePair) -> Places:
    for site in pair.sites:
        if site.target.segments and (segment := site.target.segments[0]).kind is Kind.TEXT:
            end = segment.span.start + len(pair.text(segment.span).rstrip(".!?:"))
            yield site, Span(end, end)


def _links_swapped(pair: InjectablePair, _: Random) -> Faults:
    for (site, one), (other, two) in pairwise(_links(pair)):
        first, second = pair.text(one), pair.text(two)
        if first != second:
            yield exchanged(pair, one, two, (site, other), f"{first} <-> {second}")


def _images_swapped(pair: InjectablePair, _: Random) -> Faults:
    """With their alt texts."""
    for (site, one), (other, two) in pairwise(_images_alone(pair)):
        what = f"lines {site.target.number} <-> {other.target.number}"
        yield exchanged(pair, one, two, (site, other), what)


def _code_unmarked(pair: InjectablePair, _: Random) -> Faults:
    for site, _segment, around, inside in _tags(pair, TagKind.CODE):
        code = pair.text(inside)
        if not re.search(r"[<>*_\[\]\\]", code):
            yield injected(pair, site, around, code)


def _emphasis_dropped(pair: InjectablePair, _: Random) -> Faults:
    for kind in _EMPHASIS:
        for site, segment, around, inside in _tags(pair, kind):
            in_source = any(other.kind is kind for one in site.source.segments for other in one.tags)
            if segment.span.start < around.start and in_source:
                yield injected(pair, site, around, pair.text(inside))


# --------------------------------------------------------------------------- headings, items, paragraphs

_EMOJI = "[\U0001f300-\U0001faff]"
"""One character each: what stands in its place is one, too."""
_ADDED_PARAGRAPH = "\n\nThank you for reading; see you all in the next issue, and have a nice week."
_NUMBER = r"\A\(?(\d{1,3})[.)、]"


def _is_heading(site: Site) -> bool:
    return site.target.shape is LineShape.HEADING


def _other_emoji(sign: str, random: Random) -> str:
    return random.choice([other for other in "🐴🐙🎈" if other != sign])


def _other_item(number: str, random: Random) -> str:
    return str(int(number) + random.choice((1, 3, 10)))


def _paragraphs(pair: InjectablePair) -> Places:
    """Paragraphs between blank lines."""
    text = pair.target.text
    for site, span in _texts(pair):
        apart = text[: span.start].endswith("\n\n") and text.startswith("\n\n", span.end)
        if apart and not site.target.item:
            yield site, span


def _item_dropped(pair: InjectablePair, _: Random) -> Faults:
    """From its title to its last line."""
    for lines in _items(pair):
        span = Span(lines[0].span.start, lines[-1].span.end)
        numbers = tuple(site.source.number for site in lines)
        yield InjectedFault(pair.raw(lines[0])[:50], (Edit(span, ""),), numbers)


def _items_swapped(pair: InjectablePair, _: Random) -> Faults:
    """The numbers stay where they are."""
    for one, two in pairwise(_items(pair)):
        if any(pair.raw(item[0]).startswith("![") for item in (one, two)):
            continue  # its number stands behind an image and would move with it
        # Two titles without a text may share nothing that a translation keeps: nobody could tell.
        if 0 < two[0].target.number - one[-1].target.end <= 2 and len(one) > 1 and len(two) > 1:
            first, second = (_without_number(pair, lines) for lines in (one, two))
            what = f"{pair.text(first)[:30]} <-> {pair.text(second)[:30]}"
            yield exchanged(pair, first, second, (*one, *two), what)


def _paragraphs_merged(pair: InjectablePair, _: Random) -> Faults:
    for one, two in pairwise(pair.sites):
        close = two.target.number - one.target.end == two.source.number - one.source.end == 2
        texts = one.target.shape is two.target.shape is LineShape.TEXT and not two.target.item
        # The definition of a footnote is none any more in the middle of a line: that is another fault.
        if close and texts and not pair.raw(two).startswith("[^"):
            lines = one.source.number, two.source.number
            yield InjectedFault("paragraphs merged", (Edit(Span(one.span.end, two.span.start), " "),), lines)


def _without_number(pair: InjectablePair, lines: list[Site]) -> Span:
    match = re.match(f"{_NUMBER} ?", pair.raw(lines[0]))
    return Span(lines[0].span.start + (match.end() if match else 0), lines[-1].span.end)


def _items(pair: InjectablePair) -> Iterator[list[Site]]:
    """The items of which every line is good, each with the lines up to the next item or heading."""
    known = {site.target.number: site for site in pair.sites}
    item: list[Site] | None = None
    for line in pair.lines:
        if line.item or line.shape in (LineShape.HEADING, LineShape.TITLE):
            if item:
                yield item
            item = [] if line.item else None
        if item is not None:
            item = [*item, known[line.number]] if line.number in known else None


# --------------------------------------------------------------------------- numbers

_COUNTED = (QuantityKind.NUMBER, QuantityKind.PERCENT, QuantityKind.MULTIPLE)
_SCALES = {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion"}
_UNITS = {
    **dict(pairwise(("KB", "MB", "GB", "MB"))),
    **dict(pairwise(("milliseconds", "seconds", "minutes", "hours", "days", "weeks"))),
    **dict(pairwise(("years", "months", "years"))),
    "ms": "s",
}
_CURRENCIES = {"yuan": "dollars", "RMB": "USD", "dollars": "euros", "$": "€"}


def _of_numbers(other: Callable[[Quantity, Random], str], *kinds: QuantityKind) -> Injector:
    """Another text for each number of these kinds, unless the source happens to say that, too."""

    def inject(pair: InjectablePair, random: Random) -> Faults:
        for site, number, start, source in _numbers(pair, kinds):
            text = other(number, random)
            said = english_quantities(text)
            if text != number.text and not any(same(one, two) for two in said for one in source):
                yield injected(pair, site, shifted(number.span, start), text)

    return inject


def _numbers(
    pair: InjectablePair, kinds: tuple[QuantityKind, ...]
) -> Iterator[tuple[Site, Quantity, int, list[Quantity]]]:
    """Numbers that stand once in their line, and that the source demands as one of these kinds.

    With the place of their text in the file, and all numbers of the source of the line.
    """
    for site, words, start in words_of(pair):
        source = list(chinese_quantities("\n".join(prose_of(one.text) for one in site.source.segments)))
        found = list(english_quantities(words))
        values = Counter(number.value for number in found)
        for number in found:
            origins = [one for one in source if same(one, number)]
            if not number.demanded or not any(one.demanded for one in origins):
                continue
            # Where the translation says May 21, the `5.21` of the source is a date, too.
            kind = number.kind if number.kind is QuantityKind.DATE else origins[0].kind
            alone = values[number.value] == len(origins) == 1 and kind in kinds
            # Counts of stars and numbers of issues have faults of their own.
            after = pair.target.text[start + number.span.end :][:8]
            if alone and "star" not in after and not number.text.startswith("#"):
                yield site, number, start, source


def _with_other_digit(text: str, random: Random) -> str:
    """The first digit is another one, so that no tolerance for `about` covers it."""
    return re.sub(r"\d", lambda match: random.choice("123456789".replace(match[0], "")), text, count=1)


def _of_other_value(number: Quantity, random: Random) -> str:
    return _with_other_digit(number.text, random)


def _of_other_magnitude(number: Quantity, random: Random) -> str:
    """Another power of ten: million for billion, 12,000 for 1,200."""
    text = number.text
    if word := next((word for word in _SCALES if word in text), None):
        return text.replace(word, _SCALES[word])
    if match := re.search(r"\d[\d,]*(?:\.\d+)?", text):
        value = Decimal(match[0].replace(",", "")) * random.choice((10, 100))
        return text.replace(match[0], in_plain_figures(value))
    return text


def _many(number: Quantity, _: Random) -> str:
    """`many` for a number above ten."""
    is_large = isinstance(number.value, Decimal) and number.value > 10
    return "many" if is_large and re.search(r"\d", number.text) else number.text


def _number_invented(pair: InjectablePair, random: Random) -> Faults:
    """A number in the last sentence that the source lacks."""
    for site, segment in segments_of(pair):
        is_first = segment is site.target.segments[0]
        if is_first and segment.kind is Kind.TEXT and pair.text(segment.span).endswith("."):
            at = segment.span.end - 1
            yield injected(pair, site, Span(at, at), f" in {random.randint(1200, 9800):,} cases")


def _other_date(number: Quantity, random: Random) -> str:
    text = number.text
    month = next((month for month in MONTHS if month in text), None)
    if month and random.random() < 0.5:
        return text.replace(month, MONTHS[(MONTHS.index(month) + 1) % len(MONTHS)])
    return re.sub(r"\d+(?=\D*\Z)", lambda day: str(int(day[0]) - 1 or 2).zfill(len(day[0])), text)


def _other_version(number: Quantity, _: Random) -> str:
    """3.10 is 3.1 now, 3.12 is 3.2."""
    if match := re.search(r"\.(\d)(?=\d)", number.text):
        return number.text.replace(match[0], ".", 1)
    return re.sub(r"\d(?=\D*\Z)", lambda last: str(int(last[0]) ^ 1), number.text)


def _other_language(note: str, _: Random) -> str:
    return "(Chinese)" if re.match(r"\((?:in )?E", note) else "(EN)"


# --------------------------------------------------------------------------- names and terms


def _misspelled(name: str, random: Random) -> str:
    """With a letter too many or in two words."""
    at = random.randint(2, len(name) - 2)
    return name[:at] + random.choice((" ", name[at - 1])) + name[at:]


def _without_capitals(name: str, _: Random) -> str | None:
    """Without those inside; APP may be an app."""
    return None if name[1:].islower() or name.isupper() else name[0] + name[1:].lower()


def _term_replaced(pair: InjectablePair, _: Random) -> Faults:
    """A word that the glossary forbids, or another one."""
    for site, segment, words in bodies(pair):
        for term in pair.rules.matcher.terms_in(prose_of(site.source.segments[0].text)):
            pattern = rf"(?i)\b(?:{'|'.join(map(re.escape, term.renderings))})\w*"
            other = term.avoid[0] if term.avoid else "gadget"
            if found := list(re.finditer(pattern, words)):
                edits = tuple(
                    Edit(
                        shifted(match, segment.span.start),
                        other if match[0].islower() else other.capitalize(),
                    )
                    for match in found
                )
                yield InjectedFault(f"{found[0][0]} -> {other}", edits, (site.source.number,))


def _latin_names(pair: InjectablePair) -> Places:
    """Latin names that stand once in the source and once in the translation."""
    for site, segment, words in bodies(pair):
        source = prose_of(site.source.segments[0].text)
        for name in dict.fromkeys(re.findall(r"(?<![\w./])[A-Za-z]*[A-Z][A-Za-z]{4,}(?![\w./])", source)):
            alone = source.lower().count(name.lower()) == words.lower().count(name.lower()) == 1
            if alone and name in words:
                start = segment.span.start + words.index(name)
                yield site, Span(start, start + len(name))


# --------------------------------------------------------------------------- model artifacts

_PREFACES = ("Here is the translation: ", "Sure! Here's the English translation:\n\n", "Translation: ")
_COMMENTS = (" (Note: the original uses a pun here.)", " [Translator's note: a holiday in spring.]")


def _edges_of_bodies(pair: InjectablePair, edge: int) -> Places:
    places = ((site, segment.span[edge]) for site, segment, _words in bodies(pair))
    return ((site, Span(at, at)) for site, at in places)


def _whole_lines(pair: InjectablePair) -> Places:
    return ((site, site.span) for site, segment, _words in bodies(pair) if segment.span == site.span)


def _fenced(text: str, _: Random) -> str:
    return f"```markdown\n{text}\n```"


# --------------------------------------------------------------------------- sentences

_END = lazy_pattern(r"[.!?][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
_SHORTEST = 30
"""The fewest characters of a sentence that could be missed."""
_INVENTED_SENTENCES = (
    "The author has also published a free course on this topic.",
    "This approach has since been adopted by many large companies.",
    "Readers who are new to programming may want to start somewhere else.",
    "The installation takes only a few minutes on most machines.",
    "It was written while the author was traveling through South America.",
    "Critics have pointed out that the results are difficult to reproduce.",
    "The project is looking for volunteers who can help with the documentation.",
)


def _sentences(segment: Segment, words: str) -> list[Span]:
    """The sentences of a segment in the file, each with the space behind it; `words` as in `bodies`."""
    borders = [0, *(match.end() for match in _END.finditer(words)), len(words)]
    return [shifted(Span(one, two), segment.span.start) for one, two in pairwise(borders)]


def _whole_sentences(pair: InjectablePair, segment: Segment, words: str) -> list[Span]:
    """Sentences of some length that hold no tag, nothing that looks like one, and no half of a bracket."""
    return [
        span
        for span in _sentences(segment, words)
        if span.end - span.start >= _SHORTEST
        and is_bare(span, segment)
        and "<" not in (text := pair.text(span))
        and text.count("(") == text.count(")")
    ]


def _sentence_dropped(pair: InjectablePair, random: Random) -> Faults:
    for site, segment, words in bodies(pair):
        spans = _sentences(segment, words)
        possible = _whole_sentences(pair, segment, words)
        if len([span for span in spans if span.end - span.start >= _SHORTEST]) > 1 and possible:
            span = random.choice(possible)
            at = Span(spans[-2].end - 1, span.end) if span == spans[-1] else span
            yield injected(pair, site, at, "")


def _sentence_invented(pair: InjectablePair, random: Random) -> Faults:
    for site, segment, words in bodies(pair):
        yield _with_sentence(pair, site, _any_end(segment, words, random), random.choice(_INVENTED_SENTENCES))


def _any_end(segment: Segment, words: str, random: Random) -> Span:
    """A sentence behind which no other stands inside a tag."""
    *spans, last = _sentences(segment, words)
    return random.choice([*(one for one in spans if is_bare(Span(one.end, one.end), segment)), last])


def _with_sentence(pair: InjectablePair, site: Site, behind: Span, sentence: str) -> InjectedFault:
    spaced = f"{sentence} " if pair.text(behind).endswith(" ") else f" {sentence}"
    return injected(pair, site, Span(behind.end, behind.end), spaced, f"added: {sentence}")


def _sentence_strayed(pair: InjectablePair, random: Random) -> Faults:
    """A sentence of another item stands here, too."""
    strays = [
        (site, pair.text(span).strip())
        for site, segment, words in bodies(pair)
        for span in _whole_sentences(pair, segment, words)
    ]
    for site, segment, words in bodies(pair):
        if others := [text for origin, text in strays if origin is not site]:
            yield _with_sentence(pair, site, _any_end(segment, words, random), random.choice(others))


def _sentence_repeated(pair: InjectablePair, random: Random) -> Faults:
    for site, segment, words in bodies(pair):
        if possible := _whole_sentences(pair, segment, words):
            span = random.choice(possible)
            yield _with_sentence(pair, site, span, pair.text(span).strip())


def _text_cut_off(pair: InjectablePair, random: Random) -> Faults:
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


# --------------------------------------------------------------------------- left in Chinese


def _clause_left(pair: InjectablePair, random: Random) -> Faults:
    """Words between two commas."""
    for site, segment, words in bodies(pair):
        clauses = re.split(r"[，。；：！？、…（）“”]+", TAG.sub("￼", site.source.segments[0].text))
        clauses = [one for one in clauses if han_count(one) >= 5 and not re.search(r"[_*`<\[\ufffc]", one)]
        borders = [0, *(match.end() for match in re.finditer(r"[,.;:] ", words)), len(words) - 1]
        spans = [shifted(Span(one, two), segment.span.start) for one, two in pairwise(borders)]
        spans = [span for span in spans if is_bare(span, segment) and span.end - span.start > 10]
        # The clause is any one of the text: names and numbers that it does not hold would be lost, too.
        spans = [span for span in spans if not re.search(r"[A-Z0-9]", pair.text(span)[1:])]
        if clauses and spans:
            clause, span = random.choice(clauses), random.choice(spans)
            ending = re.findall(r"[,.;:]? ?\Z", pair.text(span))[0]
            yield injected(pair, site, span, clause + ending)


def _word_left(pair: InjectablePair, random: Random) -> Faults:
    for site, segment, words in bodies(pair):
        numbers = [number.span for number in english_quantities(words)]
        spots = [
            match
            for match in re.finditer(r"\b[a-z]{5,}\b", words)
            if set(match[0]) != {"x"}
            and not any(span.start < match.end() and match.start() < span.end for span in numbers)
        ]
        runs = re.findall("[\u4e00-\u9fff]{2,}", prose_of(site.source.segments[0].text))
        if spots and runs:
            match, run = random.choice(spots), random.choice(runs)
            yield injected(pair, site, shifted(match, segment.span.start), run[:2])


def _half_left(pair: InjectablePair, _: Random) -> Faults:
    for site, segment, words in bodies(pair):
        ours = site.source.segments[0]
        raw = pair.source.text[slice(*ours.span)]
        borders = [match.end() for match in re.finditer(r"[。！？；，]", raw)][:-1]
        spans = _sentences(segment, words)
        if len(spans) > 1 and borders and peeled(words).text == words:
            half = min(borders, key=lambda at: abs(at - len(raw) // 2))
            span = Span(spans[len(spans) // 2].start, segment.span.end)
            there = Span(ours.span.start + half, ours.span.end)
            if is_bare(span, segment) and is_bare(there, ours):
                yield injected(pair, site, span, raw[half:])


def _all_left(pair: InjectablePair, _: Random) -> Faults:
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


# --------------------------------------------------------------------------- meaning

_OPPOSITES = (
    *(("more", "less"), ("before", "after"), ("first", "last"), ("always", "never"), ("all", "some")),
    *(("faster", "slower"), ("larger", "smaller"), ("higher", "lower"), ("increase", "decrease")),
    *(("allows", "prevents"), ("supports", "lacks"), ("with", "without"), ("easy", "hard"), ("new", "old")),
)
OPPOSITES = {word: other for pair in _OPPOSITES for word, other in (pair, pair[::-1])}
_HEDGES = {
    "more than": "less than",
    "less than": "more than",
    "over": "under",
    "nearly": "more than",
    "almost": "more than",
    "at least": "at most",
    "at most": "at least",
}
_HEDGE = "about|around|nearly|almost|over|more than|less than|up to"
_MAGNITUDES = {"dozens": "hundreds", "hundreds": "thousands", "thousands": "millions", "millions": "billions"}


def _letters_exchanged(pair: InjectablePair, random: Random) -> Faults:
    """Two letters of a name that the source has, too, have changed places."""
    for site, words, start in words_of(pair):
        source = " ".join(prose_of(one.text) for one in site.source.segments)
        for match in re.finditer(r"\b(?=[A-Za-z]*[A-Z])[A-Za-z]{4,}\b", words):
            name = match[0]
            spots = [spot for spot in range(1, len(name) - 1) if name[spot] != name[spot + 1]]
            if name in source and spots:
                spot = random.choice(spots)
                other = name[:spot] + name[spot + 1] + name[spot] + name[spot + 2 :]
                yield injected(pair, site, shifted(match, start), other)


def _versions_exchanged(pair: InjectablePair, _: Random) -> Faults:
    for site, words, start in words_of(pair):
        for one, two in combinations(re.finditer(r"\b\d+\.\d+(?:\.\d+)?\b", words), 2):
            if one[0] != two[0]:
                spans = shifted(one, start), shifted(two, start)
                yield exchanged(pair, *spans, (site,), f"{one[0]} <-> {two[0]}")


_NEGATED = lazy_pattern(
    r"\b(is|are|was|were|can|could|should|must|do|does|did|will|would|has|have)(?:n't| not)\b|\bcan't\b"
)
_AFFIRMED = lazy_pattern(r"\b(is|are|was|were|can|could|should|must|will|would) (?!not\b|n't)(?=[a-z])")
_FIGURE = lazy_pattern(r"(?<![\w.,/-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w/-]|\.\d)")
_WORD = lazy_pattern(rf"\b(?:{'|'.join(OPPOSITES)})\b")
_SENTENCE = lazy_pattern(r"(?<=[.!?]) (?=[A-Z\"<])")


def planted(text: str, random: Random) -> str | None:
    """A translation with one fault of meaning in it; None where no rule knows how to spoil it."""
    ways = list(_WAYS)
    random.shuffle(ways)
    found = next(filter(None, (way(text) for way in ways)), None)
    return random.choice(found) if found else None


def _each_replaced(text: str, pattern: re.Pattern[str], other: Callable[[re.Match[str]], str]) -> list[str]:
    return [text[: one.start()] + other(one) + text[one.end() :] for one in pattern.finditer(text)]


def _negated(text: str) -> list[str]:
    """A negation is lost, or where there is none, made up."""
    lost = _each_replaced(text, _NEGATED, lambda match: match[1] or "can")
    return lost or _each_replaced(text, _AFFIRMED, lambda match: f"{match[1]} not ")


def _omitted(text: str) -> list[str]:
    """Without one of several sentences; tags stay with a person who looks, so one with tags stays."""
    sentences = _SENTENCE.split(text)
    return [
        " ".join(sentences[:number] + sentences[number + 1 :])
        for number, sentence in enumerate(sentences)
        if len(sentences) > 1 and "<" not in sentence and len(sentence.split()) > 3
    ]


_WAYS: tuple[Callable[[str], list[str]], ...] = (
    _negated,
    lambda text: _each_replaced(text, _FIGURE, lambda one: f"{int(one[0][0]) % 9 + 1}{one[0][1:]}"),
    lambda text: _each_replaced(text, _WORD, lambda match: OPPOSITES[match[0]]),
    _omitted,
)

# --------------------------------------------------------------------------- harmless changes


def _respelled(number: str, _: Random) -> str:
    return " percent" if number == "%" else number.replace(",", "")


def _stars_respelled(stars: str, _: Random) -> str:
    return f"({re.findall(r'[0-9.]+', stars)[0]}k stars)"


def _quotes_curled(pair: InjectablePair, _: Random) -> Faults:
    """Curly quotes for all straight ones of a text."""
    for site, words, start in words_of(pair):
        match = re.search(r'(?<!\S)"([^"]+)"(?=[\s.,;:)]|\Z)', words)
        if words.count('"') == 2 and match:
            first, end = shifted(match, start)
            edits = Edit(Span(first, first + 1), "“"), Edit(Span(end - 1, end), "”")
            yield InjectedFault("curly quotes", edits, (site.source.number,))


def _before_blank_lines(pair: InjectablePair) -> Places:
    places = ((site, Span(site.span.end, site.span.end)) for site in pair.sites)
    return (place for place in places if pair.target.text.startswith("\n\n", place[1].end))


def _emphasis_respelled(pair: InjectablePair, _: Random) -> Faults:
    """`__bold__` for `**bold**`, `_italics_` for `*italics*`."""
    text = pair.target.text
    for site, segment in segments_of(pair):
        for tag in segment.tags:
            if tag.closing is None or tag.kind not in _EMPHASIS:
                continue
            if text[tag.opening.start - 1] in " \n" and text[tag.closing.end :][:1] in " .,":
                spans = tag.opening, tag.closing
                edits = tuple(Edit(span, pair.text(span).replace("*", "_")) for span in spans)
                yield InjectedFault("underscores", edits, (site.source.number,))


# --------------------------------------------------------------------------- the table

_TABLE: Mapping[Goal, tuple[tuple[str, Injector, *tuple[str, ...]], ...]] = {
    Goal.CERTAIN: (
        ("URL altered", each(_links, _altered), "url.changed"),
        ("URL cut", each(_links, _address_cut), "url.changed"),
        ("link dropped", _link_dropped, "url.missing"),
        ("link invented", each(_ends_of_words, _ADDED_LINK, "a link is added"), "url.added"),
        ("links swapped", _links_swapped, "seg.swapped"),
        ("image altered", each(_images, _altered), "url.changed"),
        ("image dropped", each(_images_alone, ""), "img.missing"),
        ("image invented", each(behind(_texts), _ADDED_IMAGE), "img.added"),
        ("images swapped", _images_swapped, "img.order"),
        ("code altered", each(_code, _altered), "code.changed"),
        ("code unmarked", _code_unmarked, "code.missing"),
        ("code block altered", each(_code_blocks, _altered), "code.changed"),
        ("emphasis dropped", _emphasis_dropped, "tag.missing"),
        (
            "heading level changed",
            _in_lines(r"\A#{1,5}(?= )", lambda signs, _: f"{signs}#"),
            "md.heading-level",
        ),
        ("heading unmarked", _in_lines(r"\A#{1,6} ", ""), "md.heading-level"),
        ("heading dropped", _in_lines(r"\A#{1,6} [\s\S]*", ""), "md.heading-level"),
        ("heading emoji changed", _in_lines(_EMOJI, _other_emoji, of=_is_heading), "emoji.heading"),
        ("emoji dropped", _in_lines(_EMOJI, "", of=lambda site: not _is_heading(site)), "emoji.body"),
        (
            "item number changed",
            _in_lines(_NUMBER, _other_item, of=lambda site: site.target.item, group=1),
            "md.item-number",
        ),
        ("item dropped", _item_dropped, "seg.missing"),
        ("items swapped", _items_swapped, "seg.swapped"),
        ("paragraph dropped", each(_paragraphs, ""), "seg.missing"),
        ("paragraph invented", each(behind(_paragraphs), _ADDED_PARAGRAPH), "seg.extra"),
        ("paragraphs merged", _paragraphs_merged, "md.skeleton"),
        ("number altered", _of_numbers(_of_other_value, *_COUNTED), "num.value"),
        ("magnitude altered", _of_numbers(_of_other_magnitude, QuantityKind.NUMBER), "num.value"),
        ("number dropped", _of_numbers(_many, *_COUNTED), "num.missing"),
        ("number invented", _number_invented, "num.added", "llm.addition"),
        ("date altered", _of_numbers(_other_date, QuantityKind.DATE), "num.date"),
        ("version altered", _of_numbers(_other_version, QuantityKind.VERSION), "num.version"),
        ("unit altered", _turned(_UNITS, r"(?:(?<=[0-9] )|(?<=[0-9]))"), "num.unit"),
        (
            "currency altered",
            _in_words(r"(?<=[0-9] )(?:yuan|RMB|dollars)\b|(?:yuan|RMB|dollars|\$)(?=[0-9])", _CURRENCIES),
            "num.currency",
        ),
        (
            "stars altered",
            _in_marks(r"\((?=[^()]*star)(?:stars? )?(\d)[\d.,]*[kK]?(?: stars?)?\)", _with_other_digit),
            "num.value",
        ),
        (
            "issue number altered",
            _in_words(r"(?<=#)\d+(?![\w-])", lambda number, _: str(int(number) + 1)),
            *("num.issue", "num.value"),
        ),
        (
            "language note inverted",
            _in_marks(r"\((?:in )?(EN|Eng|English|CN|Chinese)\b[^()]*\)", _other_language),
            "lang.tag",
        ),
        ("name altered", each(_latin_names, _misspelled), "term.nontranslatable", "title.name"),
        ("case of a name altered", each(_latin_names, _without_capitals), "term.case", "title.name"),
        ("term violated", _term_replaced, "term.missing", "term.forbidden"),
        ("preamble", each(partial(_edges_of_bodies, edge=0), _PREFACES), "llm.preface", "seg.extra"),
        ("translator's comment", each(partial(_edges_of_bodies, edge=1), _COMMENTS), "llm.commentary"),
        (
            "fence around a text",
            each(_whole_lines, _fenced, "a fence around it"),
            "seg.missing",
            "code.added",
        ),
    ),
    Goal.LIKELY: (
        ("sentence dropped", _sentence_dropped, "seg.too-short", "num.missing", "term.nontranslatable"),
        ("sentence invented", _sentence_invented, "llm.addition", "seg.too-long"),
        ("sentence strayed", _sentence_strayed, "llm.addition", "seg.too-long", "num.added"),
        ("sentence repeated", _sentence_repeated, "seg.repeated", "llm.addition"),
        ("clause left in Chinese", _clause_left, "seg.residual-cjk"),
        ("word left in Chinese", _word_left, "seg.residual-cjk"),
        ("half left in Chinese", _half_left, "seg.residual-cjk"),
        ("not translated", _all_left, "seg.untranslated"),
        ("cut off", _text_cut_off, "seg.truncated", "seg.too-short", "punct.end"),
    ),
    Goal.SILENT: (
        (
            "number in another form",
            _in_words(r"(?<![\d.,$#])\d{1,3}(?:,\d{3})+(?![\d.,%])|(?<=\d)%", _respelled),
        ),
        ("curly quotes", _quotes_curled),
        ("one more blank line", each(_before_blank_lines, "\n", "a blank line more")),
        ("the other emphasis sign", _emphasis_respelled),
        ("note in other words", _in_marks(r"\((EN|Eng|English)\)", ("(in English)", "(English)", "(Eng)"))),
        (
            "stars in other words",
            _in_marks(r"\((?:stars? [\d.]+|[\d.]+) ?[kK](?: stars?)?\)", _stars_respelled),
        ),
        (
            "two sentences as one",
            _in_words(r"(?<=[a-z]{3})\. [A-Z](?=[a-z]+ [a-z])", lambda text, _: f"; {text[-1].lower()}"),
        ),
        ("a comma less", _in_words(r"(?<=[a-z]), (?=(?:and|but|so|which|then) )", " ")),
    ),
    Goal.MEANING: (
        ("letters of a name exchanged", _letters_exchanged),
        ("versions exchanged", _versions_exchanged),
        (
            "clause dropped",
            _in_words(r",(?: (?:and|but|or|which|while|so))? [^,.;:!?()<>]{20,120}(?=[,.])", ""),
        ),
        ("hedge dropped", _in_words(rf"\b(?:{_HEDGE}) (?=\$?\d)", "")),
        ("hedge turned", _turned(_HEDGES, behind=r"\b(?= \$?\d)")),
        ("vague magnitude altered", _turned(_MAGNITUDES)),
        ("word turned into its opposite", _turned(OPPOSITES)),
        ("negation dropped", _in_words(r"\b(?:not|never|no longer) ", "")),
        (
            "negation added",
            _in_words(r"\b(?:is|are|was|can|will|does|should)(?= (?!not\b))", lambda verb, _: f"{verb} not"),
        ),
    ),
}
FAULTS = tuple(
    FaultKind(name, goal, inject, tuple(ids)) for goal, rows in _TABLE.items() for name, inject, *ids in rows
)
"""All kinds, in the order in which they are printed."""
