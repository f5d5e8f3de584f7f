"""The language server, driven over stdio by a client that says what an editor says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from program import environment
from weekly_translate.cli.lsp import path_of
from weekly_translate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM = """
import os, sys
sys.addaudithook(lambda event, _: os._exit(99) if event in ("socket.connect", "socket.bind") else None)
sys.argv = ["weekly-translate", "lsp", *sys.argv[1:]]
from weekly_translate.cli import main
main()
"""
"""The program, which ends at once if it opens a connection."""

SOURCE = "# 第一期\n\n这篇文章介绍了标准库里的 30 个函数，还有它们的历史。\n"
TEXT = "This article presents 30 functions of the standard library and their history."
ENGLISH = f"# The first issue\n\n{TEXT}\n"


class Editor:
    def __init__(self, folder: Path, *arguments: str, folders: Sequence[Path] = ()) -> None:
        self._number = 0
        self._told: list[dict[str, Any]] = []
        self.methods: Counter[str] = Counter()
        """What the server has told and asked, and how often."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        named = [{"uri": one.as_uri(), "name": one.name} for one in folders or [folder]]
        root = folder.as_uri()
        can = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
        self.asks("initialize", processId=None, rootUri=root, workspaceFolders=named, capabilities=can)
        self.tells("initialized")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.asks("shutdown")
        self.tells("exit")
        self._process.communicate()

    @property
    def code(self) -> int | None:
        return self._process.returncode

    def asks(self, method: str, **params: Any) -> Any:  # noqa: ANN401 - JSON
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        while "id" not in (message := self._read()) or "method" in message:
            self._told.append(message)
        return message["result"]

    def opens(self, path: Path, text: str) -> str:
        """Open a file with this text, saved or not; gives its address."""
        document = {"uri": path.as_uri(), "languageId": "markdown", "version": 1, "text": text}
        self.tells("textDocument/didOpen", textDocument=document)
        return path.as_uri()

    def tells(self, method: str, **params: Any) -> None:  # noqa: ANN401 - JSON
        self._write({"method": method, "params": params})

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """The next ones that are published for a file."""
        while True:
            message = self._told.pop(0) if self._told else self._read()
            params = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri:
                found: list[dict[str, Any]] = params["diagnostics"]
                return found

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        self.methods[message.get("method", "")] += 1
        return message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "issue.md").write_text(SOURCE, "utf-8")
    (tmp_path / "issue.en.md").write_text(ENGLISH.replace("30", "40"), "utf-8")
    (tmp_path / "glossary.yaml").write_text("- source: 标准库\n  target: standard library\n", "utf-8")
    return tmp_path


def test_an_open_pair_shows_its_findings_offers_fixes_and_sends_nothing(folder: Path) -> None:
    uri = (folder / "issue.en.md").as_uri()
    document = {"uri": uri, "languageId": "markdown", "version": 1, "text": ENGLISH.replace("30", "40")}
    with Editor(folder) as editor:
        editor.tells("textDocument/didOpen", textDocument=document)
        (wrong,) = editor.diagnostics(uri)
        assert (wrong["code"], wrong["severity"], wrong["range"]["start"]["line"]) == ("num.value", 1, 2)

        edited = ENGLISH.replace("presents", "pre\u200bsents")
        version = {"uri": uri, "version": 2}
        editor.tells("textDocument/didChange", textDocument=version, contentChanges=[{"text": edited}])
        (hidden,) = editor.diagnostics(uri)
        assert hidden["code"] == "char.zero-width"

        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
        asked = {"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": [hidden]}}
        (action,) = editor.asks("textDocument/codeAction", **asked)
        ((edit,),) = action["edit"]["changes"].values()
        assert edit["newText"] == ENGLISH.splitlines()[2]

        position = {"line": 2, "character": 5}
        hover = editor.asks("textDocument/hover", textDocument={"uri": uri}, position=position)
        assert SOURCE.splitlines()[2] in hover["contents"]["value"]
        assert "- 标准库 → standard library" in hover["contents"]["value"]
    assert editor.code == ExitCode.DONE


