"""The faults that are injected into a good translation, in the order of the table that `selftest` prints."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.quantities import same
from weekly_translate.compare.document_lines import LineShape, peeled
from weekly_translate.model import FeatureKind, Kind, Span, TagKind
from weekly_translate.quality.sites import (
    SHORTEST,
    Edit,
    Goal,
    InjectablePair,
    InjectedFault,
    Place,
    Site,
    bodies,
    each,
    exchanged,
    fault,
    followed,
    injected,
    inserted,
    is_bare,
    marks_replaced,
    plain,
    segments_of,
    sentences,
    shifted,
    whole_sentences,
    words_replaced,
)
from weekly_translate.text.characters import han_count
from weekly_translate.text.chinese_numbers import chinese_quantities
from weekly_translate.text.numbers import MONTHS, QuantityKind, english_quantities
from weekly_translate.text.numbers import plain as in_plain_figures
from weekly_translate.text.tags import TAG, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from weekly_translate.model import Segment
    from weekly_translate.text.numbers import Quantity


# --------------------------------------------------------------------------- links, images, code, emphasis

_LETTER = re.compile(r"[A-Za-z0-9]")


def _links(pair: InjectablePair) -> Iterator[Place]:
    return _addresses(pair, FeatureKind.LINK)


def _images(pair: InjectablePair) -> Iterator[Place]:
    return _addresses(pair, FeatureKind.IMAGE)


def _addresses(pair: InjectablePair, kind: FeatureKind) -> Iterator[Place]:
    """Destinations that stand in brackets, `](here)`, one of each line."""
    for site in pair.sites:
        raw = pair.raw(site)
        for value in dict.fromkeys(site.target.values(kind)):
            at = raw.find(f"]({value})")
            if value and at >= 0 and raw.count(value) == 1 and site.target.values(kind).count(value) == 1:
                yield Place(site, shifted(Span(at + 2, at + 2 + len(value)), site.span.start))
                break


def _images_alone(pair: InjectablePair) -> Iterator[Place]:
    """Lines that are nothing but an image."""
    for site, address in _images(pair):
        if pair.raw(site).startswith("![") and address.end + 1 == site.span.end:
            yield Place(site, site.span)


def _behind_texts(pair: InjectablePair) -> Iterator[Place]:
    ends = ((site, site.span.end) for site in pair.sites if site.target.shape is LineShape.TEXT)
    return (Place(site, Span(end, end)) for site, end in ends)


def _tags(pair: InjectablePair, kind: TagKind) -> Iterator[tuple[Site, Segment, Span, Span]]:
    """The tags of a kind that stand around words: where they stand, and what they enclose."""
    for site, segment in segments_of(pair):
        for tag in segment.tags:
            if tag.kind is kind and tag.closing and tag.opening.end < tag.closing.start:
                around = Span(tag.opening.start, tag.closing.end)
                yield site, segment, around, Span(tag.opening.end, tag.closing.start)


def _code(pair: InjectablePair) -> Iterator[Place]:
    """What stands in code spans that stand once in their line."""
    for site, _segment, around, inside in _tags(pair, TagKind.CODE):
        once = site.target.values(FeatureKind.CODE).count(pair.text(around)) == 1
        if once and _LETTER.search(pair.text(inside)):
            yield Place(site, inside)


def _code_blocks(pair: InjectablePair) -> Iterator[Place]:
    for site in pair.sites:
        if pair.raw(site).startswith("```"):
            span = Span(site.span.start + pair.raw(site).find("\n") + 1, site.span.end - 3)
            if _LETTER.search(pair.text(span)):
                yield Place(site, span)


def _altered(text: str, random: Random) -> str:
    """One letter or digit is another, behind the name of the host where there is one."""
    after = text.find("/", text.find("//") + 2) if "//" in text else 0
    spots = [match.start() for match in _LETTER.finditer(text, max(0, after))]
    spot = random.choice(spots or [match.start() for match in _LETTER.finditer(text)])
    return text[:spot] + ("q" if text[spot] in "xX" else "x") + text[spot + 1 :]


def _nothing(_text: str, _random: Random) -> str:
    return ""


fault("URL altered", Goal.CERTAIN, "url.changed")(each(_links, _altered))


@fault("URL cut", Goal.CERTAIN, "url.changed")
def _address_cut(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    for site, span in _links(pair):
        address = pair.text(span)
        cut = address[: -random.randint(1, 4)].rstrip("/.")
        # The slash behind a site says nothing, and half a bracket would not end the link here.
        if cut != address.rstrip("/") and cut.count("(") == cut.count(")"):
            yield injected(pair, site, span, cut)


@fault("link dropped", Goal.CERTAIN, "url.missing")
def _link_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, _segment, around, inside in _tags(pair, TagKind.LINK):
        yield injected(pair, site, around, pair.text(inside))
    for site, span in _links(pair):
        raw = pair.raw(site)
        opening = raw.find("[")
        label = raw[opening + 1 : span.start - site.span.start - 2]
        if "[" not in label and not site.target.segments[0].tags:
            yield injected(pair, site, Span(site.span.start + opening, span.end + 1), label)


@fault("link invented", Goal.CERTAIN, "url.added")
def _link_invented(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site in pair.sites:
        if site.target.segments and site.target.segments[0].kind is Kind.TEXT:
            span = site.target.segments[0].span
            end = span.start + len(pair.text(span).rstrip(".!?:"))
            yield inserted(pair, site, end, " ([more](https://invented.example/page))", "a link is added")


@fault("links swapped", Goal.CERTAIN, "seg.swapped")
def _links_swapped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for (site, one), (other, two) in pairwise(_links(pair)):
        first, second = pair.text(one), pair.text(two)
        if first != second:
            yield exchanged(pair, one, two, (site, other), f"{first} <-> {second}")


fault("image altered", Goal.CERTAIN, "url.changed")(each(_images, _altered))
fault("image dropped", Goal.CERTAIN, "img.missing")(each(_images_alone, _nothing))
fault("image invented", Goal.CERTAIN, "img.added")(
    each(_behind_texts, lambda _text, _random: "\n\n![](https://invented.example/p.png)\n")
)


@fault("images swapped", Goal.CERTAIN, "img.order")
def _images_swapped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """With their alt texts."""
    for one, two in pairwise(site for site, _span in _images_alone(pair)):
        what = f"lines {one.target.number} <-> {two.target.number}"
        yield exchanged(pair, one.span, two.span, (one, two), what)


fault("code altered", Goal.CERTAIN, "code.changed")(each(_code, _altered))


@fault("code unmarked", Goal.CERTAIN, "code.missing")
def _code_unmarked(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, _segment, around, inside in _tags(pair, TagKind.CODE):
        code = pair.text(inside)
        if not re.search(r"[<>*_\[\]\\]", code):
            yield injected(pair, site, around, code)


fault("code block altered", Goal.CERTAIN, "code.changed")(each(_code_blocks, _altered))


@fault("emphasis dropped", Goal.CERTAIN, "tag.missing")
def _emphasis_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for kind in (TagKind.STRONG, TagKind.EMPHASIS):
        for site, segment, around, inside in _tags(pair, kind):
            in_source = any(other.kind is kind for one in site.source.segments for other in one.tags)
            if segment.span.start < around.start and in_source:
                yield injected(pair, site, around, pair.text(inside))


# --------------------------------------------------------------------------- headings, items, paragraphs

_NUMBER = re.compile(r"\(?(\d{1,3})[.)、]")
_EMOJI = re.compile("[\U0001f300-\U0001faff]")
"""One character each: what stands in its place is one, too."""
_INVENTED_PARAGRAPH = "Thank you for reading; see you all in the next issue, and have a nice week."


def _headings(pair: InjectablePair) -> Iterator[Place]:
    """The signs in front of a heading, with the space behind them."""
    for site in pair.sites:
        if match := re.match("#{1,6} ", pair.raw(site)):
            yield Place(site, shifted(match, site.span.start))


def _emoji_of(pair: InjectablePair, *, headings: bool) -> Iterator[Place]:
    for site in pair.sites:
        if (site.target.shape is LineShape.HEADING) is headings:
            for match in _EMOJI.finditer(pair.raw(site)):
                yield Place(site, shifted(match, site.span.start))


def _item_numbers(pair: InjectablePair) -> Iterator[Place]:
    for site in pair.sites:
        if site.target.item and (match := _NUMBER.match(pair.raw(site))):
            yield Place(site, shifted(match, site.span.start, 1))


def _paragraphs(pair: InjectablePair) -> Iterator[Place]:
    """Paragraphs between blank lines."""
    text = pair.target.text
    for site in pair.sites:
        apart = text[: site.span.start].endswith("\n\n") and text[site.span.end :].startswith("\n\n")
        if site.target.shape is LineShape.TEXT and apart and not site.target.item:
            yield Place(site, site.span)


@fault("heading level changed", Goal.CERTAIN, "md.heading-level")
def _heading_level_changed(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, span in _headings(pair):
        signs = pair.text(span).strip()
        if len(signs) < 6:
            yield inserted(pair, site, span.start, "#", f"{signs} -> #{signs}")


fault("heading unmarked", Goal.CERTAIN, "md.heading-level")(each(_headings, _nothing))
fault("heading dropped", Goal.CERTAIN, "md.heading-level")(
    each(lambda pair: (Place(site, site.span) for site, _span in _headings(pair)), _nothing)
)
fault("heading emoji changed", Goal.CERTAIN, "emoji.heading")(
    each(
        partial(_emoji_of, headings=True),
        lambda text, random: random.choice([sign for sign in "🐴🐙🎈" if sign != text]),
    )
)
fault("emoji dropped", Goal.CERTAIN, "emoji.body")(each(partial(_emoji_of, headings=False), _nothing))
fault("item number changed", Goal.CERTAIN, "md.item-number")(
    each(_item_numbers, lambda text, random: str(int(text) + random.choice((1, 3, 10))))
)


@fault("item dropped", Goal.CERTAIN, "seg.missing")
def _item_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """From its title to its last line."""
    for lines in _items(pair):
        span = Span(lines[0].span.start, lines[-1].span.end)
        numbers = tuple(site.source.number for site in lines)
        yield InjectedFault(pair.raw(lines[0])[:50], (Edit(span, ""),), numbers)


@fault("items swapped", Goal.CERTAIN, "seg.swapped")
def _items_swapped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """The numbers stay where they are."""
    for one, two in pairwise(_items(pair)):
        if any(pair.raw(item[0]).startswith("![") for item in (one, two)):
            continue  # its number stands behind an image and would move with it
        # Two titles without a text may share nothing that a translation keeps: nobody could tell.
        if 0 < two[0].target.number - one[-1].target.end <= 2 and len(one) > 1 and len(two) > 1:
            first, second = (_without_number(pair, lines) for lines in (one, two))
            what = f"{pair.text(first)[:30]} <-> {pair.text(second)[:30]}"
            yield exchanged(pair, first, second, (*one, *two), what)


fault("paragraph dropped", Goal.CERTAIN, "seg.missing")(each(_paragraphs, _nothing))


@fault("paragraph invented", Goal.CERTAIN, "seg.extra")
def _paragraph_invented(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, span in _paragraphs(pair):
        yield inserted(pair, site, span.end, f"\n\n{_INVENTED_PARAGRAPH}")


@fault("paragraphs merged", Goal.CERTAIN, "md.skeleton")
def _paragraphs_merged(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for one, two in pairwise(pair.sites):
        close = two.target.number - one.target.end == two.source.number - one.source.end == 2
        texts = one.target.shape is two.target.shape is LineShape.TEXT and not two.target.item
        # The definition of a footnote is none any more in the middle of a line: that is another fault.
        if close and texts and not pair.raw(two).startswith("[^"):
            lines = one.source.number, two.source.number
            yield InjectedFault("paragraphs merged", (Edit(Span(one.span.end, two.span.start), " "),), lines)


def _without_number(pair: InjectablePair, lines: list[Site]) -> Span:
    match = _NUMBER.match(pair.raw(lines[0]))
    space = match.end() + (pair.raw(lines[0])[match.end() :][:1] == " ") if match else 0
    return Span(lines[0].span.start + space, lines[-1].span.end)


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


class _Figure(NamedTuple):
    """A number of the translation, where it stands in the file, and all numbers of the source of its line."""

    site: Site
    text: str
    value: Decimal | str
    span: Span
    source: tuple[Quantity, ...]


def _figures(pair: InjectablePair, *kinds: QuantityKind) -> Iterator[_Figure]:
    """Numbers that stand once in their line, and that the source demands as one of these kinds."""
    for site, segment in segments_of(pair):
        source = chinese_quantities("\n".join(prose_of(one.text) for one in site.source.segments))
        found = english_quantities(plain(segment, pair.target))
        values = Counter(quantity.value for quantity in found)
        for quantity in found:
            origins = [one for one in source if same(one, quantity)]
            if not quantity.demanded or not any(one.demanded for one in origins):
                continue
            span = shifted(quantity.span, segment.span.start)
            # Where the translation says May 21, the `5.21` of the source is a date, too.
            kind = quantity.kind if quantity.kind is QuantityKind.DATE else origins[0].kind
            alone = values[quantity.value] == len(origins) == 1 and kind in kinds
            # Counts of stars and numbers of issues have faults of their own.
            after = pair.target.text[span.end :][:8]
            if alone and "star" not in after and not quantity.text.startswith("#"):
                yield _Figure(site, quantity.text, quantity.value, span, tuple(source))


def _rewritten(pair: InjectablePair, figure: _Figure, text: str) -> Iterator[InjectedFault]:
    """Another text for a number, unless the source happens to say that, too."""
    if not any(same(one, other) for other in english_quantities(text) for one in figure.source):
        yield injected(pair, figure.site, figure.span, text)


def _with_other_digit(text: str, random: Random) -> str:
    """The first digit is another one, so that no tolerance for `about` covers it."""
    return re.sub(r"\d", lambda match: random.choice("123456789".replace(match[0], "")), text, count=1)


@fault("number altered", Goal.CERTAIN, "num.value")
def _number_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    for figure in _figures(pair, *_COUNTED):
        if re.search(r"\d", figure.text):
            yield from _rewritten(pair, figure, _with_other_digit(figure.text, random))


@fault("magnitude altered", Goal.CERTAIN, "num.value")
def _magnitude_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Another power of ten: million for billion, 12,000 for 1,200."""
    for figure in _figures(pair, QuantityKind.NUMBER):
        if word := next((word for word in _SCALES if word in figure.text), None):
            yield from _rewritten(pair, figure, figure.text.replace(word, _SCALES[word]))
        elif match := re.search(r"\d[\d,]*(?:\.\d+)?", figure.text):
            value = Decimal(match[0].replace(",", "")) * random.choice((10, 100))
            yield from _rewritten(pair, figure, figure.text.replace(match[0], in_plain_figures(value)))


