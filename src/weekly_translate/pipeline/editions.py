"""The editions of a run: which ones there are, and which of them a document takes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate.edition import chosen, parse_edition
from weekly_translate.errors import UsageError
from weekly_translate.store.data_files import data_file, names_of_data, read_data, yaml_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from weekly_translate.edition import Edition

AUTO, PLAIN = "auto", "none"
"""The edition that picks itself by the shape of the document, and the one that adds and drops nothing."""
_FOLDER = "editions"


class Source(NamedTuple):
    """An edition, and a hash of the files that it was read from: twelve hex digits."""

    edition: Edition
    digest: str


class Choice(NamedTuple):
    """The edition of a document, the hash of its files, and why it is this one."""

    edition: Edition
    digest: str
    why: str

    @property
    def signature(self) -> str:
        """As the signature of a run names it: `edition full 0123456789ab`."""
        return f"edition {self.edition.name} {self.digest}"


@dataclass(frozen=True, slots=True)
class Editions:
    """Those that a document can take: the one that was named, or else each that fits its shape."""

    plain: Source
    named: Source | None = None
    own: tuple[Source, ...] = ()
    """Those of the project, which come before the program's."""
    others: tuple[Source, ...] = ()

    def choice_for(self, text: str) -> Choice:
        """The edition of a document. Raises `UsageError` where two fit equally well."""
        if self.named is not None:
            return Choice(*self.named, "it was named")
        for sources in (self.own, self.others):
            edition = chosen([source.edition for source in sources], text)
            for source in sources:
                if source.edition is edition:
                    return Choice(*source, "the document has its shape")
        return Choice(*self.plain, "no other edition fits the document")


def read_editions(name: str, project: Path) -> Editions:
    """Read the edition that is named, or all of them for `auto`. Raises `UsageError` with file and line."""
    plain = _source(PLAIN, project)
    if name == PLAIN:
        return Editions(plain, plain)
    if name != AUTO:
        return Editions(plain, _source(name, project))
    own, others = (
        [one for one in names if one != PLAIN] for names in names_of_data(_FOLDER, ".yaml", project)
    )
    return Editions(plain, None, _sources(own, project), _sources(others, project))


def edition_file(name: str, project: Path) -> Path:
    """Where an edition is taken from. Raises `UsageError` with the names of those that there are."""
    try:
        return data_file(f"{_FOLDER}/{name}.yaml", project)
    except UsageError as error:
        known = ", ".join(sorted(edition_names(project)))
        message = f"{error} There are {known}."
        raise UsageError(message) from error


def edition_names(project: Path) -> list[str]:
    """The names of all editions, those of the project first."""
    own, others = names_of_data(_FOLDER, ".yaml", project)
    return [*own, *others]


def read_edition(name: str, project: Path) -> Edition:
    """Read an edition and its templates. Raises `UsageError` with file and line."""
    return _source(name, project).edition


def _sources(names: Iterable[str], project: Path) -> tuple[Source, ...]:
    return tuple(_source(name, project) for name in names)


def _source(name: str, project: Path) -> Source:
    path = edition_file(name, project)
    texts = [read_data(path)]

    def template(file: str) -> str | None:
        """A template of the project stands in for one of the program; none comes from another folder."""
        if ".." in PurePath(file).parts or PurePath(file).is_absolute():
            return None
        try:
            found = data_file(f"{_FOLDER}/{file}", project)
        except UsageError:
            return None
        texts.append(read_data(found))
        return texts[-1]

    read = yaml_in(texts[0], str(path))
    edition = parse_edition(read.data, str(path), read.places, template)
    return Source(edition, blake2b("\0".join(texts).encode(), digest_size=6).hexdigest())
