"""Text files: what is read is what stands there, what is refused is said, what is written is whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weekly_translate.errors import InputRefusedError, StorageError, UsageError
from weekly_translate.files import (
    FILE_LIMIT,
    LINE_LIMIT,
    TextFile,
    check_writable,
    decoded,
    ensure_folder,
    read_bytes,
    read_text,
    to_paste,
    why_denied,
    why_no_name,
    write_text,
)
from weekly_translate.glossary import editing
from weekly_translate.glossary.editing import tbx_of
from weekly_translate.memory import exchange
from weekly_translate.memory.exchange import tmx_of, xlf_of
from weekly_translate.model import Entry, GlossaryEntry, Status, Term
from weekly_translate.report.data import as_json, is_report
from weekly_translate.report.review import is_page
from weekly_translate.run.seasons import is_log
from weekly_translate.text.characters import misread_runs, repaired
from weekly_translate.text.xml import is_our_xliff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CORPUS = Path(__file__).parents[1].parent / "shared/corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real issues is not here")
needs_posix = pytest.mark.skipif(os.name != "posix", reason="rights and pipes of POSIX")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "issue.md"
    path.write_text("# 周刊\n", encoding="utf-8")
    return path


def refused(path: Path, *, encoding: str | None = None) -> str:
    with pytest.raises(InputRefusedError) as caught:
        read_text(path, encoding_hint=encoding)
    return str(caught.value)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder, and the rights of a user who is not root: root may do everything."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        is_root = os.geteuid() == 0
        if is_root:
            os.setresuid(65534, 65534, 0)
        try:
            yield Path(name)
        finally:
            if is_root:
                os.setresuid(0, 0, 0)


# --------------------------------------------------------------------------- reading

LINE_ENDS = {
    "unix": "一\n二\n",
    "windows": "一\r\n二\r\n",
    "old mac": "一\r二\r",
    "mixed": "一\r\n二\n三\r四",
    "no last newline": "一",
    "line separators of Unicode": "一\u2028二\u0085三\n",
}


@pytest.mark.parametrize("text", LINE_ENDS.values(), ids=LINE_ENDS)
def test_line_ends_are_read_and_written_as_they_are(tmp_path: Path, text: str) -> None:
    file = read_text(written(tmp_path / "issue.md", text.encode()))
    write_text(tmp_path / "out.md", file)

    assert file.text == text
    assert (tmp_path / "out.md").read_bytes() == text.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_unicode_file_with_a_mark_comes_back_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    data = (mark + "# 周刊 🦄\r\n").encode(encoding)
    file = read_text(written(tmp_path / "issue.md", data))
    write_text(tmp_path / "out.md", file)

    assert file.text == "# 周刊 🦄\r\n"
    assert (tmp_path / "out.md").read_bytes() == data


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16-le"])
def test_another_encoding_is_read_where_it_is_named(tmp_path: Path, encoding: str) -> None:
    data = "週刊 第一期\n".encode(encoding)
    file = read_text(written(tmp_path / "issue.md", data), encoding_hint=encoding.removesuffix("-le"))
    write_text(tmp_path / "out.md", file)

    assert file.text == "週刊 第一期\n"
    assert (tmp_path / "out.md").read_bytes() == data


def test_a_byte_order_mark_is_stronger_than_a_hint() -> None:
    assert decoded("周刊".encode("utf-8-sig"), "issue.md", hint="gb18030").text == "周刊"


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text))
def test_the_bytes_of_any_text_come_back(text: str) -> None:
    data = text.encode()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    result = decoded(data, "issue.md")

    assert result.mark + result.text.encode(result.encoding) == data


def test_invalid_utf8_is_refused_with_its_place_and_a_hint(tmp_path: Path) -> None:
    message = refused(written(tmp_path / "issue.md", b"# one\r\ntwo\r" + "周刊".encode("gb18030")))

    assert "issue.md is not valid UTF-8: byte 11 (line 3)" in message
    assert "--encoding gb18030" in message


def test_an_invalid_file_of_a_named_encoding_is_refused(tmp_path: Path) -> None:
    assert "is not valid BIG5" in refused(written(tmp_path / "issue.md", b"\xff\xff\n"), encoding="big5")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "", "undefined"])
def test_an_unknown_encoding_is_wrong_usage(source: Path, encoding: str) -> None:
    with pytest.raises(UsageError, match="there is no such encoding"):
        read_text(source, encoding_hint=encoding)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "issue.md is empty: there is no text in it" in refused(written(tmp_path / "issue.md", data))


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    assert "NUL character (line 2)" in refused(written(tmp_path / "issue.md", b"a\nb\0c\n"))


def test_utf16_without_a_mark_is_refused_with_the_option_that_reads_it(tmp_path: Path) -> None:
    path = written(tmp_path / "issue.md", "ab\n".encode("utf-16-le"))

    assert "add --encoding utf-16" in refused(path)
    assert read_text(path, encoding_hint="utf-16").text == "ab\n"


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    message = refused(written(tmp_path / "issue.md", b"ab\n" * (FILE_LIMIT // 2)))

    assert "has 6,000,000 bytes; the limit is 4,000,000" in message


def test_a_line_over_the_limit_is_refused_with_its_number(tmp_path: Path) -> None:
    message = refused(written(tmp_path / "issue.md", b"one\rtwo\r\n" + b"x" * (LINE_LIMIT + 1)))

    assert "line 3 of" in message
    assert "1,000,001 characters; the limit is 1,000,000" in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none.md")
    assert "is a folder" in refused(tmp_path)


def test_a_name_that_the_system_refuses_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert "cannot be read: File name too long" in refused(tmp_path / ("x" * 300))


@needs_posix
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "is a pipe or a device" in refused(tmp_path / "pipe")


@needs_posix
def test_a_file_that_may_not_be_read_is_refused() -> None:
    with nobody() as folder:
        path = written(folder / "issue.md", b"text\n")
        path.chmod(0)

        assert "may not be read: check its permissions" in refused(path)


def test_bytes_are_read_up_to_a_limit(source: Path) -> None:
    size = source.stat().st_size

    assert read_bytes(source, limit=size) == source.read_bytes()
    with pytest.raises(InputRefusedError, match="the limit is 8: split it"):
        read_bytes(source, limit=size - 1)


# --------------------------------------------------------------------------- mojibake

READ_AS = ("mac_roman", "cp1252", "latin-1")
HONEST = {
    "one accent": "Café, naïve, Łukasz",
    "French": "« L’été » d’Émile — « à Noël » : l’École",
    "French quotation with no-break spaces": "le mot «\u00a0café\u00a0» et le mot «\u00a0thé\u00a0»",
    "typographic quotes": "He said “café”—and left.",
    "mathematics": "√π ≈ 1.77, √∞",
    "Chinese": "第一期：“你好”，《周刊》……",
    "emoji": "## 🦄Articles 🐿️ ©®™",
    "one short run": "the name ≈Åukasz alone",
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_honest_text_is_not_taken_for_mojibake(text: str) -> None:
    assert misread_runs(text) == []


def _character(byte: int, encoding: str) -> str:
    """Programs show the bytes that cp1252 leaves out as Latin-1 does."""
    return bytes([byte]).decode(encoding, "ignore") or chr(byte)


@pytest.mark.parametrize("encoding", READ_AS)
def test_mojibake_is_found_and_repaired(encoding: str) -> None:
    text = "## 🦄Articles\n\nŁukasz Langa’s café, 你好世界\n"
    garbled = "".join(_character(byte, encoding) for byte in text.encode())

    assert garbled != text
    assert repaired(garbled, misread_runs(garbled)) == text


def test_in_a_file_with_honest_text_only_what_proves_itself_is_repaired() -> None:
    text = "“Café” … “thé” – l’été ðŸ¦„ and cafÃ©"

    assert repaired(text, misread_runs(text)) == "“Café” … “thé” – l’été 🦄 and cafÃ©"


def test_mojibake_is_refused_with_the_command_that_repairs_it(tmp_path: Path) -> None:
    path = written(tmp_path / "issue 1.md", "一\n\n## ðŸ¦„ 二\n".encode())
    message = refused(path)

    assert "line 3, such as 'ðŸ¦„' for '🦄'" in message
    assert f"`weekly-translate '{path}' --fix-mojibake`" in message


def test_mojibake_is_repaired_on_demand(tmp_path: Path) -> None:
    file = read_text(written(tmp_path / "issue.md", "## ðŸ¦„ 二\r\n".encode()), fix_mojibake=True)

    assert file.text == "## 🦄 二\r\n"


def test_a_named_encoding_says_that_the_text_is_meant(tmp_path: Path) -> None:
    path = written(tmp_path / "issue.md", "`ðŸ¦„` 是乱码\n".encode())

    assert read_text(path, encoding_hint="utf-8").text == "`ðŸ¦„` 是乱码\n"


@needs_corpus
def test_no_real_issue_is_taken_for_mojibake() -> None:
    paths = [*CORPUS.glob("zh/*.md"), *CORPUS.glob("en/*.md")]

    assert paths
    assert not [path.name for path in paths if misread_runs(path.read_text("utf-8"))]


@needs_corpus
def test_a_real_garbled_issue_is_repaired_to_the_clean_one() -> None:
    (garbled,) = CORPUS.glob("odd/*mojibake.md")
    file = read_text(garbled, fix_mojibake=True)

    assert file.text.encode() == (CORPUS / "en/2023-07-08-weekly.md").read_bytes()


# --------------------------------------------------------------------------- writing


def test_an_existing_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    out = written(tmp_path / "out.md", b"old")
    out.chmod(0o640)
    write_text(out, TextFile("new\n"))

    assert out.read_bytes() == b"new\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


@needs_posix
def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "out.md", TextFile("new\n"))
    other = written(tmp_path / "other.md", b"")

    assert (tmp_path / "out.md").stat().st_mode == other.stat().st_mode


def test_nothing_but_the_file_is_left_behind(tmp_path: Path) -> None:
    write_text(tmp_path / ("刊" * 80 + ".md"), TextFile("new\n"))

    assert len(list(tmp_path.iterdir())) == 1


def test_checking_a_target_leaves_no_trace(tmp_path: Path) -> None:
    check_writable(tmp_path / "out.md", may_replace=None)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["issue.md", "ISSUE.md", "symbolic.md", "hard.md", "folder/../issue.md"])
def test_the_source_is_not_overwritten_under_any_name(source: Path, name: str) -> None:
    (source.parent / "folder").mkdir()
    source.with_name("symbolic.md").symlink_to(source)
    source.with_name("hard.md").hardlink_to(source)
    file = replace(read_text(source), text="translated\n")

    with pytest.raises(UsageError, match=r"is the source .* itself"):
        write_text(source.parent / name, file)
    assert source.read_text("utf-8") == "# 周刊\n"


def test_another_file_of_the_run_is_not_overwritten(source: Path) -> None:
    others = {"the memory": source.with_name("memory.db"), "the glossary": None}

    with pytest.raises(UsageError, match=r"Memory\.db is the memory: name another file"):
        check_writable(source.with_name("Memory.db"), others=others, may_replace=None)
    check_writable(source.with_name("out.md"), others=others, may_replace=None)


def test_a_link_and_a_folder_are_not_written_to_and_a_missing_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(tmp_path / "elsewhere.md")

    for name, reason in {
        "link.md": "is a symbolic link to",
        ".": "is a folder",
    }.items():
        with pytest.raises(UsageError, match=reason):
            check_writable(tmp_path / name, may_replace=None)
    check_writable(tmp_path / "none" / "deep" / "out.md", may_replace=None)
    assert not (tmp_path / "elsewhere.md").exists()
    assert (tmp_path / "none" / "deep").is_dir()


@needs_posix
def test_a_pipe_and_a_device_are_not_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(UsageError, match="is a pipe or a device"):
            check_writable(path, may_replace=None)


@needs_posix
def test_a_folder_that_may_not_be_written_to_is_told_before_the_work() -> None:
    with nobody() as folder:
        closed = folder / "closed"
        closed.mkdir(mode=0o500)

        with pytest.raises(StorageError, match=r"out\.md cannot be written: Permission denied"):
            check_writable(closed / "out.md", may_replace=None)
        with pytest.raises(StorageError, match="season cannot be written: Permission denied"):
            ensure_folder(closed / "season")


@needs_posix
def test_a_write_protected_file_is_not_replaced() -> None:
    with nobody() as folder:
        out = written(folder / "out.md", b"old")
        out.chmod(0o400)

        with pytest.raises(StorageError, match="is write-protected"):
            write_text(out, TextFile("new\n"))
        assert out.read_bytes() == b"old"


def test_what_a_killed_run_has_left_is_removed_but_not_what_another_run_is_writing(tmp_path: Path) -> None:
    old, new = (
        tmp_path / f".weekly-translate-{name}.part" for name in ("0123456789abcdef", "fedcba9876543210")
    )
    mine = tmp_path / "notes.part"
    for path in (old, new, mine):
        path.write_text("half", "utf-8")
    for path in (old, mine):
        os.utime(path, (0, 0))
    write_text(tmp_path / "out.md", TextFile("whole"))
    assert sorted(tmp_path.iterdir()) == sorted([new, mine, tmp_path / "out.md"])


def test_a_character_that_the_encoding_lacks_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    out = written(tmp_path / "out.md", b"old")
    with pytest.raises(StorageError, match=r"cannot be written in big5, which lacks U\+1F984"):
        write_text(out, TextFile("🦄\n", encoding="big5"))

    assert out.read_bytes() == b"old"


WRITE_WITHOUT_SPACE = """
import resource, signal, sys
from pathlib import Path
from weekly_translate.errors import StorageError
from weekly_translate.files import TextFile, write_text
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_text(Path(sys.argv[1]), TextFile("x" * 100_000))
except StorageError as error:
    print(error)
