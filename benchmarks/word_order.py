"""`python -m benchmarks.word_order`: the weights of text/word_order.txt, and what they find by fold.

They come from good English (answers, paraphrases, published segments) and from word-by-word drafts of issues.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from benchmarks.verdict import CORPUS, FOLDS, answer_pairs, paraphrase_pairs, published_pairs, read_matcher
from weekly_translate.checks.bounds import GIBBERISH, GIBBERISH_KNOWN
from weekly_translate.llm.draft import word_by_word
from weekly_translate.markdown.segments import parse
from weekly_translate.text.characters import prose_of
from weekly_translate.text.dictionary import CLASSES, classes_of, load_dictionary, odds_of_english

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MORE = 0.5
"""Added to each count: what was never seen is rare, not impossible."""


class _Text(NamedTuple):
    issue: str
    words: str


def main() -> int:
    """Print the weights to the output, and the folds to where errors go."""
    pairs = (*answer_pairs(), *paraphrase_pairs(), *published_pairs())
    good = [_Text(group, prose_of(pair.target)) for group, pair in pairs]
    drafts = list(_drafts())
    wrong = caught = 0
    for fold in range(FOLDS):
        weights = _weights(*([one.words for one in ones if _fold(one) != fold] for ones in (good, drafts)))
        wrong += sum(_is_refused(weights, one.words) for one in good if _fold(one) == fold)
        caught += sum(_is_refused(weights, one.words) for one in drafts if _fold(one) == fold)
    sys.stderr.write(
        f"folds: {wrong} of {len(good)} good texts, {caught / len(drafts):.0%} of {len(drafts)} drafts\n"
    )
    for row in _weights([one.words for one in good], [one.words for one in drafts]):
        sys.stdout.write(" ".join(str(round(10 * cell)) for cell in row) + "\n")
    return 0


def _drafts() -> Iterable[_Text]:
    matcher, dictionary = read_matcher(), load_dictionary()
    for path in [
        *sorted((CORPUS / "zh").glob("*-weekly.md"))[:40],
        *sorted((CORPUS / "answers/zh").glob("*.md")),
    ]:
        for segment in parse(path.read_text("utf-8")).segments:
            terms = matcher.terms_in(segment.text, "")
            yield _Text(path.name, prose_of(word_by_word(segment.text, terms, dictionary)))


def _fold(text: _Text) -> int:
    return crc32(text.issue.encode()) % FOLDS


def _weights(good: Sequence[str], drafts: Sequence[str]) -> list[list[float]]:
    here, there = (_counts(texts) for texts in (good, drafts))
    return [
        [log((one / sum(row)) / (other / sum(others))) for one, other in zip(row, others, strict=True)]
        for row, others in zip(here, there, strict=True)
    ]


def _counts(texts: Sequence[str]) -> list[list[float]]:
    counts = [[_MORE] * CLASSES for _ in range(CLASSES)]
    for text in texts:
        for one, other in pairwise(classes_of(text)):
            counts[one][other] += 1
    return counts


def _is_refused(weights: list[list[float]], text: str) -> bool:
    odds, known = odds_of_english(text, weights)
    return known >= GIBBERISH_KNOWN and odds < GIBBERISH


if __name__ == "__main__":
    sys.exit(main())
