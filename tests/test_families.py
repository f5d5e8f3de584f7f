"""Models made for translation are asked as their documentation shows, and tags and terms survive them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from program import environment
from server import MisbehavingServer
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.run.plan import Order
from weekly_translate.run.runner import translate_issue
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.run.issue import Result

SOURCE = """\
# 垃圾回收入门

文章讲解了垃圾回收的原理。

详见[这里的**说明**](https://example.org/gc)和 `gc.collect()`。
"""
PLAIN = "文章讲解了垃圾回收的原理。"
HY_MT = "将以下文本翻译为英语，注意只需要输出翻译后的结果，不要额外解释：\n\n"
GEMMA = (
    "You are a professional Chinese (zh) to English (en) translator. Your goal is to accurately convey the "
    "meaning and nuances of the original Chinese text while adhering to English grammar, vocabulary, and "
    "cultural sensitivities.\nProduce only the English translation, without any additional explanations or "
    "commentary. Please translate the following Chinese text into English:\n\n\n"
)


def run(server: MisbehavingServer, folder: Path, model: str) -> Result:
    (folder / "zh.md").write_text(SOURCE, "utf-8")
    (folder / "glossary.yaml").write_text("- {source: 垃圾回收, target: garbage collection}\n", "utf-8")
    options = SettingsOptions(
        project=folder,
        base_url=server.url,
        model=model,
        edition="none",
        glossary=folder / "glossary.yaml",
        jobs=1,
    )
    return translate_issue(
        Order(folder / "zh.md", folder / "en.md"), settings_from(options, environment(folder))
    )


def asked(model: str, folder: Path) -> tuple[Result, list[dict[str, Any]]]:
    """The result, and the bodies of the requests in which it was asked for the texts."""
    with MisbehavingServer() as server:
        result = run(server, folder, model)
        return result, [dict(request.body) for request in server.requests]


@pytest.mark.parametrize(
    "model", ["hy-mt2:1.8b", "tencent/Hy-MT2-7B-GGUF", "translategemma:4b", "qwen-mt-flash"]
)
def test_terms_tags_and_code_survive(model: str, tmp_path: Path) -> None:
    result, bodies = asked(model, tmp_path)
    assert (result.code, len(bodies)) == (ExitCode.DONE, 3), result.findings
    text = result.text
    assert "](https://example.org/gc)" in text
    assert "**" in text.split("](")[0]
    assert "`gc.collect()`" in text
    if model != "translategemma:4b":  # knows no terms: what it misses is a warning
        assert text.lower().count("garbage collection") == 2
    assert {len(body["messages"]) for body in bodies} == {1}
    assert {body["messages"][0]["role"] for body in bodies} == {"user"}
    assert not any("response_format" in body for body in bodies)


def test_hy_mt_is_asked_as_its_model_card_shows(tmp_path: Path) -> None:
    _, bodies = asked("hy-mt2:1.8b", tmp_path)
    terms = "参考下面的翻译：\n垃圾回收 翻译成 garbage collection\n\n"
    contents = [body["messages"][0]["content"] for body in bodies]
    assert contents[1] == f"{terms}{HY_MT}{PLAIN}"
    assert contents[2].startswith("将以下<source></source>之间的文本翻译为英语")
    assert "输出格式为：<target>str</target>\n\n<source>详见<a1>" in contents[2]
    assert {(body["temperature"], body["top_p"]) for body in bodies} == {(0.7, 0.6)}


def test_translategemma_is_asked_as_its_documentation_shows(tmp_path: Path) -> None:
    _, bodies = asked("translategemma:4b", tmp_path)
    assert bodies[1]["messages"] == [{"role": "user", "content": f"{GEMMA}{PLAIN}"}]


def test_qwen_mt_is_asked_as_its_documentation_shows(tmp_path: Path) -> None:
    _, bodies = asked("qwen-mt-plus", tmp_path)
    assert bodies[1] == {
        "model": "qwen-mt-plus",
        "messages": [{"role": "user", "content": PLAIN}],
        "translation_options": {
            "source_lang": "Chinese",
            "target_lang": "English",
            "terms": [{"source": "垃圾回收", "target": "garbage collection"}],
        },
    }


def test_a_prompt_of_a_family_without_its_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/hy-mt.md").write_text("翻译：$segments", "utf-8")
    with MisbehavingServer() as server, pytest.raises(UsageError, match=r"prompts/hy-mt.md: it needs"):
        run(server, tmp_path, "hy-mt2")
