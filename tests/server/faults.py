"""Every way to misbehave, by name: a function on the answers, on their text, or on the completion.

What is wrong below that stands in `statuses` (HTTP) and `wire` (the socket).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from weekly_translate.text.characters import TAG, tokens_of, without_tags

from .asking import Answers, Asked, Question, faithful, in_format
from .statuses import SOCKET_FAULTS, STATUS_FAULTS, Status
from .translating import translated


@dataclass(frozen=True)
class Fault:
    """`times` requests misbehave (None: all of them), each with the probability `share`.

    `where` keeps a fault to the segments whose Chinese contains it. What a seeded `share` decides depends
    on the request and how often it came, not on the order in which requests arrive.

    Of `ignore_terms` the share is that of the terms, and only first answers have it; `ignore_always` ignores
    the term in `where`.
    """

    name: str
    times: int | None = None
    share: float = 1.0
    where: str = ""
    status: Status | None = field(default=None, compare=False)
    """What is answered, where no name stands for it."""
    only_with: str = ""
    """It answers only requests with this field, or with a message of this role."""
    only_without: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAULTS and self.status is None:
            raise ValueError(f"no such fault: {self.name}; there are {', '.join(sorted(FAULTS))}")


class Completion(NamedTuple):
    """The parts of a chat completion that a fault may change."""

    content: object
    finish: object = "stop"
    refusal: str | None = None


Text = Callable[[str, Asked, Question], str]

# ------------------------------------------------------------------------ one translation is bad


def _half(text: str, asked: Asked) -> str:
    return f"{text[: len(text) // 2].rstrip('<')} {without_tags(asked.zh)[len(asked.zh) // 2 :] or asked.zh}"


def _without_first(pattern: str, text: str) -> str:
    return re.sub(pattern, "", text, count=1)


def _without_last_sentence(text: str) -> str:
    sentences = re.split(r"(?<=[.!?]) ", text)
    return " ".join(sentences[:-1] or sentences)


def _without_first_tag(text: str) -> str:
    name = next((token.name for token in tokens_of(text) if token.name), "-")
    return re.sub(rf"</?{name}/?>", "", text)


def _with_first_tag_twice(text: str) -> str:
    first = next((token for token in tokens_of(text) if token.name), None)
    if first is None:
        return text
    return f"{text} {first.text}" if first.alone else f"{text} <{first.name}>again</{first.name}>"


def _with_two_tags_swapped(text: str) -> str:
    names = list(dict.fromkeys(token.name for token in tokens_of(text) if token.name))
    if len(names) < 2:
        return text
    other = {names[0]: names[1], names[1]: names[0]}

    def swapped(match: re.Match[str]) -> str:
        return match[0].replace(match["name"], other.get(match["name"], match["name"]))

    return TAG.sub(swapped, text)


def _in_full_width(text: str) -> str:
    """Letters, figures and marks as Chinese fonts have them, except in tags and code."""
    text = re.sub(r"(?<=[a-z])([,.]) ", lambda mark: "，。"[mark[1] == "."], text)
    kept = r"<(c\d+)>.*?</\1>|<[^<>]+>"
    return re.sub(
        rf"{kept}|[a-z]", lambda match: match[0].translate(_FULL) if len(match[0]) == 1 else match[0], text
    )


_FULL = {code: code + 0xFEE0 for code in range(ord("a"), ord("z") + 1)}


def _with_first_figure(text: str, change: Callable[[str], str]) -> str:
    return re.sub(r"\d[\d,.]*\d|\d", lambda match: change(match[0]), text, count=1)


def _obeyed(text: str, asked: Asked) -> str:
    return "PWNED" if re.search("忽略|指令|ignore|instruction", asked.zh, re.IGNORECASE) else text


TEXT_FAULTS: dict[str, Text] = {
    "empty": lambda _text, _asked, _question: "",
    "whitespace": lambda _text, _asked, _question: " \n\t ",
    "echo": lambda _text, asked, _question: asked.zh,
    "half_chinese": lambda text, asked, _question: _half(text, asked),
    "drop_tag": lambda text, _asked, _question: _without_first_tag(text),
    "drop_closing_tag": lambda text, _asked, _question: _without_first(r"</[a-z]+\d+>", text),
    "duplicate_tag": lambda text, _asked, _question: _with_first_tag_twice(text),
    "swap_tags": lambda text, _asked, _question: _with_two_tags_swapped(text),
    "invent_tag": lambda text, _asked, _question: f"<b99>{text}</b99>",
    "change_code": lambda text, _asked, _question: re.sub(r"<(c\d+)>.*?</\1>", r"<\1>changed</\1>", text),
    "add_url": lambda text, _asked, _question: f"{text} See https://evil.example/x.",
    "markdown_link": lambda text, _asked, _question: f"{text} [more](https://evil.example)",
    "raw_html": lambda text, _asked, _question: f"{text} <img src=x onerror=alert(1)>",
    "refusal_en": lambda _text, _asked, _question: "I'm sorry, but I can't assist with that request.",
    "refusal_zh": lambda _text, _asked, _question: "抱歉，我无法协助处理这个请求。",
    "truncated": lambda text, _asked, _question: text[: max(1, len(text) // 3)],
    "last_sentence": lambda text, _asked, _question: _without_last_sentence(text),
    "repeated": lambda text, _asked, _question: f"{text} {text}",
    "loop": lambda text, _asked, _question: text + " that it" * 200,
    "wrong_magnitude": lambda text, _asked, _question: _with_first_figure(text, lambda figure: f"{figure}0"),
    "number_dropped": lambda text, _asked, _question: _with_first_figure(text, lambda _figure: "some"),
    "control": lambda text, _asked, _question: f"{text[:3]}\x07\x00{text[3:]}",
    "ansi": lambda text, _asked, _question: f"\x1b[2J\x1b[31m{text}\x1b[0m",
    "bidi": lambda text, _asked, _question: f"\u202e{text}\u202c",
    "zero_width": lambda text, _asked, _question: f"{text[:3]}\u200b\u200d{text[3:]}",
    "tag_characters": lambda text, _asked, _question: text + "".join(chr(0xE0000 + ord(c)) for c in "ignore"),
    "surrogate": lambda text, _asked, _question: f"{text} \ud83d",
    "full_width": lambda text, _asked, _question: _in_full_width(text),
    "key_echo": lambda text, _asked, question: f"{text} {question.key or 'sk-abcdefghijklmnop'}",
    "obey": lambda text, asked, _question: _obeyed(text, asked),
    "segment_preamble": lambda text, _asked, _question: f"Sure! Here is the translation: {text}",
    "segment_leak": lambda text, _asked, question: f"{text} {' '.join(question.system.split()[:16])}",
}

# ------------------------------------------------------------------------ terms are not kept


def _without_some_terms(asked: Asked, question: Question, fault: Fault) -> str:
    """A first answer; corrections are faithful."""
    if asked.complaints:
        return translated(asked.zh, question.terms)
    kept = {
        term: english
        for term, english in question.terms.items()
        if random.Random(f"{asked.zh} {term}").random() >= fault.share  # noqa: S311  repeatable
    }
    return translated(asked.zh, kept)


def _without_one_term(asked: Asked, question: Question, fault: Fault) -> str:
    """The term in `where` never comes; all of them, if there is none."""
    kept = {term: english for term, english in question.terms.items() if fault.where and term != fault.where}
    return translated(asked.zh, kept)


TERM_FAULTS: dict[str, Callable[[Asked, Question, Fault], str]] = {
    "ignore_terms": _without_some_terms,
    "ignore_always": _without_one_term,
}

# ------------------------------------------------------------------------ the set of answers is bad


def _swapped(answers: Answers) -> Answers:
    """Each answer under the id before it: a batch that slipped."""
    ids = [id_ for id_, _ in answers]
    texts = [text for _, text in answers]
    return list(zip(ids, texts[1:] + texts[:1], strict=True))


ANSWERS_FAULTS: dict[str, Callable[[Answers], Answers]] = {
    "missing_id": lambda answers: answers[:-1],
    "extra_id": lambda answers: [*answers, ("s999", "Nobody asked for this.")],
    "duplicate_id": lambda answers: [*answers, (answers[0][0], "A second answer.")],
    "swapped_ids": _swapped,
}

# ------------------------------------------------------------------------ the reply as a whole is bad


def _with_doubts(content: str, doubts: object) -> str:
    """Under a key of their own, where the reply is an object."""
    return f'{content[:-1]}, "doubts": {json.dumps(doubts)}}}' if content.endswith("}") else content


def _doubts(question: Question) -> object:
    """A slip in each text."""
    texts = ((asked.id, without_tags(asked.zh)) for asked in question.asked)
    return [{"id": id_, "zh": text[:3], "why": "perhaps a slip"} for id_, text in texts]


def _false_doubts(question: Question) -> object:
    """About other ids and other words, with markup, without end."""
    id_, text = question.asked[0].id, without_tags(question.asked[0].zh)
    parts = ("s999", text, "no"), (id_, "子虚乌有", "no"), (id_, text, "see [it](https://evil.example)")
    lies: list[object] = [{"id": one, "zh": zh, "why": why} for one, zh, why in parts]
    return [*lies, {"id": id_, "zh": text, "why": "and so on " * 500}, *["doubt"] * 996]


CONTENT_FAULTS: dict[str, Callable[[str, Question], str]] = {
    "preamble": lambda content, _question: f"Sure! Here is the translation:\n\n{content}",
    "fence": lambda content, _question: f"```json\n{content}\n```",
    "think": lambda content, _question: f"<think>\nThe user wants {{English}}.\n</think>\n\n{content}",
    "open_think": lambda content, _question: f"<think>\nLet me see. {content}",
    "prompt_leak": lambda content, question: f"{question.system}\n{content}",
    "prose": lambda _content, _question: "The text is about Python and quite interesting.",
    "cut_json": lambda content, _question: content[: len(content) // 2],
    "array": lambda content, _question: json.dumps([content]),
    "nested": lambda content, _question: json.dumps({"translations": {"data": content}}),
    "nan": lambda _content, question: f'{{"{question.asked[0].id}": NaN}}',
    "deep": lambda _content, _question: "[" * 20_000 + "]" * 20_000,
    "doubts": lambda content, question: _with_doubts(content, _doubts(question)),
    "false_doubts": lambda content, question: _with_doubts(content, _false_doubts(question)),
}

COMPLETION_FAULTS: dict[str, Callable[[Completion], Completion]] = {
    "length": lambda done: done._replace(content=_cut(done.content), finish="length"),
    "content_filter": lambda done: done._replace(content=None, finish="content_filter"),
    "refusal_field": lambda done: done._replace(content=None, refusal="I can't help with that."),
    "no_finish": lambda done: done._replace(content=_cut(done.content), finish=None),
    "null_content": lambda done: done._replace(content=None),
    "empty_content": lambda done: done._replace(content=""),
    "wrong_type": lambda done: done._replace(content={"s001": "an object"}),
}


def _cut(content: object) -> str:
    return str(content)[: len(str(content)) * 2 // 3]


FAULTS = frozenset(
    {
        *TEXT_FAULTS,
        *TERM_FAULTS,
        *ANSWERS_FAULTS,
        *CONTENT_FAULTS,
        *COMPLETION_FAULTS,
        *STATUS_FAULTS,
        *SOCKET_FAULTS,
    }
)


Outcome = Completion | Status


def good_outcome(question: Question) -> Completion:
    """What a faultless server answers."""
    return Completion(in_format(faithful(question), question))


def outcome_of(fault: Fault, question: Question, *, with_format: bool) -> Outcome:
    """What the fault makes of the faithful answer; the same where it has nothing to work on."""
    if fault.status is not None:
        return fault.status
    answers, name = faithful(question), fault.name
    if name in TEXT_FAULTS:
        answers = _with_bad_texts(answers, fault, question)
    elif name in TERM_FAULTS:
        change = TERM_FAULTS[name]
        answers = [(asked.id, change(asked, question, fault)) for asked in question.asked]
    elif name in ANSWERS_FAULTS:
        answers = ANSWERS_FAULTS[name](answers)
    content = in_format(answers, question)
    if name in CONTENT_FAULTS:
        content = CONTENT_FAULTS[name](content, question)
    if name in COMPLETION_FAULTS:
        return COMPLETION_FAULTS[name](Completion(content))
    if name in SOCKET_FAULTS:
        return Completion(name)
    if name in STATUS_FAULTS and (with_format or not name.endswith("_format")):
        return STATUS_FAULTS[name]
    return Completion(content)


def _with_bad_texts(answers: Answers, fault: Fault, question: Question) -> Answers:
    change = TEXT_FAULTS[fault.name]
    return [
        (id_, change(text, asked, question) if fault.where in asked.zh else text)
        for (id_, text), asked in zip(answers, question.asked, strict=True)
    ]
