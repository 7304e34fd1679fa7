"""Framing `idle` in a script: silence ends a message, so whoever receives tells the framer of it."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import FramingPart, Wanted
from explorer.as_python.framings.sized import longest
from explorer.as_python.template import fill
from explorer.core.fields import Value
from explorer.wire.framing.values import integer

_STREAM = '''
class Framer:
    """Collects bytes until there was silence behind them."""

    def __init__(self):
        self.buffer = b""

    def feed(self, data):
        """Take these next bytes. One byte more than allowed is kept, to know that there were too many."""
        self.buffer = (self.buffer + data)[: LONGEST + 1]

    def silent(self):
        """There was silence, or the end of the stream: the message that it completes, if any."""
        messages = [self.buffer] if 0 < len(self.buffer) <= LONGEST else []
        self.buffer = b""
        return $result
'''
_DATAGRAM = '''
class Framer:
    """Each datagram is one message: what comes in the next one came later."""

    def feed(self, data):
        """The message in a datagram, if it has one that is not too long."""
        messages = [data] if 0 < len(data) <= LONGEST else []
        return $result
'''
_ENCODE = '''
def encode(message):
    """The message as it goes over the wire: the silence behind it ends it."""
    message = with_checksum(message)  #? summed
    if not 0 < len(message) <= LONGEST:  #? checked
        raise ValueError(f"A message has 1 to {LONGEST} bytes; this one has {len(message)}.")  #? checked
    return message
'''


def idle(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    checked = wanted.sends and not wanted.as_found
    flags = {name for name, holds in (("summed", summed), ("checked", checked)) if holds}
    encoded = wanted.sends and (checked or summed)
    pieces, constants = [], []
    timed = wanted.found and not wanted.datagrams
    if wanted.found:
        result = "without_checksum(messages)" if summed else "messages"
        pieces.append(fill(_DATAGRAM if wanted.datagrams else _STREAM, flags, {"result": result}))
    if timed:
        constants.append(f"SILENCE = {integer(values, 'ms') / 1000}  # seconds without a byte that end a message")
    if wanted.found or checked:
        constants.append(longest(values))
    if encoded:
        pieces.append(fill(_ENCODE, flags))
    return FramingPart("\n\n\n".join(pieces), "\n".join(constants), wanted.found, encoded, checked, timed)
