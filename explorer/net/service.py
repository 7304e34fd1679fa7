"""What answers on one socket: its program's setup, from which each connection gets a program of its own."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Protocol

from explorer.core.socket_spec import Choice, Transport
from explorer.programs.api import Program, World
from explorer.programs.fitting import check_transport
from explorer.programs.registry import find_kind, prepare

if TYPE_CHECKING:
    from explorer.net.call_log import CallLog
    from explorer.net.context import Context
    from explorer.net.script_host import Reply, ScriptHost


class Tap(Protocol):
    """Whoever else wants what comes on a socket, while somebody does. Told under the engine's lock; must be quick."""

    def message(self, peer: str, payload: bytes) -> None:
        """A message of this peer (``host:port``), as the framing found it; on a stream with raw framing what one recv
        returned."""

    def broken(self, peer: str, problem: str) -> None:
        """A place that breaks the framing, as a sentence."""


def _now() -> datetime:
    return datetime.now().astimezone()


class Service:
    """Raises InputError when the program's settings are not valid. kind: its description.

    tap: told of every message of every connection, before the program is; None as long as nobody asks."""

    __slots__ = ("_host", "_setup", "_where", "choice", "kind", "tap", "world")

    def __init__(self, choice: Choice, transport: Transport = "tcp") -> None:
        self.choice = choice
        self.kind = find_kind(choice.kind)
        check_transport(choice, transport)
        self.world = World(_now, Random(), platform.python_version(), transport)
        self._setup = prepare(choice)
        self.tap: Tap | None = None
        self._where: tuple[Context, int, CallLog] | None = None
        self._host: ScriptHost | None = None

    def program(self) -> Program:
        """A new one, for one connection."""
        return self._setup(self.world)

    # -- the user's own code ------------------------------------------------------------------------

    def attach(self, context: Context, number: int, log: CallLog) -> None:
        """It serves this running socket from now on: what `ask` needs to know."""
        self._where = context, number, log

    def ask(self, connection: int, request: Mapping[str, object], done: Callable[[Reply], None]) -> None:
        """Carry out an `Ask` of a connection's program, by any thread that holds the engine's lock. `done` is told the
        answer on the loop, never before this returns; the connection may be over by then. An empty answer: the socket
        was stopped."""
        self._process().ask(connection, request, done)

    def close(self) -> None:
        """The socket is over, or another service takes its place: so is the process that was asked, if there is one."""
        if self._host is not None:
            self._host.close()

    def _process(self) -> ScriptHost:
        if self._host is None:
            from explorer.core.fields import check  # a script is wanted seldom
            from explorer.net.script_host import ScriptHost

            assert self._where is not None, "a service that no socket has was asked"
            context, number, log = self._where
            self._host = ScriptHost(context, number, log, check(self.kind.fields, self.choice.settings))
        return self._host
