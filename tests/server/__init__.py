"""A chat endpoint on this machine: it translates faithfully into pseudo-English, or misbehaves as told.

    with MisbehavingServer(Fault("drop_tag", times=1), Fault("http_503", share=0.3)) as server:
        engine = OpenAIChat(Endpoint(server.url, "fake"))

`python -m tests.server --port 8000 --fault drop_tag:once` serves other processes.
"""

from __future__ import annotations

from .faults import FAULTS, Fault
from .reading import error, scripted
from .serving import MisbehavingServer, Recorded
from .translating import translated

__all__ = ["FAULTS", "Fault", "MisbehavingServer", "Recorded", "error", "scripted", "translated"]
