"""What a project has for translating: data files, memory, limits. It is read without an engine."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from weekly_translate.checks.markup import why_not_stored
from weekly_translate.checks.model_artifacts import grams_of
from weekly_translate.checks.registry import findings_of, settled
from weekly_translate.data_files import data_file, read_data, yaml_in
from weekly_translate.edition.applying import read_editions
from weekly_translate.errors import UsageError
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.llm.engine import (
    NOT_ASKED,
    AbsentEngine,
    EngineContext,
    EngineInfo,
    engine_for,
    makes_drafts,
)
from weekly_translate.llm.providers import is_local
from weekly_translate.llm.requests import PROMPT_NAMES, Family, Prompts, check_prompts, size_for
from weekly_translate.llm.tokens import (
    Budget,
    Experience,
    Price,
    SharedBudget,
    TokenCount,
    cost,
    estimates_for,
    tokens_for,
)
from weekly_translate.model import SOURCE_DOUBT, ComplaintKind, Finding, Format, Settlement, Severity, Status
from weekly_translate.quality.reading import Reader, SecondReader
from weekly_translate.quality.verdicts import meaning_findings
from weekly_translate.settings import PROJECT_FILE
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.compare.ignores import Ignore
    from weekly_translate.edition.applying import Choice, Editions
    from weekly_translate.glossary.entries import Matcher
    from weekly_translate.llm.engine import Engine
    from weekly_translate.llm.providers import Provider
    from weekly_translate.llm.replies import ParsedReply
    from weekly_translate.llm.requests import ChunkSize
    from weekly_translate.memory.translation_memory import TranslationMemory
    from weekly_translate.model import Entry, Pair, Usage
    from weekly_translate.settings import Settings

_USAGE, _SIZE = "usage", "size"
"""Where experience is remembered among the facts about a model, and how large its requests are by now."""
_FAMILIES_WITH_TAGS = ("hy-mt",)
Fact = TypeVar("Fact")
EngineMaker = Callable[["Settings", EngineContext], "Engine"]

_COUNTED_TEXTS = 8_192
"""So many texts are kept with their tokens: each is counted for its chunk, its forecast and its request."""


class ProjectData(NamedTuple):
    """The data files, the memory and the limits of a project, and which engine's answers they are for."""

    memory: TranslationMemory
    prompts: Prompts
    matcher: Matcher
    editions: Editions
    provider: Provider
    """What is known of the model at its endpoint."""
    size: ChunkSize
    count_tokens: Callable[[str], int]
    """How many tokens a text may have, an estimate rounded up: for chunk sizes and budgets."""
    forecast_tokens: Callable[[str], int]
    """The same, exact where the ranks of the model are there: for what a person is told beforehand."""
    prompt_versions: tuple[str, ...] = ("",)
    """The hash of the prompts, and those of earlier releases whose answers count as theirs."""
    made_from: tuple[str, ...] = ()
    """The versions of the data files that decide about a result."""
    jobs: int = 8
    price: Price | None = None
    budget: Decimal | None = None
    """Dollars for this run: of one run, or what earlier ones have left of all."""
    shared_budget: SharedBudget | None = None
    """Where there is one for all runs."""
    allowed_chinese: frozenset[str] = frozenset()
    senses: AllSenses | None = None
    """The dictionary by which sentences are missed; it is read when the first answer is judged."""
    outdated: frozenset[tuple[str, str]] = frozenset()
    """Machines' answers that are to be asked anew: their texts, and when they were stored."""
    retries: bool = False
    """Whether what was asked for in vain is asked again."""
    warm_up: bool = False
    """Whether one small request goes ahead of many, so that the provider has cached what all begin with."""
    ignores: tuple[Ignore, ...] = ()
    """What a person has looked at and wants silent, with the reasons."""
    reader: SecondReader | None = None
    """Who reads the translations of this run a second time."""
    accepted: Settlement | None = None
    """Why a person accepts all answers of this run, whatever the checks say."""
    engine: EngineInfo = NOT_ASKED

    def under(self, choice: Choice) -> ProjectData:
        """The same for a document of an edition: with its terms and its names."""
        edition = choice.edition
        return self._replace(
            prompts=self.prompts._replace(about=edition.about or self.prompts.about),
            matcher=self.matcher.extended(edition.terms),
            allowed_chinese=self.allowed_chinese.union(edition.keep),
            made_from=(*self.made_from, choice.signature),
        )

    def is_outdated(self, entry: Entry) -> bool:
        """Whether `--fresh` or `--retranslate-from` wants another answer than this one of a machine."""
        return entry.status < Status.EDITED and (entry.target, entry.created) in self.outdated

    @property
    def signature(self) -> str:
        """How a result is made: engine | prompts | glossary, and under an edition: | edition."""
        return " | ".join((self.engine.name, *self.made_from))

    @property
    def drafts(self) -> bool:
        """Whether the engine's answers are drafts, which are neither stored nor repaired."""
        return self.engine.worth is Status.DRAFT

    @property
    def prompt_grams(self) -> frozenset[str]:
        """What must not turn up in a translation: the words of our own instructions."""
        return grams_of(self.prompts.system)

    def store_failed_answer(self, key: str, source: str, target: str, found: Sequence[Finding]) -> None:
        """Keep an answer that did not pass: it was paid, and the next request begins with it."""
        origin = self.engine.name
        self.memory.store_failed_answer(key, source, target, findings=found, origin=origin)

    def findings_of(self, pair: Pair) -> list[Finding]:
        """Whatever the checks say about a translation, and what is settled about it.

        Nobody counts the sentences of a draft.
        """
        senses = None if self.drafts else self.senses
        found = _judged(pair, self.allowed_chinese, self.prompt_grams, senses)
        source, target = pair.segment.text, pair.target
        if found and not why_not_stored(pair):  # a broken link is not settled by anybody's word
            found = settled(found, self.accepted or self.memory.settlements.of(source, target))
        said = None if self.drafts else self.memory.proofreadings.of(source, target)
        found = [*found, *meaning_findings(pair, said.errors)] if said else found
        found = found if self.drafts else [*found, *self._doubts_about(pair)]
        return self.with_ignored(found, lambda _: source, lambda _: target)

    def with_ignored(
        self, found: list[Finding], source: Callable[[int | None], str], target: Callable[[int | None], str]
    ) -> list[Finding]:
        """What a person wants silent is an information, with the reason; the others give lines by number."""
        if not (found and self.ignores):
            return found
        from weekly_translate.compare.ignores import as_informations, sifted  # noqa: PLC0415 - as in `_ignores`

        return [*as_informations(sifted(found, self.ignores, source, target))]

    def _doubts_about(self, pair: Pair) -> Iterator[Finding]:
        """What a translator took for slips of the source: for an editor, and nothing depends on it."""
        for words, why in self.memory.proofreadings.doubts_about(pair.segment.text):
            yield Finding(
                SOURCE_DOUBT,
                Severity.INFO,
                f"“{words}”: {why}",
                pair.segment.id,
                pair.segment.line,
                pair.target_line,
                kind=ComplaintKind.MEANING,
            )


