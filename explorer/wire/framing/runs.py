"""Messages by their sizes alone: for who wants to know where very many of them stand, and not yet what they say.

A framer may offer `measure` besides `feed`. Then a million small messages are found in a fraction of the time, since
no object is made for each. Whichever of the two is called for the next bytes, the framer goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from operator import add
from typing import Protocol, cast

from explorer.wire.framing.api import Found, Framer, FramingError


@dataclass(frozen=True, slots=True)
class Run:
    """Messages that stand one behind another in a stream.

    offset: where the first one's frame begins. sizes: bytes of each on the wire.
    payload_sizes: bytes of the messages themselves.
    gap: bytes between the end of each and the beginning of the next, which mean nothing, such as an END of SLIP that
    comes before a message.
    """

    offset: int
    sizes: Sequence[int]
    payload_sizes: Sequence[int]
    gap: int = 0

    @property
    def end(self) -> int:
        """Where the last one's frame ends in the stream."""
        return self.offset + sum(self.sizes) + self.gap * (len(self.sizes) - 1)

    def bounds(self) -> tuple[list[int], list[int]]:
        """Where each one begins in the stream, and where it ends."""
        if not self.gap:
            bounds = list(accumulate(self.sizes, initial=self.offset))
            return bounds[:-1], bounds[1:]
        offsets = list(accumulate(map(add, self.sizes, repeat(self.gap)), initial=self.offset))[:-1]
        return offsets, list(map(add, offsets, self.sizes))


class Runs:
    """Makes runs of messages that are told one by one, in the order of the stream, with the errors between them."""

    __slots__ = ("_end", "_gap", "_made", "_offset", "_payload_sizes", "_sizes")

    def __init__(self) -> None:
        self._made: list[Run | FramingError] = []
        self._sizes: list[int] = []
        self._payload_sizes: list[int] = []
        self._offset = self._end = self._gap = 0

    def add(self, offset: int, size: int, payload_size: int) -> None:
        """A message whose frame begins at stream offset `offset`; sizes are in bytes."""
        gap = offset - self._end
        if gap != self._gap or not self._sizes:
            if len(self._sizes) == 1:
                self._gap = gap
            else:
                self._finish()
                self._offset = offset
        self._sizes.append(size)
        self._payload_sizes.append(payload_size)
        self._end = offset + size

    def fail(self, error: FramingError) -> None:
        self._finish()
        self._made.append(error)

    def take(self, found: Found) -> None:
        """A message or an error."""
        if isinstance(found, FramingError):
            self.fail(found)
        else:
            self.add(found.offset, found.size, len(found.payload))

    def done(self) -> list[Run | FramingError]:
        """All of them."""
        self._finish()
        return self._made

    def _finish(self) -> None:
        if self._sizes:
            self._made.append(Run(self._offset, self._sizes, self._payload_sizes, self._gap))
        self._sizes, self._payload_sizes, self._gap = [], [], 0


class MeasuringFramer(Framer, Protocol):
    """A framer that can tell sizes alone."""

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """As `feed`, but where messages follow each other, they are one `Run`."""


def measuring(framer: Framer) -> MeasuringFramer | None:
    """The framer, if it can."""
    return cast("MeasuringFramer", framer) if hasattr(framer, "measure") else None


def runs_of(found: Iterable[Found]) -> list[Run | FramingError]:
    """What a framer found, as runs."""
    runs = Runs()
    for item in found:
        runs.take(item)
    return runs.done()
