"""The same over real issues, where they are on this machine. Such a record is nobody's to pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scenes import CASES, FAKE, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .scenes import Content, Scene

_ISSUES = 10
_OTHERS = 10
_ODD = (
    *(
        "2024-01-27-weekly",
        "2024-04-27-weekly",
        "2024-05-04-weekly",
        "2024-10-19-weekly",
        "2025-03-01-weekly",
    ),
    *(
        "2025-03-23-weekly",
        "2025-05-31-weekly",
        "2025-06-07-weekly",
        "2026-07-11-weekly",
        "2024-07-17-iweekly",
    ),
)


def scenes(corpus: Path) -> Iterator[Scene]:
    """All of them; none where there is no corpus."""
    english = sorted((corpus / "en").glob("*.md"))
    for path in english[:: max(1, len(english) // _ISSUES)][:_ISSUES]:
        yield _published(corpus, path)
    for name in _ODD:
        if (path := corpus / f"zh/{name}.md").exists():
            yield _translated(f"odd-{name}", path)
    others = sorted((corpus / "other").glob("*/*.md"))
    for path in others[:: max(1, len(others) // _OTHERS)][:_OTHERS]:
        yield _translated(f"other-{path.parent.name}-{path.stem}", path)
    if english:
        yield _season(corpus, [path.name for path in english[:6]])


def _published(corpus: Path, english: Path) -> Scene:
    files: dict[str, Content] = {
        "zh.md": corpus / "zh" / english.name,
        "en.md": english,
        "allow.yaml": CASES / "published/allow.yaml",
    }
    return scene(
        f"corpus/published-{english.stem}",
        files,
        "check zh.md en.md --allow allow.yaml --edition none -v",
        "check zh.md en.md --format json",
        "memory learn zh.md en.md --memory m.db -v",
        f"zh.md -o en.md --dry-run --memory m.db {FAKE}",
    )


def _translated(name: str, source: Path) -> Scene:
    return scene(
        f"corpus/{name}",
        {"zh.md": source},
        f"zh.md -o en.md --memory m.db {FAKE} --allow-partial -v",
        "check zh.md en.md",
        "zh.md -o draft.md --engine draft --memory new.db --allow-partial",
    )


def _season(corpus: Path, names: list[str]) -> Scene:
    line = f"season zh -o en {FAKE}"
    return scene(
        "corpus/season",
        {f"zh/{name}": corpus / "zh" / name for name in names},
        f"{line} --plan",
        f"{line} --report season.json -v",
        line,
        "review zh/2023-05-27-weekly.md en/2023-05-27-weekly.md -o page.html",
        "selftest zh/2023-05-27-weekly.md en/2023-05-27-weekly.md --count 1",
    )
