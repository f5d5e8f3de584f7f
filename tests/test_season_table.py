"""The table at the end of a season: it fits a terminal, and says of all issues what it says of each."""

from __future__ import annotations

from decimal import Decimal

import pytest

from weekly_translate.model import Counts, Ending, Finding, Settled, Severity, Usage
from weekly_translate.report.season_table import Account, season_legend, season_text
from weekly_translate.report.text import cells

WARNING = Finding("num.value", Severity.WARNING, "a number differs")


def account(name: str, ending: Ending) -> Account:
    return Account(
        name,
        f"zh/{name}",
        f"en/{name}",
        ending,
        counts=Counts(all=1043, translated=1043),
        usage=Usage(requests=112),
        cost=Decimal("0.0165"),
        seconds=100.0,
        findings=(WARNING,),
    )


WRITTEN = [account(f"2023-05-{day}-weekly.md", Ending.WRITTEN) for day in range(10, 40)]
HELD = account("2023-06-10-weekly.md", Ending.HELD)


def columns(text: str) -> list[str]:
    return text.splitlines()[0].split()


def test_where_there_is_room_nothing_is_left_out() -> None:
    text = season_text(WRITTEN)
    everything = ["issue", "segments", "memory", "requests", "cost", "seconds", "findings", "result"]
    assert columns(text) == columns(season_text(WRITTEN, width=200)) == everything
    assert text.splitlines()[-1].endswith("30 of 30 as they should be")


@pytest.mark.parametrize(
    ("width", "accounts", "left_out"),
    [
        (80, WRITTEN, set()),
        (80, [*WRITTEN, HELD], {"seconds", "memory", "requests"}),
        (60, WRITTEN, {"seconds", "memory", "requests"}),
        (40, WRITTEN, {"seconds", "memory", "requests", "segments", "cost"}),
    ],
)
def test_no_line_of_the_table_is_wider_than_the_terminal(
    width: int, accounts: list[Account], left_out: set[str]
) -> None:
    text = season_text(accounts, width=width)
    assert max(map(cells, text.splitlines())) <= width
    assert set(columns(season_text(accounts))) - set(columns(text)) == left_out
    assert len(text.splitlines()) == len(accounts) + 2


def test_a_table_that_fits_nowhere_keeps_what_matters_most() -> None:
    assert columns(season_text([HELD], width=20)) == ["issue", "findings", "result"]


def test_what_is_up_to_date_has_no_line_but_counts_as_good() -> None:
    current = Account("1.md", "zh/1.md", "en/1.md", Ending.CURRENT)
    text = season_text([current, *WRITTEN[:2], HELD], every_one=False)
    assert "up to date" not in text
    assert text.splitlines()[-1].endswith("3 of 4 as they should be")
    assert season_text([current], every_one=False) == ""
    assert season_text([]) == ""


def test_each_letter_of_the_table_has_its_word_below() -> None:
    error = Finding("tag.missing", Severity.ERROR, "a tag is missing")
    settled = Finding("num.value", Severity.INFO, "it is a joke", settled=Settled("ada", "a joke"))
    drafts = Counts(all=3, drafts=2)
    one = Account("1", "", "", Ending.ERRORS, counts=drafts, findings=(error, WARNING, settled))
    row = season_text([one]).splitlines()[1]
    assert "?  " in row
    assert "1 E 1 W 1 S 2 D" in row
    letters = [said.split(" ")[0] for said in season_legend([one]).split(", ")]
    assert letters == ["E", "W", "S", "D", "?"]
    assert season_legend([account("1.md", Ending.WRITTEN)]) == "W warnings"
    assert season_legend([]) == ""