def test_files_of_other_folders_belong_together_as_pair_says(folder: Path) -> None:
    for name in ("docs", "english"):
        (folder / name).mkdir()
    (folder / "issue.md").rename(folder / "docs" / "a.md")
    (folder / "issue.en.md").rename(folder / "english" / "a.md")
    uri = (folder / "docs" / "a.md").as_uri()
    document = {"uri": uri, "languageId": "markdown", "version": 1, "text": SOURCE}
    with Editor(folder, "--pair", "docs/{n}.md=english/{n}.md") as editor:
        editor.tells("textDocument/didOpen", textDocument=document)
        assert editor.diagnostics(uri) == []
        (wrong,) = editor.diagnostics((folder / "english" / "a.md").as_uri())
        assert wrong["code"] == "num.value"


def test_a_fix_is_offered_as_the_site_reads_its_markdown(folder: Path) -> None:
    """In Docusaurus a brace is escaped; elsewhere the line would become another one, and is left alone."""
    braces = ENGLISH.replace("presents", "pre\u200bsents").replace("30 functions", "30 functions \\{all}")
    (folder / "issue.md").write_text(SOURCE.replace("函数", "函数 \\{all}"), "utf-8")
    uri = (folder / "issue.en.md").as_uri()
    offered = {}
    for site in ("docusaurus", "github"):
        (folder / "weekly-translate.toml").write_text(f'markdown = "{site}"\n', "utf-8")
        with Editor(folder) as editor:
            document = {"uri": uri, "languageId": "markdown", "version": 1, "text": braces}
            editor.tells("textDocument/didOpen", textDocument=document)
            whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
            asked = {"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": []}}
            actions = editor.asks("textDocument/codeAction", **asked)
            offered[site] = [edit["newText"] for one in actions for edit in one["edit"]["changes"][uri]]
    assert offered == {"docusaurus": [braces.replace("\u200b", "").splitlines()[2]], "github": []}


def said(diagnostics: list[dict[str, Any]]) -> list[str]:
    return [one["code"] for one in diagnostics]


def test_what_was_typed_and_not_saved_is_forgotten_when_the_file_is_closed(folder: Path) -> None:
    source, target = folder / "issue.md", folder / "issue.en.md"
    target.write_text(ENGLISH, "utf-8")
    with Editor(folder) as editor:
        there = editor.opens(target, ENGLISH.replace("30", "40"))
        assert said(editor.diagnostics(there)) == ["num.value"]
        here = editor.opens(source, SOURCE)
        assert editor.diagnostics(here) == []
        assert said(editor.diagnostics(there)) == ["num.value"]

        editor.tells("textDocument/didClose", textDocument={"uri": there})
        assert editor.diagnostics(there) == []  # as it is on the disk
        target.write_text(ENGLISH.replace("30", "50"), "utf-8")
        assert "client/registerCapability" in editor.methods  # to be told of what changes on the disk
        changes = [{"uri": there, "type": 2}]
        editor.tells("workspace/didChangeWatchedFiles", changes=changes)
        assert said(editor.diagnostics(there)) == ["num.value"]
        editor.tells("textDocument/didClose", textDocument={"uri": here})
        assert editor.diagnostics(there) == []  # nobody looks at the pair


def test_a_file_that_is_renamed_or_deleted_leaves_nothing_behind(folder: Path) -> None:
    source, target = folder / "issue.md", folder / "issue.en.md"
    with Editor(folder) as editor:
        here = editor.opens(source, SOURCE)
        assert said(editor.diagnostics(target.as_uri())) == ["num.value"]

        other = target.rename(folder / "other.en.md")
        files = [{"oldUri": target.as_uri(), "newUri": other.as_uri()}]
        editor.tells("workspace/didRenameFiles", files=files)
        (lacking,) = editor.diagnostics(here)
        assert (lacking["severity"], lacking["message"]) == (
            3,
            "its translation issue.en.md does not exist: nothing is checked",
        )
        assert editor.diagnostics(target.as_uri()) == []

        lonely = editor.opens(other, ENGLISH)
        (lacking,) = editor.diagnostics(lonely)
        assert lacking["message"] == "its source other.md does not exist: nothing is checked"
        position = {"line": 2, "character": 5}
        assert editor.asks("textDocument/hover", textDocument={"uri": lonely}, position=position) is None

        other.rename(target)
        editor.tells("textDocument/didClose", textDocument={"uri": lonely})
        assert editor.diagnostics(here) == []
        assert said(editor.diagnostics(target.as_uri())) == ["num.value"]
        readme = editor.opens(folder / "readme.md", "# English alone\n")
        assert editor.diagnostics(readme) == []


