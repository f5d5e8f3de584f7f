"""Addresses of the source that have a counterpart in English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weekly_translate.edition.lines import RuleError, parse_pattern
from weekly_translate.edition.outcomes import Use
from weekly_translate.edition.values import Rewrite, RuleKind
from weekly_translate.model import FeatureKind, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from weekly_translate.model import Feature

ADDRESSED = (FeatureKind.LINK, FeatureKind.IMAGE)


def moved(address: str, rewrites: Iterable[Rewrite]) -> str:
    """Where an address has moved to: by the first rule that fits, once."""
    return _moved(address, rewrites)[0]


def localized(
    features: Iterable[Feature], rewrites: Iterable[Rewrite]
) -> tuple[dict[Span, str], tuple[Use, ...]]:
    """The new text of each destination that a rule rewrites, and the rules that did."""
    fixed: dict[Span, str] = {}
    lines: dict[Rewrite, list[int]] = {}
    for feature in features:
        if feature.kind not in ADDRESSED or feature.span is None:
            continue
        address, rewrite = _moved(feature.value, rewrites)
        if rewrite is not None and address != feature.value:
            fixed[feature.span] = address
            lines.setdefault(rewrite, []).append(feature.line)
    uses = (Use(RuleKind.ADDRESS, rule.name, tuple(at), rule.replacement) for rule, at in lines.items())
    return fixed, tuple(uses)


def parse_rewrite(entry: Mapping[object, object], line: int = 0) -> Rewrite:
    """A rule from `{prefix, with}`, which is taken literally, or `{pattern, with}`. Raises `RuleError`."""
    replacement = entry.get("with")
    if entry.keys() == {"prefix", "with"} and isinstance(replacement, str):
        prefix = str(entry["prefix"])
        literal = replacement.replace("\\", r"\\")
        return Rewrite(re.compile("^" + re.escape(prefix)), literal, name=prefix, line=line)
    if entry.keys() == {"pattern", "with"} and isinstance(replacement, str):
        pattern = parse_pattern(entry["pattern"], "urls: pattern")
        check_replacement(pattern, replacement, "urls: with")
        return Rewrite(pattern, replacement, name=pattern.pattern, line=line)
    raise RuleError("an entry of 'urls' has the keys prefix and with, or pattern and with.")


def check_replacement(pattern: re.Pattern[str], replacement: str, key: str) -> None:
    r"""Raise `RuleError` where a replacement names a group, such as `\3`, that the pattern has not."""
    try:
        pattern.sub(replacement, "")
    except (re.error, IndexError) as error:
        shown = repr(replacement).replace("\\\\", "\\")
        raise RuleError(f"'{key}' {shown} cannot be used: {error}.") from error


def _moved(address: str, rewrites: Iterable[Rewrite]) -> tuple[str, Rewrite | None]:
    for rewrite in rewrites:
        found, count = rewrite.pattern.subn(rewrite.replacement, address, count=1)
        if count:
            return found, rewrite
    return address, None
