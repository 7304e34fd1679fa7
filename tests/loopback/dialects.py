"""How a device would speak each framing: written from the specifications alone, with nothing of the program's own.

A dialect turns contents into bytes on the wire and reads them back from a blocking stream, one message at a time. Where
the specification leaves a sender free (a line may end in LF or CR LF, SLIP may begin with END), chance decides.
"""

from __future__ import annotations

import binascii
import random
import zlib
from collections.abc import Callable, Mapping
from typing import BinaryIO

Settings = Mapping[str, object]


def exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes. Raises EOFError when the stream ends first."""
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def up_to(stream: BinaryIO, mark: bytes) -> bytes:
    """What stands in front of `mark`, which is read too. Raises EOFError."""
    data = bytearray()
    while not data.endswith(mark):
        data += exactly(stream, 1)
    return bytes(data[: -len(mark)])


class Dialect:
    """The parts that differ. `chance` decides what a sender is free to do."""

    least = 0  # bytes that a content has

    def __init__(self, settings: Settings, chance: random.Random) -> None:
        self.settings = settings
        self.chance = chance

    def size(self, wished: int) -> int:
        """A legal size of a content."""
        return max(self.least, wished)

    def fits(self, content: bytes) -> bool:
        """Whether the content can be carried."""
        return True

    def wire(self, content: bytes) -> bytes:
        raise NotImplementedError

    def read(self, stream: BinaryIO) -> bytes:
        """The content of the next message. Raises EOFError at the end."""
        raise NotImplementedError

    def message(self, content: bytes, wire: bytes) -> bytes:
        """What a reader takes for the message: the content, unless the frame, or a part of it, stays in it."""
        return content

    def comes_back(self) -> bool:
        """Whether an echo can send back what it found: not where it was cut off and is not known any more."""
        return True

    def number(self, name: str, default: int = 0) -> int:
        found = self.settings.get(name, default)
        assert isinstance(found, int)
        return found

    def bytes_of(self, name: str, default: str) -> bytes:
        return bytes.fromhex(str(self.settings.get(name, default)))


class Line(Dialect):
    def __init__(self, settings: Settings, chance: random.Random) -> None:
        super().__init__(settings, chance)
        self.ending = settings.get("ending", "lf")

    def fits(self, content: bytes) -> bool:
        if self.ending == "crlf":
            return b"\r\n" not in content + b"\r"
        return b"\n" not in content

    def wire(self, content: bytes) -> bytes:
        if self.ending == "any" and not content.endswith(b"\r"):
            return content + self.chance.choice((b"\n", b"\r\n"))
        return content + (b"\n" if self.ending == "lf" else b"\r\n")

    def read(self, stream: BinaryIO) -> bytes:
        if self.ending == "crlf":
            return up_to(stream, b"\r\n")
        line = up_to(stream, b"\n")
        return line.removesuffix(b"\r") if self.ending == "any" else line


class Delimiter(Dialect):
    def __init__(self, settings: Settings, chance: random.Random) -> None:
        super().__init__(settings, chance)
        self.mark = self.bytes_of("hex", "")

    def fits(self, content: bytes) -> bool:
        return (content + self.mark).index(self.mark) == len(content)

    def wire(self, content: bytes) -> bytes:
        return content + self.mark

    def read(self, stream: BinaryIO) -> bytes:
        return up_to(stream, self.mark)

    def message(self, content: bytes, wire: bytes) -> bytes:
        return wire if self.settings.get("keep") else content


class Fixed(Dialect):
    def size(self, wished: int) -> int:
        return self.number("size")

    def wire(self, content: bytes) -> bytes:
        return content

    def read(self, stream: BinaryIO) -> bytes:
        return exactly(stream, self.number("size"))


class Length(Dialect):
    """A content is the header in front of the length field, and all behind that field."""

    def __init__(self, settings: Settings, chance: random.Random) -> None:
        super().__init__(settings, chance)
        self.width, self.offset = self.number("width", 4), self.number("offset")
        self.adjustment, self.skip = self.number("adjustment"), self.number("skip")
        self.order = str(settings.get("order", "big"))
        self.least = self.offset + max(self.adjustment, self.skip - self.offset - self.width, 0)

    def size(self, wished: int) -> int:
        return min(super().size(wished), self.offset + self.adjustment + (1 << 8 * self.width) - 1)

    def wire(self, content: bytes) -> bytes:
        front, behind = content[: self.offset], content[self.offset :]
        value = len(behind) - self.adjustment
        digits = [value >> 8 * place & 0xFF for place in range(self.width)]
        return front + bytes(digits if self.order == "little" else digits[::-1]) + behind

    def read(self, stream: BinaryIO) -> bytes:
        front, field = exactly(stream, self.offset), exactly(stream, self.width)
        value = 0
        for digit in field[::-1] if self.order == "little" else field:
            value = value * 256 + digit
        return front + exactly(stream, value + self.adjustment)

    def message(self, content: bytes, wire: bytes) -> bytes:
        return wire[self.skip :]

    def comes_back(self) -> bool:
        return not self.skip or (not self.offset and self.skip <= self.width)


class Varint(Dialect):
    def wire(self, content: bytes) -> bytes:
        groups, rest = [], len(content)
        while True:
            rest, group = divmod(rest, 128)
            groups.append(group)
            if not rest:
                break
        return bytes([*(group + 128 for group in groups[:-1]), groups[-1]]) + content

    def read(self, stream: BinaryIO) -> bytes:
        size, weight = 0, 1
        while True:
            [byte] = exactly(stream, 1)
            size += byte % 128 * weight
            weight *= 128
            if byte < 128:
                return exactly(stream, size)


class Netstring(Dialect):
    def wire(self, content: bytes) -> bytes:
        return str(len(content)).encode() + b":" + content + b","

    def read(self, stream: BinaryIO) -> bytes:
        content = exactly(stream, int(up_to(stream, b":")))
        assert exactly(stream, 1) == b","
        return content


class Slip(Dialect):
    """RFC 1055, byte for byte as its C functions do it."""

    least = 1

    def wire(self, content: bytes) -> bytes:
        sent = bytearray(self.chance.choice((b"", b"\300", b"\300\300")))
        for byte in content:
            sent += b"\333\334" if byte == 0o300 else b"\333\335" if byte == 0o333 else bytes([byte])
        return bytes(sent) + b"\300"

    def read(self, stream: BinaryIO) -> bytes:
        packet = bytearray()
        while True:
            byte = exactly(stream, 1)
            if byte == b"\300":
                if packet:
                    return bytes(packet)
            elif byte == b"\333":
                packet += {b"\334": b"\300", b"\335": b"\333"}[exactly(stream, 1)]
            else:
                packet += byte


class Cobs(Dialect):
    """As in the paper of Cheshire and Baker: a last full block is followed by a code 01 there."""

    def wire(self, content: bytes) -> bytes:
        sent, block = bytearray(self.chance.choice((b"", b"\0"))), bytearray()
        for byte in content:
            if byte:
                block.append(byte)
            if not byte or len(block) == 254:
                sent += bytes([len(block) + 1]) + block
                block.clear()
        return bytes(sent) + bytes([len(block) + 1]) + block + b"\0"

    def read(self, stream: BinaryIO) -> bytes:
        packet = b""
        while not packet:
            packet = up_to(stream, b"\0")
        content, place = bytearray(), 0
        while place < len(packet):
            code = packet[place]
            content += packet[place + 1 : place + code]
            place += code
            if code < 255 and place < len(packet):
                content.append(0)
        return bytes(content)


class StxEtx(Dialect):
    def __init__(self, settings: Settings, chance: random.Random) -> None:
        super().__init__(settings, chance)
        self.start, self.end = self.bytes_of("start", "02"), self.bytes_of("end", "03")
        self.escape = self.bytes_of("escape", "10")
        self.prefix = self.escape if settings.get("prefixed") else b""
        self.behind = self.number("behind")
        self.least = 0 if "checksum" in settings else self.behind

    def wire(self, content: bytes) -> bytes:
        special = self.escape if self.prefix else self.start + self.end + self.escape
        inside, after = content[: len(content) - self.behind], content[len(content) - self.behind :]
        body = b"".join(self.escape + bytes([byte]) if byte in special else bytes([byte]) for byte in inside)
        return self.prefix + self.start + body + self.prefix + self.end + after

    def read(self, stream: BinaryIO) -> bytes:
        mark = exactly(stream, len(self.prefix) + 1)
        assert mark == self.prefix + self.start
        content = bytearray()
        while True:
            byte = exactly(stream, 1)
            if byte == self.escape:
                byte = exactly(stream, 1)
                if self.prefix and byte == self.end:
                    break
            elif not self.prefix and byte == self.end:
                break
            content += byte
        return bytes(content) + exactly(stream, self.behind)


class Idle(Dialect):
    """Silence is the device's affair: see `explorer.wire.framing.idle` for what it means."""

    least = 1

    def wire(self, content: bytes) -> bytes:
        return content


