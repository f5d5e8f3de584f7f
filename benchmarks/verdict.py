"""What the checks of single segments say about good answers, free translations, mistakes and gibberish.

The texts are read from ../shared/corpus, beside the repository. Figures are given by fold over the issues,
because a bound that was chosen on some issues says nothing about them.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, partial
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from benchmarks.margins import Sample, margin_rows
from benchmarks.precision import complaints_of, precision_rows
from benchmarks.rows import Row
from benchmarks.texts import ROOT
from benchmarks.verdict_alignment import alignment_rows
from benchmarks.verdict_pairs import pair_rows
from weekly_translate.checks.registry import findings_of
from weekly_translate.checks.repair import repaired
from weekly_translate.compare.judge import compared
from weekly_translate.compare.style import Rules
from weekly_translate.edition.applying import manuscript_of, read_editions
from weekly_translate.glossary.entries import read_glossary
from weekly_translate.llm.draft import word_by_word
from weekly_translate.markdown.segments import parse, sections_of
from weekly_translate.model import Finding, Kind, Pair, Segment, Severity, Span, Tag, TagKind
from weekly_translate.text.dictionary import AllSenses, load_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.precision import Complaint
    from weekly_translate.glossary.entries import Matcher

CORPUS = ROOT.parent / "shared/corpus"
FOLDS = 5
GIBBERISH = "lang.gibberish"
LOUD = (Severity.ERROR, Severity.WARNING)
OF_FORM = (
    *("name_confused", "name_letter", "code_identifier", "magnitude_vague", "fraction_ratio"),
    *("unit_currency", "date_duration", "sentence_dropped"),
)
"""The classes of mistakes that a rule can see without understanding the text."""
_SENTENCE = re.compile(r"[^。！？；]{4,}")
_TAG = re.compile(r"<([abicdm])(\d+)(/?)>")


class Judged(NamedTuple):
    """A pair, what the checks say about it, and the issue or the class that it belongs to."""

    group: str
    pair: Pair
    findings: tuple[Finding, ...]

    @property
    def loud(self) -> tuple[Finding, ...]:
        """Its errors and warnings."""
        return tuple(finding for finding in self.findings if finding.severity in LOUD)

    @property
    def has_error(self) -> bool:
        """Whether one of them is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text with one mistake, and what is said about it that is not said about the same text without it."""

    kind: str
    grave: bool
    found: tuple[Finding, ...]
    pair: Pair


def verdict() -> Iterator[Row]:
    """All tables; where the corpus is not there, a row that says so."""
    if not CORPUS.is_dir():
        yield Row("verdict", "no data: ../shared/corpus is not there")
        return
    yield from _of_answers(good_answers())
    yield from _of_paraphrases(paraphrases())
    yield from _of_mistakes(mistakes())
    yield from _of_published(published_segments())
    yield from _of_gibberish()
    yield from precision_rows(_complaints())
    yield from margin_rows(_samples(), _senses())
    yield from alignment_rows()
    yield from pair_rows()


# --------------------------------------------------------------------------- what is judged


@cache
def _senses() -> AllSenses:
    return AllSenses()


def _judged(group: str, pair: Pair) -> Judged:
    return Judged(group, pair, tuple(findings_of(pair, senses=_senses())))


Grouped = tuple[str, Pair]
"""A pair, and the issue or the class that it belongs to."""


@cache
def good_answers() -> list[Judged]:
    """A strong model's answers to the program's own requests, with the segments that it was asked."""
    return list(starmap(_judged, answer_pairs()))


@cache
def paraphrases() -> list[Judged]:
    """Right but free translations, by what is free about them."""
    return list(starmap(_judged, paraphrase_pairs()))


@cache
def published_segments() -> list[Judged]:
    """The segments of published pairs, aligned as `check` aligns them."""
    return list(starmap(_judged, published_pairs()))


def answer_pairs() -> Iterator[Grouped]:
    """The answers, mended as far as a rule can."""
    matcher, editions = read_matcher(), read_editions("auto", ROOT)
    rows = _rows("answers/answers.jsonl")
    for issue in dict.fromkeys(row["issue"] for row in rows):
        text = (CORPUS / "answers/zh" / issue).read_text("utf-8")
        document = manuscript_of(text, issue, editions).edited.document
        sections = sections_of(document)
        segments = {(segment.text, segment.kind): segment for segment in document.segments}
        for row in (row for row in rows if row["issue"] == issue):
            segment = segments.get((row["zh"], Kind(row["kind"]))) or _segment(row)
            terms = matcher.terms_in(segment.text, sections.get(segment.id, ""))
            pair = Pair(segment, row["answer"], terms)
            yield issue, pair._replace(target=repaired(pair))


def paraphrase_pairs() -> Iterator[Grouped]:
    """The free translations by class."""
    return ((row["class"], _pair(row, row["en"])) for row in _rows("meaning/paraphrases.jsonl"))


def published_pairs() -> list[Grouped]:
    """The aligned segments by issue."""
    rules = Rules(read_matcher(), senses=_senses())
    found: list[Grouped] = []

    def keep(issue: str, pair: Pair) -> list[Finding]:
        found.append((issue, pair))
        return []

    for target in sorted((CORPUS / "en").glob("*.md")):
        source = (CORPUS / "zh" / target.name).read_text("utf-8")
        here, there = (parse(text, every_line=True) for text in (source, target.read_text("utf-8")))
        compared(here, there, rules, partial(keep, target.name))
    return found


@cache
def mistakes() -> list[Mistake]:
    """Good translations with one mistake each."""
    found = []
    for row in _rows("meaning/errors.jsonl"):
        good, bad = (_judged(row["class"], _pair(row, row[side])) for side in ("good", "bad"))
        known = Counter((one.check, one.severity, one.message) for one in good.loud)
        new = [one for one in bad.loud if not known[one.check, one.severity, one.message]]
        found.append(Mistake(row["class"], row["severity"] != "minor", tuple(new), bad.pair))
    return found


def gibberish() -> list[Judged]:
    """The word-by-word draft of each paragraph of a few issues."""
    matcher, dictionary = read_matcher(), load_dictionary()
    judged = []
    for path in sorted((CORPUS / "answers/zh").glob("*.md")):
        for segment in parse(path.read_text("utf-8")).segments:
            if segment.kind is Kind.TEXT:
                terms = matcher.terms_in(segment.text, "")
                judged.append(
                    _judged(path.name, Pair(segment, word_by_word(segment.text, terms, dictionary), terms))
                )
    return judged


def _complaints() -> list[Complaint]:
    """What is said of single texts: on good English nothing is right, about a mistake nearly everything."""
    good = [one for judged in (*good_answers(), *paraphrases()) for one in judged.findings]
    found = list(complaints_of(good, "false"))
    return found + [one for mistake in mistakes() for one in complaints_of(mistake.found, "true")]


def _samples() -> list[Sample]:
    good = [Sample(one.pair) for one in (*good_answers(), *paraphrases())]
    return good + [Sample(one.pair, mistaken=True) for one in mistakes()]


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (CORPUS / name).read_text("utf-8").splitlines()]


def _pair(row: dict[str, str], target: str) -> Pair:
    pair = Pair(_segment(row), target, read_matcher().terms_in(row["zh"], ""))
    return pair._replace(target=repaired(pair))


@cache
def read_matcher() -> Matcher:
    """The project's own glossary."""
    return read_glossary(None, ROOT).matcher


