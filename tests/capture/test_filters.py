"""Filters: each word against a plain loop over the calls; mistakes point at their place."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import contains
from explorer.capture.block_index import BYTES_A_RECORD, BlockIndex
from explorer.capture.catalog import Catalog
from explorer.capture.filtered_messages import FilteredMessages
from explorer.capture.filters import WORDS, parse, parse_filter
from explorer.capture.messages import open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import CallFlag, CallKind
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.placed_error import PlacedError
from tests.capture.making import accepted, catalog_of, small_writer, socket_record, traffic


@pytest.fixture
def writer(tmp_path):
    """0-3: two sockets and their connections; 4-9: traffic and a failure; 10: a connect that goes on."""
    made = small_writer(tmp_path / "capture")
    socket_record(made, 1, "Echo")
    socket_record(made, 2, "my server")
    accepted(made, 1, "127.0.0.1:51514", socket=1)
    accepted(made, 2, "127.0.0.1:40000", "127.0.0.1:9001", socket=2)
    traffic(made, CallKind.recv, b"Hello world\r\n", 1, 1)
    traffic(made, CallKind.send, b"hello", 1, 1)
    traffic(made, CallKind.recv, b"x" * 200, 2, 2)
    made.add(CallKind.recv, 2, 2, asked=10, errno=104)
    traffic(made, CallKind.sendto, "grüße".encode(), 2, 2)
    made.add_detail(CallKind.note, 1, 0, {"text": "Hello from the engine"})
    made.add_detail(CallKind.connect, 2, 0, {"address": "127.0.0.1:1"}, errno=115, flags=CallFlag.PENDING)
    yield made
    made.close()


def rows(writer, text: str) -> list[int]:
    reader = Reader.of(writer)
    index = BlockIndex(reader, parse(text, catalog_of(reader)))
    index.advance()
    return index.numbers(0, 100)


ALL = list(range(11))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ALL),
        ("   ", ALL),
        ("call:recv", [4, 6, 7]),
        ("CALL:Recv,sendto", [4, 6, 7, 8]),
        ("-call:recv,send,sendto,note,connect", [0, 1, 2, 3]),
        ("dir:in", [4, 6, 7]),
        ("dir:out", [5, 8]),
        ("size>100", [6]),
        ("size>=200", [6]),
        ("size<8", [5, 7, 8]),
        ("size<=5", [5, 7]),
        ("size=0", [7]),
        ("size:5", [5]),
        ("conn:51514", [2, 4, 5]),
        ("conn::51514", [2, 4, 5]),
        ("conn:9001", [3, 6, 7, 8]),
        ("conn:#2", [3, 6, 7, 8]),
        ("conn:9", []),
        ("socket:echo", [0, 2, 4, 5, 9]),
        ('socket:"My Server"', [1, 3, 6, 7, 8, 10]),
        ("error", [7]),
        ("-error dir:in", [4, 6]),
        ("not not error", [7]),
        ("not dir:in not dir:out -call:note", [0, 1, 2, 3, 10]),
        ("hello", [4, 5, 9]),
        ("text:HELLO", [4, 5, 9]),
        ('"hello w"', [4]),
        ('-"hello w" hello dir:out', [5]),
        ("Grüße", [8]),
        ("127.0.0.1:51514", [2]),
        ("hex:0d0a", [4]),
        ("hex:48", [4]),
        ('hex:"68 65"', [5]),
        ("text:error", []),
        ('"error"', []),
        ("text:not", []),
        ("hello size>5 conn:51514", [4]),
        ("size>1000 hello", []),
    ],
)
def test_words(writer, text, expected):
    assert rows(writer, text) == expected


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("call:recf", 5, r"There is no call 'recf' \(known: socket"),
        ("error dir:up", 10, "write dir:in or dir:out"),
        ("size>big", 5, "'big' is no size"),
        ("size>-1", 5, "no size"),
        ("conn:abc", 5, "no connection"),
        ("hex:0d0", 4, "digits|pair"),
        ("hex:zz", 4, "z"),
        ("colour:red", 0, "There is no colour: here"),
        ("dir=in", 3, "After dir comes a colon, e.g. dir:in"),
        ('a "b c', 2, "not closed"),
        ("call:", 5, "a value is missing"),
        ("a -", 2, "a word is missing"),
        ('""', 0, "a word is missing"),
        ("a not", 2, "After not, write"),
    ],
)
def test_mistakes_point_at_their_place(writer, text, position, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        rows(writer, text)
    assert isinstance(caught.value, PlacedError)
    assert caught.value.position == position
    assert f"Character {position + 1}: " in str(caught.value)
    assert str(caught.value).count("Character") == 1


def test_an_index_that_is_ahead_of_the_catalog(writer):
    reader = Reader.of(writer)
    for text, expected in (("conn:51514", [2, 4, 5]), ("socket:echo", [0, 2, 4, 5, 9])):
        catalog = Catalog(reader)
        index = BlockIndex(reader, parse(text, catalog))
        while index.advance(3):
            pass
        assert index.numbers(0, 100) == expected
        assert catalog.done == reader.count


def test_words_to_complete():
    assert {"call:", "size>", "error", "hex:"} < set(WORDS)


@given(text=st.text(st.sampled_from('abc:-<>="# \tnotsize'), max_size=20))
@settings(max_examples=80, deadline=None)
def test_any_text_is_a_filter_or_a_sentence(text):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        traffic(writer, CallKind.recv, b"abc")
        with contextlib.suppress(PlacedError):
            rows(writer, text)
        writer.close()


@given(
    parts=st.lists(st.tuples(st.booleans(), st.binary(max_size=5).map(lambda b: bytes(b"abB"[x % 3] for x in b)))),
    pattern=st.text("ab", min_size=1, max_size=3),
    batch=st.sampled_from([1, 8, 1 << 20]),
    small=st.sampled_from([0, 3, 256]),
)
@settings(max_examples=80, deadline=None)
def test_text_is_found_within_calls_only(parts, pattern, batch, small):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(contains, "_BATCH", batch)
        patch.setattr(contains, "_SMALL", small)
        writer = small_writer(Path(name) / "capture")
        for skip, data in parts:
            if skip:  # a hole between the calls' bytes, as a new segment makes
                assert writer._next_bytes()
            traffic(writer, CallKind.recv, data)
        wanted = [number for number, (_, data) in enumerate(parts) if pattern.encode() in data.lower()]
        assert rows(writer, pattern) == wanted
        exact = [number for number, (_, data) in enumerate(parts) if pattern.encode() in data]
        assert rows(writer, f"hex:{pattern.encode().hex()}") == exact
        writer.close()


@pytest.mark.parametrize("size", [9, 300])
def test_bytes_of_every_value_are_kept_apart(tmp_path, size):
    writer = small_writer(tmp_path / "capture")
    for data in (b"\r\n\x85\xff", b"\n\x85", b"\r\r\n", b"\xe2\x80\xa8"):
        traffic(writer, CallKind.recv, data.ljust(size, b"."))
    assert rows(writer, "hex:0d0a") == [0, 2]
    assert rows(writer, "hex:ff") == [0]
    assert rows(writer, "hex:0a85") == [0, 1]
    assert rows(writer, "hex:e280a8") == [3]
    writer.close()


def test_text_in_the_encoding_of_a_socket(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for encoding in ("latin-1", "ascii", "no-such"):
        writer.add_detail(CallKind.socket, 1, 0, {"name": "old", "encoding": encoding})
    traffic(writer, CallKind.recv, "Grüße".encode("latin-1"))
    writer.add_detail(CallKind.socket, 1, 0, {"name": "old", "encoding": "latin-1"})
    traffic(writer, CallKind.recv, "grüße".encode())
    assert rows(writer, "grüße") == [3, 5]
    writer.close()


def test_messages_are_filtered_by_the_same_words(writer):
    reader = Reader.of(writer)
    catalog = catalog_of(reader)
    messages = open_messages(reader, catalog, Scope(), Choice("line", {"ending": "crlf", "max": 100}))
    messages.advance()
    assert messages.rows == 3  # a line, one that is too long, and a datagram without an ending

    def shown(text: str) -> list[int]:
        found = FilteredMessages(messages, parse_filter(text, catalog))
        while found.advance(1):
            pass
        return [found.number(row) for row in range(found.rows)]

    assert shown("") == [0, 1, 2]
    assert parse_filter("", catalog).is_empty
    assert shown("HELLO") == [0]
    assert shown("hex:48656c") == [0]
    assert shown("hex:68656c") == []
    assert shown("error") == [1, 2]
    assert shown("error call:recv") == [1]
    assert shown("-error") == [0]
    assert shown("size=11") == [0]
    assert shown("size<11 dir:in") == [1]
    assert shown("dir:in call:recv conn:51514 socket:echo") == [0]
    assert shown("dir:out") == [2]
    with pytest.raises(IndexError):
        FilteredMessages(messages, parse_filter("", catalog)).number(0)


def test_a_step_over_large_calls_is_short(tmp_path):
    """However many records it is asked to look at: bytes take time too."""
    writer = small_writer(tmp_path / "capture")
    size = 64 << 10
    for _ in range(20):
        traffic(writer, CallKind.recv, b"." * size)
    reader = Reader.of(writer)
    index = BlockIndex(reader, parse("zzz", catalog_of(reader)))
    assert index.advance(1)
    assert index.done == 1  # a call is never cut
    assert index.advance(3 * size // BYTES_A_RECORD)
    assert index.done == 4
    assert index.advance(1000)
    assert index.done == 5
    assert not index.advance()
    assert index.done == 20
    writer.close()


def test_a_step_over_large_messages_is_short(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for _ in range(20):
        traffic(writer, CallKind.recv, b"." * (64 << 10))
    reader = Reader.of(writer)
    catalog = catalog_of(reader)
    messages = open_messages(reader, catalog, Scope(), Choice("raw"))
    messages.advance()
    found = FilteredMessages(messages, parse_filter("zzz", catalog))
    assert found.advance(8)
    assert found.done == 2
    assert not found.advance()
    assert found.done == 20
    writer.close()
