"""Where the tests find Markdown: samples, the real newsletter, CommonMark, generated documents."""

from __future__ import annotations

import json
import random
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = sorted(ROOT.glob("samples/*/source.md"))
SITES = sorted((ROOT / "tests/cases/sites").glob("*.md"))
"""Pages of documentation, as four site generators read them."""
CORPUS = sorted((ROOT.parent / "shared" / "corpus" / "zh").glob("*.md"))
OTHERS = sorted((ROOT.parent / "shared" / "corpus" / "other").glob("*/*.md"))
"""Other newsletters, and documentation."""
NO_CORPUS = "the real newsletter (../shared/corpus) is not on this machine"

COMMONMARK: list[str] = json.loads((ROOT / "tests/cases/commonmark-examples.json").read_text("utf-8"))
"""The 652 examples of the CommonMark specification 0.31 (John MacFarlane, CC BY-SA 4.0)."""

_FRAGMENTS = (ROOT / "tests/cases/fragments.txt").read_text("utf-8").splitlines()
_WORDS = _FRAGMENTS[:16]
_STARTS = ["", "", "", "1、", "12、 ", "① ", "# ", "### ", "> ", "> > ", "- ", "* ", "1. ", "10) ", "  - "]
_STARTS += [
    "    ",
    "\t",
    "- [ ] ",
    "| ",
    "[^1]: ",
    "[foo]: /url '题'",
    "```\n",
    "~~~py\n",
    "<div>\n",
    "---\n",
]
_STARTS += ["===\n", "***\n", ">", "-"]
_ENDS = ["\n", "\n", "\n\n", "\n\n", "  \n", "\\\n", " \n", "\r\n", "\r", "\n| - | - |\n", "\n---\n", ""]


def generated(seed: int) -> str:
    """A document of a few lines, made of what is hard: one seed, one document."""
    rng = random.Random(seed)  # noqa: S311 - documents, not secrets
    lines = []
    for _ in range(rng.randint(1, 8)):
        pieces = rng.choices([*_WORDS, *_FRAGMENTS], k=rng.randint(0, 6))
        lines.append(rng.choice(_STARTS) + rng.choice(["", "", " "]).join(pieces) + rng.choice(_ENDS))
    front = "---\ntitle: '一''二：三'\nid: 010\n---\n" if rng.random() < 0.05 else ""
    return front + "".join(lines)