@fault("number dropped", Goal.CERTAIN, "num.missing")
def _number_dropped(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """`many` for a number above ten."""
    for figure in _figures(pair, *_COUNTED):
        if re.search(r"\d", figure.text) and isinstance(figure.value, Decimal) and figure.value > 10:
            yield from _rewritten(pair, figure, "many")


@fault("number invented", Goal.CERTAIN, "num.added", "llm.addition")
def _number_invented(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A number in the last sentence that the source lacks."""
    for site, segment in segments_of(pair):
        is_first = segment is site.target.segments[0]
        if is_first and segment.kind is Kind.TEXT and pair.text(segment.span).endswith("."):
            yield inserted(pair, site, segment.span.end - 1, f" in {random.randint(1200, 9800):,} cases")


@fault("date altered", Goal.CERTAIN, "num.date")
def _date_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    for figure in _figures(pair, QuantityKind.DATE):
        month = next((month for month in MONTHS if month in figure.text), None)
        if month and random.random() < 0.5:
            other = MONTHS[(MONTHS.index(month) + 1) % len(MONTHS)]
            yield from _rewritten(pair, figure, figure.text.replace(month, other))
        elif match := re.search(r"\d+(?=\D*\Z)", figure.text):
            other = str(int(match[0]) - 1 or 2).zfill(len(match[0]))
            text = figure.text[: match.start()] + other + figure.text[match.end() :]
            yield from _rewritten(pair, figure, text)


@fault("version altered", Goal.CERTAIN, "num.version")
def _version_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """3.10 is 3.1 now, 3.12 is 3.2."""
    for figure in _figures(pair, QuantityKind.VERSION):
        if match := re.search(r"\.(\d)(?=\d)", figure.text):
            other = figure.text.replace(match[0], ".", 1)
        else:
            other = re.sub(r"\d(?=\D*\Z)", lambda last: str(int(last[0]) ^ 1), figure.text)
        yield from _rewritten(pair, figure, other)


fault("unit altered", Goal.CERTAIN, "num.unit")(
    words_replaced(rf"(?:(?<=[0-9] )|(?<=[0-9]))(?:{'|'.join(_UNITS)})\b", lambda match, _: _UNITS[match[0]])
)
fault("currency altered", Goal.CERTAIN, "num.currency")(
    words_replaced(
        r"(?<=[0-9] )(?:yuan|RMB|dollars)\b|(?:yuan|RMB|dollars|\$)(?=[0-9])",
        lambda match, _: _CURRENCIES[match[0]],
    )
)
fault("stars altered", Goal.CERTAIN, "num.value")(
    marks_replaced(
        r"\((?=[^()]*star)(?:stars? )?(\d)[\d.,]*[kK]?(?: stars?)?\)",
        lambda match, random: _with_other_digit(match[0], random),
    )
)
fault("issue number altered", Goal.CERTAIN, "num.issue", "num.value")(
    words_replaced(r"#(\d+)(?![\w-])", lambda match, _: str(int(match[1]) + 1), group=1)
)
fault("language note inverted", Goal.CERTAIN, "lang.tag")(
    marks_replaced(
        r"\((?:in )?(EN|Eng|English|CN|Chinese)\b[^()]*\)",
        lambda match, _: "(Chinese)" if match[1].startswith("E") else "(EN)",
    )
)


# --------------------------------------------------------------------------- names and terms

_LATIN_NAME = re.compile(r"(?<![\w./])[A-Za-z]*[A-Z][A-Za-z]{4,}(?![\w./])")


@fault("name altered", Goal.CERTAIN, "term.nontranslatable", "title.name")
def _name_altered(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """A name with a letter too many or in two words."""
    for site, span in _latin_names(pair):
        name = pair.text(span)
        at = random.randint(2, len(name) - 2)
        yield injected(pair, site, span, name[:at] + random.choice((" ", name[at - 1])) + name[at:])


@fault("case of a name altered", Goal.CERTAIN, "term.case", "title.name")
def _case_altered(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A name without the capitals inside; APP may be an app."""
    for site, span in _latin_names(pair):
        name = pair.text(span)
        if not (name[1:].islower() or name.isupper()):
            yield injected(pair, site, span, name[0] + name[1:].lower())


@fault("term violated", Goal.CERTAIN, "term.missing", "term.forbidden")
def _term_replaced(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """A word that the glossary forbids, or another one."""
    for site, segment, words in bodies(pair):
        for term in pair.rules.terms_in(prose_of(site.source.segments[0].text)):
            pattern = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, term.renderings))})\w*")
            found = list(pattern.finditer(words))
            other = term.avoid[0] if term.avoid else "gadget"
            if found:
                edits = tuple(
                    Edit(
                        shifted(match, segment.span.start),
                        other if match[0].islower() else other.capitalize(),
                    )
                    for match in found
                )
                yield InjectedFault(f"{found[0][0]} -> {other}", edits, (site.source.number,))


