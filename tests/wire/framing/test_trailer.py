"""Checksums at the end of messages: checked and cut off on receipt, added on sending, sent back with an echo."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.checksums import CHECKSUMS
from explorer.wire.framing.api import Frame, Framer, FramingError, picture_text, timed
from explorer.wire.framing.registry import check_choice, find_kind, kinds, make_framer, payload_place
from explorer.wire.framing.runs import measuring, runs_of
from explorer.wire.framing.trailer import FIELDS

MODBUS = bytes.fromhex("01 03 00 00 00 0a c5 cd")  # reads ten registers; the checksum is sent low byte first
NMEA = b"$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n"
NMEA_SETTINGS: dict[str, Value] = {
    "ending": "crlf",
    "checksum": "xor8",
    "checksum_as": "hex",
    "checksum_from": 1,
    "checksum_mark": "2a",
}


def framer(kind: str, **settings: Value) -> Framer:
    return make_framer(Choice(kind, settings))


def test_a_right_checksum_is_cut_off() -> None:
    fixed = framer("fixed", size=8, checksum="crc16-modbus", checksum_order="little")
    assert fixed.feed(MODBUS * 2) == [Frame(0, 8, MODBUS[:6]), Frame(8, 8, MODBUS[:6])]
    assert fixed.encode(MODBUS[:6]) == fixed.restore(MODBUS[:6]) == MODBUS


def test_a_wrong_checksum_is_an_error_that_carries_its_message_and_the_next_one_is_found() -> None:
    fixed = framer("fixed", size=8, checksum="crc16-modbus", checksum_order="little")
    broken = MODBUS[:6] + b"\xc5\xce"
    assert fixed.feed(broken + MODBUS) == [
        FramingError(
            0,
            8,
            "Expected checksum c5 cd (crc16-modbus), got c5 ce: a byte was changed on the way, "
            "or the checksum is not of this kind.",
            MODBUS[:6],
        ),
        Frame(8, 8, MODBUS[:6]),
    ]


def test_the_other_byte_order_is_recognised() -> None:
    [error] = framer("fixed", size=8, checksum="crc16-modbus").feed(MODBUS)
    assert isinstance(error, FramingError)
    assert error.message == (
        "Expected checksum cd c5 (crc16-modbus), got c5 cd, which is right in the other byte order: choose little."
    )
    line = framer("line", checksum="crc16-modbus", checksum_order="little", checksum_as="hex")
    assert line.feed(b"123456789374b\n") == [Frame(0, 14, b"123456789")]
    [error] = line.feed(b"1234567894b37\n")
    assert isinstance(error, FramingError)
    assert error.message == (
        "Expected checksum 374B (crc16-modbus), got 4b37, which is right in the other byte order: choose big."
    )


def test_hex_digits_may_be_of_either_case_and_are_sent_in_upper_case() -> None:
    line = framer("line", checksum="lrc", checksum_as="hex")
    assert line.feed(b"\x01\x03\x00\x00\x00\x01fb\n\x01\x03\x00\x00\x00\x01FB\n") == [
        Frame(0, 9, b"\1\3\0\0\0\1"),
        Frame(9, 9, b"\1\3\0\0\0\1"),
    ]
    assert line.encode(b"\1\3\0\0\0\1") == b"\1\3\0\0\0\1FB\n"


def test_bytes_are_not_compared_as_if_they_were_letters() -> None:
    fixed = framer("fixed", size=2, checksum="sum8")
    [frame, error] = fixed.feed(b"AAAa")
    assert frame == Frame(0, 2, b"A")
    assert isinstance(error, FramingError)


@pytest.mark.parametrize(("digits", "shown"), [(b"4x", "4x"), (b"\x07 ", "07 20"), (b"\xff\xff", "ff ff")])
def test_what_is_no_hex_digit_is_a_wrong_checksum(digits: bytes, shown: str) -> None:
    [error] = framer("line", checksum="sum8", checksum_as="hex").feed(b"A" + digits + b"\n")
    assert isinstance(error, FramingError)
    assert error.message.startswith(f"Expected checksum 41 (sum8), got {shown}: ")
    assert (error.offset, error.size, error.payload) == (0, 4, b"A")


def test_bytes_at_the_front_and_before_the_checksum_need_not_be_covered() -> None:
    """An NMEA 0183 sentence: all between $ and * is combined by exclusive or; * is added with what comes of it."""
    line = framer("line", **NMEA_SETTINGS)
    assert line.feed(NMEA) == [Frame(0, len(NMEA), NMEA[:-5])]
    assert line.encode(NMEA[:-5]) == line.restore(NMEA[:-5]) == NMEA
    [error] = line.feed(NMEA.replace(b"125926", b"125927"))
    assert isinstance(error, FramingError)
    assert error.message.startswith("Expected checksum 29 (xor8), got 28: ")


def test_a_message_too_short_for_its_checksum_is_an_error_and_is_not_sent() -> None:
    line = framer("line", **NMEA_SETTINGS)
    assert line.feed(b"$*0\r\n$*00\r\n") == [
        FramingError(0, 5, "Expected at least 4 bytes (1 not covered, the mark 2a (*), 2 of checksum), got 3."),
        Frame(5, 6, b"$"),
    ]
    with pytest.raises(InputError, match=r"too short for its checksum\. Expected at least 4 bytes .*, got 3\."):
        line.encode(b"")
    [error] = framer("line", checksum="crc32").feed(b"abc\n")
    assert isinstance(error, FramingError)
    assert error.message == "Expected at least 4 bytes (4 of checksum), got 3."


def test_a_length_that_stays_in_the_message_is_covered_as_the_peer_finds_it() -> None:
    """The whole frame is the message, header and length too: both count in the checksum, and the length counts it."""
    length = framer("length", width=1, offset=1, adjustment=-2, checksum="sum8")
    assert length.encode(b"Habc") == b"H\6abc" + bytes([(0x48 + 6 + 0x61 + 0x62 + 0x63) & 0xFF])
    [frame] = length.feed(length.encode(b"Habc"))
    assert frame == Frame(0, 6, b"H\6abc")
    assert length.restore(b"H\6abc") == length.encode(b"Habc")


def test_a_length_that_is_cut_off_is_not_covered_but_counts_the_checksum() -> None:
    length = framer("length", width=2, skip=2, checksum="sum8")
    assert length.encode(b"abc") == length.restore(b"abc") == b"\0\4abc\x26"
    assert length.feed(b"\0\4abc\x26") == [Frame(0, 6, b"abc")]
    with pytest.raises(InputError, match=r"too short for its checksum\. Expected at least 1 byte .*, got 0"):
        framer("length", width=1, skip=2, checksum="sum8").encode(b"")


def test_a_checksum_is_never_sent_as_a_part_of_the_header() -> None:
    length = framer("length", width=1, offset=3, checksum="crc16-arc")
    with pytest.raises(InputError, match="part of it would be taken for the frame's header"):
        length.encode(b"ab")
    [frame] = length.feed(length.encode(b"abc"))
    assert frame == Frame(0, 6, b"abc\2")


def test_what_the_framing_cannot_hold_with_its_checksum_is_refused_with_it() -> None:
    with pytest.raises(InputError, match=r"exactly 3 bytes; this one has 4\. This counts its checksum, a5\.$"):
        framer("fixed", size=3, checksum="sum8").encode(b"ab\xe2")
    with pytest.raises(InputError, match=r"cut at byte 2: .*\(LF\)\. This counts its checksum, 0a\.$"):
        framer("line", checksum="sum8").encode(b"\x05\x05")


def test_errors_of_the_framing_itself_stay_as_they_are() -> None:
    [error] = framer("line", max=3, checksum="sum8").feed(b"abcdef")
    assert isinstance(error, FramingError)
    assert "more bytes came without it" in error.message


def test_a_framer_to_which_time_matters_stays_one() -> None:
    idle = timed(framer("idle", ms=4, checksum="crc16-modbus", checksum_order="little"))
    assert idle is not None
    assert idle.at(0) == []
    assert idle.feed(MODBUS) == []
    assert (idle.due, idle.pending) == (4_000_000, 8)
    assert idle.at(4_000_000) == [Frame(0, 8, MODBUS[:6])]
    assert idle.due is None
    idle.feed(MODBUS[:3])
    [error] = idle.end()
    assert isinstance(error, FramingError)
    assert timed(framer("line", checksum="sum8")) is None


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({"kind": "line", "checksum": "crc17"}, "$.framing.checksum", "must be one of none, crc8"),
        ({"kind": "raw", "checksum": "crc8"}, "$.framing.checksum", "no setting called 'checksum'"),
        ({"kind": "delimiter", "hex": "3b", "keep": True, "checksum": "crc8"}, "$.framing.checksum", "(3b) stays in"),
        (
            {"kind": "fixed", "size": 3, "checksum": "crc32"},
            "$.framing.checksum",
            "at least 4 bytes, but here at most 3 bytes",
        ),
        (
            {"kind": "fixed", "size": 4, "checksum": "crc8", "checksum_from": 4},
            "$.framing.checksum_from",
            "at least 5 bytes, but here at most 4 bytes",
        ),
        (
            {"kind": "line", "max": 1, "checksum": "crc16-arc"},
            "$.framing.checksum",
            "at least 2 bytes, but here at most 1 byte.",
        ),
    ],
)
def test_settings_that_no_message_could_meet_are_refused(given: object, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check_choice(given)
    assert caught.value.path == path
    assert words in caught.value.message


def test_all_kinds_but_raw_have_the_settings_and_every_checksum() -> None:
    for kind in kinds():
        assert (kind.fields[-len(FIELDS) :] == FIELDS) is (kind.name != "raw")
    assert FIELDS[0].choices == ("none", *(checksum.name for checksum in CHECKSUMS))
    assert all(field.needs == "checksum" for field in FIELDS[1:])


@pytest.mark.parametrize("checksum", CHECKSUMS, ids=lambda checksum: checksum.name)
@given(payload=st.binary(max_size=20), order=st.sampled_from(["big", "little"]), form=st.sampled_from(["bytes", "hex"]))
@settings(max_examples=40)  # of each of very many
def test_every_checksum_is_found_right_again_and_no_changed_byte_goes_unseen(
    checksum, payload: bytes, order: str, form: str
) -> None:
    settings = {"width": 1, "skip": 1, "checksum": checksum.name, "checksum_order": order, "checksum_as": form}
    length = framer("length", **settings)
    wire = length.encode(payload)
    assert length.feed(wire) == [Frame(0, len(wire), payload)]
    if checksum.name != "fletcher16":  # to which a byte 00 is as good as ff
        changed = bytearray(wire)
        changed[-1 if form == "bytes" else 1] ^= 0x01
        [found] = framer("length", **settings).feed(bytes(changed))
        assert isinstance(found, FramingError)
        assert found.size == len(wire)


def test_where_messages_stand_in_their_frames() -> None:
    assert payload_place(Choice("line")) == payload_place(Choice("line", {"checksum": "crc8"})) == "front"
    assert payload_place(Choice("length")) == payload_place(Choice("length", {"checksum": "none"})) == "end"
    assert payload_place(Choice("length", {"checksum": "crc8"})) == ""
    with pytest.raises(InputError):
        payload_place(Choice("not yet known"))


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (
            Choice("fixed", {"size": 8, "checksum": "crc16-modbus", "checksum_order": "little"}),
            "[payload: 6][crc16-modbus: 2 LE]",
        ),
        (Choice("line", NMEA_SETTINGS), "[text][mark 2a][xor8: 2 hex digits][CR LF]"),
        (Choice("line", {"checksum": "crc32", "checksum_as": "hex"}), "[text][crc32: 8 hex digits BE][LF]"),
    ],
)
def test_the_picture_shows_it_where_the_message_ends(choice: Choice, text: str) -> None:
    kind = find_kind(choice.kind)
    parts = kind.picture(check(kind.fields, choice.settings))
    assert picture_text(parts) == text
    [drawn] = [part for part in parts if part.role == "checksum"]
    assert drawn.cut
    assert drawn.note.endswith("Checked and cut off.")


def test_the_picture_tells_what_is_not_covered() -> None:
    kind = find_kind("line")
    drawn = kind.picture(check(kind.fields, NMEA_SETTINGS))[2]
    assert drawn.note == (
        "Exclusive or of bytes (BCC, NMEA) of the message without 1 byte at its front. Checked and cut off."
    )


def test_a_sentence_without_its_mark_has_no_checksum() -> None:
    line = framer("line", **NMEA_SETTINGS)
    assert line.feed(b"$GPGLL,A70\r\n" + NMEA) == [
        FramingError(
            0,
            12,
            "Expected the mark 2a (*) before 2 bytes of checksum, got 41 (A): the message has no checksum, "
            "or a byte was changed on the way.",
            b"$GPGLL,",
        ),
        Frame(12, len(NMEA), NMEA[:-5]),
    ]
    [error] = framer("fixed", size=4, checksum="sum8", checksum_mark="0001").feed(b"a\0\2a")
    assert isinstance(error, FramingError)
    assert error.message.startswith("Expected the mark 00 01 before 1 byte of checksum, got 00 02: ")


def test_a_mark_that_is_sent_already_is_not_sent_twice() -> None:
    line = framer("line", **NMEA_SETTINGS)
    with pytest.raises(
        InputError, match=r"ends with the mark 2a \(\*\), which is added with its checksum: leave it out"
    ):
        line.encode(NMEA[:-4])
    [twice] = line.feed(b"$A**6B\r\n")
    assert twice == Frame(0, 8, b"$A*")
    assert line.restore(b"$A*") == b"$A**6B\r\n"  # what came is sent back as it came


def test_what_was_cut_off_can_be_covered_besides() -> None:
    """The line feed that ends the line counts in the sum."""
    line = framer("line", checksum="sum8", checksum_also="0a")
    assert line.encode(b"a") == b"ak\n"
    assert line.feed(b"ak\n") == [Frame(0, 3, b"a")]
    [error] = line.feed(b"aa\n")
    assert isinstance(error, FramingError)
    parts = find_kind("line").picture(check(find_kind("line").fields, {"checksum": "sum8", "checksum_also": "0a"}))
    assert parts[1].note == "Sum of bytes, 8 bits of the message and of 0a. Checked and cut off."


def test_measuring_checks_as_feeding_does() -> None:
    """The law tries this with all settings; here are all outcomes for sure."""
    data = NMEA + b"$\r\n" + NMEA.lower() + NMEA.replace(b"*", b"+") + NMEA * 2
    told, measurer = framer("line", **NMEA_SETTINGS), measuring(framer("line", **NMEA_SETTINGS))
    assert measurer is not None
    assert measurer.measure(data) == runs_of(told.feed(data))
    assert measuring(framer("idle", checksum="sum8")) is None
