"""Cutting a stream at a delimiter: what `line` and `delimiter` have in common.

Delimiters are found from left to right as `bytes.find` would find them in the whole stream, and
the search goes on where it stopped, so tiny chunks cost no more than large ones.

A message is too long as soon as no bytes to come can make it legal. A message of exactly `maximum`
bytes is legal even when its delimiter arrives later, so bytes past the maximum that may be the
beginning of the delimiter are still waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import add, sub

from explorer.core.errors import InputError
from explorer.wire.framing.api import Found, Frame, FramingError, check_size
from explorer.wire.framing.runs import Run, runs_of

CR = b"\r"


class Splitter:
    """A framer for messages that end with `delimiter`.

    keep: the delimiter stays at the end of the payload.
    drop_cr: one CR just before the delimiter belongs to the delimiter (CRLF or LF).
    what: the delimiter's name in sentences, e.g. "line feed (LF)".
    """

    def __init__(self, delimiter: bytes, maximum: int, what: str, *, keep: bool = False, drop_cr: bool = False) -> None:
        self._delimiter = delimiter
        self._maximum = maximum
        self._what = what
        self._keep = keep
        self._drop_cr = drop_cr
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()
        self._scanned = 0  # no delimiter begins in held[:scanned]
        self._begin = 0  # no delimiter, not even an unfinished one, begins in held[:begin]
        self._skipping = False  # a message was too long: drop all up to its delimiter

    @property
    def pending(self) -> int:
        return 0 if self._skipping else len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held) if self.pending else b""

    def feed(self, data: bytes | memoryview) -> list[Found]:
        start, parts, error = self._take(data)
        found = self._frames(start, parts) if parts else []
        if error:
            found.append(error)
        return found

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        start, parts, error = self._take(data)
        sizes = list(map(len, parts))
        payload_sizes: Sequence[int] = sizes
        if self._drop_cr:
            payload_sizes = list(map(sub, sizes, map(bytes.endswith, parts, repeat(CR))))
        if parts and max(payload_sizes) > self._maximum:
            found = runs_of(self._frames(start, parts))
        else:
            wire_sizes = list(map(add, sizes, repeat(len(self._delimiter))))
            found = [Run(start, wire_sizes, wire_sizes if self._keep else payload_sizes)] if parts else []
        return [*found, error] if error else found

    def _take(self, data: bytes | memoryview) -> tuple[int, list[bytes], FramingError | None]:
        """What these next bytes finish, without delimiters, and where the first of it begins; and whether what comes
        then is too long."""
        self._held += data
        if self._skipping and not self._skip():
            return 0, [], None
        start, parts = self._start, list[bytes]()
        if self._held.find(self._delimiter, self._scanned) < 0:
            self._scanned = max(0, len(self._held) - len(self._delimiter) + 1)
        else:
            parts = self._split()
        error = None
        if len(self._held) > self._maximum and self._least() > self._maximum:
            error = self._too_long(self._start)
            self._skipping = True
            self._skip()
        return start, parts, error

    def end(self) -> list[Found]:
        return []

    def encode(self, payload: bytes) -> bytes:
        """The payload and its delimiter. With `keep`, a payload that ends with it is sent as it is."""
        delimiter = self._delimiter
        whole = self._keep and _ends_with_first(payload, delimiter)
        check_size(len(payload) - len(delimiter) if whole else len(payload), self._maximum)
        if whole:
            return payload
        if self._drop_cr and payload.endswith(CR):
            payload += CR  # else the payload's own CR would be read as part of the ending
        wire = payload + delimiter
        if not _ends_with_first(wire, delimiter):
            raise InputError(
                "", f"The message would be cut at byte {wire.find(delimiter)}: with its end, it holds the {self._what}."
            )
        return wire

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _split(self) -> list[bytes]:
        """Take every finished message from what is held, which has at least one delimiter."""
        parts = bytes(self._held).split(self._delimiter)
        rest = parts.pop()
        self._start += len(self._held) - len(rest)
        self._held = bytearray(rest)
        self._begin = 0
        self._scanned = max(0, len(rest) - len(self._delimiter) + 1)
        return parts

    def _frames(self, start: int, parts: Iterable[bytes]) -> list[Found]:
        """Finished messages, the first of which begins at stream offset `start`."""
        found: list[Found] = []
        maximum, width = self._maximum, len(self._delimiter)
        for part in parts:
            size = len(part) + width
            payload = part[:-1] if self._drop_cr and part.endswith(CR) else part
            if len(payload) > maximum:
                found.append(self._too_long(start))
            else:
                found.append(Frame(start, size, payload + self._delimiter if self._keep else payload))
            start += size
        return found

    def _least(self) -> int:
        """The fewest bytes that the message being received can still have, its delimiter not counted."""
        held = self._held
        if self._drop_cr:
            return len(held) - held.endswith(CR)
        self._begin = max(self._begin, len(held) - len(self._delimiter) + 1)
        while self._begin < len(held) and not self._delimiter.startswith(bytes(held[self._begin :])):
            self._begin += 1
        return self._begin

    def _skip(self) -> bool:
        """Drop what is held up to the delimiter; whether that was found."""
        at, width = self._held.find(self._delimiter), len(self._delimiter)
        self._skipping = at < 0
        drop = max(0, len(self._held) - width + 1) if at < 0 else at + width
        del self._held[:drop]
        self._start += drop
        self._scanned = self._begin = 0
        return not self._skipping

    def _too_long(self, start: int) -> FramingError:
        return FramingError(
            start,
            None,
            f"Expected the {self._what} after at most {self._maximum:,} bytes, but more bytes came without it; "
            "all up to the next one is skipped.",
        )


def _ends_with_first(data: bytes, delimiter: bytes) -> bool:
    at = data.find(delimiter)
    return at >= 0 and at + len(delimiter) == len(data)
