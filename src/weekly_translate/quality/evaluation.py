"""Which of several translations a judge prefers, and what an evaluation has found."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from weekly_translate.data_files import read_data
from weekly_translate.errors import UsageError, needing_extra
from weekly_translate.llm.requests import digest
from weekly_translate.model import ErrorSeverity, Span
from weekly_translate.quality.faults import planted
from weekly_translate.quality.reading import Reader, unknown_to
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
from weekly_translate.text.characters import counted, without_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from weekly_translate.model import Format, Proofreading, Reply, Request
    from weekly_translate.quality.scores import Difference, Score

Place = tuple[str, str]
"""An issue and a segment of it."""
LEAST_RECALL, MOST_ALARMS = 0.7, 0.1
"""A judge that finds fewer of the planted faults, or complains about more of the good texts, gives none."""
_BESIDE = 2
"""So many characters from a fault an error may end: words are missing between a space and a period."""
_HALF = 0.5
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


_FAMILIES = (
    *("gpt", "claude", "gemini", "deepseek", "qwen", "glm", "kimi", "llama", "mistral", "grok"),
    "doubao",
)


def _family(model: str) -> str:
    """The family of a model, by its name; empty where nobody knows it."""
    return next((name for name in _FAMILIES if name in model.lower()), "")


WORST = 10


@dataclass(frozen=True, slots=True)
class System:
    """One of the translations: its texts by issue and segment."""

    name: str
    texts: Mapping[Place, ReadPair]


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


def _shared(first: System, second: System) -> Iterator[tuple[Place, ReadPair, ReadPair]]:
    """The texts that both have."""
    both = (place for place in first.texts if place in second.texts)
    return ((place, first.texts[place], second.texts[place]) for place in both)


def known_of(systems: Sequence[System], metrics: Mapping[str, Mapping[str, float]]) -> Evaluation:
    """What is known without a judge."""
    places = [set(system.texts) for system in systems]
    common, every_one = set.intersection(*places), set.union(*places)
    lost = {system.name: len(every_one - set(system.texts)) for system in systems}
    return Evaluation(len({issue for issue, _ in common}), len(common), lost, metrics=metrics)


@dataclass
class Questions:
    """What a judge is asked about translations, and what follows from the answers in the memory."""

    systems: Sequence[System]
    reference: System | None
    reader: Reader[Proofreading]
    judge: Judge
    seed: int

    @cached_property
    def _good(self) -> list[ReadPair]:
        return list((self.reference or self.systems[0]).texts.values())

    @cached_property
    def _faults(self) -> list[ReadPair]:
        """Some of the good texts, each with a fault of meaning and an id that says so."""
        random = Random(self.seed)  # noqa: S311 - chooses texts, keeps no secret
        spoiled: list[ReadPair] = []
        for one in random.sample(self._good, len(self._good)):
            spoilt = planted(one.pair.target, random)
            if spoilt is not None and len(spoiled) < CONTROLS:
                segment = one.pair.segment._replace(id=f"{one.id}-fault")
                spoiled.append(one._replace(pair=one.pair._replace(segment=segment, target=spoilt)))
        return spoiled

    @cached_property
    def _orders(self) -> dict[tuple[str, Place], tuple[ReadPair, ReadPair]]:
        """Two questions about two translations of a text, unless they are the same; ids tell the order."""
        orders = {}
        for second in self.systems[1:]:
            for place, (here, under, _), (there, *_) in _shared(self.systems[0], second):
                ids = (here.segment._replace(id=f"{here.segment.id}-{number}") for number in (1, 2))
                pairs = [pair._replace(segment=id_) for pair, id_ in zip((here, there), ids, strict=True)]
                if here.target != there.target:
                    asked = ReadPair(pairs[0], under, there.target), ReadPair(pairs[1], under, here.target)
                    orders[second.name, place] = asked
        return orders

    @cached_property
    def asked_of(self) -> list[tuple[Reader[Any], list[ReadPair]]]:
        """What goes into requests together, and to whom.

        The faults stand among the texts that are read for errors, where nothing gives them away. Each text is
        compared once, and once more with A and B exchanged, apart: a judge that sees both is steady. Which
        order comes first differs from text to text.
        """
        texts = [one for system in self.systems for one in system.texts.values()]
        texts += self._good if self.reference else ()
        random, coin = Random(self.seed), Random(self.seed)  # noqa: S311 - as above
        for fault in self._faults:
            texts.insert(random.randrange(len(texts) + 1), fault)
        tossed = [both if coin.random() < _HALF else both[::-1] for both in self._orders.values()]
        compared = ([both[number] for both in tossed] for number in (0, 1))
        return [(self.reader, texts), *((self.judge, ones) for ones in compared)]

    @property
    def open(self) -> int:
        """How many answers are missing."""
        return sum(len(unknown_to(reader, texts)) for reader, texts in self.asked_of)

    def evaluation(self, known: Evaluation) -> Evaluation:
        """The conclusions, besides what is known without a judge."""
        (_, read), (_, first), (_, second) = self.asked_of
        said, preferred = self.reader.known(read), self.judge.known([*first, *second])
        found = [
            (system.name, [(one, said[one.id]) for one in system.texts.values() if one.id in said])
            for system in self.systems
        ]
        wrong = [(name, *one) for name, texts in found for one in texts if one[1].errors]
        return replace(
            known,
            judge=self.reader.name,
            scores={name: score_of([verdict for _, verdict in texts]) for name, texts in found},
            comparisons=tuple(self._comparison(other, said, preferred) for other in self.systems[1:]),
            controls=self._controls(said),
            worst=tuple(sorted(wrong, key=lambda row: -penalty(row[2]))[:WORST]),
            warnings=tuple(self._warnings()),
        )

    def _comparison(
        self, other: System, said: Mapping[str, Proofreading], preferred: Mapping[str, str]
    ) -> Comparison:
        """What both have and a judge has read; the same text in both translations is a tie."""
        losses: defaultdict[str, list[float]] = defaultdict(list)
        chosen: defaultdict[str, list[float]] = defaultdict(list)
        for place, one, two in _shared(self.systems[0], other):
            issue, _ = place
            if one.id in said and two.id in said:
                losses[issue].append(penalty(said[two.id]) - penalty(said[one.id]))
            asked = self._orders.get((other.name, place))
            if asked is None:
                chosen[issue].append(0)
            elif all(order.id in preferred for order in asked):
                chosen[issue].append(preference(*(preferred[order.id] for order in asked)))
        mqm, pairwise = (difference_of(by, seed=self.seed) if by else None for by in (losses, chosen))
        return Comparison(self.systems[0].name, other.name, mqm, pairwise)

    def _controls(self, said: Mapping[str, Proofreading]) -> Controls:
        good_texts = {one.id: one.pair.target for one in self._good}
        pairs = [
            ControlPair(good_texts[before], said[before], one.pair.target, said[one.id])
            for one in self._faults
            if (before := one.id.removesuffix("-fault")) in said and one.id in said
        ]
        good = [said[one.id] for one in self._good if one.id in said] if self.reference else []
        alarms = [any(error.severity is not ErrorSeverity.MINOR for error in one.errors) for one in good]
        return Controls(len(pairs), sum(pair.is_found for pair in pairs), len(good), sum(alarms))

    def _warnings(self) -> Iterator[str]:
        if open_ := self.open:
            missing = f"{counted(open_, 'verdict')} of the judge missing"
            yield f"{missing}: what is told here is of the others"
        judge = _family(self.reader.name)
        for system in self.systems:
            if judge and judge == _family(system.name):
                yield f"{system.name} and the judge are of one family: judges prefer their own"


# --------------------------------------------------------------------------- told


def table_of(evaluation: Evaluation) -> Iterator[str]:
    """The table, as lines of text."""
    issues = counted(evaluation.issues, "issue")
    yield f"{counted(evaluation.segments, 'segment')} of {issues} that every translation has"
    for name, lost in evaluation.lost.items():
        if lost:
            yield f"{name} lacks {counted(lost, 'segment')} that another one has"
    yield from evaluation.warnings
    if evaluation.controls is not None:
        one = evaluation.controls
        alarms = "false alarms not measured"
        if one.good:
            alarms = f"{counted(one.alarms, 'alarm')} on {counted(one.good, 'good text')}"
        yield f"controls: {one.found} of {counted(one.planted, 'planted fault')} found, {alarms}"
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
            ties = counted(difference.ties, "tie")
            yield (
                f"{comparison.first} against {comparison.second}, {what}: {mean:+.1f} ({low:+.1f} to "
                f"{high:+.1f}; n = {difference.n:,}, {ties}, p = {difference.p:.3f}): "
                f"{conclusion(comparison, difference, untrusted)}"
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
        return f"cannot tell by {counted(difference.n, 'segment')}: it takes {ENOUGH}"
    return f"cannot tell: about {max(difference.needed, ENOUGH):,} segments would be needed"


def as_data(evaluation: Evaluation) -> dict[str, Any]:
    """For programs."""
    data = asdict(evaluation)
    data["worst"] = [
        {
            "translation": name,
            "line": one.pair.segment.line,
            "source": one.pair.segment.text,
            "target": one.pair.target,
            "penalty": penalty(said),
            "errors": [error._asdict() for error in said.errors],
        }
        for name, one, said in evaluation.worst
    ]
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
