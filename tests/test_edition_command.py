"""`weekly-translate edition check`, and the newsletter of the samples that was set up without Python."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from program import run
from weekly_translate.cli.init import EXAMPLES
from weekly_translate.edition.schema import Edition
from weekly_translate.report.text import ranges

if TYPE_CHECKING:
    from program import Ended

ROOT = Path(__file__).parents[1]
ANOTHER = ROOT / "samples/another"
PAGE = (ROOT / "docs/editions.md").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the other newsletter, to be spoiled."""
    return Path(shutil.copytree(ANOTHER, tmp_path / "another"))


def changed(project: Path, old: str, new: str) -> None:
    path = project / "editions/on-call.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def checked(project: Path, *more: str) -> Ended:
    return run(project, "edition", "check", "on-call", *more)


# --------------------------------------------------------------------------- edition check


def test_the_editions_of_the_program_are_in_order(tmp_path: Path) -> None:
    ended = run(tmp_path, "edition", "check")
    assert (ended.code, ended.out) == (0, b"")
    count = len(list((ROOT / "editions").glob("*.yaml")))
    assert ended.err == f"{count} editions, none with mistakes\n"


def test_each_mistake_is_named_with_its_line(project: Path) -> None:
    changed(project, "footer: on-call/footer.md", "foter: on-call/footer.md")
    changed(project, "text: '二维码|oncall-coffee'", "text: '二维码|('")
    changed(project, "slug: hello", "slag: hello")
    ended = checked(project)
    assert ended.code == 1
    text = (project / "editions/on-call.yaml").read_text(encoding="utf-8").splitlines()
    found = [line.split(":", 2) for line in ended.out.decode().splitlines()]
    assert {name for name, _, _ in found} == {"editions/on-call.yaml"}
    told = {re.sub(r"\W", " ", text[int(line) - 1]).split()[0] for _, line, _ in found}
    assert told == {"foter", "name", "1"}


def test_a_name_that_does_not_exist_is_a_wrong_usage(tmp_path: Path) -> None:
    ended = run(tmp_path, "edition", "check", "fool")
    assert (ended.code, ended.out) == (2, b"")
    assert "editions/fool.yaml" in ended.err


def test_a_file_is_checked_where_it_stands(project: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "edition", "check", project / "editions/on-call.yaml").code == 0
    ended = run(tmp_path, "edition", "check", project / "on-call.yaml")
    assert (ended.code, "editions/NAME.yaml" in ended.err) == (2, True)


@pytest.mark.parametrize("given", ["source.md", "editions/on-call.yml", "../on-call.yaml", "./on-call"])
def test_a_file_that_is_no_edition_is_a_wrong_usage(project: Path, given: str) -> None:
    (project / "editions/on-call.yml").write_text("", encoding="utf-8")
    ended = run(project, "edition", "check", given)
    assert (ended.code, ended.out) == (2, b"")


def test_a_template_that_is_not_there_is_named_with_the_line_that_asks_for_it(project: Path) -> None:
    (project / "editions/on-call/footer.md").unlink()
    ended = checked(project)
    lines = (project / "editions/on-call.yaml").read_text(encoding="utf-8").splitlines()
    line = 1 + next(at for at, text in enumerate(lines) if text.startswith("footer:"))
    assert ended.code == 1
    assert ended.out.decode().startswith(f"editions/on-call.yaml:{line}: ")


# --------------------------------------------------------------------------- --on issues


def test_a_rule_that_fires_on_no_issue_is_a_warning(project: Path) -> None:
    changed(project, "text: '^关注公众号'", "text: '^关注服务号'")
    shutil.copy(project / "source.md", project / "next.md")
    one, two = (checked(project, "--on", "source.md", *more) for more in ((), ("--on", "next.md")))
    assert (one.code, two.code) == (0, 0)
    for ended, severity in ((one, "info"), (two, "warning")):
        *_, last = ended.out.decode().splitlines()
        assert re.match(rf"editions/on-call\.yaml:\d+: {severity}: dropped 'chat group' ", last)


def test_a_rule_that_would_drop_an_item_is_refused(project: Path) -> None:
    changed(project, "heading: '【招聘】'", "heading: '【闲谈】'")
    ended = checked(project, "--on", ".")
    assert ended.code == 1
    assert re.search(r"editions/on-call\.yaml:\d+: .*'jobs'.* item 5", ended.out.decode())


