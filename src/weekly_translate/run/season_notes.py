"""What a season keeps of each issue that goes by, so that the rest can be forgotten."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.terms import avoided_in, latin_names, rendering_in, run_together
from weekly_translate.edition.applying import unused
from weekly_translate.errors import ExitCode
from weekly_translate.llm.tokens import cost
from weekly_translate.model import Kind, Pair
from weekly_translate.report.data import Idle
from weekly_translate.report.review_values import UsedRule
from weekly_translate.report.season_table import Account, Counts, Ending, Occurrence, Variety, share_of
from weekly_translate.run.issue import inventory_of
from weekly_translate.text import lazy_pattern
from weekly_translate.text.alike import same_work
from weekly_translate.text.tags import prose_of, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weekly_translate.edition.values import Edition, Use
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.llm.tokens import Price
    from weekly_translate.model import Usage
    from weekly_translate.report.season_table import Inventory
    from weekly_translate.run.issue import Result
    from weekly_translate.run.project import ProjectData

_MOST_TITLES = 50
"""An address with more titles than these is that of a site, which has a title for each of its pages."""
_WORD = lazy_pattern(r"[A-Za-z][A-Za-z0-9+#]*(?:[-.][A-Za-z0-9+#]+)*")


class SeasonNotes:
    """What is noted of each issue, so that its rendering need not be kept."""

    def __init__(self, *, counting: bool = False) -> None:
        """With `counting`, each result is read once more and what it holds is counted."""
        self.said: list[Said] = []
        self.inventories: list[Inventory] = []
        self._counting = counting
        self._uses: defaultdict[str, list[Use]] = defaultdict(list)
        self._editions: dict[str, Edition] = {}
        self._issues: Counter[str] = Counter()

    def note(self, name: str, result: Result) -> None:
        """Take in an issue called `name`."""
        self.said += said_in(name, result)
        choice, _, edited = result.plan.manuscript
        file = choice.edition.file
        self._editions[file] = choice.edition
        self._uses[file] += edited.uses
        self._issues[file] += 1
        if self._counting:
            self.inventories.append(inventory_of(name, result))

    @property
    def idle(self) -> list[Idle]:
        """The rules that fired in none of the issues of their edition. One issue alone proves nothing."""
        return [
            Idle(file, rule.line, rule.kind.value, rule.name, self._issues[file])
            for file, edition in self._editions.items()
            if self._issues[file] > 1
            for rule in unused(edition, self._uses[file])
        ]


def account_of(result: Result, name: str) -> Account:
    """What has become of an issue called `name`, and what it has taken."""
    order, plan, failure = result.order, result.plan, result.failure
    edition, edited = plan.manuscript.choice.edition, plan.manuscript.edited
    return Account(
        name,
        str(order.source),
        str(order.out),
        result.ending or Ending.OPEN,
        why=result.why or str(failure or ""),
        signature=result.signature,
        edition=edition.name,
        counts=counts_of(result),
        share=share_of(plan.document.segments, plan.remembered),
        usage=result.usage + result.reading,
        cost=cost_of(result.usage, result.reading, result.plan.data),
        seconds=result.seconds,
        # What a run that was stopped has not asked for is no fault of the issue.
        findings=() if failure is not None else result.findings,
        rules=tuple(UsedRule(use.kind, use.rule, use.lines) for use in edited.uses),
        diff=result.diff,
        left=() if failure is not None else result.left,
        dropped_errors=result.dropped_errors,
    )


def counts_of(result: Result) -> Counts:
    """Where the segments of an issue come from."""
    answers, plan = result.answers.values(), result.plan
    memory, edition = len(plan.remembered), len(plan.known) - len(plan.remembered)
    left = sum(one.target is None for one in answers)
    made = len(answers) - memory - edition - left - result.drafts
    return Counts(len(answers), memory, edition, made, result.drafts, left)


def cost_of(usage: Usage, reading: Usage, data: ProjectData) -> Decimal | None:
    """What translating and reading have cost together."""
    parts = [paid(usage, data.price), paid(reading, data.reader.price if data.reader else None)]
    known = [part for part in parts if part is not None]
    return sum(known, Decimal()) if len(known) == len(parts) else None


def paid(usage: Usage, price: Price | None) -> Decimal | None:
    """What was paid; nothing where nothing was asked, whatever the price is."""
    return cost(usage, price) if usage.requests else Decimal()


def code_of(accounts: Iterable[Account], failure: WeeklyTranslateError | None) -> ExitCode:
    """What the shell is told: what ended the season, else the worst of what became of its issues."""
    if failure is not None:
        return failure.exit_code
    endings = {one.ending for one in accounts}
    if Ending.UNSAVED in endings:
        return ExitCode.STORAGE
    if endings & {Ending.REFUSED, Ending.HELD, Ending.FOREIGN, Ending.OPEN}:
        return ExitCode.PARTIAL
    return ExitCode.FINDINGS if endings & {Ending.ERRORS, Ending.INCOMPLETE} else ExitCode.DONE


class Said(NamedTuple):
    """How something reads in one place; what has the same `key` should read alike."""

    kind: str
    key: str
    source: str
    text: str
    place: Occurrence


def said_in(name: str, result: Result) -> list[Said]:
    """All that should read alike wherever it stands, in one issue called `name`."""
    terms = result.plan.terms
    said: list[Said] = []
    for segment, answer in result.segments:
        if answer.target is not None:
            pair = Pair(segment, answer.target, terms.get(segment.id, ()))
            place = Occurrence(name, segment.line)
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
            places: defaultdict[str, list[Occurrence]] = defaultdict(list)
            for one in alike:
                places[one.text].append(one.place)
            if len(places) > 1:
                ordered = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
                found.append(Variety(kind, alike[0].source, {text: tuple(where) for text, where in ordered}))
    return sorted(found, key=lambda one: (("term", "name", "title").index(one.kind), one.source))


def _terms(pair: Pair, place: Occurrence) -> Iterator[Said]:
    """The reading of each term that the glossary knows; what it lacks is a finding of its own."""
    target = without_tags(pair.target)
    source = prose_of(pair.segment.text)
    for term in pair.terms:
        word = next(iter(avoided_in(term, target)), None) or rendering_in(term, target)
        if word is not None and term.source in source:
            yield Said("term", f"{term.source}\n{term.target}", term.source, word, place)


def _names(pair: Pair, place: Occurrence) -> Iterator[Said]:
    """How the translation writes a Latin name of the source; in small letters it may be a command."""
    written = {run_together(word): word for word in _WORD.findall(without_tags(pair.target))}
    for name in latin_names(pair):
        word = written.get(run_together(name), "")
        if word and not word.islower():
            yield Said("name", run_together(name), name, word, place)


def _titles(pair: Pair, place: Occurrence) -> Iterator[Said]:
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