def _segment(row: dict[str, str]) -> Segment:
    """The segment of a text without its document."""
    nowhere = Span(0, 0)
    tags = tuple(
        Tag(letter + number, TagKind(letter), nowhere, None if alone else nowhere)
        for letter, number, alone in _TAG.findall(row["zh"])
    )
    return Segment("s1", Kind(row["kind"]), Span(0, len(row["zh"])), 1, row["zh"], tags, row.get("hint", ""))


# --------------------------------------------------------------------------- the rows


def _of_answers(judged: Sequence[Judged]) -> Iterator[Row]:
    errors = sum(one.has_error for one in judged)
    warnings = sum(len(one.loud) for one in judged)
    asked = sum(bool(one.loud) for one in judged)
    yield Row(f"good answers ({len(judged)}): with an error", str(errors), "0", errors == 0)
    yield Row("good answers: complaints", _in_100(warnings, judged), "<= 0.5", warnings <= len(judged) / 200)
    yield Row("good answers: asked again", _in_100(asked, judged), "<= 3", asked <= len(judged) * 0.03)
    yield from _by_fold("good answers", judged)
    yield from _by_id("good answers", judged)


def _of_paraphrases(judged: Sequence[Judged]) -> Iterator[Row]:
    errors, alarms = (
        sum(map(bool, found)) for found in ([one.has_error for one in judged], [one.loud for one in judged])
    )
    yield Row(f"paraphrases ({len(judged)}): with an error", str(errors), "0", errors == 0)
    yield Row("paraphrases: with a warning", _in_100(alarms, judged), "<= 1", alarms <= len(judged) * 0.01)
    for kind in sorted({one.group for one in judged if one.loud}):
        own = [one for one in judged if one.group == kind]
        yield Row(f"  {kind}", f"{sum(bool(one.loud) for one in own)} of {len(own)}  {_ids(own)}")


