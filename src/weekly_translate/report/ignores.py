"""Which findings are shown: by id, by pattern, and those that a person wants silent with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.report.findings import Suppressed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from weekly_translate.model import Finding
    from weekly_translate.report.findings import Side


def fits(check: str, patterns: Iterable[str]) -> bool:
    """Whether an id is one of these, or fits one of these patterns."""
    return any(fnmatchcase(check, pattern) for pattern in patterns)


def known_pattern(pattern: str, known: Collection[str], place: str) -> str:
    """The pattern, if it means any of the `known` ids. Raises `UsageError` that begins with the place."""
    if any(fnmatchcase(check, pattern) for check in known):
        return pattern
    families = [f"{family}.*" for family in dict.fromkeys(check.partition(".")[0] for check in known)]
    near = get_close_matches(pattern, [*known, *families], n=1)
    advice = f"did you mean {near[0]}?" if near else f"the kinds are {', '.join(families)}"
    raise UsageError(f"{place}: there is no check {pattern!r}; {advice}")


# ---------------------------------------------------------------------------
# Findings that a person has looked at and wants silent, each with the reason (`ignores.yaml`).


_KEYS = ("check", "source", "text", "line", "reason")
_PLACES = ("source", "text", "line")


@dataclass(frozen=True, slots=True)
class Ignore:
    """What is silent where: `check` is an id or a pattern such as `num.*`.

    Where is one of three: words of the line in the source, words of the line in the translation, or the
    number of the line in the source (in the translation, for what stands only there).
    """

    check: str
    reason: str
    source: str = ""
    text: str = ""
    line: int | None = None
    entry: str = field(default="", compare=False)
    """Where it stands in its file: `ignores.yaml:3`."""

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else repr(self.source or self.text)
        return f"{self.check} for {where}"


class Sifted(NamedTuple):
    """What is left to say, what is silent on purpose, and the ignores that nothing needed."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    unused: tuple[Ignore, ...]


def parse_ignores(
    data: object, name: str, lines: Sequence[int] = (), known: Collection[str] | None = None
) -> tuple[Ignore, ...]:
    """The ignores of a YAML file. Its entries begin on `lines`; only ids that are `known` are allowed.

    Raises `UsageError` that names the file, the line and what to write.
    """
    if data is None:
        return ()
    if not isinstance(data, list):
        raise UsageError(f"{name}: a list is needed, each entry with check, reason and where.")
    places = [f"{name}:{line}" for line in lines] or [f"{name}, entry {n + 1}" for n in range(len(data))]
    return tuple(_ignore(entry, place, known) for entry, place in zip(data, places, strict=True))


def sifted(findings: Sequence[Finding], ignores: Sequence[Ignore], source: Side, target: Side) -> Sifted:
    """The findings without those that an ignore silences; the first that fits gives the reason."""
    left: list[Finding] = []
    suppressed: list[Suppressed] = []
    used: set[Ignore] = set()
    for finding in findings:
        fitting = [one for one in ignores if _silences(one, finding, source, target)]
        used.update(fitting)
        if fitting:
            suppressed.append(Suppressed(finding, fitting[0].reason))
        else:
            left.append(finding)
    return Sifted(tuple(left), tuple(suppressed), tuple(one for one in ignores if one not in used))


def _silences(ignore: Ignore, finding: Finding, source: Side, target: Side) -> bool:
    if not fits(finding.check, (ignore.check,)):
        return False
    if ignore.line is not None:
        return ignore.line == (finding.source_line or finding.target_line)
    if ignore.source:
        return ignore.source in source.line(finding.source_line)
    return ignore.text in target.line(finding.target_line)


def _ignore(entry: object, place: str, known: Collection[str] | None) -> Ignore:
    if not isinstance(entry, dict):
        raise UsageError(f"{place}: write `check: …`, `reason: …` and one of {', '.join(_PLACES)}.")
    for key in entry:
        if key not in _KEYS:
            raise UsageError(f"{place}: there is no key {key!r}. The keys are {', '.join(_KEYS)}.")
    if len(entry.keys() & set(_PLACES)) != 1:
        raise UsageError(f"{place}: say where with exactly one of {', '.join(_PLACES)}.")
    for key in ("check", "reason", *(entry.keys() & {"source", "text"})):
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{place}: `{key}` has to be a text that says something. Write `{key}: …`.")
    line = entry.get("line")
    if "line" in entry and (type(line) is not int or line < 1):
        raise UsageError(f"{place}: `line` is the number of a line, which counts from 1.")
    check = entry["check"].strip()
    return Ignore(
        check if known is None else known_pattern(check, known, place),
        " ".join(entry["reason"].split()),
        entry.get("source", "").strip(),
        entry.get("text", "").strip(),
        line,
        place,
    )
