"""`memory`, `glossary`, `edition`, `init`, and what the program says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents import ANOTHER, FULL, ODD, PRICES, SMALL, cases_of_editions
from .scenes import FAKE, SAMPLES, put, replaced, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scenes import Scene

_COMMANDS = (
    *("translate", "season", "review", "check", "selftest", "init", "memory", "glossary", "edition", "batch"),
    *(f"memory {one}" for one in ("import", "export", "learn", "reject", "stats", "verify", "prune")),
    *(f"glossary {one}" for one in ("lint", "add", "import", "export", "report", "suggest")),
    *("edition check", "batch export", "batch import"),
)
_TERMS_CSV = "source,target,kind\n协程池,coroutine pool,term\n标准库,stdlib,term\n,nothing,term\n"
_ADD = (
    "glossary add 协程池 'coroutine pool' --allowed pool --avoid puddle --form 协程的池 --near 异步 "
    "--note hm --glossary messy.yaml"
)
_MESSY = """\
- {source: 协程, target: coroutine}
- {source: 协程, target: co-routine}
- {source: 线程, target: thread, avoid: [thread]}
- {source: 'IDE', target: IDE, kind: keep}
"""


def scenes() -> Iterator[Scene]:
    """All of them."""
    asked = (f"{one} --help" for one in _COMMANDS)
    yield scene("help", {}, "", "--help", "--version", *asked)
    yield from _memories()
    yield from _glossaries()
    yield from _editions()
    yield scene(
        "init",
        {"there/glossary.yaml": "[]\n"},
        "init new",
        "init new",
        "init there",
        "edition check --project new",
        "glossary lint --project new",
        "init there/glossary.yaml",
    )


def _memories() -> Iterator[Scene]:
    yield scene(
        "memory/life",
        FULL,
        "memory import samples.tmx --memory m.db",
        "memory import samples.tmx --memory m.db",
        "memory stats --memory m.db",
        "memory verify --memory m.db -v",
        "memory export out.tmx --memory m.db",
        "memory export out.jsonl --memory m.db",
        "memory import out.jsonl --memory two.db",
        "memory import out.tmx --memory three.db",
        "memory export out.txt --memory m.db",
        "memory reject 不在里面 --reason why --memory m.db",
        "memory reject '## 🐿️项目&资源' --reason why --memory m.db",
        "memory reject 垃圾回收 --reason why --memory m.db",
        "memory prune zh.md --memory m.db --yes",
        "memory prune --memory m.db",
        "memory stats --memory missing.db",
        "memory verify --memory missing.db",
    )
    for name, files in (("full", FULL), ("odd", ODD), ("another", ANOTHER)):
        yield scene(
            f"memory/learn-{name}",
            files,
            "memory learn zh.md good.md --memory m.db -v",
            "zh.md -o en.md --edition none --engine draft --memory m.db",
            "memory learn zh.md zh.md --memory two.db -v",
            "memory learn zh.md good.md --memory m.db --status edited",
            "memory learn zh.md good.md --memory m.db --status nonsense",
        )
    yield scene(
        "memory/rejected",
        SMALL,
        f"zh.md -o en.md --glossary terms.yaml --memory m.db {FAKE}",
        "memory reject '别把日志写进标准输出，下游的程序会被它噎住' --reason 'too stiff' --memory m.db",
        "memory reject s001 --reason 'too stiff' --memory m.db",
        f"zh.md -o en.md --glossary terms.yaml --memory m.db {FAKE}",
        "memory verify --glossary terms.yaml --memory m.db -v",
    )


def _glossaries() -> Iterator[Scene]:
    yield scene(
        "glossary/life",
        {**SMALL, "more.csv": _TERMS_CSV, "messy.yaml": _MESSY},
        "glossary lint",
        "glossary lint --glossary messy.yaml",
        _ADD,
        "glossary add 协程 other --glossary messy.yaml",
        "glossary add Go Go --kind keep --exact --glossary new.yaml",
        "glossary add x y --kind nonsense --glossary new.yaml",
        "glossary import more.csv --glossary messy.yaml",
        replaced("more.csv", ",nothing", "协程,nothing"),
        "glossary import more.csv --glossary terms.yaml",
        "glossary export out.csv --glossary messy.yaml",
        "glossary export out.csv --glossary terms.yaml",
        "glossary export out.tsv --glossary terms.yaml",
        "glossary export out.tbx --glossary terms.yaml",
        "glossary export all.tbx",
        "glossary import out.tbx --glossary fresh.yaml",
        "glossary import out.tsv --glossary fresh.yaml",
        "glossary export out.txt",
        "glossary import missing.csv",
        "glossary lint --glossary missing.yaml",
        put(
            "glossary.yaml",
            "- extends: default\n- {source: 标准库, target: batteries}\n- {source: 线程, off: true}\n",
        ),
        "glossary lint",
        "glossary export all.csv",
    )
    yield scene(
        "glossary/evidence",
        {
            **{f"zh/{name}.md": SAMPLES / f"{name}/source.md" for name in ("full", "odd", "another")},
            **{f"en/{name}.md": SAMPLES / f"{name}/en.md" for name in ("full", "odd", "another")},
            "samples.tmx": SAMPLES / "memory.tmx",
        },
        "glossary report .",
        "glossary report . --pair 'zh/{name}.md=en/{name}.md'",
        "glossary suggest . --least 2",
        "memory import samples.tmx --memory m.db",
        "glossary suggest --memory m.db",
        "glossary report nowhere",
    )


def _editions() -> Iterator[Scene]:
    yield scene(
        "edition/samples",
        {**ANOTHER, "full/editions": SAMPLES / "full/editions", "full/zh.md": SAMPLES / "full/source.md"},
        "edition check",
        "edition check on-call --on zh.md",
        "edition check full --on full --project full",
        "edition check fulll",
        "edition check editions/on-call.yaml",
        "edition check missing.yaml",
        replaced("editions/on-call.yaml", "items:", "itmes:"),
        "edition check on-call",
        f"zh.md --edition on-call {FAKE}",
        f"zh.md --plan {FAKE}",
    )
    cases = cases_of_editions()
    good = [name[9:-5] for name in cases if name.startswith("editions/editing")]
    yield scene(
        "edition/cases",
        {**cases, "weekly-translate.toml": PRICES},
        "edition check",
        *(
            f"zh/{name}/2023-07-08-weekly.md -o {name}.md --edition {name} {FAKE} --allow-partial -v"
            for name in good
        ),
    )
