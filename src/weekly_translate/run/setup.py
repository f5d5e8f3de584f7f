"""What translates the issues of a run. A plan needs it as well, and loads nothing that only a run does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.files import now
from weekly_translate.llm.engine import engine_for
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.run.issue import planned
from weekly_translate.run.outputs import EditPolicy, Publisher
from weekly_translate.run.plan import forecasts_of
from weekly_translate.run.project import read_project, with_engine
from weekly_translate.run.proofreading import with_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weekly_translate.llm.engine import Engine
    from weekly_translate.run.issue import Order
    from weekly_translate.run.plan import Forecast
    from weekly_translate.run.project import EngineMaker, ProjectData
    from weekly_translate.settings import Settings


class RunSetup(NamedTuple):
    """What translates the issues of a run, and what has the last word on each of their files."""

    data: ProjectData
    engine: Engine
    publisher: Publisher


@contextmanager
def run_setup(  # noqa: PLR0913  what a run is made of, each by its name
    settings: Settings,
    *,
    counts_only: bool = False,
    policy: EditPolicy = EditPolicy.HOLD,
    folder: Path | None = None,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
    make_engine: EngineMaker = engine_for,
) -> Iterator[RunSetup]:
    """The project and its memory while the block lasts. No memory is created where a run `counts_only`."""
    place = None if counts_only and not settings.memory.exists() else settings.memory
    with open_memory(place, now=now, on_wait=on_wait) as memory:
        data, engine = with_engine(settings, read_project(settings, memory), on_wait, make_engine)
        data = with_reader(settings, data, on_wait, make_engine, counts_only=counts_only)
        yield RunSetup(data, engine, Publisher(memory.outputs, policy, data, folder))


def forecast_of(order: Order, settings: Settings) -> Forecast:
    """What a run of one issue would take. Raises `WeeklyTranslateError`."""
    order.read()  # what is refused here has opened no memory
    with run_setup(settings, counts_only=True) as setup:
        (forecast,) = forecasts_of([planned(order, setup.data).plan], setup.data)
    return forecast
