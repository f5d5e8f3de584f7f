"""A translation that anybody made, compared as the edition of its source and its own style want it.

One that was made by hand or by another program has a style of its own, which is read off the pair: its
introduction and closing sections, the texts that stand where the source advertises, its language notes, the
links on its headings. What it does throughout is how it is meant: only departures from it are findings.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.checks.bounds import NOTES_MEANT, SOUND
from weekly_translate.checks.registry import findings_of, of_its_kind, settled
from weekly_translate.compare.document_lines import LineShape, Pairing, english_marks, gaps_between, is_title
from weekly_translate.compare.ignores import Allowances, OwnStyle
from weekly_translate.compare.languages import own_pages
from weekly_translate.edition.applying import PLAIN, manuscript_of, title_places
from weekly_translate.edition.rewriting import note_policies, settled_headings, unmarked_items, words_of
from weekly_translate.edition.values import HOLE, NotePolicy, Selector, Title
from weekly_translate.glossary.entries import Matcher
from weekly_translate.markdown.segments import parse
from weekly_translate.model import (
    ComplaintKind,
    FeatureKind,
    Finding,
    Kind,
    Mark,
    MarkKind,
    RuleKind,
    Severity,
    Span,
    Use,
)
from weekly_translate.text.characters import has_han, lazy_pattern, lines_of, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weekly_translate.compare.document_lines import DocumentLine, Match
    from weekly_translate.edition.applying import Editions, Manuscript
    from weekly_translate.edition.schema import Edition
    from weekly_translate.edition.values import Issue
    from weekly_translate.model import Document, Pair, Settlement
    from weekly_translate.text.dictionary import AllSenses


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison knows besides the two texts."""

    matcher: Matcher = field(default_factory=lambda: Matcher(()))
    """The glossary, to which an edition adds its phrases."""
    kept: frozenset[str] = frozenset()
    """Names that may stay Chinese."""
    allowed: Allowances = field(default_factory=Allowances)
    """Deliberate differences."""
    senses: AllSenses | None = None
    """A dictionary, by which sentences are missed that a length does not show."""
    settlements: Mapping[tuple[str, str], Settlement] = field(default_factory=dict)
    """What the memory of the project has settled about texts, by source and target."""

    def checked(self, pair: Pair) -> list[Finding]:
        """What is wrong with a segment, by what the rules know."""
        found = findings_of(pair, kept=self.kept, senses=self.senses)
        return settled(found, self.settlements.get((pair.segment.text, pair.target)))

    def names_in(self, text: str) -> set[str]:
        """The names that may stay Chinese in a text."""
        return {*self.kept, *(term.target for term in self.matcher.terms_in(text) if has_han(term.target))}


class PreparedPair(NamedTuple):
    """A pair as its edition wants it compared, and what the edition itself has to say about it."""

    source: Document
    """Without what the edition drops or replaces."""
    target: Document
    rules: Rules
    """With what the edition allows, names and calls."""
    findings: tuple[Finding, ...] = ()


_CHINESE = ("seg.residual-cjk", "seg.untranslated", "char.")
"""What is said of an introduction, whoever wrote it."""
_OF_LINKS = ("url.missing", "url.changed")


def frame_of(lines: Sequence[DocumentLine], style: OwnStyle) -> range:
    """From the first section or item to the last item, between an introduction and closing sections."""
    starts = (line.number for line in lines if line.number in style.headings or line.item)
    last = max((line.number for line in lines if line.item), default=inf)
    ends = (
        line.number
        for line in lines
        if line.number > last and (line.shape is LineShape.HEADING or line.number in style.optional)
    )
    return range(next(starts, 0), next(ends, sys.maxsize))


# --------------------------------------------------------------------------- texts of its own


def without_own_texts(pairing: Pairing, style: OwnStyle, frame: range) -> Pairing:
    """The pairing without what stands around the sections and for advertisements, and says something else."""
    kept = [one for one in pairing.matches if not _is_another_text(one, style)]
    own = Pairing.of(kept, pairing.source, pairing.target)
    of_source, of_target = gaps_between(own.matches)
    first, last = of_source(frame.start), of_source(frame.stop)
    replaced = {of_source(line.number) for line in own.lost if line.number in style.optional}
    # An introduction of its own stands for the one of the source.
    introduced = any(of_target(line.number) <= first for line in own.added)
    wanted = (line for line in own.lost if line.number not in style.optional)
    gaps = ((line, of_target(line.number)) for line in own.added)
    return own._replace(
        lost=tuple(line for line in wanted if not (introduced and line.number < frame.start)),
        added=tuple(line for line, gap in gaps if first < gap < last and gap not in replaced),
    )


