"""Which of several translations a judge prefers, and what an evaluation has found."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.data_files import read_data
from weekly_translate.errors import UsageError, needing_extra
from weekly_translate.llm.requests import digest
from weekly_translate.model import ErrorSeverity, Span
from weekly_translate.quality.faults import planted
from weekly_translate.quality.reading import Reader
from weekly_translate.quality.scores import ENOUGH, difference_of, penalty, preference, score_of
from weekly_translate.quality.verdicts import (
    PREFERRED,
    ReadPair,
    message_of,
    places_of,
    preference_request,
    said_once,
    verdict_key,
)
from weekly_translate.text.characters import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import Format, Proofreading, Reply, Request
    from weekly_translate.quality.scores import Difference, Score


LEAST_RECALL, MOST_ALARMS = 0.7, 0.1
"""A judge that finds fewer of the planted faults, or complains about more of the good texts, gives none."""
_BESIDE = 2
"""So many characters from a fault an error may end: words are missing between a space and a period."""
CONTROLS = 40
"""So many faults are planted at most."""


class Judge(Reader[str]):
    """Says which of two translations is better."""

    usage_fact = "judge_usage"

    def key(self, one: ReadPair) -> str:
        """What a preference is found by: all that decides about it, and the order."""
        seen = verdict_key(one.pair, self.name, self.prompts)
        return digest([seen, self.prompts.judge_version, one.other], size=16)

    def find(self, key: str, _source: str) -> str | None:
        """What was said before."""
        return self.memory.proofreadings.preferred(key)

    def store(self, verdicts: Mapping[str, tuple[ReadPair, str]]) -> None:
        """Keep what was paid."""
        self.memory.proofreadings.prefer({key: said for key, (_, said) in verdicts.items()}, self.name)

    def request(self, pairs: Sequence[ReadPair], form: Format) -> Request:
        """Ask which is better."""
        return preference_request(pairs, form, self.prompts)

    def read(self, reply: Reply, request: Request, pairs: Sequence[ReadPair]) -> dict[str, str]:
        """The answers that are A, B or same."""
        said = said_once(reply, request, {one.id for one in pairs})
        return {id_: str(one) for id_, one in said.items() if one in PREFERRED}


def both_orders(first: ReadPair, second: ReadPair) -> tuple[ReadPair, ReadPair]:
    """The two questions about two translations of one text; the ids tell the order."""
    segment, other = first.pair.segment, second.pair.target
    there = first.pair._replace(segment=segment._replace(id=f"{segment.id}-1"))
    back = second.pair._replace(segment=segment._replace(id=f"{segment.id}-2"))
    return ReadPair(there, first.under, other), ReadPair(back, first.under, first.pair.target)


def with_faults(pairs: Sequence[ReadPair], *, seed: int) -> list[ReadPair]:
    """Some of these translations, each with a fault of meaning and an id that says so."""
    random = Random(seed)  # noqa: S311 - chooses texts, keeps no secret
    spoiled: list[ReadPair] = []
    for one in random.sample(list(pairs), len(pairs)):
        spoilt = planted(one.pair.target, random)
        if spoilt is not None and len(spoiled) < CONTROLS:
            segment = one.pair.segment._replace(id=f"{one.id}-fault")
            spoiled.append(one._replace(pair=one.pair._replace(segment=segment, target=spoilt)))
    return spoiled


@dataclass(frozen=True, slots=True)
class Controls:
    """How a judge did where the answer is known."""

    planted: int = 0
    found: int = 0
    good: int = 0
    """Texts of a reference that people vouch for; 0 where there is none."""
    alarms: int = 0
    """Those of them that the judge complains about, minor mistakes aside."""

    @property
    def fails(self) -> str:
        """Why no verdict of this judge counts; nothing where it is good enough."""
        if self.planted and self.found < LEAST_RECALL * self.planted:
            return f"the judge finds {self.found} of {self.planted} planted faults"
        if self.good and self.alarms > MOST_ALARMS * self.good:
            return f"the judge complains about {self.alarms} of {self.good} good texts"
        return ""


class ControlPair(NamedTuple):
    """A text before and after a fault was planted in it, and what was said of both."""

    good: str
    before: Proofreading
    spoiled: str
    after: Proofreading

    @property
    def is_found(self) -> bool:
        """Whether an error is named where the fault is, and none was named there before.

        Who calls every text wrong as a whole finds nothing.
        """
        start = _alike(self.good, self.spoiled)
        rest = _alike(self.good[start:][::-1], self.spoiled[start:][::-1])
        here, there = (Span(start, len(text) - rest) for text in (self.spoiled, self.good))
        is_named = _is_named(self.spoiled, self.after, here._replace(start=start - _BESIDE))
        return is_named and not _is_named(self.good, self.before, there)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with together."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (here, there) in pairs if here != there), min(len(one), len(other)))


def _is_named(text: str, said: Proofreading, fault: Span) -> bool:
    """Whether an error is about words that reach into a stretch of a text, or up to an empty one."""
    end = max(fault.end, fault.start + _BESIDE + 1)
    places = (place for error in said.errors for place in places_of(text, error.target))
    return any(place.start < end and place.end > fault.start for place in places)


def is_alarm(said: Proofreading) -> bool:
    """Whether somebody complains about a text in earnest."""
    return any(one.severity is not ErrorSeverity.MINOR for one in said.errors)


_FAMILIES = (
    *("gpt", "claude", "gemini", "deepseek", "qwen", "glm", "kimi", "llama", "mistral", "grok"),
    "doubao",
)


def family(model: str) -> str:
    """The family of a model, by its name; empty where nobody knows it."""
    return next((name for name in _FAMILIES if name in model.lower()), "")


WORST = 10


@dataclass(frozen=True, slots=True)
class System:
    """One of the translations: its texts by issue and segment."""

    name: str
    texts: Mapping[tuple[str, str], ReadPair]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first translation against another one."""

    first: str
    second: str
    mqm: Difference | None = None
    """What errors take off, for a segment: above 0 where the first one loses less."""
    pairwise: Difference | None = None
    """What the judge prefers: 1 where it calls the first one better in both orders."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that is known in the end."""

    issues: int
    segments: int
    """Those that every translation has."""
    lost: Mapping[str, int]
    """Segments that a translation lacks while another one has them."""
    judge: str = ""
    scores: Mapping[str, Score] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    controls: Controls | None = None
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By translation: scores that need no judge, or come from elsewhere."""
    worst: tuple[tuple[str, ReadPair, Proofreading], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def untrusted(self) -> str:
        """Why no verdict counts."""
        return self.controls.fails if self.controls else ""


def comparison_of(
    first: System,
    second: System,
    verdicts: Mapping[str, Proofreading],
    preferences: Mapping[tuple[str, str], tuple[str, str]] | None,
    *,
    seed: int,
) -> Comparison:
    """Compare what both have and a judge has read: `preferences` are the answers in both orders."""
    losses: defaultdict[str, list[float]] = defaultdict(list)
    chosen: defaultdict[str, list[float]] = defaultdict(list)
    for place in (one for one in first.texts if one in second.texts):
        issue, _ = place
        here, there = (verdicts.get(one.texts[place].id) for one in (first, second))
        if here is not None and there is not None:
            losses[issue].append(penalty(there) - penalty(here))
        if preferences is not None and place in preferences:
            chosen[issue].append(preference(*preferences[place]))
    return Comparison(
        first.name,
        second.name,
        difference_of(losses, seed=seed) if losses else None,
        difference_of(chosen, seed=seed) if chosen else None,
    )


def scores_of(systems: Sequence[System], verdicts: Mapping[str, Proofreading]) -> dict[str, Score]:
    """The score of each translation."""
    return {
        system.name: score_of([verdicts[one.id] for one in system.texts.values() if one.id in verdicts])
        for system in systems
    }


def worst_of(
    systems: Sequence[System], verdicts: Mapping[str, Proofreading]
) -> tuple[tuple[str, ReadPair, Proofreading], ...]:
    """The segments whose errors weigh most."""
    found = [
        (system.name, one, verdicts[one.id])
        for system in systems
        for one in system.texts.values()
        if one.id in verdicts and verdicts[one.id].errors
    ]
    return tuple(sorted(found, key=lambda row: -penalty(row[2]))[:WORST])


# --------------------------------------------------------------------------- told


def table_of(evaluation: Evaluation) -> Iterator[str]:
    """The table, as lines of text."""
    issues = f"{evaluation.issues:,} issue{'s' * (evaluation.issues != 1)}"
    yield f"{evaluation.segments:,} segments of {issues} that every translation has"
    for name, lost in evaluation.lost.items():
        if lost:
            yield f"{name} lacks {lost:,} segment{'s' * (lost != 1)} that another one has"
    yield from evaluation.warnings
    if evaluation.controls is not None:
        one = evaluation.controls
        alarms = f"{one.alarms} alarms on {one.good} good texts" if one.good else "false alarms not measured"
        yield f"controls: {one.found} of {one.planted} planted faults found, {alarms}"
    if evaluation.scores:
        yield ""
        yield from _score_lines(evaluation)
    for name, metrics in evaluation.metrics.items():
        yield f"{name}: " + ", ".join(f"{metric} {value:.1f}" for metric, value in metrics.items())
    if evaluation.comparisons:
        yield ""
        for comparison in evaluation.comparisons:
            yield from _comparison_lines(comparison, evaluation.untrusted)


def _score_lines(evaluation: Evaluation) -> Iterator[str]:
    width = max(len(name) for name in evaluation.scores)
    severities = list(reversed(ErrorSeverity))
    head = "  ".join(f"{severity.value:>8}" for severity in severities)
    yield f"{'':{width}}  {'read':>6}  MQM/100  {head}  by category"
    for name, score in evaluation.scores.items():
        counts = "  ".join(f"{score.by_severity.get(severity, 0):>8}" for severity in severities)
        kinds = sorted(score.by_category.items(), key=lambda item: -item[1])
        said = ", ".join(f"{kind.value} {value:.1f}" for kind, value in kinds if value)
        loss = f"{score.per_hundred:.1f}" if score.segments else "-"
        yield f"{name:{width}}  {score.segments:>6}  {loss:>7}  {counts}  {said}".rstrip()


def _comparison_lines(comparison: Comparison, untrusted: str) -> Iterator[str]:
    for what, difference in (("MQM/100", comparison.mqm), ("preference", comparison.pairwise)):
        if difference is not None:
            mean, low, high = (100 * value for value in (difference.mean, difference.low, difference.high))
            counted = f"n = {difference.n:,}, {difference.ties:,} ties, p = {difference.p:.3f}"
            yield (
                f"{comparison.first} against {comparison.second}, {what}: {mean:+.1f} ({low:+.1f} to "
                f"{high:+.1f}; {counted}): {conclusion(comparison, difference, untrusted)}"
            )


def conclusion(comparison: Comparison, difference: Difference, untrusted: str = "") -> str:
    """Which is better, or why nobody can tell."""
    if untrusted:
        return f"no verdict, because {untrusted}"
    if difference.is_sure:
        return f"{comparison.first if difference.mean > 0 else comparison.second} is better"
    if difference.needed is None:
        return "cannot tell: no difference at all"
    if difference.n < ENOUGH and difference.needed <= difference.n:
        return f"cannot tell: {difference.n} segments are fewer than {ENOUGH}"
    return f"cannot tell: about {max(difference.needed, ENOUGH):,} segments would be needed"


def as_data(evaluation: Evaluation) -> dict[str, Any]:
    """For programs."""
    data = asdict(evaluation)
    data["worst"] = [_worst(*row) for row in evaluation.worst]
    data["comparisons"] = [
        asdict(one)
        | {
            f"{what}_conclusion": conclusion(one, difference, evaluation.untrusted)
            for what, difference in (("mqm", one.mqm), ("pairwise", one.pairwise))
            if difference is not None
        }
        for one in evaluation.comparisons
    ]
    return data


def _worst(name: str, one: ReadPair, said: Proofreading) -> dict[str, Any]:
    return {
        "translation": name,
        "line": one.pair.segment.line,
        "source": one.pair.segment.text,
        "target": one.pair.target,
        "penalty": penalty(said),
        "errors": [error._asdict() for error in said.errors],
    }


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Evaluation</title>
<style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}pre{{overflow:auto}}
article{{border-top:1px solid #8888;padding:.5rem 0}}</style>
<h1>Evaluation</h1><pre>{table}</pre><h2>The worst segments</h2>{worst}</html>
"""


