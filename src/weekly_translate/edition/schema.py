"""What is wrong with the file of an edition: every problem with its line, told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition.blocks import SELECTORS, RuleError, parse_pattern, parse_selector
from weekly_translate.edition.marks import check_replacement, parse_rewrite
from weekly_translate.edition.templates import IDENTITY, is_left_open, spaced_variables_in, variables_in
from weekly_translate.edition.values import Edition, Heading, NotePolicy, Override, Replacement
from weekly_translate.errors import EditionError
from weekly_translate.model import MarkPatterns, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from weekly_translate.edition.values import Rewrite, Selector

Path = tuple[str | int, ...]
"""The keys that lead to a value: `("replaced", 0, "with")`."""


@dataclass(slots=True)
class Problems:
    """Gathers what a reader finds, instead of stopping at the first."""

    file: str
    lines: Mapping[Path, int]
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, path: Path, message: str) -> None:
        """Note a problem with the value at `path`."""
        self.found.append((self.line(path), message))

    def line(self, path: Path) -> int:
        """The line of a key, or of the innermost one around it that is known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def unknown(self, path: Path, name: object, known: Iterable[str], what: str) -> None:
        """Note a name that nobody knows, and the one that was probably meant."""
        known = sorted(known)
        near = get_close_matches(str(name), known, 1)
        there = "There is only" if len(known) == 1 else "There are"
        meant = f"Did you mean {near[0]}?" if near else f"{there} {', '.join(known) or 'none'}."
        self.add(path, f"there is no {what} '{name}'. {meant}")

    def raise_any(self) -> None:
        """Raise an `EditionError` with all of them, a line each."""
        if self.found:
            lines = (f"{self.file}:{line}: {message}" for line, message in sorted(self.found))
            raise EditionError("\n".join(lines))


def strings_in(data: object, path: Path, problems: Problems) -> dict[str, str]:
    """The mapping at the last key of `path`, whose keys and values are texts."""
    found = data.get(path[-1]) if isinstance(data, Mapping) else None
    if found is None:
        return {}
    if isinstance(found, dict) and all(_is_plain(one) for pair in found.items() for one in pair):
        return {str(key): str(value) for key, value in found.items()}
    problems.add(path, f"'{path[-1]}' maps texts to texts.")
    return {}


def flag_in(data: Mapping[str, object], key: str, choices: tuple[str, ...], problems: Problems) -> str:
    """One of a few words; the first, where the key is not there."""
    value = data.get(key, choices[0])
    if value in choices:
        return str(value)
    problems.add((key,), f"'{key}' is {' or '.join(choices)}, not {value!r}.")
    return choices[0]


def pattern_in(value: object, path: Path, problems: Problems, name: str = "") -> re.Pattern[str] | None:
    """A regular expression, or nothing. Messages call it `name`, else by its key."""
    if value is None:
        return None
    try:
        return parse_pattern(value, name or str(path[-1]))
    except RuleError as error:
        problems.add(path, str(error))
        return None


def patterns_in(shape: object, key: str, problems: Problems) -> tuple[re.Pattern[str], ...]:
    """The list of regular expressions at a key of `shape`."""
    if not isinstance(shape, dict) or not shape.keys() <= {"has", "lacks"}:
        if key == "has":
            problems.add(("shape",), "'shape' has the keys 'has' and 'lacks', each with a list of patterns.")
        return ()
    found = shape.get(key) or []
    values = found if isinstance(found, list) else [found]
    patterns = (pattern_in(value, ("shape", key, at), problems, key) for at, value in enumerate(values))
    return tuple(pattern for pattern in patterns if pattern is not None)


def entries_in(data: Mapping[str, object], key: str, problems: Problems) -> list[dict[object, object]]:
    """A list of entries, each with keys of its own."""
    entries = data.get(key) or []
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    problems.add((key,), f"'{key}' is a list of entries, each with keys of its own.")
    return []


def _is_plain(value: object) -> bool:
    return not isinstance(value, (dict, list)) and value is not None


_NO_FILE = (
    "there is no file '{}' beside the edition. Write it, or write the text itself here: one with a blank or "
    "a line break in it is no name of a file."
)

