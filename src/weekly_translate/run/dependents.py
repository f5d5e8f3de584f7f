"""Segments that wait for an answer to another one, in this run or in another run on the same memory."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.run.lookup import hit_for, title_link
from weekly_translate.text.number_templates import template_of
from weekly_translate.text.titles import same_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.model import Entry
    from weekly_translate.run.attempts import Progress
    from weekly_translate.run.job import Job
    from weekly_translate.run.plan import Ask

# Asked side by side, each would get an answer of its own, and which of them the others then took over would
# depend on which came first. So the order of the issues decides, and the same sources give the same bytes.


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


# ---------------------------------------------------------------------------
# Two runs on one memory: what one of them is asking for, the other waits for.


PAUSE = 0.2
"""Seconds after which a run that has nothing else to do looks for the answers of the other one."""


class Shares(NamedTuple):
    """Segments that were open when the run was planned."""

    ours: list[Progress]
    answered: list[tuple[Progress, Entry]]
    elsewhere: list[Progress]


class Claiming:
    """What this run has claimed and not given back. Drafts cost nothing and are not stored: no claims."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._held: set[str] = set()
        self._has_told = False

    def shares(self, members: Sequence[Progress], job: Job) -> Shares:
        """Claim what nobody asks for; another run may have answered it in the meantime.

        `job` is that of the issue: its edition may have terms and names of its own.
        """
        if self._job.drafts:
            return Shares(list(members), [], [])
        granted = self.granted(progress.ask.key for progress in members)
        shares = Shares([], [], [])
        for progress in members:
            ask = progress.ask
            if ask.key not in granted:
                shares.elsewhere.append(progress)
            elif (entry := hit_for(ask.segment, ask.key, ask.terms, job)) is not None:
                shares.answered.append((progress, entry))
            else:
                shares.ours.append(progress)
        self.give_back(*(progress for progress, _ in shares.answered))
        return shares

    def tell_wait(self, number: int) -> None:
        """Say once that nothing is left to do but to wait for another run."""
        if not self._has_told:
            self._has_told = True
            what = "a segment" if number == 1 else f"{number:,} segments"
            self._job.said(
                f"another run on this memory is asking for {what}: waiting for its answers; "
                "what it leaves open is asked here"
            )

    def granted(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that nobody else has claimed."""
        if not (wanted := list(keys)):
            return set()
        granted = self._job.memory.claims.claim(wanted)
        self._held |= granted
        return granted

    def give_back(self, *members: Progress) -> None:
        """These are settled; those with an answer gave their claim back when it was stored."""
        keys = self._held.intersection(progress.ask.key for progress in members)
        self._release(keys)

    def end(self) -> None:
        """Nothing more is asked: what was claimed is free for others."""
        self._release(set(self._held))

    def _release(self, keys: set[str]) -> None:
        if keys:
            self._job.memory.claims.release(keys)
            self._held -= keys
