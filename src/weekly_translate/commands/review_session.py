"""How the reviews begin: those that only look, and those that store decisions."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weekly_translate.commands.given import settings_for
from weekly_translate.errors import UsageError
from weekly_translate.issue import Listeners, job_for
from weekly_translate.review.deciding import Session
from weekly_translate.review.nobody import Nobody
from weekly_translate.review.papers import Papers, Paths
from weekly_translate.store.clock import now
from weekly_translate.store.memory import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.commands.given import Given
    from weekly_translate.pipeline.job import Job
    from weekly_translate.settings import Settings

_PATIENCE = 2
"""Seconds to wait for a run that is writing to the memory; a person is waiting, too."""


@contextmanager
def job_to_look(settings: Settings) -> Iterator[Job]:
    """A job that asks nothing and stores nothing: a memory that does not exist is not created."""
    existing = settings.memory if settings.memory.exists() else None
    with open_memory(existing, now=now) as memory:
        yield job_for(settings, memory, Listeners(), lambda *_: Nobody())


@contextmanager
def session_of(
    given: Given, environment: Mapping[str, str], *, may_be_new: bool = False
) -> Iterator[Session]:
    """The document, its memory, and who decides; `may_be_new` is the English file.

    Raises `UsageError`, `InputRefusedError`, `StorageError`.
    """
    settings = settings_for(given, environment)
    paths = Paths(given["source"], given["target"], given["encoding"])
    if paths.target is not None and not (may_be_new or paths.target.exists()):
        raise UsageError(f"{paths.target} does not exist: check the name, or leave it out.")
    who = given["reviewer"] if given["reviewer"] is not None else _login_name()
    with open_memory(settings.memory, now=now, timeout=_PATIENCE) as memory:
        job = job_for(settings, memory, Listeners(), lambda *_: Nobody())
        yield Session(Papers(paths, job.editions), job, who=who)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # a container may run as a number that nobody has
        raise UsageError("This system does not say who you are: give a name with --reviewer.") from error
