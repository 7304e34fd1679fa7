"""Presets: each can be made, says what it is, and takes an example from the documents of its protocol apart."""

from __future__ import annotations

import pytest

from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame, Framer, FramingKind, Preset, picture_text
from explorer.wire.framing.registry import check_choice, find_kind, kinds, make_framer

Example = tuple[bytes, bytes]  # a frame on the wire, and the message in it


def hexes(wire: str, message: str | None = None) -> Example:
    """A frame, and its message: the whole frame unless given."""
    whole = bytes.fromhex(wire)
    return whole, whole if message is None else bytes.fromhex(message)


HELLO = b"HELLO, WORLD"
MODBUS_RTU = hexes("01 03 00 00 00 0a c5 cd", "01 03 00 00 00 0a")  # the usual example of a request
# A question for the address of example.com (RFC 1035, 4.1).
DNS = bytes.fromhex("0001 0100 0001 0000 0000 0000 07") + b"example\x03com" + bytes.fromhex("00 0001 0001")

EXAMPLES: dict[str, dict[str, Example]] = {
    "line": {
        "LF": (b'{"a": 1}\n', b'{"a": 1}'),
        "CR LF": (b"EHLO client.example\r\n", b"EHLO client.example"),
        "LF or CR LF": (b"hello\r\n", b"hello"),
        # The sentence that manuals of receivers show.
        "NMEA 0183 with its checksum": (
            b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n",
            b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,",
        ),
    },
    "delimiter": {
        "NUL": (b"hello\0", b"hello"),
        "CR LF": (b"USER anonymous\r\n", b"USER anonymous"),
        "CR": (b"*IDN?\r", b"*IDN?"),
        "Empty line (CR LF CR LF)": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a"),
        "Line with a dot": (b"Subject: a\r\n\r\nb\r\n.\r\n", b"Subject: a\r\n\r\nb"),
        "]]>]]>": (b"<rpc/>]]>]]>", b"<rpc/>"),
        "FS CR": (b"\x0bMSH|^~\\&|\r\x1c\r", b"\x0bMSH|^~\\&|\r"),
        "RS": (b'{"type":6}\x1e', b'{"type":6}'),  # SignalR's ping
        "Semicolon": (b"FA00014250000;", b"FA00014250000"),
        "$$": (b"one$two$$", b"one$two"),
    },
    "fixed": {
        "MPEG transport stream, 188 bytes": (b"\x47\x1f\xff\x10" + b"\xff" * 184,) * 2,  # a null packet
        "CAN frames of Linux, 16 bytes": hexes("23 01 00 00 04 00 00 00 de ad be ef 00 00 00 00"),
        "Pelco-D, 7 bytes with their sum": hexes("ff 01 00 04 3f 00 44", "ff 01 00 04 3f 00"),  # camera 1: left
    },
    "length": {
        # Those of Netty's documentation, with its content and its headers ca and fe.
        "2-byte length, not counting itself": (b"\x00\x0c" + HELLO, HELLO),
        "2-byte length that stays in the message": (b"\x00\x0c" + HELLO,) * 2,
        "2-byte length, counting itself, that stays in the message": (b"\x00\x0e" + HELLO,) * 2,
        "Header of 2 bytes, then a 3-byte length": (b"\xca\xfe\x00\x00\x0c" + HELLO,) * 2,
        "3-byte length, then a header of 2 bytes": (b"\x00\x00\x0c\xca\xfe" + HELLO,) * 2,
        "Header with a length in the middle": (b"\xca\x00\x0c\xfe" + HELLO, b"\xfe" + HELLO),
        "Header with a length in the middle, counting the whole frame": (
            b"\xca\x00\x10\xfe" + HELLO,
            b"\xfe" + HELLO,
        ),
        "4-byte length, not counting itself": (b"\x00\x00\x00\x0c" + HELLO, HELLO),
        "2-byte length, counting itself": (b"\x00\x0e" + HELLO, HELLO),
        # SMPP 3.4: enquire_link, number 1, has 16 bytes.
        "4-byte length, counting itself": hexes("00000010 00000015 00000000 00000001", "00000015 00000000 00000001"),
        "2-byte length, little-endian, not counting itself": (b"\x0c\x00" + HELLO, HELLO),
        "4-byte length, little-endian, not counting itself": (b'\x0c\0\0\0{"text":"a"}', b'{"text":"a"}'),
        "2-byte length, little-endian, counting itself": (b"\x0e\x00" + HELLO, HELLO),
        # The first example at bsonspec.org: {"hello": "world"}.
        "4-byte length, little-endian, counting itself": (
            b"\x16\0\0\0\x02hello\0\x06\0\0\0world\0\0",
            b"\x02hello\0\x06\0\0\0world\0\0",
        ),
        "1-byte length, not counting itself": (b"\x0c" + HELLO, HELLO),
        # Modbus application protocol: read holding registers.
        "Modbus TCP": hexes("0001 0000 0006 11 03 006b 0003"),
        "TPKT": hexes("0300 000b 06 e0 0000 0000 00"),  # a connection request of X.224
        "TLS records": hexes("15 0303 0002 01 00"),  # the alert close_notify
        "HTTP/2 frames": hexes("000000 04 01 00000000"),  # SETTINGS, acknowledged
        "gRPC messages": hexes("00 00000002 0801"),
        "BGP": hexes("ff" * 16 + "0013 04"),  # KEEPALIVE has 19 bytes
        "AMQP 0-9-1": hexes("08 0000 00000000 ce"),  # a heartbeat
        "PostgreSQL": hexes("5a 00000005 49"),  # ReadyForQuery, idle
        "MySQL": hexes("010000 00 01"),  # COM_QUIT
    },
    "slip": {
        # END and ESC inside a message (RFC 1055).
        "Lenient, as RFC 1055's own reader": hexes("01 db dc 02 db dd c0", "01 c0 02 db"),
        "Strict": hexes("01 db dc 02 db dd c0", "01 c0 02 db"),
    },
    "stx_etx": {
        "STX … ETX with DLE": hexes("02 41 10 03 42 03", "41 03 42"),
        "SOH … EOT with DLE": hexes("01 00 10 01 10 04 04", "00 01 04"),
        # By its rule alone; a frame of a manual that begins with SOH is in test_stx_etx.py.
        "STX … ETX with a BCC behind it": (b"\x02(12345)\x03\x33", b"(12345)"),
        "DLE STX … DLE ETX": hexes("10 02 07 11 41 00 53 10 10 10 03", "07 11 41 00 53 10"),
        # The second example of Rockwell's manuals (5370-CVIM, "BCC"): only one of two DLE counts in the sum.
        "DF1 with BCC": hexes("10 02 08 09 06 00 10 10 04 03 10 03 d2", "08 09 06 00 10 04 03"),
        # The test of the CRC in AtlStaveQAChillerCtrl (CycRedundCheck.py), whose value is 4c6b with ETX.
        "DF1 with CRC, transparent BISYNC": hexes(
            "10 02 07 11 41 00 53 b9" + "00" * 12 + "10 03 6b 4c", "07 11 41 00 53 b9" + "00" * 12
        ),
    },
    "idle": {
        "Modbus RTU, 9,600 Bd": MODBUS_RTU,
        "Modbus RTU, above 19,200 Bd": MODBUS_RTU,
        "Bursts 100 ms apart": (HELLO, HELLO),
    },
}

