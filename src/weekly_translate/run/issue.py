"""One issue from file to file: read, translate, decide whether the result may be written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from weekly_translate.data_files import data_file, read_data
from weekly_translate.edition.choosing import read_editions
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.files import TextFile, check_writable, now, read_text, why_not_written, write_text
from weekly_translate.glossary.layers import read_glossary
from weekly_translate.llm.chunks import is_local, size_for
from weekly_translate.llm.cost import Price
from weekly_translate.llm.draft import DraftEngine
from weekly_translate.llm.endpoint import Endpoint
from weekly_translate.llm.openai import OpenAIChat
from weekly_translate.llm.prompts import PROMPT_NAMES, Prompts, check_prompts
from weekly_translate.llm.tokens import tokens_for
from weekly_translate.memory.translation_memory import TranslationMemory, open_memory
from weekly_translate.model import Severity
from weekly_translate.run.batch_requests import learn_temperature
from weekly_translate.run.forecast import Forecast, forecast_of
from weekly_translate.run.job import Job
from weekly_translate.run.render import Translation, translate
from weekly_translate.text.dictionary import AllSenses, load_dictionary

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.llm.endpoint import Timeouts
    from weekly_translate.llm.rate_limit import Pace
    from weekly_translate.model import Engine, Finding
    from weekly_translate.run.job import Told
    from weekly_translate.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for."""

    source: Path
    out: Path | None = None
    encoding: str | None = None
    fix_mojibake: bool = False
    allow_partial: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told of progress, of a wait (reason, seconds), and in a sentence of what else takes its time.

    The last one is told whether the model takes a temperature: see `OpenAIChat`.
    """

    told: Told = lambda *_: None
    on_wait: Callable[[str, float], None] = lambda *_: None
    said: Callable[[str], None] = lambda _sentence: None
    on_temperature: Callable[[str], None] = lambda _fate: None


_COUNTED = 8_192
"""So many texts are kept with their tokens: each is counted for its chunk, its forecast and its request."""
EngineMaker = Callable[["Settings", Listeners, Callable[[str], int]], "Engine"]
"""Makes the engine of a run; its last argument estimates the tokens of a text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order."""

    order: Order
    source: TextFile
    translation: Translation
    code: ExitCode
    written: bool
    signature: str
    price: Price | None
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the checks say about the result."""
        return self.translation.rendering.findings

    @property
    def not_asked(self) -> frozenset[str]:
        """The ids of the segments that the run did not come to."""
        rendered = self.translation.rendering.segments
        return frozenset(one.segment.id for one in rendered if one.target is None and not one.origin)

    @property
    def begun(self) -> bool:
        """Whether anything was known or answered before a failure ended the run."""
        segments = self.translation.rendering.segments
        return self.translation.failure is None or len(self.not_asked) < len(segments)


def engine_for(
    settings: Settings,
    listeners: Listeners,
    estimate: Callable[[str], int],
    *,
    pace: Pace | None = None,
    timeouts: Timeouts | None = None,
) -> Engine:
    """The engine that the settings name, not yet connected. `pace` and `timeouts` stand in for the usual."""
    if settings.engine == "draft":
        return DraftEngine(partial(load_dictionary, settings.cache))
    return OpenAIChat(
        Endpoint(settings.base_url, settings.model, settings.key),
        jobs=settings.jobs,
        pace=pace,
        timeouts=timeouts,
        estimate=estimate,
        on_wait=listeners.on_wait,
        on_temperature=listeners.on_temperature,
    )


def translate_issue(
    order: Order, settings: Settings, listeners: Listeners, make_engine: EngineMaker = engine_for
) -> Outcome:
    """Translate a file; it is written when nothing is left to complain about, or with `allow_partial`.

    Raises `WeeklyTranslateError` for what is foreseen before the first request; what stops the run later is
    in the outcome, with all that was reached until then.
    """
    source = _source(order)
    if order.out is not None:
        _refuse_bad_target(order, order.out)
    with open_memory(settings.memory, now=now) as memory:
        job = job_for(settings, memory, listeners, make_engine)
        translation = asyncio.run(_run(source.text, order.source.name, job))
        notes = memory.notes
    code = _code(translation)
    may_write = not order.dry_run and (code is ExitCode.DONE or order.allow_partial)
    if may_write and order.out is not None:
        write_text(order.out, replace(source, text=translation.rendering.text))
    return Outcome(order, source, translation, code, may_write, translation.signature, job.price, notes)


