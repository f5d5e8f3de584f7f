"""What an edition has done, told in words and in tables, and kept out of what the memory learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents import ROOT
from weekly_translate.cli.run_messages import use_in_words, uses_in_words
from weekly_translate.compare.judge import compared
from weekly_translate.compare.learn import lessons_in
from weekly_translate.compare.pair_files import FilePair, Judging, verdict_on_texts
from weekly_translate.compare.style import Rules, pair_to_learn_from, prepared_pair
from weekly_translate.edition.applying import manuscript_of, read_edition, read_editions
from weekly_translate.edition.rewriting import with_house_marks
from weekly_translate.model import Feature, FeatureKind, RuleKind, Severity, Use
from weekly_translate.report.season_table import Inventory, counts_of, inventory_text

FULL = read_edition("full", ROOT)
USES = (
    Use(RuleKind.TITLE, "title", (2,), "# Weekly #7 (2024-03-09)"),
    Use(RuleKind.NOTE, "language notes", (15, 21, 25)),
    Use(RuleKind.DROPPED, "sponsors", (61, 63, 67)),
    Use(RuleKind.DROPPED, "coupons", (129,)),
    Use(RuleKind.REPLACED, "promotion", (70,), "🎁 Season 1\n\nis out."),
    Use(RuleKind.ADDRESS, "https://docs.example/zh/", (33, 35), "https://docs.example/"),
)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("", "", []),
        (" (in Chinese)\n\nLog", "\n\nLog", ["the note (Chinese) is missing"]),
        ("(in Chinese) (480 stars)", "(480 stars)", ["the note (Chinese) is missing"]),
        ("sleep)\n", "sleep) (EN)\n", ["the note (English) goes without saying"]),
    ],
)
def test_inverted_notes_are_demanded_of_every_translation(before: str, after: str, says: list[str]) -> None:
    folder = ROOT / "samples/another"
    source, target = ((folder / name).read_text("utf-8") for name in ("source.md", "en.md"))
    assert before in target
    editions = read_editions("on-call", folder)
    manuscript = manuscript_of(source, "source.md", editions, every_line=True)
    pair = prepared_pair(manuscript, target.replace(before, after, 1), Rules())
    found = compared(pair.source, pair.target, pair.rules)
    assert [one.message for one in (*pair.findings, *found) if one.check == "lang.tag"] == says


def test_a_summary_counts_what_the_edition_has_done() -> None:
    assert uses_in_words(USES) == (
        "title, 3 language notes, 2 URLs localized, 1 block replaced (line 70), "
        "2 blocks dropped (lines 61-67, 129)"
    )
    assert uses_in_words(()) == "no rule applies"


def test_each_rule_is_told_with_its_lines_and_the_beginning_of_its_text() -> None:
    assert [use_in_words(use) for use in USES] == [
        "title (line 2): # Weekly #7 (2024-03-09)",
        "language notes (lines 15, 21, 25)",
        "dropped 'sponsors' (lines 61-67)",
        "dropped 'coupons' (line 129)",
        "replaced 'promotion' (line 70): 🎁 Season 1",
        "address 'https://docs.example/zh/' (lines 33, 35): https://docs.example/",
    ]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("甲（star 3.1K），乙", "A (star 3.1K), B", "A (3.1K stars), B"),
        ("甲（star 3.1K）乙", "A (3.1k Stars) B", "A (3.1k stars) B"),
        ("甲（star 2K）（附：乙）", "A (stars: 2K)(See also: B)", "A (2K stars) (See also: B)"),
        ("<b1>甲（star 2K）</b1>，乙", "<b1>A（star 2K）</b1>, B", "<b1>A (2K stars)</b1>, B"),
        ("甲，乙", "A (star 3.1K), B", "A (star 3.1K), B"),  # none in the source: not ours to touch
        ("甲（star 2K）乙", "A with two  spaces", "A with two  spaces"),
    ],
)
def test_star_counts_inside_a_sentence_are_written_like_those_at_its_end(
    source: str, target: str, expected: str
) -> None:
    assert with_house_marks(target, source, FULL) == expected


def test_the_table_of_a_season_shows_what_is_missing() -> None:
    expected = [Feature(FeatureKind.LINK, "https://a.example", 1)] * 2 + [Feature(FeatureKind.ITEM, "1", 1)]
    counts = counts_of(expected, expected[1:])
    issues = [
        Inventory("#1", "full", counts_of(expected, expected), 0, {"header": True}, 0, 1),
        Inventory("#2", "full", counts, 3, {"header": False}, 2, 0),
        Inventory("#3", "none", counts_of((), ()), 0, {}, 0, 0),
    ]
    assert [issue.is_whole for issue in issues] == [True, False, True]
    assert inventory_text(issues) == (
        "issue  edition  items  links   images  headings  Chinese  header   errors  warnings\n"
        "#1     full     1      2       0       0         0        there    0       1\n"
        "#2     full     1      1 of 2  0       0         3        MISSING  2       0\n"
        "#3     none     0      0       0       0         0        -        0       0\n"
        "all             2      3 of 4  0       0         3        1 of 2   2       1\n"
    )


SOURCE = """\
---
title: 'Python潮流周刊#7：垃圾回收'
pubDate: 2023-06-17
---

