"""Templates: what fields are filled with, in which order, and what is refused where."""

from __future__ import annotations

import random
import re
import time
import zlib
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.filling import Filling
from explorer.wire.checksums import CHECKSUMS, find_checksum
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_limits import MOST_BYTES, MOST_FIELDS
from explorer.wire.template_reading import FIELD_HELP, FORMS, MOST_RANDOM
from explorer.wire.templates import HELP, parse_template, plain, without_fields
from explorer.wire.typed_message import parse_typed, read_message
from tests.fakes.untraced import untraced

NOW = 1_700_000_000_123_456_789
FILLING = Filling(counter=3, now_ns=NOW, seed=5)


def text(typed: str, filling: Filling = FILLING, encoding: str = "utf-8") -> bytes:
    return read_message("text", typed, encoding, fields=True).fill(filling)


def hexed(typed: str, filling: Filling = FILLING) -> str:
    return read_message("hex", typed, "utf-8", fields=True).fill(filling).hex(" ")


def counted(typed: str, counters: range) -> list[bytes]:
    message = read_message("text", typed, "utf-8", fields=True)
    return [message.fill(Filling(counter, NOW, 0)) for counter in counters]


# -- what fields are filled with --------------------------------------------------------------------


def test_counters() -> None:
    assert counted("{{counter}}", range(8, 12)) == [b"8", b"9", b"10", b"11"]
    assert counted("{{counter:decimal start=1 step=2 width=3}}", range(3)) == [b"001", b"003", b"005"]
    assert counted("{{counter:decimal start=1 step=-1}}", range(3)) == [b"1", b"0", b"-1"]
    assert counted("{{counter:hex start=0xfe width=2}}", range(3)) == [b"fe", b"ff", b"00"]
    assert counted("{{counter:HEX start=254}}", range(3)) == [b"FE", b"FF", b"100"]
    assert hexed("{{counter:u8}} {{counter:u16be}} {{counter:u24le}} {{counter:u64le}}") == (
        "03 00 03 03 00 00 03 00 00 00 00 00 00 00"
    )
    assert hexed("{{counter:u16be start=-1 step=0}}") == "ff ff"