@lru_cache(maxsize=16_384)
def _judged(
    pair: Pair, kept: frozenset[str], grams: frozenset[str], senses: AllSenses | None
) -> list[Finding]:
    """Kept for when the issue is written: then the last answer is there, and nothing else to wait for.

    And for a review, which judges a season when it is opened and little more after each decision.
    """
    return findings_of(pair, kept=kept, prompt_grams=grams, senses=senses)


def accepting(data: ProjectData, who: str, reason: str, status: Status) -> ProjectData:
    """The same for answers that a person accepts whatever the checks say. Raises `UsageError`."""
    if status < Status.EDITED:
        raise UsageError("--accept-anyway is a person's word: give --status edited or approved as well.")
    return data._replace(accepted=Settlement(who=who, reason=reason_in(reason)))


def reason_in(text: str) -> str:
    """The words of a reason on one line. Raises `UsageError` where there are none."""
    if not text.strip():
        raise UsageError("--accept-anyway needs a reason: it is shown wherever the checks complain.")
    return " ".join(text.split())


def read_project(settings: Settings, memory: TranslationMemory) -> ProjectData:
    """Read the data files that the settings name. Raises `UsageError`."""
    texts = {name: read_data(data_file(f"prompts/{name}.md", settings.project)) for name in PROMPT_NAMES}
    provider = settings.provider
    prompts = Prompts(**texts, family=_family(provider.family, settings.project))
    prompts = prompts._replace(about=settings.about or prompts.about)
    check_prompts(prompts)
    glossary = read_glossary(settings.glossary, settings.project, settings.cache)
    budget, shared = _budget_of(settings, memory)
    estimate = lru_cache(_COUNTED_TEXTS)(estimates_for(settings.model))
    count = tokens_for(settings.model, own_cache=settings.cache, environment=os.environ)
    return ProjectData(
        memory=memory,
        prompts=prompts,
        prompt_versions=_versions(prompts.version, settings),
        matcher=glossary.matcher,
        editions=read_editions(settings.edition, settings.project, settings.dialect, settings.cache),
        provider=provider,
        size=size_for(provider),
        count_tokens=lambda text: TokenCount(estimate(text), exact=False).budget,
        forecast_tokens=lambda text: count(text).budget,
        made_from=(f"prompts {prompts.version}", f"glossary {glossary.digest}"),
        jobs=settings.jobs,
        price=price_of(settings),
        budget=budget,
        shared_budget=shared,
        allowed_chinese=settings.allowed_chinese,
        senses=AllSenses(settings.cache),
        ignores=_ignores(settings.ignores) if settings.ignores else (),
        outdated=_outdated_in(memory, settings),
        retries=settings.fresh or settings.retry_failed,
        warm_up=not makes_drafts(settings.engine),
    )


