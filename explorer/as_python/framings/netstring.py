"""Framing `netstring` in a script. After a mistake it looks for the next beginning, as the app does."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import FramingPart, Wanted
from explorer.as_python.framings.sized import longest
from explorer.as_python.template import fill
from explorer.core.fields import Value

_FRAMER = '''
HEADER = re.compile(rb"(0|[1-9][0-9]{0,9}):")
BEGINNING = re.compile(rb",(?=(0|[1-9][0-9]{0,9}):)")  # where a netstring may begin after a mistake


class Framer:
    """Cuts the stream into netstrings: the length in digits, a colon, the message, a comma."""

    def __init__(self):
        self.buffer = bytearray()  # what has come of the next netstring
        self.skip = 0  # bytes of a message that is too long, which have to be dropped
        self.skipping = False
        self.lost = False  # after a mistake

    def feed(self, data):
        """The messages that these next bytes complete."""
        self.buffer += data
        messages = []
        while self.find_beginning():
            header = HEADER.match(self.buffer)
            if header is None:
                digits = re.match(rb"0|[1-9][0-9]{0,9}|", self.buffer).end()
                if digits == len(self.buffer):
                    break  # more digits or the colon are still to come
                self.lost = True
                del self.buffer[:digits]
                continue
            begin, size = header.end(), int(header[1])
            if size > LONGEST:
                self.skip, self.skipping = begin + size, True
            elif len(self.buffer) <= begin + size:
                break
            elif self.buffer[begin + size] == ord(","):
                messages.append(bytes(self.buffer[begin : begin + size]))
                del self.buffer[: begin + size + 1]
            else:
                self.lost = True
                del self.buffer[:begin]
        return $result

    def find_beginning(self):
        """Drop all up to the beginning of the next netstring. Whether something of it is there."""
        dropped = min(self.skip, len(self.buffer))
        del self.buffer[:dropped]
        self.skip -= dropped
        if self.skipping and self.buffer:
            self.skipping = False
            self.lost = self.buffer.pop(0) != ord(",")
        if self.lost:
            for beginning in BEGINNING.finditer(bytes(self.buffer)):
                if int(beginning[1]) <= LONGEST:
                    del self.buffer[: beginning.end()]
                    self.lost = False
                    return True
            del self.buffer[:-11]  # a comma and ten digits may still become one
        return not self.lost and len(self.buffer) > 0
'''
_ENCODE = '''
def encode(message):
    """The message as a netstring."""
    message = with_checksum(message)  #? summed
    if len(message) > LONGEST:  #? checked
        raise ValueError(f"The message has more than {LONGEST} bytes.")  #? checked
    return b"%d:%b," % (len(message), message)
'''


def netstring(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    checked = wanted.sends and not wanted.as_found
    flags = {name for name, holds in (("summed", summed), ("checked", checked)) if holds}
    result = {"result": "without_checksum(messages)" if summed else "messages"}
    pieces = [fill(_FRAMER, flags, result)] if wanted.found else []
    if wanted.sends:
        pieces.append(fill(_ENCODE, flags))
    constants = longest(values) if wanted.found or checked else ""
    return FramingPart("\n\n\n".join(pieces), constants, wanted.found, wanted.sends, checked)