def _is_another_text(match: Match, style: OwnStyle) -> bool:
    """Chinese is never a text of the translation's own, and a title is the title."""
    is_ours = is_title(match.source) or has_han(match.target.words)
    return not is_ours and style.optional.issuperset(match.source.numbers)


# --------------------------------------------------------------------------- findings


def in_own_style(findings: Iterable[Finding], frame: range, pairing: Pairing) -> Iterator[Finding]:
    """Only what departs from the style."""
    findings = list(map(_softened, findings))
    lines = (one.source for one in pairing.matches if one.source.shape is LineShape.HEADING)
    headings = {line.number for line in lines if line.values(FeatureKind.LINK)}
    alike = Counter((one.check, one.message) for one in findings if one.source_line in headings)
    for one in findings:
        line = one.source_line or 0
        on_all = (
            line in headings and one.check in _OF_LINKS and alike[one.check, one.message] == len(headings)
        )
        if on_all and len(headings) > 1:
            if line == min(headings):
                message = f"{one.message}, as on all {len(headings)} headings with a link"
                yield one._replace(severity=Severity.INFO, message=message)
        elif 0 < line < frame.start and not one.check.startswith(_CHINESE):
            lost = one.target_line is None
            yield one._replace(severity=Severity.WARNING if lost else Severity.INFO)
        elif line >= frame.stop and one.target_line is None:
            yield one._replace(severity=Severity.WARNING)
        else:
            yield one


def _softened(finding: Finding) -> Finding:
    """What counts as less where nobody has promised to follow our glossary and our house rules.

    A title often is the headline of the work, with numbers of its own.
    """
    doubtful = finding.kind is ComplaintKind.DOUBTFUL and finding.check not in SOUND
    number = finding.check.startswith("num.") and finding.severity is Severity.WARNING
    if doubtful or number or finding.check == "code.added":
        return finding._replace(severity=Severity.INFO)
    return addition_as_doubt(finding)


def addition_as_doubt(finding: Finding) -> Finding:
    """An added text that the English edition may have as its own."""
    return finding._replace(severity=Severity.WARNING) if finding.check == "seg.extra" else finding


def prepared_pair(manuscript: Manuscript, target: str, rules: Rules, *, asked: bool = False) -> PreparedPair:
    """Apply the edition of a source to a comparison under these rules.

    A translation is held to the edition if it has most of the edition's own texts, or where that is `asked`.
    Any other one has a style of its own. The manuscript is made with `every_line`.
    Raises `InputRefusedError`.
    """
    edition = manuscript.choice.edition
    english = parse(target, every_line=True, marks=edition.written, dialect=manuscript.choice.dialect)
    allowed = rules.allowed
    allowed = replace(
        allowed,
        urls=allowed.urls + edition.rewrites,
        front_matter=allowed.front_matter or not edition.keeps_front_matter,
        frame=edition.name == PLAIN,
        own_pages=own_pages(manuscript.edited.document, english),
    )
    matcher = rules.matcher.extended(edition.terms)
    wanted = replace(rules, allowed=allowed, kept=rules.kept.union(edition.keep), matcher=matcher)
    written, lacking = _own_texts(manuscript.edited.uses, lines_of(target))
    if asked or len(lacking) <= len(written):
        return _held_to_edition(manuscript, english, wanted, (written, lacking))
    return _in_own_style(manuscript, english, wanted)


def _held_to_edition(manuscript: Manuscript, english: Document, rules: Rules, own: _OwnTexts) -> PreparedPair:
    choice, issue, edited = manuscript
    edition, (written, lacking) = choice.edition, own
    findings: list[Finding] = []
    template = next((use.text for use in edited.uses if use.kind is RuleKind.TITLE), "")
    if template := _HEADING.sub(r"\1", template).strip():
        titles = _titles(english)
        findings += _title_findings(titles, template, edition, issue)
        written |= set() if HOLE in template else titles.keys()
        english = _with_title_cut(english, template)
    for name, line in dict(reversed(lacking)).items():  # of each text the first
        message = f"the {name} of the edition lacks “{shortened(line)}”"
        findings.append(Finding("edition.text", Severity.WARNING, message))
    allowed = replace(
        rules.allowed,
        inserted=rules.allowed.inserted + _these(written),
        notes=_notes_wanted(edition, rules.allowed),
        settled=edited.settled,
    )
    source = _with_notes(edited.document, edition)
    return PreparedPair(source, english, replace(rules, allowed=allowed), tuple(map(of_its_kind, findings)))


