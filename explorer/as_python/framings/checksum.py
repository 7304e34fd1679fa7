"""A checksum at the end of each message, in a script: the arithmetic in plain Python, and what cuts it off.

CRCs are given by the parameters of Greg Cook's catalogue of parametrised CRC algorithms: width, polynomial, initial
value, whether the lowest bit goes first, and what the result is combined with.
"""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import Wanted
from explorer.as_python.template import fill, quoted
from explorer.core.fields import Value
from explorer.wire.checksums import Checksum
from explorer.wire.framing.trailer import Trailer, trailer_of

_CRC: Mapping[str, tuple[int, int, int, bool, int]] = {
    "crc8": (8, 0x07, 0x00, False, 0x00),
    "crc8-maxim": (8, 0x31, 0x00, True, 0x00),
    "crc8-autosar": (8, 0x2F, 0xFF, False, 0xFF),
    "crc8-bluetooth": (8, 0xA7, 0x00, True, 0x00),
    "crc8-cdma2000": (8, 0x9B, 0xFF, False, 0x00),
    "crc8-darc": (8, 0x39, 0x00, True, 0x00),
    "crc8-dvb-s2": (8, 0xD5, 0x00, False, 0x00),
    "crc8-itu": (8, 0x07, 0x00, False, 0x55),
    "crc8-rohc": (8, 0x07, 0xFF, True, 0x00),
    "crc8-j1850": (8, 0x1D, 0xFF, False, 0xFF),
    "crc8-wcdma": (8, 0x9B, 0x00, True, 0x00),
    "crc16-arc": (16, 0x8005, 0x0000, True, 0x0000),
    "crc16-ccitt-false": (16, 0x1021, 0xFFFF, False, 0x0000),
    "crc16-xmodem": (16, 0x1021, 0x0000, False, 0x0000),
    "crc16-modbus": (16, 0x8005, 0xFFFF, True, 0x0000),
    "crc16-kermit": (16, 0x1021, 0x0000, True, 0x0000),
    "crc16-x25": (16, 0x1021, 0xFFFF, True, 0xFFFF),
    "crc16-usb": (16, 0x8005, 0xFFFF, True, 0xFFFF),
    "crc16-dnp": (16, 0x3D65, 0x0000, True, 0xFFFF),
    "crc16-en13757": (16, 0x3D65, 0x0000, False, 0xFFFF),
    "crc16-genibus": (16, 0x1021, 0xFFFF, False, 0xFFFF),
    "crc16-maxim": (16, 0x8005, 0x0000, True, 0xFFFF),
    "crc16-mcrf4xx": (16, 0x1021, 0xFFFF, True, 0x0000),
    "crc16-profibus": (16, 0x1DCF, 0xFFFF, False, 0xFFFF),
    "crc16-fujitsu": (16, 0x1021, 0x1D0F, False, 0x0000),
    "crc32": (32, 0x04C11DB7, 0xFFFFFFFF, True, 0xFFFFFFFF),
    "crc32c": (32, 0x1EDC6F41, 0xFFFFFFFF, True, 0xFFFFFFFF),
    "crc32-bzip2": (32, 0x04C11DB7, 0xFFFFFFFF, False, 0xFFFFFFFF),
    "crc32-mpeg2": (32, 0x04C11DB7, 0xFFFFFFFF, False, 0x00000000),
    "crc32-cksum": (32, 0x04C11DB7, 0x00000000, False, 0xFFFFFFFF),
    "crc32-jamcrc": (32, 0x04C11DB7, 0xFFFFFFFF, True, 0x00000000),
    "crc32-autosar": (32, 0xF4ACFB13, 0xFFFFFFFF, True, 0xFFFFFFFF),
}

_REFLECTED = '''
def checksum(data):
    """$label: the bytes divided by a polynomial, bit by bit, lowest bit first."""
    value = $first
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ $polynomial if value & 1 else value >> 1
    return value ^ $last  #? combined
    return value  #? !combined
'''
_STRAIGHT = '''
def checksum(data):
    """$label: the bytes divided by a polynomial, bit by bit, highest bit first."""
    value = $first
    for byte in data:
        value ^= byte << $shift  #? wide
        value ^= byte  #? !wide
        for _ in range(8):
            value = ((value << 1) ^ $polynomial if value & $top else value << 1) & $mask
    return value ^ $last  #? combined
    return value  #? !combined
'''
_XOR = '''
def checksum(data):
    """$label: a bit of it is set where an odd number of bytes have it set."""
    value = 0
    for byte in data:
        value ^= byte
    return value
'''
_INTERNET = '''
def checksum(data):
    """$label: 16-bit words added up; what does not fit is added again at the low end."""
    if len(data) % 2:
        data += b"\\0"
    total = 0
    for at in range(0, len(data), 2):
        total += data[at] << 8 | data[at + 1]
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
'''
_FLETCHER = '''
def checksum(data):
    """$label: the sum of the bytes, and the sum of all sums on the way."""
    low = high = 0
    for byte in data:
        low = (low + byte) % 255
        high = (high + low) % 255
    return high << 8 | low
'''
_SHORT = '''
def checksum(data):
    """$label."""
    return $formula
'''
_FORMULAS = {
    "sum8": "sum(data) & 0xFF",
    "sum16": "sum(data) & 0xFFFF",
    "sum32": "sum(data) & 0xFFFFFFFF",
    "lrc": "-sum(data) & 0xFF",
    "adler32": "zlib.adler32(data)",
}
_OTHERS = {"xor8": _XOR, "inet16": _INTERNET, "fletcher16": _FLETCHER}

