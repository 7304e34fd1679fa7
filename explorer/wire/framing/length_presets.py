"""Length prefixes that are known by a name: those without one first, then protocols.

Every frame in the documentation of Netty's LengthFieldBasedFrameDecoder is one of those without a name.
"""

from __future__ import annotations

from explorer.wire.framing.api import Preset

PRESETS = (
    Preset(
        "2-byte length, not counting itself",
        {"width": 2, "skip": 2},
        "As DNS over TCP (RFC 1035); the length is cut off.",
    ),
    Preset(
        "4-byte length, not counting itself",
        {"width": 4, "skip": 4},
        "As Apache Kafka and many programs of one's own; the length is cut off.",
    ),
    Preset(
        "2-byte length, counting itself",
        {"width": 2, "adjustment": -2, "skip": 2},
        "The value is the size of the whole frame; the length is cut off.",
    ),
    Preset(
        "4-byte length, counting itself",
        {"width": 4, "adjustment": -4, "skip": 4},
        "As SMPP, the protocol of short messages; the length is cut off.",
    ),
    Preset(
        "2-byte length, little-endian, not counting itself",
        {"width": 2, "order": "little", "skip": 2},
        "Written as x86 and ARM hold numbers in memory; the length is cut off.",
    ),
    Preset(
        "4-byte length, little-endian, not counting itself",
        {"width": 4, "order": "little", "skip": 4},
        "Written as x86 and ARM hold numbers in memory, as by browsers to their extensions' helpers.",
    ),
    Preset(
        "2-byte length, little-endian, counting itself",
        {"width": 2, "order": "little", "adjustment": -2, "skip": 2},
        "The value is the size of the whole frame; the length is cut off.",
    ),
    Preset(
        "4-byte length, little-endian, counting itself",
        {"width": 4, "order": "little", "adjustment": -4, "skip": 4},
        "As documents of BSON, which begin with their own size; the length is cut off.",
    ),
    Preset(
        "1-byte length, not counting itself",
        {"width": 1, "skip": 1},
        "Messages of at most 255 bytes; the length is cut off.",
    ),
    Preset(
        "2-byte length that stays in the message",
        {"width": 2},
        "Nothing is cut off: the message is the whole frame.",
    ),
    Preset(
        "2-byte length, counting itself, that stays in the message",
        {"width": 2, "adjustment": -2},
        "Nothing is cut off: the value is the size of the message.",
    ),
    Preset(
        "Header of 2 bytes, then a 3-byte length",
        {"width": 3, "offset": 2},
        "The length is the end of the header, which stays in the message.",
    ),
    Preset(
        "3-byte length, then a header of 2 bytes",
        {"width": 3, "adjustment": 2},
        "The length does not count the header that follows it; both stay in the message.",
    ),
    Preset(
        "Header with a length in the middle",
        {"width": 2, "offset": 1, "adjustment": 1, "skip": 3},
        "One byte, the length, one byte more, and then what the length counts; cut off up to the length.",
    ),
    Preset(
        "Header with a length in the middle, counting the whole frame",
        {"width": 2, "offset": 1, "adjustment": -3, "skip": 3},
        "One byte, the length, one byte more, and then the content; cut off up to the length.",
    ),
    Preset(
        "Modbus TCP",
        {"width": 2, "offset": 4},
        "Controllers, meters and drives: two numbers, the length, the unit and the request or answer.",
    ),
    Preset(
        "TPKT",
        {"width": 2, "offset": 2, "adjustment": -4},
        "ISO transport over TCP (RFC 1006): S7 controllers, MMS, remote desktops.",
    ),
    Preset(
        "TLS records",
        {"width": 2, "offset": 3},
        "Type, version, length and what is encrypted (RFC 8446).",
    ),
    Preset(
        "HTTP/2 frames",
        {"width": 3, "adjustment": 6},
        "The length leaves out the nine bytes of the header (RFC 9113); they come after the client's preface.",
    ),
    Preset(
        "gRPC messages",
        {"width": 4, "offset": 1},
        "A byte that tells whether it is compressed, the length and the message, in a stream of HTTP/2.",
    ),
    Preset(
        "BGP",
        {"width": 2, "offset": 16, "adjustment": -18},
        "A marker of 16 bytes, and a length that counts it (RFC 4271).",
    ),
    Preset(
        "AMQP 0-9-1",
        {"width": 4, "offset": 3, "adjustment": 1},
        "Message brokers such as RabbitMQ: the length leaves out the header and the last byte, ce.",
    ),
    Preset(
        "PostgreSQL",
        {"width": 4, "offset": 1, "adjustment": -4},
        "A letter and a length that counts itself; a client's very first message has no letter.",
    ),
    Preset(
        "MySQL",
        {"width": 3, "order": "little", "adjustment": 1},
        "A little-endian length of three bytes, a number that counts packets, and the packet.",
    ),
)
