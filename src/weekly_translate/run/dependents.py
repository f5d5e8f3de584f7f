"""Segments of a run that wait for the answer to an earlier one, which may serve them as well.

Asked side by side, each would get an answer of its own, and which of them the others then took over would
depend on which came first. So the order of the issues decides, and the same sources give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.run.lookup import title_link
from weekly_translate.text.number_templates import template_of
from weekly_translate.text.titles import same_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.run.lookup import Ask


class QuestionId(NamedTuple):
    """A segment that is to be asked in a run: the number of its issue, and its key."""

    issue: int
    key: str


class Dependents:
    """Who waits for whom. Nobody waits for a later one, so that there is no circle."""

    def __init__(self, issues: Sequence[Iterable[Ask]] = (), *, drafts: bool = False) -> None:
        """`issues` are the open segments of each; a draft serves nobody but the very same question."""
        self._leaders: dict[QuestionId, set[QuestionId]] = {}
        self._dependents: dict[QuestionId, list[QuestionId]] = defaultdict(list)
        earlier = _Earlier()
        for number, asks in enumerate(issues):
            for ask in asks:
                question = QuestionId(number, ask.key)
                if leaders := set(earlier.like(ask, drafts=drafts)):
                    self._leaders[question] = leaders
                    for leader in leaders:
                        self._dependents[leader].append(question)
                earlier.add(question, ask)

    def waits(self, question: QuestionId) -> bool:
        """Whether it is not to be asked yet."""
        return question in self._leaders

    def released_by(self, question: QuestionId) -> Iterator[QuestionId]:
        """Those that waited for this answer as the last one."""
        for dependent in self._dependents.pop(question, ()):
            leaders = self._leaders[dependent]
            leaders.discard(question)
            if not leaders:
                del self._leaders[dependent]
                yield dependent


class _Earlier:
    """The questions so far: the last one of each key and pattern, all titles of each address."""

    def __init__(self) -> None:
        self._keys: dict[str, QuestionId] = {}
        self._templates: dict[str, QuestionId] = {}
        self._titles: dict[str, list[tuple[str, QuestionId]]] = defaultdict(list)

    def like(self, ask: Ask, *, drafts: bool) -> Iterator[QuestionId]:
        """Those that may serve this one: the same question alone, else its pattern and its work."""
        if ask.key in self._keys:
            yield self._keys[ask.key]
        elif not drafts:
            segment = ask.segment
            if (template := template_of(segment.text)) in self._templates:
                yield self._templates[template]
            for text, question in reversed(self._titles.get(title_link(segment), ())):
                if same_work(text, segment.text):
                    yield question
                    break

    def add(self, question: QuestionId, ask: Ask) -> None:
        """The next one looks back at this one."""
        self._keys[ask.key] = question
        if template := template_of(ask.segment.text):
            self._templates[template] = question
        if link := title_link(ask.segment):
            self._titles[link].append((ask.segment.text, question))
