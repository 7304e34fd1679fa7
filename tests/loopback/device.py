"""A device that speaks a framing over TCP: blocking sockets on a thread of its own, nothing of the engine."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from tests.loopback.dialects import DIALECTS, Checksum, Dialect, Settings

PATIENCE = 15.0  # seconds
NASTY = b"\0\n\r\x01\x02\x03\x04\x10\x1b\x7f,:;$05]>.\xc0\xdb\xdc\xdd\xfe\xff"  # bytes that mean something somewhere


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: what a sender is given, what stands on the wire, and what a reader finds."""

    content: bytes
    wire: bytes
    message: bytes


class Speech:
    """Makes messages of a kind of framing and reads them. What it makes depends on `seed` alone."""

    def __init__(self, kind: str, settings: Settings, seed: str) -> None:
        self.chance = random.Random(f"{kind} {sorted(settings.items())} {seed}")
        self.dialect: Dialect = DIALECTS[kind](settings, self.chance)
        self.checksum = Checksum(settings)

    def make(self) -> Sent:
        """Some message: mostly short, with many bytes that mean something to framings."""
        while True:
            content = self._content()
            if (sent := self._sent(content)) is not None:
                return sent

    def _content(self) -> bytes:
        wished = self.chance.choice((0, 1, 2, 5, 8, 13, 13, 21))
        if self.chance.random() < 0.002:
            wished = self.chance.choice((126, 127, 128, 253, 254, 255, 256, 508, 1000))
        size = self.dialect.size(max(wished, self.dialect.least + self.checksum.least) + self.checksum.size)
        data = self.chance.choices(NASTY, k=size) if self.chance.random() < 0.5 else self.chance.randbytes(size)
        return bytes(data)[: size - self.checksum.size]

    def _sent(self, content: bytes) -> Sent | None:
        """The message with this content; None where the framing cannot carry it."""
        size = self.checksum.size
        if self.checksum.mark and content.endswith(self.checksum.mark):
            return None
        blank = content + bytes(size)
        if size:
            whole = self.dialect.message(blank, self.dialect.wire(blank))
            blank = content + self.checksum.of(whole[:-size])
        if not self.dialect.fits(blank):
            return None
        wire = self.dialect.wire(blank)
        message = self.dialect.message(blank, wire)
        return Sent(content, wire, message[: len(message) - size])

    def read(self, stream: BinaryIO) -> bytes:
        """The content of the next message, its checksum verified. Raises EOFError."""
        found = self.dialect.read(stream)
        content = found[: len(found) - self.checksum.size]
        whole = self.dialect.message(found, self.dialect.wire(found))
        assert self.checksum.of(whole[: len(whole) - self.checksum.size]) == found[len(content) :]
        return content

    def chunks(self, wire: bytes) -> list[bytes]:
        """The same bytes cut anywhere: into very short pieces and long ones."""
        cut, place = [], 0
        while place < len(wire):
            size = self.chance.choice((1, 2, 3, 7, 50, 400, 1500, 4000))
            cut.append(wire[place : place + size])
            place += size
        return cut


class Device:
    """Does one thing with its connections on a thread: `result` waits for what came of it."""

    def __init__(self, act: Callable[[], list[bytes]]) -> None:
        self._found: list[bytes] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(act,), name="device")
        self._thread.start()

    def _run(self, act: Callable[[], list[bytes]]) -> None:
        try:
            self._found = act()
        except BaseException as error:  # told to the test, whose thread it is not
            self._error = error

    def result(self) -> list[bytes]:
        self._thread.join(PATIENCE * 2)
        assert not self._thread.is_alive(), "the device goes on"
        if self._error is not None:
            raise self._error
        return self._found


def dial(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def send_all(port: int, chunks: Sequence[bytes]) -> list[bytes]:
    """Connect, send each piece by a call of its own, and hang up."""
    with dial(port) as sock:
        for chunk in chunks:
            sock.sendall(chunk)
    return []


def read_messages(listening: socket.socket, speech: Speech) -> list[bytes]:
    """Accept one connection and read messages until it ends."""
    sock, _ = listening.accept()
    sock.settimeout(PATIENCE)
    found = []
    with sock, sock.makefile("rb") as stream:
        while stream.peek(1):
            found.append(speech.read(stream))
    return found


def converse(port: int, speech: Speech, rounds: Sequence[Sequence[Sent]]) -> list[bytes]:
    """Connect; send the messages of each round in pieces, then read as many."""
    found = []
    with dial(port) as sock, sock.makefile("rb") as stream:
        for messages in rounds:
            for chunk in speech.chunks(b"".join(sent.wire for sent in messages)):
                sock.sendall(chunk)
            found += [speech.read(stream) for _ in messages]
    return found