DIALECTS: Mapping[str, type[Dialect]] = {
    "line": Line, "delimiter": Delimiter, "fixed": Fixed, "length": Length, "varint": Varint,
    "netstring": Netstring, "slip": Slip, "cobs": Cobs, "stx_etx": StxEtx, "idle": Idle,
}  # fmt: skip


# -- checksums ---------------------------------------------------------------------------------------


def crc(width: int, poly: int, start: int, end: int, reflected: bool) -> Callable[[bytes], int]:
    """A CRC computed bit by bit. `poly` as it is written for the direction; `end` is combined at last."""
    top, mask = 1 << width - 1, (1 << width) - 1

    def step(value: int) -> int:
        for _ in range(8):
            if reflected:
                value = value >> 1 ^ (poly if value & 1 else 0)
            else:
                value = (value << 1 ^ (poly if value & top else 0)) & mask
        return value

    table = [step(byte if reflected else byte << width - 8) for byte in range(256)]

    def compute(data: bytes) -> int:
        value = start
        for byte in data:
            if reflected:
                value = value >> 8 ^ table[(value ^ byte) & 0xFF]
            else:
                value = (value << 8 & mask) ^ table[value >> width - 8 ^ byte]
        return value ^ end

    return compute


def xor(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value


def fletcher(data: bytes) -> int:
    low = high = 0
    for byte in data:
        low = (low + byte) % 255
        high = (high + low) % 255
    return high * 256 + low


CHECKSUMS: Mapping[str, tuple[int, Callable[[bytes], int]]] = {
    "none": (0, lambda data: 0),
    "crc8": (1, crc(8, 0x07, 0, 0, reflected=False)),
    "crc16-arc": (2, crc(16, 0xA001, 0, 0, reflected=True)),
    "crc16-modbus": (2, crc(16, 0xA001, 0xFFFF, 0, reflected=True)),
    "crc16-x25": (2, crc(16, 0x8408, 0xFFFF, 0xFFFF, reflected=True)),
    "crc16-xmodem": (2, lambda data: binascii.crc_hqx(data, 0)),
    "crc16-ccitt-false": (2, lambda data: binascii.crc_hqx(data, 0xFFFF)),
    "crc32": (4, zlib.crc32),
    "adler32": (4, zlib.adler32),
    "fletcher16": (2, fletcher),
    "sum8": (1, lambda data: sum(data) % 256),
    "lrc": (1, lambda data: -sum(data) % 256),
    "xor8": (1, xor),
}


class Checksum:
    """The checksum at the end of each message and its mark, as the settings want it; of size 0 where they want none."""

    def __init__(self, settings: Settings) -> None:
        self.size, self._compute = CHECKSUMS[str(settings.get("checksum", "none"))]
        self._hex = settings.get("checksum_as") == "hex"
        self._little = settings.get("checksum_order") == "little"
        self._digits = self.size * (2 if self._hex else 1)
        self.least = int(str(settings.get("checksum_from", 0)))  # bytes that are not covered
        self.mark, self._also = (bytes.fromhex(str(settings.get(f"checksum_{name}", ""))) for name in ("mark", "also"))
        self.size = len(self.mark) + self._digits

    def of(self, message: bytes) -> bytes:
        if not self.size:
            return b""
        value = self._compute(message[self.least :] + self._also)
        digits = f"{value:0{self._digits if self._hex else self._digits * 2}X}"
        if self._hex:
            pairs = [digits[place : place + 2] for place in range(0, len(digits), 2)]
            return self.mark + "".join(pairs[::-1] if self._little else pairs).encode()
        made = bytes.fromhex(digits)
        return self.mark + (made[::-1] if self._little else made)
