"""Which outputs may be written: a person's work is never replaced unasked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from weekly_translate import __version__
from weekly_translate.errors import ExitCode, InputRefusedError, StorageError, WeeklyTranslateError
from weekly_translate.files import (
    FILE_LIMIT,
    TextFile,
    check_writable,
    content_of,
    ensure_folder,
    read_bytes,
    read_text,
    write_text,
)
from weekly_translate.memory.written_files import digest
from weekly_translate.report.diff import diff_of
from weekly_translate.report.season_table import Account, Ending
from weekly_translate.run.accounts import account_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weekly_translate.llm.cost import Price
    from weekly_translate.memory.written_files import Outputs, Written
    from weekly_translate.run.issue import Order
    from weekly_translate.run.season import Result

_LIMIT = 8 * FILE_LIMIT
"""Bytes of a file that is compared: English takes twice the bytes of Chinese at most."""


class State(StrEnum):
    """How an output stands before a run."""

    ABSENT = "absent"
    CURRENT = "current"
    """Written by a season, and nothing has changed since."""
    TAKEN = "taken"
    """Made or edited by a person who wanted it to stay, and nothing has changed since."""
    OUTDATED = "outdated"
    """Written by a season, from another source or with other data files."""
    EDITED = "edited"
    """Written by a season, and edited since by a person."""
    FOREIGN = "foreign"
    """No season on this memory has written it."""


class Standing(NamedTuple):
    """An output as it stands; `diff` is what a person has changed in it, as far as that is known."""

    state: State
    diff: str = ""


class Ledger:
    """The outputs that a memory knows. `voices` is what people said about translations when the run began."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._voices = outputs.voices()

    def standing_of(self, out: Path, source: TextFile, signature: str) -> Standing:
        """How the output of a source stands if it were made now, as `signature` says."""
        content = _content(out)
        if content is None:
            return Standing(State.ABSENT)
        known, now = self._outputs.of(out), digest(content)
        if known is None:
            return Standing(State.FOREIGN)
        same_source = known.source == _digest_of(source)
        if now in (known.written, known.begun):
            current = now == known.written and same_source and known.made == self._made(signature)
            return Standing(State.CURRENT if current else State.OUTDATED)
        if now == known.taken and same_source:
            return Standing(State.TAKEN)
        return Standing(State.EDITED, _edits(known, content, out, source.encoding))

    def take(self, out: Path, source: TextFile) -> None:
        """The file stays as a person has made it, until its source changes."""
        content = _content(out)
        if content is not None:
            self._outputs.take(out, content, source=_digest_of(source))

    def write(self, out: Path, result: TextFile, source: TextFile, signature: str, *, final: bool) -> bool:
        """Write a result and remember it; gives whether the file has changed. Raises `StorageError`.

        One that is not `final` is made anew by the next run.
        """
        content = content_of(result, out)
        changed = _content(out) != content
        if changed:
            self._outputs.begin(out, content)
            write_text(out, result)
        elif self._outputs.of(out) is None:
            self._outputs.begin(out, content)
        made_from = _digest_of(source) if final else ""
        self._outputs.finish(out, content, source=made_from, made=self._made(signature))
        return changed

    def _made(self, signature: str) -> str:
        return digest(f"{__version__}\n{signature}\n{self._voices}".encode())


def _content(path: Path) -> bytes | None:
    """What stands in a file; None where there is none. One that cannot be read is not ours to replace."""
    if not path.exists():
        return None
    try:
        return read_bytes(path, limit=_LIMIT)
    except InputRefusedError:
        return b""


def _digest_of(source: TextFile) -> str:
    text = f"{source.encoding}\n{source.mark.hex()}\n{source.text}"
    return digest(text.encode("utf-8", "surrogatepass"))


def _edits(known: Written, content: bytes, path: Path, encoding: str) -> str:
    """The difference between a file as it was written and as it is."""
    if not known.content:
        return ""
    before, after = (text.decode(encoding, "replace") for text in (known.content, content))
    return diff_of(before, after, old_name=f"{path} (as written)", new_name=f"{path} (as it is)")


# ---------------------------------------------------------------------------
# Which issues are translated, and which results are written: a person's work is never replaced unasked.


Signatures = Callable[[str], str]
"""How the output of a text would be made today: engine | prompts | glossary | edition."""


class Decision(Enum):
    """What happens to an output that a person has made or edited."""

    HOLD = "hold"
    """Nothing: it is shown, and a person decides."""
    THEIRS = "take theirs"
    """It stays as it is, until its source changes."""
    OURS = "keep ours"
    """The translation of this program replaces it."""


