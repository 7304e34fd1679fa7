"""A client of a load over UDP: a socket of its own, connected to the server, so that others' datagrams do not come."""

from __future__ import annotations

import socket
import time
from collections import deque

from explorer.core.endpoint import Endpoint
from explorer.net.load.client import AGAIN, READ, WRITE, LoadClient, Stage

REMEMBERED = 8  # messages without an answer, by which one that comes late is known
LARGEST = 65_536


class UdpLoadClient(LoadClient):
    """A message without an answer in time is lost, and the next one is sent."""

    __slots__ = ("_missed",)

    def begin(self) -> None:
        self._missed: deque[bytes] = deque(maxlen=REMEMBERED)
        begun = time.perf_counter_ns()
        address = self.run.addresses[0]
        try:
            sock = socket.socket(address.family, socket.SOCK_DGRAM)
        except OSError as error:
            self.fail(error, "socket")
            return
        self.sock = sock
        sock.setblocking(False)
        try:
            sock.connect(address.sockaddr)
        except OSError as error:
            self.fail(error, "connect")
            return
        self.run.counting.connected(time.perf_counter_ns() - begun)
        self.stage = Stage.READY
        self.run.watch(self, READ)
        self.run.ready.append(self)

    @property
    def where(self) -> Endpoint:
        return self.run.addresses[0].endpoint

    def ready(self, events: int) -> None:
        if events & READ:
            self._read()
        if events & WRITE and self.stage is Stage.SENDING:
            self.send_rest()

    def _read(self) -> None:
        assert self.sock is not None
        try:
            data = self.sock.recv(LARGEST)
        except AGAIN:
            return
        except OSError as error:
            if self.stage is Stage.HELD:
                self.close()
            else:
                self.fail(error, "recv")
            return
        self.take(data)

    def is_late(self, payload: bytes, right: bool) -> bool:
        return not right and payload in self._missed

    def expire(self) -> None:
        if self.stage is Stage.SENDING:
            self.run.counting.lost += 1
            self.fail_with(
                self.late_failure(
                    "send", "The system did not take the datagram in time.", "Send fewer at once, or more slowly."
                )
            )
        elif self.stage is Stage.WAITING:
            self.run.counting.lost += 1
            self._missed.append(self.expected)
            self.message_done(time.perf_counter_ns())

    def finish(self) -> None:
        """There is nothing to end: the server does not know of it."""
        self.close()
