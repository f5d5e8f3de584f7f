"""What reads in several ways in a season: terms of the glossary, names in Latin letters, titles of works."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.names import latin_names, run_together
from weekly_translate.checks.terms import avoided_in, rendering_in
from weekly_translate.model import Kind, Pair
from weekly_translate.reports.season_json import Place, Variety
from weekly_translate.tags import prose_of, without_tags
from weekly_translate.titles import same_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.pipeline import Translation

_MOST_TITLES = 50
"""An address with more titles than these is that of a site, which has a title for each of its pages."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9+#]*(?:[-.][A-Za-z0-9+#]+)*")


class Said(NamedTuple):
    """How something reads in one place; what has the same `key` should read alike."""

    kind: str
    key: str
    source: str
    text: str
    place: Place


def said_in(name: str, translation: Translation) -> list[Said]:
    """All that should read alike wherever it stands, in one issue called `name`."""
    terms = translation.plan.terms
    said: list[Said] = []
    for one in translation.rendering.segments:
        if one.target is not None:
            pair = Pair(one.segment, one.target, terms.get(one.segment.id, ()))
            place = Place(name, one.segment.line)
            said += [*_terms(pair, place), *_names(pair, place), *_titles(pair, place)]
    return said


def varieties_in(said: Iterable[Said]) -> list[Variety]:
    """What reads in more than one way, terms first; of each, the most frequent reading first."""
    groups: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        groups[one.kind, one.key].append(one)
    found = []
    for (kind, _), group in groups.items():
        for alike in _works(group) if kind == "title" else [group]:
            places: defaultdict[str, list[Place]] = defaultdict(list)
            for one in alike:
                places[one.text].append(one.place)
            if len(places) > 1:
                ordered = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
                found.append(Variety(kind, alike[0].source, {text: tuple(where) for text, where in ordered}))
    return sorted(found, key=lambda one: (("term", "name", "title").index(one.kind), one.source))


def _terms(pair: Pair, place: Place) -> Iterator[Said]:
    """The reading of each term that the glossary knows; what it lacks is a finding of its own."""
    target = without_tags(pair.target)
    source = prose_of(pair.segment.text)
    for term in pair.terms:
        word = next(iter(avoided_in(term, target)), None) or rendering_in(term, target)
        if word is not None and term.source in source:
            yield Said("term", f"{term.source}\n{term.target}", term.source, word, place)


def _names(pair: Pair, place: Place) -> Iterator[Said]:
    """How the translation writes a Latin name of the source; in small letters it may be a command."""
    written = {run_together(word): word for word in _WORD.findall(without_tags(pair.target))}
    for name in latin_names(pair):
        word = written.get(run_together(name), "")
        if word and not word.islower():
            yield Said("name", run_together(name), name, word, place)


def _titles(pair: Pair, place: Place) -> Iterator[Said]:
    segment = pair.segment
    if segment.kind is Kind.TITLE and segment.link:
        yield Said("title", segment.link, without_tags(segment.text), without_tags(pair.target), place)


def _works(group: Sequence[Said]) -> list[list[Said]]:
    """The titles of one address, by the works that they name: a site has many, an article one."""
    works: list[list[Said]] = []
    for one in group if len(group) <= _MOST_TITLES else []:
        work = next((work for work in works if same_work(work[0].source, one.source)), None)
        if work is None:
            works.append([one])
        else:
            work.append(one)
    return works
