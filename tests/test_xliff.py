"""XLIFF: a round trip keeps bytes, tags and decisions; other tools read it; what is dangerous is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage.xliff2 import Xliff2File

from program import memory_place, run
from weekly_translate.errors import ExitCode, InputRefusedError
from weekly_translate.memory.exchange import read_xlf, xlf_of
from weekly_translate.memory.translation_memory import open_memory
from weekly_translate.model import Entry, Kind, Settlement, Status
from weekly_translate.text.xml import units_in

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = Entry(
    "聊一聊 <a1>Python 的<b2>垃圾回收</b2></a1><m3/>",
    "<m3/>Let's talk about <a1><b2>garbage collection</b2> in Python</a1>",
    Status.EDITED,
    "openai gpt-5-mini",
    "tags.appended",
    "文章&教程",
    "https://example.org/?a=1&b=2",
    "2026-11-22T09:30:00+00:00",
    kind=Kind.CELL,
    settlement=Settlement(frozenset({"num.value"}), "Ada", "the source is wrong"),
)
NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"


def document(
    *units: str, languages: str = 'srcLang="zh" trgLang="en"', version: str = "2.0", head: str = ""
) -> bytes:
    body = "".join(f'<unit id="{number}">{unit}</unit>' for number, unit in enumerate(units))
    root = f'<xliff xmlns="{NAMESPACE}" version="{version}" {languages}>'
    return f'<?xml version="1.0"?>{head}{root}<file id="f">{body}</file></xliff>'.encode()


def segment(source: str, target: str, more: str = "") -> str:
    return f"<segment {more}><source>{source}</source><target>{target}</target></segment>"


def refused(data: bytes) -> str:
    with pytest.raises(InputRefusedError) as caught:
        units_in(data, "memory.xlf")
    return str(caught.value)


# --------------------------------------------------------------------------- round trip

_words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\t\n\r")
)
_tags = st.sampled_from(
    ["<a1>", "</a1>", "<b2>", "</b2>", "<m2/>", "<xa1>", "&lt;a1&gt;", "]]>", "<!DOCTYPE x>"]
)
_texts = st.lists(_words | _tags, min_size=1).map("".join).filter(bool)
_entries = st.builds(Entry, _texts, _texts, st.sampled_from(Status), origin=st.just("xliff"), remark=_words)


@given(st.lists(_entries, max_size=3))
def test_any_entry_comes_back_and_is_written_the_same(entries: list[Entry]) -> None:
    written = xlf_of([ENTRY, *entries])
    found = read_xlf(written.encode(), "memory.xlf")
    assert found == [ENTRY, *entries]
    assert xlf_of(found) == written


def test_a_thousand_tags_in_one_another_come_back() -> None:
    numbers = range(1, 1_001)
    text = "".join(f"<a{n}>" for n in numbers) + "x" + "".join(f"</a{n}>" for n in reversed(numbers))
    entry = Entry(text, text, Status.MACHINE, "xliff")
    assert read_xlf(xlf_of([entry]).encode(), "memory.xlf") == [entry]


def test_tags_are_inline_elements_with_the_same_ids_on_both_sides() -> None:
    root = ET.fromstring(xlf_of([ENTRY]))  # noqa: S314 - our own
    ids = [{one.get("id") for one in root.iterfind(f".//{{*}}{side}//*")} for side in ("source", "target")]
    assert ids == [{"a1", "b2", "m3"}] * 2
    assert [one.tag.rpartition("}")[2] for one in root.iterfind(".//{*}target//*")] == ["ph", "pc", "pc"]


def test_translate_toolkit_reads_what_is_written_here_and_what_it_writes_is_read() -> None:
    file = Xliff2File.parsestring(xlf_of([ENTRY]).encode())  # type: ignore[no-untyped-call]
    (unit,) = file.units
    assert "垃圾回收" in unit.source
    assert "garbage collection" in unit.target
    assert unit.istranslated()
    assert read_xlf(bytes(file), "memory.xlf") == [ENTRY]
    unit.marktranslated()
    assert [one.status for one in read_xlf(bytes(file), "memory.xlf")] == [Status.MACHINE]


# --------------------------------------------------------------------------- what others write


def test_codes_of_another_program_are_dropped_and_segments_are_joined() -> None:
    source = 'a<pc id="1">b<ph id="2" disp="&lt;br&gt;"/></pc><mrk id="m" type="term">c</mrk>'
    unit = segment(source, "x", 'state="final"')
    unit += "<ignorable><source> </source><target> </target></ignorable>"
    (found,) = units_in(document(unit + segment("d", "y", 'state="translated"')), "a.xlf")
    assert (found.source, found.target, found.state) == ("abc d", "x y", "translated")


def test_a_unit_without_a_state_is_a_machine_s_and_one_without_a_target_is_none() -> None:
    found = read_xlf(document(segment("你好", "Hello"), segment("再见", "")), "a.xlf")
    assert found == [Entry("你好", "Hello", Status.MACHINE, "xliff")]


def test_deep_nesting_is_read_without_recursion() -> None:
    deep = "<pc id='1'>" * 5_000 + "x" + "</pc>" * 5_000
    (found,) = units_in(document(segment(deep, "y")), "a.xlf")
    assert found.source == "x"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (document(head='<!DOCTYPE xliff [<!ENTITY a "b">]>'), "declares a document type or entities"),
        (document(head='<!DOCTYPE xliff SYSTEM "http://example.org/x.dtd">'), "declares a document type"),
        (document(version="1.2"), "is XLIFF 1.2: this reads XLIFF 2.0 and 2.1"),
        (document(languages='srcLang="de" trgLang="en"'), "is not from Chinese into English"),
        (document(languages='srcLang="zh" trgLang="de"'), "is not from Chinese into English: its trgLang"),
        (document('<segment><source xml:lang="ja">a</source></segment>'), "or xml:lang of a source"),
        (document('<segment><source>a</source><target xml:lang="de">b</target></segment>'), "of a target"),
        (b"<tmx/>", "is not a XLIFF file"),
        (b"<xliff", "is not well-formed XML"),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(data: bytes, reason: str) -> None:
    assert reason in refused(data)


# --------------------------------------------------------------------------- commands


def test_the_memory_travels_by_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with open_memory(tmp_path / "a" / "memory.db", now=str) as memory:
        memory.import_entries([ENTRY])
    assert run(tmp_path, "memory", "export", "a.xlf", "--memory", "a/memory.db").code == ExitCode.DONE
    assert run(tmp_path, "memory", "import", "a.xlf", "--memory", "b/memory.db").code == ExitCode.DONE
    assert run(tmp_path, "memory", "export", "b.xlf", "--memory", "b/memory.db").code == ExitCode.DONE
    assert (tmp_path / "a.xlf").read_bytes() == (tmp_path / "b.xlf").read_bytes()


@pytest.mark.usefixtures("either_database")
def test_decisions_that_were_made_in_another_tool_are_stored(translated_issue: Path) -> None:
    folder = translated_issue
    assert run(folder, "review", "issue.md", "-o", "issue.xlf").code == ExitCode.DONE
    written = (folder / "issue.xlf").read_bytes()
    nothing = run(folder, "review", "issue.md", "--apply", "issue.xlf", "--reviewer", "Ada")
    assert "0 decisions stored" in nothing.err
    file = Xliff2File.parsestring(written)  # type: ignore[no-untyped-call]
    accepted, edited, rejected, *_ = [unit for unit in file.units if unit.istranslated()]
    accepted.markapproved()
    before = edited.target
    edited.target = f"{before} indeed"
    rejected.getunitelement().find("{*}segment").set("state", "initial")
    rejected.addnote("too literal")
    (folder / "issue.xlf").write_bytes(bytes(file))
    stored = run(folder, "review", "issue.md", "--apply", "issue.xlf", "--reviewer", "Ada")
    assert "3 decisions stored" in stored.err, stored.err
    tagged = {unit.id: unit for unit in units_in(written, "issue.xlf")}
    with open_memory(memory_place(folder), now=str) as memory:
        people = {
            entry.source: (entry.target, entry.status) for entry in memory.entries(at_least=Status.EDITED)
        }
        assert people == {
            tagged[accepted.getid()].source: (tagged[accepted.getid()].target, Status.APPROVED),
            tagged[edited.getid()].source: (f"{before} indeed", Status.EDITED),
        }
        assert [one.reason for one in memory.rejections(tagged[rejected.getid()].source)] == ["too literal"]


def test_a_file_that_does_not_say_what_was_seen_decides_nothing(translated_issue: Path) -> None:
    """Without the notes of `review -o`, any text might be an edit."""
    folder = translated_issue
    assert run(folder, "review", "issue.md", "-o", "issue.xlf").code == ExitCode.DONE
    written = (folder / "issue.xlf").read_text("utf-8")
    (folder / "bare.xlf").write_text(re.sub("<notes>.*?</notes>", "", written), "utf-8")
    (folder / "memory.xlf").write_text(xlf_of([ENTRY]), "utf-8")
    for name in ("bare.xlf", "memory.xlf"):
        ended = run(folder, "review", "issue.md", "--apply", name)
        assert ended.code == ExitCode.USAGE
        assert f"{name} lacks the notes" in ended.err


@pytest.mark.usefixtures("either_database")
def test_who_comes_later_does_not_overrule_what_was_decided_meanwhile(translated_issue: Path) -> None:
    """Ada and Eve have written out the same page; of two that say the same, nobody is told."""
    folder = translated_issue
    for name in ("ada.xlf", "eve.xlf"):
        assert run(folder, "review", "issue.md", "-o", name).code == ExitCode.DONE
        file = Xliff2File.parsestring((folder / name).read_bytes())  # type: ignore[no-untyped-call]
        same, other, *_ = [unit for unit in file.units if unit.istranslated()]
        same.markapproved()
        if name == "ada.xlf":
            other.markapproved()
        else:
            other.target = f"{other.target} indeed"
        (folder / name).write_bytes(bytes(file))
    first = run(folder, "review", "issue.md", "--apply", "ada.xlf", "--reviewer", "Ada")
    assert "2 decisions stored" in first.err
    later = run(folder, "review", "issue.md", "--apply", "eve.xlf", "--reviewer", "Eve")
    assert later.code == ExitCode.FINDINGS
    assert later.err.count("Ada has decided on it since, look at it again") == 1
    again = run(folder, "review", "issue.md", "--apply", "eve.xlf", "--reviewer", "Ada")
    assert again.code == ExitCode.DONE, "a person may change her own mind"
