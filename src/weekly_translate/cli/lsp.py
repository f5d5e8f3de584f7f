"""`weekly-translate lsp`: the findings of open pairs in an editor, over stdio; nothing is sent anywhere."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from weekly_translate.api import judging_of
from weekly_translate.cli.options import AllowOption, EditionOption, GlossaryOptions, IgnoresOption, command
from weekly_translate.compare.learn import lessons_in
from weekly_translate.compare.pair_files import (
    UNTRANSLATED,
    FilePair,
    file_pairs_of,
    mended_lines,
    parse_pattern,
    verdict_on_texts,
)
from weekly_translate.compare.style import PreparedPair
from weekly_translate.errors import ExitCode, WeeklyTranslateError, needing_extra
from weekly_translate.files import read_text
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Finding, Severity, Span
from weekly_translate.report.text import named_in
from weekly_translate.run.plan import terms_of
from weekly_translate.text.characters import has_han, lines_of, without_tags
from weekly_translate.version import VERSION

with suppress(ImportError):  # an extra; `lsp` says how to get it
    from lsprotocol import types
    from pygls.uris import to_fs_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygls.lsp.server import LanguageServer

    from weekly_translate.compare.pair_files import Judging, PairVerdict


_PATTERNS = ("{name}.md={name}.en.md", "zh/{name}.md=en/{name}.md")
_NAME = "weekly-translate"
_PAUSE = 0.1
"""Seconds without a letter before a text is judged."""
_LONGEST_PARAGRAPH = 50
"""Lines below that of a finding in which its words are looked for."""


@dataclass(frozen=True, kw_only=True)
class LspOptions(GlossaryOptions):
    """Serve an editor: findings of an open pair, fixes, and on hover the source and its terms.

    It speaks the Language Server Protocol over standard input and output, and sends nothing anywhere.
    """

    pair: Annotated[
        list[str] | None,
        typer.Option(help=f"Which belongs to which; default {' and '.join(map(repr, _PATTERNS))}."),
    ] = None
    allow: AllowOption = None
    ignores: IgnoresOption = None
    edition: EditionOption = None


def lsp(options: LspOptions) -> ExitCode:
    """Serve until the editor ends the session. Raises `UsageError` where the extra is not installed."""
    for pattern in options.pair or ():
        parse_pattern(pattern)
    with needing_extra("lsp", "The language server"):
        server = _language_server(options)
    server.start_io()
    return ExitCode.DONE


class EditorPair(NamedTuple):
    """A pair, both texts, and what the checks say of them."""

    files: FilePair
    texts: tuple[str, str]
    judging: Judging
    verdict: PairVerdict


class OpenEditor:
    """An editor: what it has open, the pairs to which that belongs, and what it was told."""

    def __init__(self, server: LanguageServer, options: LspOptions) -> None:
        self._server, self._options = server, options
        self._patterns = [parse_pattern(text) for text in options.pair or _PATTERNS]
        self._told: set[str] = set()
        """The addresses of which something was said last."""
        self._complaint = ""
        self._typed: Counter[str] = Counter()

    def _open(self) -> dict[Path, str]:
        """The files that are open, with their texts as they are at the moment."""
        return {path_of(uri): one.source for uri, one in self._server.workspace.text_documents.items()}

    def _has(self, path: Path) -> bool:
        """Whether there is such a file, in the editor or on the disk."""
        return path.resolve() in self._open() or path.is_file()

    def _text_of(self, path: Path) -> str:
        """Raises `UsageError`."""
        opened = self._open().get(path.resolve())
        return read_text(path).text if opened is None else opened

    def _root_of(self, path: Path) -> Path:
        """The innermost open folder of a file, from which patterns name it; without any the current one."""
        space = self._server.workspace
        folders = map(path_of, [*space.folders, *filter(None, [space.root_uri])])
        around = [folder for folder in folders if path.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts), default=Path.cwd())

    def _files_of(self, path: Path) -> FilePair | None:
        """The pair of a file, with whole paths; one that lacks a side only where no other one is whole."""
        root = self._root_of(path)
        inner = path.relative_to(root) if path.is_relative_to(root) else path
        pairs = [
            FilePair(root / one.source, root / one.target) for one in file_pairs_of([inner], self._patterns)
        ]
        # Where none is whole: the pair whose English this file is, as a.en.md is that of a.md.
        half = min(pairs, key=lambda pair: pair.target.resolve() != path, default=None)
        return next((pair for pair in pairs if all(map(self._has, pair))), half)

    def pair_at(self, uri: str) -> EditorPair | None:
        """The whole pair of a file by today's rules; None where a side is missing. Raises `UsageError`."""
        path, options = path_of(uri), self._options
        files = self._files_of(path)
        if files is None or not all(map(self._has, files)):
            return None
        here, there = map(self._text_of, files)
        if not options.project:
            options = replace(options, project=self._root_of(path))
        judging = judging_of(options.settings, options.allow, options.ignores)
        return EditorPair(files, (here, there), judging, verdict_on_texts(files, here, there, judging))

    async def typed_in(self, uri: str) -> None:
        """Tell the findings of a pair when the person rests."""
        self._typed[uri] += 1
        number = self._typed[uri]
        await asyncio.sleep(_PAUSE)
        if number == self._typed[uri] and uri in self._server.workspace.text_documents:
            self.tell(uri)

    def tell(self, *uris: str) -> None:
        """The findings of the pairs of these files; without any: of all that are open, and of no other."""
        found: dict[str, list[types.Diagnostic]] = {}
        try:
            for uri in uris or self._server.workspace.text_documents:
                found |= self._found_from(uri)
            self._complaint = ""
        except WeeklyTranslateError as error:
            self._complain(str(error))
            return
        gone = set() if uris else self._told - found.keys()
        self._told = self._told - gone | found.keys()
        for uri, ones in (*found.items(), *((uri, []) for uri in gone)):
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, ones))

    def _complain(self, why: str) -> None:
        """Once, and not with each letter that is typed meanwhile."""
        if why != self._complaint:
            self._complaint = why
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Error, why))

    def _found_from(self, uri: str) -> Iterator[tuple[str, list[types.Diagnostic]]]:
        """For each file of a pair: each finding at its English line, what only the Chinese has at that."""
        if not (pair := self.pair_at(uri)):
            yield uri, list(self._lacking(uri))
            return
        known = {path_of(name): name for name in self._server.workspace.text_documents}
        for path, is_target in zip(pair.files, (False, True), strict=True):
            found = [one for one in pair.verdict.judged.findings if _is_of_target(one) == is_target]
            name = known.get(path.resolve(), path.resolve().as_uri())
            yield name, [self.diagnostic(one, pair) for one in found]

    def _lacking(self, uri: str) -> Iterator[types.Diagnostic]:
        """That the other side of an open file is not there; of a file that is Chinese or named as English."""
        path = path_of(uri)
        if not (files := self._files_of(path)):
            return
        is_target = files.target.resolve() == path
        if is_target or has_han(self._text_of(path)):
            side, other = ("source", files.source) if is_target else ("translation", files.target)
            message = f"its {side} {other.name} does not exist: nothing is checked"
            yield self._diagnostic(Finding(UNTRANSLATED, Severity.INFO, message), 0, Span(0, 0), "")

    def diagnostic(self, finding: Finding, pair: EditorPair) -> types.Diagnostic:
        """A finding, at the words that it is about."""
        is_target = _is_of_target(finding)
        lines = lines_of(pair.texts[is_target])
        first = ((finding.target_line if is_target else finding.source_line) or 1) - 1
        paragraph = list(takewhile(str.strip, lines[first:]))[:_LONGEST_PARAGRAPH]
        for number, line in enumerate(paragraph, first):
            if span := named_in(finding.message, line, in_source=not is_target):
                return self._diagnostic(finding, number, span, line)
        line = "".join(paragraph[:1])
        return self._diagnostic(
            finding, first, Span(len(line) - len(line.lstrip()), len(line.rstrip())), line
        )

    def _diagnostic(self, finding: Finding, number: int, span: Span, line: str) -> types.Diagnostic:
        return types.Diagnostic(
            range=self._range(number, span, line),
            severity=types.DiagnosticSeverity(finding.severity.rank + 1),
            code=finding.check,
            source=_NAME,
            message=finding.message,
        )

    def _range(self, number: int, span: Span, line: str) -> types.Range:
        """In the units that the editor counts in, usually those of UTF-16."""
        units = self._server.workspace.position_codec.client_num_units
        start, end = (types.Position(number, units(line[:place])) for place in span)
        return types.Range(start, end)

    def actions(self, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """For each finding in the range that a rule can mend: its line, mended."""
        uri, fix = params.text_document.uri, types.CodeActionKind.QuickFix
        pair = self.pair_at(uri)
        is_of_target = pair is not None and pair.files.target.resolve() == path_of(uri)
        if pair is None or not is_of_target or fix not in (params.context.only or [fix]):
            return
        lines = lines_of(pair.texts[1])
        for finding, number, text in mended_lines(*pair.texts, pair.verdict):
            line = lines[number - 1]
            if params.range.start.line <= number - 1 <= params.range.end.line:
                edit = types.TextEdit(self._range(number - 1, Span(0, len(line)), line), text)
                yield types.CodeAction(
                    title=f"Mend {finding.check}: {finding.message}",
                    kind=fix,
                    diagnostics=[self.diagnostic(finding, pair)],
                    edit=types.WorkspaceEdit({uri: [edit]}),
                )

    def hover(self, uri: str, line: int) -> str:
        """The other side of a line, and the glossary terms of the Chinese, in Markdown."""
        if not (pair := self.pair_at(uri)):
            return ""
        dialect = pair.judging.editions.dialect
        source, target = (parse(text, every_line=True, dialect=dialect) for text in pair.texts)
        is_source = pair.files.source.resolve() == path_of(uri)
        terms = terms_of(source, pair.judging.rules.matcher)
        parts: list[str] = []
        for one in lessons_in(PreparedPair(source, target, pair.judging.rules), judged=False):
            segment = one.segment
            if line == (segment.line if is_source else one.line):
                parts.append(without_tags(one.target if is_source else segment.text))
                parts += [f"- {term.source} → {term.target}" for term in terms[segment.id]]
        return "\n".join(parts)


def _is_of_target(finding: Finding) -> bool:
    return finding.target_line is not None or finding.source_line is None


def _language_server(options: LspOptions) -> LanguageServer:
    from pygls.lsp.server import LanguageServer  # noqa: PLC0415 - an extra, which `lsp` misses in words

    server = LanguageServer(_NAME, VERSION)
    editor = OpenEditor(server, options)
    _follow_files(server, editor)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def typed(params: types.DidChangeTextDocumentParams) -> None:
        await editor.typed_in(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind.QuickFix]))
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        with suppress(WeeklyTranslateError):  # which was told when the file was opened
            return list(editor.actions(params))
        return []

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        with suppress(WeeklyTranslateError):  # as above
            text = editor.hover(params.text_document.uri, params.position.line + 1)
            return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None
        return None

    return server