def test_times() -> None:
    assert hexed("{{time:u32be}}") == (NOW // 10**9).to_bytes(4, "big").hex(" ")
    assert hexed("{{time:ms-u64le}}") == (NOW // 10**6).to_bytes(8, "little").hex(" ")
    assert text("{{time}} {{time:us-decimal}} {{time:ns-hex}}") == b"1700000000 1700000000123456 %x" % NOW
    assert text("{{time:iso}}") == b"2023-11-14T22:13:20.123Z"
    with pytest.raises(PlacedError, match=r"Character 5: The time is 1,700,000,000,123 now.*u32be.*wider"):
        text("ab{{time:ms-u32be}}")


def test_chance_follows_from_the_seed() -> None:
    assert text("{{random:4}}{{random:2}}") == random.Random(5).randbytes(4) + text("{{random:4}}{{random:2}}")[4:]
    assert text("{{random:8}}") == text("{{random:8}}") != text("{{random:8}}", Filling(3, NOW, 6))
    assert text("{{random:4}}{{random:4}}")[:4] != text("{{random:4}}{{random:4}}")[4:]


def test_lengths() -> None:
    assert text("{{length}}:hello{{sum8}}") == b"7:hello" + bytes([sum(b"7:hello") & 0xFF])
    assert text("{{length of=body}}:hello{{sum8}}{{crc32}}")[:2] == b"6:"
    assert text("{{length of=all width=4}}:hello") == b"0010:hello"
    assert text("{{length add=-1}}:hello") == b"5:hello"
    assert hexed("{{length:u16be add=2}} 01 02 03") == "00 05 01 02 03"
    assert hexed("{{length:u8 of=all}} {{length:u8}} {{length:u8}}") == "03 01 00"
    assert text("{{length}}{{length}}" + 9 * "x") == b"109" + 9 * b"x"  # the second has one digit, as the first counts
    # of=body leaves out only checksums that nothing follows
    assert text("{{length of=body}}{{sum8}}.{{sum8}}{{sum8}}")[:1] == b"2"


def test_a_length_of_the_whole_counts_the_digits_of_the_others() -> None:
    assert hexed("{{length:u8 of=all}} {{length:decimal}} 61 62 63") == "05 33 61 62 63"
    assert text("{{length}}{{length:u8 of=all}}" + "x" * 9) == b"10" + bytes([12]) + b"x" * 9
    assert text("{{length:u8 of=all}}{{length of=body}}{{length}}" + "x" * 99 + "{{sum8}}")[:7] == b"\x6b102100"


COUNTED = st.tuples(st.sampled_from(["rest", "body", "all"]), st.sampled_from(["", " width=3", " width=5"])).map(
    lambda choice: f"{{{{length of={choice[0]}{choice[1] or ' width=4' * (choice[0] == 'all')}}}}}"
)


@given(st.lists(COUNTED | st.text("abc", min_size=1, max_size=12), max_size=12), st.integers(0, 3))
def test_every_length_is_what_it_says(tokens: list[str], sums: int) -> None:
    message = text(".".join(tokens) + "." + "{{crc32}}" * sums)
    begin = 0
    for token in tokens:
        end = message.index(b".", begin)
        if token.startswith("{"):
            rest = len(message) - end
            of = token.split("=")[1].split("}")[0].split()[0]
            assert int(message[begin:end]) == {"rest": rest, "body": rest - 4 * sums, "all": len(message)}[of]
        begin = end + 1


def test_a_length_without_room() -> None:
    with pytest.raises(PlacedError, match=r"Character 3: The length is 256, which has no room in u8"):
        hexed("{{length:u8}}" + "00" * 256)
    with pytest.raises(PlacedError, match="no room in 1 digits"):
        text("{{length width=1}}" + "x" * 10)
    with pytest.raises(PlacedError, match=r"The length would be -1: there are 3 bytes, and add=-4"):
        text("{{length add=-4}}abc")


def test_checksums() -> None:
    assert hexed("01 03 00 00 00 0a {{crc16-modbus:le}}") == "01 03 00 00 00 0a c5 cd"
    assert text("$GPGLL,5300.97914,N,00259.98174,E,125926,A*{{xor8:HEX from=1 to=-3}}") == (
        b"$GPGLL,5300.97914,N,00259.98174,E,125926,A*28"
    )
    assert text("a\x01{{sum8:decimal}}") == b"a\x01098"
    assert hexed("31 32 33 34 35 36 37 38 39 {{crc32}}")[-11:] == "cb f4 39 26"
    assert hexed("31 32 33 34 35 36 37 38 39 {{crc32:hex}}")[-23:] == b"cbf43926".hex(" ")
    assert hexed("{{crc32 from=after}} 31 32 33 34 35 36 37 38 39")[:11] == "cb f4 39 26"
    assert hexed("00 31 32 33 34 35 36 37 38 39 00 00 {{crc32 from=1 to=10}}")[-11:] == "cb f4 39 26"


def test_checksums_are_filled_from_left_to_right_and_find_zeros_ahead() -> None:
    first = sum(b"ab") & 0xFF
    assert text("ab{{sum8}}{{sum8}}") == bytes([*b"ab", first, (sum(b"ab") + first) & 0xFF])
    # The header checksum of IPv4: over the whole header, its own field being zero.
    header = hexed("45 00 00 73 00 00 40 00 40 11 {{inet16 to=end}} c0 a8 00 01 c0 a8 00 c7")
    assert header[30:35] == "b8 61"
    whole = read_message("hex", "{{crc32 to=end}} 61 {{crc32 to=end}}", "utf-8", fields=True).fill(FILLING)
    front = zlib.crc32(b"\0\0\0\0a\0\0\0\0").to_bytes(4, "big")
    assert whole == front + b"a" + zlib.crc32(front + b"a\0\0\0\0").to_bytes(4, "big")


def test_a_checksum_of_nothing_there() -> None:
    with pytest.raises(PlacedError, match=r"Character 5: from=7 lies outside the message, which has 3 bytes"):
        text("ab{{sum8 from=7}}")
    with pytest.raises(PlacedError, match=r"to=-4 lies outside"):
        text("ab{{sum8 to=-4}}")
    with pytest.raises(PlacedError, match=r"begin at byte 2 and end before byte 1"):
        text("ab{{sum8 from=2 to=1}}")


def test_lengths_come_before_checksums() -> None:
    message = text("{{length:u8}}abc{{crc16-xmodem}}")
    crc = find_checksum("crc16-xmodem")
    assert crc is not None
    assert message == b"\x05abc" + crc.of(b"\x05abc").to_bytes(2, "big")


def test_what_is_put_behind_is_no_part_of_the_message() -> None:
    message = read_message("text", "{{length}}{{sum8 to=end}}", "utf-8", fields=True).ended(b"\r\n")
    assert message.fill(FILLING) == b"1" + bytes([ord("1")]) + b"\r\n"
    assert message.size(FILLING) == 4
    assert plain(b"ab").ended(b"\n").ended(b"!").fill(FILLING) == b"ab\n!"


def test_digits_are_written_in_the_texts_encoding() -> None:
    assert text("n={{counter}} {{time:iso}}", encoding="utf-16-le") == "n=3 2023-11-14T22:13:20.123Z".encode(
        "utf-16-le"
    )
    assert text("{{length width=2}}ä{{sum8:hex}}", encoding="cp037")[:2] == "01".encode("cp037")[:0] + "03".encode(
        "cp037"
    )
    assert hexed("{{counter:decimal}}") == "33"  # hex has no encoding: ASCII
    with pytest.raises(PlacedError, match=r"Character 2: Fields cannot stand in utf-16 text.*utf-16-le"):
        text("a{{counter}}", encoding="utf-16")


# -- the language -----------------------------------------------------------------------------------


def test_braces() -> None:
    assert text('{"id":{{{counter}}}') == b'{"id":{3}'
    assert text('{"a":{"id":{{counter}}}}') == b'{"a":{"id":3}}'
    assert text("{{}}x}} {{}}{{}}") == b"{{x}} {{{{"
    assert text("{ {counter} }") == b"{ {counter} }"
    assert hexed("{0x48, 0x65} {{ counter:u8  start=1 }}") == "48 65 04"
    assert hexed("{{}}") == "7b 7b"


def test_fields_are_off_unless_asked_for() -> None:
    assert read_message("text", "{{counter}}", "utf-8") == plain(b"{{counter}}")
    assert not read_message("text", "{{counter}}", "utf-8").has_fields
    assert read_message("python", 'b"{{counter}}"', "utf-8", fields=True).fill(FILLING) == b"{{counter}}"
    assert read_message("python", "", "utf-8", fields=True).fill(FILLING) == b""
    assert not read_message("text", "plain {{}}", "utf-8", fields=True).has_fields
    assert read_message("text", "{{counter}}", "utf-8", fields=True).has_fields


@pytest.mark.parametrize(
    ("typed", "position", "sentence"),
    [
        ("ab{{count}}", 4, "There is no field called 'count'; did you mean counter?"),
        ("{{crc16}}", 2, "There is no field called 'crc16'"),
        ("{{{{counter", 2, "A field begins here, but }} is missing"),
        ("{{counter\n}}", 0, "A field begins here"),
        ("{{a{b}}", 0, "A field begins here"),
        ("{{ }}", 2, "The name of a field is missing"),
        ("{{:u8}}", 2, "There is no field called ''"),
        ("{{counter:}}", 10, "The form is missing behind counter:"),
        ("{{counter:u16}}", 10, "Say which byte order: be (big endian) or le"),
        ("{{counter:u16eb}}", 10, "'u16eb' is no form of a number; did you mean u16"),
        ("{{counter:u8 width=2}}", 13, "counter has no option width=; it has start=, step="),
        ("{{counter start}}", 10, "'start' is no option; an option is name=value"),
        ("{{counter start=}}", 10, "'start=' is no option"),
        ("{{counter start=x}}", 16, "start= needs a whole number; 'x' is none"),
        ("{{counter width=0}}", 16, "width= needs a whole number from 1 to 40; '0' is none"),
        ("{{counter start=1 start=2}}", 18, "start= stands here twice"),
        ("{{counter start=99999999999999999999}}", 16, "start= needs a whole number"),
        ("{{time:fortnight}}", 7, "'fortnight' is no form of a number"),
        ("{{time:min-u8}}", 7, "There is no unit of time called 'min' (known: s, ms, us, ns)"),
        ("{{time:ms-u9}}", 10, "'u9' is no form"),
        ("{{time:iso width=2}}", 11, "time has no option width=; it has none"),
        ("{{random}}", 8, "random needs the number of bytes, from 1 to 65,536, e.g. {{random:4}}"),
        ("{{random:0}}", 9, "random needs"),
        ("{{length of=none}}", 12, "of= is rest, body or all; 'none' is none of them"),
        ("{{length of=all}}", 2, "This length counts itself"),
        ("{{crc32:u32be}}", 8, "A checksum is written as one of be, le, decimal, hex, HEX; 'u32be' is none"),
        ("{{crc32 over=all}}", 8, "crc32 has no option over=; it has from=, to="),
        ("{{crc32 from=here}}", 13, "from= needs a whole number; 'here' is none"),
        ("{{counter}}\\q", 11, "\\q is not an escape"),
        ("a\\x4{{counter}}1", 1, "\\x needs two hex digits"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(typed: str, position: int, sentence: str) -> None:
    with pytest.raises(PlacedError) as caught:
        text(typed)
    assert sentence in caught.value.message
    assert caught.value.position == position
    assert caught.value.message.startswith(f"Character {position + 1}: ")


def test_the_help_names_every_field_and_its_examples_work() -> None:
    for entry in FIELD_HELP:
        assert read_message("text", entry.example, "utf-8", fields=True).has_fields
        assert entry.example in HELP
    for example in re.findall(r"\{\{\w[^{}]*\}\}", HELP):
        if "name" not in example:
            read_message("text", example, "utf-8", fields=True)
    assert all(checksum.name in HELP for checksum in CHECKSUMS)
    assert all(len(line) < 1200 for line in HELP.splitlines())


# -- how much a message may be ----------------------------------------------------------------------


def refused(typed: str, mode: Literal["text", "hex"] = "text") -> PlacedError:
    with pytest.raises(PlacedError) as caught:
        read_message(mode, typed, "utf-8", fields=True)
    return caught.value


def test_a_message_that_would_be_too_large_is_refused_where_it_gets_so() -> None:
    field = "{{random:65536}}"
    assert len(text(field * 16)) == MOST_BYTES
    error = refused(field * 2000)
    assert error.position == 16 * len(field) + 2
    assert "more than 1,048,576 bytes" in error.reason
    assert refused(field * 16 + "x").position == 15 * len(field) + 2
    assert refused("x" * MOST_BYTES + "{{counter:u8}}").position == MOST_BYTES + 2
    assert refused("x" * (MOST_BYTES + 1) + "{{counter}}").position == MOST_BYTES + 3
    assert len(text("x" * (MOST_BYTES + 1))) == MOST_BYTES + 1  # a message without fields is as long as it is
    assert len(text("{{}}" + "x" * MOST_BYTES)) == MOST_BYTES + 2


def test_too_many_fields_are_refused() -> None:
    assert len(text("{{counter:u8}}" * MOST_FIELDS)) == MOST_FIELDS
    error = refused("{{counter:u8}}" * (MOST_FIELDS + 1))
    assert error.position == MOST_FIELDS * len("{{counter:u8}}") + 2
    assert "4,096 fields" in error.reason


def test_too_much_to_sum_up_is_refused() -> None:
    most = "x" * (MOST_BYTES - 10) + "{{fletcher16:le}}" * 4
    assert len(text(most)) == MOST_BYTES - 2
    error = refused(most + "{{fletcher16:le}}")
    assert error.position == len(most) + 2
    assert "4,194,304 bytes in all" in error.reason
    # What is summed up counts, not what stands beside it.
    assert len(text("x" * (MOST_BYTES // 2) + "{{sum8 from=-9 to=-1}}" * 100)) == MOST_BYTES // 2 + 100
    assert len(text("{{sum8 from=0 to=8}}" * 100 + "x" * (MOST_BYTES // 2))) == MOST_BYTES // 2 + 100
    assert len(text("{{sum8 from=after to=2000}}" + "{{sum8 from=after to=900}}" * 50 + "x" * (MOST_BYTES // 2))) > 9
    assert refused("{{sum8 from=after}}" * 60 + "x" * (MOST_BYTES // 2)).position > 0


def test_filling_the_most_there_may_be_is_quick() -> None:
    messages = [
        read_message("text", typed, "utf-8", fields=True)
        for typed in (
            "{{random:65536}}" * 15 + "x" * 65_500 + "{{fletcher16}}" * 4,
            "{{time:iso}}" * MOST_FIELDS,
            "{{length}}" * MOST_FIELDS,
            "{{xor8}}" * 2800,
        )
    ]
    with untraced():
        for message in messages:
            started = time.thread_time()
            message.fill(FILLING)
            assert time.thread_time() - started < 0.25


def test_a_field_is_not_sought_far_behind_its_braces() -> None:
    error = refused("{{" + "x" * 1000 + "}}")
    assert error.position == 0
    assert "}} is missing" in error.reason


# -- laws -------------------------------------------------------------------------------------------

FILLINGS = st.builds(
    Filling,
    counter=st.integers(0, 1 << 40),
    now_ns=st.integers(0, (1 << 63) - 1),
    seed=st.integers(0, (1 << 64) - 1),
)
NUMBERS = st.sampled_from(FORMS)
FIELDS = st.one_of(
    st.builds("{{{{counter:{} start={} step={}}}}}".format, NUMBERS, st.integers(-300, 300), st.integers(-300, 300)),
    st.sampled_from(["{{time:u64be}}", "{{time:iso}}", "{{time:ns-decimal}}", "{{time:ms-hex}}", "{{}}"]),
    st.builds("{{{{random:{}}}}}".format, st.integers(1, 20)),
    st.builds("{{{{length:{} of={}}}}}".format, st.sampled_from(["decimal", "u16be", "u64le"]), st.just("rest")),
    st.sampled_from(["{{length:HEX width=4 of=all}}", "{{length:u24be of=body add=3}}"]),
    st.builds(
        "{{{{{}:{}{}}}}}".format,
        st.sampled_from([checksum.name for checksum in CHECKSUMS]),
        st.sampled_from(["be", "le", "hex", "HEX", "decimal"]),
        st.sampled_from(["", " from=after", " to=end", " from=0 to=0"]),
    ),
)
LITERALS = st.text(st.characters(exclude_characters="{}\\", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.one_of(FIELDS, LITERALS), max_size=8).map("".join), FILLINGS)
def test_the_size_is_known_before_and_the_same_filling_gives_the_same_bytes(typed: str, filling: Filling) -> None:
    message = read_message("text", typed, "utf-8", fields=True)
    filled = message.fill(filling)
    assert len(filled) == message.size(filling)
    assert message.fill(filling) == filled


@given(st.text(st.sampled_from("{}a1 \n"), max_size=20) | st.text(max_size=20))
def test_text_without_fields_goes_through_unchanged(typed: str) -> None:
    def literally(piece: str) -> bytes:
        return piece.encode("utf-8", "surrogatepass")

    message = parse_template(without_fields(typed), literally, "utf-8")
    assert message.fill(FILLING) == literally(typed)
    assert not message.has_fields
    if "{{" not in typed:
        assert without_fields(typed) == typed


@given(st.binary(max_size=50), FILLINGS)
def test_hex_without_fields_is_what_it_is(data: bytes, filling: Filling) -> None:
    assert read_message("hex", data.hex(" "), "utf-8", fields=True).fill(filling) == data
    assert parse_typed("hex", data.hex(), "utf-8") == plain(data).fill(filling)


@given(NUMBERS, st.integers(0, 1 << 70), st.integers(-(1 << 63), 1 << 63), st.integers(-(1 << 63), 1 << 63))
def test_a_counter_wraps_where_its_width_ends(form: str, counter: int, start: int, step: int) -> None:
    number = start + step * counter
    filled = text(f"{{{{counter:{form} start={start} step={step}}}}}", Filling(counter, NOW, 0))
    if form in ("decimal", "hex", "HEX"):
        assert int(filled, 10 if form == "decimal" else 16) == number
        assert int(text(f"{{{{counter:{form} start={start} step={step} width=5}}}}", Filling(counter, NOW, 0)),
                   10 if form == "decimal" else 16) == number % (10 if form == "decimal" else 16) ** 5  # fmt: skip
    else:
        assert int.from_bytes(filled, "little" if form.endswith("le") else "big") == number % (1 << 8 * len(filled))


@given(st.text(st.sampled_from("{}:= counterlengthcrc32u8bewidth=10-\n"), max_size=40))
def test_any_text_is_read_or_refused_with_a_place(typed: str) -> None:
    place = 0
    try:
        read_message("text", typed, "utf-8", fields=True).fill(FILLING)
    except PlacedError as error:
        place = error.position
    assert 0 <= place <= len(typed)


def test_the_most_random_bytes() -> None:
    assert len(text(f"{{{{random:{MOST_RANDOM}}}}}")) == MOST_RANDOM
    assert datetime.fromisoformat(text("{{time:iso}}").decode()) < datetime.now(UTC)
