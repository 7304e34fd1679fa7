"""The record of one socket call: the unit of the capture, and so of every view.

A record has a fixed size and is about one call on one socket (or on one of its connections).
Bytes that went through the call, or for rare calls its details as JSON, stand in the capture's
byte log at `offset`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag


class CallKind(IntEnum):
    """Which call. Names are those of POSIX; the numbers are part of the capture format."""

    socket = 1
    getaddrinfo = 2
    setsockopt = 3
    bind = 4
    listen = 5
    connect = 6
    accept = 7
    recv = 8
    recvfrom = 9
    send = 10
    sendto = 11
    shutdown = 12
    close = 13
    peer = 30  # not a call: a UDP remote address was seen for the first time
    note = 31  # not a call: something the engine did or found, as a sentence
    worker = 32  # not a call: which thread, coroutine or process makes the calls from here on


RECEIVING = frozenset({CallKind.recv, CallKind.recvfrom})
SENDING = frozenset({CallKind.send, CallKind.sendto})
PAYLOAD = RECEIVING | SENDING
OBSERVATIONS = frozenset({CallKind.peer, CallKind.note, CallKind.worker})


class CallFlag(IntFlag):
    """Bits that say more about a record; part of the capture format."""

    NONE = 0
    END = 1  # the stream ended: recv returned 0 bytes
    CUT = 2  # a datagram did not fit; `extra` is its whole size in bytes where the system tells, else 0
    DATAGRAM = 4  # the bytes are one whole datagram (or what was left of it)
    PENDING = 8  # the call goes on: connect returned EINPROGRESS
    DETAIL = 16  # the bytes at `offset` are the call's details as JSON, not traffic


@dataclass(frozen=True, slots=True)
class Call:
    """One record, decoded.

    number: its place in the capture, from 0.
    time: nanoseconds since the capture began, when the call returned.
    offset, size: where its bytes stand in the byte log, and how many.
    asked: what was asked for: recv's buffer size, the bytes offered to send, else 0.
    socket, connection: the engine's numbers; connection 0 is the socket itself.
    errno: 0, or what the call failed with.
    duration: microseconds from the call's start to its return.
    extra: see `CallFlag.CUT`.
    """

    number: int
    time: int
    offset: int
    size: int
    asked: int
    socket: int
    connection: int
    errno: int
    kind: CallKind
    flags: CallFlag
    duration: int = 0
    extra: int = 0

    @property
    def received(self) -> bool:
        return self.kind in RECEIVING

    @property
    def sent(self) -> bool:
        return self.kind in SENDING
