"""Glossaries in files: CSV, TSV, TBX, one layer over another, and the commands that read and write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from documents import CORPUS, NO_CORPUS, ROOT
from glossaries import entries_of
from program import run
from weekly_translate.errors import InputRefusedError, UsageError
from weekly_translate.glossary.editing import rows_in_table, rows_in_tbx, table_of, tbx_of
from weekly_translate.glossary.entries import entries_in, parse_glossary, read_glossary

if TYPE_CHECKING:
    from pathlib import Path

    from weekly_translate.model import GlossaryEntry

OURS = read_glossary(ROOT / "glossary.yaml", ROOT).entries
ODD = entries_of(
    [
        {
            "source": 'a, "b" <c> & d',
            "target": "=1+1",
            "allowed": ["-x", "y z"],
            "avoid": ["<tag>"],
            "forms": ["别的", "另外"],
            "kind": "brand",
            "case": "exact",
            "near": ["@home", "附近"],
            "note": "one; two\u2028three",
        }
    ],
    "odd",
)


def meant(entries: tuple[GlossaryEntry, ...]) -> list[object]:
    """What the entries say, wherever they stand."""
    return [(entry.term, entry.forms) for entry in entries]


@pytest.mark.parametrize("entries", [OURS, ODD, ()], ids=["ours", "odd", "empty"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table_is_read_again_as_it_was_written(entries: tuple[GlossaryEntry, ...], delimiter: str) -> None:
    table = table_of(entries, delimiter)
    again = parse_glossary(rows_in_table(table, "t", delimiter))[0]
    assert meant(again) == meant(entries)
    assert table_of(again, delimiter) == table


@pytest.mark.parametrize("entries", [OURS, ODD, ()], ids=["ours", "odd", "empty"])
def test_tbx_is_read_again_as_it_was_written(entries: tuple[GlossaryEntry, ...]) -> None:
    tbx = tbx_of(entries)
    again = entries_of(rows_in_tbx(tbx.encode(), "t"), "t")
    assert meant(again) == meant(entries)
    assert tbx_of(again) == tbx


def test_a_formula_does_not_reach_a_spreadsheet() -> None:
    assert "'=1+1" in table_of(ODD, ",")


def test_a_table_without_a_head_has_source_and_target() -> None:
    assert rows_in_table("\ufeff协程,coroutine\n\n", "t", ",").data == [
        {"source": "协程", "target": "coroutine"}
    ]


def test_a_column_that_is_not_known_is_refused() -> None:
    with pytest.raises(InputRefusedError, match="there is no column 'zh'"):
        rows_in_table("source,zh\n协程,x\n", "t", ",")


TBX_3 = """<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dca" xmlns="urn:iso:std:iso:30042:ed-2"><text><body>
<conceptEntry id="1"><langSec xml:lang="en"><termSec><term>goroutine</term>
<termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termSec>
<termSec><term>coroutine</term></termSec></langSec>
<langSec xml:lang="zh-Hans"><termSec><term>协程</term></termSec></langSec></conceptEntry>
<conceptEntry id="2"><langSec xml:lang="de"><termSec><term>Faden</term></termSec></langSec></conceptEntry>
</body></text></tbx>"""


def test_the_newer_form_of_tbx_is_read_too() -> None:
    assert rows_in_tbx(TBX_3.encode(), "t") == [
        {"source": "协程", "target": "coroutine", "avoid": ["goroutine"]}
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<tmx/>", "is not a TBX file"),
        ('<!DOCTYPE martif [<!ENTITY x "y">]><martif/>', "declares a document type"),
        ("<martif>", "is not well-formed"),
        (TBX_3.replace("zh-Hans", "fr"), "no concept of"),
    ],
)
def test_what_is_no_tbx_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputRefusedError, match=message):
        rows_in_tbx(text.encode(), "t")


def test_the_usual_document_type_of_tbx_declares_nothing() -> None:
    text = tbx_of(OURS[:1]).replace("<martif ", '<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd"><martif ', 1)
    assert len(rows_in_tbx(text.encode(), "t")) == 1


# --------------------------------------------------------------------------- layers and places


def test_a_glossary_that_extends_the_default_adds_and_overrides(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(
        "- extends: default\n- {source: 装饰器, target: wrapper}\n", "utf-8"
    )
    glossary = read_glossary(None, tmp_path)
    targets = {term.source: term.target for term in glossary.terms}
    assert (targets["装饰器"], targets["生成器"]) == ("wrapper", "generator")
    assert [override.is_conflict for override in glossary.overrides] == [True]


def test_a_glossary_that_extends_nothing_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("- {source: 装饰器, target: wrapper}\n", "utf-8")
    assert len(read_glossary(None, tmp_path).terms) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# x\n- {source: a, target: b}\n\n- {source: c}\n", "g.yaml:4: there is no 'target'"),
        ("- source: a\n  target: b\n- source: a\n  target: c\n", "g.yaml:3: `a` is already there"),
        ("- {source: a, target: b\n", "g.yaml:2: this is not valid YAML: did not find expected ',' or '}'"),
        (
            "- {source: a, target: b}\n- {source: c, source: d}\n",
            "g.yaml:2: this is .* the key 'source' stands twice",
        ),
        ("- extends: other\n", "g.yaml:1: 'extends' is 'other', but must be default"),
        ("- extends: default\n- {source: a}\n", "g.yaml:2: there is no 'target'"),
        ("- {source: a, off: yes, target: b}\n", "g.yaml:1: an entry that is off has no 'target'"),
        ("- {source: a, off: no}\n", "g.yaml:1: 'off' is false, but must be true"),
        ("- {off: true}\n", "g.yaml:1: there is no 'source'"),
    ],
)
def test_a_wrong_entry_is_named_by_its_line(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_glossary(tmp_path / "g.yaml", tmp_path)


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("{source: 代理, off: true}", 0),
        ("{source: 智能代理, forms: [代理], off: true}", 0),
        ("{source: 代理, near: [AI, LLM, 智能体, 大模型], off: true}", 2),
        ("{source: 代理, near: [AI], off: true}", 3),
    ],
)
def test_a_project_switches_off_what_the_program_has(entry: str, left: int, tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(f"- extends: default\n- {entry}\n", "utf-8")
    terms = read_glossary(None, tmp_path).terms

    assert sum(term.source == "代理" for term in terms) == left
    assert any(term.source == "装饰器" for term in terms)


@pytest.mark.parametrize("head", ["- extends: default\n", ""])
def test_lint_says_where_there_is_nothing_to_switch_off(head: str, tmp_path: Path) -> None:
    text = f"{head}- {{source: 没有的词, forms: [也没有的词], off: true}}\n- {{source: 甲, target: a}}\n"
    (tmp_path / "glossary.yaml").write_text(text, "utf-8")
    ended = run(tmp_path, "glossary", "lint")

    assert (ended.code, ended.out.decode().count("`没有的词` is off, but there is nothing")) == (0, 1)
    assert run(tmp_path, "glossary", "export", "terms.csv").err == "terms.csv: 1 entry\n"
    again = run(tmp_path, "glossary", "add", "没有的词", "a word")
    assert (again.code, "has an entry for 没有的词 already" in again.err) == (2, True)


SENSES = "- {source: 代理, target: agent, near: [AI]}\n- {source: 代理, target: proxy, avoid: [agent]}\n"


# --------------------------------------------------------------------------- commands


def test_the_commands_add_lint_export_and_import(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        *("glossary", "add", "协程池", "coroutine pool", "--avoid", "fiber pool", "--near", "Python"),
    )
    assert (ended.code, ended.err) == (0, "glossary.yaml: 协程池 added\n")
    assert (
        (tmp_path / "glossary.yaml")
        .read_text("utf-8")
        .endswith(
            "- extends: default\n"
            "- {source: 协程池, target: coroutine pool, avoid: [fiber pool], near: [Python]}\n"
        )
    )
    again = run(tmp_path, "glossary", "add", "协程池", "pool", "--near", "Python")
    assert (again.code, "already" in again.err) == (2, True)
    assert run(tmp_path, "glossary", "lint").code == 0
    for name in ("terms.csv", "terms.tsv", "terms.tbx"):
        for _ in range(2):
            assert run(tmp_path, "glossary", "export", name).code == 0
        exported = (tmp_path / name).read_text("utf-8")
        work = exported.replace("coroutine pool", "pool of coroutines")
        (tmp_path / name).write_text(work, "utf-8")
        refused = run(tmp_path, "glossary", "export", name)
        assert (refused.code, f"glossary export {name} --replace-edits`" in refused.err) == (2, True)
        assert (tmp_path / name).read_text("utf-8") == work
        assert run(tmp_path, "glossary", "export", name, "--replace-edits").code == 0
        assert (tmp_path / name).read_text("utf-8") == exported
        ended = run(tmp_path, "glossary", "import", name, "--glossary", f"{name}.yaml")
        assert (ended.code, ended.err) == (0, f"{name}.yaml: 1 added, 0 kept\n")
        entries, _ = entries_in((tmp_path / f"{name}.yaml").read_text("utf-8"), name)
        assert entries[0].term.near == ("Python",)


def test_a_table_is_read_in_the_encoding_that_its_mark_names(tmp_path: Path) -> None:
    """As a spreadsheet writes “Unicode text”."""
    (tmp_path / "terms.tsv").write_text("协程\tcoroutine\n", "utf-16")
    assert "1 added" in run(tmp_path, "glossary", "import", "terms.tsv").err
    for encoding in ("gb18030", "utf-16-le"):
        (tmp_path / "terms.csv").write_text("协程,coroutine\n", encoding)
        refused = run(tmp_path, "glossary", "import", "terms.csv")
        said = " ".join(refused.err.split())
        assert (refused.code, said) == (
            2,
            "terms.csv cannot be read as UTF-8 or UTF-16: export it as “CSV UTF-8”.",
        )
    (tmp_path / "terms.csv").write_text("", "utf-8")
    assert "terms.csv is empty" in run(tmp_path, "glossary", "import", "terms.csv").err


@pytest.mark.parametrize("text", ["[]\n", "[{source: 甲, target: a}]\n"])
def test_a_list_that_is_not_written_with_dashes_is_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(text, "utf-8")
    ended = run(tmp_path, "glossary", "add", "乙", "b")

    assert (ended.code, "add this one by hand: - {source: 乙, target: b}" in ended.err) == (2, True)
    assert (tmp_path / "glossary.yaml").read_text("utf-8") == text


def test_an_entry_is_added_as_far_in_as_the_others(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("# ours\n  - source: 甲\n    target: a\n", "utf-8")

    assert run(tmp_path, "glossary", "add", "乙", "b").code == 0
    assert len(read_glossary(None, tmp_path).entries) == 2


def test_an_import_names_only_what_the_glossary_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("- {source: 甲, target: a}\n- {source: 乙, target: b}\n", "utf-8")
    (tmp_path / "terms.csv").write_text("甲,a\n乙,c\n", "utf-8")
    ended = run(tmp_path, "glossary", "import", "terms.csv")

    assert ended.err.splitlines() == [
        "乙 is in the glossary with another meaning, and stays as it is",
        "glossary.yaml: 0 added, 2 kept",
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("source;target\n甲;a\n", "terms.csv: there is only one column. Write a comma"),
        ("source,target\n甲,a\n乙,b, c\n", "terms.csv:3: there are more cells than columns (source, target)"),
        ("甲,a,note\n", "terms.csv:1: there are more cells than columns (source, target)"),
    ],
)
def test_no_cell_is_dropped_silently(table: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text(table, "utf-8")
    ended = run(tmp_path, "glossary", "import", "terms.csv")

    assert (ended.code, message in ended.err) == (2, True)


def test_lint_fails_where_an_entry_is_useless(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text("- {source: a, target: b}\n- {source: A, target: c}\n", "utf-8")
    ended = run(tmp_path, "glossary", "lint")
    assert ended.code == 1
    assert ended.out.decode() == (
        "glossary.yaml:2: error: `A` is c, in conflict with line 1 (b). Merge the two entries.\n"
    )


def test_a_folder_without_pairs_is_said(tmp_path: Path) -> None:
    ended = run(tmp_path, "glossary", "report", ".")
    assert (ended.code, "say how with --pair" in ended.err) == (2, True)


def test_the_report_reads_a_word_in_the_sense_of_its_section(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(SENSES, "utf-8")
    (tmp_path / "a.zh.md").write_text("# AI 新闻\n\n代理是什么？\n", "utf-8")
    (tmp_path / "a.en.md").write_text("# AI news\n\nWhat is an agent?\n", "utf-8")
    report = run(tmp_path, "glossary", "report", ".").out.decode()
    checked = run(tmp_path, "check", "a.zh.md", "a.en.md").out.decode()

    assert "1  100%  代理: agent 1" in report
    assert "term." not in checked


def test_a_wrong_row_of_a_table_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text("source,target\n甲,a\n\n乙\n", "utf-8")
    ended = run(tmp_path, "glossary", "import", "terms.csv")

    assert (ended.code, "terms.csv:4: there is no 'target'" in ended.err) == (2, True)


def test_report_and_suggest_read_the_pairs_of_a_folder(tmp_path: Path) -> None:
    samples = ROOT / "samples"
    ended = run(tmp_path, "glossary", "report", samples)
    assert (ended.code, b" kept\n" in ended.out) == (0, True)
    ended = run(
        tmp_path, "glossary", "suggest", samples, "--pair", "{name}/source.md={name}/en.md", "--least", "2"
    )
    assert (ended.code, b"rendered alike" in ended.out) == (0, True)


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS, reason=NO_CORPUS)
def test_suggestions_from_real_issues_are_words_of_the_trade(tmp_path: Path) -> None:
    ended = run(tmp_path, "glossary", "suggest", CORPUS[0].parents[1])
    assert "  数据库  database  (" in ended.out.decode()
    assert "  依赖注入  dependency injection  (" in ended.out.decode()
