"""What a request asks for, read from its messages, and the faithful answer in the format it wants."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .translating import translated, with_tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SINGLE = "Reply with the translation only"
"""The words of a system prompt that wants bare text."""

TARGET = "<target>"
"""Stands for the prompt that wants the translation framed."""

Answers = list[tuple[str, str]]
"""Ids and translations; a list, because a bad answer may have an id twice."""


class Asked(NamedTuple):
    """One segment of a request. `en` without complaints is a plain translation that lacks its tags."""

    id: str
    zh: str
    kind: str = ""
    hint: str = ""
    en: str = ""
    complaints: object = None
    A: str = ""
    B: str = ""
    """Two translations to choose from."""


class Question(NamedTuple):
    """All of a request that an answer depends on."""

    asked: tuple[Asked, ...]
    system: str
    terms: Mapping[str, str]
    wants_json: bool
    key: str = ""


def question_in(
    body: Mapping[str, Any], *, key: str = "", terms: Mapping[str, str] | None = None
) -> Question:
    """Raises ValueError where the prompt holds no segments: a bug of the client."""
    messages = body["messages"]
    if len(messages) == 1 and '[{"id"' not in messages[0]["content"]:
        return _bare_question(messages[0]["content"], body, key)
    user = next(message["content"] for message in reversed(messages) if message["role"] == "user")
    lines = [line for line in user.splitlines() if line.startswith('[{"id"')]
    asked = tuple(map(_asked, json.loads(lines[-1]))) if lines else tuple(_in_lines(user))
    if not asked:
        raise ValueError("the last user message shows no segments, neither as JSON nor in three lines each")
    format_ = (body.get("response_format") or {}).get("type", "")
    return Question(
        asked,
        " ".join(message["content"] for message in messages if message["role"] == "system"),
        {**_terms_in(user), **(terms or {})},
        format_ in {"json_schema", "json_object"},
        key,
    )


def _bare_question(user: str, body: Mapping[str, Any], key: str) -> Question:
    """What a model made for translation is asked: one text, in the manner of its documentation."""
    options = body.get("translation_options") or {}
    terms = {term["source"]: term["target"] for term in options.get("terms", ())}
    terms |= dict(re.findall(r"(?m)^(.+) 翻译成 (.+)$", user))
    framed = re.search(r"<source>((?:(?!</source>).)+)</source>\s*\Z", user, re.DOTALL)
    text = framed[1] if framed else re.split(r"不要额外解释：\n\n|into English:\n\n\n", user)[-1]
    return Question((Asked("s001", text),), TARGET if framed else SINGLE, terms, False, key)  # noqa: FBT003


def faithful(question: Question) -> Answers:
    """A good translation of every segment."""
    return [(asked.id, _answer(asked, question.terms)) for asked in question.asked]


def in_format(answers: Answers, question: Question) -> str:
    """The answers as the request wants them: a JSON object, bare text or tagged blocks."""
    if question.wants_json:
        return "{" + ", ".join(f"{json.dumps(id_)}: {json.dumps(text)}" for id_, text in answers) + "}"
    if question.system == TARGET:
        return f"<target>{answers[0][1]}</target>" if answers else ""
    if SINGLE in question.system:
        return answers[0][1] if answers else ""
    return "\n\n".join(f"[[{id_}]]\n{text}" for id_, text in answers)


def _answer(asked: Asked, terms: Mapping[str, str]) -> str:
    if asked.en and not asked.complaints:
        return with_tags_of(asked.zh, asked.en, terms)
    return translated(asked.zh, terms)


def _asked(item: Mapping[str, Any]) -> Asked:
    return Asked(**{name: item[name] for name in Asked._fields if name in item})


def _in_lines(user: str) -> Iterator[Asked]:
    """What a second reader is shown: a number and what the text is, the source, the translation."""
    for block in user.split("\n\n"):
        head, *texts = block.split("\n")
        if (found := _NUMBER.match(head)) and len(texts) == 2:
            yield Asked(found[1], texts[0], found[2], found[3] or "", texts[1])


_NUMBER = re.compile(r"(\d+) ?(\w*)(?: \| under: .*?)?(?: \| hint: (.*))?$")


def _terms_in(user: str) -> dict[str, str]:
    """The lines `zh => en | allowed ; avoid: x ; note` of the prompt's terms."""
    found = re.findall(r"(?m)^(?:- )?([^\n=]{1,80}?) => ([^|;\n]{1,200})", user)
    return {source.strip(): target.strip() for source, target in found}
