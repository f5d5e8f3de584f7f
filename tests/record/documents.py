"""What the scenes are played with: samples, the cases of the tests as documents, seasons, wrong files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from documents import COMMONMARK, generated

from .scenes import CASES, SAMPLES

if TYPE_CHECKING:
    from .scenes import Content

FULL: dict[str, Content] = {
    "zh.md": SAMPLES / "full/source.md",
    "good.md": SAMPLES / "full/en.md",
    "edition.md": SAMPLES / "full/edition.md",
    "editions": SAMPLES / "full/editions",
    "samples.tmx": SAMPLES / "memory.tmx",
}
ODD: dict[str, Content] = {
    "zh.md": SAMPLES / "odd/source.md",
    "good.md": SAMPLES / "odd/en.md",
    "samples.tmx": SAMPLES / "memory.tmx",
}
ANOTHER: dict[str, Content] = {
    "zh.md": SAMPLES / "another/source.md",
    "good.md": SAMPLES / "another/en.md",
    "editions": SAMPLES / "another/editions",
    "samples.tmx": SAMPLES / "another/memory.tmx",
}
SMALL: dict[str, Content] = {
    "zh.md": CASES / "issue.md",
    "terms.yaml": CASES / "issue-glossary.yaml",
}
PRICES = '[prices."fake-70b"]\ninput = 1.0\ncached = 0.1\noutput = 2.0\n'
_USUAL = {"items": "items: '{number}. '", "stars": "stars: '({count} stars)'", "notes": "notes: {英: EN}"}
"""What an edition has to say, and the cases leave out."""
_FRUIT = ("", "苹果", "香蕉", "樱桃", "石榴")


def issue(number: int, more: str = "") -> str:
    """A small issue of a season; issues share a sentence."""
    return (
        f"---\ntitle: '周刊#{number}：{_FRUIT[number]}'\npubDate: 2026-0{number}-15\n---\n\n"
        f"# 周刊第 {number} 期：{_FRUIT[number]}\n\n## 🦄文章&教程\n\n"
        f"1、[{_FRUIT[number]}的文章](https://example.org/{number}) (英)\n\n"
        f"作者用 {number + 2} 个例子介绍了**垃圾回收**和 `gc` 模块，读取 {number}00 万个对象。{more}\n\n"
        "欢迎订阅，也欢迎把它转发给朋友。\n"
    )


SEASON: dict[str, Content] = {
    **{f"zh/2026-0{number}-15.md": issue(number) for number in (1, 2, 3)},
    "weekly-translate.toml": PRICES,
}


def cases_of_checks() -> dict[str, Content]:
    """For each check, the Chinese and the English of its cases, line by line."""
    found: dict[str, Content] = {}
    for path in sorted((CASES / "checks").glob("*.md")):
        if path.stem == "char.control":
            continue  # a file that holds a NUL is refused, and with it all others
        text = re.sub(r"\{U\+([0-9A-F]{4,6})\}", lambda code: chr(int(code[1], 16)), path.read_text("utf-8"))
        for folder in ("zh", "en"):
            lines = re.findall(rf"(?m)^[- ] {folder}: (.*)", text)
            content = "\n\n".join(lines) + "\n"
            found[f"{folder}/{path.stem}.md"] = content.encode("utf-8", "surrogatepass")
    return found


def cases_of_pairs() -> dict[str, Content]:
    """The pairs whose lines are paired and compared."""
    found: dict[str, Content] = {}
    for path in sorted((CASES / "pairs").glob("*.md")):
        pairs = re.findall(r"(?ms)^~~~ source\n(.*?)^~~~.*?^~~~ target\n(.*?)^~~~", path.read_text("utf-8"))
        for number, (source, target) in enumerate(pairs):
            found[f"zh/{path.stem}-{number:02}.md"] = source
            found[f"en/{path.stem}-{number:02}.md"] = target
    return found


def cases_of_markdown() -> dict[str, Content]:
    """Documents that are hard to cut: the cases, some examples of CommonMark, and generated ones."""
    found: dict[str, Content] = {}
    for name in ("markdown/segments", "markdown/assembly", "edition/editing"):
        parts = (CASES / f"{name}.md").read_text("utf-8").split("\n@@ ")[1:]
        place = 1 if name.startswith("edition") else 0
        for number, part in enumerate(parts):
            text = part.partition("\n")[2].split("\n----\n")[place]
            found[f"zh/{name.replace('/', '-')}-{number:02}.md"] = text + "\n"
    every_sixth = "\n\n".join(COMMONMARK[::6]).replace("foo", "中文").replace("bar", "文字")
    found["zh/commonmark.md"] = every_sixth
    for seed in range(40):
        found[f"zh/generated-{seed:02}.md"] = generated(seed).encode("utf-8", "surrogatepass")
    found["zh/repairs.md"] = "\n\n".join(
        re.findall(r"(?m)^source: (.*)", (CASES / "repair/certain.md").read_text("utf-8"))
    )
    found["zh/numerals.md"] = CASES / "numerals.md"
    return found


def cases_of_editions() -> dict[str, Content]:
    """A project with every edition of the cases, good ones and refused ones, and their documents."""
    found: dict[str, Content] = {"editions/strange.yaml": CASES / "edition/strange.yaml"}
    for name in ("editing", "refused", "impossible"):
        parts = (CASES / f"edition/{name}.md").read_text("utf-8").split("\n@@ ")[1:]
        for number, part in enumerate(parts):
            texts = part.partition("\n")[2].split("\n----\n")
            rules = [line for key, line in _USUAL.items() if not re.search(f"(?m)^{key}:", texts[0])]
            found[f"editions/{name}-{number:02}.yaml"] = "\n".join([texts[0], *rules, ""])
            if name == "editing":
                found[f"zh/{name}-{number:02}/2023-07-08-weekly.md"] = texts[1].replace("␍", "\r") + "\n"
    return found
