"""The engine: carries out commands, owns every socket, writes every call into the capture.

It runs on one thread, of whatever kind: the window's bridge hosts it in a QThread, the command line
in a plain one. Only `post` may be called from another. Servers that serve with threads of their own share
the engine's lock with it (`EngineLock`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from explorer.core.capture_writer import CaptureWriter
from explorer.core.commands import (
    CancelSend,
    CancelSequence,
    Command,
    EndConnection,
    RecordSteps,
    Repeat,
    ResumeCapture,
    RunSequence,
    Send,
    SendFile,
    SetPace,
    SetProgram,
    Shutdown,
    Start,
    StartLoad,
    Stop,
)
from explorer.core.errors import InputError
from explorer.core.events import EngineStopped, Event, SocketChanged, SocketFailed
from explorer.core.failure import Failure
from explorer.core.scripts import not_trusted, source_of
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally
from explorer.net import repeating, sending
from explorer.net.context import Context
from explorer.net.conversation import Conversation
from explorer.net.os_errors import bug
from explorer.net.reactor import Reactor
from explorer.net.running import RunningSocket
from explorer.net.serving.registry import make_server
from explorer.net.tcp_client import TcpClient
from explorer.net.udp import UdpSocket

if TYPE_CHECKING:
    from explorer.net.automation.hub import Hub
    from explorer.net.load.host import Loads

ENDING_TIME = 5.0  # seconds for servers to end behind a loop that failed

log = logging.getLogger(__name__)


def nothing(source: str) -> bool:
    """What an engine trusts that was told of nobody who knows better."""
    return False


class Engine:
    """Runs sockets until it is told to shut down.

    writer: the capture; only who holds the engine's lock uses it from `run` on, until `run` returns.
    sink: told of each event, by whoever holds the engine's lock; it must be quick and must not raise.
    tally: running totals, written by the engine alone.
    counting: False when nobody wants to know how many messages came (`ConnectionClosed.messages_in` then
    counts only what programs were told); a stream that no program answers is received faster.
    trusts: whether the user's own code may run (see `explorer.trust`); asked on the engine's thread.
    """

    def __init__(
        self,
        writer: CaptureWriter,
        sink: Callable[[Event], None],
        tally: Tally,
        counting: bool = True,
        trusts: Callable[[str], bool] = nothing,
    ) -> None:
        self._trusts = trusts
        self._sink = sink
        self._reactor = Reactor(self._trouble)
        self._context = Context(self._reactor, writer, sink, tally, counting)
        self._ending = False  # nothing is carried out any more
        self._loads: Loads | None = None  # none yet
        self._hub: Hub | None = None  # none yet

    def post(self, command: Command) -> bool:
        """Have a command carried out; from any thread. False when the engine has ended."""
        return self._reactor.post(partial(self._carry_out, command))

    def run(self) -> None:
        """Work until `Shutdown`; the last event is `EngineStopped`."""
        with self._reactor.lock:
            self._run()

    def _run(self) -> None:
        problem = ""
        try:
            self._reactor.run()
        except BaseException as error:
            log.exception("the engine's loop failed")
            problem = bug(error, "the engine").sentence
            if not isinstance(error, Exception):
                raise
        finally:
            self._reactor.stop()
            self._close_all()
            self._context.endings.wait(self._reactor.lock, ENDING_TIME)  # only behind a loop that failed
            if (processes := sys.modules.get("explorer.net.processes")) is not None:  # else none was started
                processes.end_all(self._reactor)
            self._reactor.close()
            self._sink(EngineStopped(problem))

    def abandon(self) -> None:
        """Let go of an engine that never ran."""
        self._reactor.close()

    # -- commands -----------------------------------------------------------------------------------

    def _carry_out(self, command: Command) -> None:
        if self._ending:
            return
        if self._hub is not None:
            self._hub.asked(command)
        self._do(command)

    def _do(self, command: Command) -> None:
        match command:
            case Start():
                self._start(command)
            case Send():
                sending.send(self._context, command)
            case SendFile():
                sending.send_file(self._context, command)
            case Repeat():
                repeating.repeat(self._context, command)
            case CancelSend(job):
                sending.cancel(self._context, job)
                if self._loads is not None:
                    self._loads.stop(job)
            case StartLoad():
                self._start_load(command)
            case RunSequence() | CancelSequence() | RecordSteps():
                self._automate(command)
            case ResumeCapture(quota):
                self._context.resume(quota)
            case Shutdown():
                self._end()
            case Stop() | EndConnection() | SetProgram() | SetPace():
                self._about_socket(command)

    def _start(self, command: Start) -> None:
        """A number in use is refused: two sockets under one number could not be told apart."""
        if command.socket in self._context.sockets:
            log.error("socket number %d is running already", command.socket)
            return
        if command.socket in self._context.endings:
            self._context.endings.behind(command.socket, partial(self._start, command))
            return
        made = self._make(command.socket, command.spec)
        if made is not None:
            self._context.sockets[command.socket] = made
            self._reactor.guarded(made.start, made)

    def _start_load(self, command: StartLoad) -> None:
        if self._loads is None:
            from explorer.net.load.host import Loads

            self._loads = Loads(self._reactor, self._sink)
        self._loads.start(command)

    def _automate(self, command: RunSequence | CancelSequence | RecordSteps) -> None:
        if self._hub is None:
            from explorer.net.automation.hub import Hub

            self._hub = Hub(self._context, self._do)
        self._hub.automate(command)

    def _make(self, number: int, spec: SocketSpec) -> RunningSocket | None:
        try:
            Conversation(spec.framing, spec.program, "")
            source = source_of(spec.program)
            if source is None or self._trusts(source):
                return self._of_its_kind(number, spec)
            failure = not_trusted(spec.name)
        except InputError as error:
            failure = Failure("Start", "", str(error), error.message, "Correct it, then start the socket again.")
        self._context.emit(SocketFailed(number, 0, failure, fatal=True))
        self._context.emit(SocketChanged(number, State.FAILED))
        return None

    def _of_its_kind(self, number: int, spec: SocketSpec) -> RunningSocket:
        """Raises InputError."""
        if spec.transport == "udp":
            return UdpSocket(self._context, number, spec)
        if spec.role == "client":
            return TcpClient(self._context, number, spec)
        return make_server(self._context, number, spec)

    def _about_socket(self, command: Stop | EndConnection | SetProgram | SetPace) -> None:
        number = command.target.socket if isinstance(command, EndConnection) else command.socket
        running = self._context.sockets.get(number)
        if running is None:
            if self._context.endings.waited_for(number):  # it is to be started again first
                self._context.endings.behind(number, partial(self._about_socket, command))
            return
        match command:
            case Stop():
                self._reactor.guarded(running.stop, running)
            case EndConnection(target, how):
                for number, peer in tuple(running.peers.items()):
                    if target.connection in (None, number):
                        self._reactor.guarded(partial(peer.end, how), running)
            case SetProgram():
                self._set_program(running, command)
            case SetPace(_, pace):
                self._reactor.guarded(partial(running.set_pace, pace), running)

    def _set_program(self, running: RunningSocket, command: SetProgram) -> None:
        try:
            Conversation(command.framing, command.program, "")
            source = source_of(command.program)
            if source is None or self._trusts(source):
                running.use(command.framing, command.program)
            else:
                running.report(not_trusted(running.spec.name, "SetProgram"))
        except InputError as error:
            running.report(Failure("SetProgram", "", str(error), error.message, "The earlier program goes on."))

    # -- the end ------------------------------------------------------------------------------------

    def _end(self) -> None:
        """Close everything; the loop goes on until that is done."""
        self._ending = True
        self._close_all()
        self._context.endings.behind_all(self._reactor.stop)

    def _close_all(self) -> None:
        if self._hub is not None:
            self._hub.shut_down()
        for running in tuple(self._context.sockets.values()):
            self._reactor.guarded(running.stop)
        self._context.sockets.clear()
        if self._loads is not None:
            self._loads.close()
        self._context.reserve.release()

    def _trouble(self, error: Exception) -> None:
        """A bug that no socket could be blamed for: it is in the program's log, and the sockets go on."""
        failure = bug(error, "a command")
        self._sink(SocketFailed(0, 0, failure, fatal=False))
