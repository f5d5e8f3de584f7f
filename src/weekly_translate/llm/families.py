"""Prompts of models that are made for translation: one text, no instructions, terms in their own form."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.errors import UsageError
from weekly_translate.model import Format, Message, Request
from weekly_translate.text.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weekly_translate.model import Memory, Segment, Term


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


def family_request(
    segment: Segment, terms: Sequence[Term], memories: Sequence[Memory], family: Family
) -> Request:
    """Ask for one translation. There is no system message: these models were never shown one."""
    template = family.tagged if family.tagged and TAG.search(segment.text) else family.plain
    content = Template(template).substitute(text=segment.text, terms=_terms_text(terms))
    message = Message("user", content.strip())
    return Request((message,), Format.SINGLE, (segment,), tuple(terms), tuple(memories))


def _terms_text(terms: Iterable[Term]) -> str:
    """As the model card of Hy-MT has them; nothing where there are none."""
    lines = [f"{term.source} 翻译成 {term.target}" for term in terms]
    return "\n".join(["参考下面的翻译：", *lines, "", ""]) if lines else ""
