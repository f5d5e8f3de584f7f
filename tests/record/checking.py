"""`check`, `selftest` and `review`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .documents import ANOTHER, FULL, ODD, SMALL, cases_of_checks, cases_of_pairs
from .scenes import FAKE, SAMPLES, Do, Place, Run, put, replaced, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scenes import Scene

_PAIRS = "--pair 'zh/{name}.md=en/{name}.md'"
_ALLOW = """\
dropped:
  - {heading: '赞助'}
  - {lines: 3-5}
inserted:
  - {text: '^Subscribe'}
urls:
  - {prefix: 'https://docs.example.org/zh-cn/', with: 'https://docs.example.org/en/'}
notes: any
front_matter: drop
"""
_IGNORES = """\
- {check: num.value, source: '100 万', reason: counted again}
- {check: 'url.*', line: 3, reason: never needed}
"""


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _checks()
    yield from _selftests()
    yield from _reviews()


def _checks() -> Iterator[Scene]:
    earlier = {**FULL, "en.md": SAMPLES / "full/review/earlier.md"}
    formats = ("text", "json", "sarif", "github")
    yield scene(
        "check/earlier",
        {**earlier, "ignores.yaml": _IGNORES, "allow.yaml": _ALLOW},
        *(f"check zh.md en.md --format {one}" for one in formats),
        "check zh.md en.md --edition none -v",
        "check zh.md en.md -q --strict",
        "check zh.md en.md --select 'num.*,url.missing'",
        "check zh.md en.md --ignore 'num.*' --strict",
        "check zh.md en.md --ignores ignores.yaml",
        "check zh.md en.md --allow allow.yaml -v",
        "check zh.md en.md --select nonsense",
        Run("check zh.md en.md", tty=True),
    )
    for name, files in (("full", FULL), ("odd", ODD), ("another", ANOTHER)):
        yield scene(f"check/{name}", files, "check zh.md good.md --strict -v", "check good.md zh.md")
    for name, pairs in (("checks", cases_of_checks()), ("pairs", cases_of_pairs())):
        yield scene(
            f"check/cases-{name}",
            pairs,
            f"check {_PAIRS} -v",
            *(f"check {_PAIRS} --format {one}" for one in formats[1:]),
            f"check {_PAIRS} zh/num.missing.md en/url.added.md README.md --strict",
            f"check {_PAIRS} --fix",
            f"check {_PAIRS} -q",
        )
    broken = (
        "# Weekly\n\nIt explains coroutines，really .\n\nIt explains coroutines，really .\n\nRead\u200b it."
    )
    yield scene(
        "check/fix",
        {"zh.md": "# 周刊\n\n介绍了协程，真的。\n\n读一读。\n", "en.md": broken},
        "check zh.md en.md",
        "check zh.md en.md --fix --format json",
        "check zh.md en.md --fix",
    )


def _selftests() -> Iterator[Scene]:
    pair = {"zh.md": FULL["zh.md"], "en.md": FULL["good.md"]}
    yield scene("selftest/full", pair, "selftest zh.md en.md --count 1 -v", "selftest zh.md en.md --count 0")
    pair = {"zh.md": ODD["zh.md"], "en.md": ODD["good.md"]}
    yield scene(
        "selftest/odd", pair, "selftest zh.md en.md --count 2 --seed 7 -q", "selftest zh.md", "selftest"
    )


def _decisions(place: Place) -> None:
    """What the page would save after a look at its first segments."""
    page = (place.folder / "page.html").read_text("utf-8")
    review = json.loads(
        re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[0]
    )
    segments = [one for section in review["sections"] for one in section["segments"]]
    verdicts = (
        {"verdict": "accepted"},
        {"verdict": "edited", "target": "Mine."},
        {"verdict": "rejected", "reason": "stiff"},
    )
    decisions = [
        {"segment": one["id"], "source": one["source"], "seen": one.get("target"), **verdict}
        for one, verdict in zip(segments, verdicts, strict=False)
    ]
    saved = {"schema": 1, "document": "zh.md", "decisions": decisions}
    (place.folder / "decisions.json").write_text(json.dumps(saved, ensure_ascii=False), "utf-8")


def _reviews() -> Iterator[Scene]:
    earlier = {
        **FULL,
        "en.md": SAMPLES / "full/review/earlier.md",
        "m.jsonl": SAMPLES / "full/review/memory.jsonl",
    }
    yield scene(
        "review/full",
        earlier,
        "memory import m.jsonl --memory m.db",
        "review zh.md en.md -o page.html --memory m.db",
        "review zh.md -o only.html --memory m.db --edition none",
        "review --status . --memory m.db",
        Do("decisions are saved", _decisions),
        "review zh.md en.md --apply decisions.json --memory m.db --reviewer bob",
        "review zh.md en.md --apply decisions.json --memory m.db",
        Run("review zh.md en.md --tty --memory m.db", typed="a\ns\nr\ntoo stiff\nu\nx\nq\n"),
        "review --status . --memory m.db",
        "memory export out.jsonl --memory m.db",
    )
    edited = "EDITOR=./editor review zh.md --tty"
    options = "--memory m.db --edition none --glossary terms.yaml"
    yield scene(
        "review/small",
        {**SMALL, "editor": "#!/bin/sh\nsed -i '1c Edited by hand.' \"$1\"\n"},
        Do("the editor may be run", lambda place: (place.folder / "editor").chmod(0o700)),
        f"zh.md -o en.md {options} {FAKE}",
        replaced("en.md", ".", ""),
        f"review zh.md en.md -o page.html {options}",
        Run(f"{edited} {options} --memory new.db", typed="e\na\nr\nwrong\ns\nu\ne\na\n?\nq\n"),
        Run(f"{edited} {options} --memory new.db", tty=True),
        Run(f"review zh.md en.md --serve --no-browser {options}", serves=True),
        f"zh.md -o again.md {options} {FAKE}",
        "review",
        "review zh.md --serve --tty",
        "review zh.md missing.md -o page.html",
        "review zh.md en.md --apply missing.json",
        put("bad.json", "{"),
        "review zh.md en.md --apply bad.json",
    )