def _latin_names(pair: InjectablePair) -> Iterator[tuple[Site, Span]]:
    """Latin names that stand once in the source and once in the translation."""
    for site, segment, words in bodies(pair):
        source = prose_of(site.source.segments[0].text)
        for name in dict.fromkeys(_LATIN_NAME.findall(source)):
            alone = source.lower().count(name.lower()) == words.lower().count(name.lower()) == 1
            if alone and name in words:
                start = segment.span.start + words.index(name)
                yield site, Span(start, start + len(name))


# --------------------------------------------------------------------------- model artifacts


_PREFACES = ("Here is the translation: ", "Sure! Here's the English translation:\n\n", "Translation: ")
_COMMENTS = (" (Note: the original uses a pun here.)", " [Translator's note: a holiday in spring.]")


def _edges_of_bodies(pair: InjectablePair, edge: int) -> Iterator[Place]:
    places = ((site, segment.span[edge]) for site, segment, _words in bodies(pair))
    return (Place(site, Span(at, at)) for site, at in places)


fault("preamble", Goal.CERTAIN, "llm.preface", "seg.extra")(
    each(partial(_edges_of_bodies, edge=0), lambda _text, random: random.choice(_PREFACES))
)
fault("translator's comment", Goal.CERTAIN, "llm.commentary")(
    each(partial(_edges_of_bodies, edge=1), lambda _text, random: random.choice(_COMMENTS))
)


