"""TMX: a round trip changes nothing, what others write is understood, and what is dangerous is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage.tmx import tmxfile

from weekly_translate.errors import InputRefusedError
from weekly_translate.memory.exchange import read_tmx, tmx_of
from weekly_translate.model import Entry, Status

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = Entry(
    "聊一聊 <a1>Python</a1> 的<b2>垃圾回收</b2><m3/>",
    "<m3/>Let's talk about <b2>garbage collection</b2> in <a1>Python</a1>",
    Status.EDITED,
    "openai gpt-5-mini",
    "tags.appended",
    "文章&教程",
    "https://example.org/?a=1&b=2",
    "2026-11-22T09:30:00+00:00",
)


def document(*units: str, head: str = "") -> bytes:
    body = "".join(f"<tu>{unit}</tu>" for unit in units)
    return f'<?xml version="1.0"?>{head}<tmx version="1.4"><header/><body>{body}</body></tmx>'.encode()


def unit(source: str, target: str, *, zh: str = "zh-CN", en: str = "en") -> str:
    return f'<tuv xml:lang="{zh}"><seg>{source}</seg></tuv><tuv xml:lang="{en}"><seg>{target}</seg></tuv>'


def refused(data: bytes) -> str:
    with pytest.raises(InputRefusedError) as caught:
        read_tmx(data, "memory.tmx")
    return str(caught.value)


# --------------------------------------------------------------------------- round trip


def test_an_entry_comes_back_unchanged() -> None:
    assert read_tmx(tmx_of([ENTRY]).encode(), "memory.tmx") == [ENTRY]


_words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\t\n\r")
)
_tags = st.sampled_from(["<a1>", "</a1>", "<m2/>", "<xa1>", "&lt;a1&gt;", "]]>", "<!DOCTYPE x>", "&amp;"])
_texts = st.lists(_words | _tags, min_size=1).map("".join).filter(bool)
_entries = st.builds(Entry, _texts, _texts, st.sampled_from(Status), origin=st.just("tmx"), remark=_words)


@given(st.lists(_entries))
def test_any_entry_comes_back_with_all_its_white_space(entries: list[Entry]) -> None:
    text = tmx_of(entries)

    assert read_tmx(text.encode(), "memory.tmx") == entries
    assert tmx_of(read_tmx(text.encode(), "memory.tmx")) == text


def test_characters_that_xml_forbids_are_replaced() -> None:
    (entry,) = read_tmx(tmx_of([Entry("甲\0\x1b", "a\ufffe\ud83d", Status.EDITED)]).encode(), "memory.tmx")

    assert (entry.source, entry.target) == ("甲\ufffd\ufffd", "a\ufffd\ufffd")


def test_tags_are_placeholders_with_one_number_on_both_sides() -> None:
    root = ET.fromstring(tmx_of([ENTRY]))  # noqa: S314 - our own output
    numbers = [
        {(tag.get("x"), tag.get("type"), tag.text) for tag in segment.iterfind("ph")}
        for segment in root.iter("seg")
    ]

    assert len(numbers[0]) == 5
    assert numbers[0] == numbers[1]
    assert ("1", "a1", "<a1>") in numbers[0]


def test_a_unit_is_a_line() -> None:
    assert tmx_of([Entry("甲", "a <", Status.APPROVED)]).splitlines()[4] == (
        '<tu><prop type="x-status">approved</prop>'
        '<tuv xml:lang="zh-CN"><seg>甲</seg></tuv><tuv xml:lang="en-US"><seg>a &lt;</seg></tuv></tu>'
    )


def test_the_date_is_the_one_that_tmx_knows() -> None:
    text = tmx_of([ENTRY])

    assert '<tu creationdate="20261122T093000Z">' in text
    assert read_tmx(text.encode(), "memory.tmx")[0].created == "2026-11-22T09:30:00+00:00"


# --------------------------------------------------------------------------- translate-toolkit


def test_translate_toolkit_reads_what_is_written_here() -> None:
    store = tmxfile.parsestring(  # type: ignore[no-untyped-call]  # their library has few types
        tmx_of([ENTRY, Entry("甲 <", "a & b", Status.APPROVED)]).encode()
    )

    assert [(unit.source, unit.target) for unit in store.units] == [
        (ENTRY.source, ENTRY.target),
        ("甲 <", "a & b"),
    ]


def test_what_translate_toolkit_writes_is_read_here(tmp_path: Path) -> None:
    store = tmxfile(sourcelanguage="zh-CN", targetlanguage="en")
    store.addtranslation("共 12 篇 <文章>", "zh-CN", "12 articles & more", "en", comment="seen")
    store.addtranslation("第二句", "zh-CN", "The second sentence", "en")
    store.savefile(str(tmp_path / "theirs.tmx"))
    entries = read_tmx((tmp_path / "theirs.tmx").read_bytes(), "theirs.tmx")

    assert entries == [
        Entry("共 12 篇 <文章>", "12 articles & more", Status.APPROVED, "tmx"),
        Entry("第二句", "The second sentence", Status.APPROVED, "tmx"),
    ]


OMEGAT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "{dtd}">
<tmx version="{version}">
  <header creationtool="OmegaT" o-tmf="OmegaT TMX" adminlang="EN-US" datatype="plaintext" \
creationtoolversion="6.0.1_0_42ef0143" segtype="sentence" srclang="ZH-CN"/>
  <body>
<!-- Default translations -->
    <tu>
      <tuv {lang}="ZH-CN">
        <seg>{source}</seg>
      </tuv>
      <tuv {lang}="EN-US" changeid="Ada L" changedate="20261120T112458Z" \
creationid="Ada L" creationdate="20261119T080000Z">
        <seg>{target}</seg>
      </tuv>
    </tu>
<!-- Alternative translations -->
    <tu>
      <prop type="file">issue.md</prop>
      <prop type="prev">前一句</prop>
      <prop type="next">后一句</prop>
      <tuv {lang}="ZH-CN">
        <seg>{source}</seg>
      </tuv>
      <tuv {lang}="EN-US" changeid="Ada L" changedate="20261121T112458Z">
        <seg>Only here</seg>
      </tuv>
    </tu>
  </body>
</tmx>
"""
"""As OmegaT 6 writes project_save.tmx and, at level 1 and 2, the memories that it exports."""
LEVELS = {
    "saved": ("tmx14.dtd", "1.4", "xml:lang", "垃圾回收", "Garbage collection"),
    "level 1": ("tmx11.dtd", "1.1", "lang", "垃圾回收", "Garbage collection"),
    "level 2": (
        "tmx14.dtd",
        "1.4",
        "xml:lang",
        '<bpt i="0" x="0">&lt;f0&gt;</bpt>垃圾<ept i="0">&lt;/f0&gt;</ept>回收<ph x="1">&lt;br1/&gt;</ph>',
        '<bpt i="0" x="0">&lt;f0&gt;</bpt>Garbage<ept i="0">&lt;/f0&gt;</ept> collection',
    ),
}


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
def test_what_omegat_writes_is_read_here(level: tuple[str, ...]) -> None:
    """The general translation counts, with the date of its last change; that of one place would hide it."""
    names = dict(zip(("dtd", "version", "lang", "source", "target"), level, strict=True))
    (entry,) = read_tmx(OMEGAT.format(**names).encode(), "project_save.tmx")

    assert (entry.source, entry.target) == ("垃圾回收", "Garbage collection")
    assert entry.status is Status.APPROVED
    assert entry.created == "2026-11-20T11:24:58+00:00"


