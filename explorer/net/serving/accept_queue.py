"""Who waits in a listener's accept queue: connections that the system has set up and nobody has accepted yet.

Linux tells how many wait and how many may (TCP_INFO of the listener), and in /proc/net/tcp which ones: sockets of the
listener's port that are connected and belong to nobody (inode 0). There a queue of `backlog` takes one more than that.
When it is full the system ignores further clients: they stay in SYN-SENT and ask again and again (tcp(7), listen(2)).
Elsewhere nothing of this is told.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer.core.endpoint import Endpoint
from explorer.core.events import QueueSampled, WaitingClient
from explorer.net.background import Task
from explorer.net.context import Context
from explorer.net.reactor import Timer, Watcher

EVERY = 0.25  # seconds between two looks
SHARE = 20  # of the time, about one part in so many is spent on reading the tables
LONGEST_REST = 2.0  # seconds
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_TCP_INFO = 11
_UNACKED_AT = 24  # tcpi_unacked, which on a listener is how many wait; tcpi_sacked behind it is how many may
_ESTABLISHED, _SYN_SENT, _SYN_RECV, _CLOSE_WAIT = "01", "02", "03", "08"


def queue_length(listener: socket.socket) -> tuple[int, int] | None:
    """(waiting, backlog) of a listener; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    try:
        info = listener.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 512)
        waiting, backlog = struct.unpack_from("@II", info, _UNACKED_AT)
    except (OSError, struct.error):
        return None
    return waiting, backlog


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the system's table."""

    local: Endpoint
    remote: Endpoint
    state: str
    inode: int


def rows(text: str, port: int) -> Iterator[Row]:
    """Of the content of /proc/net/tcp or tcp6 (proc(5)), those with this port. There may be very many others."""
    mark = f":{port:04X} "
    place = text.find(mark)
    while place >= 0:
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        parts = text[text.rfind("\n", 0, place) + 1 : end].split()
        place = text.find(mark, end)
        if len(parts) > 9:
            yield Row(_endpoint(parts[1]), _endpoint(parts[2]), parts[3], int(parts[9]))


def _endpoint(written: str) -> Endpoint:
    """From ``0100007F:1F90``: words in the machine's order, then the port."""
    host, _, port = written.partition(":")
    words = [int(host[at : at + 8], 16) for at in range(0, len(host), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return Endpoint(socket.inet_ntop(family, packed), int(port, 16))


def waiting_at(where: Endpoint, found: Iterable[Row]) -> dict[Endpoint, bool]:
    """The clients that wait at a listener's address, each with whether it is still connecting."""
    clients: dict[Endpoint, bool] = {}
    for row in found:
        if row.state == _SYN_SENT:
            if row.remote.port == where.port and _reaches(row, where):
                clients.setdefault(row.local, True)
        elif row.local.port == where.port and (where.is_wildcard or row.local.host == where.host):
            if row.state == _SYN_RECV:
                clients.setdefault(row.remote, True)
            elif row.inode == 0 and row.state in (_ESTABLISHED, _CLOSE_WAIT):
                clients[row.remote] = False
    return clients


def _reaches(row: Row, where: Endpoint) -> bool:
    """Whether a client of this machine is connecting to this listener, and not to another machine's port."""
    if not where.is_wildcard:
        return row.remote.host == where.host
    return row.remote.is_loopback or row.remote.host == row.local.host


def look(where: Endpoint) -> tuple[dict[Endpoint, bool], float]:
    """`waiting_at`, from the system's tables, and how many seconds of work that took. Raises OSError."""
    begun = time.thread_time()
    found: list[Row] = []
    for table in TABLES:
        if table.exists():  # there is none for IPv6 where that is switched off
            found.extend(rows(table.read_text("ascii"), where.port))
    return waiting_at(where, found), time.thread_time() - begun


class AcceptQueue:
    """Looks at one listener's queue while somebody may wait in it, and tells what has changed."""

    def __init__(self, context: Context, number: int, owner: Watcher) -> None:
        self._context = context
        self._number = number
        self._owner = owner
        self._listener: socket.socket | None = None
        self._where = Endpoint("", 0)
        self._needed = False
        self._timer: Timer | None = None
        self._task: Task[tuple[dict[Endpoint, bool], float]] | None = None
        self._rest = EVERY
        self._first_seen: dict[Endpoint, int] = {}
        self._last: QueueSampled | None = None

    def follow(self, listener: socket.socket, where: Endpoint, needed: bool) -> None:
        """Look at this listener; needed: clients may have to wait there, so do it again and again."""
        self._listener, self._where, self._needed = listener, where, needed
        if needed and self._timer is None and self._task is None:
            self._timer = self._context.reactor.call_later(0.0, self._sample, self._owner)

    def end(self) -> None:
        """The listener is about to be closed."""
        self._listener = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _sample(self) -> None:
        self._timer = None
        if self._listener is None:
            return
        length = queue_length(self._listener)
        if length is None:
            self._tell(QueueSampled(self._number, None, None, ()))  # and never again: this system does not tell
            return
        if length[0]:
            where = self._where
            self._task = self._context.background.call("accept queue", lambda: look(where), self._looked)
            return
        self._first_seen.clear()
        self._tell(QueueSampled(self._number, *length, ()))
        self._rest = EVERY
        if self._needed:
            self._again()

    def _looked(self, found: tuple[dict[Endpoint, bool], float] | Exception) -> None:
        """The tables were read, or could not be; then only the numbers are told, as they are now."""
        self._task = None
        length = queue_length(self._listener) if self._listener is not None else None
        if length is None:
            return
        clients: dict[Endpoint, bool] = {}
        if not isinstance(found, Exception):
            clients, seconds = found
            self._rest = min(LONGEST_REST, max(EVERY, seconds * SHARE))
        now = self._context.writer.now()
        self._first_seen = {peer: self._first_seen.get(peer, now) for peer in clients}
        waiting = tuple(WaitingClient(peer, self._first_seen[peer], clients[peer]) for peer in self._first_seen)
        self._tell(QueueSampled(self._number, *length, tuple(sorted(waiting, key=_order))))
        self._again()

    def _again(self) -> None:
        self._timer = self._context.reactor.call_later(self._rest, self._sample, self._owner)

    def _tell(self, sample: QueueSampled) -> None:
        if sample != self._last:
            self._last = sample
            self._context.emit(sample)


def _order(client: WaitingClient) -> tuple[bool, int, int]:
    return client.connecting, client.since, client.peer.port