你好，我是猫哥。这里每周分享优质的 Python 内容。

## 🦄文章&教程

1、[聊一聊垃圾回收](https://example.org/gc) (英)

文章介绍了它的原理。
"""
ENGLISH = """\
# Python Trending Weekly #7 (2023-06-17)

{header}

## 🦄Articles & Tutorials

1. [Let's talk about garbage collection](https://example.org/gc) (EN)

The article explains how it works.

{footer}
"""


def test_what_an_edition_has_written_is_not_learned() -> None:
    editions = read_editions("full", ROOT)
    slug = "2023-06-17-weekly7"
    english = ENGLISH.format(header=FULL.header.replace("{slug}", slug), footer=FULL.footer)
    pair = pair_to_learn_from(SOURCE, "issue.md", english, editions)
    learned = {
        one.segment.text: one.target
        for one in lessons_in(pair)
        if not one.fault and one.segment.id not in pair.rules.allowed.settled
    }
    assert learned == {
        "聊一聊垃圾回收": "Let's talk about garbage collection",
        "文章介绍了它的原理。": "The article explains how it works.",
    }


def test_a_pair_that_was_made_without_the_edition_is_learned_from_as_a_whole() -> None:
    english = "---\ntitle: 'Weekly #7'\npubDate: 2023-06-17\n---\n\nHello, I am Cat. Python every week.\n"
    pair = pair_to_learn_from(SOURCE, "issue.md", english, read_editions("full", ROOT))
    assert any(segment.text.startswith("你好") for segment in pair.source.segments)
    assert pair.findings == ()


OTHER_SOURCE = """\
---
title: 'Python潮流周刊#7：垃圾回收'
pubDate: 2023-06-17
---

你好，我是猫哥。这里每周分享优质的 Python 内容。

分享了 2 篇文章，全文 300 字。

## [🦄文章&教程](https://shop.example/weekly)

1、[聊一聊垃圾回收](https://example.org/gc) (英)

文章介绍了它的原理。

🎁**Python潮流周刊**🎁已更新 7 期，订阅请点这里。

## [🥂讨论&问题](https://shop.example/weekly)

1、[你们用什么编辑器？](https://example.org/editors) (英)

## 🐼欢迎订阅

- [博客](https://example.org/blog)：多年的文章。
"""
OTHER_ENGLISH = """\
# Python Trending Weekly #7: Garbage Collection

Hello there! Here is what I read this week.

[The original](https://example.org/zh/7) is in Chinese.

## 🦄 Articles & Tutorials

1. [Let's talk about garbage collection](https://example.org/gc)

The article explains how it works.

Like this letter? [Tell a friend](https://example.org/share) about it!

## 🥂 Talks & Questions

1. [Which editor do you use?](https://example.org/editors)

## 🐼 Stay tuned

- [My blog](https://example.org/blog), with a feed.
- [Elsewhere](https://example.org/elsewhere)
"""


def found_in(english: str, source: str = OTHER_SOURCE, *, asked: bool = False) -> list[str]:
    """The errors and warnings on a translation that nobody has made with this program."""
    manuscript = manuscript_of(source, "7.md", read_editions("auto", ROOT), every_line=True)
    pair = prepared_pair(manuscript, english, Rules(), asked=asked)
    found = compared(pair.source, pair.target, pair.rules)
    return [one.check for one in (*pair.findings, *found) if one.severity is not Severity.INFO]


def test_a_translation_with_a_style_of_its_own_is_not_held_to_the_edition() -> None:
    assert found_in(OTHER_ENGLISH) == []
    assert "edition.text" in found_in(OTHER_ENGLISH, asked=True)


@pytest.mark.parametrize(
    ("before", "after", "check"),
    [
        ("#7: G", "#8: G", "edition.title"),
        ("#7: Garbage Collection", "#7: 垃圾回收", "seg.residual-cjk"),
        ("org/editors", "org/emacs", "url.changed"),
        ("1. [Which editor do you use?](https://example.org/editors)\n\n", "", "seg.missing"),
        ("Hello there! Here is what I read this week.", "你好，我是猫哥。", "seg.residual-cjk"),
        ("The article", "An advertisement.\n\nThe article", "seg.extra"),
        ("## 🦄 Articles & Tutorials", "## [🦄 Articles & Tutorials](https://shop.example/x)", "url.changed"),
        ("(https://example.org/gc)", "(https://example.org/gc) (Chinese)", "lang.tag"),
    ],
)
def test_what_departs_from_a_style_is_told(before: str, after: str, check: str) -> None:
    assert OTHER_ENGLISH.count(before) == 1
    assert check in found_in(OTHER_ENGLISH.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("", "", None),
        ("# Locks", "A header of our own.\n\n# Locks", Severity.WARNING),
        ("Use one.", "Use one.\n\nSubscribe to our letter!", Severity.WARNING),
        ("Why locks?", "Why locks?\n\nBuy ours, they are cheap.", Severity.ERROR),
        ("Why locks?\n\n", "", Severity.ERROR),
        ("\n1. Use one.\n", "", Severity.ERROR),
    ],
)
def test_where_no_edition_declares_anything_what_is_added_above_and_below_is_a_doubt(
    before: str, after: str, severity: Severity | None
) -> None:
    source, english = "# 锁\n\n为什么需要锁？\n\n1. 用一个。\n", "# Locks\n\nWhy locks?\n\n1. Use one.\n"
    judging = Judging(Rules(), read_editions("none", ROOT))
    files = FilePair(Path("locks.md"), Path("en.md"))
    found = verdict_on_texts(files, source, english.replace(before, after), judging).judged.findings
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_page_that_cannot_be_read_is_no_fault_of_the_pair_that_links_to_it(tmp_path: Path) -> None:
    for side, other in (("zh", "# 锁\n".encode()), ("en", b"# Lo\xffcks\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "locks.md").write_bytes(other)
    files = FilePair(tmp_path / "zh/a.md", tmp_path / "en/a.md")
    source, english = "见[锁](locks.md#锁)。\n", "See [locks](locks.md#锁).\n"
    judging = Judging(Rules(), read_editions("none", ROOT))
    assert verdict_on_texts(files, source, english, judging).judged.findings == ()


def test_a_note_is_missed_where_nearly_all_others_are_there() -> None:
    items = [f"{number}、[条目](https://example.org/{number}) (英)\n" for number in range(1, 7)]
    source = OTHER_SOURCE.replace("## 🐼", "\n".join([*items, "## 🐼"]))
    noted = "\n".join(items).replace("条目", "An item").replace("、", ". ").replace("英", "Eng")
    english = OTHER_ENGLISH.replace("org/gc)", "org/gc) (Eng)").replace("## 🐼", f"{noted}\n## 🐼")
    assert "lang.tag" in found_in(english, source)
    assert "lang.tag" not in found_in(english.replace("(Eng)", ""), source)


def test_of_two_titles_in_a_front_matter_the_last_counts() -> None:
    source = OTHER_SOURCE.replace("pubDate", "title: 'Python潮流周刊#9：另一期'\npubDate")
    assert manuscript_of(source, "9.md", read_editions("auto", ROOT), every_line=True).issue.number == "9"
