from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seasons import FaithfulEngine, issue_text, orders_for, season_job, season_of
from tagged import segment
from weekly_translate.llm.providers import provider_for
from weekly_translate.llm.requests import ChunkSize, chunks_of, even_shares, size_for
from weekly_translate.llm.tokens import ID_AND_QUOTES
from weekly_translate.run.project import with_engine
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from pathlib import Path


def source_only(text: str) -> int:
    """Without what is added for the id of an answer."""
    return len(text) - ID_AND_QUOTES


def cut(*sizes_and_groups: tuple[int, int], budget: int = 10, cap: int = 4) -> list[list[int]]:
    """The chunks of segments with these sizes and groups, as lists of sizes."""
    segments = [
        segment("字" * size, f"s{number:03}", group=group)
        for number, (size, group) in enumerate(sizes_and_groups)
    ]
    chunks = chunks_of(segments, budget=budget, cap=cap, count_tokens=source_only)
    return [[len(part.text) for part in chunk] for chunk in chunks]


def test_neighbors_share_a_chunk_up_to_the_budget() -> None:
    assert cut((4, 0), (6, 0), (1, 0)) == [[4, 6], [1]]


def test_neighbors_share_a_chunk_up_to_the_cap() -> None:
    assert cut((1, 0), (1, 0), (1, 0), cap=2) == [[1, 1], [1]]


def test_a_segment_over_budget_goes_alone() -> None:
    assert cut((1, 0), (50, 0), (1, 0)) == [[1], [50], [1]]


def test_a_title_and_its_body_stay_together() -> None:
    assert cut((4, 1), (4, 1), (4, 2), (4, 2)) == [[4, 4], [4, 4]]


def test_a_group_over_a_limit_is_cut_between_segments() -> None:
    assert cut((6, 1), (6, 1), (3, 1)) == [[6], [6, 3]]
    assert cut((1, 1), (1, 1), (1, 1), cap=2) == [[1, 1], [1]]


def test_no_segments_make_no_chunk() -> None:
    assert cut() == []


@given(st.lists(st.tuples(st.integers(1, 15), st.integers(0, 3))), st.integers(1, 12), st.integers(1, 5))
def test_every_segment_is_in_one_chunk_in_order_and_within_the_limits(
    parts: list[tuple[int, int]], budget: int, cap: int
) -> None:
    chunks = cut(*parts, budget=budget, cap=cap)
    assert [size for chunk in chunks for size in chunk] == [size for size, _ in parts]
    assert all(len(chunk) == 1 or (sum(chunk) <= budget and len(chunk) <= cap) for chunk in chunks)
    assert all(chunks)


# --------------------------------------------------------------------------- even chunks


def even(*sizes: int, workers: int, size: ChunkSize) -> list[int]:
    """The lengths of the chunks that an even budget makes of segments with these lengths."""
    segments = [segment("字" * length, f"s{number:03}") for number, length in enumerate(sizes)]
    (layout,) = even_shares([segments], size, workers=workers, count_tokens=source_only)
    chunks = chunks_of(layout.order, budget=layout.budget, cap=size.cap, count_tokens=source_only)
    return [sum(len(part.text) for part in chunk) for chunk in chunks]


def test_items_change_places_where_that_makes_the_longest_chunk_shorter() -> None:
    lengths = [90, 60, 90, 60, 30, 30]
    items = [segment("字" * length, f"s{number}", group=number) for number, length in enumerate(lengths, 1)]
    (layout,) = even_shares([items], ChunkSize(24, 300), workers=2, count_tokens=source_only)
    assert (layout.budget, layout.chunks) == (180, 2)
    chunks = chunks_of(layout.order, budget=layout.budget, cap=24, count_tokens=source_only)
    assert [sum(len(one.text) for one in chunk) for chunk in chunks] == [180, 180]
    assert sorted(layout.order, key=items.index) == items


def test_paragraphs_keep_their_neighbors() -> None:
    paragraphs = [
        segment("字" * length, f"s{number}") for number, length in enumerate([90, 60, 90, 60, 30, 30])
    ]
    (layout,) = even_shares([paragraphs], ChunkSize(24, 300), workers=2, count_tokens=source_only)
    assert layout.order == paragraphs


def test_no_worker_waits_for_one_that_has_a_second_chunk() -> None:
    assert even(*[99] * 8, workers=4, size=ChunkSize(24, 300)) == [198, 198, 198, 198]
    assert even(*[99] * 10, workers=3, size=ChunkSize(24, 300)) == [198, 198, 198, 198, 198]


def test_a_short_text_is_not_cut_into_crumbs() -> None:
    assert even(*[60] * 6, workers=8, size=ChunkSize(24, 1200)) == [120, 120, 120]
    assert even(*[50] * 2, workers=8, size=ChunkSize(1, 40)) == [50, 50]
    assert even(workers=8, size=ChunkSize(24, 1200)) == []