@fault("fence around a text", Goal.CERTAIN, "seg.missing")
def _fence_added(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site, segment, _words in bodies(pair):
        if segment.span == site.span:
            yield injected(pair, site, site.span, f"```markdown\n{pair.raw(site)}\n```", "a fence around it")


# --------------------------------------------------------------------------- sentences

_CLAUSE = re.compile(r"[，。；：！？、…（）“”]+")
_MARKUP = re.compile(r"[_*`<\[\ufffc]")
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
def _sentence_dropped(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    for site, segment, words in bodies(pair):
        spans = sentences(segment, words)
        possible = whole_sentences(spans, segment, pair)
        if len([span for span in spans if span.end - span.start >= SHORTEST]) > 1 and possible:
            span = random.choice(possible)
            at = Span(spans[-2].end - 1, span.end) if span == spans[-1] else span
            yield injected(pair, site, at, "")


@fault("sentence invented", Goal.LIKELY, "llm.addition", "seg.too-long")
def _sentence_invented(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    for site, segment, words in bodies(pair):
        spans = followed(sentences(segment, words), segment)
        yield _inserted(pair, site, random.choice(spans), random.choice(_INVENTED_SENTENCES))


@fault("sentence strayed", Goal.LIKELY, "llm.addition", "seg.too-long", "num.added")
def _sentence_strayed(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
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
def _sentence_repeated(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    for site, segment, words in bodies(pair):
        if possible := whole_sentences(sentences(segment, words), segment, pair):
            span = random.choice(possible)
            yield _inserted(pair, site, span, pair.text(span).strip())


# --------------------------------------------------------------------------- left in Chinese


@fault("clause left in Chinese", Goal.LIKELY, "seg.residual-cjk")
def _clause_left(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
    """Words between two commas."""
    for site, segment, words in bodies(pair):
        text = TAG.sub("￼", site.source.segments[0].text)
        clauses = [one for one in _CLAUSE.split(text) if han_count(one) >= 5 and not _MARKUP.search(one)]
        borders = [0, *(match.end() for match in re.finditer(r"[,.;:] ", words)), len(words) - 1]
        spans = [shifted(Span(one, two), segment.span.start) for one, two in pairwise(borders)]
        spans = [span for span in spans if is_bare(span, segment) and span.end - span.start > 10]
        # The clause is any one of the text: names and numbers that it does not hold would be lost, too.
        spans = [span for span in spans if not re.search(r"[A-Z0-9]", pair.text(span)[1:])]
        if clauses and spans:
            clause, span = random.choice(clauses), random.choice(spans)
            ending = re.findall(r"[,.;:]? ?\Z", pair.text(span))[0]
            yield injected(pair, site, span, clause + ending)


@fault("word left in Chinese", Goal.LIKELY, "seg.residual-cjk")
def _word_left(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
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
            yield injected(pair, site, shifted(match, segment.span.start), run[:2])


@fault("half left in Chinese", Goal.LIKELY, "seg.residual-cjk")
def _half_left(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
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
def _all_left(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
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
def _text_cut_off(pair: InjectablePair, random: Random) -> Iterator[InjectedFault]:
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


# --------------------------------------------------------------------------- harmless changes

_QUOTED = re.compile(r'(?<!\S)"([^"]+)"(?=[\s.,;:)]|\Z)')

fault("number in another form", Goal.SILENT)(
    words_replaced(
        r"(?<![\d.,$#])\d{1,3}(?:,\d{3})+(?![\d.,%])|(?<=\d)%",
        lambda match, _: " percent" if match[0] == "%" else match[0].replace(",", ""),
    )
)


@fault("curly quotes", Goal.SILENT)
def _quotes_curled(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """Curly quotes for all straight ones of a text."""
    for site, segment in segments_of(pair):
        words = plain(segment, pair.target)
        if words.count('"') == 2 and (match := _QUOTED.search(words)):
            start, end = shifted(match, segment.span.start)
            edits = Edit(Span(start, start + 1), "“"), Edit(Span(end - 1, end), "”")
            yield InjectedFault("curly quotes", edits, (site.source.number,))


@fault("one more blank line", Goal.SILENT)
def _lines_spaced(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    for site in pair.sites:
        if pair.target.text.startswith("\n\n", site.span.end):
            yield inserted(pair, site, site.span.end, "\n", "a blank line more")


@fault("the other emphasis sign", Goal.SILENT)
def _emphasis_respelled(pair: InjectablePair, _: Random) -> Iterator[InjectedFault]:
    """`__bold__` for `**bold**`, `_italics_` for `*italics*`."""
    text = pair.target.text
    for site, segment in segments_of(pair):
        for tag in segment.tags:
            if tag.closing is None or tag.kind not in (TagKind.STRONG, TagKind.EMPHASIS):
                continue
            if text[tag.opening.start - 1] in " \n" and text[tag.closing.end :][:1] in " .,":
                spans = tag.opening, tag.closing
                edits = tuple(Edit(span, pair.text(span).replace("*", "_")) for span in spans)
                yield InjectedFault("underscores", edits, (site.source.number,))


fault("note in other words", Goal.SILENT)(
    marks_replaced(
        r"\((EN|Eng|English)\)", lambda _, random: random.choice(("(in English)", "(English)", "(Eng)"))
    )
)
fault("stars in other words", Goal.SILENT)(
    marks_replaced(
        r"\((?:stars? (?P<one>[\d.]+)|(?P<two>[\d.]+)) ?[kK](?: stars?)?\)",
        lambda match, _: f"({match['one'] or match['two']}k stars)",
    )
)
fault("two sentences as one", Goal.SILENT)(
    words_replaced(r"(?<=[a-z]{3})\. ([A-Z])(?=[a-z]+ [a-z])", lambda match, _: f"; {match[1].lower()}")
)
fault("a comma less", Goal.SILENT)(
    words_replaced(r"(?<=[a-z]), (?=(?:and|but|so|which|then) )", lambda _match, _random: " ")
)
