"""Framings in a few words: always what decides where messages end, and nothing that is not true."""

from __future__ import annotations

import pytest

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.ui.framing_text import framing_text
from explorer.wire.framing.registry import kinds

MODBUS: dict[str, Value] = {"ms": 4, "checksum": "crc16-modbus", "checksum_order": "little"}
NMEA: dict[str, Value] = {
    "ending": "crlf", "checksum": "xor8", "checksum_as": "hex", "checksum_from": 1, "checksum_mark": "2a",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "settings", "text"),
    [
        ("raw", {}, "Raw"),
        ("line", {}, "Lines, LF"),
        ("line", {"ending": "crlf"}, "Lines, CR LF"),
        ("line", {"ending": "any", "max": 100}, "Lines, LF or CR LF, at most 100 bytes"),
        ("delimiter", {"hex": "0d0A", "keep": True}, "Delimiter 0d 0a, kept in the message"),
        ("delimiter", {"hex": "7c7c"}, "Delimiter 7c 7c “||”"),
        ("fixed", {"size": 1024}, "Fixed size, 1,024 bytes"),
        ("fixed", {"size": 1}, "Fixed size, 1 byte"),
        (
            "fixed",
            {"size": 8, "checksum": "crc16-modbus", "checksum_order": "little"},
            "Fixed size, 8 bytes, CRC-16/MODBUS low byte first",
        ),
        ("length", {"width": 2, "skip": 2}, "Length prefix: 2 bytes big-endian, not counting itself, cut off"),
        (
            "length",
            {"order": "little", "adjustment": -4},
            "Length prefix: 4 bytes little-endian, counting itself, kept in the message",
        ),
        ("length", {"width": 1, "skip": 1}, "Length prefix: 1 byte, not counting itself, cut off"),
        (
            "length",
            {"width": 1, "offset": 4, "adjustment": -5, "skip": 5},
            "Length prefix: 1 byte after 4 bytes of header, counting the whole frame, cut off with the header",
        ),
        (
            "length",
            {"width": 3, "adjustment": 1, "skip": 4},
            "Length prefix: 3 bytes big-endian, counting 1 byte less than follow it, the first 4 bytes cut off",
        ),
        (
            "length",
            {"width": 2, "adjustment": -5, "skip": 1},
            "Length prefix: 2 bytes big-endian, counting 5 bytes more than follow it, the first byte cut off",
        ),
        ("varint", {}, "Varint length"),
        ("netstring", {"max": 9}, "Netstring, at most 9 bytes"),
        ("slip", {}, "SLIP, lenient"),
        ("slip", {"strict": True}, "SLIP, strict"),
        (
            "cobs",
            {"checksum": "crc32", "checksum_from": 2},
            "COBS, CRC-32/ISO-HDLC high byte first without the first 2 bytes",
        ),
        ("stx_etx", {}, "STX … ETX: 02 … 03, escaped by 10"),
        ("stx_etx", {"prefixed": True}, "STX … ETX: 10 02 … 10 03"),
        ("idle", {}, "Silence of 20 ms"),
        ("idle", MODBUS, "Silence of 4 ms, CRC-16/MODBUS low byte first"),
        (
            "idle",
            {"checksum": "sum8", "checksum_also": "03"},
            "Silence of 20 ms, sum of bytes (8 bits) with 03 besides",
        ),
        ("line", NMEA, "Lines, CR LF, exclusive or of bytes as hex digits without the first byte behind 2a"),
        ("not yet known", {}, "not yet known"),
        ("fixed", {"size": 0}, "Fixed size"),
        ("delimiter", {"hex": "0"}, "Delimiter"),
    ],
)
def test_a_framing_in_a_few_words(kind: str, settings: dict[str, Value], text: str) -> None:
    assert framing_text(Choice(kind, settings)) == text


def test_every_kind_and_all_of_its_presets_say_something_of_their_own() -> None:
    for kind in kinds():
        texts = [framing_text(Choice(kind.name, preset.settings)) for preset in kind.presets]
        assert len(set(texts)) == len(texts)
        for text in texts:
            assert text.startswith(kind.label.split()[0])
            assert "_" not in text
            assert "None" not in text
