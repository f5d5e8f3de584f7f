"""XLIFF: a round trip keeps bytes, tags and decisions; other tools read it; what is dangerous is refused."""

from __future__ import annotations

import re
from dataclasses import replace
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
    from collections.abc import Callable
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
    assert ids == [{"wt-a1", "wt-b2", "wt-m3"}] * 2
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


def test_what_would_fill_the_memory_is_refused() -> None:
    nested = segment("<pc id='1'>" * 10_001 + "</pc>" * 10_001, "")
    assert "memory.xlf:1: unit 0: more than 10,000 elements are nested" in refused(document(nested))
    assert "elements; the limit is 2,500,000: split it" in refused(document("<a/>" * 2_500_000))
    assert "bytes; the limit is 64,000,000: split it" in refused(document("a" * 64_000_000))


# --------------------------------------------------------------------------- what tools make of our files

_TAGGED = replace(ENTRY, source="聊 <a1>聊 <b2>天</b2></a1><m3/>", target="Chat <a1>a <b2>lot</b2></a1><m3/>")
_OURS = xlf_of([_TAGGED])


def _in_halves(text: str) -> str:
    """Each `<pc>` as `<sc>` and `<ec>`, as a tool writes a code that its segments cut in two."""
    open_: list[str] = []

    def half(match: re.Match[str]) -> str:
        if match[1]:
            open_.append(match[1])
            return f'<sc id="{match[1]}"/>'
        return f'<ec startRef="{open_.pop()}"/>'

    return re.sub(r'<pc id="([^"]*)"[^>]*>|</pc>', half, text)


def _in_segments(text: str) -> str:
    """Cut at the first blank, and the blank left out of the English."""
    return re.sub(
        r"<segment( [^>]*)><source>(.*?) (.*)</source><target>(.*?) (.*)</target></segment>",
        r"<segment\1><source>\2</source><target>\4</target></segment>"
        r"<ignorable><source> </source></ignorable>"
        r"<segment\1><source>\3</source><target>\5</target></segment>",
        text,
    )


def _with_proposals(text: str) -> str:
    """Of a translation memory, in another namespace and another language."""
    proposal = '<source xml:lang="de">x</source><m:note category="origin">y</m:note>'
    module = f'<m:matches xmlns:m="urn:m"><m:match>{proposal}</m:match></m:matches>'
    return re.sub("(<unit [^>]*>)", rf"\1{module}", text)


_CHANGES: dict[str, Callable[[str], str]] = {
    "tags are not shown": lambda text: re.sub(r' disp\w*="[^"]*"', "", text),
    "tags are shown otherwise": lambda text: re.sub(r'(disp\w*)="[^"]*"', r'\1="{1}"', text),
    "pairs are in halves": _in_halves,
    "a text is in segments": _in_segments,
    "in halves and in segments": lambda text: _in_segments(_in_halves(text)),
    "names have a prefix": lambda text: re.sub(r"<(/?)(?=\w)", r"<\1x:", text).replace("xmlns=", "xmlns:x="),
    "there are proposals": _with_proposals,
    "it is indented": lambda text: re.sub("<(unit|segment|source)", r"\n    <\1", text),
    "words are marked": lambda text: text.replace("lot", '<mrk id="m1" type="comment">lot</mrk>'),
    "the state has more": lambda text: text.replace("state=", 'subState="x:y" state='),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_what_tools_change_does_not_change_what_is_read(change: str) -> None:
    changed = _CHANGES[change](_OURS)
    assert changed != _OURS
    assert read_xlf(changed.encode(), "memory.xlf") == [_TAGGED]


def test_a_target_may_have_another_order_than_its_source() -> None:
    first = '<segment><source>甲</source><target order="3">first</target></segment>'
    blank = '<ignorable><source> </source><target order="2"> </target></ignorable>'
    last = '<segment><source>乙</source><target order="1">last</target></segment>'
    (found,) = units_in(document(first + blank + last), "a.xlf")
    assert (found.source, found.target) == ("甲 乙", "last first")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('state="reviewed"', 'state="signed-off"', "state='signed-off' is none of initial"),
        ('id="wt-a1"', 'id="wt-link"', "the id 'wt-link' names no tag"),
        ("<target>", '<target order="last">', "order='last' is no number"),
        ("<target>", f'<target order="{"9" * 5_000}">', "order='999"),
        ("segment", "part", "there is no <segment> in it"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_line(old: str, new: str, why: str) -> None:
    text = _OURS.replace("<unit", "\n\n<unit").replace(old, new)
    line = text[: text.index("<unit")].count("\n") + 1
    assert refused(text.encode()).startswith(f"memory.xlf:{line}: unit u1: {why}")


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
