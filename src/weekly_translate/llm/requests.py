"""Which segments go into one request, how large it may be, and its prompts filled in."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from itertools import chain, groupby, product
from string import Template
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from weekly_translate.errors import UsageError
from weekly_translate.llm.tokens import ID_AND_QUOTES
from weekly_translate.model import Format, Kind, Message, Request, Segment
from weekly_translate.text.characters import TAG, lazy_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from weekly_translate.llm.providers import Provider
    from weekly_translate.model import Memory, Term

Chunk: TypeAlias = tuple[Segment, ...]
CLEAN_TO_GROW, FAILED_TO_HALVE = 5, 3
"""Answers in a row: two that fail may be bad luck."""
SMALLEST_BUDGET = 150
"""Source tokens: smaller chunks would send more instructions than text."""
FEW_TURNS = 3
"""Up to so many turns of all workers, the last one is worth more requests."""


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """At most `cap` segments and `budget` source tokens; never more than the class of the model allows."""

    cap: int
    budget: int
    most: tuple[int, int] = (0, 0)
    """The class's own cap and budget; as large as it begins when it is not given."""
    clean: int = 0
    """Clean answers since the last change or failure."""
    failed: int = 0
    """Answers that failed since the last change or clean answer."""

    def __post_init__(self) -> None:
        if self.most == (0, 0):
            object.__setattr__(self, "most", (self.cap, self.budget))

    def stored(self) -> str:
        """As text, for `size_for`."""
        return f"{self.cap} {self.budget}"

    def has_room(self, segments: int, tokens: int) -> bool:
        """Whether a chunk is not larger than this."""
        return segments <= self.cap and tokens <= self.budget

    def halved(self) -> ChunkSize:
        """After answers that failed, or a request that was too long."""
        return ChunkSize(max(1, self.cap // 2), max(1, self.budget // 2), self.most)

    def after(self, *, clean: bool) -> ChunkSize:
        """The size for the next request: half after some failed answers in a row, more after clean ones."""
        if clean:
            if self.clean + 1 < CLEAN_TO_GROW:
                return replace(self, clean=self.clean + 1, failed=0)
            cap, budget = (size + max(1, size // 2) for size in (self.cap, self.budget))
            return ChunkSize(min(cap, self.most[0]), min(budget, self.most[1]), self.most)
        if self.failed + 1 < FAILED_TO_HALVE:
            return replace(self, clean=0, failed=self.failed + 1)
        return self.halved()


def size_for(provider: Provider, learned: str = "") -> ChunkSize:
    """The chunk size to begin with, or where an earlier run has ended; answers let it grow or shrink."""
    cap, budget = map(int, learned.split()) if learned else (provider.cap, provider.budget)
    return ChunkSize(min(cap, provider.most[0]), min(budget, provider.most[1]), provider.most)


def chunks_of(
    segments: Iterable[Segment], *, budget: int, cap: int, count_tokens: Callable[[str], int]
) -> Iterator[Chunk]:
    """Neighbors, up to `cap` segments and `budget` source tokens at a time.

    A segment is never cut: one that is over budget alone goes alone. Neighbors of one group (a title and
    its body) stay together, unless the group alone is over a limit. Group 0 means no group.
    """
    chunk: list[Segment] = []
    tokens = 0
    for part, size in _parts(segments, budget, cap, count_tokens):
        if chunk and (len(chunk) + len(part) > cap or tokens + size > budget):
            yield tuple(chunk)
            chunk, tokens = [], 0
        chunk += part
        tokens += size
    if chunk:
        yield tuple(chunk)


def _parts(
    segments: Iterable[Segment], budget: int, cap: int, count_tokens: Callable[[str], int]
) -> Iterator[_Unbroken]:
    """Groups within the limits, and each segment of no group or another."""
    for group, members in groupby(segments, key=lambda segment: segment.group):
        singly = (_Unbroken([segment], tokens_of(segment, count_tokens)) for segment in members)
        if not group:
            yield from singly
            continue
        parts = list(singly)
        together, tokens = [segment for (segment,), _ in parts], sum(size for _, size in parts)
        if len(parts) <= cap and tokens <= budget:
            yield _Unbroken(together, tokens)
        else:
            yield from parts


class ChunkLayout(NamedTuple):
    """How a text is cut: the source tokens that a chunk may have, and how many chunks that makes."""

    budget: int
    chunks: int
    order: Sequence[Segment]
    """The segments in the order in which they are cut: that of the text, but for a few items."""


def even_shares(
    texts: Sequence[Sequence[Segment]],
    size: ChunkSize,
    *,
    workers: int,
    count_tokens: Callable[[str], int],
) -> list[ChunkLayout]:
    """For each text the budget that makes chunks of one length, as many as keep all workers busy to the end.

    That is the smallest budget with which the workers take no more turns than with the largest one: nine
    chunks for eight workers take as long as sixteen. Where there are many turns, the last one matters less
    than the instructions that each request repeats: there are no more chunks than there have to be. Where
    there is one turn, some items of a list change places: the longest chunk is what everybody waits for.
    """
    counted = cache(count_tokens)

    def count(segments: Sequence[Segment], budget: int) -> int:
        return sum(1 for _ in chunks_of(segments, budget=budget, cap=size.cap, count_tokens=counted))

    def turns(budget: int) -> int:
        return -(-sum(count(segments, budget) for segments in texts) // workers)

    least, widest = min(SMALLEST_BUDGET, size.budget), size.budget
    fewest = turns(widest)
    if fewest <= FEW_TURNS:
        widest = _smallest(least, widest, lambda budget: turns(budget) <= fewest)
    layouts = []
    for segments in texts:
        number = count(segments, widest)
        budget = _smallest(least, widest, lambda budget: count(segments, budget) <= number)  # noqa: B023 - called at once
        order = segments
        if len(texts) == 1 and number <= workers:
            chunks = chunks_of(segments, budget=budget, cap=size.cap, count_tokens=counted)
            order, budget = _evened(chunks, budget, size.cap, counted)
        layouts.append(ChunkLayout(budget, number, order))
    return layouts


class _Unbroken(NamedTuple):
    """What stays together, and its tokens."""

    segments: Sequence[Segment]
    weight: int


_NOTHING = _Unbroken((), 0)


def _evened(
    chunks: Iterable[Chunk], budget: int, cap: int, count_tokens: Callable[[str], int]
) -> tuple[Sequence[Segment], int]:
    """The segments in an order that makes chunks of more even length, and the budget for it.

    Items change places as long as that makes the longest chunk shorter. Paragraphs need their neighbors.
    """
    bins = [list(_parts(chunk, budget, cap, count_tokens)) for chunk in chunks]
    while exchange := _best_exchange(bins, cap):
        heavy, light, given, taken = exchange
        for here, there, part in ((heavy, light, given), (light, heavy, taken)):
            if part is not _NOTHING:
                here.remove(part)
                there.append(part)
    order = [
        segment for one in bins for segment in sorted(chain(*(part.segments for part in one)), key=_place)
    ]
    return order, max((_weight(one) for one in bins), default=budget)


def _best_exchange(
    bins: Sequence[list[_Unbroken]], cap: int
) -> tuple[list[_Unbroken], list[_Unbroken], _Unbroken, _Unbroken] | None:
    """Which item of the longest chunk goes to which chunk, and for which one of it: None where none helps."""
    heavy = max(bins, key=_weight, default=[])
    best, longest = None, _weight(heavy)
    for light in bins:
        weight = _weight(light)
        for given, taken in product(_items(heavy), [_NOTHING, *_items(light)]):
            shift, more = given.weight - taken.weight, len(given.segments) - len(taken.segments)
            now = max(_weight(heavy) - shift, weight + shift)
            has_room = _count(light) + more <= cap and _count(heavy) - more <= cap
            if light is not heavy and now < longest and has_room:
                best, longest = (heavy, light, given, taken), now
    return best


def _items(parts: Iterable[_Unbroken]) -> list[_Unbroken]:
    return [part for part in parts if part.segments[0].group]


def _weight(parts: Iterable[_Unbroken]) -> int:
    return sum(part.weight for part in parts)


def _count(parts: Iterable[_Unbroken]) -> int:
    return sum(len(part.segments) for part in parts)


def _place(segment: Segment) -> tuple[int, int]:
    return segment.span


def _smallest(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """The smallest number from `low` to `high` that is enough, as all larger ones are."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high


def tokens_of(segment: Segment, count_tokens: Callable[[str], int]) -> int:
    """The source tokens of a segment, and those that its answer takes beside: its length is waited for."""
    return count_tokens(segment.text) + ID_AND_QUOTES


OUTLINE_CHARACTERS = 20
MEMORY_CHARACTERS = 120
MEMORIES = 3
_NONE = "(none)"
DOUBTS = "doubts"
"""The key of a reply under which no translation stands: what the model takes for slips of the source."""
DOUBTS_SCHEMA: Mapping[str, object] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("id", "zh", "why")},
        "required": ["id", "zh", "why"],
        "additionalProperties": False,
    },
}
_UNSAFE_IN_A_LINE = lazy_pattern("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Prompts(NamedTuple):
    """The texts of `prompts/`: each field is the file of that name with `.md` behind it."""

    system: str
    translate: str
    repair: str
    insert_tags: str
    reply_json: str
    reply_tagged: str
    reply_single: str
    proofread: str
    proofread_segments: str
    judge: str
    judge_segments: str
    about: str = "a document in Markdown, such as a newsletter or a manual"
    """What is translated and for whom. It comes from no file, sets the tone, and is no part of `version`."""
    family: Family | None = None
    """The prompts of a model made for translation, which are asked instead."""

    @property
    def version(self) -> str:
        """A short hash of what decides about a fresh translation: the memory asks again when it changes."""
        return digest(list(self.family) if self.family else [self.system, self.translate], size=6)

    @property
    def proofread_version(self) -> str:
        """The same of what decides about a second reader's verdict."""
        return _version_of(self.proofread, self.proofread_segments)

    @property
    def judge_version(self) -> str:
        """The same of what decides which of two translations is better."""
        return _version_of(self.judge, self.judge_segments)

    def contract(self, reply_format: Format) -> str:
        """What the model is told about the form of its reply."""
        texts = {Format.TAGGED: self.reply_tagged, Format.SINGLE: self.reply_single}
        return Template(texts.get(reply_format, self.reply_json)).substitute().strip()


class Family(NamedTuple):
    """The templates of a family, `prompts/NAME.md` and, for texts with tags, `prompts/NAME-tags.md`."""

    name: str
    plain: str
    tagged: str = ""
    """Empty where texts with tags have no prompt of their own."""

    def check(self) -> None:
        """Raise `UsageError` for a template that cannot be filled."""
        for file, text in ((self.name, self.plain), (f"{self.name}-tags", self.tagged or "$text")):
            template = Template(text)
            if not template.is_valid() or not {"text"} <= set(template.get_identifiers()) <= {
                "text",
                "terms",
            }:
                raise UsageError(
                    f"prompts/{file}.md: it needs `$text`, may have `$terms`, and nothing else after a `$`."
                )


class Correction(NamedTuple):
    """A translation that the checks refuse, and what they say."""

    segment: Segment
    attempt: str
    complaints: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    """Complaints that may be mistaken."""


PROMPT_NAMES = tuple(name for name in Prompts._fields if name not in {"about", "family"})
_PLACEHOLDERS = {
    "system": ("contract", "about"),
    "translate": ("outline", "terms", "memories", "segments", "count"),
    "repair": ("terms", "segments"),
    "insert_tags": ("segments",),
    "proofread": ("about",),
    "judge": ("about",),
    "proofread_segments": ("terms", "segments", "count"),
    "judge_segments": ("terms", "segments", "count"),
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

    A remembered pair from another tool may hold an address, which no model is shown: it is left out. So is
    a paragraph of the prompt that has nothing to say: each request repeats it, and no provider caches it.
    """
    shown = [
        json_line({"zh": _cut(one.source, MEMORY_CHARACTERS), "en": _cut(one.target, MEMORY_CHARACTERS * 3)})
        for one in memories
        if "://" not in one.source + one.target
    ]
    values = {
        "outline": json_line(_cut(outline, OUTLINE_CHARACTERS)) if outline else "",
        "terms": terms_text(terms) if terms else "",
        "memories": "\n".join(shown[:MEMORIES]),
        "segments": json_line([_fields(segment) for segment in segments]),
        "count": str(len(segments)),
    }
    user = "\n\n".join(paragraphs(prompts.translate, values))
    return Request(
        _messages(user, reply_format, prompts), reply_format, tuple(segments), tuple(terms), tuple(memories)
    )


def paragraphs(template: str, values: Mapping[str, str]) -> Iterator[str]:
    """Those of a prompt, filled; without the ones in which no placeholder has a value."""
    for paragraph in map(Template, template.split("\n\n")):
        names = paragraph.get_identifiers()
        if not names or any(values[name] for name in names):
            yield paragraph.substitute({name: value or _NONE for name, value in values.items()})


def repair_request(
    corrections: Sequence[Correction], terms: Sequence[Term], reply_format: Format, prompts: Prompts
) -> Request:
    """Ask to correct translations, for the reasons that the checks give, and for nothing else."""
    entries = [
        _fields(one.segment)
        | {"en": one.attempt, "complaints": [*one.complaints, *(f"perhaps: {doubt}" for doubt in one.doubts)]}
        for one in corrections
    ]
    values = {"terms": terms_text(terms) if terms else "", "segments": json_line(entries)}
    user = "\n\n".join(paragraphs(prompts.repair, values))
    segments = tuple(one.segment for one in corrections)
    return Request(_messages(user, reply_format, prompts), reply_format, segments, tuple(terms))


def insert_request(segment: Segment, plain: str, reply_format: Format, prompts: Prompts) -> Request:
    """Ask only to put the tags of the source into a translation without tags."""
    entry = {"id": segment.id, "kind": segment.kind.value, "zh": segment.text, "en": plain}
    user = Template(prompts.insert_tags).substitute(segments=json_line([entry]))
    return Request(_messages(user, reply_format, prompts), reply_format, (segment,))


def family_request(
    segment: Segment, terms: Sequence[Term], memories: Sequence[Memory], family: Family
) -> Request:
    """Ask for one translation. There is no system message: these models were never shown one."""
    template = family.tagged if family.tagged and TAG.search(segment.text) else family.plain
    lines = [f"{term.source} 翻译成 {term.target}" for term in terms]
    # As the model card of Hy-MT has it.
    known = "\n".join(["参考下面的翻译：", *lines, "", ""]) if lines else ""
    content = Template(template).substitute(text=segment.text, terms=known)
    message = Message("user", content.strip())
    return Request((message,), Format.SINGLE, (segment,), tuple(terms), tuple(memories))


def memory_key(segment: Segment, terms: Iterable[Term], prompts_version: str) -> str:
    """What a stored translation is found by: a hash (32 hex digits) of what the model would see of a segment.

    Not the model, the neighbors or the id. `terms` are the segment's own: an edited glossary entry makes
    exactly the segments anew in which it occurs.
    """
    seen_terms = sorted(
        [term.source, term.target, term.allowed, term.avoid, term.note, *term.near] for term in terms
    )
    return digest([prompts_version, segment.kind.value, segment.text, segment.hint, seen_terms], size=16)


def _messages(user: str, reply_format: Format, prompts: Prompts) -> tuple[Message, ...]:
    """The system message is the same for a whole season, so that providers can cache it."""
    contract = prompts.contract(reply_format)
    system = Template(prompts.system).substitute(contract=contract, about=prompts.about)
    return (Message("system", system.strip()), Message("user", user.strip()))


def _fields(segment: Segment) -> dict[str, object]:
    kind, hint = shown_kind(segment), shown_hint(segment)
    entry: dict[str, object] = {"id": segment.id, "kind": kind.value, "zh": segment.text}
    return entry | {"hint": hint} if hint else entry


_WHOLE_SENTENCE = lazy_pattern("[。；]")
_EPISODE = lazy_pattern(r"\b(?:ep|episode|issue|vol|no)\s?(\d+)\b|\b(\d{3,})\b")


def shown_kind(segment: Segment) -> Kind:
    """A whole sentence that is a link is no title, though the memory knows it as one."""
    is_sentence = segment.kind is Kind.TITLE and _WHOLE_SENTENCE.search(segment.text)
    return Kind.TEXT if is_sentence else segment.kind


def shown_hint(segment: Segment) -> str:
    """The hint without numbers of episodes and ids: those that the Chinese does not have."""

    def kept(match: re.Match[str]) -> str:
        return match[0] if (match[1] or match[2]) in segment.text else ""

    return " ".join(_EPISODE.sub(kept, segment.hint).split())


def terms_text(terms: Iterable[Term]) -> str:
    """Terms as the prompts explain them, one a line: `zh => en | accepted ; avoid: wrong ; note`."""
    lines = []
    for term in terms:
        renderings = " | ".join(term.renderings)
        avoid = f"avoid: {', '.join(term.avoid)}" if term.avoid else ""
        near = f"in this sense near {', '.join(term.near)}" if term.near else ""
        line = " ; ".join(filter(None, (f"{term.source} => {renderings}", avoid, near, term.note)))
        lines.append(" ".join(line.split()))
    return "\n".join(lines) or _NONE


def _cut(text: str, characters: int) -> str:
    """A Chinese character costs about one token, an English one a quarter: characters bound the tokens."""
    return text if len(text) <= characters else text[: characters - 1] + "…"


def json_line(value: object) -> str:
    """JSON on one line, without spaces; line separators, control characters and half emoji as escapes."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE_IN_A_LINE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


@cache
def _version_of(*prompts: str) -> str:
    """Asked for with every text that is read."""
    return digest(prompts, size=6)


def digest(value: object, size: int) -> str:
    """A hash of `2 * size` hex digits."""
    return blake2b(json.dumps(value).encode("ascii"), digest_size=size).hexdigest()


def encodable(text: str) -> str:
    """Half an emoji (a lone surrogate, valid in JSON) becomes U+FFFD: no file and no request takes it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
