"""Fills the prompts. Document text enters them only as JSON, on one line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from hashlib import blake2b
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.model import Format, Message, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import Memory, Segment, Term

OUTLINE_CHARACTERS = 350
MEMORY_CHARACTERS = 120
MEMORIES = 3
_NONE = "(none)"
_UNSAFE_IN_A_LINE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Prompts:
    """The texts of `prompts/`: each field is the file of that name with `.md` behind it."""

    system: str
    translate: str
    repair: str
    insert_tags: str
    reply_json: str
    reply_tagged: str
    reply_single: str

    @property
    def version(self) -> str:
        """A short hash of what decides about a fresh translation: the memory asks again when it changes."""
        return _digest([self.system, self.translate], size=6)

    def contract(self, reply_format: Format) -> str:
        """What the model is told about the form of its reply."""
        texts = {Format.TAGGED: self.reply_tagged, Format.SINGLE: self.reply_single}
        return Template(texts.get(reply_format, self.reply_json)).substitute().strip()


class Correction(NamedTuple):
    """A translation that the checks refuse, and what they say."""

    segment: Segment
    attempt: str
    complaints: tuple[str, ...]


PROMPT_NAMES = tuple(field.name for field in fields(Prompts))
_PLACEHOLDERS = {
    "system": ("contract",),
    "translate": ("outline", "terms", "memories", "segments", "count"),
    "repair": ("terms", "segments"),
    "insert_tags": ("segments",),
}
_INDISPENSABLE = frozenset({"contract", "segments"})


def check_prompts(prompts: Prompts) -> None:
    """Raise `UsageError`, with the file and the placeholder, if a prompt cannot be filled."""
    for name in PROMPT_NAMES:
        template = Template(getattr(prompts, name))
        file, known = f"prompts/{name}.md", _PLACEHOLDERS.get(name, ())
        if not template.is_valid():
            raise UsageError(f"{file}: a `$` stands alone. Write `$$` for a dollar sign.")
        written = template.get_identifiers()
        for placeholder in written:
            if placeholder not in known:
                fillable = ", ".join(f"`${word}`" for word in known) or "none"
                raise UsageError(
                    f"{file}: nothing fills `${placeholder}`. Placeholders of this file: {fillable}."
                )
        for placeholder in _INDISPENSABLE.intersection(known).difference(written):
            raise UsageError(f"{file}: `${placeholder}` is missing. Put it on a line of its own.")


def translate_request(  # noqa: PLR0913, PLR0917 - a prompt is made of this
    segments: Sequence[Segment],
    terms: Sequence[Term],
    memories: Sequence[Memory],
    reply_format: Format,
    prompts: Prompts,
    outline: str = "",
) -> Request:
    """Ask for fresh translations. `terms` are those of these segments, `outline` is context.

    A remembered pair from another tool may hold an address, which no model is shown: it is left out.
    """
    shown = [memory for memory in memories if "://" not in memory.source + memory.target]
    user = Template(prompts.translate).substitute(
        outline=_json(_cut(outline, OUTLINE_CHARACTERS)) if outline else _NONE,
        terms=_terms_text(terms),
        memories="\n".join(_memory_line(memory) for memory in shown[:MEMORIES]) or _NONE,
        segments=_json([_fields(segment) for segment in segments]),
        count=len(segments),
    )
    return Request(
        _messages(user, reply_format, prompts), reply_format, tuple(segments), tuple(terms), tuple(memories)
    )


def repair_request(
    corrections: Sequence[Correction], terms: Sequence[Term], reply_format: Format, prompts: Prompts
) -> Request:
    """Ask to correct translations, for the reasons that the checks give, and for nothing else."""
    entries = [
        _fields(one.segment) | {"en": one.attempt, "complaints": list(one.complaints)} for one in corrections
    ]
    user = Template(prompts.repair).substitute(terms=_terms_text(terms), segments=_json(entries))
    segments = tuple(one.segment for one in corrections)
    return Request(_messages(user, reply_format, prompts), reply_format, segments, tuple(terms))


def insert_request(segment: Segment, plain: str, reply_format: Format, prompts: Prompts) -> Request:
    """Ask only to put the tags of the source into a translation without tags."""
    entry = {"id": segment.id, "kind": segment.kind.value, "zh": segment.text, "en": plain}
    user = Template(prompts.insert_tags).substitute(segments=_json([entry]))
    return Request(_messages(user, reply_format, prompts), reply_format, (segment,))


def memory_key(segment: Segment, terms: Iterable[Term], prompts_version: str) -> str:
    """What a stored translation is found by: a hash (32 hex digits) of what the model would see of a segment.

    Not the model, the neighbors or the id. `terms` are the segment's own: an edited glossary entry makes
    exactly the segments anew in which it occurs.
    """
    seen_terms = sorted(
        [term.source, term.target, term.allowed, term.avoid, term.note, *term.near] for term in terms
    )
    return _digest([prompts_version, segment.kind.value, segment.text, segment.hint, seen_terms], size=16)


def _messages(user: str, reply_format: Format, prompts: Prompts) -> tuple[Message, ...]:
    """The system message is the same for a whole season, so that providers can cache it."""
    system = Template(prompts.system).substitute(contract=prompts.contract(reply_format))
    return (Message("system", system.strip()), Message("user", user.strip()))


def _fields(segment: Segment) -> dict[str, object]:
    entry: dict[str, object] = {"id": segment.id, "kind": segment.kind.value, "zh": segment.text}
    return entry | {"hint": segment.hint} if segment.hint else entry


def _terms_text(terms: Iterable[Term]) -> str:
    return "\n".join(_term_line(term) for term in terms) or _NONE


def _term_line(term: Term) -> str:
    """A term as the prompts explain it: `zh => en | accepted ; avoid: wrong ; note`."""
    renderings = " | ".join(term.renderings)
    avoid = f"avoid: {', '.join(term.avoid)}" if term.avoid else ""
    near = f"in this sense near {', '.join(term.near)}" if term.near else ""
    line = " ; ".join(filter(None, (f"{term.source} => {renderings}", avoid, near, term.note)))
    return " ".join(line.split())


def _memory_line(memory: Memory) -> str:
    return _json(
        {"zh": _cut(memory.source, MEMORY_CHARACTERS), "en": _cut(memory.target, MEMORY_CHARACTERS * 3)}
    )


def _cut(text: str, characters: int) -> str:
    """A Chinese character costs about one token, an English one a quarter: characters bound the tokens."""
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _json(value: object) -> str:
    """JSON on one line: line separators, control characters and half emoji are written as escapes."""
    line = json.dumps(value, ensure_ascii=False)
    return _UNSAFE_IN_A_LINE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def _digest(value: object, size: int) -> str:
    return blake2b(json.dumps(value).encode("ascii"), digest_size=size).hexdigest()