def _in_own_style(manuscript: Manuscript, english: Document, rules: Rules) -> PreparedPair:
    """All of the source, with what the edition drops and replaces as what any translation may."""
    choice, issue, edited = manuscript
    whole = parse(edited.document.text, every_line=True, marks=choice.edition.marks, dialect=choice.dialect)
    settled = settled_headings(whole, choice.edition.settled).settled
    lines = {one.id: one.line for one in whole.segments}
    gone = (RuleKind.DROPPED, RuleKind.REPLACED)
    style = OwnStyle(
        optional=frozenset(line for use in edited.uses if use.kind in gone for line in use.lines),
        headings=frozenset(lines[one] for one in settled),
    )
    titles = _titles(english)
    findings = [
        Finding("edition.title", Severity.ERROR, fault, None, 1, line)
        for line, title in titles.items()
        for fault in _faults(title, issue)
    ]
    wordless = [line for line, title in titles.items() if issue.titles and not _has_words(title, issue)]
    allowed = replace(
        rules.allowed,
        dropped=rules.allowed.dropped + _these({one.line for one in issue.titles} if wordless else ()),
        inserted=rules.allowed.inserted + _these(wordless),
        notes=_own_notes(whole, english, rules.allowed),
        style=style,
    )
    source = whole._replace(findings=(*issue.findings, *whole.findings))
    return PreparedPair(source, english, replace(rules, allowed=allowed), tuple(findings))


def _own_notes(source: Document, target: Document, allowed: Allowances) -> str:
    """Where a translation has nearly all the language notes of its source, a missing one is a slip."""
    here, there = ([*english_marks(side)].count((MarkKind.NOTE, "English")) for side in (source, target))
    return "keep" if allowed.notes == "any" and there >= NOTES_MEANT * here else allowed.notes


def _these(lines: Iterable[int]) -> tuple[Selector, ...]:
    return tuple(Selector("lines", _ANY, (line, line)) for line in sorted(lines))


def pair_to_learn_from(
    source: str, name: str, target: str, editions: Editions, rules: Rules | None = None
) -> PreparedPair:
    """A pair to learn from: under the edition of the source if the translation holds the edition's own texts.

    One that was made in another way is aligned line by line, with all that the source has.
    """
    manuscript = manuscript_of(source, name, editions, every_line=True)
    return prepared_pair(manuscript, target, rules or Rules())


# --------------------------------------------------------------------------- edition differences

_TEXTS = (RuleKind.HEADER, RuleKind.REPLACED, RuleKind.FOOTER)
"""What an edition writes beside the title."""
_HEADING = lazy_pattern(r" {0,3}#[ \t]+(.*)")
_NUMBER = lazy_pattern(r"#\s?\d+")
_DATE = lazy_pattern(r"\d{4}-\d{2}-\d{2}")
_ANY = lazy_pattern("")


# --------------------------------------------------------------------------- the title


def _titles(target: Document) -> dict[int, str]:
    """The title of the front matter and the first H1, if there are any, by their lines."""
    return {
        line: words_of(Title(line, at, at, quotes), target.text) for line, at, quotes in title_places(target)
    }


def _title_findings(
    titles: Mapping[int, str], template: str, edition: Edition, issue: Issue
) -> Iterator[Finding]:
    """Number, date and words of the title belong together; each of them may be wrong."""
    wanted, pattern = template.replace(HOLE, "…"), _title_pattern(template)
    for line, title in titles.items():
        faults = list(_faults(title, issue, edition.title))
        for fault in faults:
            yield Finding("edition.title", Severity.ERROR, fault, None, 1, line)
        if not faults and not pattern.fullmatch(title):
            message = f"the title is not written as “{wanted}”"
            yield Finding("edition.title", Severity.WARNING, message, None, 1, line)
    if not titles:
        message = f"the title “{wanted}” is missing"
        yield Finding("edition.title", Severity.ERROR, message, None, 1)


