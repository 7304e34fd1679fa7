"""What a guess looks at: the beginnings of a few streams of one socket and one direction, read beside the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from explorer.bridge.jobs import Cancelled, Progress
from explorer.capture.match import both, carries, of_connections
from explorer.capture.reader import Reader
from explorer.core.calls import Call, CallFlag, CallKind
from explorer.wire.framing.guess import Guess, guess

SAMPLE = 256 << 10  # bytes of each stream
STREAMS = 4
DATAGRAMS = 64  # each is a stream of its own
_WHOLE = frozenset({CallKind.recvfrom, CallKind.sendto})
_LOOK = 1 << 14  # records looked at in one step
_FURTHER = 1 << 20
"""Records that are looked at for the beginnings of the other connections, once that of the first is there."""


@dataclass(frozen=True, slots=True)
class Samples:
    """ended: they are whole, from beginning to end."""

    streams: tuple[bytes, ...]
    ended: bool


@dataclass(frozen=True, slots=True)
class Guessed:
    """guesses: the best first. size: bytes that were looked at."""

    guesses: tuple[Guess, ...]
    size: int


def guess_framing(reader: Reader, connections: Sequence[int], received: bool, progress: Progress) -> Guessed:
    """Likely framings of what these connections received (or sent); the first of them matters most. Raises
    Cancelled."""
    samples = read_samples(reader, connections[:STREAMS], received, progress)
    found = guess(samples.streams, samples.ended, lambda: progress.cancelled)
    if progress.cancelled:
        raise Cancelled
    return Guessed(found, sum(map(len, samples.streams)))


class _Sample:
    """The beginning of one connection's stream. full: no more of it is wanted."""

    def __init__(self) -> None:
        self.parts = bytearray()
        self.full = False
        self.ended = False

    def take(self, reader: Reader, call: Call) -> None:
        if call.flags & CallFlag.END:
            self.full = self.ended = True
        elif not self.full:
            self.parts += reader.data(call.offset, min(call.size, SAMPLE - len(self.parts)))
            self.full = len(self.parts) >= SAMPLE


def read_samples(reader: Reader, connections: Sequence[int], received: bool, progress: Progress) -> Samples:
    """The first bytes of each of these connections; of datagrams, the first of them. Raises Cancelled."""
    samples = {connection: _Sample() for connection in connections}
    datagrams: list[bytes] = []
    first, enough = next(iter(samples.values()), None), reader.count
    for call in _calls(reader, connections, received, progress):
        if call.number >= enough:
            break
        if call.flags & CallFlag.DATAGRAM or call.kind in _WHOLE:
            datagrams.append(reader.data(call.offset, min(call.size, SAMPLE)))
            if len(datagrams) >= DATAGRAMS:
                break
            continue
        samples[call.connection].take(reader, call)
        if first is not None and first.full:
            enough = min(enough, call.number + _FURTHER)
            if all(sample.full for sample in samples.values()):
                break
    if datagrams:
        return Samples(tuple(datagrams), True)
    begun = [sample for sample in samples.values() if sample.parts]
    return Samples(tuple(bytes(sample.parts) for sample in begun), all(sample.ended for sample in begun))


def _calls(reader: Reader, connections: Sequence[int], received: bool, progress: Progress) -> Iterator[Call]:
    """Those that carry bytes of these connections in this direction, in order. Raises Cancelled."""
    match = both(of_connections(connections), carries(received, not received))
    start, stop = 0, reader.count
    while start < stop:
        if not progress(start, stop):
            raise Cancelled
        columns = reader.columns(start, min(stop, start + _LOOK))
        mask = match(columns)
        span = range(columns.start, columns.start + columns.count)
        for number in span if mask is None else compress(span, mask):
            yield reader.call(number)
        start += columns.count
