"""Segments that wait for an earlier one, because its answer may serve them too.

Asked side by side, each would get an answer of its own, and which of them the others then took over would
depend on which came first. So the order of the issues decides, and the same sources give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.pipeline.works import title_link
from weekly_translate.templates import template_of
from weekly_translate.titles import same_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.pipeline.plan import Ask


class Place(NamedTuple):
    """A question of a run: the number of its issue, and its key."""

    issue: int
    key: str


class Followers:
    """Who waits for whom. Nobody waits for a later one, so that there is no circle."""

    def __init__(self, issues: Sequence[Iterable[Ask]], *, drafts: bool = False) -> None:
        """`issues` are the open questions of each; a draft serves nobody but the very same question."""
        self._leaders: dict[Place, set[Place]] = {}
        self._followers: dict[Place, list[Place]] = defaultdict(list)
        earlier = _Earlier()
        for number, asks in enumerate(issues):
            for ask in asks:
                place = Place(number, ask.key)
                if leaders := set(earlier.like(ask, drafts=drafts)):
                    self._leaders[place] = leaders
                    for leader in leaders:
                        self._followers[leader].append(place)
                earlier.add(place, ask)

    def waits(self, place: Place) -> bool:
        """Whether a question is not to be asked yet."""
        return place in self._leaders

    def released_by(self, place: Place) -> Iterator[Place]:
        """Those that waited for this answer as the last one."""
        for follower in self._followers.pop(place, ()):
            leaders = self._leaders[follower]
            leaders.discard(place)
            if not leaders:
                del self._leaders[follower]
                yield follower


class _Earlier:
    """The questions so far: the last one of each key and pattern, all titles of each address."""

    def __init__(self) -> None:
        self._keys: dict[str, Place] = {}
        self._templates: dict[str, Place] = {}
        self._titles: dict[str, list[tuple[str, Place]]] = defaultdict(list)

    def like(self, ask: Ask, *, drafts: bool) -> Iterator[Place]:
        """Those that may serve this one: the same question alone, else its pattern and its work."""
        if ask.key in self._keys:
            yield self._keys[ask.key]
        elif not drafts:
            segment = ask.segment
            if (template := template_of(segment.text)) in self._templates:
                yield self._templates[template]
            for text, place in reversed(self._titles.get(title_link(segment), ())):
                if same_work(text, segment.text):
                    yield place
                    break

    def add(self, place: Place, ask: Ask) -> None:
        """The next question looks back at this one."""
        self._keys[ask.key] = place
        if template := template_of(ask.segment.text):
            self._templates[template] = place
        if link := title_link(ask.segment):
            self._titles[link].append((ask.segment.text, place))