def test_an_issue_that_cannot_be_read_does_not_hide_the_others(project: Path) -> None:
    (project / "broken.md").write_bytes(b"\x00\xff\x00")
    ended = run(project, "edition", "check", "--on", "broken.md", "--on", "source.md")
    first, second, *_ = ended.out.decode().splitlines()
    assert ended.code == 1
    assert (first[:10], second[:27]) == ("broken.md ", "source.md: edition on-call,")


def test_an_empty_folder_is_a_wrong_usage(project: Path) -> None:
    (project / "issues").mkdir()
    ended = checked(project, "--on", "issues")
    assert (ended.code, ended.out) == (2, b"")


def test_for_each_issue_of_a_folder_the_edition_that_fits_is_shown(project: Path) -> None:
    (project / "note.md").write_text("一句话。\n", encoding="utf-8")
    ended = run(project, "edition", "check", "--on", ".")
    heads = [line for line in ended.out.decode().splitlines() if ": edition " in line]
    assert [line.partition(",")[0] for line in heads] == [
        "en.md: edition none",
        "note.md: edition none",
        "source.md: edition on-call",
    ]


@pytest.mark.parametrize(
    ("numbers", "shown"), [((), ""), ((3,), "3"), ((1, 2, 3, 7), "1-3, 7"), ((9, 2, 2, 3), "2-3, 9")]
)
def test_lines_that_follow_each_other_are_shown_as_a_range(numbers: tuple[int, ...], shown: str) -> None:
    assert ranges(numbers) == shown


# --------------------------------------------------------------------------- another newsletter


def test_another_newsletter_comes_out_in_its_own_edition_without_any_python(tmp_path: Path) -> None:
    run(tmp_path, "memory", "import", ANOTHER / "memory.tmx", "--memory", "memory.db")
    options = ("--project", ANOTHER, "--memory", "memory.db", "--engine", "draft")
    ended = run(tmp_path, ANOTHER / "source.md", "-o", "en.md", *options)
    assert (ended.code, "nothing to look at" in ended.err) == (0, True)
    assert (tmp_path / "en.md").read_text(encoding="utf-8") == (ANOTHER / "en.md").read_text(encoding="utf-8")


def test_the_english_of_the_other_newsletter_has_no_finding(tmp_path: Path) -> None:
    ended = run(tmp_path, "check", ANOTHER / "source.md", ANOTHER / "en.md", "--project", ANOTHER, "--strict")
    assert (ended.code, ended.out.decode().partition(": ")[2]) == (0, "no findings\n")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_newsletters_come_out_finished_from_their_memory_without_a_key(
    tmp_path: Path, name: str
) -> None:
    sample = ROOT / "samples" / name
    assert run(tmp_path, "init", "--like", name).code == 0
    assert run(tmp_path, "memory", "import", sample / "memory.tmx", "--memory", "memory.db").code == 0
    ended = run(tmp_path, sample / "source.md", "-o", "en.md", "--memory", "memory.db")
    assert (ended.code, "nothing to look at" in ended.err) == (0, True), ended.err
    assert (tmp_path / "en.md").read_text("utf-8") == (sample / "en.md").read_text("utf-8")


def test_an_example_that_there_is_not_is_named(tmp_path: Path) -> None:
    ended = run(tmp_path, "init", "--like", "novel")
    assert (ended.code, "Choose longform, digest, docs." in ended.err) == (2, True)


# --------------------------------------------------------------------------- docs/editions.md


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_file_that_the_page_links_to_exists() -> None:
    targets = re.findall(r"\]\((\.\.?/[^)]+)\)", PAGE)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_the_steps_of_the_page_together_are_the_edition_of_the_sample() -> None:
    steps: dict[str, object] = {}
    for block in blocks("yaml"):
        steps |= yaml.safe_load(block)
    edition = yaml.safe_load((ANOTHER / "editions/on-call.yaml").read_text(encoding="utf-8"))
    assert steps | {"front_matter": "drop"} == edition


def test_the_page_explains_every_key_and_no_other() -> None:
    _, _, table = PAGE.partition("## All keys")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", table.partition("A selector is")[0], re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"\w+", row)} == set(Edition.model_fields)


def test_the_recorded_check_of_the_page_is_what_the_program_prints() -> None:
    (recorded,) = (block for block in blocks("console") if block.startswith("$ weekly-translate edition"))
    command, _, shown = recorded.partition("\n")
    ended = run(ROOT, *command.split()[2:])
    assert (ended.code, ended.err + ended.out.decode()) == (0, shown)
