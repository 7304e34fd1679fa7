"""States of a socket and of a connection.

TCP names are those of RFC 9293, section 3.3.2. A program sees only some of them happen (it calls
connect and connect returns); what lies between is inferred, and nothing here pretends otherwise:
`RESOLVING`, `BOUND`, `FAILED` and `PAUSED` are ours, about the program's side.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a socket or connection stands, as the program knows it."""

    CLOSED = "closed"
    RESOLVING = "resolving"
    SYN_SENT = "connecting"
    LISTEN = "listening"
    BOUND = "bound"  # UDP server: it has an address, and UDP has no states
    ESTABLISHED = "connected"
    FIN_WAIT = "finished sending"  # we called shutdown(SHUT_WR); FIN-WAIT-1 or -2
    CLOSE_WAIT = "peer finished sending"  # recv returned 0 bytes
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        return self not in (State.CLOSED, State.FAILED)


class CloseReason(Enum):
    """Why a connection is over."""

    EOF = "eof"
    RESET = "reset"
    LOCAL = "local"
    TIMEOUT = "timeout"