def _refuse_bad_target(order: Order, out: Path) -> None:
    """A dry run needs no permission to write, but is refused like the real run where that has a bad name."""
    if not order.dry_run:
        check_writable(out, source=order.source)
    elif reason := why_not_written(out, order.source):
        raise UsageError(reason)


def plan_issue(order: Order, settings: Settings, listeners: Listeners) -> tuple[Forecast, Job]:
    """What translating a file would take; no request is made, and no memory is created."""
    source = _source(order)
    path = settings.memory if settings.memory.exists() else None
    with open_memory(path, now=now) as memory:
        job = job_for(settings, memory, listeners)
        return forecast_of(source.text, job, order.source.name), job


def job_for(
    settings: Settings,
    memory: TranslationMemory,
    listeners: Listeners,
    make_engine: EngineMaker = engine_for,
) -> Job:
    """Read the data files and make the engine. Raises `UsageError`."""
    texts = {name: read_data(data_file(f"prompts/{name}.md", settings.project)) for name in PROMPT_NAMES}
    prompts = Prompts(**texts)
    check_prompts(prompts)
    glossary = read_glossary(settings.glossary, settings.project)
    editions = read_editions(settings.edition, settings.project)
    count = lru_cache(_COUNTED)(tokens_for(settings.model, own_cache=settings.cache, environment=os.environ))
    told = replace(listeners, on_temperature=lambda fate: learn_temperature(fate, memory, engine))
    engine = make_engine(settings, told, lambda text: count(text).n)
    marks = (engine.name, f"prompts {prompts.version}", f"glossary {glossary.digest}")
    return Job(
        engine=engine,
        memory=memory,
        prompts=prompts,
        matcher=glossary.matcher,
        editions=editions,
        size=size_for(settings.model, settings.base_url),
        count_tokens=lambda text: count(text).budget,
        jobs=settings.jobs,
        warm_up=settings.engine != "draft" and not is_local(settings.base_url),
        price=_price(settings),
        budget=settings.budget,
        allowed_chinese=settings.allowed_chinese,
        senses=AllSenses(),
        told=listeners.told,
        said=listeners.said,
        signature=" | ".join(marks),
    )


def _source(order: Order) -> TextFile:
    return read_text(order.source, encoding_hint=order.encoding, fix_mojibake=order.fix_mojibake)


async def _run(text: str, name: str, job: Job) -> Translation:
    try:
        return await translate(text, job, name)
    finally:
        await job.engine.close()


def _code(translation: Translation) -> ExitCode:
    if translation.failure is not None:
        return translation.failure.exit_code
    errors = any(finding.severity is Severity.ERROR for finding in translation.rendering.findings)
    return ExitCode.FINDINGS if errors else ExitCode.DONE


def _price(settings: Settings) -> Price | None:
    """The price of the model, from the settings: unknown is None, and not free. Drafts are free."""
    if settings.engine == "draft":
        return Price(Decimal(0), Decimal(0), Decimal(0))
    table = settings.prices.get(settings.model)
    if table is None and settings.budget is not None:
        raise UsageError(
            f"A budget needs the price of {settings.model}: put it into weekly-translate.toml under "
            f'[prices."{settings.model}"] as input and output, in dollars for a million tokens.'
        )
    return None if table is None else _price_in(table, settings.model)


def _price_in(table: Mapping[str, Any], model: str) -> Price:
    try:
        given = [table["input"], table.get("cached", table["input"]), table["output"]]
        price = Price(*(Decimal(str(dollars)) for dollars in given))
        if all(dollars.is_finite() and dollars >= 0 for dollars in price):
            return price
    except (AttributeError, KeyError, InvalidOperation, TypeError):
        pass  # said below, with what is needed instead
    raise UsageError(f'[prices."{model}"] needs input and output, in dollars for a million tokens.')