def page_of(evaluation: Evaluation) -> str:
    """A page with the table and the worst segments; it holds nothing that could run."""
    rows = []
    for name, one, said in evaluation.worst:
        source, target = (
            html.escape(without_tags(text)) for text in (one.pair.segment.text, one.pair.target)
        )
        errors = "".join(f"<li>{html.escape(message_of(error))}</li>" for error in said.errors)
        title = f"{html.escape(name)}, line {one.pair.segment.line}: {penalty(said):g}"
        rows.append(
            f"<article><h3>{title}</h3><p lang=zh>{source}</p><p>{target}</p><ul>{errors}</ul></article>"
        )
    table = html.escape("\n".join(table_of(evaluation)))
    return _PAGE.format(table=table, worst="".join(rows) or "<p>None.</p>")


def metrics_of(systems: Sequence[System], reference: System) -> dict[str, dict[str, float]]:
    """ChrF and BLEU of each translation, over the texts that it shares with the reference."""
    with needing_extra("eval", "A comparison by chrF and BLEU"):
        from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415 - an extra
        from sacrebleu.metrics.chrf import CHRF  # noqa: PLC0415 - an extra
    scores = {}
    for system in systems:
        places = sorted(system.texts.keys() & reference.texts.keys())
        ours, theirs = (
            [without_tags(one.texts[place].pair.target) for place in places] for one in (system, reference)
        )
        scores[system.name] = {
            "chrF": CHRF().corpus_score(ours, [theirs]).score,
            "BLEU": BLEU().corpus_score(ours, [theirs]).score,
        }
    return scores


def metrics_from(
    path: Path, systems: Sequence[System], known: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """The means of other metrics, added to what is known.

    The lines of the file are such as `{"system": "a.md", "metric": "COMET", "score": 0.84}`.
    """
    names = {system.name for system in systems}
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for number, line in enumerate(read_data(path).splitlines(), 1):
        if line.strip():
            try:
                said = json.loads(line)
                system, metric, score = str(said["system"]), str(said["metric"]), float(said["score"])
            except (ValueError, KeyError, TypeError) as error:
                raise UsageError(
                    f'{path}:{number}: this is no score: write {{"system": …, "metric": …, "score": …}}.'
                ) from error
            if system not in names:
                raise UsageError(f"{path}:{number}: {system!r} is none of {', '.join(sorted(names))}.")
            found[system, metric].append(score)
    merged = {name: dict(known.get(name, {})) for name in sorted(names)}
    for (system, metric), values in found.items():
        merged[system][metric] = sum(values) / len(values)
    return merged
