"""The law of framing for every kind in the registry, under settings and presets of every sort.

What each kind finds is told in its own tests; here it is only held against itself: in other chunks, alone, sent again.
"""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import check, whole
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, FramingError, FramingKind, timed
from tests.fakes.any_framing import (
    KINDS,
    MS,
    Timed,
    can_be_made,
    cut_up,
    kind_of,
    make,
    measured,
    run,
    run_measured,
    some_choice,
    some_payload,
    some_stream,
    usual_choices,
)
from tests.fakes.untraced import untraced

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
USUAL = [choice for kind in KINDS for choice in usual_choices(kind)]
every_usual = pytest.mark.parametrize("choice", USUAL, ids=lambda choice: f"{choice.kind}-{dict(choice.settings)}")
chances = st.integers(0, 1 << 32).map(random.Random)
examples = settings(max_examples=150, deadline=None)
PAYLOADS = [b"", b"a", b"abcd", b"a\r\nb\0c", b"\x02\x10\x03\xc0\xdb\xff" * 2, bytes(range(14)), b"z" * 20]


@every_kind
@given(chance=chances)
@examples
def test_any_chunks_of_any_stream_bring_the_same(kind: FramingKind, chance: random.Random) -> None:
    choice = some_choice(kind, chance)
    stream = some_stream(choice, chance)
    whole = run(make(choice), stream)
    assert run(make(choice), cut_up(stream, chance)) == whole, choice
    singly = [(time, data[at : at + 1]) for time, data in stream for at in range(len(data))]
    assert run(make(choice), singly) == whole, choice
    check_order(whole[0], sum(len(data) for _, data in stream))


@every_kind
@given(chance=chances)
@examples
def test_each_message_is_found_again_in_its_own_bytes(kind: FramingKind, chance: random.Random) -> None:
    choice = some_choice(kind, chance)
    stream = some_stream(choice, chance)
    data = b"".join(data for _, data in stream)
    for item in run(make(choice), stream)[0]:
        if isinstance(item, Frame) or item.payload is not None:
            assert item.size is not None
            alone = run(make(choice), [(0, data[item.offset : item.offset + item.size])])
            assert alone == ([moved(item)], alone[1], 0), choice


@every_kind
@given(chance=chances)
@examples
def test_what_is_sent_is_found_and_can_be_sent_back(kind: FramingKind, chance: random.Random) -> None:
    choice = some_choice(kind, chance)
    sender, now = make(choice), 0
    sent: list[bytes] = []
    stream: list[Timed] = []
    for _ in range(5):
        payload = some_payload(chance)
        try:
            wire = sender.encode(payload)
        except InputError:
            continue
        sent.append(as_found(choice, payload, wire))
        stream.append((now, wire))
        now += 1000 * MS  # a silence that ends every message
    if kind.name == "raw":  # where no message has an end
        stream, sent = [(0, b"".join(sent))], [found for found in [b"".join(sent)] if found]
        sent = [whole[at : at + 40] for whole in sent for at in range(0, len(whole), 40)]
        choice = Choice("raw", {"max": 40})
    found, _, pending = run(make(choice), cut_up(stream, chance))
    assert [item.payload if isinstance(item, Frame) else item for item in found] == sent, choice
    assert pending == 0
    for payload in sent:
        try:
            again = sender.restore(payload)
        except InputError:
            assert kind.name == "length", choice  # it may cut off what nobody knows any more
            continue
        [item] = run(make(choice), [(0, again)])[0]
        assert isinstance(item, Frame)
        assert item.payload == payload, choice


@every_kind
@given(chance=chances)
@settings(max_examples=60, deadline=None)
def test_sizes_alone_are_those_of_the_messages(kind: FramingKind, chance: random.Random) -> None:
    choice = some_choice(kind, chance)
    stream = [(0, data) for _, data in some_stream(choice, chance)]
    found = run(make(choice), stream)[0]
    assert run_measured(make(choice), cut_up(stream, chance), chance) == [measured(item) for item in found], choice


@every_usual
def test_every_cut_of_an_example_brings_the_same(choice: Choice) -> None:
    framer = make(choice)
    stream = b""
    for number, payload in enumerate(PAYLOADS):
        try:
            stream += framer.encode(payload) + b"\x00\xff,:1"[number : number + 1]
        except InputError:
            continue
    stream = stream or bytes(range(250))  # where every message has a size that none of these has
    whole = run(make(choice), [(0, stream)])
    assert whole[0], "the example must bring something"
    for at in range(len(stream) + 1):
        assert run(make(choice), [(0, stream[:at]), (0, stream[at:])]) == whole
    assert run(make(choice), [(0, stream[at : at + 1]) for at in range(len(stream))]) == whole


