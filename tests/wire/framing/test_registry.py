"""The registry: every kind by its name, every mistake with its place."""

from __future__ import annotations

import pytest

from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing import values
from explorer.wire.framing.api import DEFAULT_MAX
from explorer.wire.framing.registry import check_choice, find_kind, framer_maker, kinds, make_framer


def test_kinds_have_the_names_of_the_contract() -> None:
    names = "raw line delimiter fixed length varint netstring slip cobs stx_etx idle"
    assert [kind.name for kind in kinds()] == names.split()


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_every_kind_describes_itself(kind) -> None:
    assert kind.label
    assert kind.summary.endswith(".")
    assert all(field.label and field.help.endswith(".") for field in kind.fields)
    [limit] = [field for field in kind.fields if field.name == "max"]
    assert (limit.default, limit.minimum, limit.maximum) == (DEFAULT_MAX, 1, 1 << 30)
    assert find_kind(kind.name) is kind


def test_a_choice_keeps_what_was_given() -> None:
    given = {"kind": "line", "ending": "crlf"}
    choice = check_choice(given)
    assert choice == Choice("line", {"ending": "crlf"})
    assert choice.to_json() == given


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ("line", "$.framing", "must be an object"),
        (None, "$.framing", "must be an object"),
        ({}, "$.framing.kind", "kind is missing"),
        ({"kind": "lines"}, "$.framing.kind", "no framing called 'lines' (known: raw, line"),
        ({"kind": 5}, "$.framing.kind", "no framing called '5'"),
        ({"kind": "line", "end": "lf"}, "$.framing.end", "no setting called 'end'"),
        ({"kind": "line", "ending": "cr"}, "$.framing.ending", "one of lf, crlf, any"),
        ({"kind": "line", "max": 0}, "$.framing.max", "from 1 to 1,073,741,824 bytes"),
        ({"kind": "raw", "max": True}, "$.framing.max", "whole number"),
        ({"kind": "delimiter"}, "$.framing.hex", "Delimiter is missing"),
        ({"kind": "delimiter", "hex": ""}, "$.framing.hex", "from 1 to 256 bytes"),
        ({"kind": "delimiter", "hex": "0d0"}, "$.framing.hex", "pairs"),
        ({"kind": "fixed"}, "$.framing.size", "Message size is missing"),
        ({"kind": "fixed", "size": 10, "max": 9}, "$.framing.size", "longer than max allows (9 bytes)"),
        ({"kind": "length", "width": 9}, "$.framing.width", "from 1 to 8"),
        ({"kind": "length", "width": 4, "offset": 5, "max": 8}, "$.framing.offset", "No frame could be legal: 9 bytes"),
        ({"kind": "length", "skip": 9, "max": 8}, "$.framing.skip", "No frame could be legal: 9 bytes"),
        ({"kind": "slip", "strict": 1}, "$.framing.strict", "Strict must be true or false"),
        ({"kind": "stx_etx", "start": "0202"}, "$.framing.start", "Start byte must be exactly 1 byte; 2 is not."),
        ({"kind": "stx_etx", "end": "02"}, "$.framing.end", "must differ; 02 stands for two"),
        ({"kind": "stx_etx", "escape": "03"}, "$.framing.escape", "must differ; 03 stands for two"),
    ],
)
def test_mistakes_are_named_with_their_place(given: object, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check_choice(given)
    assert caught.value.path == path
    assert words in caught.value.message


def test_the_path_is_the_callers() -> None:
    with pytest.raises(InputError) as caught:
        make_framer(Choice("fixed", {"size": 3, "max": 2}), "$.sockets[1].framing")
    assert caught.value.path == "$.sockets[1].framing.size"


def test_framers_of_one_choice_are_made_quickly_and_have_nothing_in_common() -> None:
    made = framer_maker(Choice("fixed", {"size": 3}))
    one, other = made(), made()
    assert one.feed(b"ab") == []
    assert (one.pending, other.pending) == (2, 0)
    assert [frame.size for frame in one.feed(b"cdef")] == [3, 3]
    with pytest.raises(InputError) as caught:
        framer_maker(Choice("fixed", {"size": 3, "max": 2}), "$.framing")
    assert caught.value.path == "$.framing.size"


def test_unchecked_values_are_a_bug() -> None:
    with pytest.raises(TypeError):
        values.integer({"max": "1"}, "max")
    with pytest.raises(TypeError):
        values.text({"hex": 1}, "hex")
    with pytest.raises(TypeError):
        values.flag({"keep": 1}, "keep")