def test_a_finding_stands_at_its_words_as_the_editor_counts_columns(folder: Path) -> None:
    (folder / "issue.md").write_text(
        "🦄🦄 介绍了 30 个函数，\n还有它们的[历史](https://example.org/a)。\n", "utf-8"
    )
    english = "🦄🦄 It presents “库” and 40 functions,\nwith 🦄 their [history](https://example.org/b).\n"
    with Editor(folder) as editor:
        uri = editor.opens(folder / "issue.en.md", english)
        found = {one["code"]: one["range"] for one in editor.diagnostics(uri)}
        lines = [line.encode("utf-16-le") for line in english.splitlines()]
        told = {
            code: lines[at["start"]["line"]][
                2 * at["start"]["character"] : 2 * at["end"]["character"]
            ].decode("utf-16-le")
            for code, at in found.items()
            if at["start"]["line"] == at["end"]["line"]
        }
        assert told.keys() == found.keys()
        assert {told["num.value"], told["url.changed"]} == {"40", "https://example.org/b"}
        assert "库" in {told[code] for code in told if code.startswith(("seg.", "char."))}


def test_each_folder_has_its_own_pairs_and_settings(folder: Path) -> None:
    """The files of a folder are named from there, wherever the server was started."""
    folders = [folder / "one", folder / "two"]
    for one in folders:
        for side, text in (("zh", SOURCE), ("en", ENGLISH)):
            (one / side).mkdir(parents=True)
            (one / side / "a.md").write_text(text, "utf-8")
    (folders[1] / "glossary.yaml").write_text("- source: 标准库\n  target: stdlib\n", "utf-8")
    with Editor(folder, folders=folders) as editor:
        first, second = (editor.opens(one / "zh" / "a.md", SOURCE) for one in folders)
        assert editor.diagnostics((folders[0] / "en" / "a.md").as_uri()) == []
        assert said(editor.diagnostics((folders[1] / "en" / "a.md").as_uri())) == ["term.missing"]
        position = {"line": 2, "character": 5}
        hovers = [
            editor.asks("textDocument/hover", textDocument={"uri": uri}, position=position)["contents"][
                "value"
            ]
            for uri in (first, second)
        ]
        assert ["stdlib" in text for text in hovers] == [False, True]
        assert all(TEXT in text for text in hovers)


def test_a_fault_in_the_data_is_said_once_and_gone_when_it_is_mended(folder: Path) -> None:
    glossary = folder / "glossary.yaml"
    good = glossary.read_text("utf-8")
    glossary.write_text("- source: [\n", "utf-8")
    with Editor(folder) as editor:
        uri = editor.opens(folder / "issue.en.md", ENGLISH)
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
        asked = {"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": []}}
        assert editor.asks("textDocument/codeAction", **asked) == []
        editor.tells("textDocument/didSave", textDocument={"uri": uri})
        glossary.write_text(good, "utf-8")
        editor.tells("textDocument/didSave", textDocument={"uri": uri})
        assert editor.diagnostics(uri) == []
        assert editor.methods["window/showMessage"] == 1


@pytest.mark.skipif(os.name == "nt", reason="such an address names a drive there")
def test_this_machine_may_stand_in_the_address_of_a_file() -> None:
    assert (
        path_of("file://localhost/a%20b/issue.md")
        == path_of("file:///a%20b/issue.md")
        == Path("/a b/issue.md")
    )
