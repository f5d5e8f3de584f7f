"""Which lines and addresses a rule means, as editions and files of allowed differences say it."""

from __future__ import annotations

import re
import warnings
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from weekly_translate.data_files import DataModel, exactly_one, fault, fault_of_value
from weekly_translate.edition.values import Rewrite, Selector

SELECTORS = ("heading", "text", "lines", "before", "from")
_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")


def _as_written(value: object) -> str:
    """A text that needs no quotes: what YAML takes for a number or a date is one as well."""
    if value is None or isinstance(value, (list, dict)):
        raise fault_of_value(f"is {value!r}, but must be a text.")
    return str(value)


def pattern_of(value: object) -> re.Pattern[str]:
    """A regular expression, but none that Python will read otherwise some day."""
    if isinstance(value, (list, dict)):
        raise fault_of_value("is a text: put quotes around it.")
    try:
        with warnings.catch_warnings(action="error", category=FutureWarning):
            return re.compile(str(value))
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise fault_of_value(f"{_shown(value)} is no regular expression: {error}.") from error


def _line_range(value: object) -> tuple[int, int]:
    match = _RANGE.fullmatch(str(value))
    if match is None:
        raise fault_of_value(f"is a number or a range such as 3-9, not {value!r}.")
    return int(match[1]), int(match[2] or match[1])


def replacement_fault(pattern: re.Pattern[str], replacement: str) -> str:
    r"""What is wrong with a replacement that names a group, such as `\3`, that the pattern has not."""
    try:
        pattern.sub(replacement, "")
    except (re.error, IndexError) as error:
        return f"{_shown(replacement)} cannot be used: {error}."
    return ""


def _shown(value: object) -> str:
    """In quotes, with backslashes as they are in the file."""
    return repr(value).replace("\\\\", "\\")


Plain = Annotated[str, BeforeValidator(_as_written, json_schema_input_type=str | float)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(pattern_of)]


class Lines(DataModel):
    """Which lines of a text are meant, by exactly one of these keys."""

    model_config = ConfigDict(json_schema_extra=exactly_one(SELECTORS))

    heading: Pattern | None = None
    """A pattern for headings: each of them, and all below it up to the next one of its level or above."""
    text: Pattern | None = None
    """A pattern for lines: each that has it."""
    lines: (
        Annotated[tuple[int, int], BeforeValidator(_line_range, json_schema_input_type=int | str)] | None
    ) = None
    """The number of a line, or a range such as 3-9."""
    before: Pattern | None = None
    """A pattern for a line: all before the first that has it."""
    from_: Pattern | None = Field(None, alias="from")
    """A pattern for a line: the first that has it, and all behind it."""

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if len(self.model_fields_set & Lines.model_fields.keys()) != 1:
            raise fault(f"an entry has exactly one of the keys {', '.join(SELECTORS)}.")
        return self

    def selector(self, entry: str = "") -> Selector:
        """The same for the rules. `entry` is where it stands: `allow.yaml:3`."""
        (name,) = self.model_fields_set & Lines.model_fields.keys()
        if self.lines is not None:
            return Selector(name, re.compile(""), self.lines, entry)
        return Selector(name.rstrip("_"), getattr(self, name), entry=entry)


class Address(DataModel):
    """Addresses that have another one in English: those with a prefix, or with a pattern."""

    model_config = ConfigDict(json_schema_extra=exactly_one(["prefix", "pattern"]))

    prefix: Plain | None = None
    """How the addresses begin."""
    pattern: Pattern | None = None
    """A pattern that is found in the addresses."""
    with_: str = Field(alias="with")
    r"""What stands for it in English. `\1` is the first group of the pattern."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.prefix is None) == (self.pattern is None):
            raise fault("an entry of 'urls' has the keys prefix and with, or pattern and with.")
        if self.pattern is not None and (message := replacement_fault(self.pattern, self.with_)):
            raise fault(f"'with' {message}")
        return self

    def rewrite(self, entry: str = "", line: int = 0) -> Rewrite:
        """The same for the rules; a prefix is taken literally."""
        if self.pattern is not None:
            return Rewrite(self.pattern, self.with_, entry, self.pattern.pattern, line)
        prefix = str(self.prefix)
        literal = self.with_.replace("\\", r"\\")
        return Rewrite(re.compile("^" + re.escape(prefix)), literal, entry, prefix, line)
