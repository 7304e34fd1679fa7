"""How TCP connections end: why, in words, and the call that ends one half."""

from __future__ import annotations

import errno
import socket

from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.states import CloseReason
from explorer.net.call_log import CallLog, clock
from explorer.net.os_errors import explain

CLOSED_EARLY = "The connection ended before everything was sent."
ENDED = {
    CloseReason.EOF: "The peer ended the connection.",
    CloseReason.LOCAL: "The connection was closed here.",
}
_GONE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH})


def why_lost(error: OSError, call: str, peer: Endpoint) -> tuple[CloseReason, Failure]:
    """What a failed call says of a connection that it ended."""
    reason = CloseReason.TIMEOUT if error.errno in _GONE else CloseReason.RESET
    return reason, explain(error, call, peer, text=f"{call}() with {peer}")


def shut_down(sock: socket.socket, number: int, log: CallLog) -> OSError | None:
    """shutdown(SHUT_WR), recorded: the peer reads the end of the stream; we can read on. Why it failed, if it did."""
    started = clock()
    problem: OSError | None = None
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError as error:
        problem = error
    log.write(CallKind.shutdown, {"how": "SHUT_WR"}, connection=number, error=problem, started=started)
    return problem
