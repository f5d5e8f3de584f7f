"""Comments in fenced code: where their words stand, and how a translation is written between their marks.

And the title that a site shows above the code, which stands behind the language.

A language is a row of the table: what begins a comment and what ends it. Strings are read over, so that `//`
in an address is no comment. What is in doubt is code: it stays.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.model import Span
from weekly_translate.text.characters import lazy_pattern, with_replaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMENT = "#"
"""`Segment.quotes` of a comment."""
_DOUBLE = r'"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'(?:\\.|[^'\\\n])*'"
_DOUBLE_LONG = r'"(?:\\[\s\S]|[^"\\])*(?:"|\Z)'
_SINGLE_LONG = r"'(?:\\[\s\S]|[^'\\])*(?:'|\Z)"
_TRIPLE = r'"""(?:\\[\s\S]|(?!""")[\s\S])*(?:"""|\Z)'
_TRIPLE_SINGLE = r"'''(?:\\[\s\S]|(?!''')[\s\S])*(?:'''|\Z)"
_RAW = r"`[^`]*(?:`|\Z)"
_TEMPLATE = r"`(?:\\[\s\S]|\$\{(?:[^{}`]|`[^`]*`)*\}|[^`\\])*(?:`|\Z)"
_REGULAR = (
    r"(?:[=(,:;!&|?{}\[]|\breturn\b|^)[ \t]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,500}\]|[^/\\\n\[]){1,500}/"
)
_CHARACTER = r"'(?:\\[^\n][^'\n]{0,10}|[^'\\\n])'"
_SQL = r"'(?:''|[^'])*(?:'|\Z)"
_HEREDOC = (
    r"<<[-~]?[ \t]*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)[^\n]*\n"
    r"[\s\S]*?(?:^[ \t>]*(?P=end)[ \t]*\r?$|\Z)"
)
_BLOCK_SCALAR = (
    r"^(?P<indent>[ \t>]*)[^\n#]*?[|>][-+0-9]*[ \t]*\r?\n(?:(?:(?P=indent)[ \t]+[^\n]*|[ \t]*\r?)(?:\n|\Z))*"
)
_YAML_STRINGS = (_BLOCK_SCALAR, r"(?<=[\s\[,{:])'(?:''|[^'])*'", r'(?<=[\s\[,{:])"(?:\\[\s\S]|[^"\\])*"')


class _Language(NamedTuple):
    line: str = ""
    """What begins a comment that ends with its line, as a pattern."""
    blocks: tuple[tuple[str, str], ...] = ()
    strings: tuple[str, ...] = (_DOUBLE, _SINGLE)


_HASH, _HASH_AFTER_BLANK, _SLASHES = r"#", r"(?:^|(?<=[\s;(]))#", r"(?<!:)//"
_C = (("/*", "*/"),)
_FAMILIES: Mapping[str, _Language] = {
    "c cpp c++ cc h hpp objc objective-c cs csharp c# java glsl hlsl cuda proto protobuf thrift solidity sol "
    "verilog arduino": _Language(_SLASHES, _C, (_TRIPLE, r'@"(?:""|[^"])*"', _DOUBLE, _SINGLE)),
    "js javascript mjs cjs jsx ts typescript mts cts tsx": _Language(
        _SLASHES, _C, (_TEMPLATE, _DOUBLE, _SINGLE, _REGULAR)
    ),
    "json jsonc json5": _Language(_SLASHES, _C),
    "go golang": _Language(_SLASHES, _C, (_RAW, _DOUBLE, _CHARACTER)),
    "rust rs zig": _Language(
        _SLASHES, _C, (r'\br(?P<hashes>#*)"[\s\S]*?(?:"(?P=hashes)|\Z)', _DOUBLE_LONG, _CHARACTER)
    ),
    "kotlin kt kts swift scala groovy gradle dart": _Language(
        _SLASHES, _C, (_TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE)
    ),
    "php": _Language(rf"(?:{_SLASHES}|#(?!\[))", _C, (_DOUBLE_LONG, _SINGLE_LONG)),
    "python py python3 py3 pyi starlark bazel": _Language(
        _HASH, (), (_TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE)
    ),
    "sh bash shell zsh fish": _Language(
        _HASH_AFTER_BLANK, (), (_HEREDOC, r"\\[\s\S]", _DOUBLE_LONG, r"'[^']*(?:'|\Z)")
    ),
    "powershell ps1 pwsh": _Language(_HASH_AFTER_BLANK, (("<#", "#>"),), (r'"[^"]*"', r"'[^']*'")),
    "ruby rb elixir ex crystal": _Language(
        _HASH_AFTER_BLANK, (), (_HEREDOC, _TRIPLE, _DOUBLE_LONG, _SINGLE_LONG)
    ),
    "r cmake nix gdscript": _Language(_HASH, (), (_DOUBLE_LONG, _SINGLE_LONG)),
    "julia jl": _Language(_HASH, (("#=", "=#"),), (_TRIPLE, _DOUBLE, _CHARACTER)),
    "toml": _Language(_HASH, (), (_TRIPLE, _TRIPLE_SINGLE, _DOUBLE, r"'[^'\n]*'")),
    "yaml yml": _Language(_HASH_AFTER_BLANK, (), _YAML_STRINGS),
    "dockerfile docker": _Language(r"^[ \t]*#", (), ()),
    "makefile make nginx conf graphql gql": _Language(_HASH_AFTER_BLANK, (), (_DOUBLE, _SINGLE)),
    "ini properties env dotenv cfg": _Language(r"^[ \t]*[#;]", (), ()),
    "hcl terraform tf": _Language(rf"(?:#|{_SLASHES})", _C, (_HEREDOC, _DOUBLE)),
    "sql mysql pgsql postgresql plsql tsql sqlite": _Language("--", _C, (_SQL, r'"[^"]*"', r"`[^`]*`")),
    "lua": _Language("--", (("--[[", "]]"),), (r"\[\[[\s\S]*?(?:\]\]|\Z)", _DOUBLE, _SINGLE)),
    "haskell hs elm": _Language("--", (("{-", "-}"),), (_DOUBLE, _CHARACTER)),
    "clojure clj lisp scheme elisp": _Language(";", (), (_DOUBLE_LONG,)),
    "erlang erl matlab octave": _Language("%", (), (_DOUBLE, r"'[^'\n]*'")),
    "tex latex": _Language(r"(?<!\\)%", (), ()),
    "css": _Language("", _C),
    "scss sass less": _Language(_SLASHES, _C),
    "html htm xml svg vue svelte xhtml markdown md": _Language("", (("<!--", "-->"),), ()),
}
"""The names after a fence, and the marks of comments there."""
_LANGUAGES = {name: language for names, language in _FAMILIES.items() for name in names.split()}
_HOSTS = frozenset(("html", "htm", "vue", "svelte"))
_EMBEDDED = lazy_pattern(
    r"<(?P<tag>script|style)\b[^>]{0,500}>(?P<body>[\s\S]*?)(?:</(?P=tag)\s*>|\Z)", re.IGNORECASE
)
_EMBEDDED_LANGUAGES = {"script": "ts", "style": "scss"}

_FENCE = lazy_pattern(r"(?P<fence>`{3,}|~{3,})[ \t]*\{?[ \t]*\.?(?P<name>[\w+#-]*)[^\n]*(?:\n|\Z)")
_CLOSING = lazy_pattern(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*\s*\Z", re.MULTILINE)
_TITLE = lazy_pattern(
    r"""\b(?:title|caption|label)=(?P<quote>["'])(?P<title>[^"'`\\\n]+)(?P=quote)"""
    r"|(?<=[ \t])\[(?P<name>[^\[\]`\\\n]+)\][ \t]*(?=\r?\n|\Z)"
)
_LINE = lazy_pattern(r"[^\n]+")
_BEFORE_WORDS = lazy_pattern(
    r"(?:\s|[/!*#=~_+<>|;-]+(?=\s|\Z)|[/!*#=~_;-]{2,}|[/!*]+)*"  # frames, and the stars of a long comment
    r"(?:\[!code[^\]\n]{0,50}\]\s*)?"
    r"(?:@[a-zA-Z]+\s+(?:\{[^}\n]{0,100}\}\s+)?(?:[\[\]A-Za-z0-9_.$=]+\s+(?:-\s+)?)?)?"  # @param {T} name -
)
_FRAME = "/*#=~_-"


class Comment(NamedTuple):
    """The words in one line of a comment, and all that stands between its marks in that line."""

    words: Span
    whole: Span


def comments_in(source: str, span: Span) -> Iterator[Comment]:
    """The lines of the comments in a fenced block of code, in order; none in an unknown language."""
    fence = _FENCE.match(source, *span)
    if fence is None or fence["name"].lower() not in _LANGUAGES:
        return
    closing = _CLOSING.search(source, fence.end(), span.end)
    code = Span(fence.end(), closing.start() if closing else span.end)
    for inside in _inside(source, code, fence["name"].lower()):
        for line in _LINE.finditer(source, *inside):
            if words := _words(source, Span(*line.span())):
                yield Comment(words, Span(*line.span()))


def titles_in(source: str, span: Span) -> Iterator[tuple[Span, str]]:
    """The titles of a fenced block of code, each with what closes it: `title="…"`, or the name of a tab."""
    if fence := _FENCE.match(source, *span):
        for match in _TITLE.finditer(source, fence.end("name"), fence.end()):
            yield Span(*match.span("name" if match["name"] else "title")), match["quote"] or "]"


def code_without_comments(source: str, span: Span) -> str:
    """A fenced block of code with a sign in place of what its comments say: what a translation keeps."""
    said = [title for title, _ in titles_in(source, span)]
    said += [comment.whole for comment in comments_in(source, span)]
    return with_replaced(source, ((*one, "…") for one in said), *span).rstrip("\r\n")


def _words(source: str, line: Span) -> Span | None:
    before = _BEFORE_WORDS.match(source, *line)
    start = before.end() if before else line.start
    text = source[start : line.end].rstrip()
    core = text.rstrip(_FRAME)
    if len(text) - len(core) > 1 or core != core.rstrip():
        text = core.rstrip()
    return Span(start, start + len(text)) if text else None


def _inside(source: str, code: Span, name: str) -> Iterator[Span]:
    """What stands between the marks of each comment."""
    position = code.start
    for part in _EMBEDDED.finditer(source, *code) if name in _HOSTS else ():
        yield from _marked(source, Span(position, part.start()), name)
        yield from _marked(source, Span(*part.span("body")), _EMBEDDED_LANGUAGES[part["tag"].lower()])
        position = part.end()
    yield from _marked(source, Span(position, code.end), name)


def _marked(source: str, code: Span, name: str) -> Iterator[Span]:
    text = source[slice(*code)]  # a line that begins the code begins it for the pattern, too
    for match in _pattern(name).finditer(text):
        group = match.lastgroup or ""
        start, end = match.span(group)
        if group == "line" or (group != "string" and end < match.end()):
            yield Span(code.start + start, code.start + end)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Comments by what is between their marks, and strings; a block that is never closed is no comment."""
    line, blocks, strings = _LANGUAGES[name]
    parts = [
        rf"{re.escape(opening)}(?P<block{number}>[\s\S]*?)(?:{re.escape(closing)}|\Z)"
        for number, (opening, closing) in enumerate(blocks)
    ]
    parts += [rf"{line}(?P<line>[^\n]*)"] if line else []
    parts += [f"(?P<string>{'|'.join(strings)})"] if strings else []
    return re.compile("|".join(parts), re.MULTILINE)


_SIGNS = lazy_pattern(
    r"\*/|/\*|-->|--!>|<!--|\[\[|\]\]|=#|#=|-\}|\{-|#>|<#|\?>|</(?=script|style)|\{\{|\{%"
    r"|`{3,}|~{3,}",
    re.IGNORECASE,
)
"""What could end a comment, begin one within it, or end the block of code."""


def as_comment(target: str, source: str) -> str:
    """A translation as it can stand where `source` stands in a comment: nothing in it ends the comment."""
    known = set(_SIGNS.findall(source))
    text = _SIGNS.sub(lambda sign: sign[0] if sign[0] in known else " ".join(sign[0]), target).rstrip("\\ ")
    return text if text[:1].isalnum() or not source[:1].isalnum() else f" {text}"
