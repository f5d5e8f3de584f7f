"""`translate` with a good server, with a bad one, and with its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import FAULTS, Fault
from server.statuses import SOCKET_FAULTS, STATUS_FAULTS

from .documents import ANOTHER, FULL, ODD, PRICES, SMALL
from .scenes import FAKE, Run, put, replaced, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scenes import Scene

_WAITED_FOR = {"stall", "drip"}
"""The program waits for minutes until it gives these up."""
_AT_ONCE = {
    *("http_307", "http_400", "http_400_format", "http_400_context", "http_400_filter", "http_401"),
    *("http_402", "http_403", "http_404", "http_413", "http_422", "http_422_format", "http_429_huge"),
    "http_429_quota",
}
"""After these nothing is tried again, or not the same: the server may answer so for ever."""
_NO_ANSWER = {"no_finish", "wrong_type"}
"""These are no answers at all: they are tried again after a pause, like what is wrong with the connection."""
_FAULTY = f"zh.md -o en.md --edition none --glossary terms.yaml --memory m.db {FAKE} --allow-partial -v"


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _whole()
    yield from _options()
    yield from _drafts()
    yield from map(_faulty, sorted(FAULTS))
    yield from _repeated_faults()


def _whole() -> Iterator[Scene]:
    for name, files in (("full", FULL), ("odd", ODD), ("another", ANOTHER)):
        for edition in ("none", "auto"):
            run = f"zh.md -o en.md --edition {edition} --memory m.db {FAKE} --report report.json"
            yield scene(
                f"translate/{name}-{edition}",
                files,
                f"zh.md --edition {edition} --memory m.db {FAKE} --plan",
                f"{run} -v",
                f"translate {run}",
            )
    yield scene(
        "translate/full-edited",
        {**FULL, "weekly-translate.toml": PRICES},
        f"zh.md -o en.md --memory m.db {FAKE}",
        replaced("zh.md", "100 万", "200 万"),
        f"zh.md -o en.md --memory m.db {FAKE} --plan",
        f"zh.md -o en.md --memory m.db {FAKE} --dry-run",
        f"zh.md -o en.md --memory m.db {FAKE}",
        put("glossary.yaml", "- extends: default\n- {source: 标准库, target: batteries}\n"),
        f"zh.md -o en.md --memory m.db {FAKE} --dry-run --format json",
        f"zh.md -o en.md --memory m.db {FAKE}",
        f"zh.md -o en.md --memory m.db {FAKE} --budget 0",
    )
    yield scene("translate/together", FULL, f"zh.md -o en.md --memory m.db {FAKE} --jobs 8 -v", together=True)


def _options() -> Iterator[Scene]:
    named = "OPENAI_BASE_URL={url} WEEKLY_TRANSLATE_MODEL=fake-70b"
    small = f"zh.md --glossary terms.yaml --memory m.db {FAKE}"
    yield scene("translate/stdout", SMALL, small, f"{small} -q", f"{small} -v")
    yield scene(
        "translate/dry-run",
        SMALL,
        f"{small} -o en.md --dry-run",
        f"{small} -o en.md",
        replaced("en.md", ".", "!"),
        f"{small} -o en.md --dry-run",
        f"{small} -o en.md --dry-run --format json",
        f"{small} -o en.md --dry-run --format html",
        f"{small} -o en.md --dry-run --report r.json -q",
        Run(f"{small} -o en.md --dry-run", tty=True),
    )
    yield scene("translate/key", SMALL, f"OPENAI_API_KEY=sk-test-0123456 {small} -o en.md")
    yield scene(
        "translate/settings",
        {**SMALL, ".config/weekly-translate/config.toml": 'jobs = 1\nmodel = "mine"\n'},
        put("weekly-translate.toml", f'glossary = "terms.yaml"\nmemory = "there.db"\n{PRICES}'),
        "OPENAI_BASE_URL={url} zh.md --plan",
        f"{named} zh.md -o en.md",
        f"{named} zh.md -o two.md --memory other.db --budget 0.0001",
    )
    yield scene(
        "translate/encodings",
        {
            "gb.md": "# 周刊\n\n介绍了协程。\n".encode("gb18030"),
            "bom.md": "# 周刊\r\n\r\n介绍了协程。\r\n".encode("utf-8-sig"),
            "wide.md": "# 周刊\n\n介绍了协程。\n".encode("utf-16"),
            "bad.md": "# 周刊\n\n介绍了协程。\n".encode().decode("mac-roman"),
        },
        *(f"{one} -o {one}.en {FAKE}" for one in ("gb.md", "bom.md", "wide.md", "bad.md")),
        f"gb.md -o gb.en.md --encoding gb18030 {FAKE}",
        f"bad.md -o bad.en.md --fix-mojibake {FAKE}",
    )
    yield scene(
        "translate/interrupted", SMALL, Run(f"{small} -o en.md", interrupted=True), faults=(Fault("stall"),)
    )


def _drafts() -> Iterator[Scene]:
    for name, files in (("full", FULL), ("odd", ODD), ("another", ANOTHER)):
        yield scene(
            f"draft/{name}",
            files,
            "zh.md -o draft.md --engine draft --memory new.db",
            "memory import samples.tmx --memory m.db",
            "zh.md -o en.md --engine draft --memory m.db --report r.json -v",
            "zh.md -o none.md --engine draft --memory m.db --edition none -q",
            "check zh.md en.md -v",
            "check zh.md good.md --edition none",
        )


def _faulty(name: str) -> Scene:
    """An answer may be as bad for ever; what is tried again after a pause happens once."""
    if name in _WAITED_FOR:
        run: str | Run = Run(_FAULTY, interrupted=True)
        return scene(f"faults/{name}", SMALL, run, faults=(Fault(name),))
    for_ever = name in _AT_ONCE or name not in {*STATUS_FAULTS, *SOCKET_FAULTS, *_NO_ANSWER}
    return scene(f"faults/{name}", SMALL, _FAULTY, faults=(Fault(name, times=None if for_ever else 1),))


def _repeated_faults() -> Iterator[Scene]:
    """Half of the answers are bad, the errors are kept, and a good server mends the rest."""
    faults = ("drop_tag", "echo", "missing_id", "number_dropped", "add_url")
    yield scene(
        "faults/half-bad",
        SMALL,
        _FAULTY.replace(" --allow-partial", " --report r.json"),
        _FAULTY,
        faults=tuple(Fault(name, share=0.5) for name in faults),
    )
    yield scene(
        "faults/terms",
        FULL,
        f"zh.md -o en.md --memory m.db {FAKE} -v",
        faults=(Fault("ignore_terms", share=0.5),),
    )
