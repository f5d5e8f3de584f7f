"""Where the tests find Markdown: samples, the real newsletter, the CommonMark examples, generated documents."""

from __future__ import annotations

import json
import random
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = sorted(ROOT.glob("samples/*/source.md"))
CORPUS = sorted((ROOT.parent / "shared" / "corpus" / "zh").glob("*.md"))
NO_CORPUS = "the real newsletter (../shared/corpus) is not on this machine"

COMMONMARK: list[str] = json.loads((ROOT / "tests/cases/commonmark-examples.json").read_text("utf-8"))
"""The 652 examples of the CommonMark specification 0.31 (John MacFarlane, CC BY-SA 4.0)."""

_WORDS = ["中文", "介绍", "Python", "3.12", "7.4 万", "《书》", "“引”", "…", "，", "。", "（英）", "(英)", "a_b", "@me", "🎁", "🐿️"]
_INLINE = [
    "`code`", "``a`b``", "**粗**", "*斜*", "__init__", r"\_\_all\_\_", "~~删~~", "**注意：**后", "*args", "**kw",
    "[链接](https://a.example/x_(y)?q=1)", "[a](<b c> 'ti')", "![图](https://i.example/p.png)", "[![图](i.png)](u)",
    "<https://auto.example>", "https://bare.example/路径。", "[foo]", "[x][foo]", "[foo][]", "[^1]", "<br>", "<b>中</b>",
    "&amp;", "&nbsp;", "<!-- 注 -->", "(", ")", "[", "]", "!", "*", "_", "`", "\\", "<", ">", "|", "~", "www.a.example", "me@a.example",
]  # fmt: skip
_STARTS = [
    "", "", "", "1、", "12、 ", "① ", "# ", "### ", "> ", "> > ", "- ", "* ", "1. ", "10) ", "  - ", "    ", "\t", "- [ ] ",
    "| ", "[^1]: ", "[foo]: /url '题'", "```\n", "~~~py\n", "<div>\n", "---\n", "===\n", "***\n", ">", "-",
]  # fmt: skip
_ENDS = ["\n", "\n", "\n\n", "\n\n", "  \n", "\\\n", " \n", "\r\n", "\r", "\n| - | - |\n", "\n---\n", ""]


def generated(seed: int) -> str:
    """A document of a few lines, made of what is hard: one seed, one document."""
    rng = random.Random(seed)
    lines = []
    for _ in range(rng.randint(1, 8)):
        pieces = rng.choices([*_WORDS, *_WORDS, *_INLINE], k=rng.randint(0, 6))
        lines.append(rng.choice(_STARTS) + rng.choice(["", "", " "]).join(pieces) + rng.choice(_ENDS))
    front = "---\ntitle: '一''二：三'\nid: 010\n---\n" if rng.random() < 0.05 else ""
    return front + "".join(lines)
