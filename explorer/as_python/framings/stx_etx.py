"""Framing `stx_etx` in a script: a byte at a time, because an escape changes what the next byte means."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import FramingPart, Wanted
from explorer.as_python.framings.sized import longest
from explorer.as_python.template import fill
from explorer.core.fields import Value, hex_bytes
from explorer.wire.framing.values import flag, integer, text

_FRAMER = '''
class Framer:
    """Finds messages between two marks; ESCAPE stands before such bytes inside them."""  #? !prefixed
    """Finds messages between ESCAPE START and ESCAPE END; inside them, ESCAPE is doubled."""  #? prefixed

    def __init__(self):
        self.message = None  # the bytes so far; None between messages
        self.escaped = False  # the last byte was an escape
        self.behind = 0  # bytes behind the end mark that are still to come  #? behind

    def feed(self, data):
        """The messages that these next bytes complete."""
        messages = []
        for byte in data:
            if self.take(byte):
                if len(self.message) <= LONGEST:
                    messages.append(bytes(self.message))
                self.message = None
        return $result

    def take(self, byte):
        """Look at the next byte. Whether a message is complete."""
        if self.behind:  #? behind
            self.keep(byte)  #? behind
            self.behind -= 1  #? behind
            return self.behind == 0  #? behind
        if self.escaped:  #? !prefixed
            self.escaped = False  #? !prefixed
            self.keep(byte)  #? !prefixed
        elif byte == START:  #? !prefixed
            self.message = bytearray()  # what came before was never ended: it is lost  #? !prefixed
        elif self.message is None:  #? !prefixed
            pass  # bytes between messages  #? !prefixed
        elif byte == ESCAPE:  #? !prefixed
            self.escaped = True  #? !prefixed
        elif byte == END:  #? !prefixed
            self.behind = BEHIND  #? !prefixed & behind
            return True  #? !prefixed & !behind
        else:  #? !prefixed
            self.keep(byte)  #? !prefixed
        escaped, self.escaped = self.escaped, False  #? prefixed
        if not escaped:  #? prefixed
            if byte == ESCAPE:  #? prefixed
                self.escaped = True  #? prefixed
            elif self.message is not None:  #? prefixed
                self.keep(byte)  #? prefixed
        elif byte == START:  #? prefixed
            self.message = bytearray()  # what came before was never ended: it is lost  #? prefixed
        elif self.message is None:  #? prefixed
            self.escaped = byte == ESCAPE  # between messages no escape is doubled  #? prefixed
        elif byte == ESCAPE:  #? prefixed
            self.keep(byte)  #? prefixed
        elif byte == END:  #? prefixed
            self.behind = BEHIND  #? prefixed & behind
            return True  #? prefixed & !behind
        else:  #? prefixed
            self.message = None  # neither a mark nor a doubled escape: all up to the next start is lost  #? prefixed
        return False

    def keep(self, byte):
        if len(self.message) <= LONGEST:  # a longer one is dropped, and need not be held
            self.message.append(byte)
'''
_ENCODE = '''
def encode(message):
    """The message between its marks."""
    message = with_checksum(message)  #? summed
    if len(message) > LONGEST:  #? checked
        raise ValueError(f"The message has more than {LONGEST} bytes.")  #? checked
    if len(message) < BEHIND:  #? checked & behind
        raise ValueError(f"The message must have the {BEHIND} bytes behind the end mark.")  #? checked & behind
    cut = len(message) - BEHIND  #? behind
    message, tail = message[:cut], message[cut:]  #? behind
    escape = bytes([ESCAPE])
    for byte in (ESCAPE, START, END):  # the escape first, or those that are added would be escaped, too  #? !prefixed
        message = message.replace(bytes([byte]), escape + bytes([byte]))  #? !prefixed
    message = message.replace(escape, escape + escape)  #? prefixed
    return bytes([START]) + message + bytes([END])  #? !prefixed & !behind
    return bytes([START]) + message + bytes([END]) + tail  #? !prefixed & behind
    return bytes([ESCAPE, START]) + message + bytes([ESCAPE, END])  #? prefixed & !behind
    return bytes([ESCAPE, START]) + message + bytes([ESCAPE, END]) + tail  #? prefixed & behind
'''


def stx_etx(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    checked = wanted.sends and not wanted.as_found
    behind = integer(values, "behind")
    given = (("summed", summed), ("checked", checked), ("prefixed", flag(values, "prefixed")), ("behind", behind))
    flags = {name for name, holds in given if holds}
    pieces = []
    if wanted.found:
        result = "without_checksum(messages)" if summed else "messages"
        pieces.append(fill(_FRAMER, flags, {"result": result}))
    if wanted.sends:
        pieces.append(fill(_ENCODE, flags))
    marks = (("START", "start", "begins a message"), ("END", "end", "ends it"))
    escape = ("ESCAPE", "escape", "stands before such bytes inside it")
    if flag(values, "prefixed"):
        escape = ("ESCAPE", "escape", "stands before both, and is doubled inside a message")
    constants = [
        f"{name} = 0x{hex_bytes(text(values, key), key).hex()}  # {note}" for name, key, note in (*marks, escape)
    ]
    if behind:
        constants.append(f"BEHIND = {behind}  # bytes behind the end mark, which belong to the message")
    if wanted.found or checked:
        constants.append(longest(values))
    return FramingPart("\n\n\n".join(pieces), "\n".join(constants), wanted.found, wanted.sends, checked)
