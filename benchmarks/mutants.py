"""`python -m benchmarks.mutants [MODULE ...]`: changes to the checks that no case notices.

Where numbers, tags or leftovers are judged wrongly, a wrong issue gets published. The modules that judge them
are changed in one place at a time, and all cases are run. A change that survives is a case that is missing,
or it stands in `mutants.yaml` with the reason why it changes nothing that is said.
"""

from __future__ import annotations

import signal
import sys
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.util import spec_from_loader
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks.mutating import Mutant, mutants_of
from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.machinery import ModuleSpec
    from types import CodeType, FrameType, ModuleType

    from test_checks import Case

    Example = Callable[[], None]

SOURCE = ROOT / "src" / "weekly_translate"
EXPLAINED = Path(__file__).with_suffix(".yaml")
MODULES: dict[str, tuple[str, ...]] = {
    "checks.numbers": (
        *("_WRITTEN", "numbers_are_equal", "versions_are_equal", "dates_are_equal", "_changed"),
        *("_missing", "_invented"),
        *("_is_small", "_both", "currencies_are_equal", "units_are_equal", "_other_units", "_exchanged"),
        *("_SIDES", "hedges_keep_their_side", "_hedged"),
    ),
    "checks.quantities": (
        *("_COUNTS", "_SHARES", "_LIKE_A_DATE", "_REACH", "_LETTERED", "_REPEATING"),
        *(
            "_LATIN_NAME",
            "_PRE_RELEASE",
            "differences",
            "_is_converted",
            "_with_short_versions",
            "_without_names_of",
        ),
        *("without_partner", "_around", "_paired", "_differ_by_scale", "_are_of_one_kind"),
        *(
            "_tolerance",
            "same",
            "_same_count",
            "_sizes",
            "_same_share",
            "_same_time",
            "_clock",
        ),
        *("_near", "_as_written", "_same_date", "Unit", "Amount", "_units"),
        *("_patterns", "amounts", "_measured", "_currency", "_signs"),
    ),
    "checks.markup": (
        *("_LOOK_ALIKE", "tags_survive", "no_tag_is_invented", "tags_stand_once", "tags_are_closed"),
        *("tags_are_nested", "labels_have_words", "no_tag_is_damaged"),
        *("_forms", "_shown", "_leaks", "_EMPTY"),
    ),
    "checks.completeness": (
        *("_LETTER", "target_is_translated", "_folded", "no_clause_stays_chinese"),
        *("no_word_stays_chinese", "_quoted", "_leftovers"),
    ),
    "text.chinese_numbers": (
        *("_DIGITS", "_TENS", "_MYRIADS", "_LATIN", "_TOKEN", "_VAGUE", "_COUNTED", "_SCALE"),
        *("_MEASURE", "_ONES", "_NOT", "(_MORE, _LESS)", "_BEFORE", "_PARTS_OF_DAY", "_PAST", "_EVENING"),
        *("_CHANGE", "_QUANTITY", "_SIDES", "_DENIED", "_ALWAYS", "_EACH", "_FAR", "_FIGURATIVE"),
        *("_GROWS", "_FALLS", "_SPAN", "chinese_quantities", "_readings", "_left", "_reading", "_decades"),
        *("_shares", "_small", "_either", "_times", "_time"),
        *(
            "_date",
            "_amount",
            "_figure_value",
            "_count",
            "_kind",
            "_looks_like_version",
            "_about",
            "_demanded",
        ),
        *(
            "_scale_value",
            "_numeral_value",
            "_digit_string_value",
            "_figures",
            "_whole_value",
            "_rest_value",
            "_below_myriad",
            "_LARGE",
        ),
        *("in_english", "_signed", "_number", "plain"),
    ),
    "text.numbers": (
        *("FIGURE", "VERSION", "NAME", "(MONTH, DAY)", "ISO_DATE", "_DIGITS", "RANGE_SIGN"),
        *("_LEADING", "FIGURE_ALONE", "QuantityKind", "Quantity", "figure", "version"),
        *("iso_date", "soft", "digits_in_name", "numbers_in", "_in_units_of"),
        *("date_value", "date_parts", "_MONTH_NUMBERS", "_MONTH", "_WORD"),
        *("_MAGNITUDE", "_APPROXIMATORS", "_QUANTITY", "english_quantities", "_reading", "_name"),
        *("_english_date", "_amount", "_figure_value", "_words_value", "_words_in"),
        *("_looks_like_version", "_about", "_amounts", "percent", "nines", "_CURRENCY"),
        *("share", "shares", "_parts", "_small", "piece"),
    ),
}
"""What is changed; where names are given, these functions and constants of the module."""
_ANEW = ("weekly_translate.checks", "weekly_translate.text")
_HANDS = ("weekly_translate.checks", "weekly_translate.text.chinese_numbers", "weekly_translate.text.numbers")
_HANDED = ("findings_of", "grams_of", "chinese_quantities", "english_quantities", "in_english")
"""What the cases call."""
_NUMERALS = {
    "test_chinese_numbers_are_read_by_value": "Chinese",
    "test_english_numbers_are_read_by_value": "English",
    "test_a_quantity_is_written_as_english_writes_it": "In English",
}
_LIKELY = ("num.", "tag.", "seg.residual", "seg.untranslated", "lang.")
"""Checks whose cases are run first."""
_LONGEST = 20
"""Seconds after which a change is noticed by not coming to an end."""