def _of_mistakes(found: Sequence[Mistake]) -> Iterator[Row]:
    of_form = [one for one in found if one.kind in OF_FORM]
    for name, goal, ones in (("all", 0.35, found), ("of form", 0.75, of_form)):
        share = sum(bool(one.found) for one in ones) / len(ones)
        yield Row(f"mistakes, {name} ({len(ones)}): found", f"{share:.0%}", f">= {goal:.0%}", share >= goal)
    grave = [one for one in found if one.grave]
    yield Row(
        f"mistakes, not minor ({len(grave)}): found",
        f"{sum(bool(one.found) for one in grave) / len(grave):.0%}",
    )
    by_kind = defaultdict(list)
    for one in found:
        by_kind[one.kind].append(one)
    for kind, ones in sorted(by_kind.items(), key=lambda item: (item[0] not in OF_FORM, item[0])):
        ids = Counter(check for one in ones for check in {finding.check for finding in one.found})
        yield Row(f"  {kind}", f"{sum(bool(one.found) for one in ones)} of {len(ones)}  {_counted(ids)}")


def _of_published(judged: Sequence[Judged]) -> Iterator[Row]:
    alarms = sum(bool(one.loud) for one in judged)
    yield Row(f"published segments ({len(judged)}): with an alarm", _in_100(alarms, judged))
    yield from _by_fold("published segments", judged)
    yield from _by_id("published segments", judged)


def _of_gibberish() -> Iterator[Row]:
    drafts = gibberish()
    sentences = [max(1, len(_SENTENCE.findall(one.pair.segment.text))) for one in drafts]
    caught = sum(count for one, count in zip(drafts, sentences, strict=True) if _is_gibberish(one))
    share = caught / sum(sentences)
    yield Row(
        f"word-by-word drafts ({sum(sentences)} sentences): {GIBBERISH}",
        f"{share:.0%}",
        ">= 50%",
        share >= 0.5,
    )
    good = [*good_answers(), *paraphrases(), *published_segments()]
    wrong = sum(_is_gibberish(one) for one in good)
    yield Row(f"good English ({len(good)}): {GIBBERISH}", str(wrong), "0", wrong == 0)


def _is_gibberish(one: Judged) -> bool:
    return any(finding.check == GIBBERISH for finding in one.findings)


def _by_fold(name: str, judged: Sequence[Judged]) -> Iterator[Row]:
    """Alarms for each fifth of the issues, chosen by name, so that a new issue moves no other."""
    folds = [[one for one in judged if crc32(one.group.encode()) % FOLDS == fold] for fold in range(FOLDS)]
    shares = "  ".join(f"{sum(bool(one.loud) for one in fold) / len(fold):.1%}" for fold in folds if fold)
    yield Row(f"  {name}, by fold", shares)


def _by_id(name: str, judged: Sequence[Judged]) -> Iterator[Row]:
    for severity in LOUD:
        ids = Counter(one.check for judgement in judged for one in judgement.loud if one.severity is severity)
        for check, count in ids.most_common():
            yield Row(f"  {name}, {severity}: {check}", _in_100(count, judged))


def _ids(judged: Iterable[Judged]) -> str:
    return _counted(Counter(one.check for judgement in judged for one in judgement.loud))


def _counted(ids: Counter[str]) -> str:
    return ", ".join(f"{check} {count}" for check, count in ids.most_common())


def _in_100(count: int, judged: Sequence[Judged]) -> str:
    return f"{count} ({count / max(1, len(judged)):.1%})"
