"""What is done by hand, and what comes then, as steps of a sequence.

What the user starts, stops and sends becomes a step when it is asked for. A message that comes becomes a wait for
exactly it, if nobody but the user answers on its socket, or the user has sent there. On a stream with raw framing, what
comes in several recv calls between two other steps is one wait: the cuts are not the peer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from explorer.core.commands import Command, EndConnection, Repeat, Send, SendFile, Start, Stop
from explorer.core.errors import InputError
from explorer.core.events import ConnectionClosed, ConnectionOpened, Event, SocketChanged, StepRecorded
from explorer.core.sequence import CheckStep, ConnectStep, Match, SendStep, StartStep, Step, StopStep, WaitStep, Written
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State
from explorer.wire.escapes import escape, parse_escaped
from explorer.wire.framing.api import Frame
from explorer.wire.framing.registry import make_framer
from explorer.wire.templates import without_fields

if TYPE_CHECKING:
    from explorer.net.automation.hub import Hub

MOST_STEPS = 500
LONGEST_EXACT = 4096  # bytes of a message that is waited for exactly; of a longer one, its beginning
BEGINNING = 256
LONGEST_SENT = 8192  # bytes of a sent message that is kept as a step
UNSEEN = 0.2  # share of bytes that need an escape, from which on a message is written as hex
TOO_MANY = f"{MOST_STEPS} steps were recorded, and no more will be. Stop recording, and edit what is there."
NO_FILE = "A file was sent. There is no step for that: write its content as a message, or leave it out."
NO_REPEAT = "A message was sent again and again. Put a send step into a repeat step for that."
TOO_LONG = f"A message of more than {LONGEST_SENT:,} bytes was sent, which is not kept as a step."


class _Ear:
    """Hears the messages of one socket."""

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder = recorder
        self._number = number

    def message(self, peer: str, payload: bytes) -> None:
        self._recorder.came(self._number, payload)

    def broken(self, peer: str, problem: str) -> None:
        """What breaks the framing is no message."""


class Recorder:
    """`use` tells it of which sockets, and sets it going."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._names: Mapping[int, str] = {}
        self._by_hand: set[int] = set()  # sockets on which the user sent something
        self._ears: dict[int, _Ear] = {}
        self._growing: tuple[int, bytes] | None = None  # of a stream: what the last wait is for
        self._stopped: set[int] = set()
        self._count = 0

    def use(self, names: Mapping[int, str]) -> None:
        """names: those of the sockets in the workspace, by number."""
        self._names = names
        for number in names:
            if number not in self._ears:
                self._ears[number] = _Ear(self, number)
                self._hub.listen(number, self._ears[number])

    def end(self) -> None:
        for number, ear in self._ears.items():
            self._hub.leave(number, ear)

    # -- what is done ---------------------------------------------------------------------------------

    def asked(self, command: Command) -> None:
        """The user asks for this; it was not carried out yet."""
        match command:
            case Start(number, spec) if number in self._names:
                self._stopped.discard(number)
                name = self._names[number]
                self._add(StartStep(name) if spec.role == "server" else ConnectStep(name))
            case Stop(number) if number in self._names and number in self._hub.context.sockets:
                self._stopped.add(number)
                self._add(StopStep(self._names[number]))
            case Send(target, data) if target.socket in self._names:
                self._sent(target.socket, data)
            case SendFile(target) if target.socket in self._names:
                self._note(NO_FILE)
            case Repeat(target) if target.socket in self._names:
                self._note(NO_REPEAT)
            case EndConnection(target, how) if target.socket in self._names and how != "finish":
                running = self._hub.context.sockets.get(target.socket)
                if running is not None and running.spec.role == "client":
                    self._stopped.add(target.socket)
                    self._add(StopStep(self._names[target.socket]))

    def _sent(self, number: int, data: bytes) -> None:
        running = self._hub.context.sockets.get(number)
        if running is None:
            return
        self._by_hand.add(number)
        if len(data) > LONGEST_SENT:
            self._note(TOO_LONG)
            return
        payload = _unframed(data, running.spec)
        framed = payload is not None
        text, written = write(data if payload is None else payload, running.spec.encoding)
        if written == "text":
            text = without_fields(text)
        self._add(SendStep(text, written, socket=self._names[number], framed=framed))

    # -- what happens ---------------------------------------------------------------------------------

    def happened(self, event: Event) -> None:
        """One of the engine's news."""
        match event:
            case ConnectionOpened(number, _, _, _, accepted) if accepted and number in self._names:
                running = self._hub.context.sockets.get(number)
                if running is not None and running.spec.transport == "tcp" and not running.service.kind.answers:
                    self._add(ConnectStep(self._names[number]))
            case ConnectionClosed(number, _, reason) if number in self._names:
                running = self._hub.context.sockets.get(number)
                by_peer = reason in (CloseReason.EOF, CloseReason.RESET)
                if by_peer and number not in self._stopped and running is not None and running.spec.role == "client":
                    self._add(CheckStep("closed", socket=self._names[number]))
            case SocketChanged(number, State.CLOSED):
                self._by_hand.discard(number)

    def came(self, number: int, payload: bytes) -> None:
        """A message came."""
        running = self._hub.context.sockets.get(number)
        if running is None or (running.service.kind.answers and number not in self._by_hand):
            return
        spec = running.spec
        again = False
        if spec.transport == "tcp" and spec.framing.kind == "raw":
            if self._growing is not None and self._growing[0] == number:
                again = True
                payload = self._growing[1] + payload
            if len(payload) > LONGEST_EXACT:
                return
        step = WaitStep(match_for(payload, spec.encoding), self._names[number])
        self._add(step, again)
        if spec.framing.kind == "raw" and spec.transport == "tcp":
            self._growing = number, payload

    # -- telling --------------------------------------------------------------------------------------

    def _add(self, step: Step, again: bool = False) -> None:
        if self._count > MOST_STEPS:
            return
        self._growing = None
        self._count += not again
        if self._count > MOST_STEPS:
            self.end()
            self._hub.emit(StepRecorded(None, TOO_MANY, over=True))
        else:
            self._hub.emit(StepRecorded(step, again=again))

    def _note(self, text: str) -> None:
        if self._count <= MOST_STEPS:
            self._hub.emit(StepRecorded(None, text))


def _unframed(data: bytes, spec: SocketSpec) -> bytes | None:
    """The message that these bytes are under the socket's framing; None when they are not one of it."""
    try:
        if spec.framing.kind == "raw":
            return data
        framer = make_framer(spec.framing)
        found = [*framer.feed(data), *framer.end()]
        if len(found) != 1 or not isinstance(found[0], Frame):
            return None
        return found[0].payload if make_framer(spec.framing).encode(found[0].payload) == data else None
    except InputError:
        return None


def match_for(data: bytes, encoding: str) -> Match:
    """What is like this message and no other; of a long one, its beginning."""
    how = "exact" if len(data) <= LONGEST_EXACT else "starts"
    text, written = write(data if how == "exact" else data[:BEGINNING], encoding)
    return Match("exact" if how == "exact" else "starts", text, written)


def write(data: bytes, encoding: str) -> tuple[str, Written]:
    """Bytes as they are best typed: as text, or as hex where much of them is none."""
    try:
        text = escape(data, encoding)
        if text.count("\\x") <= len(data) * UNSEEN and parse_escaped(text, encoding) == data:
            return text, "text"
    except (InputError, UnicodeError):  # UTF-16 wants a byte order mark
        pass
    return data.hex(" "), "hex"
