"""Work grows with the length of a line, not with its square: counted in calls and in characters looked at."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, ClassVar

import pytest

from weekly_translate.checks.registry import findings_of
from weekly_translate.checks.repair import REPAIRS
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import Pair
from weekly_translate.text.characters import MarkPatterns
from weekly_translate.text.dictionary import AllSenses

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

LINES: dict[str, Callable[[int], str]] = {
    "entities": lambda n: "中文" + "&amp;" * n,
    "backticks": lambda n: "中文" + "".join("`" * (i % 50 + 1) + " " for i in range(n // 3)),
    "code": lambda n: "中文" + "`a` " * n,
    "brackets": lambda n: "中文" + "[" * n + "]" * n,
    "links": lambda n: "中文" + "[文](b '题') " * n,
    "angles": lambda n: "中文" + "<" * n + "<a " * n,
    "tags": lambda n: "中文" + "<br>中" * n,
    "stars": lambda n: "中文" + "**中 " * n,
    "bold": lambda n: "中文" + "**中** " * n,
    "tildes": lambda n: "中文" + "~~中~~ " * n,
    "emoji": lambda n: "中文" + "🦄" * n,
    "images": lambda n: "中文" + "![图](a.png)" * n,
    "images in images": lambda n: "中文" + "![图" * (n // 25) + "](a)" * (n // 25),
    "spaces": lambda n: "中文" + " " * n + "x",
    "dollars": lambda n: "中文" + "$a$ 中 $" * n,
    "braces": lambda n: "中文" + "{" * n + "{{ a " * n + "}" * n,
    "attributes": lambda n: "中文" + "{.a.b.c #d " * n,
    "components": lambda n: "import A from 'a'\n\n中文" + '<A b="{" c={{{' * n,
    "HTML": lambda n: "<div>中文" + "<b>中" * n + "</i></b>" * n,
    "attribute values": lambda n: "<div>中文" + "<a title='中\" " * n,
    "colons": lambda n: "中文\n" + ":::a[b" * n,
    "wiki links": lambda n: "中文" + "[[a|" * n + "]]" * n,
    "look-alikes": lambda n: "中文" + "".join(f"<a{i}>中</a{i}>" for i in range(n)),
}
WITH_DICTIONARY: dict[str, Callable[[int], str]] = {
    "words": lambda n: "中文" + "重庆行长的音乐数据库，" * n,
    "names": lambda n: "中文" + "Google Latvia " * n,
    "units": lambda n: "中文" + "3 里 5 年 " * n,
    "labels": lambda n: "中文" + "[文](b)重 " * n,
}
_SEARCHING = {"count", "replace", "rfind", "split"}
"""Without `find`, which mistune tells where to begin."""


class Scanned(str):
    """A text that counts its characters each time something is looked for in it."""

    __slots__ = ()
    seen: ClassVar[int] = 0

    def __contains__(self, part: object) -> bool:
        Scanned.seen += len(self)
        return isinstance(part, str) and self.find(part) >= 0


def work(act: Callable[[], object]) -> int:
    """The calls that `act` makes, and the characters that string methods and `in` may look at."""
    calls = 0

    def count(_frame: FrameType, event: str, what: object) -> None:
        nonlocal calls
        if event == "call":
            calls += 1
        elif event == "c_call" and getattr(what, "__name__", "") in _SEARCHING:
            text = getattr(what, "__self__", None)
            calls += len(text) if type(text) is str else 0

    before = Scanned.seen
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls + Scanned.seen - before


def handle(text: str) -> None:
    """Everything that is done with a line but asking a model."""
    document = parse(text)
    targets = {one.id: re.sub("[\u4e00-\u9fff]", " word ", one.text) for one in document.segments}
    assemble(document, targets)
    longest = max(document.segments, key=lambda one: len(one.text))
    segment, target = longest._replace(text=Scanned(longest.text)), Scanned(targets[longest.id])
    for repair in REPAIRS:
        repair(target, segment)
    findings_of(Pair(segment, target))


@pytest.mark.parametrize("size", [150, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_twice_as_long_is_at_most_about_twice_the_work(line: Callable[[int], str], size: int) -> None:
    handle(line(10))  # what is done once, at the first line
    short, long = work(lambda: handle(line(size))), work(lambda: handle(line(2 * size)))
    assert long < 2.7 * short


@pytest.mark.parametrize("line", WITH_DICTIONARY.values(), ids=WITH_DICTIONARY)
def test_a_dictionary_is_asked_about_each_word_once(line: Callable[[int], str]) -> None:
    def check(text: str) -> None:
        (segment,) = parse(text).segments
        target = Scanned(re.sub("[\u4e00-\u9fff]", " word ", segment.text))
        findings_of(Pair(segment._replace(text=Scanned(segment.text)), target), senses=AllSenses())

    check(line(10))
    short, long = work(lambda: check(line(200))), work(lambda: check(line(400)))
    assert long < 2.7 * short


def test_a_mark_is_looked_for_only_where_a_line_ends() -> None:
    """A pattern that begins with white space takes the square of the white space it is searched in."""
    searched: list[int] = []

    class Counting:
        def search(self, text: str) -> None:
            searched.append(len(text))

    parse("中文" + " " * 10_000 + "字", marks=MarkPatterns(note=Counting()))  # type: ignore[arg-type]
    assert 0 < max(searched) <= 200


def test_a_line_may_hold_more_tags_than_four_digits_count() -> None:
    document = parse("中文" + "🦄" * 10_001)
    (segment,) = document.segments
    target = segment.text.replace("中文", "Chinese text ")
    assert findings_of(Pair(segment, target)) == []
    assert assemble(document, {segment.id: target}) == "Chinese text " + "🦄" * 10_001


@pytest.mark.parametrize("between", [" ", " / "], ids=["spaces", "slashes"])
def test_what_stands_between_two_words_takes_no_cube_of_its_length(between: str) -> None:
    """A cube takes minutes: the limit that pytest has for each test ends it."""
    (segment,) = parse("桥在夏天重新开放").segments
    assert findings_of(Pair(segment, f"x{between * 8_000}x"))


def test_a_long_word_takes_no_square_of_its_length() -> None:
    """A square takes minutes: the limit that pytest has for each test ends it."""
    (segment,) = parse("桥在夏天重新开放").segments
    assert findings_of(Pair(segment, "x" * 60_000))
