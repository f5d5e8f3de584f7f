"""The table of the checks, in the order in which a fault is given to one of them."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from weekly_translate.checks import (
    characters,
    fullness,
    language,
    layout,
    manners,
    markup,
    names,
    numbers,
    punctuation,
    spelling,
    terms,
    titles,
    units,
    wholeness,
    words,
)
from weekly_translate.checks.rule import ERROR, INFO, WARNING, Check, Rule
from weekly_translate.model import Finding, Kind, Pair
from weekly_translate.text.chinese import has_han

if TYPE_CHECKING:
    from weekly_translate.checks.counterparts import Senses

_NO_TRANSLATION = (
    *("seg.", "num.", "tag.", "term.", "punct.", "emoji.", "code.", "llm.", "lang.", "caps.", "math."),
    *("path.", "email.", "space.", "word."),
)
_OTHER_WORDS = ("seg.", "num.", "term.", "punct.", "emoji.", "llm.", "lang.", "caps.", "space.", "word.")
_SHORTER = ("num.", "term.", "punct.end", "seg.sentences", "path.", "email.", "code.identifier")
_WITH_A_NUMBER = ("title.", "seg.too-long", "llm.addition")
"""A name in front of a title may hold the number; and a number makes a text look longer, or strange."""

CHECKS: dict[Check, Rule] = {
    wholeness.target_is_there: Rule("seg.empty", ERROR, explains=(*_NO_TRANSLATION, "char.zero-width")),
    characters.no_surrogate: Rule("char.surrogate", ERROR),
    characters.no_control_character: Rule(
        "char.control", ERROR, explains=("num.added", "char.mojibake", "punct.brackets"), fix=True
    ),
    characters.no_direction_mark: Rule("char.bidi", ERROR, fix=True),
    characters.no_hidden_text: Rule("char.tag-smuggle", ERROR, fix=True),
    characters.no_replacement_character: Rule("char.replacement", ERROR),
    characters.no_zero_width: Rule("char.zero-width", WARNING, fix=True),
    manners.no_key_leaks: Rule("llm.key-leak", ERROR, explains=("md.",)),
    manners.no_thoughts: Rule("llm.think-leak", ERROR, explains=(*_OTHER_WORDS, "sec.", "tag.duplicate")),
    markup.no_address_is_invented: Rule(
        "url.added", ERROR, explains=("num.added", "email.", "path.", "seg.line")
    ),
    manners.no_refusal: Rule("llm.refusal", ERROR, explains=_NO_TRANSLATION),
    manners.prompt_stays_inside: Rule("llm.prompt-leak", ERROR, explains=_NO_TRANSLATION),
    wholeness.target_is_translated: Rule("seg.untranslated", ERROR, explains=(*_NO_TRANSLATION, "char.full")),
    language.language_is_english: Rule("lang.wrong", ERROR, explains=(*_NO_TRANSLATION, "char.script")),
    manners.no_fence_around: Rule("llm.fence-wrap", INFO, explains=("llm.json", "seg.line", "caps.")),
    manners.no_preface: Rule(
        "llm.preface", ERROR, explains=("llm.", "seg.too-long", "seg.residual", "seg.line"), fix=True
    ),
    manners.no_commentary: Rule(
        "llm.commentary",
        ERROR,
        explains=("seg.too-long", "seg.line", "seg.sentences", "punct.end", "llm.addition"),
        fix=True,
    ),
    manners.no_json_is_left: Rule(
        "llm.json-residue", ERROR, explains=("llm.", "seg.truncated", "punct.", "caps."), fix=True
    ),
    manners.no_escape_is_left: Rule("llm.escape-residue", ERROR, explains=("punct.quotes", "caps.")),
    spelling.no_entity_is_left: Rule(
        "llm.entity-double", WARNING, explains=("num.added", "punct.space"), fix=True
    ),
    manners.no_loop: Rule("llm.loop", ERROR, explains=(*_OTHER_WORDS, "tag.duplicate")),
    wholeness.text_is_said_once: Rule(
        "seg.repeated",
        ERROR,
        explains=("seg.too-long", "seg.sentences", "seg.line", "tag.duplicate", "llm.addition", "num.added"),
        fix=True,
    ),
    markup.no_tag_is_damaged: Rule("tag.leak", ERROR, explains=("num.added", "llm.entity")),
    markup.tags_survive: Rule("tag.missing", ERROR),
    markup.no_tag_is_invented: Rule("tag.extra", ERROR),
    markup.tags_stand_once: Rule("tag.duplicate", ERROR),
    markup.tags_are_closed: Rule("tag.orphan", ERROR, explains=("tag.space",)),
    markup.tags_are_nested: Rule("tag.malformed", ERROR, explains=("tag.space",)),
    markup.labels_have_words: Rule("tag.empty", ERROR, explains=("tag.space",)),
    markup.labels_stay_with_their_links: Rule("seg.swapped", ERROR),
    markup.code_is_unchanged: Rule("code.changed", ERROR),
    markup.no_template_is_invented: Rule("sec.raw-html", ERROR),
    markup.no_html_is_invented: Rule("sec.raw-html", ERROR, explains=("num.added",)),
    wholeness.no_clause_stays_chinese: Rule(
        "seg.residual-cjk",
        ERROR,
        explains=("seg.", "llm.addition", "punct.", "term.", "num.", "path.", "code.identifier"),
    ),
    wholeness.no_word_stays_chinese: Rule(
        "seg.residual-cjk", WARNING, explains=("punct.cjk", "punct.end", "term.missing", "num.missing")
    ),
    wholeness.length_is_possible: Rule(
        "seg.too-long", ERROR, explains=("num.added", "seg.sentences", "llm.addition")
    ),
    wholeness.nothing_is_left_out: Rule("seg.too-short", ERROR, explains=("seg.", *_SHORTER)),
    wholeness.text_is_complete: Rule(
        "seg.truncated", ERROR, explains=("seg.too-short", "seg.sentences", "punct.", *_SHORTER)
    ),
    fullness.nothing_is_omitted: Rule("seg.too-short", ERROR, explains=("seg.", *_SHORTER)),
    fullness.nothing_is_made_up: Rule("llm.addition", ERROR, explains=("num.", "seg.", "llm.")),
    names.issue_numbers_are_kept: Rule("num.issue", ERROR, explains=("num.", "title.")),
    names.names_keep_their_figures: Rule(
        "term.nontranslatable", ERROR, in_titles=WARNING, explains=("term.non", "title.", "num.added")
    ),
    names.mail_addresses_are_kept: Rule("email.changed", ERROR, explains=("term.nontranslatable", "path.")),
    names.formulas_are_kept: Rule("math.changed", ERROR, explains=("num.", "code.")),
    units.currencies_are_equal: Rule("num.currency", ERROR, in_titles=WARNING),
    units.units_are_equal: Rule("num.unit", ERROR, in_titles=WARNING),
    numbers.numbers_are_equal: Rule("num.value", ERROR, in_titles=WARNING, explains=_WITH_A_NUMBER),
    numbers.versions_are_equal: Rule("num.version", ERROR, in_titles=WARNING, explains=_WITH_A_NUMBER),
    numbers.dates_are_equal: Rule("num.date", ERROR, in_titles=WARNING, explains=_WITH_A_NUMBER),
    numbers.numbers_survive: Rule("num.missing", ERROR, in_titles=WARNING, explains=_WITH_A_NUMBER),
    numbers.small_numbers_survive: Rule("num.missing", WARNING),
    numbers.no_number_is_invented: Rule("num.added", ERROR, in_titles=WARNING, explains=_WITH_A_NUMBER),
    numbers.no_small_number_is_invented: Rule("num.added", WARNING),
    units.growth_is_clear: Rule("num.fold", WARNING),
    fullness.little_is_omitted: Rule(
        "seg.too-short", WARNING, explains=("seg.", "term.", "code.identifier", "path.", "punct.end")
    ),
    fullness.little_is_made_up: Rule("llm.addition", WARNING, explains=("seg.", "llm.")),
    wholeness.length_is_usual: Rule("seg.too-long", WARNING, in_titles=INFO),
    wholeness.little_is_left_out: Rule("seg.too-short", WARNING),
    terms.forbidden_terms_stay_out: Rule(
        "term.forbidden", ERROR, in_titles=WARNING, explains=("term.missing",)
    ),
    terms.terms_are_kept: Rule("term.missing", WARNING),
    terms.terms_are_kept_in_headlines: Rule("term.missing", INFO),
    names.paths_are_kept: Rule("path.changed", WARNING, in_titles=INFO, explains=("term.",)),
    names.identifiers_are_kept: Rule("code.identifier", WARNING, in_titles=INFO, explains=("term.",)),
    names.names_are_whole: Rule(
        "term.nontranslatable", ERROR, in_titles=WARNING, explains=("term.non", "title.")
    ),
    titles.the_name_leads_the_title: Rule("title.name", WARNING, explains=("term.",)),
    titles.the_name_keeps_its_case: Rule("title.name", INFO, explains=("term.",)),
    names.names_keep_their_case: Rule("term.case", WARNING, fix=True),
    names.names_stay: Rule("term.nontranslatable", WARNING, in_titles=INFO, explains=("caps.",)),
    language.language_note_keeps_its_meaning: Rule("lang.tag", ERROR),
    language.references_are_adapted: Rule("lang.self-reference", INFO),
    layout.edges_are_kept: Rule("seg.edge-space", WARNING),
    layout.no_paragraph_is_added: Rule("llm.commentary", ERROR, explains=("seg.", "punct.", "num.added")),
    layout.lines_are_kept: Rule("seg.linebreaks", WARNING),
    layout.sentences_are_about_as_many: Rule("seg.sentences", INFO),
    layout.tags_stand_between_words: Rule("tag.space", WARNING, explains=("space.",), fix=True),
    layout.no_emphasis_is_written: Rule("md.emphasis", WARNING),
    spelling.letters_have_normal_width: Rule("char.fullwidth", WARNING, fix=True),
    spelling.no_text_is_misread: Rule("char.mojibake", WARNING, explains=("punct.",)),
    spelling.words_keep_to_one_alphabet: Rule("char.script", WARNING),
    characters.punctuation_is_english: Rule("punct.cjk", WARNING, fix=True),
    punctuation.sentence_end_survives: Rule("punct.end", WARNING),
    punctuation.brackets_are_balanced: Rule("punct.brackets", WARNING),
    punctuation.quotes_are_paired: Rule("punct.quotes", WARNING),
    punctuation.no_mark_is_repeated: Rule("punct.repeat", WARNING, fix=True),
    punctuation.marks_are_spaced: Rule("punct.space", WARNING, fix=True),
    punctuation.spaces_are_single: Rule("space.double", WARNING, fix=True),
    characters.emoji_survive: Rule("emoji.body", WARNING),
    words.a_text_starts_with_a_capital: Rule("caps.start", INFO),
    words.capitals_stand_in_front: Rule("caps.multi", WARNING),
    words.no_word_is_doubled: Rule("word.repeated", WARNING, fix=True),
    words.articles_fit: Rule("word.article", INFO),
}

_LOOKED_UP = (
    fullness.nothing_is_omitted,
    fullness.little_is_omitted,
    fullness.nothing_is_made_up,
    fullness.little_is_made_up,
    wholeness.little_is_left_out,
)


def findings_of(
    pair: Pair,
    *,
    kept: frozenset[str] = frozenset(),
    prompt_grams: frozenset[str] = frozenset(),
    senses: Senses | None = None,
) -> list[Finding]:
    """Whatever the checks say about a pair, each fault once.

    `kept` are names that may stay Chinese, `prompt_grams` is `grams_of` the instructions of the prompt.
    Without a dictionary, `senses`, an omitted or invented sentence shows by the length alone.
    """
    if pair.target == pair.segment.text and not has_han(pair.segment.text):
        return []
    findings: list[Finding] = []
    explained: tuple[str, ...] = ()
    for check, rule in _informed_checks(kept, prompt_grams, senses):
        if explained and rule.id.startswith(explained):
            continue
        messages = list(check(pair))
        if messages:
            explained += rule.explains
        findings += [_finding(message, rule, pair) for message in messages]
    return findings


@lru_cache(maxsize=4)
def _informed_checks(
    kept: frozenset[str], prompt_grams: frozenset[str], senses: Senses | None
) -> tuple[tuple[Check, Rule], ...]:
    """The table as the segments of a document are judged by it: thousands of them, one after the other."""
    return tuple((_informed(check, kept, prompt_grams, senses), rule) for check, rule in CHECKS.items())


def _informed(
    check: Check, kept: frozenset[str], prompt_grams: frozenset[str], senses: Senses | None
) -> Check:
    """The checks that know more than the pair are told it."""
    if check in _LOOKED_UP:
        return partial(check, senses=senses)
    if check in (wholeness.no_clause_stays_chinese, wholeness.no_word_stays_chinese):
        return partial(check, kept=kept)
    return partial(check, grams=prompt_grams) if check is manners.prompt_stays_inside else check


def _finding(message: str, rule: Rule, pair: Pair) -> Finding:
    title = pair.segment.kind is Kind.TITLE
    severity = rule.in_titles if title and rule.in_titles else rule.severity
    return Finding(rule.id, severity, message, pair.segment.id, pair.segment.line, pair.target_line)