@every_kind
def test_any_two_cuts_of_an_example_bring_the_same(kind: FramingKind) -> None:
    choice = usual_choices(kind)[0]
    framer = make(choice)
    stream = b"\0\0"
    for payload in PAYLOADS[1:6]:
        try:
            stream += framer.encode(payload)
        except InputError:
            continue
    stream += b"\1,"
    whole = run(make(choice), [(0, stream)])
    for first in range(len(stream) + 1):
        for second in range(first, len(stream) + 1):
            chunks = [(0, stream[:first]), (0, stream[first:second]), (0, stream[second:])]
            assert run(make(choice), chunks) == whole


@every_kind
def test_silence_between_the_bytes_matters_only_to_a_framer_that_is_told_the_time(kind: FramingKind) -> None:
    choice = usual_choices(kind)[0]
    framer = make(choice)
    try:
        wire = framer.encode(b"abcd")
    except InputError:
        pytest.fail("four bytes can be sent under the usual settings of every kind")
    told = timed(framer)
    assert (told is not None) == (run(framer, [(0, wire[:2]), (MS << 20, wire[2:])]) != run(make(choice), [(0, wire)]))


@every_kind
def test_memory_is_bounded_by_the_longest_message(kind: FramingKind) -> None:
    """Many times the maximum of 1,000 bytes of whatever could be the inside of an endless message."""
    peaks = {}
    with untraced():
        for inside in (b"a", b"\0", b"\1", b"\2", b"0", b"9", b"\x0d", b"\x10", b"\x7f", b"\x80", b"\xdb", b"\xff"):
            for front in (b"", b"\2", b"\x10\2", b"9:", b"\x7f\xff\xff\xff") if inside in b"a9\x10\xff" else (b"",):
                framer = make(Choice(kind.name, {**usual_choices(kind)[0].settings, "max": 1000}))
                chunk = inside * 512
                tracemalloc.start()
                try:
                    framer.feed(front)
                    for _ in range(40):
                        framer.feed(chunk)
                        assert framer.pending <= 2200
                    held, peak = tracemalloc.get_traced_memory()
                finally:
                    tracemalloc.stop()
                assert held < 20_000  # bytes, of which the longest message may take 2,000
                peaks[front, inside] = peak
    assert max(peaks.values()) < 300_000, peaks  # what a chunk of 512 messages of no bytes takes


@every_kind
@given(chance=chances)
@settings(max_examples=60, deadline=None)
def test_the_picture_is_drawn_from_the_settings(kind: FramingKind, chance: random.Random) -> None:
    """Its parts have as many bytes as what stands around the message on the wire, where they have a size at all."""
    choice = some_choice(kind, chance)
    if "checksum" in choice.settings:  # bytes might need an escape, which digits never do
        mark = "6d" * len(bytes.fromhex(str(choice.settings.get("checksum_mark", ""))))
        choice = Choice(kind.name, {**choice.settings, "checksum_as": "hex", "checksum_mark": mark})
        assume(can_be_made(choice))
    parts = kind.picture(check(kind.fields, choice.settings))
    [payload] = [part for part in parts if part.role == "payload"]
    assert not payload.cut
    assert all(part.label and part.note.endswith(".") for part in parts)
    around = [part.size for part in parts if part is not payload]
    framer = make(choice)
    for size in range(24):
        try:
            wire = framer.encode(b"m" * size)
        except InputError:
            continue
        found = run(make(choice), [(0, wire)])[0]
        if kind.name != "raw" and None not in around:
            kept = sum(part.size or 0 for part in parts if not part.cut and part is not payload)
            [item] = found
            assert isinstance(item, Frame)
            in_message = len(item.payload) - kept
            assert len(wire) == sum(size or 0 for size in around) + in_message, (choice, parts)
            assert payload.size in (None, in_message)


@every_kind
def test_random_bytes_raise_nothing(kind: FramingKind) -> None:
    """The million of them is in the bench (tests/bench/framing.py)."""
    chance = random.Random(kind.name)
    for _ in range(200):
        framer = make(some_choice(kind, chance))
        for _ in range(20):
            framer.feed(chance.randbytes(chance.randrange(20)))
        framer.end()


def moved(item: Found) -> Found:
    """The same at the beginning of a stream."""
    if isinstance(item, Frame):
        return Frame(0, item.size, item.payload)
    return FramingError(0, item.size, item.message, item.payload)


def as_found(choice: Choice, payload: bytes, wire: bytes) -> bytes:
    """What the peer finds where `payload` was sent as `wire`."""
    kind = kind_of(choice)
    if kind.name == "length":  # the message is what the frame has after the bytes that are cut
        values = check(kind.fields, choice.settings)
        parts = [part.role for part in kind.picture(values)]
        behind = sum(part.size or 0 for part in kind.picture(values)[parts.index("payload") + 1 :])
        return wire[whole(values["skip"]) : len(wire) - behind]
    return wire if choice.settings.get("keep") else payload


def check_order(found: list[Found], size: int) -> None:
    """Frames and errors come in the order of the stream; none begins inside another, and no frame ends behind it."""
    end = 0
    for item in found:
        assert end <= item.offset < size, item
        end = item.offset + (item.size or 0)
        assert isinstance(item, FramingError) or end <= size
