"""What an issue has taken, and what the whole season tells of itself at its end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from weekly_translate.edition import unused
from weekly_translate.errors import ExitCode
from weekly_translate.pipeline import drafts_in
from weekly_translate.pipeline.inventory import inventory_of
from weekly_translate.reports.reviewed import UsedRule
from weekly_translate.reports.season import Account, Counts, Ending
from weekly_translate.reports.season_json import Idle
from weekly_translate.reports.shares import share_of
from weekly_translate.season.consistency import said_in
from weekly_translate.translation.cost import cost

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weekly_translate.edition import Edition, Use
    from weekly_translate.errors import WeeklyTranslateError
    from weekly_translate.exchange import Usage
    from weekly_translate.pipeline import Translation
    from weekly_translate.reports.inventory import Inventory
    from weekly_translate.season.consistency import Said
    from weekly_translate.season.running import Result
    from weekly_translate.translation.cost import Price


def account_of(result: Result, price: Price | None, name: str) -> Account:
    """The account of a result, called `name`, that is not written, or not yet."""
    order, translation, failure = result.order, result.translation, result.failure
    account = Account(
        name,
        str(order.source),
        str(order.out),
        _ending(result),
        why="" if failure is None else str(failure),
        seconds=result.seconds,
    )
    if translation is None:
        return account
    # What a run that was stopped has not asked for is no fault of the issue.
    findings = () if failure is not None else result.findings
    return replace(_with_translation(account, translation, price), findings=findings)


def _ending(result: Result) -> Ending:
    if result.translation is None:
        return Ending.REFUSED
    return Ending.OPEN if result.failure is not None else Ending.ERRORS


def _with_translation(account: Account, translation: Translation, price: Price | None) -> Account:
    manuscript = translation.plan.manuscript
    return replace(
        account,
        signature=translation.signature,
        edition=manuscript.choice.edition.name,
        counts=_counts(translation),
        share=share_of(translation.plan.document.segments, translation.plan.remembered),
        usage=translation.usage,
        cost=paid(translation.usage, price),
        rules=tuple(UsedRule(use.kind, use.rule, use.lines) for use in manuscript.edited.uses),
    )


def paid(usage: Usage, price: Price | None) -> Decimal | None:
    """What was paid; nothing where nothing was asked, whatever the price is."""
    return cost(usage, price) if usage.requests else Decimal()


def _counts(translation: Translation) -> Counts:
    segments, plan = translation.rendering.segments, translation.plan
    memory, edition = len(plan.remembered), len(plan.known) - len(plan.remembered)
    left = sum(one.target is None for one in segments)
    drafts = drafts_in(translation)
    made = len(segments) - memory - edition - left - drafts
    return Counts(len(segments), memory, edition, made, drafts, left)


def code_of(accounts: Iterable[Account], failure: WeeklyTranslateError | None) -> ExitCode:
    """What the shell is told: what ended the season, else the worst of what became of its issues."""
    if failure is not None:
        return failure.exit_code
    endings = {one.ending for one in accounts}
    if Ending.UNSAVED in endings:
        return ExitCode.STORAGE
    if endings & {Ending.REFUSED, Ending.HELD, Ending.FOREIGN, Ending.OPEN}:
        return ExitCode.PARTIAL
    return ExitCode.FINDINGS if endings & {Ending.ERRORS, Ending.INCOMPLETE} else ExitCode.DONE


class Impressions:
    """What is noted of each issue as it goes by, so that its rendering need not be kept."""

    def __init__(self, *, counting: bool = False) -> None:
        """With `counting`, each result is read once more and what it holds is counted."""
        self.said: list[Said] = []
        self.inventories: list[Inventory] = []
        self._counting = counting
        self._uses: defaultdict[str, list[Use]] = defaultdict(list)
        self._editions: dict[str, Edition] = {}
        self._issues: defaultdict[str, int] = defaultdict(int)

    def note(self, name: str, translation: Translation) -> None:
        """Take in an issue called `name`."""
        self.said += said_in(name, translation)
        choice, _, edited = translation.plan.manuscript
        edition = choice.edition
        self._editions[edition.file] = edition
        self._uses[edition.file] += edited.uses
        self._issues[edition.file] += 1
        if self._counting:
            self.inventories.append(inventory_of(name, translation))

    @property
    def idle(self) -> list[Idle]:
        """The rules that fired in none of the issues of their edition. One issue alone proves nothing."""
        return [
            Idle(file, rule.line, rule.kind.value, rule.name, self._issues[file])
            for file, edition in self._editions.items()
            if self._issues[file] > 1
            for rule in unused(edition, self._uses[file])
        ]
