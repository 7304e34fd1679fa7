"""What a server asks of each client it serves, whoever makes the calls for it."""

from __future__ import annotations

from typing import Protocol

from explorer.core.failure import Failure
from explorer.core.pace import Pace
from explorer.core.states import CloseReason
from explorer.net.running import Peer
from explorer.net.tcp_endings import CLOSED_EARLY


class Served(Peer, Protocol):
    """One connection of a server. All of this may be called on any thread that holds the engine's lock."""

    def refresh(self) -> None:
        """The capture is full, or takes traffic again: look again at what to wait for."""

    def set_pace(self, pace: Pace) -> None: ...

    def close(self, reason: CloseReason, failure: Failure | None = None, problem: str = CLOSED_EARLY) -> None:
        """close(2), at once or as soon as whoever makes its calls can. problem: why what waits is not sent."""
