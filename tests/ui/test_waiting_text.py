"""What an unfinished message waits for: the bytes that are lacking, counted as the framing itself counts them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.fields import Value, whole
from explorer.core.socket_spec import Choice
from explorer.ui.waiting_text import HEAD, pending_text, waits_for
from explorer.wire.framing.registry import kinds, make_framer

SIZED = (
    Choice("fixed", {"size": 20}),
    Choice("length", {"width": 2}),
    Choice("length", {"width": 4, "order": "little", "skip": 4}),
    Choice("length", {"width": 1, "adjustment": -1}),
    Choice("varint"),
    Choice("netstring"),
)


def length_in(framing: Choice, frame: bytes) -> int:
    """What the frame says of its length."""
    if framing.kind == "netstring":
        return int(frame.partition(b":")[0])
    if framing.kind == "varint":
        return len(frame) - 1 if frame[0] < 0x80 else len(frame) - 2
    width, order = whole(framing.settings["width"]), "little" if "order" in framing.settings else "big"
    return int.from_bytes(frame[:width], order)  # type: ignore[arg-type]


def lacking(framing: Choice, frame: bytes, there: int) -> int | None:
    """What the sentence says is lacking; None if it does not tell a number."""
    said = waits_for(framing, there, frame[: min(there, HEAD)], 70)
    assert said.startswith("waits for ")
    found = re.fullmatch(r"waits for ([\d,]+) more bytes? of ([\d,]+)(?:: the length at byte 70 says ([\d,]+))?", said)
    if found is None:
        return None
    assert (found[3] is None) == (framing.kind == "fixed")
    if found[3] is not None:
        assert int(found[3].replace(",", "")) == length_in(framing, frame)
    assert int(found[2].replace(",", "")) == len(frame)
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("framing", SIZED, ids=lambda framing: framing.kind)
@given(size=st.integers(1, 400), data=st.data())
def test_what_is_lacking_is_what_the_frame_has_more(framing: Choice, size: int, data: st.DataObject) -> None:
    payload = bytes(20 if framing.kind == "fixed" else min(size, 250))
    frame = make_framer(framing).encode(payload)
    there = data.draw(st.integers(1, len(frame) - 1))
    framer = make_framer(framing)
    assert framer.feed(frame[:there]) == []
    assert framer.pending == there
    left = lacking(framing, frame, there)
    header = {"fixed": 0, "varint": 2, "netstring": 4}.get(framing.kind, 4)
    if there >= header:
        assert left == len(frame) - there
    else:
        assert left in (None, len(frame) - there)


@pytest.mark.parametrize(
    ("kind", "settings", "head", "said"),
    [
        ("line", {}, b"abc", "waits for the line feed"),
        ("line", {"ending": "any"}, b"abc", "waits for the line feed"),
        ("line", {"ending": "crlf"}, b"abc\r", "waits for the carriage return and line feed"),
        ("delimiter", {"hex": "7c7c"}, b"abc", "waits for its end: 7c 7c"),
        ("length", {"width": 4}, b"\0\0", "waits for 2 more bytes of its header"),
        ("length", {"width": 4, "offset": 100}, bytes(104), "waits for as many bytes as its length says"),
        ("length", {"width": 2}, b"\0\5ab", "waits for 3 more bytes of 7: the length at byte 1,000 says 5"),
        (
            "length",
            {"width": 1, "offset": 2},
            b"ab\x09c",
            "waits for 8 more bytes of 12: the length at byte 1,002 says 9",
        ),
        (
            "length",
            {"width": 2},
            b"\xc0ab",
            "waits for 49,248 more bytes of 49,251: the length at byte 1,000 says 49,249",
        ),
        ("fixed", {"size": 5}, b"abc", "waits for 2 more bytes of 5"),
        ("varint", {}, b"\xff", "waits for the rest of its length"),
        ("netstring", {}, b"12", "waits for the rest of its length"),
        ("idle", {"ms": 1500}, b"abc", "waits for 1,500 ms of silence"),
        ("unknown", {}, b"abc", "waits for more bytes"),
        ("line", {"ending": "none"}, b"abc", "waits for more bytes"),
    ],
)
def test_sentences(kind: str, settings: dict[str, Value], head: bytes, said: str) -> None:
    assert waits_for(Choice(kind, settings), len(head), head[:HEAD], 1000) == said


def test_pending_bytes_stand_before_what_they_wait_for() -> None:
    assert pending_text(Choice("line"), 2, b"ab", 0) == "pending: 2 bytes: 61 62 · waits for the line feed"
    said = pending_text(Choice("line"), 15, b"x" * 15, 0)
    assert said == f"pending: 15 bytes: {'78 ' * 12}… · waits for the line feed"


GIVEN: dict[str, Value] = {"int": 16, "hex": "7c", "text": "x"}


def test_every_kind_says_something() -> None:
    for kind in kinds():
        needed = {field.name: GIVEN[field.type] for field in kind.fields if field.default is None}
        said = waits_for(Choice(kind.name, needed), 1, b"\x01")
        assert len(said) > len("waits for ")
        assert "end: end" not in said
