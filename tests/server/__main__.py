"""`python -m tests.server`: the server for other processes; its URL is the first line of the output."""

from __future__ import annotations

import argparse
import sys
import threading

from .faults import Fault
from .serving import MisbehavingServer
from .statuses import Meter


def _fault(words: str) -> Fault:
    """`drop_tag` or `drop_tag:always`, `drop_tag:once`, `drop_tag:0.3`."""
    name, _, often = words.partition(":")
    if often == "once":
        return Fault(name, times=1)
    return Fault(name) if often in {"", "always"} else Fault(name, share=float(often))


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.server", description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--fault", type=_fault, action="append", default=[], metavar="NAME[:once|:SHARE]")
    options.add_argument("--latency", type=float, default=0.0, help="seconds before an answer")
    options.add_argument("--per-token", type=float, default=0.0, help="seconds for each token of it")
    options.add_argument("--caches", action="store_true", help="report what requests begin with as cached")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--per-minute", type=float, help="refuse more requests than these, and count them")
    chosen = options.parse_args()
    meter = Meter(chosen.per_minute, burst=4) if chosen.per_minute else None
    with MisbehavingServer(
        *chosen.fault,
        latency=chosen.latency,
        per_token=chosen.per_token,
        caches=chosen.caches,
        seed=chosen.seed,
        port=chosen.port,
        meter=meter,
    ) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        if meter is None:
            threading.Event().wait()
        elif sys.stdin.read() == "":  # until the input ends
            seconds = meter.passed[-1] - meter.passed[0]
            sys.stdout.write(f"{len(meter.passed)} {seconds} {meter.refused}\n")


if __name__ == "__main__":
    main()
