"""The values that travel to an engine and back, and those that are remembered. All are frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from weekly_translate.model import Segment, Term

# --------------------------------------------------------------------------- what an engine is asked


class Format(StrEnum):
    """How a reply is asked for, from the strictest to the plainest; an endpoint's rung is remembered."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TAGGED = "tagged"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Memory:
    """A remembered pair that resembles a segment; `score` is 1.0 for the same text."""

    source: str
    target: str
    score: float


@dataclass(frozen=True, slots=True)
class Request:
    """All that an engine needs for one question. Hosted models read `messages`; the draft reads the rest."""

    messages: tuple[Message, ...]
    format: Format
    segments: tuple[Segment, ...]
    terms: tuple[Term, ...] = ()
    memories: tuple[Memory, ...] = ()
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What has been used. `cached` is the part of `prompt` that the provider had cached."""

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Usage is summed over requests."""
        return Usage(
            self.requests + other.requests,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
        )

    def __sub__(self, other: Usage) -> Usage:
        """What is left of an expectation once it has been met."""
        return Usage(
            self.requests - other.requests,
            self.prompt - other.prompt,
            self.cached - other.cached,
            self.completion - other.completion,
        )


class Finish(StrEnum):
    """Why an engine stopped writing."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "content_filter"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Reply:
    """What an engine answered."""

    text: str
    finish: Finish = Finish.STOP
    usage: Usage = field(default_factory=Usage)


class Engine(Protocol):
    """Anything that answers a request. Retries and the endpoint's quirks are its own business."""

    @property
    def name(self) -> str:
        """Engine and model, as the run's signature prints them: `openai gpt-5-mini`."""

    @property
    def worth(self) -> Status:
        """What its answers are: drafts, or translations by a machine."""

    @property
    def endpoint(self) -> str:
        """Where it is: learned facts (the reply format) are remembered per endpoint and name."""

    async def answer(self, request: Request) -> Reply:
        """Answer one request, or raise an `EngineError`; after `stop` a `StoppedError`."""

    def stop(self) -> None:
        """The run ends: what is on its way is answered, what waits raises `StoppedError`."""

    async def close(self) -> None:
        """Give back connections."""


# --------------------------------------------------------------------------- what is remembered


class Status(IntEnum):
    """Who vouches for a stored translation. A higher one is never overwritten by a lower one."""

    DRAFT = 0
    MACHINE = 1
    EDITED = 2
    APPROVED = 3


PLACED, APPENDED = "tag.placed", "tag.appended"
"""Remarks on an entry: lost tags were put where their words stand, or behind the sentence."""
UNMET = "term.unmet"
"""Remark on an entry: it lacks glossary terms, and has not been asked again for them yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored translation of a segment's tagged text."""

    source: str
    target: str
    status: Status
    origin: str = ""
    """Engine and model, a file it was learned from, or a person."""
    remark: str = ""
    """The id of the finding that a last-rung repair leaves behind: it is said again at every rendering."""
    context: str = ""
    """The heading under which the source stood."""
    link: str = ""
    """The address of the work that a title names; only titles have one."""
    created: str = field(default="", compare=False)
    """When it was stored, ISO 8601 in UTC; the memory knows."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A translation that a person did not want, and why: the next question for its source says so."""

    target: str
    reason: str


# --------------------------------------------------------------------------- what people decide


class Verdict(StrEnum):
    """What a person has decided about a translation."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


class Decision(NamedTuple):
    """A person's verdict. `when` is ISO 8601 in UTC; only a rejection has a reason."""

    verdict: Verdict
    who: str = ""
    when: str = ""
    reason: str = ""
