"""The calls by which datagrams come, on each system: how long a datagram was that did not fit, and what was lost."""

from __future__ import annotations

import socket
import struct
import sys

WSAEMSGSIZE = 10_040  # Windows: the datagram did not fit
TELLS_SIZE = sys.platform == "linux"
_SO_MEMINFO = 55  # Linux: nine counters of the socket's memory; the last is drops
_DROPS = struct.Struct("@9I")


def receive_into(sock: socket.socket, room: memoryview) -> tuple[int, bool, tuple[object, ...]]:
    """(size, whether it was cut, from whom: () when not told). On Linux the size is the whole datagram's.
    Raises OSError."""
    if sys.platform == "win32":
        return receive_on_windows(sock, room)
    size, _, flags, address = sock.recvmsg_into([room], 0, socket.MSG_TRUNC if TELLS_SIZE else 0)
    return size, bool(flags & socket.MSG_TRUNC), address


def receive_on_windows(sock: socket.socket, room: memoryview) -> tuple[int, bool, tuple[object, ...]]:
    """There is no recvmsg there; recvfrom fills the buffer and then fails when a datagram did not fit."""
    try:
        size, address = sock.recvfrom_into(room)
    except OSError as error:
        if error.errno != WSAEMSGSIZE:
            raise
        return len(room), True, ()
    return size, False, address


def dropped(sock: socket.socket) -> int | None:
    """Datagrams that the kernel threw away because nobody read them, so far; None where it does not tell."""
    try:
        counters = _DROPS.unpack(sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _DROPS.size))
    except (OSError, struct.error):  # a kernel before 4.12
        return None
    return int(counters[-1])
