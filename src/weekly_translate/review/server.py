"""The server of a review: on this machine only, at a port of the system's choice, until it is interrupted."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from weekly_translate.review.gate import HOST, Gate
from weekly_translate.review.routes import application

if TYPE_CHECKING:
    from weekly_translate.reports.review_page import PageFiles
    from weekly_translate.review.deciding import Session


class ReviewServer:
    """One review at one port."""

    def __init__(self, session: Session, files: PageFiles) -> None:
        """Takes a port; nothing is answered yet."""
        self._socket = socket.create_server((HOST, 0))
        self._gate = Gate(self._socket.getsockname()[1], application(session, files))
        self._server = uvicorn.Server(_config(self._gate))

    @property
    def address(self) -> str:
        """What a browser opens, once."""
        return self._gate.address

    def run(self) -> None:
        """Answer until `stop`, Ctrl-C or a signal to end; what is being answered is answered."""
        with self._socket, suppress(KeyboardInterrupt):
            asyncio.run(self._server.serve([self._socket]))

    def stop(self) -> None:
        """End it, from another thread."""
        self._server.should_exit = True


def _config(gate: Gate) -> uvicorn.Config:
    """As little as possible: no log, no other protocol, no trust in what a proxy says."""
    return uvicorn.Config(
        gate,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
