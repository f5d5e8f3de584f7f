"""`weekly-translate init`: a newcomer's folder, in which nothing that exists is ever touched."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from program import KEY, run
from weekly_translate.cli.init import FOR_DOCS, starter_files
from weekly_translate.errors import ExitCode
from weekly_translate.glossary.entries import EntryFields, entries_in, read_glossary
from weekly_translate.settings import SettingsFile, SettingsOptions, settings_from

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples/full/source.md"


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".weekly-translate" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_new_folder_gets_settings_a_glossary_editions_and_prompts(tmp_path: Path) -> None:
    assert run(tmp_path, "init", "weekly").code == 0
    first = ["glossary.yaml", "schemas/glossary.json", "schemas/settings.json", "weekly-translate.toml"]
    assert sorted(contents(tmp_path / "weekly")) == first
    glossary, settings = ((tmp_path / "weekly" / name).read_text("utf-8") for name in (first[0], first[3]))
    assert glossary.startswith("# yaml-language-server: $schema=schemas/glossary.json\n")
    assert settings.startswith("#:schema schemas/settings.json\n")
    ended = run(tmp_path, "init", "weekly", "--full")
    assert (ended.code, ended.out) == (0, b"")
    made = contents(tmp_path / "weekly")
    assert made.keys() >= {
        "weekly-translate.toml",
        "glossary.yaml",
        "editions/none.yaml",
        "prompts/system.md",
    }
    for folder in ("editions", "prompts"):
        for path in (ROOT / folder).rglob("*.[!t]*"):  # versions.txt speaks of the program's own prompts
            assert made[str(path.relative_to(ROOT))] == path.read_bytes()


def test_what_exists_is_kept_and_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "editions").mkdir()
    own = {"glossary.yaml": "- {source: 协程, target: coroutine}\n", "editions/none.yaml": "mine\n"}
    for name, text in own.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    ended = run(tmp_path, "init", "--full")
    assert ended.code == 0
    assert [line.split() for line in ended.err.splitlines() if line.startswith("kept")] == [
        ["kept", name] for name in own
    ]
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in own} == own
    assert (tmp_path / "prompts/system.md").is_file()


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, "init")
    before = contents(tmp_path)
    ended = run(tmp_path, "init", ".")
    assert (ended.code, contents(tmp_path)) == (0, before)
    assert "written" not in ended.err


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (project / "prompts").symlink_to(elsewhere)
    (project / "glossary.yaml").symlink_to(elsewhere / "nothing.yaml")
    ended = run(tmp_path, "init", "project", "--full")
    assert (ended.code, list(elsewhere.iterdir())) == (0, [])
    assert re.search(r"kept +project/prompts/system.md", ended.err)
    assert re.search(r"kept +project/glossary.yaml", ended.err)


@pytest.mark.parametrize("name", ["weekly", "weekly/prompts"])
def test_a_file_in_place_of_a_folder_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    ended = run(tmp_path, "init", "weekly", "--full")
    assert (ended.code, contents(tmp_path)) == (2, {name: b"mine"})
    assert ended.err == f"{name} is no folder, but has to be one: rename it, or name another folder.\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_folder_that_may_not_be_written_is_a_storage_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert run(tmp_path, "init", "weekly").code == 5


def test_every_setting_stands_in_the_file_and_is_accepted_when_it_is_switched_on(tmp_path: Path) -> None:
    text = starter_files()[Path("weekly-translate.toml")]
    switched_on = re.sub(r"^#(?![ :])", "", text, flags=re.MULTILINE)
    (tmp_path / "weekly-translate.toml").write_text(switched_on, encoding="utf-8")
    settings = settings_from(
        SettingsOptions(project=tmp_path), {"HOME": str(tmp_path), "OPENAI_API_KEY": KEY}
    )
    assert settings.prices.keys() == {settings.model}
    named = set(re.findall(r"^#\[?(\w+)", text, re.MULTILINE))
    assert named == {
        *SettingsFile.model_fields.keys() - {"base_url", "proofreader", "request"},
        "input",
        "cached",
        "output",
    }


def test_every_setting_of_the_file_is_switched_off(tmp_path: Path) -> None:
    run(tmp_path, "init", "weekly")
    settings = settings_from(SettingsOptions(project=tmp_path / "weekly"), {"HOME": str(tmp_path)})
    without = settings_from(SettingsOptions(project=tmp_path), {"HOME": str(tmp_path)})
    assert settings.model == without.model
    assert settings.edition == without.edition
    assert settings.jobs == without.jobs


def test_the_glossary_of_a_new_project_is_the_programs_until_something_is_added(tmp_path: Path) -> None:
    run(tmp_path, "init", "weekly")
    assert read_glossary(None, tmp_path / "weekly").terms == read_glossary(None, tmp_path).terms
    ended = run(tmp_path, "glossary", "add", "协程池", "coroutine pool", "--project", "weekly")
    assert ended.code == 0
    assert run(tmp_path, "glossary", "lint", "--project", "weekly").code == 0


def test_the_entry_that_the_glossary_explains_is_one_with_every_key() -> None:
    text = starter_files()[Path("glossary.yaml")]
    example = "".join(f"{line[4:]}\n" for line in text.splitlines() if line.startswith("#   "))
    (entry,), _ = entries_in(example, "glossary.yaml")
    assert entry.term.target == "coroutine pool"
    assert set(re.findall(r"(\w+):", example)) | {"off"} == set(EntryFields.model_fields)
    assert "off: true" in text


def test_a_project_that_was_set_up_translates_byte_for_byte_like_one_that_was_not(tmp_path: Path) -> None:
    run(tmp_path, "memory", "import", ROOT / "samples/memory.tmx", "--memory", "memory.db")
    run(tmp_path, "init", "weekly")
    options = ("--memory", "memory.db", "--engine", "draft")
    plain = run(tmp_path, SAMPLE, "-o", "plain.md", *options)
    project = run(tmp_path, SAMPLE, "-o", "project.md", *options, "--project", "weekly")
    assert (plain.code, project.code) == (0, 0)
    assert (tmp_path / "plain.md").read_bytes() == (tmp_path / "project.md").read_bytes()


def test_an_example_is_to_be_made_ones_own(tmp_path: Path) -> None:
    ended = run(tmp_path, "init", "desk", "--like", "longform")
    assert "Make the edition in desk/editions your own" in ended.err


def test_documentation_has_neither_house_rules_nor_the_terms_of_a_newsletter(tmp_path: Path) -> None:
    ended = run(tmp_path, "init", "manual", "--like", "docs")
    assert ended.code == ExitCode.DONE
    assert "weekly-translate season DOCS -o ENGLISH --plan` in manual" in ended.err
    assert run(tmp_path, "init", "manual").err.endswith(ended.err[ended.err.index("Say in `about`") :])
    project = tmp_path / "manual"
    texts = [(project / name).read_text("utf-8") for name in ("weekly-translate.toml", "glossary.yaml")]
    assert not any("newsletter" in text for text in texts)
    (tmp_path / "page.md").write_text("# 手册\n\n本文介绍垃圾回收和缓存的区别。\n", "utf-8")
    (tmp_path / "en.md").write_text(
        "# Manual\n\nThis page explains how cleaning up and caches differ.\n", "utf-8"
    )
    assert run(tmp_path, "check", "page.md", "en.md").out.count(b"term.") > 0
    own = run(tmp_path, "check", "page.md", "en.md", "--project", "manual")
    assert (own.code, own.out.count(b"term.")) == (ExitCode.DONE, 0)
    assert run(tmp_path, "page.md", "--plan", "--project", "manual").code == ExitCode.DONE


def test_a_copy_of_all_files_for_documentation_has_no_house_rules_and_speaks_of_what_is_there(
    tmp_path: Path,
) -> None:
    ended = run(tmp_path, "init", "manual", "--like", "docs", "--full")
    assert "Delete the copies in prompts/ that you do not change." in ended.err
    made = contents(tmp_path / "manual")
    assert not any(name.startswith("editions/") for name in made)
    assert b"editions/ " not in made["weekly-translate.toml"]
    for before, after in FOR_DOCS:
        changed = [text for text in starter_files(full=False).values() if before in text]
        assert changed, f"nothing says {before!r} any more"
        if after:
            assert any(after.encode() in text for text in made.values())


def test_the_page_about_the_prompts_names_each_of_them() -> None:
    files = starter_files()
    named = re.findall(r"`([\w-]+\.md)`", files[Path("prompts/README.md")])
    assert set(named) == {path.name for path in files if path.parts[0] == "prompts"} - {"README.md"}
