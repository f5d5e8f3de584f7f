"""Every row of the table of providers: the first run with it goes on, or stops with the right sentence."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from documents import ROOT
from fake_time import FakeTime
from program import environment
from server import Fault, MisbehavingServer
from server.statuses import Status
from weekly_translate.errors import ExitCode, UsageError
from weekly_translate.llm.engine import engine_for
from weekly_translate.llm.providers import TABLE, provider_for, rows_in
from weekly_translate.run.plan import Order
from weekly_translate.run.runner import translate_issue
from weekly_translate.settings import SettingsOptions, settings_from

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.llm.engine import Engine, EngineContext
    from weekly_translate.run.issue import Result
    from weekly_translate.settings import Settings

CASES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/cases/providers/errors.yaml").read_text("utf-8"))
KEY = "key-of-no-usual-form"
SEGMENTS = 57
SPECIAL = "Lib31 "


def issue_of(segments: int, what: str = "用法") -> str:
    """So many paragraphs, each about another library."""
    lines = (f"第{number}段文字讲述了 Lib{number} 的{what}。" for number in range(segments))
    return "\n\n".join(lines) + "\n"


@dataclass
class Ended:
    result: Result
    slept: list[float]


def ran(case: dict[str, Any], server: MisbehavingServer, folder: Path) -> Ended:
    """A first run, for a person whose table says which provider the server on this machine stands for."""
    own = folder / ".config/weekly-translate/providers.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(f"- {{name: stand-in, hosts: [127.0.0.1], like: {case['provider']}}}\n", "utf-8")
    (folder / "zh.md").write_text(issue_of(SEGMENTS if case["ends"] == "one-segment" else 3), "utf-8")
    time = FakeTime()

    def impatient(settings: Settings, context: EngineContext) -> Engine:
        return engine_for(settings, replace(context, pace=time.pace(lambda: 0.5)))

    options = SettingsOptions(
        project=folder, base_url=server.url, model=case["model"], edition="none", jobs=1
    )
    result = translate_issue(
        Order(folder / "zh.md", folder / "en.md", allow_partial=True),
        settings_from(options, environment(folder, {"OPENAI_API_KEY": KEY})),
        make_engine=impatient,
    )
    return Ended(result, time.slept)


def fault_of(case: dict[str, Any]) -> Fault:
    """What passes is answered once; what is about a text, whenever that is asked for."""
    times = {"goes-on": 1}.get(case["ends"])
    if "with" in case or "unless" in case:
        times = None
    return Fault(
        "said",
        times,
        where=SPECIAL if case["ends"] == "one-segment" else "",
        status=Status(case["status"], case["body"]),
        only_with=case.get("with", ""),
        only_without=case.get("unless", ""),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['provider']}: {case['what']}")
def test_what_a_provider_says_is_understood(case: dict[str, Any], tmp_path: Path) -> None:
    with MisbehavingServer(fault_of(case)) as server:
        ended = ran(case, server, tmp_path)
        sent = len(server.requests)
        assert server.fired or "unless" in case
    result = ended.result
    untranslated = [finding for finding in result.findings if finding.check == "seg.missing"]
    if case["ends"] == "stops":
        assert result.code == ExitCode.ENGINE
        assert case["words"] in str(result.failure)
        assert KEY not in str(result.failure)
        assert sent == 1
    elif case["ends"] == "one-segment":
        assert result.failure is None
        assert len(untranslated) == 1
        assert sum(line.startswith("第") for line in result.text.splitlines()) == 1
    else:
        assert (result.failure, result.code, untranslated) == (None, ExitCode.DONE, [])
    if "waits" in case:
        assert ended.slept[0] == pytest.approx(case["waits"])


def test_the_cases_are_about_every_provider_and_server() -> None:
    """A row with words of its own has a case that says them."""
    told = {case["provider"] for case in CASES}
    assert {row.name for row in rows_in(TABLE) if row.errors} <= told


def test_the_programs_own_table_is_one_that_a_person_may_have(tmp_path: Path) -> None:
    """Its patterns are not compiled each time that it is read."""
    own = tmp_path / "providers.yaml"
    own.write_bytes(TABLE.read_bytes())
    assert rows_in(own) == rows_in(TABLE)


@pytest.mark.parametrize(
    ("url", "model", "expected"),
    [
        ("https://api.openai.com/v1", "gpt-5-mini", {"reasoning_effort": "minimal"}),
        ("https://api.openai.com/v1", "gpt-5.2", {"reasoning_effort": "none"}),
        ("https://api.openai.com/v1", "gpt-4.1", {}),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "gemini-2.5-flash",
            {"reasoning_effort": "none"},
        ),
        ("https://api.deepseek.com", "deepseek-chat", {"thinking": {"type": "disabled"}}),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "qwen-plus", {"enable_thinking": False}),
        (
            "https://ws1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
            "qwen3.5-plus",
            {"enable_thinking": False},
        ),
        ("https://open.bigmodel.cn/api/paas/v4", "glm-5", {"thinking": {"type": "disabled"}}),
        ("https://openrouter.ai/api/v1", "openai/gpt-5-mini", {"reasoning": {"enabled": False}}),
        ("http://127.0.0.1:8000/v1", "Qwen/Qwen3-8B", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("http://localhost:11434/v1", "qwen3:8b", {"reasoning_effort": "none"}),
        ("https://api.example.com/v1", "qwen3-8b", {}),
        ("https://notaliyuncs.com/v1", "qwen3-8b", {}),
    ],
)
def test_thinking_is_switched_down_where_the_switch_is_known(
    url: str, model: str, expected: dict[str, object]
) -> None:
    assert provider_for(url, model).fields == expected


def test_what_was_learned_is_not_asked_again(tmp_path: Path) -> None:
    """The second run sends no field that the first one had to learn to leave out."""
    case = next(case for case in CASES if "does not know the switch" in case["what"])
    with MisbehavingServer(fault_of(case)) as server:
        ran(case, server, tmp_path)
        (tmp_path / "zh.md").write_text(issue_of(3, "新用法"), "utf-8")
        refused = server.fired["said"]
        options = SettingsOptions(project=tmp_path, base_url=server.url, model=case["model"], edition="none")
        again = translate_issue(
            Order(tmp_path / "zh.md", tmp_path / "en2.md"),
            settings_from(options, environment(tmp_path, {"OPENAI_API_KEY": KEY})),
        )
        assert again.code == ExitCode.DONE
        assert server.fired["said"] == refused == 1


def test_the_page_of_the_providers_is_current() -> None:
    """`make docs` makes it anew."""
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_providers_page.py"],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
    )
    assert made.stdout.decode() == (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")


def test_a_project_file_adds_nothing_to_a_request(tmp_path: Path) -> None:
    (tmp_path / "weekly-translate.toml").write_text("[request]\nwebhook = 'https://evil.example'\n", "utf-8")
    (tmp_path / "providers.yaml").write_text("- {name: mine, request: {webhook: x}}\n", "utf-8")
    with pytest.raises(UsageError, match="a project file may not add to what the endpoint is sent"):
        settings_from(SettingsOptions(project=tmp_path), {"OPENAI_API_KEY": KEY, "HOME": str(tmp_path)})
    (tmp_path / "weekly-translate.toml").unlink()
    settings = settings_from(
        SettingsOptions(project=tmp_path), {"OPENAI_API_KEY": KEY, "HOME": str(tmp_path)}
    )
    assert "webhook" not in settings.provider.fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, hsots: [x]}", "Did you mean hosts?"),
        ("- {name: a, models: '('}", "is no regular expression"),
        ("- {name: a, request: {messages: []}}", "the program fills in messages itself"),
        ("- {name: a, errors: [{means: perhaps}]}", "slow-down"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(f"# mine\n{text}\n", "utf-8")
    with pytest.raises(UsageError, match=re.escape(f"{path}:2: ")) as caught:
        provider_for("https://api.example.com/v1", "any", path)
    assert said in str(caught.value)


def test_a_persons_fields_come_before_the_table(tmp_path: Path) -> None:
    own = tmp_path / "config/weekly-translate/config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[request]\nreasoning_effort = "high"\nservice_tier = "flex"\n', "utf-8")
    environment = {"OPENAI_API_KEY": KEY, "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    settings = settings_from(SettingsOptions(project=tmp_path), environment)
    assert settings.provider.fields == {"reasoning_effort": "high", "service_tier": "flex"}


def test_the_environment_may_add_fields_as_well(tmp_path: Path) -> None:
    environment = {"OPENAI_API_KEY": KEY, "HOME": str(tmp_path)}
    said = json.dumps({"reasoning_effort": "low"})
    settings = settings_from(
        SettingsOptions(project=tmp_path), {**environment, "WEEKLY_TRANSLATE_REQUEST": said}
    )
    assert settings.provider.fields == {"reasoning_effort": "low"}