def _ignores(file: Path) -> tuple[Ignore, ...]:
    """What the file of a project silences: most projects have none, and need not know how it is read."""
    from weekly_translate.checks.catalogue import catalogue  # noqa: PLC0415 - said above
    from weekly_translate.compare.ignores import parse_ignores  # noqa: PLC0415 - said above

    return parse_ignores(yaml_in(read_data(file), str(file)), catalogue())


def _budget_of(settings: Settings, memory: TranslationMemory) -> tuple[Decimal | None, SharedBudget | None]:
    """The smaller of what one run may spend and what earlier runs have left of the total."""
    budget, total = settings.budget, settings.budget_total
    if total is None:
        return budget, None
    spending = memory.spending
    before = spending.by_others()  # first: what is spent just now may count twice, but counts
    rest = max(total - spending.total(), Decimal())
    ours = rest if budget is None else min(rest, budget)

    def taken() -> Decimal:
        return max(spending.by_others() - before - (rest - ours), Decimal())

    return ours, SharedBudget(ours != budget, taken, spending.add)


def budget_for(data: ProjectData, experience: Experience = Experience()) -> Budget:  # noqa: B008
    """The budget of a run, of which other runs on the memory take their part meanwhile."""
    return Budget(data.budget, data.price, experience, data.shared_budget)


def _family(name: str, project: Path) -> Family | None:
    """The prompts of a family, from the project or the program. Raises `UsageError`."""
    if not name:
        return None
    plain = read_data(data_file(f"prompts/{name}.md", project))
    with_tags = f"prompts/{name}-tags.md"
    tagged = read_data(data_file(with_tags, project)) if name in _FAMILIES_WITH_TAGS else ""
    family = Family(name, plain, tagged)
    family.check()
    return family


def _versions(version: str, settings: Settings) -> tuple[str, ...]:
    """A line of the file holds prompts, then the earlier ones whose answers are as good."""
    lines = read_data(data_file("prompts/versions.txt", settings.project)).splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return next((tuple(row) for row in rows if row[:1] == [version]), (version,))


