"""The YAML file of an edition -> `Edition`. Nothing is guessed, and all problems are told at once."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from weekly_translate.edition.problems import Path, Problems
from weekly_translate.edition.reading_blocks import headings_in, replacements_in, rewrites_in
from weekly_translate.edition.reading_marks import marks_in
from weekly_translate.edition.reading_overrides import overrides_in
from weekly_translate.edition.reading_texts import Texts
from weekly_translate.edition.reading_values import flag_in, pattern_in, patterns_in, strings_in
from weekly_translate.edition.templates import IDENTITY
from weekly_translate.edition.values import Edition
from weekly_translate.model import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KEYS = (
    *("shape", "issue", "title", "front_matter", "header", "footer", "headings", "items", "stars", "notes"),
    *("dropped", "replaced", "urls", "phrases", "keep", "overrides", "values"),
)
_NEEDED = ("items", "stars", "notes")
_TITLE_NEEDED = "the title of the source is dropped with its front matter: give 'title', such as '# {title}'."
_NO_HEADING = "the title is a heading: let it begin with '# '."


def parse_edition(
    data: object,
    file: str,
    lines: Mapping[Path, int] | None = None,
    template: Callable[[str], str | None] = lambda _name: None,
) -> Edition:
    """The edition that a YAML file describes.

    `lines` are those of its keys, `template` gives the text of a file beside it and None where there is none.
    Raises `UsageError` with all problems, each with `file` and line.
    """
    problems = Problems(file, lines or {})
    keys = data if isinstance(data, dict) else {}
    for key in keys.keys() - set(KEYS):
        problems.unknown((str(key),), key, KEYS, "key")
    for key in _NEEDED:
        if key not in keys:
            problems.add((), f"the key '{key}' is missing; see editions/none.yaml for what it may say.")
    edition = _edition(keys, problems, template)
    problems.raise_any()
    return edition


def _edition(
    data: Mapping[str, object], problems: Problems, template: Callable[[str], str | None]
) -> Edition:
    values = strings_in(data, ("values",), problems)
    texts = Texts(problems, template, frozenset({*IDENTITY[:2], *values}))
    for name, text in values.items():
        if name in IDENTITY:
            problems.add(("values", name), f"'{name}' is said by the document itself: choose another name.")
        texts.check(("values", name), text, IDENTITY[:2], f"the value '{name}'")
    marks = marks_in(data, problems)
    replaced = replacements_in(data, texts)
    shape = data.get("shape", {})
    edition = Edition(
        name=problems.file.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml"),
        file=problems.file,
        marks=marks.source,
        written=marks.english,
        items=marks.items,
        stars=marks.stars,
        notes=MappingProxyType(marks.notes),
        note_policy=marks.policy,
        usual=marks.usual,
        unmarked=marks.unmarked,
        shape=patterns_in(shape, "has", problems),
        lacks=patterns_in(shape, "lacks", problems),
        issue=pattern_in(data.get("issue"), ("issue",), problems),
        title=texts.text(data.get("title"), ("title",), more=("title",)),
        keeps_front_matter=flag_in(data, "front_matter", ("keep", "drop"), problems) == "keep",
        header=texts.text(data.get("header"), ("header",)),
        footer=texts.text(data.get("footer"), ("footer",)),
        headings=headings_in(data, problems),
        replaced=replaced,
        urls=rewrites_in(data, problems),
        terms=tuple(_phrases(data, problems)),
        kept=frozenset(_name_patterns(data, problems)),
        overrides=overrides_in(data, {rule.name for rule in replaced}, values, problems),
        values=MappingProxyType(values),
        places=MappingProxyType(
            {str(path[0]): line for path, line in problems.lines.items() if len(path) == 1}
        ),
    )
    _check_title(edition, problems)
    return edition


def _phrases(data: Mapping[str, object], problems: Problems) -> Iterator[Term]:
    for source, target in strings_in(data, ("phrases",), problems).items():
        if not source.strip() or not target.strip():
            message = f"the phrase '{source}' needs an English text: write it, or remove the line."
            problems.add(("phrases", source), message)
        yield Term(source, target)


def _name_patterns(data: Mapping[str, object], problems: Problems) -> list[str]:
    names = data.get("keep") or []
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    problems.add(("keep",), "'keep' is a list of the names that stay Chinese.")
    return []


def _check_title(edition: Edition, problems: Problems) -> None:
    if not edition.keeps_front_matter and not edition.title:
        problems.add(("front_matter",), _TITLE_NEEDED)
    if edition.title and ("\n" in edition.title or not edition.title.startswith("# ")):
        problems.add(("title",), _NO_HEADING)
