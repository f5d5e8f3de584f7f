"""The table of the checks, in the order in which a fault is given to one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from weekly_translate.checks.characters import (
    emoji_survive,
    no_control_character,
    no_direction_mark,
    no_hidden_text,
    no_replacement_character,
    no_surrogate,
    no_zero_width,
    punctuation_is_english,
)
from weekly_translate.checks.manners import (
    no_commentary,
    no_escape_is_left,
    no_fence_around,
    no_json_is_left,
    no_key_leaks,
    no_loop,
    no_preface,
    no_refusal,
    no_thoughts,
    prompt_stays_inside,
)
from weekly_translate.checks.markup import (
    code_is_unchanged,
    labels_have_words,
    labels_stay_with_their_links,
    no_address_is_invented,
    no_html_is_invented,
    no_tag_is_damaged,
    no_tag_is_invented,
    tags_are_closed,
    tags_are_nested,
    tags_stand_once,
    tags_survive,
)
from weekly_translate.checks.numbers import (
    dates_are_equal,
    no_number_is_invented,
    no_small_number_is_invented,
    numbers_are_equal,
    numbers_survive,
    small_numbers_survive,
    versions_are_equal,
)
from weekly_translate.checks.terms import forbidden_terms_stay_out, terms_are_kept
from weekly_translate.checks.wholeness import (
    length_is_possible,
    length_is_usual,
    little_is_left_out,
    no_clause_stays_chinese,
    no_word_stays_chinese,
    nothing_is_left_out,
    target_is_there,
    target_is_translated,
    text_is_complete,
    text_is_said_once,
)
from weekly_translate.chinese import has_han
from weekly_translate.model import Finding, Kind, Pair, Severity

Check = Callable[[Pair], Iterator[str]]
"""Says in whole sentences what is wrong with a pair. People read them, and so does the model that repairs."""

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


class Rule(NamedTuple):
    """What a complaint of a check counts as.

    In titles it counts as `in_titles` if that is given: they often are the linked page's English headline.
    `explains` lists the starts of the ids that are not looked at once this check has complained.
    """

    id: str
    severity: Severity
    in_titles: Severity | None = None
    explains: tuple[str, ...] = ()


_NO_TRANSLATION = ("seg.", "num.", "tag.", "term.", "punct.", "emoji.", "code.", "llm.")
_OTHER_WORDS = ("seg.", "num.", "term.", "punct.", "emoji.", "llm.")

CHECKS: dict[Check, Rule] = {
    target_is_there: Rule("seg.empty", ERROR, explains=(*_NO_TRANSLATION, "char.zero-width")),
    no_surrogate: Rule("char.surrogate", ERROR),
    no_control_character: Rule("char.control", ERROR, explains=("num.added",)),
    no_direction_mark: Rule("char.bidi", ERROR),
    no_hidden_text: Rule("char.tag-smuggle", ERROR),
    no_replacement_character: Rule("char.replacement", ERROR),
    no_zero_width: Rule("char.zero-width", WARNING),
    no_key_leaks: Rule("llm.key-leak", ERROR),
    no_thoughts: Rule("llm.think-leak", ERROR, explains=(*_OTHER_WORDS, "sec.", "tag.duplicate")),
    no_address_is_invented: Rule("url.added", ERROR, explains=("num.added",)),
    no_refusal: Rule("llm.refusal", ERROR, explains=_NO_TRANSLATION),
    prompt_stays_inside: Rule("llm.prompt-leak", ERROR, explains=_NO_TRANSLATION),
    target_is_translated: Rule("seg.untranslated", ERROR, explains=_NO_TRANSLATION),
    no_fence_around: Rule("llm.fence-wrap", INFO, explains=("llm.json",)),
    no_preface: Rule("llm.preface", ERROR, explains=("llm.", "seg.too-long", "seg.residual")),
    no_commentary: Rule("llm.commentary", ERROR, explains=("seg.too-long",)),
    no_json_is_left: Rule("llm.json-residue", ERROR, explains=("llm.", "seg.truncated")),
    no_escape_is_left: Rule("llm.escape-residue", ERROR),
    no_loop: Rule("llm.loop", ERROR, explains=(*_OTHER_WORDS, "tag.duplicate")),
    text_is_said_once: Rule("seg.repeated", ERROR, explains=("seg.too-long", "tag.duplicate")),
    no_tag_is_damaged: Rule("tag.leak", ERROR, explains=("num.added",)),
    tags_survive: Rule("tag.missing", ERROR),
    no_tag_is_invented: Rule("tag.extra", ERROR),
    tags_stand_once: Rule("tag.duplicate", ERROR),
    tags_are_closed: Rule("tag.orphan", ERROR),
    tags_are_nested: Rule("tag.malformed", ERROR),
    labels_have_words: Rule("tag.empty", ERROR),
    labels_stay_with_their_links: Rule("seg.swapped", ERROR),
    code_is_unchanged: Rule("code.changed", ERROR),
    no_html_is_invented: Rule("sec.raw-html", ERROR, explains=("num.added",)),
    no_clause_stays_chinese: Rule(
        "seg.residual-cjk", ERROR, explains=("seg.too-short", "punct.", "term.missing")
    ),
    no_word_stays_chinese: Rule("seg.residual-cjk", WARNING, explains=("punct.",)),
    length_is_possible: Rule("seg.too-long", ERROR, explains=("num.added",)),
    nothing_is_left_out: Rule("seg.too-short", ERROR, explains=("seg.truncated", "num.missing")),
    text_is_complete: Rule("seg.truncated", ERROR, explains=("seg.too-short", "num.missing")),
    numbers_are_equal: Rule("num.value", ERROR, in_titles=WARNING),
    versions_are_equal: Rule("num.version", ERROR, in_titles=WARNING),
    dates_are_equal: Rule("num.date", ERROR, in_titles=WARNING),
    numbers_survive: Rule("num.missing", ERROR, in_titles=WARNING),
    small_numbers_survive: Rule("num.missing", WARNING),
    no_number_is_invented: Rule("num.added", ERROR, in_titles=WARNING),
    no_small_number_is_invented: Rule("num.added", WARNING),
    length_is_usual: Rule("seg.too-long", WARNING),
    little_is_left_out: Rule("seg.too-short", WARNING),
    forbidden_terms_stay_out: Rule("term.forbidden", ERROR, in_titles=WARNING, explains=("term.missing",)),
    terms_are_kept: Rule("term.missing", WARNING),
    punctuation_is_english: Rule("punct.cjk", WARNING),
    emoji_survive: Rule("emoji.body", WARNING),
}


def findings_of(
    pair: Pair, *, kept: frozenset[str] = frozenset(), prompt_grams: frozenset[str] = frozenset()
) -> list[Finding]:
    """Whatever the checks say about a pair, each fault once.

    `kept` are names that may stay Chinese, `prompt_grams` is `grams_of` the instructions of the prompt.
    """
    if pair.target == pair.segment.text and not has_han(pair.segment.text):
        return []
    findings: list[Finding] = []
    explained: tuple[str, ...] = ()
    for check, rule in CHECKS.items():
        if rule.id.startswith(explained):
            continue
        messages = list(_informed(check, kept, prompt_grams)(pair))
        if messages:
            explained += rule.explains
        findings += [_finding(message, rule, pair) for message in messages]
    return findings


def _informed(check: Check, kept: frozenset[str], prompt_grams: frozenset[str]) -> Check:
    """The three checks that know more than the pair are told it."""
    if check in (no_clause_stays_chinese, no_word_stays_chinese):
        return partial(check, kept=kept)
    return partial(check, grams=prompt_grams) if check is prompt_stays_inside else check


def _finding(message: str, rule: Rule, pair: Pair) -> Finding:
    title = pair.segment.kind is Kind.TITLE
    severity = rule.in_titles if title and rule.in_titles else rule.severity
    return Finding(rule.id, severity, message, segment=pair.segment.id, source_line=pair.segment.line)
