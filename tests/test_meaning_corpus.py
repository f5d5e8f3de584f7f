"""A second reader who says what the labels of the corpus say, and sometimes what is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from weekly_translate.model import Format, Kind, Message, Pair, Reply, Request, Segment, Span
from weekly_translate.quality.verdicts import ReadPair, corrected, read_verdicts

MESSAGES = (Message("user", "[]"),)
CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "meaning"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()]


def read_pair(row: dict[str, Any], english: str) -> ReadPair:
    zh = row["zh"]
    return ReadPair(Pair(Segment(row["id"], Kind(row["kind"]), Span(0, len(zh)), 1, zh), row[english]))


def named(row: dict[str, Any], **more: str) -> dict[str, str]:
    said = {
        "zh": row["zh"],
        "en": row["span"],
        "category": "mistranslation",
        "correction": row["good"][:20],
    }
    return {**said, "severity": row["severity"], **more}


def test_what_the_labels_name_is_kept_and_what_is_invented_is_dropped() -> None:
    errors = rows("errors.jsonl")
    pairs = [read_pair(row, "bad") for row in errors]
    invented = {"en": "words that nobody has written", "zh": "无中生有之词"}
    told = {row["id"]: [named(row), named(row, **invented)] for row in errors}
    request = Request(MESSAGES, Format.SCHEMA, tuple(one.pair.segment for one in pairs))
    found = read_verdicts(Reply(json.dumps(told, ensure_ascii=False)), request, pairs)
    kept = sum(len(said.errors) == 1 and said.dropped == 1 for said in found.values())
    assert kept == len(errors)


def test_good_texts_stay_as_they_are() -> None:
    good = rows("paraphrases.jsonl")
    pairs = [read_pair(row, "en") for row in good]
    request = Request(MESSAGES, Format.SCHEMA, tuple(one.pair.segment for one in pairs))
    found = read_verdicts(Reply(json.dumps({row["id"]: [] for row in good})), request, pairs)
    assert all(corrected(one.pair.target, found[one.id].errors) == one.pair.target for one in pairs)
