"""What an editor does with a glossary: find mistakes and gaps, add to it, exchange it as CSV, TSV and TBX."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from weekly_translate.checks import markup
from weekly_translate.checks.terms import avoided_in, rendering_in
from weekly_translate.data_files import DataText
from weekly_translate.errors import InputRefusedError
from weekly_translate.glossary.entries import Matcher, folded, spelled
from weekly_translate.model import Kind, Pair, Segment, Severity, Span, TermKind
from weekly_translate.text.characters import HAN, counted, in_half_width, lazy_pattern, prose_of, without_tags
from weekly_translate.text.xml import is_sealed, language_of, legal, local_name, root_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.glossary.entries import Override
    from weekly_translate.model import GlossaryEntry, Term


_IDLE = "`{}` is off, but there is nothing to switch off: no glossary below this file has such an entry."


_HALF_OF_MARKUP = lazy_pattern(r"<(?=[A-Za-z/!?])|\][(\[:]|!(?=\[)|\[(?=\^)|&(?=#?\w{1,32};)")
"""What begins HTML, or is the seam of a link: the other half may stand in the next term."""
_MARKUP_CHECKS = (
    markup.no_html_is_invented,
    markup.no_address_is_invented,
    markup.no_tag_is_invented,
)


class Remark(NamedTuple):
    """What is to be said about the entry on a line."""

    line: int
    severity: Severity
    message: str


def remarks_on(
    entries: Sequence[GlossaryEntry], overrides: Iterable[Override] = (), idle: Iterable[GlossaryEntry] = ()
) -> list[Remark]:
    """Everything that is wrong with the entries of a file, by line; errors make entries useless.

    `idle` are entries that switch off something that is not there.
    """
    entries = [entry for entry in entries if not entry.off]
    found = [*_doubled(entries), *_unreachable(entries), *_redundant(entries), *_contradicted(entries)]
    found += _not_words(entries)
    found += [_overridden(override) for override in overrides]
    found += [Remark(entry.line, Severity.WARNING, _IDLE.format(entry.term.source)) for entry in idle]
    return sorted(found)


def _doubled(entries: Iterable[GlossaryEntry]) -> Iterator[Remark]:
    """Two entries for one source that nothing tells apart."""
    places: defaultdict[tuple[str, bool, tuple[str, ...]], list[tuple[Term, int]]] = defaultdict(list)
    for entry in entries:
        for term in spelled(entry):
            places[_sense(term)].append((term, entry.line))
    for (first, line), *others in places.values():
        for other, place in others:
            what = "a duplicate of" if other.target == first.target else f"{other.target}, in conflict with"
            message = f"`{other.source}` is {what} line {line} ({first.target}). Merge the two entries."
            yield Remark(place, Severity.ERROR, message)


def _unreachable(entries: Sequence[GlossaryEntry]) -> Iterator[Remark]:
    """An entry that is not found even where its own source stands alone."""
    matcher = Matcher(term for entry in entries for term in spelled(entry))
    for entry in entries:
        for term in spelled(entry):
            found = matcher.terms_in("，".join((term.source, *term.near[:1])))
            if _sense(term) in map(_sense, found):
                continue
            by = " and ".join(f"`{one.source}`" for one in found) or "the way it is written"
            yield Remark(entry.line, Severity.ERROR, f"`{term.source}` is never found: {by} hides it.")


def _redundant(entries: Iterable[GlossaryEntry]) -> Iterator[Remark]:
    """An entry that contradicts or repeats itself."""
    for entry in entries:
        term = entry.term
        for word in term.avoid:
            if word not in avoided_in(term, word):
                message = f"`{word}` of `{term.source}` is to be avoided, and is to be used."
                yield Remark(entry.line, Severity.ERROR, message)
        for word in term.allowed:
            if word.casefold() == term.target.casefold():
                message = f"`{word}` of `{term.source}` is allowed anyway: it is the target."
                yield Remark(entry.line, Severity.WARNING, message)


def _contradicted(entries: Sequence[GlossaryEntry]) -> Iterator[Remark]:
    """An entry whose English another entry rules out: one of them is broken wherever both occur."""
    rulings = [entry for entry in entries if entry.term.avoid]
    for entry in entries:
        for ruling in rulings:
            if _letters(ruling.term) == _letters(entry.term):
                continue  # itself, or another sense of it
            for word in entry.term.renderings:
                # A quick look before the exact one: glossaries are compared entry by entry.
                if not any(avoided[:3].casefold() in word.casefold() for avoided in ruling.term.avoid):
                    continue
                for avoided in avoided_in(ruling.term, word):
                    message = (
                        f"`{word}` stands for `{entry.term.source}`, but line {ruling.line} "
                        f"(`{ruling.term.source}`) avoids `{avoided}`."
                    )
                    yield Remark(entry.line, Severity.WARNING, message)


def _not_words(entries: Iterable[GlossaryEntry]) -> Iterator[Remark]:
    """English with links, HTML or tags of its own: every translation that uses it is refused."""
    for entry in entries:
        for word in entry.term.renderings:
            if reason := next(_markup_in(word, entry.term.source), ""):
                message = f"`{word}` of `{entry.term.source}` is more than words: {reason}. Write words only."
                yield Remark(entry.line, Severity.ERROR, message)


def _markup_in(word: str, source: str) -> Iterator[str]:
    """What the checks would say of it as a translation of its source; and halves, which they do not see."""
    pair = Pair(Segment("", Kind.TEXT, Span(0, 0), 0, source), word)
    for check in _MARKUP_CHECKS:
        yield from check(pair)
    for half in _HALF_OF_MARKUP.finditer(word):
        if half[0] not in source:
            yield f"{half[0]} is markup"


def _overridden(override: Override) -> Remark:
    ours, theirs = override.ours, override.theirs
    if override.is_conflict:
        message = f"`{ours.source}` is {ours.target} here and {theirs.target} in the program's glossary."
        return Remark(override.line, Severity.WARNING, message)
    message = f"`{ours.source}` stands in the program's glossary as well; this entry counts."
    return Remark(override.line, Severity.INFO, message)


def _sense(term: Term) -> tuple[str, bool, tuple[str, ...]]:
    """What tells a term from all others."""
    return _letters(term), term.exact, term.near


def _letters(term: Term) -> str:
    source = in_half_width(term.source)
    return source if term.exact else folded(source)


class Aligned(NamedTuple):
    """A segment, its translation, and the heading that it stands under."""

    segment: Segment
    target: str
    section: str = ""


@dataclass(slots=True)
class TermUsage:
    """How often a term was needed, and what stood for it."""

    term: Term
    renderings: Counter[str] = field(default_factory=Counter)
    by_issue: dict[str, tuple[int, int]] = field(default_factory=dict)
    """For each issue how often the term was kept, and how often it was needed."""

    @property
    def uses(self) -> int:
        """How many segments need it."""
        return self.renderings.total()

    @property
    def kept(self) -> int:
        """In how many of them it stands as the glossary wants it."""
        return sum(self.renderings[word] for word in self.term.renderings)


def usage_of(matcher: Matcher, issues: Mapping[str, Iterable[Aligned]]) -> list[TermUsage]:
    """The usage of each term that occurs, those that are kept least first."""
    usages: dict[Term, TermUsage] = {}
    for issue, pairs in issues.items():
        for segment, target, section in pairs:
            for term in matcher.terms_in(segment.text, section):
                usage = usages.setdefault(term, TermUsage(term))
                said = _said(term, without_tags(target))
                usage.renderings[said] += 1
                kept, needed = usage.by_issue.get(issue, (0, 0))
                usage.by_issue[issue] = (kept + (said in term.renderings), needed + 1)
    return sorted(usages.values(), key=lambda one: (one.kept / one.uses, -one.uses, one.term.source))


def usage_text(usages: Sequence[TermUsage]) -> str:
    """A table of the terms, and the sum of all; issues are named where a term was not kept."""
    lines = [f"{'uses':>5} {'kept':>5}  term"]
    for usage in usages:
        words = ", ".join(f"{word} {count}" for word, count in usage.renderings.most_common())
        lines.append(f"{usage.uses:5} {usage.kept / usage.uses:5.0%}  {usage.term.source}: {words}")
        missed = [
            f"{issue} {needed - kept}"
            for issue, (kept, needed) in sorted(usage.by_issue.items())
            if kept < needed
        ]
        if missed:
            lines.append(f"{'':13}not kept in {', '.join(missed)}")
    uses, kept = sum(usage.uses for usage in usages), sum(usage.kept for usage in usages)
    share = f"{kept / uses:.1%}" if uses else "none"
    lines.append(f"{counted(uses, 'use')} of {counted(len(usages), 'term')}, {share} kept")
    return "".join(f"{line}\n" for line in lines)


def _said(term: Term, target: str) -> str:
    if avoided := avoided_in(term, target):
        return f"{avoided[0]} (to be avoided)"
    return rendering_in(term, target) or "(missing)"


# --------------------------------------------------------------------------- what a glossary may lack

LEAST = 4
"""Fewer segments prove nothing."""
_CONSISTENT = 0.75
"""The share of its segments in which a rendering stands that counts as the only one."""
_AMONG = 0.25
"""The least share of one among several."""
_MOST = 4
"""More renderings than these are no pattern."""
_TOGETHER = 0.7
"""The least share of several together."""
_SPECIFIC = 0.5
"""The least share of a rendering's own segments that hold the Chinese: `the` goes with everything."""
_WHOLE = 0.8
"""The least share of its texts in which a piece stands inside a longer word."""
_LENGTHS = range(2, 7)
_CLAUSE = lazy_pattern(f"[{HAN}]+")
_WORD = lazy_pattern(r"[A-Za-z][\w'-]*")
_EDGES = {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its"}
_EDGES |= {"of", "on", "or", "that", "the", "this", "to", "with", "you", "your"}
"""Words that begin or end no term."""
_STOPS = frozenset("的了在是和与及或被把将对从到为也就都而但并很更最这那其")
"""Characters that begin or end no term."""


class Candidate(NamedTuple):
    """A Chinese word, in how many segments it stands, and what it is there, the most frequent first."""

    source: str
    uses: int
    renderings: tuple[tuple[str, int], ...]

    @property
    def is_consistent(self) -> bool:
        """Whether one rendering stands for it nearly always."""
        return self.renderings[0][1] >= _CONSISTENT * self.uses

    @property
    def is_split(self) -> bool:
        """Whether a few renderings share nearly all of its segments."""
        together = sum(count for _, count in self.renderings)
        return len(self.renderings) > 1 and together >= _TOGETHER * self.uses


def candidates_in(
    pairs: Iterable[tuple[str, str]], matcher: Matcher, *, least: int = LEAST
) -> list[Candidate]:
    """Candidates from pairs of a tagged Chinese text and its translation, the most frequent first."""
    pairs = list(dict.fromkeys(pairs))
    english = [set(_phrases(without_tags(target))) for _, target in pairs]
    everywhere = Counter(phrase for phrases in english for phrase in phrases)
    places = _places([prose_of(source) for source, _ in pairs], least)
    unknown = {word: where for word, where in places.items() if not matcher.terms_in(word)}
    words = (
        Candidate(word, len(where), _renderings(where, english, everywhere))
        for word, where in unknown.items()
    )
    found = [one for one in words if one.renderings and (one.is_consistent or one.is_split)]
    return sorted(found, key=lambda one: (not one.is_consistent, -one.uses, one.source))


def candidates_text(candidates: Sequence[Candidate]) -> str:
    """A list to choose from, the consistent ones as arguments of `glossary add`."""
    alike = [one for one in candidates if one.is_consistent]
    split = [one for one in candidates if not one.is_consistent]
    lines = [f"{len(alike)} rendered alike"]
    lines += [
        f"  {one.source}  {one.renderings[0][0]}  ({one.renderings[0][1]} of {one.uses})" for one in alike
    ]
    lines.append(f"{len(split)} rendered in several ways")
    for one in split:
        words = ", ".join(f"{word} {count}" for word, count in one.renderings)
        lines.append(f"  {one.source}  ({one.uses})  {words}")
    return "".join(f"{line}\n" for line in lines)


# --------------------------------------------------------------------------- Chinese words


def _places(texts: Sequence[str], least: int) -> dict[str, set[int]]:
    """In which texts a word stands; what is nearly always a piece of one longer word is left out."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    around: defaultdict[str, set[str]] = defaultdict(set)
    for number, text in enumerate(texts):
        for clause in _CLAUSE.findall(text):
            for start, end in _windows(len(clause)):
                word = clause[start:end]
                if word[0] not in _STOPS and word[-1] not in _STOPS:
                    places[word].add(number)
                    around[word].add(f"<{clause[start - 1 : start]}")
                    around[word].add(f">{clause[end : end + 1]}")
    frequent = {word: where for word, where in places.items() if len(where) >= least}
    # Different characters stand on either side: inside a longer word they are always the same.
    free = {
        word: where
        for word, where in frequent.items()
        if all(sum(one[0] == side for one in around[word]) > 1 for side in "<>")
    }
    pieces = {
        part
        for word, where in free.items()
        for part in (word[start:end] for start, end in _windows(len(word)))
        if part != word and part in free and len(free[part]) * _WHOLE <= len(where)
    }
    return {word: where for word, where in free.items() if word not in pieces}


def _windows(length: int) -> Iterator[tuple[int, int]]:
    for size in _LENGTHS:
        for start in range(length - size + 1):
            yield start, start + size


# --------------------------------------------------------------------------- English phrases


def _phrases(text: str) -> Iterator[str]:
    """Up to three words in a row, in lower case and without a plural's s."""
    for sentence in re.split(r"[.,;:!?()\[\]\"“”]+", text):
        words = [_singular(word.lower()) for word in _WORD.findall(sentence)]
        for size in (1, 2, 3):
            for start in range(len(words) - size + 1):
                phrase = words[start : start + size]
                if phrase[0] not in _EDGES and phrase[-1] not in _EDGES:
                    yield " ".join(phrase)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _renderings(
    where: set[int], english: Sequence[set[str]], everywhere: Counter[str]
) -> tuple[tuple[str, int], ...]:
    """The phrases that go with a word: often in its segments, seldom elsewhere, each where no other is."""
    here: defaultdict[str, set[int]] = defaultdict(set)
    for number in where:
        for phrase in english[number]:
            here[phrase].add(number)
    least = max(2, _AMONG * len(where))
    fitting = {
        phrase: places
        for phrase, places in here.items()
        if len(places) >= least and len(places) >= _SPECIFIC * everywhere[phrase]
    }
    chosen: list[tuple[str, int]] = []
    while fitting and len(chosen) < _MOST:
        phrase = min(fitting, key=lambda one: (-len(fitting[one]), -len(one), one))
        covered = fitting.pop(phrase)
        chosen.append((phrase, len(covered)))
        fitting = {one: rest for one, places in fitting.items() if len(rest := places - covered) >= least}
    return tuple(chosen)


_LONGEST_LINE = 110
_PLAIN = lazy_pattern(r"[A-Za-z\u3400-\u9fff](?:[\w .+()/'-]*[\w+)])?")
"""Text that YAML takes as text, whatever stands around it."""
_DASH = lazy_pattern("( *)- ")
"""Where an entry begins, and how far in."""
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def with_entries(
    text: str, new: Sequence[GlossaryEntry], entries: Sequence[GlossaryEntry], ends: Sequence[int]
) -> str:
    """The text of a glossary with more entries, each behind the last one of its kind.

    `entries` are those that it has, `ends` the lines on which they end. All stand as far in as its own.
    """
    lines = text.splitlines(keepends=True)
    indent = next((match[1] for match in map(_DASH.match, lines) if match), "")
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    places = {entry.term.kind: end for entry, end in zip(entries, ends, strict=True)}
    inserted: defaultdict[int, str] = defaultdict(str)
    for entry in new:
        place = places.get(entry.term.kind, len(lines))
        inserted[place] += "".join(f"{indent}{line}{newline}" for line in yaml_of(entry).splitlines())
    if lines and len(lines) in inserted and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    whole = [line + inserted.get(number, "") for number, line in enumerate(lines, start=1)]
    return inserted.get(0, "") + "".join(whole)


def yaml_of(entry: GlossaryEntry) -> str:
    """An entry as a person would write it: on one line, or if that is too long on several."""
    values = _values(entry)
    line = f"- {{{', '.join(f'{key}: {value}' for key, value in values)}}}"
    if len(line) <= _LONGEST_LINE:
        return line
    (key, value), *others = values
    return "\n".join([f"- {key}: {value}", *(f"  {key}: {value}" for key, value in others)])


def _values(entry: GlossaryEntry) -> list[tuple[str, str]]:
    term = entry.term
    keeps = term.kind is TermKind.KEEP and term.target == term.source
    values = [
        ("source", _scalar(term.source)),
        ("target", "" if keeps else _scalar(term.target)),
        ("allowed", _list(term.allowed)),
        ("avoid", _list(term.avoid)),
        ("forms", _list(entry.forms)),
        ("kind", "" if term.kind is TermKind.TERM else term.kind.value),
        ("case", "exact" if term.exact else ""),
        ("near", _list(term.near)),
        ("note", _scalar(term.note) if term.note else ""),
    ]
    return [(key, value) for key, value in values if value]


def _list(words: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_scalar, words))}]" if words else ""


