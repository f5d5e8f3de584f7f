"""The table of the faults: what is sown, which goal it counts for, and under which ids it may be reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from random import Random
from typing import NamedTuple

from weekly_translate.selftest import figures, harmless, held, manners, structure, terms, wording
from weekly_translate.selftest.ground import Ground, Sown

Sow = Callable[[Ground, Random], Iterator[Sown]]


class Goal(StrEnum):
    """What share of its faults has to be found, each once and under the right id."""

    CERTAIN = "structure and numbers"
    LIKELY = "sentences and leftovers"
    SILENT = "harmless changes"


SHARES = {Goal.CERTAIN: 0.99, Goal.LIKELY: 0.95}


class Fault(NamedTuple):
    """A kind of fault: its name, its goal, the ids that fit.

    More than one fits where a fault shows in several ways and each of them names it: a lost sentence by the
    number or the name that went with it, a strayed one by the number that it brings, a preface on a line of
    its own as a paragraph that the source lacks.
    """

    name: str
    goal: Goal
    ids: tuple[str, ...]


FAULTS: dict[Sow, Fault] = {
    held.address_altered: Fault("URL altered", Goal.CERTAIN, ("url.changed",)),
    held.address_cut: Fault("URL cut", Goal.CERTAIN, ("url.changed",)),
    held.link_dropped: Fault("link dropped", Goal.CERTAIN, ("url.missing",)),
    held.link_invented: Fault("link invented", Goal.CERTAIN, ("url.added",)),
    held.links_swapped: Fault("links swapped", Goal.CERTAIN, ("seg.swapped",)),
    held.image_altered: Fault("image altered", Goal.CERTAIN, ("url.changed",)),
    held.image_dropped: Fault("image dropped", Goal.CERTAIN, ("img.missing",)),
    held.image_invented: Fault("image invented", Goal.CERTAIN, ("img.added",)),
    held.images_swapped: Fault("images swapped", Goal.CERTAIN, ("img.order",)),
    held.code_altered: Fault("code altered", Goal.CERTAIN, ("code.changed",)),
    held.code_unmarked: Fault("code unmarked", Goal.CERTAIN, ("code.missing",)),
    held.code_block_altered: Fault("code block altered", Goal.CERTAIN, ("code.changed",)),
    held.emphasis_dropped: Fault("emphasis dropped", Goal.CERTAIN, ("tag.missing",)),
    structure.heading_level_changed: Fault("heading level changed", Goal.CERTAIN, ("md.heading-level",)),
    structure.heading_unmarked: Fault("heading unmarked", Goal.CERTAIN, ("md.heading-level",)),
    structure.heading_dropped: Fault("heading dropped", Goal.CERTAIN, ("md.heading-level",)),
    structure.heading_emoji_changed: Fault("heading emoji changed", Goal.CERTAIN, ("emoji.heading",)),
    structure.emoji_dropped: Fault("emoji dropped", Goal.CERTAIN, ("emoji.body",)),
    structure.item_number_changed: Fault("item number changed", Goal.CERTAIN, ("md.item-number",)),
    structure.item_dropped: Fault("item dropped", Goal.CERTAIN, ("seg.missing",)),
    structure.items_swapped: Fault("items swapped", Goal.CERTAIN, ("seg.swapped",)),
    structure.paragraph_dropped: Fault("paragraph dropped", Goal.CERTAIN, ("seg.missing",)),
    structure.paragraph_invented: Fault("paragraph invented", Goal.CERTAIN, ("seg.extra",)),
    structure.paragraphs_merged: Fault("paragraphs merged", Goal.CERTAIN, ("md.skeleton",)),
    figures.number_altered: Fault("number altered", Goal.CERTAIN, ("num.value",)),
    figures.magnitude_altered: Fault("magnitude altered", Goal.CERTAIN, ("num.value",)),
    figures.number_dropped: Fault("number dropped", Goal.CERTAIN, ("num.missing",)),
    figures.number_invented: Fault("number invented", Goal.CERTAIN, ("num.added", "llm.addition")),
    figures.date_altered: Fault("date altered", Goal.CERTAIN, ("num.date",)),
    figures.version_altered: Fault("version altered", Goal.CERTAIN, ("num.version",)),
    figures.unit_altered: Fault("unit altered", Goal.CERTAIN, ("num.unit",)),
    figures.currency_altered: Fault("currency altered", Goal.CERTAIN, ("num.currency",)),
    figures.stars_altered: Fault("stars altered", Goal.CERTAIN, ("num.value",)),
    figures.issue_number_altered: Fault("issue number altered", Goal.CERTAIN, ("num.issue", "num.value")),
    manners.note_inverted: Fault("language note inverted", Goal.CERTAIN, ("lang.tag",)),
    terms.name_altered: Fault("name altered", Goal.CERTAIN, ("term.nontranslatable", "title.name")),
    terms.case_altered: Fault("case of a name altered", Goal.CERTAIN, ("term.case", "title.name")),
    terms.term_replaced: Fault("term violated", Goal.CERTAIN, ("term.missing", "term.forbidden")),
    manners.preface_added: Fault("preamble", Goal.CERTAIN, ("llm.preface", "seg.extra")),
    manners.comment_added: Fault("translator's comment", Goal.CERTAIN, ("llm.commentary",)),
    manners.fence_added: Fault("fence around a text", Goal.CERTAIN, ("llm.fence-wrap",)),
    wording.sentence_dropped: Fault(
        "sentence dropped", Goal.LIKELY, ("seg.too-short", "num.missing", "term.nontranslatable")
    ),
    wording.sentence_invented: Fault("sentence invented", Goal.LIKELY, ("llm.addition", "seg.too-long")),
    wording.sentence_strayed: Fault(
        "sentence strayed", Goal.LIKELY, ("llm.addition", "seg.too-long", "num.added")
    ),
    wording.sentence_repeated: Fault("sentence repeated", Goal.LIKELY, ("seg.repeated", "llm.addition")),
    wording.clause_left: Fault("clause left in Chinese", Goal.LIKELY, ("seg.residual-cjk",)),
    wording.word_left: Fault("word left in Chinese", Goal.LIKELY, ("seg.residual-cjk",)),
    wording.half_left: Fault("half left in Chinese", Goal.LIKELY, ("seg.residual-cjk",)),
    wording.all_left: Fault("not translated", Goal.LIKELY, ("seg.untranslated",)),
    wording.text_cut_off: Fault("cut off", Goal.LIKELY, ("seg.truncated", "seg.too-short")),
    harmless.figure_respelled: Fault("number in another form", Goal.SILENT, ()),
    harmless.quotes_curled: Fault("curly quotes", Goal.SILENT, ()),
    harmless.lines_spaced: Fault("one more blank line", Goal.SILENT, ()),
    harmless.emphasis_respelled: Fault("the other emphasis sign", Goal.SILENT, ()),
    harmless.note_respelled: Fault("note in other words", Goal.SILENT, ()),
    harmless.stars_respelled: Fault("stars in other words", Goal.SILENT, ()),
    harmless.sentences_joined: Fault("two sentences as one", Goal.SILENT, ()),
    harmless.clause_moved: Fault("a comma less", Goal.SILENT, ()),
}
