"""The second reader of a project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weekly_translate.llm.providers import is_local
from weekly_translate.llm.registry import engine_for
from weekly_translate.llm.requests import size_for
from weekly_translate.proofread.reading import SecondReader
from weekly_translate.run.project import price_of, with_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.settings import Settings


def reader_of(data: ProjectData) -> SecondReader:
    """Who reads with the engine that `data` is for, and with what."""
    return SecondReader(
        name=data.engine.name,
        endpoint=data.engine.endpoint,
        memory=data.memory,
        prompts=data.prompts,
        size=data.size,
        count_tokens=data.count_tokens,
        price=data.price,
        jobs=data.jobs,
    )


def with_reader(
    settings: Settings,
    data: ProjectData,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
    make_engine: EngineMaker = engine_for,
) -> ProjectData:
    """The same with a second reader, where one is wanted: usually of a hosted model's answers."""
    is_hosted = data.engine.endpoint.startswith("http") and not is_local(data.engine.endpoint)
    if data.drafts or not (is_hosted if settings.proofread is None else settings.proofread):
        return data
    of_reader = settings.of_proofreader
    provider = of_reader.provider
    other = replace(data, provider=provider, size=size_for(provider), price=price_of(of_reader))
    other, engine = with_engine(of_reader, other, on_wait, make_engine)
    return replace(data, reader=replace(reader_of(other), engine=engine, model=of_reader.model))


def later_reader_of(settings: Settings, data: ProjectData) -> SecondReader:
    """The same reader where the answers come in a file; its verdicts count as if it had answered live."""
    of_reader = settings.of_proofreader
    provider = of_reader.provider
    other = replace(data, provider=provider, size=size_for(provider))
    name = f"{of_reader.engine} {of_reader.model}"
    return replace(reader_of(other), name=name, endpoint="file", model=of_reader.model)
