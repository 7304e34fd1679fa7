"""Framings whose messages have a size that is known beforehand: `fixed`, `length`, `varint`."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import FramingPart, NoScript, Wanted
from explorer.as_python.framings import checksum
from explorer.as_python.template import fill, quoted
from explorer.core.fields import Value
from explorer.wire.framing.values import integer, text

_FIXED = '''
class Framer:
    """Cuts the stream into messages of SIZE bytes."""

    def __init__(self):
        self.buffer = b""  # the beginning of a message that is not whole yet

    def feed(self, data):
        """The messages that these next bytes complete."""
        self.buffer += data
        whole = len(self.buffer) - len(self.buffer) % SIZE
        messages = [self.buffer[at : at + SIZE] for at in range(0, whole, SIZE)]
        self.buffer = self.buffer[whole:]
        return $result
'''
_FIXED_ENCODE = '''
def encode(message):
    """The message as it goes over the wire."""
    message = with_checksum(message)  #? summed
    if len(message) != SIZE:  #? checked
        raise ValueError(f"Every message has exactly {SIZE} bytes; this one has {len(message)}.")  #? checked
    return message
'''
_LENGTH = '''
class Framer:
    """Cuts the stream into frames that say their length."""

    def __init__(self):
        self.buffer = bytearray()  # what has come of the next frame
        self.skip = 0  # bytes of a refused frame that have to be dropped

    def feed(self, data):
        """The messages that these next bytes complete."""
        self.buffer += data
        messages = []
        while True:
            dropped = min(self.skip, len(self.buffer))
            del self.buffer[:dropped]
            self.skip -= dropped
            if len(self.buffer) < HEADER:
                break
            size = int.from_bytes(self.buffer[$field], "$order")$added
            if not $least <= size <= LONGEST:
                self.skip = max(size, HEADER)
                continue
            if len(self.buffer) < size:
                break
            messages.append(bytes(self.buffer[$start:size]))
            del self.buffer[:size]
        return $result
'''
_LENGTH_ENCODE = '''
def encode(message):
    """The message with its length, as it goes over the wire."""
    message = with_checksum(message)  #? summed & !again
    if message.endswith($mark):  #? again & mark
        raise ValueError("The message ends with the mark that is added with its checksum.")  #? again & mark
    if len(message) < $offset:  #? checked & offset
        raise ValueError("The $offset bytes before the length are missing.")  #? checked & offset
    message += bytes($trailer_size)  # room for the checksum  #? again
    size = len(message) + $missing  # of the whole frame
    value = size$subtracted
    if not $least <= size <= LONGEST or not 0 <= value < 1 << $bits:  #? checked
        raise ValueError(f"A message of {len(message)} bytes does not fit into a frame.")  #? checked
    field = value.to_bytes($width, "$order")
    frame = message[:$offset] + field + message[$offset:]  #? !as_found & offset
    frame = field + message  #? !as_found & !offset
    # The checksum covers what the other side will find, which holds the length, too.  #? again
    if len(frame) < $shortest:  #? again
        raise ValueError("The message is too short for its checksum.")  #? again
    body = frame[$start:-$trailer_size]  #? again
    return frame[:-$trailer_size] + trailer(body)  #? again
    return frame  #? !as_found & !again
    return field$cut + message  #? as_found
'''
_PLAIN_SUM = '''
def encode(message):
    """The message, which still holds its length, with its checksum."""
    return with_checksum(message)
'''
_VARINT = '''
class Framer:
    """Cuts the stream into messages, each behind its length as a varint: seven bits in a byte, lowest first."""

    def __init__(self):
        self.buffer = bytearray()  # what has come of the next message
        self.skip = 0  # bytes of a refused message that have to be dropped
        self.endless = False  # in a length of more than ten bytes, which is dropped

    def feed(self, data):
        """The messages that these next bytes complete."""
        self.buffer += data
        messages = []
        while self.drop():
            prefix = re.match(rb"[\\x80-\\xff]{0,9}[\\x00-\\x7f]", self.buffer)
            if prefix is None:  # the top bit of each byte says that another follows
                if len(self.buffer) < 10:
                    break
                del self.buffer[:10]  # no length is that long: drop it up to its last byte
                self.endless = True
                continue
            size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(prefix[0]))
            begin = prefix.end()
            if size > LONGEST:
                self.skip = begin + size if size < 1 << 64 else begin
            elif len(self.buffer) < begin + size:
                break
            else:
                messages.append(bytes(self.buffer[begin : begin + size]))
                self.skip = begin + size
        return $result

    def drop(self):
        """Drop what is done with. Whether there are bytes left to look at."""
        if self.endless:
            end = re.search(rb"[\\x00-\\x7f]", self.buffer)
            self.endless = end is None
            self.skip = end.end() if end else len(self.buffer)
        dropped = min(self.skip, len(self.buffer))
        del self.buffer[:dropped]
        self.skip -= dropped
        return len(self.buffer) > 0
'''
_VARINT_ENCODE = '''
def encode(message):
    """The message behind its length."""
    message = with_checksum(message)  #? summed
    if len(message) > LONGEST:  #? checked
        raise ValueError(f"The message has more than {LONGEST} bytes.")  #? checked
    size = len(message)
    prefix = bytearray()
    while size >= 0x80:
        prefix.append(size & 0x7F | 0x80)  # seven bits, and one that says that more follow
        size >>= 7
    prefix.append(size)
    return bytes(prefix) + message
'''


def fixed(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    constants = f"SIZE = {integer(values, 'size')}  # bytes of every message"
    flags, checked = _flags(wanted, summed)
    encoded = wanted.sends and (checked or summed)
    pieces = [fill(_FIXED, flags, _result(summed))] if wanted.found else []
    if encoded:
        pieces.append(fill(_FIXED_ENCODE, flags))
    return FramingPart(_joined(pieces), constants, wanted.found, encoded, checked)


def varint(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    flags, checked = _flags(wanted, summed)
    pieces = [fill(_VARINT, flags, _result(summed))] if wanted.found else []
    if wanted.sends:
        pieces.append(fill(_VARINT_ENCODE, flags))
    return FramingPart(_joined(pieces), longest(values), wanted.found, wanted.sends, checked)


def length(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    """Raises NoScript where messages are to be sent back of which too much was cut off."""
    width, offset, skip = (integer(values, name) for name in ("width", "offset", "skip"))
    adjustment = integer(values, "adjustment")
    if wanted.sends and wanted.as_found and skip and (offset or skip > width):
        raise NoScript(
            "framing",
            f"This framing cuts {skip:,} bytes from the front of each message, and not all of them belong to the "
            "length, so nothing can be sent back as it came. Cut less, or choose another program.",
        )
    flags, checked = _flags(wanted, summed)
    encoded = wanted.sends and (not wanted.as_found or skip > 0 or summed)
    whole_kept = wanted.as_found and not skip
    if offset:
        flags.add("offset")
    if summed and not wanted.as_found and (offset or skip != width):
        flags.add("again")
    sum_size, trailer = checksum.size(values), checksum.trailer(values)
    if trailer is not None and trailer.mark:
        flags.add("mark")
    added = adjustment + offset + width
    least = max(offset + width, skip)
    texts = {
        **_result(summed),
        "field": f"{offset}:HEADER" if offset else ":HEADER",
        "order": text(values, "order"),
        "added": _signed(added),
        "subtracted": _signed(-added),
        "least": str(least),
        "start": str(skip) if skip else "",
        "offset": str(offset),
        "missing": str(skip if wanted.as_found else width),
        "bits": str(8 * width),
        "width": str(width),
        "cut": f"[:{skip}]" if skip < width else "",
        "trailer_size": str(sum_size),
        "shortest": str(skip + (trailer.least if trailer else 0)),
        "mark": quoted(trailer.mark if trailer else b""),
    }
    pieces = [fill(_LENGTH, flags, texts)] if wanted.found else []
    if encoded:
        pieces.append(fill(_PLAIN_SUM, flags) if whole_kept else fill(_LENGTH_ENCODE, flags, texts))
    header = f"HEADER = {offset + width}  # bytes up to the end of the length field" if wanted.found else ""
    maximum = f"LONGEST = {integer(values, 'max')}  # bytes that a frame may have; longer ones are dropped"
    constants = "\n".join(filter(None, (header, maximum if wanted.found or checked else "")))
    return FramingPart(_joined(pieces), constants, wanted.found, encoded, checked)


def longest(values: Mapping[str, Value]) -> str:
    return f"LONGEST = {integer(values, 'max')}  # bytes that a message may have; longer ones are dropped"


def _flags(wanted: Wanted, summed: bool) -> tuple[set[str], bool]:
    checked = wanted.sends and not wanted.as_found
    given = (("summed", summed), ("checked", checked), ("as_found", wanted.as_found))
    return {name for name, holds in given if holds}, checked


def _result(summed: bool) -> dict[str, str]:
    return {"result": "without_checksum(messages)" if summed else "messages"}


def _joined(pieces: list[str]) -> str:
    return "\n\n\n".join(pieces)


def _signed(number: int) -> str:
    return f" + {number}" if number > 0 else f" - {-number}" if number else ""