def _outdated_in(memory: TranslationMemory, settings: Settings) -> frozenset[tuple[str, str]]:
    """What a model has answered so far, of one model or of all. Raises `UsageError` for an unknown one."""
    model = settings.retranslate_from
    if not settings.fresh and model is None:
        return frozenset()
    answers = [entry for entry in memory.entries() if entry.status is Status.MACHINE]
    found = [entry for entry in answers if model is None or model in entry.origin.split()]
    if model is not None and not found:
        models = sorted({entry.origin.split()[-1] for entry in answers if entry.origin})
        raise UsageError(
            f"--retranslate-from {model}: the memory holds no answer of it"
            + (f"; it has those of {', '.join(models)}." if models else ".")
        )
    return frozenset((entry.target, entry.created) for entry in found)


def with_engine(
    settings: Settings,
    data: ProjectData,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
    make_engine: EngineMaker = engine_for,
) -> tuple[ProjectData, Engine]:
    """The engine of the settings, not yet connected, and the data for its answers. Raises `UsageError`."""

    def learn(facts: Mapping[str, str]) -> None:
        learn_facts(facts, answered)

    context = EngineContext(estimates_for(settings.model), on_wait, learn, facts_about=data.memory.capability)
    engine = make_engine(settings, context)
    answered = data._replace(engine=EngineInfo.of(engine))
    if not data.drafts:
        size = _learned(answered, _SIZE, partial(size_for, data.provider), data.size)
        answered = answered._replace(size=size)
    return answered, engine


def learned_facts(data: ProjectData) -> dict[str, str]:
    """What runs have learned about the model at its endpoint."""
    return data.memory.capability(data.engine.endpoint, data.engine.name)


def _learned(data: ProjectData, name: str, read: Callable[[str], Fact], otherwise: Fact) -> Fact:
    return data.memory.learned(data.engine.endpoint, data.engine.name, name, read, otherwise)


def learn_facts(facts: Mapping[str, str], data: ProjectData) -> None:
    """Remember them, unless they are known."""
    if not facts.items() <= learned_facts(data).items():
        data.memory.learn_capability(data.engine.endpoint, data.engine.name, facts)


def experience_of(data: ProjectData) -> Experience:
    """How much the model takes for an answer: by earlier runs, or only by the table of providers."""
    return Experience.of(learned_facts(data).get(_USAGE, ""), 0.0 if data.drafts else data.provider.reserve)


def remember(experience: Experience, size: ChunkSize, data: ProjectData) -> None:
    """Keep it for the next run, and how large requests may be; drafts teach nothing."""
    if experience.answers and not data.drafts:
        learn_facts({_USAGE: experience.stored()}, data)
    if size.stored() != data.size.stored() and not data.drafts:
        learn_facts({_SIZE: size.stored()}, data)


_LADDER = tuple(Format)
_HOPELESS = 3
"""So many unreadable replies, and no readable one, give a format up."""


class FormatLadder:
    """In which format the endpoint is asked: the strictest that it takes, found out once and remembered (D3).

    The current rung is that of all workers of a run. It only goes down.
    """

    def __init__(self, data: ProjectData) -> None:
        """Begin where the memory says that this engine was left."""
        self._data = data
        self.rung = _learned(data, "format", Format, data.provider.first_format)
        self._unreadable: Counter[Format] = Counter()
        self._readable: set[Format] = set()

    @property
    def single(self) -> bool:
        """Whether a request has room for one segment only."""
        return self.rung is Format.SINGLE

    def is_bad_luck(self, reading: ParsedReply, asked: Format) -> bool:
        """Whether nothing could be read in an answer, though the endpoint keeps to the format `asked`."""
        return reading.lost and asked in self._readable

    def learn(self, reading: ParsedReply, asked: Format) -> None:
        """Draw the consequence from a reply to a request in the format `asked`."""
        if reading.unreadable:
            self._unreadable[asked] += 1
            if self._unreadable[asked] >= _HOPELESS and asked not in self._readable:
                self.step_down(asked)
        elif reading.targets:
            self._readable.add(asked)

    def step_down(self, refused: Format) -> None:
        """One rung down from `refused`, unless another worker was quicker; remembered for the next run."""
        if self.rung is refused and refused is not _LADDER[-1]:
            self.rung = _LADDER[_LADDER.index(refused) + 1]
            learn_facts({"format": self.rung}, self._data)