PRESETS = [(kind, preset) for kind in kinds() for preset in kind.presets]


@pytest.mark.parametrize(("kind", "preset"), PRESETS, ids=lambda value: getattr(value, "label", ""))
def test_a_preset_can_be_made_and_takes_its_example_apart(kind: FramingKind, preset: Preset) -> None:
    assert preset.label in EXAMPLES.get(kind.name, {}), "a preset needs an example from outside in this file"
    wire, message = EXAMPLES[kind.name][preset.label]
    assert check_choice({"kind": kind.name, **preset.settings}) == Choice(kind.name, preset.settings)
    framer = make_framer(Choice(kind.name, preset.settings))
    assert [*framer.feed(wire), *framer.end()] == [Frame(0, len(wire), message)]
    assert framer.pending == 0


@pytest.mark.parametrize(("kind", "preset"), PRESETS, ids=lambda value: getattr(value, "label", ""))
def test_a_preset_describes_itself(kind: FramingKind, preset: Preset) -> None:
    assert preset.label
    assert preset.help[0].isupper()
    assert preset.help.endswith(".")
    assert kind.picture(check(kind.fields, preset.settings))


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_presets_of_a_kind_differ(kind: FramingKind) -> None:
    assert len({preset.label for preset in kind.presets}) == len(kind.presets)
    complete = [tuple(sorted(check(kind.fields, preset.settings).items())) for preset in kind.presets]
    assert len(set(complete)) == len(complete)
    assert set(EXAMPLES.get(kind.name, {})) == {preset.label for preset in kind.presets}


def preset_framer(kind: str, label: str) -> Framer:
    [preset] = [preset for preset in find_kind(kind).presets if preset.label == label]
    return make_framer(Choice(kind, preset.settings))


