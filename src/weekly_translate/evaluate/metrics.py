"""Scores that need no judge: chrF and BLEU against a reference, and what other metrics have said."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from weekly_translate.data_files import read_data
from weekly_translate.errors import UsageError
from weekly_translate.text.tags import without_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from weekly_translate.evaluate.evaluation import System


def metrics_of(systems: Sequence[System], reference: System) -> dict[str, dict[str, float]]:
    """ChrF and BLEU of each translation, over the texts that it shares with the reference."""
    try:
        from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415 - an extra
        from sacrebleu.metrics.chrf import CHRF  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "chrF and BLEU need the extra `eval`, which is missing: pip install 'weekly-translate[eval]'."
        ) from error
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
