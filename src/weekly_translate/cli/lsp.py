"""`weekly-translate lsp`: the findings of a pair that is open in an editor, over stdio."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote, urlsplit

import typer

from weekly_translate.api import judging_of
from weekly_translate.cli.options import (
    AllowOption,
    EditionOption,
    GlossaryOptions,
    IgnoresOption,
    command,
    from_here,
)
from weekly_translate.compare.learn import english_in
from weekly_translate.compare.pair_files import (
    FilePair,
    file_pairs_of,
    mended_lines,
    parse_pattern,
    verdict_on_texts,
)
from weekly_translate.errors import ExitCode, UsageError, WeeklyTranslateError
from weekly_translate.files import read_text
from weekly_translate.markdown.segments import parse
from weekly_translate.model import Severity
from weekly_translate.run.plan import terms_of
from weekly_translate.text.tags import without_tags
from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsprotocol import types
    from pygls.lsp.server import LanguageServer

    from weekly_translate.compare.pair_files import Judging
    from weekly_translate.model import Finding

_PATTERNS = ("{name}.md={name}.en.md", "zh/{name}.md=en/{name}.md")
_SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3}
_TO_THE_END = 1_000_000
"""A column that no line has: an editor takes it for the end of the line."""
_NAME = "weekly-translate"


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
    try:
        server = _server(OpenPairs(options))
    except ModuleNotFoundError as error:
        raise UsageError(
            f"This needs {error.name}, which is not installed: pip install 'weekly-translate[lsp]'."
        ) from error
    server.start_io()
    return ExitCode.DONE


COMMANDS = {"lsp": command(LspOptions, lsp)}


class OpenPairs:
    """Judges the pairs to which open files belong, as their texts are at the moment."""

    def __init__(self, options: LspOptions) -> None:
        self._options = options
        self._patterns = [parse_pattern(text) for text in options.pair or _PATTERNS]

    def pair_of(self, path: Path) -> FilePair | None:
        """The pair of a file, as paths from the current folder on; None where one of them is missing."""
        pairs = file_pairs_of([from_here(path)], self._patterns)
        return next((pair for pair in pairs if pair.source.is_file() and pair.target.is_file()), None)

    def judging(self) -> Judging:
        """The rules of today: data files may have been edited since. Raises `UsageError`."""
        return judging_of(self._options.settings, self._options.allow, self._options.ignores)


def _server(pairs: OpenPairs) -> LanguageServer:
    from lsprotocol import types  # noqa: PLC0415 - an extra
    from pygls.lsp.server import LanguageServer  # noqa: PLC0415 - as above

    server = LanguageServer(_NAME, VERSION)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def judge(params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
        _publish(server, pairs, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return list(_actions(server, pairs, params))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        text = _hover(server, pairs, params.text_document.uri, params.position.line + 1)
        markup = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(markup) if text else None

    return server


def _texts_of(server: LanguageServer, pair: FilePair) -> tuple[str, str]:
    """Both texts: what an editor has open, else what stands on the disk. Raises `UsageError`."""
    opened = {path_of(uri): document.source for uri, document in server.workspace.text_documents.items()}
    here, there = (
        opened[path.resolve()] if path.resolve() in opened else read_text(path).text for path in pair
    )
    return here, there


def _publish(server: LanguageServer, pairs: OpenPairs, uri: str) -> None:
    """Tell the findings of the pair: each at its English line, what only the Chinese has at that."""
    from lsprotocol import types  # noqa: PLC0415 - as above

    pair = pairs.pair_of(path_of(uri))
    if pair is None:
        return
    try:
        verdict = verdict_on_texts(pair, *_texts_of(server, pair), pairs.judging())
    except WeeklyTranslateError as error:
        server.window_show_message(types.ShowMessageParams(types.MessageType.Error, str(error)))
        return
    for path, is_target in zip(pair, (False, True), strict=True):
        found = [
            _diagnostic(one)
            for one in verdict.judged.findings
            if is_target == (one.target_line is not None or one.source_line is None)
        ]
        known = {path_of(uri): uri for uri in server.workspace.text_documents}
        name = known.get(path.resolve(), path.resolve().as_uri())
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(name, found))


def _diagnostic(finding: Finding) -> types.Diagnostic:
    from lsprotocol import types  # noqa: PLC0415 - as above

    line = (finding.target_line or finding.source_line or 1) - 1
    return types.Diagnostic(
        range=types.Range(types.Position(line, 0), types.Position(line, _TO_THE_END)),
        severity=types.DiagnosticSeverity(_SEVERITIES[finding.severity]),
        code=finding.check,
        source=_NAME,
        message=finding.message,
    )


def _actions(
    server: LanguageServer, pairs: OpenPairs, params: types.CodeActionParams
) -> Iterator[types.CodeAction]:
    """For each finding in the range that a rule can mend: its line, mended."""
    from lsprotocol import types  # noqa: PLC0415 - as above

    uri = params.text_document.uri
    pair = pairs.pair_of(path_of(uri))
    if pair is None or pair.target.resolve() != path_of(uri):
        return
    texts = _texts_of(server, pair)
    verdict = verdict_on_texts(pair, *texts, pairs.judging())
    for finding, line, text in mended_lines(*texts, verdict):
        if params.range.start.line <= line - 1 <= params.range.end.line:
            whole = types.Range(types.Position(line - 1, 0), types.Position(line - 1, _TO_THE_END))
            yield types.CodeAction(
                title=f"Mend {finding.check}: {finding.message}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[_diagnostic(finding)],
                edit=types.WorkspaceEdit({uri: [types.TextEdit(whole, text)]}),
            )


def _hover(server: LanguageServer, pairs: OpenPairs, uri: str, line: int) -> str:
    """The other side of a line, and the glossary terms of the Chinese, in Markdown."""
    pair = pairs.pair_of(path_of(uri))
    if pair is None:
        return ""
    judging = pairs.judging()
    dialect = judging.editions.dialect
    source, target = (parse(text, every_line=True, dialect=dialect) for text in _texts_of(server, pair))
    is_source = pair.source.resolve() == path_of(uri)
    terms = terms_of(source, judging.matcher)
    parts: list[str] = []
    for one in english_in(source, target, judging.rules.allowed):
        segment = one.segment
        if line == (segment.line if is_source else one.line):
            other = one.target if is_source else segment.text
            parts.append(without_tags(other))
            parts += [f"- {term.source} → {term.target}" for term in terms[segment.id]]
    return "\n".join(parts)


def path_of(uri: str) -> Path:
    """The file of an address such as `file:///a/issue.md`."""
    path = unquote(urlsplit(uri).path)
    return Path(path[1:] if os.name == "nt" else path).resolve()
