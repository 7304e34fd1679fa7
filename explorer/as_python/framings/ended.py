"""Framings whose messages end with a mark that stands nowhere else: `line`, `delimiter`, `slip`, `cobs`."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import FramingPart, Wanted
from explorer.as_python.template import fill, quoted
from explorer.core.fields import Value, hex_bytes
from explorer.wire.framing.values import flag, integer, text

_FRAMER = '''
class Framer:
    """Cuts the stream into messages, each of which ends with the delimiter."""  #? plain
    """Cuts the stream into packets and decodes them."""  #? !plain

    def __init__(self):
        self.buffer = b""  # the beginning of a message whose end has not come yet

    def feed(self, data):
        """The messages that these next bytes complete."""
        *parts, self.buffer = (self.buffer + data).split(DELIMITER)
        # No message may take more memory than this; one whose front is cut off here is dropped below.
        self.buffer = self.buffer[-$kept :]
        parts = [part[:-1] if part.endswith(b"\\r") else part for part in parts]  #? any_ending
        messages = [part for part in parts if len(part) <= LONGEST]  #? plain & !keep
        messages = [part + DELIMITER for part in parts if len(part) <= LONGEST]  #? plain & keep
        messages = [decode(part) for part in parts if part]  #? !plain
        messages = [message for message in messages if message is not None and len(message) <= LONGEST]  #? broken
        messages = [message for message in messages if len(message) <= LONGEST]  #? !plain & !broken
        return $result
'''
_LINE = '''
def encode(message):
    """The message as it goes over the wire."""
    message = with_checksum(message)  #? summed
    if message.endswith(DELIMITER):  #? keep & !as_found
        message = message[: -len(DELIMITER)]  # it is there already, and is added below  #? keep & !as_found
    if len(message) > LONGEST:  #? checked
        raise ValueError(f"The message has more than {LONGEST} bytes.")  #? checked
    if message.endswith(b"\\r"):  #? any_ending
        message += b"\\r"  # else the message's own CR would be read as part of its ending  #? any_ending
    if (message + DELIMITER).index(DELIMITER) < len(message):  #? checked
        raise ValueError("The message holds the delimiter, so it would be cut there.")  #? checked
    return message + DELIMITER  #? !keep | !as_found
    return message  # it still ends with the delimiter  #? keep & as_found
'''
_SLIP_DECODE = '''
def decode(packet):
    """The message in a packet: DB DC stands for C0, DB DD for DB."""  #? !strict
    """The message in a packet: DB DC stands for C0, DB DD for DB; None where another byte follows DB."""  #? strict
    if re.search(rb"\\xdb(?![\\xdc\\xdd])", packet):  #? strict
        return None  #? strict
    meant = {b"\\xdc": b"\\xc0", b"\\xdd": b"\\xdb"}
    return re.sub(rb"\\xdb(.)", lambda pair: meant.get(pair[1], pair[1]), packet, flags=re.DOTALL)
'''
_SLIP_ENCODE = '''
def encode(message):
    """The message between two C0. Inside it, C0 and DB are replaced by two bytes each."""
    message = with_checksum(message)  #? summed
    if not message:  #? checked
        raise ValueError("SLIP cannot carry an empty message.")  #? checked
    if len(message) > LONGEST:  #? checked
        raise ValueError(f"The message has more than {LONGEST} bytes.")  #? checked
    message = message.replace(b"\\xdb", b"\\xdb\\xdd").replace(b"\\xc0", b"\\xdb\\xdc")  # DB first
    return DELIMITER + message + DELIMITER
'''
_COBS_DECODE = '''
def decode(packet):
    """The message in a packet; None where its last code reaches past its end."""
    message = b""
    at = 0
    while at < len(packet):
        code = packet[at]  # how far it is to the next code
        if at + code > len(packet):
            return None
        message += packet[at + 1 : at + code]
        at += code
        if code < 255 and at < len(packet):
            message += b"\\0"  # each code but 255 stands for a zero, if something follows
    return message
'''
_COBS_ENCODE = '''
def encode(message):
    """The message without zeros: in front of each run of other bytes stands how far it is to the next zero."""
    message = with_checksum(message)  #? summed
    if len(message) > LONGEST:  #? checked
        raise ValueError(f"The message has more than {LONGEST} bytes.")  #? checked
    wire = b""
    runs = message.split(b"\\0")
    for number, run in enumerate(runs):
        while len(run) >= 254:  # 255 stands before 254 bytes, and for no zero
            wire += b"\\xff" + run[:254]
            run = run[254:]
            if not run and number == len(runs) - 1:
                return wire + DELIMITER
        wire += bytes([len(run) + 1]) + run
    return wire + DELIMITER
'''


def line(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    ending = text(values, "ending")
    delimiter = b"\r\n" if ending == "crlf" else b"\n"
    extra = {"any_ending"} if ending == "any" else set()
    comment = "  # or CR LF: a CR before it is cut off, too" if ending == "any" else "  # ends each message"
    return _plain(values, wanted, summed, delimiter, extra, comment)


def delimiter(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    extra = {"keep"} if flag(values, "keep") else set()
    comment = "  # ends each message, and stays in it" if extra else "  # ends each message"
    return _plain(values, wanted, summed, hex_bytes(text(values, "hex"), "hex"), extra, comment)


def _plain(
    values: Mapping[str, Value], wanted: Wanted, summed: bool, end: bytes, extra: set[str], comment: str
) -> FramingPart:
    flags = {"plain"} | extra
    width = len(end) + (1 if "any_ending" in extra else 0)
    constants = f"DELIMITER = {quoted(end)}{comment}"
    return _made(values, wanted, summed, flags, f"(LONGEST + {width})", constants, "", _LINE)


def slip(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    flags = {"strict", "broken"} if flag(values, "strict") else set()
    constants = 'DELIMITER = b"\\xc0"  # ends each packet'
    return _made(values, wanted, summed, flags, "(2 * LONGEST + 1)", constants, _SLIP_DECODE, _SLIP_ENCODE)


def cobs(values: Mapping[str, Value], wanted: Wanted, summed: bool) -> FramingPart:
    constants = 'DELIMITER = b"\\0"  # ends each packet'
    most = "(LONGEST + LONGEST // 254 + 2)"
    return _made(values, wanted, summed, {"broken"}, most, constants, _COBS_DECODE, _COBS_ENCODE)


def _made(
    values: Mapping[str, Value], wanted: Wanted, summed: bool, flags: set[str], kept: str, constants: str,
    decode: str, encode: str,
) -> FramingPart:  # fmt: skip
    checked = wanted.sends and not wanted.as_found
    for name, is_so in (("summed", summed), ("checked", checked)):
        if is_so:
            flags.add(name)
    if wanted.as_found:
        flags.add("as_found")
    result = {"result": "without_checksum(messages)" if summed else "messages", "kept": kept}
    pieces = [fill(decode, flags), fill(_FRAMER, flags, result)] if wanted.found else []
    if wanted.sends:
        pieces.append(fill(encode, flags))
    return FramingPart(
        "\n\n\n".join(piece for piece in pieces if piece),
        f"{constants}\nLONGEST = {integer(values, 'max')}  # bytes that a message may have; longer ones are dropped",
        framed=wanted.found,
        encoded=wanted.sends,
        checked=checked,
    )
