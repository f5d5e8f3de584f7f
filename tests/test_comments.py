"""Comments in fenced code: what of them is translated, and that the code around them stays."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from program import KEY, run
from server import Fault, MisbehavingServer
from test_markdown import cases, features
from weekly_translate.errors import ExitCode
from weekly_translate.markdown.comments import COMMENT, code_without_comments
from weekly_translate.markdown.segments import assemble, parse
from weekly_translate.model import Dialect, Span

if TYPE_CHECKING:
    from pathlib import Path

WITH_COMMENTS = Dialect(comments=True)
CODE = """\
# 用法

```python
total = add(1, "# 不是注释")  # 求和
```
"""


@pytest.mark.parametrize(
    ("source", "expected"), [pytest.param(*case[1:], id=case[0]) for case in cases("comments.md")]
)
def test_comments_are_segments_and_code_is_not(source: str, expected: list[str]) -> None:
    document = parse(source, dialect=WITH_COMMENTS)
    assert [one.text for one in document.segments] == expected
    assert assemble(document, {}) == source
    assert not any(one.quotes == COMMENT for one in parse(source).segments)


HOSTILE = (
    "x */ y",
    "/* x",
    "--> x",
    '"""',
    "x \\",
    "``` x",
    "[[ x ]]",
    "</script> x",
    "= x",
    "{{ x }}",
    "*/ `",
)


@pytest.mark.parametrize("source", [pytest.param(case[1], id=case[0]) for case in cases("comments.md")])
def test_no_translation_of_a_comment_changes_the_code(source: str) -> None:
    document = parse(source, dialect=WITH_COMMENTS)
    for seed in range(60):
        rng = random.Random(seed)  # noqa: S311 - documents, not secrets
        targets = {one.id: rng.choice(HOSTILE) + rng.choice(("", " x")) for one in document.segments}
        text = assemble(
            document, {**targets, **{one.id: "Item" for one in document.segments if not one.quotes}}
        )
        assert features(parse(text, dialect=WITH_COMMENTS)) == features(document), f"seed {seed}: {text}"


def test_hostile_code_is_read_in_time() -> None:
    """A pattern that looks for each end anew would take minutes."""
    for piece in ("/*", "`${", "'", '"', "=/[", "#=", "<script", "a: |\n", "<<E\n", "# =", "//=-"):
        text = f"```ts\n{piece * 20_000}\n```\n"
        assert code_without_comments(text, Span(0, len(text)))


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ("none", 1),
        ("echo", None),
        *(pytest.param(name, 1, marks=pytest.mark.slow) for name in ("echo", "swapped_ids", "prose")),
        *(pytest.param(name, None, marks=pytest.mark.slow) for name in ("swapped_ids", "prose", "empty")),
    ],
)
def test_a_run_translates_comments_only_where_that_is_asked(
    tmp_path: Path, fault: str, times: int | None
) -> None:
    (tmp_path / "zh.md").write_text(CODE, "utf-8")
    (tmp_path / "weekly-translate.toml").write_text("translate_comments = true\n", "utf-8")
    faults = () if fault == "none" else (Fault(fault, times=times),)
    with MisbehavingServer(*faults) as server:
        arguments = ("zh.md", "-o", "en.md", "--allow-partial", "--base-url", server.url)
        ended = run(tmp_path, *arguments, OPENAI_API_KEY=KEY)
    english = (tmp_path / "en.md").read_text("utf-8")
    assert 'total = add(1, "# 不是注释")  # ' in english
    is_left = "求和" in english or "用法" in english
    assert is_left == (ended.code == ExitCode.FINDINGS)
    checked = run(tmp_path, "check", "zh.md", "en.md")
    assert "code." not in checked.out.decode()
    broken = english.replace("add(1", "add(2")
    (tmp_path / "en.md").write_text(broken, "utf-8")
    checked = run(tmp_path, "check", "zh.md", "en.md")
    assert "code.changed" in checked.out.decode(), checked.out.decode()
