"""Framing `stx_etx`: messages between a start byte and an end byte, which an escape byte makes harmless inside them.

Protocols of this family differ in where they put the escape; two ways are common, and both are here:

- ``STX … ETX`` (the default): the marks stand alone, and inside the message the escape stands before each byte that
  is a mark or the escape itself; the byte is not changed. Whatever follows the escape is data. So do Microchip's
  bootloaders (SOH, EOT, DLE) and Allen-Bradley's bar code readers (STX, ETX, DLE). It is the only one of the two in
  which each of the three bytes is one mark.
- ``DLE STX … DLE ETX`` (`prefixed`): the marks are the escape and another byte, and inside the message only the escape
  itself is doubled, so that start and end bytes need nothing. So do transparent text in BISYNC, DF1 and most
  textbooks. Another byte after the escape is an error.

A third way, in which the escaped byte is changed as well (added to 40, or by exclusive or), has no common constant.

With both ways a check may stand behind the end mark, where nothing is escaped: those bytes (`behind`) belong to the
frame, and are the end of the message that it gives. A checksum of the trailer's settings is looked for there. DF1 has
one byte (BCC) or two (CRC) there: Rockwell's reference manual 1770-6.5.16, "DF1 Protocol", chapter 2.

A frame that cannot be is one error at its start. The framer finds its way back at the next start mark:

- Bytes between two frames, such as an acknowledgement, are one error for all of them.
- A start mark inside a message ends what came before it, which is an error; the message that it starts is read. Right
  after another start mark it only repeats it.
- A message that is too long is skipped up to its end mark and what belongs behind it, or up to the next start mark,
  and nothing of it is held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value, hex_bytes
from explorer.wire.framing.api import MAX_FIELD, Found, Frame, FramingError, FramingKind, Part, Preset, check_size
from explorer.wire.framing.runs import Run, runs_of
from explorer.wire.framing.values import flag, integer, text

MOST_BEHIND = 8
FIELDS = (
    Field("start", "hex", "02", "Start byte", "Begins a message: 02 is STX.", minimum=1, maximum=1),
    Field("end", "hex", "03", "End byte", "Ends a message: 03 is ETX.", minimum=1, maximum=1),
    Field(
        "escape",
        "hex",
        "10",
        "Escape byte",
        "Stands before a byte of the message that would be taken for one of the three: 10 is DLE.",
        minimum=1,
        maximum=1,
    ),
    Field(
        "prefixed",
        "bool",
        False,
        "Escape in the marks",
        "The escape byte stands before the start and the end byte too (DLE STX … DLE ETX), and only it is doubled.",
    ),
    Field(
        "behind",
        "int",
        0,
        "Bytes behind the end",
        "Follow the end mark and belong to the message, as they are: a BCC or CRC. A checksum is looked for in them.",
        minimum=0,
        maximum=MOST_BEHIND,
        unit="bytes",
    ),
    MAX_FIELD,
)
_Where = Literal["outside", "lost", "inside", "too long"]
_OUTSIDE = ("outside", "lost")


class StxEtxFramer:
    """Frames between two marks. `maximum` covers the message itself, which takes up to twice as much on the wire.

    behind: bytes that follow the end mark and are the end of the message.
    """

    def __init__(self, start: bytes, end: bytes, escape: bytes, prefixed: bool, maximum: int, behind: int = 0) -> None:
        self._escape = escape
        self._begin = escape + start if prefixed else start
        self._finish = escape + end if prefixed else end
        self._doubled = (escape,) if prefixed else (escape, start, end)
        self._escaped = [(escape + byte, byte) for byte in self._doubled[1:]]
        self._prefixed = prefixed
        self._width = len(self._begin)
        self._behind = behind
        self._maximum = maximum
        plain = b"[^" + b"".join(re.escape(byte) for byte in self._doubled) + b"]*+"
        pair = re.escape(escape) + (re.escape(escape) if prefixed else b".")
        body = plain + b"(?:" + pair + plain + b")*+"
        self._inside = re.compile(body, re.DOTALL)
        tail = b"(.{%d})" % behind
        self._frame = re.compile(
            re.escape(self._begin) + b"(" + body + b")" + re.escape(self._finish) + tail, re.DOTALL
        )
        self._offset = 0  # stream offset of the first byte held
        self._held = bytearray()
        self._where: _Where = "outside"
        self._scanned = 0  # held[:scanned] are the start mark and whole bytes of a message

    @property
    def pending(self) -> int:
        return 0 if self._where in ("lost", "too long") else len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held) if self.pending else b""

    def feed(self, data: bytes | memoryview) -> list[Found]:
        found: list[Found] = []
        held = self._held
        held += data
        if self._where == "inside" and self._waits(held):
            return found
        chunk = bytes(held)
        used = self._split(chunk, found)
        self._held = bytearray(chunk[used:])
        self._offset += used
        return found

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        return runs_of(self.feed(data))

    def end(self) -> list[Found]:
        return []

    def encode(self, payload: bytes) -> bytes:
        """The payload between the marks, escaped, but for what stands behind them.

        Raises InputError when it is longer than max, or shorter than what stands behind the marks.
        """
        check_size(len(payload), self._maximum)
        if len(payload) < self._behind:
            raise InputError(
                "",
                f"The message must end with the {self._behind} bytes that stand behind the end mark; it has "
                f"{len(payload)}. A checksum of that size is added by itself.",
            )
        cut = len(payload) - self._behind
        body, tail = payload[:cut], payload[cut:]
        for byte in self._doubled:  # the escape first
            body = body.replace(byte, self._escape + byte)
        return self._begin + body + self._finish + tail

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _waits(self, held: bytearray) -> bool:
        """Whether the message that is held goes on. The scan goes on where it stopped, so small chunks cost no more."""
        self._scanned = self._whole(held, self._scanned)
        return self._unfinished(held, self._scanned) and self._scanned - self._width <= 2 * self._maximum

    def _whole(self, held: bytes | bytearray, at: int) -> int:
        """How far from `at` on there are whole bytes of a message, each with its escape."""
        inside = self._inside.match(held, at)
        return inside.end() if inside else at

    def _unfinished(self, held: bytes | bytearray, at: int) -> bool:
        """Whether it takes bytes to come to tell what follows the whole bytes of a message before `at`."""
        end = at + self._width
        if end > len(held) or (not self._prefixed and held.startswith(self._escape, at)):
            return True
        return end + self._behind > len(held) and held.startswith(self._finish, at)

    def _split(self, chunk: bytes, found: list[Found]) -> int:
        """Take frames from `chunk`; how many of its bytes are done with."""
        at, scan, most = 0, self._scanned, 2 * self._maximum
        begin, finish, width = self._begin, self._finish, self._width
        self._scanned = 0
        while True:
            if self._where in _OUTSIDE:
                at = self._frames(chunk, at, found)
                if not chunk.startswith(begin, at):
                    at = self._next_start(chunk, at, found)
                    if not chunk.startswith(begin, at):
                        return at
                self._where, scan = "inside", at + width
            stop = self._whole(chunk, scan)
            if self._where == "inside" and stop - at - width > most:
                found.append(FramingError(self._offset + at, None, self._too_long()))
                self._where = "too long"
            if self._unfinished(chunk, stop):
                if self._where == "too long":
                    return stop
                self._scanned = stop - at
                return at
            finished = chunk.startswith(finish, stop)
            end = stop + width + self._behind
            if self._where == "inside" and finished:
                body, tail = chunk[at + width : stop], chunk[stop + width : end]
                found.append(self._decode(self._offset + at, body, tail))
            elif self._where == "inside" and (stop > at + width or not chunk.startswith(begin, stop)):
                found.append(self._broken(at, chunk, stop))
            self._where, at = ("outside", end) if finished else ("lost", stop)

    def _frames(self, chunk: bytes, at: int, found: list[Found]) -> int:
        """Take the frames that stand in `chunk` from `at` on without a fault: where they end."""
        match, maximum, before, escape = self._frame.match, self._maximum, self._offset, self._escape
        while frame := match(chunk, at):
            body, tail = frame.groups()
            stop = frame.end()
            if len(body) + len(tail) <= maximum and escape not in body:
                found.append(Frame(before + at, stop - at, body + tail))
            elif len(body) <= 2 * maximum:
                found.append(self._decode(before + at, body, tail))
            else:
                break
            at = stop
            self._where = "outside"
        return at

    def _next_start(self, chunk: bytes, at: int, found: list[Found]) -> int:
        """Where the next start mark is; if there is none, from where on bytes may still become one."""
        half = chunk.endswith(self._escape, at) if self._prefixed else False
        if self._where == "outside" and at + half < len(chunk):
            came = chunk[at : at + (self._width if chunk.startswith(self._escape, at) else 1)].hex(" ")
            said = f"Expected the start {self._begin.hex(' ')}, but {came} came; all up to the next start is skipped."
            found.append(FramingError(self._offset + at, None, said))
            self._where = "lost"
        place = chunk.find(self._begin, at)
        return place if place >= 0 else len(chunk) - half

    def _decode(self, offset: int, body: bytes, tail: bytes) -> Found:
        """The frame at stream offset `offset` with this between its marks and behind them."""
        size, escape = len(body) + 2 * self._width + len(tail), self._escape
        payload = (self._unescape(body) if escape in body else body) + tail
        if len(payload) > self._maximum:
            return FramingError(offset, size, self._too_long())
        return Frame(offset, size, payload)

    def _unescape(self, body: bytes) -> bytes:
        """`body` without escapes."""
        escape, payload = self._escape, body
        for pair, byte in self._escaped:  # such a byte never stands bare, so what stands before it is its escape
            payload = payload.replace(pair, byte)
        if escape not in payload:
            return payload
        if payload.count(escape) == 2 * payload.count(escape * 2):
            return payload.replace(escape * 2, escape)
        # Some stand before other bytes. Between an escape and the one that it stands before, splitting leaves nothing.
        parts = body.split(escape)
        whole = [parts[0]]
        meant = False  # the escape before this part is data
        for part in parts[1:]:
            whole.append(escape + part if meant else part)
            meant = not meant and not part
        return b"".join(whole)

    def _too_long(self) -> str:
        return (
            f"Expected the end {self._finish.hex(' ')} after at most {self._maximum:,} bytes, but more bytes came "
            "without it; all up to the next end or start is skipped."
        )

    def _broken(self, at: int, chunk: bytes, stop: int) -> FramingError:
        """The error of a message that ends at `stop` with a mark that does not end one."""
        came = chunk[stop : stop + self._width]
        expected = f"Expected the end {self._finish.hex(' ')}"
        if came == self._begin:
            said = f"{expected} before the next start {came.hex(' ')}. What came before that is skipped."
            return FramingError(self._offset + at, stop - at, said)
        doubled = (self._escape * 2).hex(" ")
        said = f"{expected} or {doubled}, but {came.hex(' ')} came; all up to the next start is skipped."
        return FramingError(self._offset + at, None, said)


def make(values: Mapping[str, Value]) -> StxEtxFramer:
    start, end, escape = (hex_bytes(text(values, name), name) for name in ("start", "end", "escape"))
    for name, byte, others in (("end", end, (start,)), ("escape", escape, (start, end))):
        if byte in others:
            raise InputError(name, f"The start, end and escape byte must differ; {byte.hex()} stands for two of them.")
    behind, maximum = integer(values, "behind"), integer(values, "max")
    if behind > maximum:
        raise InputError(
            "behind", f"No message could be legal: it ends with {behind} bytes, and max allows {maximum:,}."
        )
    return StxEtxFramer(start, end, escape, flag(values, "prefixed"), maximum, behind)


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    start, end, escape = (hex_bytes(text(values, name), name).hex() for name in ("start", "end", "escape"))
    prefixed = flag(values, "prefixed")
    mark = f"{escape} " if prefixed else ""
    escaped = f"{escape} is sent twice" if prefixed else f"{escape} stands before each {start}, {end} and {escape}"
    behind = integer(values, "behind")
    said = "Stands there as it is; it is the end of the message."
    return (
        Part(f"start {mark}{start}", "header", "Begins the message.", 1 + prefixed, cut=True),
        Part("payload", "payload", f"In it {escaped}."),
        Part(f"end {mark}{end}", "end", "Ends what is escaped.", 1 + prefixed, cut=True),
        *([Part(f"behind: {behind}", "checksum", said, behind)] if behind else []),
    )


_CRC: Mapping[str, Value] = {"behind": 2, "checksum": "crc16-arc", "checksum_order": "little"}


KIND = FramingKind(
    "stx_etx",
    "STX … ETX",
    "Messages between a start and an end byte; an escape byte (DLE) stands before such bytes inside them.",
    FIELDS,
    make,
    picture,
    presets=(
        Preset("STX … ETX with DLE", {}, "The marks stand alone; DLE stands before STX, ETX and DLE in the message."),
        Preset("SOH … EOT with DLE", {"start": "01", "end": "04"}, "Microchip's bootloaders."),
        Preset(
            "STX … ETX with a BCC behind it",
            {"behind": 1, "checksum": "xor8", "checksum_also": "03"},
            "Many meters and controllers: the byte behind ETX is the exclusive or of all since STX, ETX too.",
        ),
        Preset(
            "DLE STX … DLE ETX",
            {"prefixed": True},
            "Only DLE is doubled, and nothing stands behind DLE ETX; where a check does, choose one of the next.",
        ),
        Preset(
            "DF1 with BCC",
            {"prefixed": True, "behind": 1, "checksum": "lrc"},
            "Allen-Bradley's controllers: DLE STX … DLE ETX and a BCC. Acknowledgements (10 06, 10 15) and enquiries "
            "(10 05) between messages are shown as errors, for they are none.",
        ),
        Preset(
            "DF1 with CRC, transparent BISYNC",
            {"prefixed": True, **_CRC, "checksum_also": "03"},
            "The CRC behind DLE ETX covers ETX too. What stands between messages, such as 10 06 or SYN, is shown as an "
            "error, for it is no message.",
        ),
    ),
)
