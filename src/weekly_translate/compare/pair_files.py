"""Pairs of files: which belong together, their texts, what the checks say, what a rule can mend."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain, product
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.characters import leftover_findings, leftovers_in
from weekly_translate.checks.registry import text_findings
from weekly_translate.checks.repair import FIXES, better, single_spaced
from weekly_translate.compare.align import aligned
from weekly_translate.compare.ignores import Allowances, Ignore, fits, sifted, unneeded
from weekly_translate.compare.judge import compared
from weekly_translate.compare.learn import texts_of
from weekly_translate.compare.style import prepared_pair
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.errors import ExitCode, InputRefusedError, UsageError
from weekly_translate.files import check_writable, read_text, same_file, similar_path, write_text
from weekly_translate.markdown.segments import assemble, parse, sections_of
from weekly_translate.markdown.site import Pages, files_named, followed, headings_of, kept_ids
from weekly_translate.model import USUAL, Finding, Pair, Severity
from weekly_translate.report.text import Judged, Side, side_of
from weekly_translate.text.characters import has_han, is_chinese, lazy_pattern, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from weekly_translate.compare.style import Rules
    from weekly_translate.edition.applying import Editions, Manuscript
    from weekly_translate.files import TextFile
    from weekly_translate.model import Dialect, Document, Segment


_PLACEHOLDER = lazy_pattern(r"\{([A-Za-z_]\w*)\}", re.ASCII)


_PATH = "path"


class FilePair(NamedTuple):
    """A source and its translation."""

    source: Path
    target: Path


class Pattern(NamedTuple):
    """How the paths of sources and of their translations look; each `{name}` is the same in both.

    A name stands for a part of a path, and `{path}` for any number of folders and a part.
    """

    source: str
    target: str


UNTRANSLATED = "doc.untranslated"
"""The check that a source without a translation fails."""


def parse_pattern(text: str) -> Pattern:
    """A pattern as it is given with `--pair`. Raises `UsageError`."""
    source, equals, target = text.partition("=")
    names = sorted(_PLACEHOLDER.findall(source))
    doubled = len(set(names)) < len(names)
    if not (equals and names) or doubled or names != sorted(_PLACEHOLDER.findall(target)) or "=" in target:
        raise UsageError(
            f"--pair {text!r} is no pattern: write both paths with the same names in braces, each once, "
            "such as 'docs/{name}.md=en/{name}.md'."
        )
    return Pattern(source, target)


def file_pairs_of(files: Iterable[Path], patterns: Iterable[Pattern]) -> list[FilePair]:
    """The pairs that these files belong to, each once; a file may be either side. Others belong to none."""
    found = (_file_pair(file, pattern) for file in files for pattern in patterns)
    return list(dict.fromkeys(pair for pair in found if pair is not None))


def all_file_pairs(patterns: Iterable[Pattern], folder: Path) -> list[FilePair]:
    """Every pair below `folder` of which the source exists, in the order of the names."""
    pairs: list[FilePair] = []
    for pattern in patterns:
        escaped = re.sub(r"[*?\[]", "[\\g<0>]", pattern.source)
        glob = _PLACEHOLDER.sub(lambda name: "**/*" if name[1] == _PATH else "*", escaped)
        if PurePath(glob).is_absolute():
            raise UsageError(f"--pair {pattern.source}: paths are relative to the current folder.")
        files = [path.relative_to(folder) for path in sorted(folder.glob(glob)) if path.is_file()]
        pairs += file_pairs_of(files, [pattern])
    return list(dict.fromkeys(pairs))


def deeper(pattern: Pattern) -> Pattern:
    """A pattern of one name below a folder, so that it goes into the folders below it; any other as it is."""
    source, target = (_PLACEHOLDER.sub(f"{{{_PATH}}}", side) for side in pattern)
    folder, *others = _PLACEHOLDER.split(pattern.source)[::2]
    return Pattern(source, target) if "/" in folder and len(others) == 1 else pattern


def why_no_pair(patterns: Sequence[Pattern], folder: Path) -> str:
    """Why the patterns couple no two files below `folder`, and what may be meant instead."""
    for there, missing in all_file_pairs(patterns, folder)[:1]:
        return f"No pair to check: {there} is there, but {missing} is not{_or_rather(folder / missing)}"
    source = patterns[0].source
    said = f"No pair to check: no file fits {source!r}"
    if "*" in source:
        return f"{said}. For folders below, write {{path}}, without *."
    fixed = PurePath(_PLACEHOLDER.split(source)[0] + "x").parent
    return f"{said}{_or_rather(folder / fixed)}"


def _or_rather(path: Path) -> str:
    meant = similar_path(path)
    return f"; did you mean {meant}?" if meant else ". Mend the pattern of --pair."


def _file_pair(file: Path, pattern: Pattern) -> FilePair | None:
    """`1.en.md` fits both sides of `{n}.md={n}.en.md`: the side that says more about it counts."""
    for side in sorted(pattern, key=lambda side: len(_PLACEHOLDER.sub("", side)), reverse=True):
        if values := _values(side, file.as_posix()):
            return FilePair(*(Path(_filled(template, values)) for template in pattern))
    return None


def _filled(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], PurePath(template).as_posix())


def _values(template: str, path: str) -> dict[str, str] | None:
    """What the names in braces stand for; only `{path}` reaches over a slash."""
    literals = _PLACEHOLDER.split(PurePath(template).as_posix())
    parts = [
        rf"(?P<{part}>{'.+' if part == _PATH else '[^/]+'})" if index % 2 else re.escape(part)
        for index, part in enumerate(literals)
    ]
    match = re.fullmatch("".join(parts), path)
    return match.groupdict() if match else None


# --------------------------------------------------------------------------- from disk to verdict


@dataclass(frozen=True, slots=True)
class Judging:
    """The rules of the checks, and which findings are wanted."""

    rules: Rules
    editions: Editions
    select: tuple[str, ...] = ("*",)
    ignore: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    strict: bool = False
    """Whether a warning fails the run as well."""
    encoding: str | None = None
    """Of files that are not Unicode."""

    def wants(self, finding: Finding) -> bool:
        """Whether its check is one of those that are asked for."""
        return fits(finding.check, self.select) and not fits(finding.check, self.ignore)


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """The findings on a pair, and what `fix` has changed in it."""

    judged: Judged
    unused: tuple[Ignore, ...] = ()
    idle: frozenset[str] = frozenset()
    """Allowances that this pair does not need, each as a sentence."""
    diff: str = ""
    dialect: Dialect = USUAL

    def code(self, options: Judging) -> ExitCode:
        """1 for errors, and for warnings where these are taken seriously."""
        failed = self.judged.count(Severity.ERROR) or (options.strict and self.judged.count(Severity.WARNING))
        return ExitCode.FINDINGS if failed else ExitCode.DONE


def verdict_on(files: FilePair, options: Judging, *, fix: bool = False) -> PairVerdict:
    """Read two files and judge them; with `fix`, write the translation anew where that is an improvement.

    Raises `InputRefusedError` for a file that cannot be read, and with `fix` what `write_text` raises.
    """
    original, file, source = _read(files, options)
    if fix:
        check_writable(files.target, source=files.source, may_replace=None)
    judge = partial(_judged, files, options, source, [*_byte_order_mark(original, file)])
    verdict = judge(file.text)
    mended = _mended(source, verdict, judge) if fix else verdict
    if mended is verdict:
        return verdict
    from weekly_translate.report.diff import diff_of  # noqa: PLC0415 - only where something was mended

    text = mended.judged.target.text
    write_text(files.target, replace(file, text=text, path=files.source))
    name = str(files.target)
    return replace(mended, diff=diff_of(file.text, text, old_name=name, new_name=f"{name} (fixed)"))


def _read(files: FilePair, options: Judging) -> tuple[TextFile, TextFile, Manuscript]:
    """Both files, and what its edition makes of the source. Refuses files in the wrong order."""
    original, file = (read_side(path, options.encoding) for path in files)
    refuse_exchanged(files, original.text, file.text)
    return original, file, manuscript_of(original.text, files.source.name, options.editions, every_line=True)


def verdict_on_texts(files: FilePair, source: str, target: str, options: Judging) -> PairVerdict:
    """The same of two texts, such as an editor has open; the files only give their names."""
    manuscript = manuscript_of(source, files.source.name, options.editions, every_line=True)
    return _judged(files, options, manuscript, [], target)


def mended_lines(source: str, target: str, verdict: PairVerdict) -> Iterator[tuple[Finding, int, str]]:
    """For each finding that a rule can mend by itself: the lines of the target, and what each is to read."""
    here, there = (parse(text, every_line=True, dialect=verdict.dialect) for text in (source, target))
    before = lines_of(target)
    for finding, on_lines in _mendable(verdict.judged.findings, here, there):
        after = lines_of(fixed(here, there, on_lines))
        if len(after) == len(before):
            pairs = enumerate(zip(before, after, strict=True), 1)
            yield from ((finding, number, new) for number, (old, new) in pairs if new != old)


def untranslated(files: FilePair, options: Judging) -> PairVerdict:
    """What is said about a source whose translation is not there. Raises `InputRefusedError`."""
    source = parse(read_side(files.source, options.encoding).text, every_line=True)
    missing = Finding(
        UNTRANSLATED, Severity.ERROR, f"its translation {files.target} does not exist", source_line=1
    )
    found = tuple(one for one in (missing,) if options.wants(one))
    return PairVerdict(Judged(*_sides(files, source, parse("")), found))


def _sides(files: FilePair, source: Document, target: Document) -> tuple[Side, Side]:
    return side_of(files.source.as_posix(), source), side_of(files.target.as_posix(), target)


def read_side(path: Path, encoding: str | None) -> TextFile:
    """A file that is UTF-8 is read as such: of a pair, one may have another encoding."""
    if encoding is not None:
        with suppress(InputRefusedError):
            return read_text(path)
    return read_text(path, encoding_hint=encoding)


def refuse_exchanged(files: FilePair, source: str, target: str) -> None:
    """Files that were given in the wrong order get one message instead of a thousand findings.

    Raises `InputRefusedError`: of many pairs, the others are judged all the same.
    """
    if same_file(files.source, files.target):
        raise InputRefusedError(f"{files.source} is named twice: name the Chinese file and its translation")
    if is_chinese(target) and not is_chinese(source):
        raise InputRefusedError(
            f"{files.target} is Chinese and {files.source} is not: name the Chinese file first, "
            "then its translation"
        )


def _byte_order_mark(source: TextFile, target: TextFile) -> Iterator[Finding]:
    """The mark is no part of a text: it was taken away when the file was read."""
    if bool(source.mark) != bool(target.mark):
        message = "the byte order mark is missing" if source.mark else "a byte order mark begins the file"
        yield Finding("doc.bom", Severity.WARNING, message, source_line=1, target_line=1)


def _mended(manuscript: Manuscript, verdict: PairVerdict, judge: Callable[[str], PairVerdict]) -> PairVerdict:
    """The verdict after all fixes; if these do harm together, after each one that helps by itself."""
    source, dialect = manuscript.edited.document, manuscript.choice.dialect
    target = parse(verdict.judged.target.text, every_line=True, dialect=dialect)
    found = _mendable(verdict.judged.findings, source, target)
    checks = dict.fromkeys(finding.check for finding, _ in found)
    for those in (checks.keys(), *({check} for check in checks)):
        text = fixed(source, target, chain.from_iterable(lines for one, lines in found if one.check in those))
        if text != target.text:
            after = judge(text)
            if better(verdict.judged.findings, after.judged.findings):
                verdict, target = after, parse(text, every_line=True, dialect=dialect)
    return verdict


def _judged(
    files: FilePair, options: Judging, manuscript: Manuscript, about_files: list[Finding], text: str
) -> PairVerdict:
    """`about_files` are the findings that neither text shows."""
    asked = options.editions.named is not None
    pair = prepared_pair(manuscript, text, options.rules, asked=asked)
    source, target, rules, said = pair
    sides = _sides(files, source, target)
    found = [*about_files, *_unread(source, target), *said, *text_findings(source, target)]
    links = followed(source, source.features, _pages(files, source, target, rules.allowed))
    found += links.findings
    ids = kept_ids(source)[1] if manuscript.choice.dialect.keeps_ids else ()
    features = tuple(sorted((*links.expected, *ids), key=lambda one: one.line))
    found += compared(source._replace(features=features), target, rules)
    found += leftover_findings(leftovers_in(target, rules.names_in), sentence=Severity.ERROR)
    wanted = [one for one in found if options.wants(one)]
    sorted_out = sifted(wanted, options.ignores, *(side.line for side in sides))
    idle = frozenset(unneeded(source, target, options.rules.allowed))
    judged = Judged(*sides, sorted_out.findings, sorted_out.suppressed)
    return PairVerdict(judged, sorted_out.unused, idle, dialect=manuscript.choice.dialect)


def _pages(
    files: FilePair, source: Document, target: Document, allowed: Allowances
) -> Callable[[str], Pages | None]:
    """The headings of the pair, and of other pairs that relative links name."""

    @cache
    def own() -> Pages:
        pages = Pages(headings_of(source), headings_of(target))
        here, there = ({line: index for index, line in enumerate(side.lines)} for side in pages[:2])
        if len(here) == len(there):
            return pages
        lines = [(one.source.number, one.target.number) for one in aligned(source, target, allowed).matches]
        partners = {here[one]: there[two] for one, two in lines if one in here and two in there}
        return pages._replace(partners=partners)

    return lambda name: page_beside(files, name, source.dialect) if name else own()


def page_beside(files: FilePair, name: str, dialect: Dialect = USUAL) -> Pages | None:
    """The page that a relative link in a source names, if it lies beside both files and can be read."""
    for file in () if name.startswith("/") else files_named(name):
        here, there = (side.parent / file for side in files)
        with suppress(UsageError, OSError):  # a name may be too long for any file
            if here.is_file() and there.is_file() and not same_file(here, there):
                own, english = (
                    headings_of(parse(read_text(path).text, dialect=dialect)) for path in (here, there)
                )
                return Pages(own, english, here.name)
    return None


def _unread(source: Document, target: Document) -> Iterator[Finding]:
    """What the parser leaves alone. In the source that is no error: a person may have translated it."""
    for finding in source.findings:
        yield finding._replace(severity=Severity.WARNING)
    for finding in target.findings:
        if finding.severity is Severity.ERROR:
            yield finding._replace(source_line=None, target_line=finding.source_line)


# --------------------------------------------------------------------------- what a rule mends


def _mendable(
    findings: Iterable[Finding], source: Document, target: Document
) -> list[tuple[Finding, list[Finding]]]:
    """The findings that a rule may mend, each as one on every line that was read together with its own."""
    found = [one for one in findings if one.check in FIXES and one.target_line]
    matches = aligned(source, target, Allowances()).matches if found else ()
    joined = {
        match.target.number: [*product(match.source.numbers, match.target.numbers)]
        for match in matches
        if match.is_joined
    }
    return [
        (one, [one._replace(source_line=here, target_line=there) for here, there in places])
        for one in found
        for places in [joined.get(one.target_line or 0, [(one.source_line, one.target_line)])]
    ]


def fixed(source: Document, target: Document, findings: Iterable[Finding]) -> str:
    """The target with what `findings` complain about mended, as far as a rule can; all else byte for byte."""
    texts: defaultdict[int, list[str]] = defaultdict(list)
    for segment in source.segments:
        texts[segment.line].append(segment.text)
    partners: defaultdict[int, set[int]] = defaultdict(set)
    checks: defaultdict[int, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.target_line:
            partners[finding.target_line].add(finding.source_line or 0)
            checks[finding.target_line].add(finding.check)
    chinese = {at: " ".join(text for line in sorted(partners[at]) for text in texts[line]) for at in partners}
    steady = _steady_lines(target, checks.keys())
    mended = {
        one.id: text
        for one in target.segments
        if one.line in steady
        if (text := _segment_mended(one, chinese[one.line], checks[one.line])) != one.text
    }
    return assemble(target, mended)


def _steady_lines(document: Document, wanted: Iterable[int]) -> set[int]:
    """Of the wanted lines, those that assemble to themselves (but for double spaces) from their own text.

    On any other line a fix would change more than the fault: it is left to a person.
    """
    lines = set(wanted)
    same = {segment.id: segment.text for segment in document.segments if segment.line in lines}
    texts = document.text, assemble(document, same)
    before, after = ([single_spaced(line) for line in lines_of(text)] for text in texts)
    return {line for line in lines if len(before) == len(after) and before[line - 1] == after[line - 1]}


def _segment_mended(segment: Segment, chinese: str, checks: set[str]) -> str:
    """Each fix compares with the Chinese; code and addresses are those of the tags in the English."""
    text, reference = segment.text, segment._replace(text=chinese)
    for step in dict.fromkeys(FIXES[check] for check in FIXES if check in checks):
        text = step(text, reference)
    return text if text.strip() else segment.text


PairUnder = tuple[Pair, str]
"""A segment with its translation, in the tags of the source, and the heading that it stands under."""


def texts_of_files(files: FilePair, options: Judging) -> tuple[Judged, list[PairUnder]]:
    """Read and align two files, as their edition wants it; nothing is said of them yet.

    Of every text of the source that holds Chinese and has a translation, in order: what has no counterpart is
    for the comparison to say, and what an edition settles is nobody's translation. Raises `UsageError`.
    """
    _, file, manuscript = _read(files, options)
    source, target, rules, _ = prepared_pair(manuscript, file.text, options.rules)
    sections, allowed = sections_of(source), rules.allowed
    found: list[PairUnder] = []
    for match in aligned(source, target, allowed).matches:
        for text in texts_of(match, allowed):
            segment = text.segment
            if segment.id not in allowed.settled and has_han(segment.text) and text.target.strip():
                section = sections.get(segment.id, "")
                terms = rules.matcher.terms_in(text.source, section)
                shown = segment._replace(text=text.source)
                found.append((Pair(shown, text.target, terms, text.other.line), section))
    return Judged(*_sides(files, source, target), ()), found
