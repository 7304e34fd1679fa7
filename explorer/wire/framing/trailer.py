"""A checksum at the end of each message: an option of every framing that has boundaries.

`with_trailer` adds the settings to a kind. The checksum covers the message as the framing gives it, after cutting
and decoding, but for bytes at its front (`checksum_from`), and with bytes of the frame that were cut off
(`checksum_also`). Between it and the message may stand a mark that it does not cover (`checksum_mark`).

Received: mark and checksum are cut off, and compared. A wrong one is an error that still carries its message.
Sent: both are appended. Where a message holds parts of its own frame, such as a length field that is not cut
off, the checksum is that of what the peer will find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value, hex_bytes
from explorer.wire.checksums import CHECKSUMS, Checksum, find_checksum
from explorer.wire.framing.api import (
    LARGEST_MAX,
    Found,
    Frame,
    Framer,
    FramingError,
    FramingKind,
    Part,
    TimedFramer,
    timed,
)
from explorer.wire.framing.runs import Run, Runs
from explorer.wire.framing.values import integer, text

NONE = "none"
MOST_BYTES = 8  # of a mark, and of what is covered besides
COMMON = (
    NONE, "crc16-modbus", "crc16-ccitt-false", "crc16-xmodem", "crc16-x25", "crc32", "crc8", "sum8", "xor8", "lrc",
)  # fmt: skip
"""What most ask for."""

FIELDS = (
    Field(
        "checksum",
        "choice",
        NONE,
        "Checksum",
        "Each message ends with a checksum: checked and cut off on receipt, added on sending.",
        choices=(NONE, *(checksum.name for checksum in CHECKSUMS)),
        labels=(NONE, *(checksum.label for checksum in CHECKSUMS)),
        common=COMMON,
        usual=tuple((one.name, "checksum_order", one.order) for one in CHECKSUMS if one.order),
    ),
    Field(
        "checksum_order",
        "choice",
        "big",
        "Checksum byte order",
        "big: the first byte of the checksum weighs most. little: the last one does, as in Modbus RTU.",
        choices=("big", "little"),
        needs="checksum",
        brief="order",
    ),
    Field(
        "checksum_as",
        "choice",
        "bytes",
        "Checksum as",
        "bytes: as it is. hex: two hex digits for each of its bytes, as in NMEA 0183; upper case is sent.",
        choices=("bytes", "hex"),
        needs="checksum",
        brief="as",
    ),
    Field(
        "checksum_from",
        "int",
        0,
        "Checksum leaves out first",
        "Bytes at the front of each message that the checksum does not cover, e.g. 1 for the $ of NMEA 0183.",
        minimum=0,
        maximum=LARGEST_MAX,
        unit="bytes",
        needs="checksum",
        brief="skips first",
    ),
    Field(
        "checksum_mark",
        "hex",
        "",
        "Mark before the checksum",
        "Stands between message and checksum, not covered, and is cut off and added with it: 2a is the * of NMEA 0183.",
        minimum=0,
        maximum=MOST_BYTES,
        needs="checksum",
        brief="mark before it",
    ),
    Field(
        "checksum_also",
        "hex",
        "",
        "Covered besides",
        "Bytes that the checksum covers as if the message ended with them: 03 where it counts an ETX that is cut off.",
        minimum=0,
        maximum=MOST_BYTES,
        needs="checksum",
        brief="counts also",
    ),
)


@dataclass(frozen=True, slots=True)
class Trailer:
    """A checksum as it stands at the end of a message.

    start: bytes at the front of the message that it does not cover. mark: what stands between the two.
    also: what it covers as if it were the end of the message.
    """

    checksum: Checksum
    order: Literal["big", "little"]
    as_hex: bool
    start: int
    mark: bytes = b""
    also: bytes = b""

    @property
    def digits(self) -> int:
        """Bytes of the checksum on the wire."""
        return self.checksum.size * (2 if self.as_hex else 1)

    @property
    def size(self) -> int:
        """Bytes on the wire, the mark counted."""
        return len(self.mark) + self.digits

    @property
    def least(self) -> int:
        """The fewest bytes that a message can have, its checksum counted."""
        return self.start + self.size

    def of(self, body: bytes) -> bytes:
        """What stands behind `body`."""
        made = self.checksum.of(body[self.start :] + self.also).to_bytes(self.checksum.size, self.order)
        return self.mark + (made.hex().upper().encode("ascii") if self.as_hex else made)

    def is_(self, got: bytes, expected: bytes) -> bool:
        """Whether what came is what was expected; hex digits may be of either case."""
        if got == expected:
            return True
        width = len(self.mark)
        return self.as_hex and got[:width] == self.mark and got[width:].upper() == expected[width:]

    def turned(self) -> Trailer:
        """The same with the other byte order."""
        return replace(self, order="big" if self.order == "little" else "little")

    def said(self, trailer: bytes) -> str:
        """The checksum in these bytes, as a sentence shows it."""
        digits = trailer[len(self.mark) :]
        if self.as_hex and all(32 < byte < 127 for byte in digits):
            return digits.decode("ascii")
        return digits.hex(" ")


class CheckedFramer:
    """Another framer, whose messages end with a checksum. make: another such framer, for trying what a peer finds."""

    def __init__(self, inner: Framer, trailer: Trailer, make: Callable[[], Framer]) -> None:
        self._inner = inner
        self._trailer = trailer
        self._make = make

    @property
    def pending(self) -> int:
        return self._inner.pending

    @property
    def held(self) -> bytes:
        return self._inner.held

    def feed(self, data: bytes | memoryview) -> list[Found]:
        return self._checked(self._inner.feed(data))

    def end(self) -> list[Found]:
        return self._checked(self._inner.end())

    def encode(self, payload: bytes) -> bytes:
        """The frame of the payload and its checksum. Raises InputError where the framing cannot hold both, and where
        the mark between them is there already."""
        mark = self._trailer.mark
        if mark and payload.endswith(mark):
            raise InputError(
                "", f"The message ends with the mark {_named(mark)}, which is added with its checksum: leave it out."
            )
        trailer = self._trailer.of(payload)
        wire = self._encoded(payload, trailer)
        seen = self._seen(wire)
        if len(seen) < self._trailer.least:
            raise InputError("", f"The message is too short for its checksum. {self._too_short(len(seen))}")
        if seen == payload + trailer:
            return wire
        body = seen[: -self._trailer.size]  # it holds parts of the frame; none depends on the checksum's value
        right = self._trailer.of(body)
        wire = self._encoded(payload, right)
        if not seen.endswith(trailer) or self._seen(wire) != body + right:
            raise InputError(
                "", "The message is too short to end with a checksum: part of it would be taken for the frame's header."
            )
        return wire

    def restore(self, payload: bytes) -> bytes:
        return self._inner.restore(payload + self._trailer.of(payload))

    def _encoded(self, payload: bytes, trailer: bytes) -> bytes:
        try:
            return self._inner.encode(payload + trailer)
        except InputError as error:
            counted = f"This counts its checksum, {self._trailer.said(trailer)}."
            raise InputError(error.path, f"{error.message} {counted}") from None

    def _seen(self, wire: bytes) -> bytes:
        """The message that a peer with the same framing finds in this frame."""
        peer = self._make()
        [found] = (*peer.feed(wire), *peer.end())
        assert isinstance(found, Frame)  # else the framer refuses what it made itself
        return found.payload

    def _checked(self, found: Iterable[Found]) -> list[Found]:
        return [self._check(item) if isinstance(item, Frame) else item for item in found]

    def _check(self, frame: Frame) -> Found:
        message, trailer = frame.payload, self._trailer
        if len(message) < trailer.least:
            return FramingError(frame.offset, frame.size, self._too_short(len(message)))
        body, got = message[: -trailer.size], message[-trailer.size :]
        expected = trailer.of(body)
        if trailer.is_(got, expected):
            return Frame(frame.offset, frame.size, body)
        return FramingError(frame.offset, frame.size, self._wrong(body, got, expected), body)

    def _wrong(self, body: bytes, got: bytes, expected: bytes) -> str:
        """The sentence about what stands behind `body`."""
        trailer, came = self._trailer, got[: len(self._trailer.mark)]
        if came != trailer.mark:
            return (
                f"Expected the mark {_named(trailer.mark)} before {_bytes(trailer.digits)} of checksum, got "
                f"{_named(came)}: the message has no checksum, or a byte was changed on the way."
            )
        said = f"Expected checksum {trailer.said(expected)} ({trailer.checksum.name}), got {trailer.said(got)}"
        other = trailer.turned()
        if trailer.is_(got, other.of(body)):
            said += f", which is right in the other byte order: choose {other.order}."
        else:
            said += ": a byte was changed on the way, or the checksum is not of this kind."
        return said

    def _too_short(self, size: int) -> str:
        trailer = self._trailer
        uncovered = f"{trailer.start:,} not covered, " if trailer.start else ""
        mark = f"the mark {_named(trailer.mark)}, " if trailer.mark else ""
        parts = f"{uncovered}{mark}{trailer.digits} of checksum"
        return f"Expected at least {_bytes(trailer.least)} ({parts}), got {size:,}."


class TrailerFramer(CheckedFramer):
    """The same, which can tell sizes alone."""

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        runs, trailer = Runs(), self._trailer
        size, least, right = trailer.size, trailer.least, trailer.is_
        for item in self._inner.feed(data):
            if not isinstance(item, Frame):
                runs.fail(item)
                continue
            message = item.payload
            body = message[:-size]
            if len(message) >= least and right(message[-size:], trailer.of(body)):
                runs.add(item.offset, item.size, len(body))
            else:
                runs.take(self._check(item))
        return runs.done()


class TimedTrailerFramer(CheckedFramer):
    """The same around a framer to which time matters."""

    def __init__(self, inner: TimedFramer, trailer: Trailer, make: Callable[[], Framer]) -> None:
        super().__init__(inner, trailer, make)
        self._timed = inner

    @property
    def due(self) -> int | None:
        return self._timed.due

    def at(self, time: int) -> list[Found]:
        return self._checked(self._timed.at(time))


def with_trailer(kind: FramingKind) -> FramingKind:
    """The kind with settings for a checksum at the end of each message; without one it is as it was."""

    def make(values: Mapping[str, Value]) -> Framer:
        inner, trailer = kind.make(values), trailer_of(values)
        if trailer is None:
            return inner
        _check_room(trailer, kind.picture(values), integer(values, "max"))
        within_time = timed(inner)
        if within_time:
            return TimedTrailerFramer(within_time, trailer, lambda: kind.make(values))
        return TrailerFramer(inner, trailer, lambda: kind.make(values))

    def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
        parts, trailer = kind.picture(values), trailer_of(values)
        return _drawn(parts, trailer) if trailer else parts

    return replace(kind, fields=(*kind.fields, *FIELDS), make=make, picture=picture)


def trailer_of(values: Mapping[str, Value]) -> Trailer | None:
    """What checked values say of a checksum; None without one."""
    checksum = find_checksum(text(values, "checksum"))
    if checksum is None:
        return None
    order: Literal["big", "little"] = "little" if text(values, "checksum_order") == "little" else "big"
    as_hex = text(values, "checksum_as") == "hex"
    mark, also = (hex_bytes(text(values, name), name) for name in ("checksum_mark", "checksum_also"))
    return Trailer(checksum, order, as_hex, integer(values, "checksum_from"), mark, also)


def payload_place(kind: FramingKind, settings: Mapping[str, Value]) -> Literal["front", "end", ""]:
    """Where messages under these settings stand in their frames' bytes: as `FramingKind.payload_at`.

    The checksum stands behind the message: what was the end of the frame is then not its end any more.
    """
    behind = settings.get("checksum", NONE) != NONE
    return "" if behind and kind.payload_at == "end" else kind.payload_at


def _check_room(trailer: Trailer, parts: tuple[Part, ...], maximum: int) -> None:
    """Raise InputError where no message could have this checksum at its end."""
    last = [part for part in parts if not part.cut and part.role != "silence"][-1]
    if last.role == "checksum" and (last.size or 0) < trailer.size:
        raise InputError(
            "checksum",
            f"The checksum takes {_bytes(trailer.size)}, but there is room for {_bytes(last.size or 0)} behind the end "
            "of the frame. Make the room larger, or choose another checksum.",
        )
    if last.role not in ("payload", "checksum"):
        raise InputError(
            "checksum",
            f"A checksum must be the end of the message, but here the end of the frame ({last.label}) stays in the "
            "message. Have it cut off, or choose no checksum.",
        )
    most = min([maximum, *(part.size for part in parts if part.role == "payload" and part.size is not None)])
    if trailer.least > most:
        name = "checksum_from" if trailer.size <= most else "checksum"
        raise InputError(
            name,
            f"No message could be legal: with its checksum it has at least {_bytes(trailer.least)}, but here at most "
            f"{_bytes(most)}.",
        )


def _drawn(parts: tuple[Part, ...], trailer: Trailer) -> tuple[Part, ...]:
    """The picture with the checksum where the message ends."""
    place = max(number for number, part in enumerate(parts) if part.role in ("payload", "checksum"))
    end = parts[place]
    if end.size is not None:  # the checksum takes its room
        size = end.size - trailer.size
        end = replace(end, label=f"{end.label.partition(':')[0]}: {size:,}", size=size)
    before = (end,) if end.role == "payload" or end.size else ()
    order = {"big": " BE", "little": " LE"}[trailer.order] if trailer.checksum.size > 1 else ""
    width = f"{trailer.digits} hex digits{order}" if trailer.as_hex else f"{trailer.digits}{order}"
    without = f" without {_bytes(trailer.start)} at its front" if trailer.start else ""
    also = f" and of {trailer.also.hex(' ')}" if trailer.also else ""
    note = f"{trailer.checksum.label} of the message{without}{also}. Checked and cut off."
    drawn = [Part(f"{trailer.checksum.name}: {width}", "checksum", note, trailer.digits, cut=True)]
    if trailer.mark:
        said = "Stands before the checksum, which does not cover it."
        drawn.insert(0, Part(f"mark {trailer.mark.hex(' ')}", "end", said, len(trailer.mark), cut=True))
    return (*parts[:place], *before, *drawn, *parts[place + 1 :])


def _named(mark: bytes) -> str:
    """A mark in a sentence: in hex, and as the text that it is."""
    return f"{mark.hex(' ')} ({mark.decode('ascii')})" if all(32 < byte < 127 for byte in mark) else mark.hex(" ")


def _bytes(number: int) -> str:
    return f"{number:,} byte" if number == 1 else f"{number:,} bytes"
