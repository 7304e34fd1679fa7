"""Bytes as numbers: whole ones of any width, IEEE 754 floating point, base-128 varints, bits."""

from __future__ import annotations

import math
import struct

from explorer.wire.inspector.api import Kind, Look, Order, Value, fixed, short

VARINT_MOST = 10
"""Bytes that a varint of 64 bits takes at most (Protocol Buffers, "Encoding")."""
_MOST_DIGITS = {"e": 5, "f": 9}  # significant ones that tell any two values of the format apart
_EXACT = 1e16  # whole numbers below are written with all their digits: 65504.0, not 65500.0


def whole(bits: int, signed: bool) -> Kind:
    """A whole number, in two's complement if signed."""

    def text(data: bytes) -> str:
        return str(int.from_bytes(data, "big", signed=signed))

    kind = "signed" if signed else "unsigned"
    return fixed(f"{'i' if signed else 'u'}{bits}", f"Whole number, {kind}, {bits} bits", bits // 8, text)


def floating(code: str, words: str) -> Kind:
    """An IEEE 754 number. code: as `struct` calls it; words: what the format is called."""
    size = struct.calcsize(f">{code}")

    def text(data: bytes) -> str:
        return float_text(struct.unpack(f">{code}", data)[0], code)

    return fixed(f"f{8 * size}", f"Floating point number, {words} precision (IEEE 754), {8 * size} bits", size, text)


def float_text(value: float, code: str = "d") -> str:
    """The shortest decimal that is this value again when it is stored in the format `code` of `struct` (e, f, d)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if code == "d" or (value.is_integer() and abs(value) < _EXACT):
        return repr(value)
    packed = struct.pack(f">{code}", value)
    for digits in range(1, _MOST_DIGITS[code]):
        short_text = f"{value:.{digits}g}"
        try:
            same = struct.pack(f">{code}", float(short_text)) == packed
        except OverflowError:  # rounded up beyond the largest
            continue
        if same:
            return repr(float(short_text))
    return repr(float(f"{value:.{_MOST_DIGITS[code]}g}"))


def bits(size: int) -> Kind:
    """The bits themselves, highest first, in groups of four."""

    def text(data: bytes) -> str:
        digits = f"{int.from_bytes(data, 'big'):0{8 * size}b}"
        return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))

    return fixed(f"bits {8 * size}", f"The {8 * size} bits, highest first", size, text)


def varint(name: str, title: str, zigzag: bool) -> Kind:
    """A base-128 number of up to 64 bits, least part first, as in Protocol Buffers and (unsigned) LEB128."""

    def read(data: bytes, order: Order, look: Look) -> Value:
        value, size, problem = read_varint(data)
        if problem:
            return problem
        count = "1 byte" if size == 1 else f"{size} bytes"
        least = max(1, -(-value.bit_length() // 7))
        note = count if size == least else f"{count}, {least} would do"
        return Value(str((value >> 1) ^ -(value & 1) if zigzag else value), size, note)

    return Kind(name, title, 1, read, ordered=False)


def read_varint(data: bytes) -> tuple[int, int, Value | None]:
    """(value, bytes used, None), or why these bytes do not begin with a varint of 64 bits."""
    value = 0
    for at, byte in enumerate(data[:VARINT_MOST]):
        value |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:
            if value >= 1 << 64:
                return 0, 0, Value(problem="no varint: does not fit into 64 bits")
            return value, at + 1, None
    if len(data) >= VARINT_MOST:
        return 0, 0, Value(problem=f"no varint: longer than {VARINT_MOST} bytes")
    return 0, 0, short(len(data) + 1, len(data))