def _scalar(text: str) -> str:
    """In quotes unless it is certain that none are needed."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return "'" + text.replace("'", "''") + "'"


# --------------------------------------------------------------------------- CSV and TSV

_COLUMNS = ("source", "target", "forms", "allowed", "avoid", "kind", "case", "near", "note")
_LISTS = frozenset({"forms", "allowed", "avoid", "near"})
_BETWEEN = "|"
_BETWEEN_COLUMNS = {
    ",": "Write a comma between the columns: some spreadsheets export semicolons.",
    "\t": "Write a tab between the columns.",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves do."""


def table_of(entries: Iterable[GlossaryEntry], delimiter: str) -> str:
    """The entries as a table with a head."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        term = entry.term
        lists = (entry.forms, term.allowed, term.avoid, term.near)
        *words, near = (f" {_BETWEEN} ".join(words) for words in lists)
        case = "exact" if term.exact else ""
        cells = (term.source, term.target, *words, term.kind, case, near, term.note)
        writer.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return out.getvalue()


def rows_in_table(text: str, name: str, delimiter: str) -> DataText:
    """The rows of a table called `name`, each as an entry of a glossary file; empty cells are left out.

    The head names the columns, in any order; without one the first two are `source` and `target`. Raises
    `InputRefusedError`.
    """
    try:
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter)
        found = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as error:
        raise InputRefusedError(f"{name}:{reader.line_num}: this is no table: {error}") from error
    if found and all(len(row) == 1 for _, row in found):
        raise InputRefusedError(f"{name}: there is only one column. {_BETWEEN_COLUMNS[delimiter]}")
    head = [cell.strip().lower() for cell in found[0][1]] if found else []
    if "source" not in head:
        return _table(found, _COLUMNS[:2], name)
    if unknown := [column for column in head if column and column not in _COLUMNS]:
        raise InputRefusedError(
            f"{name}: there is no column {unknown[0]!r}. The columns are {', '.join(_COLUMNS)}."
        )
    return _table(found[1:], head, name)


def _table(found: Sequence[tuple[int, list[str]]], head: Sequence[str], name: str) -> DataText:
    for line, row in found:
        if any(cell.strip() for cell in row[len(head) :]):
            raise InputRefusedError(
                f"{name}:{line}: there are more cells than columns ({', '.join(head)}). "
                "Name all columns in the first line, and quote a cell that holds a separator."
            )
    entries = [_entry(dict(zip(head, row, strict=False))) for _, row in found]
    return DataText(name, entries, lambda steps: found[int(steps[0])][0] if steps else 1)


def _entry(cells: dict[str, str]) -> dict[str, object]:
    entry: dict[str, object] = {}
    for column, cell in cells.items():
        if column and cell.strip():
            text = cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
            parts = [part.strip() for part in text.split(_BETWEEN) if part.strip()]
            entry[column] = parts if column in _LISTS else text
    return entry


# --------------------------------------------------------------------------- TBX-Basic

# Written in the form of 2008, which most tools read; both forms are read. The preferred, admitted and
# deprecated terms of TBX are our target, `allowed` and `avoid`.

_PREFERRED, _ADMITTED, _DEPRECATED = (
    f"{status}-admn-sts" for status in ("preferredTerm", "admittedTerm", "deprecatedTerm")
)
_STANDARD_DOCTYPE = lazy_pattern(r"<!DOCTYPE (?:martif|tbx) SYSTEM ['\"](?:TBX\w{1,40})\.dtd['\"]>")
"""What many tools write: it names the public DTD and declares nothing."""
_ENTRIES = ("termEntry", "conceptEntry")
_LANGUAGES = ("langSet", "langSec")
_TERMS = ("tig", "ntig", "termSec")


def tbx_of(entries: Iterable[GlossaryEntry]) -> str:
    """The entries as a TBX-Basic document, in their order."""
    martif = ET.Element("martif", {"type": "TBX-Basic", "xml:lang": "en"})
    source = ET.SubElement(ET.SubElement(ET.SubElement(martif, "martifHeader"), "fileDesc"), "sourceDesc")
    ET.SubElement(source, "p").text = "Written by weekly-translate"
    body = ET.SubElement(ET.SubElement(martif, "text"), "body")
    for number, entry in enumerate(entries, start=1):
        _fill(ET.SubElement(body, "termEntry", id=f"c{number}"), entry)
    ET.indent(martif, "\t")
    return written(martif)


_OUR_TBX = re.compile(rb"<\?xml[^>]*>\s*<martif\b.{,300}\bWritten by weekly-translate", re.DOTALL)


def is_export(data: bytes) -> bool:
    """Whether `tbx_of` has made these bytes, and nobody has changed them since: a table does not tell."""
    return _OUR_TBX.match(data) is not None and is_sealed(data)


def _fill(element: ET.Element, entry: GlossaryEntry) -> None:
    term = entry.term
    more = [("x-kind", term.kind.value), ("x-case", "exact" if term.exact else "")]
    for kind, value in (*more, *(("x-near", word) for word in term.near)):
        if value:
            ET.SubElement(element, "admin", type=kind).text = legal(value)
    if term.note:
        ET.SubElement(element, "note").text = legal(term.note)
    chinese = [(term.source, _PREFERRED), *((form, _ADMITTED) for form in entry.forms)]
    english = [(term.target, _PREFERRED), *((word, _ADMITTED) for word in term.allowed)]
    english += [(word, _DEPRECATED) for word in term.avoid]
    for language, words in (("zh-CN", chinese), ("en-US", english)):
        place = ET.SubElement(element, "langSet", {"xml:lang": language})
        for word, status in words:
            group = ET.SubElement(place, "tig")
            ET.SubElement(group, "term").text = legal(word)
            ET.SubElement(group, "termNote", type="administrativeStatus").text = status


def rows_in_tbx(data: bytes, name: str) -> list[dict[str, object]]:
    """The concepts with a Chinese and an English term, each as an entry of a glossary file.

    Raises `InputRefusedError` for what is not TBX, has a document type of its own, or holds no such concept.
    """
    root = root_of(data, name, roots=("martif", "tbx"), doctype=_STANDARD_DOCTYPE, what="TBX")
    concepts = [element for element in root.iter() if local_name(element) in _ENTRIES]
    rows = [row for row in map(_row, concepts) if row]
    if concepts and not rows:
        raise InputRefusedError(f"no concept of {name} is in Chinese and English")
    return rows


def _row(concept: ET.Element) -> dict[str, object]:
    """What a concept says, or nothing."""
    terms: dict[str, list[tuple[str, str]]] = {"zh": [], "en": []}
    for place in _children(concept, *_LANGUAGES):
        terms.setdefault(language_of(place), []).extend(_terms_in(place))
    chinese, english = (_by_preference(terms[language]) for language in ("zh", "en"))
    if not chinese or not english:
        return {}
    row: dict[str, object] = {"source": chinese[0], "target": english[0]}
    deprecated = [word for word, status in terms["en"] if status == _DEPRECATED]
    admins = [(admin.get("type"), _words(admin)) for admin in _children(concept, "admin")]
    lists = {
        "forms": chinese[1:],
        "allowed": english[1:],
        "avoid": deprecated,
        "near": [value for kind, value in admins if kind == "x-near"],
    }
    texts = {
        "kind": next((value for kind, value in admins if kind == "x-kind"), ""),
        "case": next((value for kind, value in admins if kind == "x-case"), ""),
        "note": " ".join(_words(note) for note in _children(concept, "note")),
    }
    return row | {key: value for key, value in (lists | texts).items() if value}


def _terms_in(place: ET.Element) -> Iterator[tuple[str, str]]:
    for group in _children(place, *_TERMS):
        words = next((_words(one) for one in group.iter() if local_name(one) == "term"), "")
        notes = (one for one in group.iter() if local_name(one) == "termNote")
        status = next((_words(note) for note in notes if note.get("type") == "administrativeStatus"), "")
        if words:
            yield words, status


def _by_preference(terms: list[tuple[str, str]]) -> list[str]:
    wanted = [(word, status) for word, status in terms if status != _DEPRECATED]
    return list(dict.fromkeys(word for word, _ in sorted(wanted, key=lambda one: one[1] != _PREFERRED)))


def _children(element: ET.Element, *names: str) -> Iterator[ET.Element]:
    yield from (child for child in element if local_name(child) in names)


def _words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
