"""The texts that are measured: the samples, and real issues where the corpus lies beside the repository."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_SAMPLES = tuple(sorted(ROOT.glob("samples/*/source.md")))
_CORPUS = ROOT.parent / "shared/corpus/zh"
_ISSUE = _CORPUS / "2023-08-26-weekly.md"
_OTHERS = ROOT.parent / "shared/corpus/other"
_PUBLISHED = ROOT.parent / "shared/corpus/en"
_ISSUES = 30
_COPIES = 40
"""So many samples in a row are as long as the compilation of a season."""


class Text(NamedTuple):
    """A text, and its name in the table."""

    name: str
    content: str


def all_texts() -> list[Text]:
    """Every text that is there; the samples again and again where there is no corpus."""
    corpus = sorted(_CORPUS.glob("*.md"))
    return [_read(path) for path in corpus or _SAMPLES * _COPIES]


def other_texts() -> list[Text]:
    """Files of other newsletters and of documentation; each name begins with that of the repository."""
    paths = sorted(_OTHERS.glob("*/*.md*"))
    return [_read(path)._replace(name=f"{path.parent.name}/{path.name}") for path in paths]


def sample() -> Text:
    """The ordinary issue among the samples."""
    return _read(ROOT / "samples/full/source.md")


def issues() -> list[Text]:
    """The sample, and a long issue of the corpus."""
    return [sample(), *([_read(_ISSUE)] if _ISSUE.exists() else [])]


def season() -> list[Path]:
    """The files of a season: thirty issues of the corpus, or as many copies of the sample."""
    corpus = sorted(_CORPUS.glob("2023-*-weekly.md"))
    return corpus or [ROOT / "samples/full/source.md"] * _ISSUES


def published() -> list[tuple[str, str]]:
    """Sources and their published translations; none where there is no corpus."""
    pairs = ((_CORPUS / path.name, path) for path in sorted(_PUBLISHED.glob("*.md")))
    return [(_read(source).content, _read(target).content) for source, target in pairs]


def compilation() -> Text:
    """The longest text: a season in one file, or many samples, each a bit different from the others."""
    if _CORPUS.is_dir():
        return max(all_texts(), key=lambda text: len(text.content))
    issue = sample().content
    copies = (issue.replace("。", f"（{number}）。") for number in range(_COPIES))
    return Text(f"{_COPIES} samples in one", "\n\n".join(copies))


def _read(path: Path) -> Text:
    name = f"samples/{path.parent.name}" if path.name == "source.md" else path.stem
    with path.open(encoding="utf-8", newline="") as file:
        return Text(name, file.read())
