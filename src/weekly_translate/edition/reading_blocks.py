"""The rules for headings, blocks and addresses in an edition's file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.edition.blocks import SELECTORS, RuleError, parse_selector
from weekly_translate.edition.marks import check_replacement, parse_rewrite
from weekly_translate.edition.reading_values import entries_in, pattern_in, strings_in
from weekly_translate.edition.values import Heading, Replacement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weekly_translate.edition.problems import Path, Problems
    from weekly_translate.edition.reading_texts import Texts
    from weekly_translate.edition.values import Rewrite, Selector

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MORE = {"dropped": frozenset({"name"}), "replaced": frozenset({"name", "with", "since"})}


def headings_in(data: Mapping[str, object], problems: Problems) -> tuple[Heading, ...]:
    """The renderings of headings, in the order of the file."""
    return tuple(_headings(strings_in(data, ("headings",), problems), problems))


def rewrites_in(data: Mapping[str, object], problems: Problems) -> tuple[Rewrite, ...]:
    """The rules for addresses, in the order of the file."""
    return tuple(_rewrites(data, problems))


def replacements_in(data: Mapping[str, object], texts: Texts) -> tuple[Replacement, ...]:
    """Blocks that are dropped, then those that are replaced: a line belongs to the first that means it."""
    found = [*_replacements(data, "dropped", texts), *_replacements(data, "replaced", texts)]
    names: set[str] = set()
    for rule, path in found:
        if rule.name in names:
            texts.problems.add(path, f"two rules are called '{rule.name}': give each a name of its own.")
        names.add(rule.name)
    return tuple(rule for rule, _ in found)


def _headings(told: Mapping[str, str], problems: Problems) -> Iterator[Heading]:
    for words, text in told.items():
        path = ("headings", words)
        pattern = pattern_in(words, path, problems, "headings")
        if pattern is None:
            continue
        try:
            check_replacement(pattern, text, "headings")
        except RuleError as error:
            problems.add(path, str(error))
        yield Heading(pattern, text, problems.line(path))


def _rewrites(data: Mapping[str, object], problems: Problems) -> Iterator[Rewrite]:
    for at, entry in enumerate(entries_in(data, "urls", problems)):
        try:
            yield parse_rewrite(entry, problems.line(("urls", at)))
        except RuleError as error:
            problems.add(("urls", at), str(error))


def _replacements(data: Mapping[str, object], key: str, texts: Texts) -> Iterator[tuple[Replacement, Path]]:
    for at, entry in enumerate(entries_in(data, key, texts.problems)):
        path: Path = (key, at)
        for unknown in entry.keys() - _MORE[key] - set(SELECTORS):
            texts.problems.unknown(
                (*path, str(unknown)), unknown, [*_MORE[key], *SELECTORS], f"key of '{key}'"
            )
        where = _selector(
            {name: entry[name] for name in SELECTORS if name in entry}, key, path, texts.problems
        )
        name = entry.get("name") or f"{key} {at + 1}"
        groups = where.pattern.groupindex if where is not None and where.kind == "text" else {}
        text = texts.text(entry.get("with"), (*path, "with"), more=groups)
        if key == "replaced" and not text:
            texts.problems.add(path, f"the rule '{name}' has no text: give 'with', or move it to 'dropped'.")
        if where is not None:
            since = _since(entry.get("since"), (*path, "since"), texts.problems)
            yield Replacement(str(name), where, text, since, texts.problems.line(path)), path


def _selector(entry: dict[str, object], key: str, path: Path, problems: Problems) -> Selector | None:
    if _DATE.fullmatch(str(entry.get("from"))):
        problems.add(path, "'from' is a pattern, of the first of the lines; the date of an issue is 'since'.")
        return None
    try:
        return parse_selector(entry, key)
    except RuleError as error:
        problems.add(path, str(error))
        return None


def _since(value: object, path: Path, problems: Problems) -> str:
    if value is None or _DATE.fullmatch(str(value)):
        return str(value or "")
    problems.add(path, f"'since' is a date such as 2023-09-01, not {value!r}.")
    return ""
