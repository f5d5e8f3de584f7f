"""After each decision a review looks at what that bears on only, and shows what a new one would show."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program import environment
from reviewing import CLAIM, memory_in
from weekly_translate.errors import UsageError
from weekly_translate.model import (
    Entry,
    Finding,
    Kind,
    Pair,
    Proofreading,
    Segment,
    Severity,
    Span,
    Status,
    Verdict,
)
from weekly_translate.review.session import DecisionInput, Paths, ReviewFiles, Session
from weekly_translate.run.project import read_project
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("either_database")

_LINES = (
    "# 周刊",
    "1、[磁盘缓存](https://example.org/cache)",
    "没有任何依赖的缓存库，支持 3 种数据库。",
    "2、[磁盘上的缓存库](https://example.org/cache)",
    "没有任何依赖的缓存库，支持 5 种数据库。",
    "# 周刊",
    "3、[缓存的故事](https://example.org/story)",
    "介绍了**垃圾回收**的原理。",
    "4、[另一个故事](https://example.org/other)",
    "没有任何依赖的缓存库，支持 3 种数据库。",
)
_DATABASES = "A cache library without dependencies that supports 3 databases."
_ENGLISH = (
    ("磁盘缓存", "Cache", Status.MACHINE, "https://example.org/cache"),
    ("没有任何依赖的缓存库，支持 3 种数据库。", _DATABASES, Status.MACHINE, ""),
    # In another issue, the title of this address was that of another one here: who rejects it rejects both.
    ("另一个故事", "Another Story", Status.EDITED, "https://example.org/story"),
)


class _Step(NamedTuple):
    """What a person does next, with the segment of this number."""

    what: str
    place: int
    text: str


_STEPS = st.builds(
    _Step,
    st.sampled_from((*Verdict, "undo", "dismiss", "approve_clean", "undo_clean")),
    st.integers(0, len(_LINES) - 1),
    st.sampled_from(
        ("", "A cache.", "It is good.", "<b1>GC</b1> explained.", "第一 4", "It supports 3 databases.")
    ),
)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An issue whose segments depend on each other, and what the memory has for it."""
    folder = tmp_path_factory.mktemp("tied")
    (folder / "issue.md").write_text("\n\n".join(_LINES) + "\n", "utf-8")
    (folder / "en.md").write_text("# Weekly\n\n1. [Disk Cache](https://example.org/cache)\n", "utf-8")
    ignored = ({"check": "punct.end", "line": 3}, {"check": "*", "source": "介绍"})
    (folder / "ignores.yaml").write_text(json.dumps([{**one, "reason": "seen"} for one in ignored]), "utf-8")
    with memory_in(folder) as memory:
        memory.import_entries(
            Entry(source, target, status, "eve", link=link) for source, target, status, link in _ENGLISH
        )
        segment = Segment("s001", Kind.TITLE, Span(0, 0), 1, "磁盘缓存")
        memory.proofreadings.store({"k": (Pair(segment, "Cache"), Proofreading((CLAIM,)))}, "reader")
        lost = Finding("tag.lost", Severity.ERROR, "lost <b1>")
        memory.store_failed_answer("k", "介绍了<b1>垃圾回收</b1>的原理。", "It.", findings=[lost], origin="m")
    return folder


def _done(session: Session, step: _Step) -> None:
    one = session.review.segments[step.place % len(session.review.segments)]
    match step.what:
        case "undo":
            session.undo(one.id, one.revision)
        case "dismiss":
            session.dismiss(one.id, one.revision, step.text)
        case "approve_clean":
            session.approve_clean(session.version)
        case "undo_clean":
            session.undo_clean()
        case verdict:
            session.decide(one.id, one.revision, DecisionInput(Verdict(verdict), step.text))


@settings(max_examples=15)
@given(st.lists(_STEPS, min_size=1, max_size=12))
def test_what_is_looked_at_anew_after_a_decision_is_all_that_has_changed(
    before: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[_Step]
) -> None:
    folder = tmp_path_factory.mktemp("review") / "it"
    shutil.copytree(before, folder)
    paths = Paths(folder / "issue.md", folder / "en.md")
    options = SettingsOptions(project=folder, ignores=folder / "ignores.yaml", edition="none")
    with memory_in(folder) as memory, memory_in(folder) as same_memory:
        data = read_project(settings_from(options, environment(folder)), memory)
        files = ReviewFiles(paths, data.editions)
        session = Session(files, data, who="ada")
        for step in steps:
            seen = session.version
            shown = {one.id: one for one in session.review.segments}
            with suppress(UsageError):
                _done(session, step)
            fresh = Session(files, data._replace(memory=same_memory), who="ada").review
            assert session.review.segments == fresh.segments
            changed = {one.id for one in fresh.segments if one != shown[one.id]}
            assert {one.id for one in session.changed_since(seen)} == changed
            if step.place % 2:
                session.follow(whole=True)
                assert session.review == fresh