def _follow_files(server: LanguageServer, editor: OpenEditor) -> None:
    """Tell anew what is said of open files, whatever happens to them, their other sides or the data."""
    markdown = types.FileOperationFilter(types.FileOperationPattern("**/*.{md,markdown}"))
    named = types.FileOperationRegistrationOptions([markdown])
    for event, options in (
        (types.TEXT_DOCUMENT_DID_OPEN, None),
        (types.TEXT_DOCUMENT_DID_SAVE, None),
        (types.TEXT_DOCUMENT_DID_CLOSE, None),
        (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, None),
        (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, None),
        (types.WORKSPACE_DID_CREATE_FILES, named),
        (types.WORKSPACE_DID_RENAME_FILES, named),
        (types.WORKSPACE_DID_DELETE_FILES, named),
    ):
        server.feature(event, options)(lambda _params: editor.tell())

    @server.feature(types.INITIALIZED)
    def watch(_params: types.InitializedParams) -> None:
        space = server.client_capabilities.workspace
        watching = space.did_change_watched_files if space else None
        if watching and watching.dynamic_registration:
            files = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher("**/*.{md,markdown,yaml,toml}")]
            )
            event = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            server.client_register_capability(
                types.RegistrationParams([types.Registration(event, event, files)])
            )


def path_of(uri: str) -> Path:
    """The file of an address such as `file:///a/issue.md`, for which some write `file://localhost/a/issue.md`."""
    return Path(to_fs_path(uri.replace("file://localhost/", "file:///", 1)) or uri).resolve()


COMMANDS = {"lsp": command(LspOptions, lsp)}
