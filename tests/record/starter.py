"""A process that has loaded the program and becomes it once for each command: starting is most of the time.

It reads one JSON line for each command and answers with the exit code. The program is started from nothing as
well: in scenes that are `fresh`, and wherever a terminal or Ctrl-C has a part.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import runpy
import sys


def load() -> None:
    """Every module of the program, whatever they are called."""
    package = importlib.import_module("weekly_translate")
    for module in pkgutil.walk_packages(package.__path__, "weekly_translate."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(
                ImportError
            ):  # what a command needs is loaded, or missed, by that command
                importlib.import_module(module.name)


def become(order: dict[str, object]) -> None:
    """Run the command in this process, which ends with it."""
    for number, (name, flags) in enumerate(
        (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))
    ):
        os.dup2(os.open(str(order[name]), flags), number)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - as at a start
    os.chdir(str(order["folder"]))
    environment = order["environment"]
    assert isinstance(environment, dict)
    os.environ.clear()
    os.environ.update(environment)
    arguments = order["arguments"]
    assert isinstance(arguments, list)
    sys.argv = ["weekly-translate", *arguments]
    runpy.run_module(str(order["module"]), run_name="__main__", alter_sys=True)


def main() -> None:
    """Until the input ends."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    load()
    while line := orders.readline():
        child = os.fork()
        if not child:
            orders.close()
            answers.close()
            become(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