class _Changed(MetaPathFinder, Loader):
    """Finds one module, and runs other code in its place."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name, self._code = name, code

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The module, if it is asked for this one."""
        return spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the code, which reads tables beside its file."""
        module.__file__ = self._code.co_filename
        exec(self._code, vars(module))  # noqa: S102 - the project's own code, with one change


class EndlessError(Exception):
    """A change of which no case comes to an end."""


def main(names: list[str]) -> int:
    """Print each survivor that nobody has explained, and each explanation without one; 1 if there are any."""
    sys.path.insert(0, str(ROOT / "tests"))
    signal.signal(signal.SIGALRM, _give_up)
    examples = list(_examples())
    for example in examples:
        example()  # unchanged, all of them hold
    explained = {(row["where"], row["change"]) for row in yaml.safe_load(EXPLAINED.read_text("utf-8"))}
    tried, survivors = 0, set()
    for name in names or MODULES:
        path = (SOURCE / name.replace(".", "/")).with_suffix(".py")
        for mutant in mutants_of(path, MODULES[name]):
            tried += 1
            if not _is_noticed(f"weekly_translate.{name}", mutant, examples):
                survivors.add((mutant.where, mutant.change))
                if (mutant.where, mutant.change) not in explained:
                    print(f"{path.name}:{mutant.line}: {mutant.where}: {mutant.change}", flush=True)
    idle = set() if names else explained - survivors
    for where, change in sorted(idle):
        print(f"explained, and noticed or gone by now: {where}: {change}")
    new = len(survivors - explained)
    print(f"{tried} changes; {len(survivors)} survive, of which {new} are not explained.")
    return int(bool(new or idle))


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise EndlessError


def _examples() -> Iterator[Example]:
    """The cases of the numerals and of the checks; those that need a dictionary are about something else."""
    numerals, checks = import_module("test_numerals"), import_module("test_checks")
    for name, section in _NUMERALS.items():
        test = getattr(numerals, name)
        yield from (partial(test, *case) for case in numerals.cases_of(section))
    test = checks.test_a_fault_is_reported_once_and_a_good_translation_not_at_all
    cases = [case for case in checks.ALL_CASES if "zh" in case.fields and "dictionary" not in case.fields]
    yield from (partial(test, case) for case in sorted(cases, key=_is_unlikely))


def _is_unlikely(case: Case) -> bool:
    return not case.check.startswith(_LIKELY)


def _is_noticed(name: str, mutant: Mutant, examples: list[Example]) -> bool:
    """Whether a case fails with the change, in whatever way, or nothing can be imported any more."""
    signal.alarm(_LONGEST)
    try:
        _load_with(name, mutant)
        for example in examples:
            example()
    except Exception:  # noqa: BLE001 - a changed program may fail in any way, and each is noticed
        return True
    finally:
        signal.alarm(0)
    return False


def _load_with(name: str, mutant: Mutant) -> None:
    """Import the checks and numerals anew, with one module changed, and hand them to the tests."""
    for known in [known for known in sys.modules if known.startswith(_ANEW)]:
        del sys.modules[known]
    finder = _Changed(name, mutant.code)
    sys.meta_path.insert(0, finder)
    try:
        fresh = [import_module(module) for module in _HANDS]
    finally:
        sys.meta_path.remove(finder)
    for test in (sys.modules["test_numerals"], sys.modules["test_checks"]):
        for module in fresh:
            vars(test).update({key: value for key, value in vars(module).items() if key in _HANDED})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
