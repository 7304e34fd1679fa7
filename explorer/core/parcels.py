"""What travels between this program and a process of its own: parcels, each a JSON object with bytes behind it.

A parcel is 8 bytes (the sizes of both parts, 4 bytes each, big-endian), the JSON in UTF-8, then the bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST = 64 << 20  # bytes of either part; what claims more comes from a process that has lost its way
_SIZES = struct.Struct(">II")


class Parcel(NamedTuple):
    """head: what JSON can hold. body: bytes that need no JSON."""

    head: Mapping[str, Any]
    body: bytes = b""


class BrokenParcel(Exception):
    """What came cannot be a parcel. The text says why."""


def pack(head: Mapping[str, object], body: bytes = b"") -> bytes:
    """A parcel as bytes. Raises BrokenParcel when a part is larger than MOST."""
    text = json.dumps(head, separators=(",", ":")).encode()
    if len(text) > MOST or len(body) > MOST:
        raise BrokenParcel(f"A parcel may hold {MOST:,} bytes; this one has {max(len(text), len(body)):,}.")
    return _SIZES.pack(len(text), len(body)) + text + body


class Unpacker:
    """Finds the parcels in a stream of bytes, however it is cut."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._needed = _SIZES.size

    def feed(self, data: bytes) -> list[Parcel]:
        """The parcels that these bytes complete. Raises BrokenParcel."""
        self._held += data
        found: list[Parcel] = []
        if len(self._held) < self._needed:
            return found
        place = 0
        while True:
            left = len(self._held) - place
            if left < _SIZES.size:
                self._needed = _SIZES.size
                break
            head, body = _SIZES.unpack_from(self._held, place)
            if head > MOST or body > MOST:
                raise BrokenParcel(f"A parcel of {max(head, body):,} bytes was announced; {MOST:,} is the most.")
            whole = _SIZES.size + head + body
            if left < whole:
                self._needed = whole
                break
            start = place + _SIZES.size
            found.append(
                Parcel(_read(self._held[start : start + head]), bytes(self._held[start + head : place + whole]))
            )
            place += whole
        del self._held[:place]
        return found


def _read(text: bytes | bytearray) -> Mapping[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or lists within lists without end
        raise BrokenParcel(f"The head of a parcel is no JSON: {error}") from None
    if not isinstance(head, dict):
        raise BrokenParcel("The head of a parcel is no JSON object.")
    return head