# Each begins as its protocol says: RFC 9113, 3.4; AMQP 0-9-1, 4.2.2; PostgreSQL's documentation, 53.7.
@pytest.mark.parametrize(
    ("label", "client", "server"),
    [
        ("HTTP/2 frames", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0" * 100, b"\0\0\0\4\0\0\0\0\0"),
        ("AMQP 0-9-1", b"AMQP\0\0\x09\1" + b"\x08\0\0\0\0\0\0\xce" * 100, b"\x08\0\0\0\0\0\0\xce"),
        ("PostgreSQL", b"\0\0\0\x10\0\3\0\0user\0a\0\0" + b"Q\0\0\0\x0dSELECT 1\0" * 100, b"R\0\0\0\x08\0\0\0\0"),
    ],
)
def test_where_a_client_begins_with_something_else_the_help_sends_one_to_the_server(
    label: str, client: bytes, server: bytes
) -> None:
    [preset] = [preset for preset in find_kind("length").presets if preset.label == label]
    assert "ook at the direction from the " in preset.help
    assert preset_framer("length", label).feed(server * 3) == [
        Frame(at * len(server), len(server), server) for at in range(3)
    ]
    assert len(preset_framer("length", label).feed(client)) <= 1  # skipped, or waited for


def test_a_server_of_postgresql_that_answers_a_question_for_encryption_is_cut_wrongly() -> None:
    found = preset_framer("length", "PostgreSQL").feed(b"N" + b"R\0\0\0\x08\0\0\0\0" * 3)
    assert not any(isinstance(item, Frame) and item.payload.startswith(b"R\0\0\0\x08") for item in found)


def test_acknowledgements_of_df1_are_errors_and_hide_no_message() -> None:
    """As captured at a port of a controller (ambersloth, df1_orig_half_duplex): a write, its BCC, two enquiries."""
    message = bytes.fromhex("00000f000139aa02078905004934")
    found = preset_framer("stx_etx", "DF1 with BCC").feed(
        b"\x10\6\x10\2" + message + b"\x10\3\xf9" + b"\x10\5\x10\5" + b"\x10\2\1\x10\3\xff"
    )
    assert [item.payload if isinstance(item, Frame) else (item.offset, item.payload) for item in found] == [
        (0, None),
        message,
        (21, None),
        b"\1",
    ]


def test_a_question_to_a_name_server_over_tcp() -> None:
    [preset] = [preset for _, preset in PRESETS if "RFC 1035" in preset.help]
    framer = make_framer(Choice("length", preset.settings))
    assert framer.feed(b"\x00\x1d" + DNS) == [Frame(0, 31, DNS)]
    assert framer.encode(DNS) == b"\x00\x1d" + DNS


@pytest.mark.parametrize(
    ("settings", "text", "counts"),
    [
        ({"width": 2}, "[length: 2 BE][payload]", "the bytes that follow it."),
        ({"width": 1}, "[length: 1][payload]", "the bytes that follow it."),
        ({"width": 2, "adjustment": -2}, "[length: 2 BE, of the frame][payload]", "the whole frame, itself too."),
        (
            {"offset": 1, "adjustment": -4},
            "[header: 1][length: 4 BE, with itself][payload]",
            "itself and the bytes that follow it.",
        ),
        (
            {"offset": 2, "width": 2, "order": "little", "adjustment": -4},
            "[header: 2][length: 2 LE, of the frame][payload]",
            "the whole frame, itself too.",
        ),
        (
            {"width": 3, "adjustment": 6},
            "[length: 3 BE, without 6][payload]",
            "the bytes that follow it without 6 of them.",
        ),
        ({"adjustment": -1}, "[length: 4 BE, with 1 more][payload]", "the bytes that follow it, and 1 more."),
        (
            {"offset": 3, "skip": 2},
            "[header: first 2 of 3][header: last 1 of 3][length: 4 BE][payload]",
            "the bytes that follow it.",
        ),
        (
            {"offset": 1, "width": 2, "skip": 2},
            "[header: 1][length: first 1 of 2 BE][length: last 1 of 2 BE][payload]",
            "the bytes that follow it. This piece stays.",
        ),
        ({"width": 2, "skip": 1234}, "[length: 2 BE][cut: 1,232][payload]", "the bytes that follow it."),
    ],
)
def test_the_picture_of_a_length_is_drawn_from_all_its_settings(
    settings: dict[str, Value], text: str, counts: str
) -> None:
    kind = find_kind("length")
    parts = kind.picture(check(kind.fields, settings))
    assert picture_text(parts) == text
    assert [part for part in parts if part.role == "length"][-1].note == f"Its value counts {counts}"
    header = [part for part in parts if part.role != "payload"]
    skip = settings.get("skip", 0)
    assert sum(part.size or 0 for part in header if part.cut) == skip
    assert [part.cut for part in header] == sorted((part.cut for part in header), reverse=True)
