"""The second reader of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weekly_translate.proofread.reading import SecondReader

if TYPE_CHECKING:
    from weekly_translate.run.project import ProjectData


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