def test_a_translation_of_one_place_is_better_than_none() -> None:
    data = document(f'<prop type="next">乙</prop>{unit("甲", "a")}')

    assert [entry.target for entry in read_tmx(data, "memory.tmx")] == ["a"]


# --------------------------------------------------------------------------- what others write


def test_a_unit_without_a_status_counts_as_approved() -> None:
    (entry,) = read_tmx(document(unit("甲", "a")), "memory.tmx")

    assert entry == Entry("甲", "a", Status.APPROVED, "tmx")


@pytest.mark.parametrize("zh", ["zh", "zh-CN", "ZH_tw", "zh-Hans-CN"])
@pytest.mark.parametrize("en", ["en", "EN-us", "en_GB"])
def test_languages_are_matched_loosely(zh: str, en: str) -> None:
    assert len(read_tmx(document(unit("甲", "a", zh=zh, en=en)), "memory.tmx")) == 1


def test_the_old_language_attribute_is_read_and_other_languages_are_passed_over() -> None:
    variants = (
        '<tuv lang="de"><seg>A</seg></tuv>'
        '<tuv lang="EN-US"><seg>a</seg></tuv><tuv lang="ZH"><seg>甲</seg></tuv>'
    )
    data = document(variants, unit("乙", "b", en="english"), unit("", "c"))

    assert [(entry.source, entry.target) for entry in read_tmx(data, "memory.tmx")] == [("甲", "a")]


