"""The texts of two documents side by side, for somebody who reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.compare.align import aligned
from weekly_translate.compare.learn import DocumentPair, in_source_tags, texts_of
from weekly_translate.compare.pair_files import read_side, refuse_exchanged
from weekly_translate.compare.under_edition import prepared_pair, rules_under
from weekly_translate.edition.applying import manuscript_of
from weekly_translate.markdown.segments import sections_of
from weekly_translate.model import Pair
from weekly_translate.report.findings import Side, side_of
from weekly_translate.text.characters import has_han

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weekly_translate.compare.judge import Rules
    from weekly_translate.compare.pair_files import FilePair, Judging
    from weekly_translate.model import Document


class AlignedText(NamedTuple):
    """A segment with its translation, in the tags of the source, and the heading that it stands under."""

    pair: Pair
    section: str


class FileTexts(NamedTuple):
    """Two files and the texts that they share."""

    source: Side
    target: Side
    texts: tuple[AlignedText, ...]


def texts_of_files(files: FilePair, options: Judging) -> FileTexts:
    """Read and align two files, as their edition wants it. Raises `InputRefusedError` and `UsageError`."""
    original, file = (read_side(path, options.encoding) for path in files)
    refuse_exchanged(files, original.text, file.text)
    manuscript = manuscript_of(original.text, files.source.name, options.editions, every_line=True)
    pair = prepared_pair(manuscript, file.text, options.rules.allowed)
    rules = rules_under(manuscript, pair, options.rules, options.matcher)
    return FileTexts(
        side_of(files.source.as_posix(), pair.source),
        side_of(files.target.as_posix(), pair.target),
        tuple(aligned_texts(pair.source, pair.target, rules)),
    )


def aligned_texts(source: Document, target: Document, rules: Rules) -> Iterator[AlignedText]:
    """Every text of the source that holds Chinese and has a translation, in the order of the source.

    Both documents come from `markdown.parse(text, every_line=True)`. What has no counterpart is for the
    comparison to say, and what an edition settles is nobody's translation.
    """
    documents, sections = DocumentPair(source, target), sections_of(source)
    allowed = rules.allowed
    for match in aligned(source, target, allowed).pairing.matches:
        for texts in texts_of(match, documents):
            segment = texts.source
            if segment.id in allowed.settled or not has_han(segment.text):
                continue
            result = in_source_tags(texts, documents, allowed, match.source[0].item)
            if not result.target.strip():
                continue
            section = sections.get(segment.id, "")
            shown = replace(segment, text=result.source)
            terms = rules.terms_in(result.source, section)
            yield AlignedText(Pair(shown, result.target, terms, texts.target.line), section)
