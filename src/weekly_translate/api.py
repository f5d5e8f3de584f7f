"""The program as a library: `from weekly_translate import Project`.

Values go in and values come out; nothing is printed. The command line is the first user of what stands here.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from weekly_translate.checks.catalogue import catalogue
from weekly_translate.compare.ignores import Allowances, parse_allowances, parse_ignores
from weekly_translate.compare.pair_files import FilePair, Judging, verdict_on
from weekly_translate.compare.style import Rules
from weekly_translate.data_files import read_data, yaml_in
from weekly_translate.edition.applying import read_editions
from weekly_translate.errors import StorageError, UsageError
from weekly_translate.files import now
from weekly_translate.glossary.entries import Matcher, read_glossary
from weekly_translate.settings import Settings, SettingsOptions, project_settings, settings_from
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from weekly_translate.memory.database import MemoryServer
    from weekly_translate.model import Memory, Settlement, Term
    from weekly_translate.report.text import Judged
    from weekly_translate.run.issue import Result
    from weekly_translate.run.plan import Forecast
    from weekly_translate.run.runner import Listeners

    AnyPath = str | PathLike[str]


class Project:
    """A folder with settings, glossary, editions and a memory, as the command line sees it.

        project = Project("newsletter", model="gpt-5-mini")
        forecast = project.plan("newsletter/issue.md")
        result = project.translate("newsletter/issue.md", "newsletter/issue.en.md")
        judged = project.check("newsletter/issue.md", "newsletter/issue.en.md")

    Paths are relative to the current folder, not to that of the project. Every method raises
    `WeeklyTranslateError`: what was foreseen, in one sentence.
    """

    def __init__(  # noqa: PLR0913  the settings that a person may choose for one run, each by its name
        self,
        folder: AnyPath = ".",
        *,
        engine: str | None = None,
        model: str | None = None,
        base_url: str | None = None,
        edition: str | None = None,
        glossary: AnyPath | None = None,
        memory: AnyPath | None = None,
        jobs: int | None = None,
        budget: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """What is not given is taken from the environment and the settings files, as by the command line.

        `environment` stands in for that of the process: there the key is.
        """
        self._environment = os.environ if environment is None else environment
        self._options = SettingsOptions(
            project=Path(folder),
            engine=engine,
            model=model,
            base_url=base_url,
            edition=edition,
            glossary=None if glossary is None else Path(glossary),
            memory=None if memory is None else os.fspath(memory),
            jobs=jobs,
            budget=budget,
        )

    def plan(self, source: AnyPath) -> Forecast:
        """What translating an issue would take; nothing is sent, and no memory is created."""
        from weekly_translate.run.plan import Order  # noqa: PLC0415 - a check of two files runs nothing
        from weekly_translate.run.runner import forecast_of  # noqa: PLC0415 - as above

        return forecast_of(Order(Path(source)), settings_from(self._options, self._environment))

    def translate(
        self,
        source: AnyPath,
        out: AnyPath | None = None,
        *,
        allow_partial: bool = False,
        listeners: Listeners | None = None,
    ) -> Result:
        """Translate an issue; the English is in `result.text`, and with `out` in that file.

        `result.code` is 0 where nothing is left to complain about; only then, or with `allow_partial`, a file
        is written. What ends a run half way is `result.failure`. Where an event loop is running already, it
        has to be given a thread: it raises `UsageError` there.
        """
        _refuse_running_loop()
        from weekly_translate.run.plan import Order  # noqa: PLC0415 - as above
        from weekly_translate.run.runner import Listeners, translate_issue  # noqa: PLC0415 - as above

        order = Order(Path(source), None if out is None else Path(out), allow_partial=allow_partial)
        settings = settings_from(self._options, self._environment)
        return translate_issue(order, settings, listeners or Listeners())

    def recalled(self, source: AnyPath) -> Result:
        """An issue as the memory has it; nothing is sent, and no memory is created.

        What the memory lacks stays in Chinese, is a finding each, and makes the code `ExitCode.FINDINGS`.
        """
        from weekly_translate.run.issue import rendered  # noqa: PLC0415 - as above
        from weekly_translate.run.plan import Order, planned  # noqa: PLC0415 - as above
        from weekly_translate.run.runner import run_setup  # noqa: PLC0415 - as above

        settings = settings_from(self._options, self._environment)
        with run_setup(settings, counts_only=True) as setup:
            return rendered(planned(Order(Path(source)), setup.data), {})

    def remembered(self, text: str, *, limit: int = 3) -> list[Memory]:
        """Translations of this Chinese text and of texts that resemble it, best first."""
        place = project_settings(self._options, self._environment).memory
        if not place.exists():
            return []
        from weekly_translate.memory.translation_memory import open_memory  # noqa: PLC0415 - as above

        with open_memory(place, now=now) as memory:
            return memory.similar(text, limit=limit)

    def terms(self, text: str) -> tuple[Term, ...]:
        """The entries of the glossary that count in this Chinese text."""
        settings = project_settings(self._options, self._environment)
        return read_glossary(settings.glossary, settings.project, settings.cache).matcher.terms_in(text)

    def check(
        self,
        source: AnyPath,
        target: AnyPath,
        *,
        allow: AnyPath | None = None,
        ignores: AnyPath | None = None,
    ) -> Judged:
        """What the checks say about an English file, whoever made it; nothing is sent anywhere.

        `allow` and `ignores` are the files that the options of these names take.
        """
        settings = project_settings(self._options, self._environment)
        files = (None if path is None else Path(path) for path in (allow, ignores))
        judging = judging_of(settings, *files)
        return verdict_on(FilePair(Path(source), Path(target)), judging).judged


def _refuse_running_loop() -> None:
    import asyncio  # noqa: PLC0415 - a check of two files runs nothing

    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise UsageError(
            "A run has an event loop of its own: from within another one, call it by "
            "`await asyncio.to_thread(project.translate, source)`."
        )


def judging_of(settings: Settings, allow: Path | None = None, ignores: Path | None = None) -> Judging:
    """The rules by which two files are compared. Raises `UsageError` for a data file that cannot be used."""
    known = catalogue()
    matcher = read_glossary(settings.glossary, settings.project, settings.cache).matcher
    return Judging(
        rules=rules_of(allow, settings, matcher),
        editions=read_editions(settings.edition, settings.project, settings.dialect, settings.cache),
        ignores=parse_ignores(yaml_in(read_data(ignores), str(ignores)), known) if ignores else (),
    )


def rules_of(allow: Path | None, settings: Settings, matcher: Matcher) -> Rules:
    """What a comparison knows besides the texts; `allow` is a file of deliberate differences."""
    allowed = parse_allowances(yaml_in(read_data(allow), str(allow))) if allow else Allowances()
    return Rules(
        matcher,
        settings.allowed_chinese,
        allowed,
        AllSenses(settings.cache),
        _settlements_in(settings.memory),
    )


def _settlements_in(place: Path | MemoryServer) -> dict[tuple[str, str], Settlement]:
    """What the memory has settled, where there is one; a comparison needs none."""
    if place.exists():
        from weekly_translate.memory.translation_memory import (  # noqa: PLC0415 - only where there is a memory
            open_memory,
        )

        with suppress(StorageError), open_memory(place, now=now) as memory:
            return memory.settlements.all()
    return {}
