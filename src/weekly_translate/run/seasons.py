"""The issues of a season: which they are, what is kept of each that goes by, and the log.

The log is a JSON object in each line, made to be read by programs. Neither keys nor words of a document are
in it; `texts` adds what was sent to the engine and what it answered.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO
from unicodedata import normalize

from weekly_translate.checks.terms import avoided_in, latin_names, rendering_in, run_together
from weekly_translate.data_files import RULE_FOLDERS
from weekly_translate.edition.applying import unused
from weekly_translate.edition.values import HOLE
from weekly_translate.errors import ExitCode, StorageError, UsageError, WeeklyTranslateError
from weekly_translate.files import MARKDOWN, STANDARD_INPUT, check_writable, now, similar_path
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Ending, Kind, Pair, RuleKind, Severity, Use
from weekly_translate.report.data import Idle, tokens_as_data
from weekly_translate.report.season_table import Account, Inventory, Occurrence, Variety, counts_of, share_of
from weekly_translate.run.project import cost_of
from weekly_translate.text.characters import is_chinese, lazy_pattern, prose_of, same_work, without_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.edition.schema import Edition
    from weekly_translate.edition.values import Issue
    from weekly_translate.llm.engine import Engine
    from weekly_translate.model import Reply, Request
    from weekly_translate.run.issue import Result
    from weekly_translate.run.plan import Order


_WILD = lazy_pattern(r"[*?\[]")


class ChosenSource(NamedTuple):
    """A source, the file its English goes to, and its name: the path below the folder that was given."""

    name: str
    source: Path
    out: Path
    is_named: bool = False
    """Whether the file itself was given, and not a folder or a pattern."""


def chosen_in(given: Sequence[str], out: Path) -> list[ChosenSource]:
    """The Markdown files of folders and those below, files, and what matches a pattern: `docs/**/*.md`.

    Raises `UsageError` where there is nothing, where two sources would go to the same file, and where one
    would replace another. That a source is its own output is told later: it is one bad issue among good ones.
    """
    outputs = Path(realpath(out))
    found: dict[Path, ChosenSource] = {}
    for text in given:
        here = list(_named(text, out, outputs))
        if not here:
            raise UsageError(
                f"There is no Markdown file in {text}: name a folder of issues, files or a pattern."
            )
        for one in here:
            found.setdefault(Path(realpath(one.source)), one)
    chosen = sorted(found.values(), key=lambda one: one.name)
    if not any(one.source.exists() for one in chosen):
        missing = Path(given[0])
        meant = similar_path(missing)
        advice = f"did you mean {meant}?" if meant else "name a folder of issues, files or a pattern."
        raise UsageError(f"{missing} does not exist: {advice}")
    taken: dict[str, ChosenSource] = {}
    sources = {_one_name(one.source): one for one in chosen}
    for one in chosen:
        # Some disks take names for one that differ only in case.
        other = taken.setdefault(normalize("NFC", str(one.out)).casefold(), one)
        if other is not one:
            raise UsageError(
                f"{other.source} and {one.source} would both become {one.out}: translate them one after the "
                "other, into folders of their own."
            )
    for one in chosen:
        if sources.get(_one_name(one.out), one) is not one:
            raise UsageError(
                f"{one.source} would become {one.out}, which is a source itself: name another folder."
            )
    return chosen


_FOREIGN, _OWN = "they are not Chinese", "they are files of the program"
_SHOWN_NAMES = 3


def translatable(
    chosen: Iterable[ChosenSource], project: Path, order_of: Callable[[Path], Order]
) -> tuple[list[ChosenSource], list[str]]:
    """The sources that are Chinese and no data files of the project; and why the others are left out.

    What was given by its own name stays, and so does what cannot be read: that is to fail in the summary.
    Raises `UsageError` where nothing is left.
    """
    left_out: dict[str, list[str]] = defaultdict(list)
    kept = []
    for one in chosen:
        if reason := "" if one.is_named else _why_left_out(one, project, order_of):
            left_out[reason].append(one.name)
        else:
            kept.append(one)
    said = [f"left out, because {reason}: {_shortly(names)}" for reason, names in left_out.items()]
    if said and not kept:
        advice = "Name a file itself to translate it all the same."
        raise UsageError(f"There is nothing to translate: {'; '.join(said)}. {advice}")
    return kept, [f"{one}; copy what the pages need" if _FOREIGN in one else one for one in said]


def _why_left_out(one: ChosenSource, project: Path, order_of: Callable[[Path], Order]) -> str:
    source = Path(realpath(one.source))
    if any(source.is_relative_to(realpath(project / name)) for name in RULE_FOLDERS):
        return _OWN
    try:
        return "" if is_chinese(order_of(one.source).read().text) else _FOREIGN
    except WeeklyTranslateError:
        return ""


def _shortly(names: Sequence[str]) -> str:
    """The first of the names, and how many there are besides."""
    more = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def left_out_of(given: Sequence[str], out: Path) -> str:
    """What lies in folders and is not translated, in words, but for hidden files."""
    outputs = Path(realpath(out))
    kinds = Counter(
        file.suffix.lower() or file.name
        for folder in map(Path, given)
        if folder.is_dir()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in MARKDOWN
        if not any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not Path(realpath(file)).is_relative_to(outputs)
    )
    return _shortly([f"{count:,} {kind}" for kind, count in kinds.most_common()])


def _named(text: str, out: Path, outputs: Path) -> Iterator[ChosenSource]:
    """What lies in the folder of the outputs is no source, unless the one given lies there itself."""
    path = Path(text)
    if text == STANDARD_INPUT:
        raise UsageError("A season is of files and folders: for the standard input leave `season` out.")
    if path.is_dir():
        files, base = [one for one in sorted(path.rglob("*")) if one.suffix in MARKDOWN], path
    elif _WILD.search(text) and not path.exists():
        base = _fixed_part(path)
        files = sorted(base.glob(str(path.relative_to(base))))
    else:
        files, base = [path], path.parent
    base_is_inside = Path(realpath(base)).is_relative_to(outputs)
    for file in files:
        below = file.relative_to(base)
        wanted = file == path or (file.is_file() and not any(part.startswith(".") for part in below.parts))
        if wanted and (base_is_inside or not Path(realpath(file)).is_relative_to(outputs)):
            yield ChosenSource(below.as_posix(), file, _target(below, out, outputs), file == path)


def _fixed_part(pattern: Path) -> Path:
    """The folder above the first part with a wildcard."""
    fixed = Path(pattern.anchor)
    for part in pattern.parts[len(fixed.parts) : -1]:
        if _WILD.search(part):
            break
        fixed /= part
    return fixed


def _target(below: Path, out: Path, outputs: Path) -> Path:
    """Where an output goes: nowhere but below the folder, whatever links lie there (SEC-10)."""
    target = out / below
    if not Path(realpath(target.parent)).is_relative_to(outputs):
        raise UsageError(f"{target} lies outside of {out}, because of a link or `..`: name another folder.")
    return target


def _one_name(path: Path) -> str:
    """A name for all the names of a file that does not have to exist."""
    return normalize("NFC", realpath(path)).casefold()


_DATE = lazy_pattern(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_NUMBER = lazy_pattern(r"\d{1,6}")
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Bound:
    """The first or the last issue of a range, by date (`2023-07-08`, `2023-07`) or by number (`12`)."""

    option: str
    text: str

    @property
    def kind(self) -> str:
        """What it is compared with, as a word."""
        return "date" if "-" in self.text else "number"

    def key(self, length: int | None = None) -> _Key:
        """What it says; of a date no more than this length."""
        return (0, self.text[:length]) if self.kind == "date" else (int(self.text), "")

    def key_of(self, issue: Issue) -> _Key | None:
        """What an issue says; of a date as much as the bound has of one. None where it says nothing."""
        if self.kind == "date":
            return (0, issue.date[: len(self.text)]) if issue.date else None
        digits = "".join(re.findall(r"[0-9]", issue.number))
        return (int(digits), "") if digits else None


def bound_of(option: str, text: str | None) -> Bound | None:
    """The bound that an option names. Raises `UsageError`."""
    if text is None or _DATE.fullmatch(text) or _NUMBER.fullmatch(text):
        return None if text is None else Bound(option, text)
    raise UsageError(
        f"{option} {text} is neither a date nor a number: write 2023-07-08, 2023-07, or the issue's number."
    )


class Range(NamedTuple):
    """From one issue to another, both included; None is open."""

    first: Bound | None = None
    last: Bound | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None

    def __str__(self) -> str:
        ends = (("from", self.first), ("to", self.last))
        return " ".join(f"{word} {bound.kind} {bound.text}" for word, bound in ends if bound is not None)

    def lacking(self, issue: Issue) -> str:
        """What an issue would have to say to be compared; nothing if it says it."""
        return next((bound.kind for bound in self if bound and bound.key_of(issue) is None), "")

    def holds(self, issue: Issue) -> bool:
        """Whether an issue lies in it that lacks nothing."""
        above = self.first is None or (self.first.key_of(issue) or ()) >= self.first.key()
        return above and (self.last is None or (self.last.key_of(issue) or ()) <= self.last.key())


def range_of(first: Bound | None, last: Bound | None) -> Range:
    """Both bounds as a range. Raises `UsageError` where no issue could lie between them."""
    if first is not None and last is not None and first.kind == last.kind:
        length = min(len(first.text), len(last.text))
        if first.key(length) > last.key(length):
            raise UsageError(f"{first.option} {first.text} comes after {last.option} {last.text}: swap them.")
    return Range(first, last)


_MOST_TITLES = 50
"""An address with more titles than these is that of a site, which has a title for each of its pages."""
_NAME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+#]*(?:[-.][A-Za-z0-9+#]+)*")


class SeasonNotes:
    """What is noted of each issue, so that its rendering need not be kept."""

    def __init__(self, *, counting: bool = False) -> None:
        """With `counting`, each result is read once more and what it holds is counted."""
        self.said: list[Said] = []
        self.inventories: list[Inventory] = []
        self._counting = counting
        self._uses: defaultdict[str, list[Use]] = defaultdict(list)
        self._editions: dict[str, Edition] = {}
        self._issues: Counter[str] = Counter()

    def note(self, name: str, result: Result) -> None:
        """Take in an issue called `name`."""
        self.said += said_in(name, result)
        choice, _, edited = result.plan.manuscript
        file = choice.edition.file
        self._editions[file] = choice.edition
        self._uses[file] += edited.uses
        self._issues[file] += 1
        if self._counting:
            self.inventories.append(inventory_of(name, result))

    @property
    def idle(self) -> list[Idle]:
        """The rules that fired in none of the issues of their edition. One issue alone proves nothing."""
        return [
            Idle(file, rule.line, rule.kind.value, rule.name, self._issues[file])
            for file, edition in self._editions.items()
            if self._issues[file] > 1
            for rule in unused(edition, self._uses[file])
        ]


_TEXTS = (RuleKind.TITLE, RuleKind.HEADER, RuleKind.FOOTER)


def inventory_of(name: str, result: Result) -> Inventory:
    """Count the result of an issue."""
    choice, _, edited = result.plan.manuscript
    english = parse(result.text, marks=choice.edition.written, dialect=choice.dialect)
    severities = [finding.severity for finding in result.findings]
    whole = result.text.replace("\r\n", "\n")  # the texts of an edition take the line ends of the issue
    texts = {
        use.kind.value: all(part.strip() in whole for part in use.text.replace("\r\n", "\n").split(HOLE))
        for use in edited.uses
        if use.kind in _TEXTS
    }
    return Inventory(
        name,
        choice.edition.name,
        counts_of(edited.expected, english.features),
        len({one.line for one in result.left if one.is_seen}),
        texts,
        severities.count(Severity.ERROR),
        severities.count(Severity.WARNING),
    )


def account_of(result: Result, name: str) -> Account:
    """What has become of an issue called `name`, and what it has taken."""
    order, plan, failure = result.order, result.plan, result.failure
    edition, edited = plan.manuscript.choice.edition, plan.manuscript.edited
    return Account(
        name,
        str(order.source),
        str(order.out),
        result.ending or Ending.OPEN,
        why=result.why or str(failure or ""),
        signature=result.signature,
        edition=edition.name,
        counts=result.counts,
        share=share_of(plan.document.segments, plan.remembered),
        usage=result.usage + result.reading,
        cost=cost_of(result.usage, result.reading, result.plan.data),
        seconds=result.seconds,
        # What a run that was stopped has not asked for is no fault of the issue.
        findings=() if failure is not None else result.findings,
        rules=edited.uses,
        diff=result.diff,
        left=() if failure is not None else result.left,
        dropped_errors=result.dropped_errors,
    )


def code_of(accounts: Iterable[Account], failure: WeeklyTranslateError | None) -> ExitCode:
    """What the shell is told: what ended the season, else the worst of what became of its issues."""
    if failure is not None:
        return failure.exit_code
    endings = {one.ending for one in accounts}
    if endings & {Ending.UNSAVED, Ending.UNKNOWN}:
        return ExitCode.STORAGE
    if endings & {Ending.REFUSED, Ending.HELD, Ending.FOREIGN, Ending.OPEN}:
        return ExitCode.PARTIAL
    return ExitCode.FINDINGS if endings & {Ending.ERRORS, Ending.INCOMPLETE} else ExitCode.DONE


class Said(NamedTuple):
    """How something reads in one place; what has the same `key` should read alike."""

    kind: str
    key: str
    source: str
    text: str
    place: Occurrence


def said_in(name: str, result: Result) -> list[Said]:
    """All that should read alike wherever it stands, in one issue called `name`."""
    terms = result.plan.terms
    said: list[Said] = []
    for segment, answer in result.segments:
        if answer.target is not None:
            pair = Pair(segment, answer.target, terms.get(segment.id, ()))
            place = Occurrence(name, segment.line)
            said += [*_terms(pair, place), *_names(pair, place), *_titles(pair, place)]
    return said


def varieties_in(said: Iterable[Said]) -> list[Variety]:
    """What reads in more than one way, terms first; of each, the most frequent reading first."""
    groups: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        groups[one.kind, one.key].append(one)
    found = []
    for (kind, _), group in groups.items():
        for alike in _works(group) if kind == "title" else [group]:
            places: defaultdict[str, list[Occurrence]] = defaultdict(list)
            for one in alike:
                places[one.text].append(one.place)
            if len(places) > 1:
                ordered = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
                found.append(Variety(kind, alike[0].source, {text: tuple(where) for text, where in ordered}))
    return sorted(found, key=lambda one: (("term", "name", "title").index(one.kind), one.source))


def _terms(pair: Pair, place: Occurrence) -> Iterator[Said]:
    """The reading of each term that the glossary knows; what it lacks is a finding of its own."""
    target = without_tags(pair.target)
    source = prose_of(pair.segment.text)
    for term in pair.terms:
        word = next(iter(avoided_in(term, target)), None) or rendering_in(term, target)
        if word is not None and term.source in source:
            yield Said("term", f"{term.source}\n{term.target}", term.source, word, place)


def _names(pair: Pair, place: Occurrence) -> Iterator[Said]:
    """How the translation writes a Latin name of the source; in small letters it may be a command."""
    written = {run_together(word): word for word in _NAME.findall(without_tags(pair.target))}
    for name in latin_names(pair):
        word = written.get(run_together(name), "")
        if word and not (word.islower() or name.islower()):
            yield Said("name", run_together(name), name, word, place)


def _titles(pair: Pair, place: Occurrence) -> Iterator[Said]:
    segment = pair.segment
    if segment.kind is Kind.TITLE and segment.link:
        yield Said("title", segment.link, without_tags(segment.text), without_tags(pair.target), place)


def _works(group: Sequence[Said]) -> list[list[Said]]:
    """The titles of one address, by the works that they name: a site has many, an article one."""
    works: list[list[Said]] = []
    for one in group if len(group) <= _MOST_TITLES else []:
        work = next((work for work in works if same_work(work[0].source, one.source)), None)
        if work is None:
            works.append([one])
        else:
            work.append(one)
    return works


def is_log(data: bytes) -> bool:
    """Whether a `Log` has begun with these bytes."""
    return data.startswith(b'{"time": "')


class Log:
    """An open log, or one that goes nowhere. A disk that fails ends the log and not the season."""

    def __init__(self, file: TextIO | None, *, name: str = "", texts: bool = False) -> None:
        """`name` is what a failure calls the file."""
        self._file = file
        self._name = name
        self.texts = texts
        """Whether words of documents may be in it."""
        self.failure: StorageError | None = None
        """Why the log lacks lines."""

    def tell(self, event: str, **facts: object) -> None:
        """One line."""
        if self._file is None:
            return
        line = json.dumps({"time": now(), "event": event, **facts}, ensure_ascii=False)
        try:
            self._file.write(f"{line.encode('utf-8', 'backslashreplace').decode()}\n")
            self._file.flush()
        except OSError as error:
            self._fail(error)
            self.close()

    def close(self) -> None:
        """Give the file back."""
        file, self._file = self._file, None
        try:
            if file is not None:
                file.close()  # writes what is left in its buffer
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failure = StorageError(
            f"the log {self._name} is not whole: {error.strerror}; the answers and the files of this run are "
            "kept: make room, or name a file on another disk with --log"
        )


_APPENDS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
"""Windows would write each end of a line as two characters."""


def open_log(path: Path | None, *, texts: bool = False) -> Log:
    """Go on with a log, or begin one that only its owner may read. Raises `UsageError` and `StorageError`."""
    if path is None:
        return Log(None)
    check_writable(path, may_replace=is_log)
    try:
        file = os.open(path, _APPENDS, 0o600)
        stream = os.fdopen(file, "a", encoding="utf-8", newline="\n")
        return Log(stream, name=str(path), texts=texts)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}; name another file for --log"
        ) from error


class LoggedEngine:
    """An engine whose every request is a line of the log."""

    def __init__(self, engine: Engine, log: Log) -> None:
        self.name, self.worth, self.endpoint = engine.name, engine.worth, engine.endpoint
        self.stop, self.close = engine.stop, engine.close
        self._engine = engine
        self._log = log

    async def answer(self, request: Request) -> Reply:
        """Answer, and tell how it went."""
        begun = time.monotonic()
        facts: dict[str, Any] = {"segments": len(request.segments), "format": request.format.value}
        if self._log.texts:
            facts["messages"] = [{"role": one.role, "content": one.content} for one in request.messages]
        try:
            reply = await self._engine.answer(request)
        except WeeklyTranslateError as error:
            facts |= failure_as_data(error, texts=self._log.texts)
            self._log.tell("request", **facts, seconds=self._since(begun))
            raise
        facts |= {"finish": reply.finish.value, **tokens_as_data(reply.usage)}
        if self._log.texts:
            facts["reply"] = reply.text
        self._log.tell("request", **facts, seconds=self._since(begun))
        return reply

    def _since(self, begun: float) -> float:
        return round(time.monotonic() - begun, 3)


def failure_as_data(error: WeeklyTranslateError, *, texts: bool) -> Mapping[str, str]:
    """What failed. The sentence may quote a server, and a server may quote the document."""
    return {"failure": type(error).__name__, **({"message": str(error)} if texts else {})}