def test_codes_of_another_program_are_dropped_and_words_are_kept() -> None:
    source = (
        'x<bpt i="1">{\\b <sub>no</sub></bpt>甲<ept i="1">}</ept> '
        '<hi>乙<ph>[c]</ph>丙</hi><it pos="begin">&lt;</it>丁'
    )
    (entry,) = read_tmx(document(unit(source, "a")), "memory.tmx")

    assert entry.source == "x甲 乙丙丁"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(encoding: str) -> None:
    text = document(unit("甲", "a")).decode().replace("?>", f' encoding="{encoding[:6]}"?>', 1)

    assert len(read_tmx(text.encode(encoding), "memory.tmx")) == 1


@pytest.mark.parametrize("name", ['"tmx11.dtd"', '"tmx14.dtd"', "'tmx14.dtd' ", '"tmx14b.dtd"'])
def test_the_document_type_that_every_tool_writes_is_passed_over(name: str) -> None:
    assert read_tmx(document(unit("甲", "a"), head=f"<!DOCTYPE tmx SYSTEM {name}>"), "memory.tmx")


def test_an_empty_memory_is_not_an_error() -> None:
    assert read_tmx(tmx_of([]).encode(), "memory.tmx") == []


# --------------------------------------------------------------------------- what is refused

DANGEROUS = {
    "entity": '<!DOCTYPE tmx [<!ENTITY a "b">]>',
    "many entities": '<!DOCTYPE tmx [<!ENTITY a "bb"><!ENTITY c "&a;&a;"><!ENTITY d "&c;&c;">]>',
    "file": '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE tmx [<!ENTITY % a SYSTEM "http://127.0.0.1/a"> %a;]>',
    "external": '<!DOCTYPE tmx SYSTEM "http://127.0.0.1/tmx14.dtd">',
    "internal subset": '<!DOCTYPE tmx SYSTEM "tmx14.dtd" [<!ENTITY a "b">]>',
    "second after the standard one": '<!DOCTYPE tmx SYSTEM "tmx14.dtd"><!DOCTYPE tmx []>',
}


@pytest.mark.parametrize("head", DANGEROUS.values(), ids=DANGEROUS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_before_parsing(head: str, encoding: str) -> None:
    data = document(unit("甲", "a"), head=head).decode().encode(encoding)

    assert "declares a document type or entities" in refused(data)


def test_a_hidden_document_type_of_another_encoding_is_refused() -> None:
    data = document(unit("甲", "a"), head=DANGEROUS["entity"]).decode()

    assert "characters that XML forbids" in refused(data.encode("utf-16-be"))
    utf7 = data[21:].encode("utf-7").replace(b"<!", b"+ADwAIQ-")
    assert "not well-formed" in refused(b'<?xml version="1.0" encoding="utf-7"?>' + utf7)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not well-formed XML"),
        (b"<tmx><body>", "is not well-formed XML"),
        (b"<tmx>&undefined;</tmx>", "is not well-formed XML"),
        (b"<html/>", "is not a TMX file: its outermost element is <html>"),
        (b"<tmx>\xb1\xbe</tmx>", "is neither UTF-8 nor UTF-16 (byte 5)"),
        (document(unit("Satz", "a", zh="de")), "no unit of memory.tmx has a Chinese"),
    ],
)
def test_what_is_not_a_tmx_file_is_refused_in_a_sentence(data: bytes, reason: str) -> None:
    assert reason in refused(data)


def test_deep_nesting_is_read_without_recursion() -> None:
    (entry,) = read_tmx(document(unit("<hi>" * 50_000 + "甲" + "</hi>" * 50_000, "a")), "memory.tmx")

    assert entry.source == "甲"
