"""The faithful server of the tests, in a process of its own: it must not take our time or memory."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.texts import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def local_server(latency: float = 0.0, per_token: float = 0.0, *, caches: bool = False) -> Iterator[str]:
    """The URL of a server that answers after `latency` and `per_token` seconds for each token it writes.

    One that `caches` charges the instructions, which all requests begin with, as a provider does.
    """
    command = [sys.executable, "-m", "tests.server", f"--latency={latency}", f"--per-token={per_token}"]
    command += ["--caches"] if caches else []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