_TRAILER = '''
def trailer(message):
    """What stands behind a message on the wire."""
    value = checksum($covered)
    return $mark$written
'''
_CHECK = '''
def without_checksum(messages):
    """The messages whose checksum is right, without it; the others were changed on their way."""
    right = []
    for message in messages:
        body, end = message[:-$size], message[-$size:]
        if len(message) >= $least and $compared == trailer(body):
            right.append(body)
    return right
'''
_ADD = '''
def with_checksum(message):
    """The message and its checksum."""
    if len(message) < $uncovered:  #? checked & uncovered
        raise ValueError("The message is too short for its checksum.")  #? checked & uncovered
    if message.endswith($mark_itself):  #? checked & mark
        raise ValueError("The message ends with the mark that is added with its checksum.")  #? checked & mark
    return message + trailer(message)
'''


def code(values: Mapping[str, Value], wanted: Wanted, adds: bool) -> str:
    """The functions `checksum`, `trailer` and, as far as they are wanted, `without_checksum` and `with_checksum`."""
    made = trailer(values)
    assert made is not None
    flags = {name for name, holds in (("uncovered", made.start), ("mark", made.mark)) if holds}
    if not wanted.as_found:
        flags.add("checked")
    texts = _texts(made)
    pieces = [function_of(made.checksum), fill(_TRAILER, flags, texts)]
    if wanted.found:
        pieces.append(fill(_CHECK, flags, texts))
    if adds:
        pieces.append(fill(_ADD, flags, texts))
    return "\n\n\n".join(pieces)


def trailer(values: Mapping[str, Value]) -> Trailer | None:
    """The checksum that these settings ask for; None without one."""
    return trailer_of(values) if "checksum" in values else None  # raw has none


def size(values: Mapping[str, Value]) -> int:
    """Bytes behind each message; 0 without a checksum."""
    made = trailer(values)
    return 0 if made is None else made.size


def function_of(checksum: Checksum, name: str = "checksum") -> str:
    """The arithmetic of a checksum, as a function called so."""
    return _arithmetic(checksum).replace("def checksum(", f"def {name}(")


def _arithmetic(checksum: Checksum) -> str:
    name, label = checksum.name, checksum.label
    if name in _FORMULAS:
        return fill(_SHORT, (), {"label": label, "formula": _FORMULAS[name]})
    if name in _OTHERS:
        return fill(_OTHERS[name], (), {"label": label})
    width, polynomial, first, reflected, last = _CRC[name]
    digits = width // 4
    flags = {"combined"} if last else set()
    if width > 8:
        flags.add("wide")
    if reflected:
        polynomial = int(f"{polynomial:0{width}b}"[::-1], 2)
        first = int(f"{first:0{width}b}"[::-1], 2)
    numbers = {
        "label": label,
        "first": _hex(first, digits),
        "polynomial": _hex(polynomial, digits),
        "last": _hex(last, digits),
        "shift": str(width - 8),
        "top": _hex(1 << (width - 1), digits),
        "mask": _hex((1 << width) - 1, digits),
    }
    return fill(_REFLECTED if reflected else _STRAIGHT, flags, numbers)


def _texts(trailer: Trailer) -> dict[str, str]:
    covered = f"message[{trailer.start}:]" if trailer.start else "message"
    if trailer.also:
        covered += f" + {quoted(trailer.also)}"
    written = f'value.to_bytes({trailer.checksum.size}, "{trailer.order}")'
    compared = "end"
    if trailer.as_hex:
        written += '.hex().upper().encode("ascii")'
        compared = "end.upper()"
        if trailer.mark != trailer.mark.upper():
            compared = f"end[:{len(trailer.mark)}] + end[{len(trailer.mark)}:].upper()"
    return {
        "covered": covered,
        "written": written,
        "compared": compared,
        "mark": f"{quoted(trailer.mark)} + " if trailer.mark else "",
        "mark_itself": quoted(trailer.mark),
        "size": str(trailer.size),
        "least": str(trailer.least),
        "uncovered": str(trailer.start),
    }


def _hex(number: int, digits: int) -> str:
    return f"0x{number:0{digits}X}"