"""


@needs_posix
def test_without_space_the_old_file_stays_whole(tmp_path: Path) -> None:
    out = written(tmp_path / "out.md", b"old")
    command = [sys.executable, "-c", WRITE_WITHOUT_SPACE, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())

    assert f"no space left on the device for {out}; the work is kept in the memory" in done.stdout
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_folders_for_outputs_are_created(tmp_path: Path) -> None:
    ensure_folder(tmp_path / "season/one")
    ensure_folder(tmp_path / "season/one")

    assert (tmp_path / "season/one").is_dir()


# --------------------------------------------------------------------------- what is replaced

_OF_A_PERSON = {
    "notes.txt": "Call Ada.\n",
    "terms.csv": "Chinese,English\n协程,coroutine\n",
    "memory.tmx": '<?xml version="1.0"?><tmx version="1.4"><header creationtool="OmegaT"/><body/></tmx>\n',
    "work.xlf": '<?xml version="1.0"?><xliff version="2.1"><file id="f1"/></xliff>\n',
    "list.jsonl": '{"custom_id": "wt-1", "answer": "English"}\n',
    "data.json": '{"name": "Ada"}\n',
    "page.html": "<!doctype html><title>Mine</title>\n",
    "plan.md": "# Plan\n",
}


@pytest.mark.parametrize("name", _OF_A_PERSON)
def test_what_a_person_has_written_is_replaced_by_no_report_page_export_or_log(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(_OF_A_PERSON[name], "utf-8")
    for may_replace in _OF_THE_PROGRAM:
        with pytest.raises(UsageError, match="is not replaced, because"):
            check_writable(tmp_path / name, may_replace=may_replace)


_ENTRIES, _TERMS = [Entry("协程", "coroutine", Status.APPROVED)], [GlossaryEntry(Term("协程", "coroutine"))]
_OF_THE_PROGRAM: dict[Callable[[bytes], bool], tuple[str, ...]] = {
    is_report: (as_json({"findings": []}),),
    is_log: ('{"time": "2026-11-30T12:00:00+00:00", "event": "begin"}\n',),
    is_page: ((Path(__file__).parents[1] / "samples/full/review.html").read_text("utf-8"),),
    exchange.is_export: (tmx_of(_ENTRIES),),
    editing.is_export: (tbx_of(_TERMS),),
    is_our_xliff: (xlf_of(_ENTRIES),),
}
"""What each writer may replace."""


@pytest.mark.parametrize("may_replace", _OF_THE_PROGRAM, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_each_writer_replaces_what_it_writes_and_nothing_else(
    tmp_path: Path, may_replace: Callable[[bytes], bool]
) -> None:
    """A log that went on in the export of a memory would spoil it."""
    path = tmp_path / "out"
    path.write_text("\n", "utf-8")
    check_writable(path, may_replace=may_replace)
    for writer, texts in _OF_THE_PROGRAM.items():
        for text in texts:
            path.write_text(text, "utf-8")
            is_own = writer is may_replace or (writer, may_replace) == (is_our_xliff, exchange.is_export)
            with nullcontext() if is_own else pytest.raises(UsageError, match="is not replaced, because"):
                check_writable(path, may_replace=may_replace)


@pytest.mark.parametrize("name", ["memory.tmx", "memory.xlf", "terms.tbx"])
def test_what_somebody_has_changed_since_is_not_replaced(tmp_path: Path, name: str) -> None:
    """In a tool, or by hand: it is work that may not be in the memory yet."""
    path = tmp_path / name
    written = {".tmx": tmx_of(_ENTRIES), ".xlf": xlf_of(_ENTRIES), ".tbx": tbx_of(_TERMS)}[path.suffix]
    may_replace = editing.is_export if path.suffix == ".tbx" else exchange.is_export
    path.write_text(written, "utf-8")
    unsealed = written[: written.index("<!-- weekly-translate")]
    for as_written in (written, unsealed):  # the second by an earlier version
        path.write_text(as_written, "utf-8")
        check_writable(path, may_replace=may_replace)
    edited = written.replace("coroutine", "Coroutine")
    by_tools = unsealed.replace('"1.0" encoding="UTF-8"', "'1.0' encoding='utf-8'"), unsealed.rstrip("\n")
    for changed in (edited, edited.rstrip("\n"), f"{written}<!-- Call Ada. -->\n", *by_tools):
        path.write_text(changed, "utf-8")
        with pytest.raises(UsageError, match="somebody may have changed it since"):
            check_writable(path, may_replace=may_replace)


# --------------------------------------------------------------------------- other systems


@pytest.mark.parametrize(
    "name", ["a.md:b", "nul.md", "CON", "com1.en.md", "what?.md", "a|b.md", "a.md.", "a.md ", "conin$"]
)
def test_windows_would_take_these_names_for_something_else(name: str) -> None:
    assert "is no name of a file on Windows" in why_no_name(name, on_windows=True)
    assert why_no_name(name, on_windows=False) == ""


@pytest.mark.parametrize("name", ["a.md", "console.md", "第 1 期.en.md", "nulls.md", "com.md", "a;b&c.md"])
def test_windows_takes_these_names_as_they_are(name: str) -> None:
    assert why_no_name(name, on_windows=True) == ""


def test_a_command_to_paste_is_quoted_as_the_shell_of_the_system_wants_it() -> None:
    words = ["weekly-translate", "my issue.md", "-o", "out.md"]
    assert to_paste(words, on_windows=True) == 'weekly-translate "my issue.md" -o out.md'
    assert to_paste(words, on_windows=False) == "weekly-translate 'my issue.md' -o out.md"


def test_windows_writes_no_file_that_another_program_has_open_and_it_is_said() -> None:
    denied = PermissionError(13, "Access is denied")
    assert "close the program in which it is open" in why_denied(denied, on_windows=True)
    assert why_denied(denied, on_windows=False) == "Access is denied"
