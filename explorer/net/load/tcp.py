"""A client of a load over TCP: connects, sends its messages, ends the connection in order."""

from __future__ import annotations

import contextlib
import errno
import socket
import time

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.net.load.client import AGAIN, READ, WRITE, LoadClient, Stage
from explorer.net.os_errors import call_text, error_of

STARTED = (errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK))
GRACE = 500_000_000  # nanoseconds that a server gets to close its side
LAST_READS = 16  # before a socket is closed: unread bytes would make the system reset the connection


class TcpLoadClient(LoadClient):
    __slots__ = ("_begun", "_place")

    def begin(self) -> None:
        self._begun = time.perf_counter_ns()
        self._place = self.run.best
        self._connect()

    @property
    def where(self) -> Endpoint:
        return self.run.addresses[self._place].endpoint

    def _connect(self) -> None:
        address = self.run.addresses[self._place]
        try:
            sock = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError as error:
            self.fail(error, "socket")
            return
        sock.setblocking(False)
        self.sock = sock
        code = sock.connect_ex(address.sockaddr)
        if code == 0:
            self._connected()
        elif code in STARTED:
            self.run.watch(self, WRITE)
            self.run.set_deadline(self, time.perf_counter_ns() + self.run.timeout)
        else:
            self._not_connected(error_of(code))

    def _not_connected(self, error: OSError) -> None:
        """A name may have further addresses; which one is right is known to the clients that come after."""
        if self._place + 1 < len(self.run.addresses):
            self._place += 1
            self.run.unwatch(self)
            self._connect()
        else:
            self.fail(error, "connect")

    def _connected(self) -> None:
        assert self.sock is not None
        if _with_itself(self.sock):
            self._not_connected(error_of(errno.ECONNREFUSED))
            return
        self.run.best = self._place
        self.run.counting.connected(time.perf_counter_ns() - self._begun)
        with contextlib.suppress(OSError):
            # As with a person's program that wants its answers soon: Nagle's delay would be measured otherwise.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stage = Stage.READY
        self.deadline = 0
        self.run.watch(self, READ)
        self.run.ready.append(self)

    def ready(self, events: int) -> None:
        if self.stage is Stage.CONNECTING:
            assert self.sock is not None
            code = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._not_connected(error_of(code))
            else:
                self._connected()
            return
        if events & READ:
            self._read()
        if events & WRITE and self.stage is Stage.SENDING:
            self.send_rest()

    def _read(self) -> None:
        assert self.sock is not None
        try:
            data = self.sock.recv(self.run.piece)
        except AGAIN:
            return
        except OSError as error:
            self._broken(error)
            return
        if data:
            self.take(data)
        elif self.stage is Stage.CLOSING:
            self.close()
        elif self.stage is Stage.HELD:
            self.finish()
        else:
            self.fail_with(
                Failure(
                    call_text("recv"),
                    "EOF",
                    "end of the stream",
                    "The server closed the connection before all messages were dealt with.",
                    "Look at how many messages the server takes from one client, and at its time limits.",
                )
            )

    def _broken(self, error: OSError) -> None:
        if self.stage in (Stage.CLOSING, Stage.HELD):  # it had all its answers
            self.close()
        else:
            self.fail(error, "recv")

    def expire(self) -> None:
        if self.stage is Stage.CONNECTING:
            self.fail_with(
                self.late_failure(
                    "connect",
                    "The server did not accept the connection in time.",
                    "Its accept queue may be full: it serves too few clients at once for so many. Try fewer clients, "
                    "fewer a second, a longer timeout, a larger backlog, or another way of serving.",
                )
            )
        elif self.stage is Stage.CLOSING:
            self.close()
        elif self.stage is Stage.SENDING:
            self.run.counting.lost += 1
            self.fail_with(
                self.late_failure(
                    "send",
                    "The server did not take the message in time.",
                    "It reads too slowly or not at all. Try fewer or smaller messages, or a longer timeout.",
                )
            )
        elif self.stage is Stage.WAITING:
            self.run.counting.lost += 1
            self.fail_with(
                self.late_failure(
                    "recv",
                    "The answer did not come in time.",
                    "Check that the server answers such a message, and under the same framing; or that it has not more "
                    "clients than it can serve at once. A longer timeout waits longer.",
                )
            )

    def finish(self) -> None:
        """Ends its side, and gives the server time to end its own."""
        assert self.sock is not None
        self.stage = Stage.CLOSING
        self.rest = memoryview(b"")
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()
            return
        self.run.watch(self, READ)
        self.run.set_deadline(self, time.perf_counter_ns() + GRACE)

    def close(self) -> None:
        if self.sock is not None and self.stage is Stage.CLOSING:
            with contextlib.suppress(OSError):
                for _ in range(LAST_READS):
                    if not self.sock.recv(65_536):
                        break
        super().close()


def _with_itself(sock: socket.socket) -> bool:
    """A connect to a port of this machine from which the system takes local ports may meet its own."""
    try:
        return bool(sock.getsockname() == sock.getpeername())
    except OSError:
        return False
