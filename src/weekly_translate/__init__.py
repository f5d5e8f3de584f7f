"""Chinese Markdown newsletters into English, with every link, image, code span and number accounted for.

    from weekly_translate import Project

    judged = Project().check("issue.md", "issue.en.md")

Names are loaded when they are first used: importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from weekly_translate.version import VERSION

if TYPE_CHECKING:
    from weekly_translate.api import Project
    from weekly_translate.errors import ExitCode, WeeklyTranslateError
    from weekly_translate.model import Finding, Severity
    from weekly_translate.report.text import Judged
    from weekly_translate.run.issue import Result
    from weekly_translate.run.plan import Forecast

__version__ = VERSION
__all__ = [
    "ExitCode",
    "Finding",
    "Forecast",
    "Judged",
    "Project",
    "Result",
    "Severity",
    "WeeklyTranslateError",
    "__version__",
]

_HOMES = {
    "ExitCode": "errors",
    "Finding": "model",
    "Forecast": "run.plan",
    "Judged": "report.text",
    "Project": "api",
    "Result": "run.issue",
    "Severity": "model",
    "WeeklyTranslateError": "errors",
}
"""Where each public name lives."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