_HELD = {
    State.EDITED: (Ending.HELD, "a person has edited it since it was written"),
    State.FOREIGN: (Ending.FOREIGN, "no season on this memory has written it"),
    State.TAKEN: (Ending.HELD, "a person has made it, and --take-theirs has kept it"),
}


class Publisher:
    """Has the last word on each file of a season."""

    def __init__(self, folder: Path, ledger: Ledger, decision: Decision, signatures: Signatures) -> None:
        """`folder` is the one of the outputs."""
        self._folder = folder
        self._ledger = ledger
        self._decision = decision
        self._signatures = signatures
        self.current: list[Order] = []
        """The issues that were skipped because their outputs are as they would be made today."""

    def sorted_out(
        self, orders: Sequence[Order], *, only_changed: bool = False, dry: bool = False
    ) -> tuple[list[Order], list[Account]]:
        """The issues that are to be translated, and the accounts of the others.

        `only_changed` leaves out issues that have no output of a season yet; `dry` writes nothing anywhere.
        Raises `StorageError` where nothing can be written to the folder.
        """
        wanted: list[Order] = []
        accounts: list[Account] = []
        if orders and not dry:
            ensure_folder(self._folder)
        for order in orders:
            try:
                if not dry:
                    _make_room(order)
                source, standing = self._standing_of(order)
            except WeeklyTranslateError as error:
                accounts.append(self._account(order, Ending.REFUSED, str(error)))
                continue
            if only_changed and standing.state in (State.ABSENT, State.FOREIGN):
                continue
            account = self._settled(order, source, standing)
            if account is None:
                wanted.append(order)
            else:
                accounts.append(account)
        return wanted, accounts

    def published(self, result: Result, price: Price | None) -> Account:
        """What has become of a result: it is written if nothing speaks against it.

        A disk that fails is the end of this file, not of the season: the answers are in the memory.
        """
        account = account_of(result, price, self.name_of(result.order))
        if not _may_be_written(result):
            return account
        try:
            return self._written(result, account)
        except StorageError as error:
            return replace(account, ending=Ending.UNSAVED, why=str(error))

    def name_of(self, order: Order) -> str:
        """What an issue is called: the path below the folder."""
        assert order.out is not None, "a season has a folder for its outputs"
        return order.out.relative_to(self._folder).as_posix()

    def _standing_of(self, order: Order) -> tuple[TextFile, Standing]:
        """The source, and how its output stands. Raises what is wrong with the source or its edition."""
        assert order.out is not None, "a season has a folder for its outputs"
        source = read_text(order.source, encoding_hint=order.encoding, fix_mojibake=order.fix_mojibake)
        return source, self._ledger.standing_of(order.out, source, self._signatures(source.text))

    def _settled(self, order: Order, source: TextFile, standing: Standing) -> Account | None:
        """The account of an issue that is not translated now."""
        assert order.out is not None
        if standing.state is State.CURRENT:
            self.current.append(order)
            return self._account(order, Ending.CURRENT)
        if standing.state not in _HELD or self._decision is Decision.OURS:
            return None
        if standing.state is State.TAKEN:
            return self._account(order, Ending.CURRENT)
        if self._decision is Decision.THEIRS:
            self._ledger.take(order.out, source)
            return self._account(order, Ending.TAKEN)
        ending, why = _HELD[standing.state]
        return self._account(order, ending, why, standing.diff)

    def _written(self, result: Result, account: Account) -> Account:
        """Somebody may have edited the file while the season was running."""
        order, source, translation = result.order, result.source, result.translation
        assert order.out is not None
        assert source is not None
        assert translation is not None
        standing = self._ledger.standing_of(order.out, source, translation.signature)
        if standing.state in _HELD and self._decision is not Decision.OURS:
            ending, why = _HELD[standing.state]
            return replace(account, ending=ending, why=why, diff=standing.diff)
        final = result.code is ExitCode.DONE
        text = replace(source, text=translation.rendering.text)
        changed = self._ledger.write(order.out, text, source, translation.signature, final=final)
        if not final:
            return replace(account, ending=Ending.INCOMPLETE)
        return replace(account, ending=Ending.WRITTEN if changed else Ending.SAME)

    def _account(self, order: Order, ending: Ending, why: str = "", diff: str = "") -> Account:
        return Account(self.name_of(order), str(order.source), str(order.out), ending, why, diff=diff)


def _make_room(order: Order) -> None:
    """Raises what would keep us from writing, before anything is paid."""
    assert order.out is not None, "a season has a folder for its outputs"
    ensure_folder(order.out.parent)
    check_writable(order.out, source=order.source)


def _may_be_written(result: Result) -> bool:
    """Errors may be written, if somebody wants that; not what a run that was stopped has left in Chinese."""
    if result.translation is None or result.failure is not None:
        return False
    return result.code is ExitCode.DONE or result.order.allow_partial
