"""Length prefixes that are known by a name: those without one first, then protocols.

Every frame in the documentation of Netty's LengthFieldBasedFrameDecoder is one of those without a name.

Some protocols begin with bytes that are no frame. Their length field is then read out of other bytes, and most often
says so much that all that follows is skipped or waited for. The help of such a preset says in which direction it can
be used, and what is seen in the other.
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
        "What a server sends, where it is not encrypted; the length leaves out the nine bytes of the header (RFC "
        "9113). A client begins with 24 bytes (PRI * HTTP/2.0 …) that are no frame: they are one error, and its first "
        "5 MB are skipped. Look at the direction from the server.",
    ),
    Preset(
        "gRPC messages",
        {"width": 4, "offset": 1},
        "A byte that tells whether it is compressed, the length and the message: what the data frames of HTTP/2 hold. "
        "On a connection they stand inside those; choose HTTP/2 frames there.",
    ),
    Preset(
        "BGP",
        {"width": 2, "offset": 16, "adjustment": -18},
        "A marker of 16 bytes, and a length that counts it (RFC 4271).",
    ),
    Preset(
        "AMQP 0-9-1",
        {"width": 4, "offset": 3, "adjustment": 1},
        "What brokers such as RabbitMQ send; the length leaves out the header and the last byte, ce. A client begins "
        "with 8 bytes (AMQP 0 0 9 1) that are no frame: they are one error, and all that it sends is skipped. Look at "
        "the direction from the broker.",
    ),
    Preset(
        "PostgreSQL",
        {"width": 4, "offset": 1, "adjustment": -4},
        "What a server sends: a letter, and a length that counts itself. A client's first message has no letter, so "
        "all of its direction is cut in wrong places, and so is what a server sends if it first answers N or S to a "
        "question for encryption. Connect with sslmode=disable and gssencmode=disable, and look at the direction from "
        "the server.",
    ),
    Preset(
        "MySQL",
        {"width": 3, "order": "little", "adjustment": 1},
        "A little-endian length of three bytes, a number that counts packets, and the packet.",
    ),
)