def _faults(title: str, issue: Issue, demanded: str = "") -> Iterator[str]:
    """Another number or date than that of the issue, or none where the `demanded` title has one; Chinese."""
    for what, value, pattern in (("number", issue.number, _NUMBER), ("date", issue.date, _DATE)):
        said = pattern.search(title)
        if value and not re.search(rf"(?<!\d){re.escape(value)}(?!\d)", title):
            if f"{{{what}}}" in demanded:
                yield f"the title “{shortened(title)}” lacks the {what} of the issue, {value}"
            elif said:
                yield f"the title “{shortened(title)}” says {said[0]}, but the {what} of the issue is {value}"
    if demanded and has_han(title):
        yield f"the title “{shortened(title)}” is still Chinese"


def _has_words(title: str, issue: Issue) -> bool:
    """Whether words follow the number of an issue."""
    _, number, behind = title.partition(issue.number)
    return not number or re.search(r"[^\W\d_]", _DATE.sub("", behind)) is not None


def _title_pattern(template: str) -> re.Pattern[str]:
    """What fits a title as the template writes it; where this has a hole, its words are the only group."""
    return re.compile("(.+)".join(map(re.escape, template.split(HOLE))))


def _with_title_cut(target: Document, template: str) -> Document:
    """The title cut down to what translates words of the source: the rest, and the `#`, is the edition's."""
    title = next((one for one in target.segments if one.kind in (Kind.META, Kind.HEADING)), None)
    if title is None or HOLE not in template:
        return target
    match = _title_pattern(template).fullmatch(title.text.strip())
    cut = title._replace(text=match[1].strip()) if match else title
    segments = tuple(cut if one is title else one for one in target.segments)
    features = tuple(
        one for one in target.features if one.kind is not FeatureKind.HEADING or one.line != title.line
    )
    return target._replace(segments=segments, features=features)


# --------------------------------------------------------------------------- header, footer, replaced blocks


_OwnTexts = tuple[set[int], list[tuple[str, str]]]
"""Where the lines that an edition writes stand, and those that stand nowhere, each behind its name."""


def _own_texts(uses: Iterable[Use], lines: list[str]) -> _OwnTexts:
    """Find each line of the header, of the footer and of what stands for a block in the English."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in reversed([*enumerate(lines, 1)]):
        numbers[line.strip()].append(number)
    written: set[int] = set()
    lacking: list[tuple[str, str]] = []
    for use in uses:
        for line in filter(None, map(str.strip, lines_of(use.text if use.kind in _TEXTS else ""))):
            if numbers[line]:
                written.add(numbers[line].pop())
            else:
                name = f"text '{use.rule}'" if use.kind is RuleKind.REPLACED else use.kind.value
                lacking.append((name, line))
    return written, lacking


# --------------------------------------------------------------------------- language notes


def _with_notes(document: Document, edition: Edition) -> Document:
    """The document with its language notes as the edition writes them: a newsletter may have its own."""
    policies, notes = note_policies(document, edition), edition.notes
    marks = [mark for mark in document.marks if mark.kind is not MarkKind.NOTE]
    for mark in document.marks:
        value, policy = notes.names.get(mark.value, mark.value), policies[mark.line]
        # Where one section drops its notes, they are not missed in others.
        is_dropped = policy is NotePolicy.DROP and notes.sections
        goes_without = policy is NotePolicy.INVERT and value == notes.usual
        if mark.kind is MarkKind.NOTE and not is_dropped:
            marks.append(mark._replace(value="" if goes_without else value))
    for line, end in unmarked_items(document):
        if policies[line] is NotePolicy.INVERT:
            marks.append(Mark(MarkKind.NOTE, Span(end, end), notes.unmarked, line))
    return document._replace(marks=tuple(sorted(marks, key=lambda mark: mark.span)))


def _notes_wanted(edition: Edition, base: Allowances) -> str:
    """An edition for documents of any shape demands notes of nobody; one without notes drops all."""
    policies = {edition.notes.policy, *edition.notes.sections.values()}
    writes = bool(edition.notes.names) and policies != {NotePolicy.DROP}
    if base.notes != "any" or not edition.shape.has:
        return "drop" if base.notes == "keep" and not writes else base.notes
    return "keep" if writes else "drop"