def where_prices_go(model: str) -> str:
    """What a person has to do to let the program know the price of a model."""
    return (
        f'put it into {PROJECT_FILE} under [prices."{model}"] as input and output, '
        "in dollars for a million tokens"
    )


def price_of(settings: Settings) -> Price | None:
    """The price of the model, from the settings: unknown is None, and not free. Drafts are free."""
    if makes_drafts(settings.engine):
        return Price(Decimal(0), Decimal(0), Decimal(0))
    table = settings.prices.get(settings.model)
    if table is None and not (settings.budget is None and settings.budget_total is None):
        raise UsageError(f"A budget needs the price of {settings.model}: {where_prices_go(settings.model)}.")
    if table is None:
        return None
    return Price(table.input, table.input if table.cached is None else table.cached, table.output)


def cost_of(usage: Usage, reading: Usage, data: ProjectData) -> Decimal | None:
    """What translating and reading have cost together."""
    parts = [paid(usage, data.price), paid(reading, data.reader.price if data.reader else None)]
    known = [part for part in parts if part is not None]
    return sum(known, Decimal()) if len(known) == len(parts) else None


def paid(usage: Usage, price: Price | None) -> Decimal | None:
    """What was paid; nothing where nothing was asked, whatever the price is."""
    return cost(usage, price) if usage.requests else Decimal()


OfReader = TypeVar("OfReader", bound=Reader[Any])


def reader_of(data: ProjectData, kind: type[OfReader]) -> OfReader:
    """Who reads with the engine that `data` is for, and with what."""
    return kind(
        name=data.engine.name,
        endpoint=data.engine.endpoint,
        memory=data.memory,
        prompts=data.prompts,
        size=data.size,
        count_tokens=data.count_tokens,
        price=data.price,
        jobs=data.jobs,
        first_format=min(data.provider.first_format, Format.TAGGED, key=list(Format).index),
        reserve=data.provider.reserve,
    )


def with_reader(
    settings: Settings,
    data: ProjectData,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
    make_engine: EngineMaker = engine_for,
    *,
    counts_only: bool = False,
) -> ProjectData:
    """The same with a second reader, where one is wanted: usually of a hosted model's answers.

    One that nobody has named and nobody could ask, without a key, is none, except in a forecast.
    """
    is_hosted = data.engine.endpoint.startswith("http") and not is_local(data.engine.endpoint)
    if data.drafts or not (is_hosted if settings.proofread is None else settings.proofread):
        return data
    of_reader, other = _for_reader(settings, data)
    other = other._replace(price=price_of(of_reader))
    other, engine = with_engine(of_reader, other, on_wait, make_engine)
    if settings.proofread is None and isinstance(engine, AbsentEngine) and not counts_only:
        return data
    return data._replace(reader=replace(reader_of(other, SecondReader), engine=engine, model=of_reader.model))


def _for_reader(settings: Settings, data: ProjectData) -> tuple[Settings, ProjectData]:
    of_reader = settings.of_proofreader
    provider = of_reader.provider
    return of_reader, data._replace(provider=provider, size=size_for(provider))


def later_reader_of(settings: Settings, data: ProjectData, kind: type[OfReader]) -> OfReader:
    """The same reader where the answers come in a file; its verdicts count as if it had answered live."""
    of_reader, other = _for_reader(settings, data)
    name = f"{of_reader.engine} {of_reader.model}"
    return replace(reader_of(other, kind), name=name, endpoint="file", model=of_reader.model)
