"""Framing `cobs`: Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking, 1999).

A message ends with 00, and inside it there is none: each byte 00 of it is replaced by a code that says how far it is
to the next one. A code n stands before n - 1 bytes that are not 00, and means a 00 after them, unless the message
ends there; ff means 254 such bytes and no 00 after them. So a message takes two bytes more on the wire than it has, its
first code and the 00 at its end, and at most one more for each full 254 bytes of it.

`encode` writes no code 01 after a full last block of 254 bytes, for none is needed; one that came is accepted. The
message of no bytes is ``01 00``. 00 after 00 means nothing, so that a sender may begin with one.

A message whose last code reaches past its end is one error, and the next message begins after its 00; so it does
after a message that is too long.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from explorer.core.fields import Value
from explorer.wire.framing.api import MAX_FIELD, Found, Frame, FramingError, FramingKind, Part, check_size
from explorer.wire.framing.packets import Packets
from explorer.wire.framing.values import integer

ZERO = b"\0"
FULL = 255  # the code of a block of 254 bytes without a zero after it
_BLOCK = FULL - 1
_RUN = 256  # blocks of one size that are looked for at once


class CobsFramer(Packets):
    """COBS. `maximum` covers the message itself, which takes two bytes more on the wire, and one in 254."""

    def __init__(self, maximum: int) -> None:
        said = (
            f"Expected 00 after at most {maximum:,} bytes, but more bytes came without it; "
            "all up to the next one is skipped."
        )
        super().__init__(ZERO, maximum + maximum // _BLOCK + 1, said)
        self._maximum = maximum

    def encode(self, payload: bytes) -> bytes:
        """The payload without zeros, and one at its end. Raises InputError when it is longer than max."""
        check_size(len(payload), self._maximum)
        parts = payload.split(ZERO)
        wire = bytearray()
        for part in parts:
            whole = len(part) - len(part) % _BLOCK
            for at in range(0, whole, _BLOCK):
                wire.append(FULL)
                wire += part[at : at + _BLOCK]
            wire.append(len(part) - whole + 1)
            wire += part[whole:]
        if parts[-1] and len(parts[-1]) % _BLOCK == 0:
            wire.pop()
        return bytes(wire) + ZERO

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _decode(self, start: int, packet: bytes) -> Found:
        size = len(packet)
        payload = packet[1:] if packet[0] == size else _several_blocks(packet)
        if payload is None:
            return _past_end(start, packet)
        if len(payload) > self._maximum:
            return FramingError(start, size + 1, self._too_long)
        return Frame(start, size + 1, payload)


def _several_blocks(packet: bytes) -> bytes | None:
    """The message in a packet; None when its last code reaches past its end."""
    size = len(packet)
    zeros = bytearray(packet)
    joints = [0]  # where codes stand that are no zeros
    before, at = packet[0], packet[0]
    while at < size:
        code = packet[at]
        if before == FULL:
            joints.append(at)
            at += code
        elif code == FULL or packet[at + code : at + code + 1] != packet[at : at + 1]:
            zeros[at] = 0
            at += code
        else:  # blocks of one size, such as those of many zeros: taken together
            codes = packet[at : at + _RUN * code : code]
            run = len(codes) - len(codes.lstrip(codes[:1]))
            zeros[at : at + run * code : code] = bytes(run)
            at += run * code
        before = code
    if at > size:
        return None
    if len(joints) > 1:
        return b"".join([zeros[a + 1 : b] for a, b in pairwise([*joints, size])])
    del zeros[0]
    return bytes(zeros)


def _past_end(start: int, packet: bytes) -> FramingError:
    at = last = 0
    while at < len(packet):
        last, at = at, at + packet[at]
    said = (
        f"The code {packet[last]:02x} says that {packet[last] - 1} bytes follow it; expected them before the 00 that "
        f"ends the message, but only {len(packet) - last - 1} came. The message is skipped."
    )
    return FramingError(start, len(packet) + 1, said)


def make(values: Mapping[str, Value]) -> CobsFramer:
    return CobsFramer(integer(values, "max"))


def picture(_values: Mapping[str, Value]) -> tuple[Part, ...]:
    return (
        Part(
            "code", "escape", "How far it is to the next code, which stands for a 00; ff is followed by none.", 1, True
        ),
        Part("payload", "payload", "Without 00: in place of each stands the next code."),
        Part("00", "end", "Ends the message.", 1, cut=True),
    )


KIND = FramingKind(
    "cobs",
    "COBS",
    "Messages that end with 00, each 00 inside them replaced by the distance to the next.",
    (MAX_FIELD,),
    make,
    picture,
)
