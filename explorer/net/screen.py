"""What the capture may keep of bytes that hold secrets: each byte of a secret becomes `*`, before anybody can read it.

The engine receives into memory of its own while a program hides something, covers that, and only then writes it into
the capture. Which bytes belong to a secret message is found by a second framer that runs ahead of the conversation's
own: the program is asked about messages that it was not told yet, because one recv may bring a name and the password
behind it. A message may come in pieces, so what is unfinished counts as a part of the next message.

Bytes that make the framing (line endings, length fields, marks) stay, so that the messages of the capture are those
that came. Where a framing cannot be told from its payload like that, everything up to the end of the secret is covered.

Once every byte to come is secret, as behind the last attempt to log in, all are covered without a look at the framing
(only marks stay), so that a peer who has not logged in cannot make the engine work long on what it sends.

With raw framing each recv is a message, and a program of text takes each of its lines. What a small buffer tears apart
is mistaken by the program for several messages, so from the first secret on everything is covered until none is left to
hide.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.errors import InputError
from explorer.core.fields import hex_bytes
from explorer.core.socket_spec import Choice
from explorer.programs.api import Ahead, Program, Secretive
from explorer.wire.framing.api import Frame, Framer, timed
from explorer.wire.framing.registry import make_framer

COVER = ord("*")
SLICE = 4096  # bytes given to the framer at once
Kept = Callable[[bytes], int]
"""How many of the first bytes of a frame are no payload."""


class Screen:
    """Told of every recv of a connection while `hides`, in order, each before the program is.

    held: what the conversation's framer has of an unfinished message already.
    """

    def __init__(self, program: Secretive, framing: Choice, held: bytes) -> None:
        self._program = program
        self._raw = framing.kind == "raw"
        self._framer: Framer = make_framer(framing)
        self._timed = timed(self._framer) is not None
        marks, self._front = _structure(framing)
        self._stars = bytes(byte if byte in marks else COVER for byte in range(256))
        self._place = 0  # of the next byte, in this framer's stream
        self._begun = b""  # how the unfinished message begins, as far as its front may still matter
        self._frame_at = 0  # where the unfinished message begins
        self._since = False  # of raw bytes a secret was covered already
        self._sealed = False  # nothing but secrets follows
        if held and not self._raw:
            found = self._framer.feed(held)
            self._place = len(held)
            self._frame_at = max((item.offset + item.size for item in found if isinstance(item, Frame)), default=0)
            self._begun = held[self._frame_at :]

    @property
    def hides(self) -> bool:
        return self._program.hides

    def cover(self, data: bytes) -> bytes:
        """`data` with stars in it, of the same size."""
        ahead = self._program.ahead()
        # With a framing of time, only the time tells whether what came before is a message by now.
        if self._timed or self._sealed or ahead.sealed:
            return data.translate(self._stars)
        if self._raw:
            return self._cover_lines(data, ahead)
        kept = list[bytes]()
        for start in range(0, len(data), SLICE):
            if self._sealed:
                kept.append(data[start:].translate(self._stars))
                break
            kept.append(self._cover_messages(data[start : start + SLICE], ahead))
        return b"".join(kept)

    def _cover_messages(self, data: bytes, ahead: Ahead) -> bytes:
        base, kept = self._place, bytearray(data)
        self._place += len(data)
        for item in self._framer.feed(data):
            if isinstance(item, Frame):
                end = item.offset + item.size
                self._cover_stretch(kept, data, base, end, ahead)
                ahead.take(item.payload)
                self._frame_at, self._begun = end, b""
                if ahead.sealed:
                    self._sealed = True
                    rest = max(0, end - base)
                    kept[rest:] = data[rest:].translate(self._stars)
                    return bytes(kept)
        self._cover_stretch(kept, data, base, self._place, ahead)
        begin = max(0, self._frame_at - base)
        self._begun = (self._begun + data[begin : begin + _FRONT])[:_FRONT]
        return bytes(kept)

    def _cover_stretch(self, kept: bytearray, data: bytes, base: int, end: int, ahead: Ahead) -> None:
        """What `data` has of the message that begins at `_frame_at`, up to `end` (both of the whole stream)."""
        if not ahead.secret:
            return
        first = max(0, self._frame_at - base)
        if self._front is not None:
            front = self._front((self._begun + data[first : end - base])[:_FRONT])
            first = min(max(0, self._frame_at + front - base), end - base)
        kept[first : end - base] = data[first : end - base].translate(self._stars)

    def _cover_lines(self, data: bytes, ahead: Ahead) -> bytes:
        """Raw bytes: each line is a message, and what stands behind the last line end is one too."""
        parts, place = list[bytes](), 0
        while place < len(data):
            self._since = self._since or ahead.secret
            if not ahead.hides or ahead.sealed:
                parts.append(data[place:].translate(self._stars) if self._since else data[place:])
                break
            end = data.find(b"\n", place)
            after = end + 1 if end >= 0 else len(data)
            line = data[place:after]
            parts.append(line.translate(self._stars) if self._since else line)
            ahead.take(line.removesuffix(b"\n"))
            place = after
            if not ahead.hides:
                self._since = False
        self._sealed = ahead.sealed
        return b"".join(parts)


_FRONT = 64  # bytes: no front that is known here is longer


def screen(program: Program, framing: Choice, held: bytes) -> Screen | None:
    """For a program to which secrets are told; None for others."""
    return Screen(program, framing, held) if isinstance(program, Secretive) else None


def _structure(framing: Choice) -> tuple[frozenset[int], Kept | None]:
    """The bytes that mean something to the framing wherever they stand, and how long a frame's front is."""
    settings = framing.settings
    if framing.kind in ("line", "raw"):
        return frozenset(b"\r\n"), None
    if framing.kind == "delimiter":
        return frozenset(_bytes_of(settings.get("hex"))), None
    if framing.kind == "slip":
        return frozenset(b"\xc0"), None
    if framing.kind == "cobs":
        return frozenset(b"\0"), None
    if framing.kind == "stx_etx":
        marks = _bytes_of(settings.get("start", "02")) + _bytes_of(settings.get("end", "03"))
        return frozenset(marks + _bytes_of(settings.get("escape", "10"))), None
    if framing.kind == "length":
        width, offset = settings.get("width", 4), settings.get("offset", 0)
        size = int(width) + int(offset) if isinstance(width, int) and isinstance(offset, int) else 0
        return frozenset(), lambda begun: size
    if framing.kind == "varint":
        return frozenset(), _varint_front
    if framing.kind == "netstring":
        return frozenset(b","), _netstring_front
    return frozenset(), None


def _bytes_of(value: object) -> bytes:
    try:
        return hex_bytes(value, "") if isinstance(value, str) else b""
    except InputError:
        return b""


def _varint_front(begun: bytes) -> int:
    """Up to the first byte without the continuation bit."""
    return next((place + 1 for place, byte in enumerate(begun) if byte < 0x80), len(begun))


def _netstring_front(begun: bytes) -> int:
    colon = begun.find(b":")
    return colon + 1 if colon >= 0 else len(begun)