_LEFT_OPEN = "leaves a code block or a comment open, which would hold all below it. Close it."


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads templates; `names` are the variables that each of them may name."""

    problems: Problems
    template: Callable[[str], str | None]
    names: frozenset[str]

    def text(self, value: object, path: Path, more: Collection[str] = ()) -> str:
        """A text with a blank or a line break, or that of the file it names. `more` are variables, too."""
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            message = f"'{path[-1]}' is a text, or the name of a file such as full/header.md."
            self.problems.add(path, message)
            return ""
        text: str | None = value
        if not any(character.isspace() for character in value):
            text = self.template(value)
        if text is None:
            self.problems.add(path, _NO_FILE.format(value))
            return ""
        named = f"the text of '{path[-1]}'" if text is value else value
        self.check(path, text, (*self.names, *more), named)
        if is_left_open(text):
            self.problems.add(path, f"{named} {_LEFT_OPEN}")
        return "\n".join(text.splitlines()).strip("\n")

    def check(self, path: Path, text: str, known: Collection[str], named: str) -> None:
        """Note each variable of a text, which messages call `named`, that nothing will fill."""
        for name in variables_in(text):
            if name in known:
                continue
            if name == "title":
                why = "which is Chinese until it is translated: only 'title' may name it."
            else:
                near = get_close_matches(name, sorted(known), 1)
                meant = f"Did you mean {{{near[0]}}}?" if near else f"There are {_braced(known)}."
                why = f"which nothing fills. {meant} Else give it a value under 'values'."
            self.problems.add(path, f"{named} names {{{name}}}, {why}")
        for name in spaced_variables_in(text):
            if name in known:
                self.problems.add(path, f"{named} has a blank in the braces: write {{{name}}}.")


def _braced(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


_ISSUE = re.compile(r"\d+|\d{4}-\d{2}-\d{2}")
_CHANGEABLE = IDENTITY[:2]


def overrides_in(
    data: Mapping[str, object], rules: Collection[str], values: Collection[str], problems: Problems
) -> Mapping[str, Override]:
    """The entries of `overrides`; `rules` are the names of blocks, `values` those of variables."""
    told = data.get("overrides") or {}
    if not isinstance(told, dict) or not all(isinstance(entry, dict) for entry in told.values()):
        problems.add(
            ("overrides",), "'overrides' maps a number or a date to what is different: 7: {slug: …}."
        )
        return MappingProxyType({})
    return MappingProxyType(dict(_overrides(told, rules, values, problems)))


def _overrides(
    told: Mapping[object, dict[object, object]],
    rules: Collection[str],
    values: Collection[str],
    problems: Problems,
) -> Iterator[tuple[str, Override]]:
    for issue, entry in told.items():
        path = ("overrides", str(issue))
        if not _ISSUE.fullmatch(str(issue)):
            problems.add(path, f"an issue is a number or a date such as 2023-05-31, not {issue!r}.")
        without = entry.get("without", [])
        names = [str(name) for name in (without if isinstance(without, list) else [without])]
        for name in names:
            if name not in rules:
                problems.unknown((*path, "without"), name, rules, "rule")
        changed = {str(key): str(value) for key, value in entry.items() if key != "without"}
        for key in changed:
            if key not in values and key not in _CHANGEABLE:
                problems.unknown((*path, key), key, [*values, *_CHANGEABLE, "without"], "value")
        yield str(issue), Override(MappingProxyType(changed), frozenset(names))


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


_NOTE_KEYS = {"marker", "policy", "usual", "unmarked", "names"}
_NEVER = re.compile(r"(?!)")
_FLAGS = re.compile(r"\A\(\?[aimsux]+\)")
"""Flags stand at the beginning of a pattern, and nowhere else."""


class Marks(NamedTuple):
    """All that an edition says about marks."""

    source: MarkPatterns
    english: MarkPatterns
    items: str
    stars: str
    notes: dict[str, str]
    policy: NotePolicy
    usual: str
    unmarked: str


def marks_in(data: Mapping[str, object], problems: Problems) -> Marks:
    """The keys `items`, `stars` and `notes`."""
    item, items = _marker(data, "items", "{number}", problems)
    star, stars = _marker(data, "stars", "{count}", problems)
    told = data.get("notes") or {}
    full = told if isinstance(told, Mapping) and told.keys() & _NOTE_KEYS else {"names": told}
    for key in full.keys() - _NOTE_KEYS:
        problems.unknown(("notes", str(key)), key, _NOTE_KEYS, "key of 'notes'")
    notes = _names(full, problems, nested=full is told)
    policy = _policy(full, notes, problems)
    unmarked = str(full.get("unmarked", "Chinese"))
    usually = MarkPatterns()
    source = MarkPatterns(
        _wrapped(item, usually.item, "{}\\s*"),
        _wrapped(_pattern(full, "notes", problems), _noted(notes), "{}\\s*\\Z"),
        _wrapped(star, usually.stars, "{}\\s*\\Z"),
    )
    english = MarkPatterns(_written(items), _noted([*notes.values(), unmarked]), _written(stars, at_end=True))
    return Marks(source, english, items, stars, notes, policy, _usual(full), unmarked)


def _policy(full: Mapping[str, object], notes: Mapping[str, str], problems: Problems) -> NotePolicy:
    """What becomes of the notes; with `invert`, one of them has to be the usual one."""
    policy = full.get("policy", "keep")
    if not isinstance(policy, str) or policy not in tuple(NotePolicy):
        problems.add(("notes", "policy"), f"'policy' is {', '.join(NotePolicy)}, not {policy!r}.")
        return NotePolicy.KEEP
    if policy == NotePolicy.INVERT and _usual(full) not in notes.values():
        known = ", ".join(dict.fromkeys(notes.values()))
        message = f"'usual' is {_usual(full)}, which is no note here: give the one that vanishes, {known}."
        problems.add(("notes",), message)
    return NotePolicy(policy)


def _usual(full: Mapping[str, object]) -> str:
    return str(full.get("usual", "EN"))


def _names(full: Mapping[str, object], problems: Problems, *, nested: bool) -> dict[str, str]:
    """The notes, in Chinese and in English."""
    if not nested:
        return strings_in({"notes": full["names"]}, ("notes",), problems)
    return strings_in(full, ("notes", "names"), problems)


def _marker(
    data: Mapping[str, object], key: str, variable: str, problems: Problems
) -> tuple[re.Pattern[str] | None, str]:
    """The pattern of the source, if it is not the usual one, and the template of the English."""
    told = data.get(key)
    marker, text = None, told
    if isinstance(told, Mapping):
        for unknown in told.keys() - {"marker", "with"}:
            problems.unknown((key, str(unknown)), unknown, ("marker", "with"), f"key of '{key}'")
        marker, text = _pattern(told, key, problems), told.get("with")
    if told is not None and (not isinstance(text, str) or variable not in text or "\n" in text):
        problems.add((key,), f"'{key}' is a text of one line that holds {variable}.")
    return marker, text if isinstance(text, str) else variable


def _pattern(told: Mapping[str, object], key: str, problems: Problems) -> re.Pattern[str] | None:
    """The `marker` of a key, if it has one."""
    marker = pattern_in(told.get("marker"), (key, "marker"), problems)
    if marker is not None and not marker.groups:
        problems.add((key, "marker"), r"the marker has no group for its value: put it in parentheses, (\d+).")
        return None
    return marker


def _wrapped(marker: re.Pattern[str] | None, usual: re.Pattern[str], around: str) -> re.Pattern[str]:
    """The marker and the blanks around it."""
    if marker is None:
        return usual
    said = _FLAGS.sub("", marker.pattern) + ("\n" if marker.flags & re.VERBOSE else "")
    return re.compile(around.format(rf"\s*(?:{said})"), marker.flags & ~re.UNICODE)


def _noted(names: Iterable[str]) -> re.Pattern[str]:
    """One of these names in parentheses at the end; longer ones are tried first."""
    said = sorted({re.escape(name) for name in names if name}, key=len, reverse=True)
    return re.compile(rf"\s*[（(]({'|'.join(said)})[)）]\s*\Z") if said else _NEVER


def _written(template: str, *, at_end: bool = False) -> re.Pattern[str]:
    """What a template makes of any number: `{number}. ` is `1. `, but not the beginning of `3.12`."""
    before, _, after = template.replace("{count}", "{number}").partition("{number}")
    number = r"(\d[\d.,]*\s?[kKwW万]?\+?)" if at_end else r"(\d{1,4})"
    behind = r"\s*\Z" if at_end else r"(?=\s|\Z)\s*" if after.endswith(" ") else r"\s*"
    front = rf"\s*{re.escape(before.strip())}\s*" if before.strip() else r"\s*"
    return re.compile(rf"{front}{number}{re.escape(after.rstrip())}{behind}")


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