@given(st.lists(st.integers(1, 400), max_size=60), st.integers(1, 9), st.integers(1, 12))
def test_an_even_budget_takes_no_more_turns_and_makes_no_longer_chunk(
    sizes: list[int], workers: int, cap: int
) -> None:
    size = ChunkSize(cap, 600)
    segments = [segment("字" * length, f"s{number:03}") for number, length in enumerate(sizes)]
    widest = list(chunks_of(segments, budget=size.budget, cap=cap, count_tokens=source_only))
    chunks = even(*sizes, workers=workers, size=size)
    assert -(-len(chunks) // workers) <= -(-len(widest) // workers)
    assert max(chunks, default=0) <= size.budget


# --------------------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("model", "endpoint", "expected"),
    [
        ("gpt-5", "https://api.example.com/v1", (24, 1200)),
        ("deepseek-chat", "", (24, 1200)),
        ("gemini-2.5-pro", "", (24, 1200)),
        ("MiniMax-M2", "", (24, 1200)),
        ("qwen3-235b-a22b", "", (24, 1200)),
        ("gpt-5-mini", "", (24, 1200)),
        ("gpt-4.1-nano", "", (16, 800)),
        ("gemini-2.5-flash", "", (24, 1200)),
        ("gemini-2.5-flash-lite", "", (16, 800)),
        ("mistral-small-latest", "", (16, 800)),
        ("claude-haiku-4-5", "", (24, 1200)),
        ("gpt-3.5-turbo", "", (16, 800)),
        ("llama-3.1-8b-instruct", "https://api.example.com", (6, 300)),
        ("qwen2.5:14b", "http://localhost:11434/v1", (10, 500)),
        ("gemma-3-27b-it", "http://127.0.0.1:8000/v1", (10, 500)),
        ("qwen2.5:7b", "http://[::1]:11434/v1", (6, 300)),
        ("qwen3:1.7b", "http://127.0.0.2/v1", (6, 300)),
        ("my-model", "http://localhost:11434", (6, 300)),
        ("my-model", "http://localhost:4000", (24, 1200)),
        ("my-model", "http://api.localhost:11434", (24, 1200)),
        ("hunyuan-mt-7b", "http://localhost:8080", (1, 500)),
        ("hy-mt2", "https://api.example.com", (1, 500)),
        ("gpt-5", "http://[broken", (24, 1200)),
    ],
)
def test_the_size_follows_the_class_of_the_model(
    model: str, endpoint: str, expected: tuple[int, int]
) -> None:
    size = size_for(provider_for(endpoint, model))
    assert (size.cap, size.budget) == expected


def test_two_failed_answers_in_a_row_change_nothing() -> None:
    size = ChunkSize(24, 1200)
    for clean in (False, False, True) * 10:
        size = size.after(clean=clean)
    assert (size.cap, size.budget) == (24, 1200)


def test_failed_answers_halve_the_size_down_to_one_segment() -> None:
    size = ChunkSize(24, 1200)
    for _ in range(3):
        size = size.after(clean=False)
    assert (size.cap, size.budget) == (12, 600)
    for _ in range(40):
        size = size.after(clean=False)
    assert (size.cap, size.budget) == (1, 1)


def test_five_clean_answers_make_it_half_as_large_again_but_not_larger_than_its_class() -> None:
    size = ChunkSize(24, 1200).halved()
    for _ in range(4):
        size = size.after(clean=True)
    assert size.cap == 12
    size = size.after(clean=True)
    assert (size.cap, size.budget) == (18, 900)
    for _ in range(100):
        size = size.after(clean=True)
    assert (size.cap, size.budget) == (24, 1200)


def test_a_failed_answer_starts_the_count_again() -> None:
    size = ChunkSize(24, 1200).halved()
    for clean in (True, True, True, True, False, True, True, True, True):
        size = size.after(clean=clean)
    assert size.cap == 12


def test_the_next_run_begins_with_the_size_that_the_last_one_has_found(tmp_path: Path) -> None:
    orders = orders_for(tmp_path, issue_text(0))
    tiny = ChunkSize(2, 60, most=(24, 1200))
    with season_job(tmp_path, FaithfulEngine(), size=tiny) as job:
        season_of(orders, job)
    with season_job(tmp_path, engine := FaithfulEngine()) as job:
        settings = settings_from(SettingsOptions(project=tmp_path), {"HOME": str(tmp_path)})
        answered, _ = with_engine(settings, job.data, make_engine=lambda *_: engine)
    assert (answered.size.cap, answered.size.budget) == (3, 90)


def test_what_was_learned_stays_within_the_class_of_the_model() -> None:
    provider = provider_for("http://localhost:11434/v1", "qwen2.5:3b")
    assert size_for(provider, "24 1200") == ChunkSize(16, 800, provider.most)
    assert size_for(provider, "2 60") == ChunkSize(2, 60, provider.most)
