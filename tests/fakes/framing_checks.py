"""What every framer is held to: the law of framing at every cut, bounded memory, and linear time."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterable

from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, Framer, picture_text
from explorer.wire.framing.registry import find_kind, make_framer
from tests.fakes.untraced import untraced

Fact = tuple[str, int, int | None, bytes]
Outcome = tuple[list[Fact], int]
"""What a stream brings, and how many bytes are pending at its end."""


def framer(kind: str, **settings: Value) -> Framer:
    return make_framer(Choice(kind, settings))


def picture(kind: str, **settings: Value) -> str:
    """The picture of a frame under these settings, in one line of text."""
    described = find_kind(kind)
    return picture_text(described.picture(check(described.fields, settings)))


def run(one: Framer, chunks: Iterable[bytes]) -> tuple[list[Found], int]:
    """What the chunks bring, and how many bytes are pending after them."""
    found: list[Found] = []
    for chunk in chunks:
        found += one.feed(chunk)
    assert one.end() == []
    return found, one.pending


def facts(found: Iterable[Found]) -> list[Fact]:
    """Frames and errors without their sentences."""
    return [
        ("frame", item.offset, item.size, item.payload)
        if isinstance(item, Frame)
        else ("error", item.offset, item.size, b"")
        for item in found
    ]


def payloads(found: Iterable[Found]) -> list[bytes | None]:
    """Payloads; None for an error."""
    return [item.payload if isinstance(item, Frame) else None for item in found]


def sentences(found: Iterable[Found]) -> list[str]:
    return [item.message for item in found if not isinstance(item, Frame)]


def check_law(choice: Choice, data: bytes, expected: Outcome) -> None:
    """Whole, cut in two at every place, and byte by byte, `data` brings what is expected, with the same sentences.

    And every frame that is found is found again where its own bytes are all that comes.
    """
    found, pending = run(make_framer(choice), [data])
    assert (facts(found), pending) == expected
    for at in range(len(data) + 1):
        assert run(make_framer(choice), [data[:at], data[at:]]) == (found, pending)
    assert run(make_framer(choice), [data[at : at + 1] for at in range(len(data))]) == (found, pending)
    for item in found:
        if isinstance(item, Frame):
            alone = run(make_framer(choice), [data[item.offset : item.offset + item.size]])
            assert alone == ([Frame(0, item.size, item.payload)], 0)


def check_two_cuts(choice: Choice, data: bytes) -> None:
    """Any two cuts bring the same, also of views of a buffer that is used again."""
    whole = run(make_framer(choice), [data])
    assert whole[0], "the example must bring something"
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            assert run(make_framer(choice), [data[:first], data[first:second], data[second:]]) == whole
    one, buffer = make_framer(choice), bytearray(data)
    found = one.feed(memoryview(buffer)[:7]) + one.feed(memoryview(buffer)[7:])
    buffer[:] = bytes(len(buffer))
    assert (found, one.pending) == whole


def growth(work: Callable[[], object]) -> int:
    """The most bytes of memory that `work` takes at one time."""
    with untraced():
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def feed_all(one: Framer, chunk: bytes, times: int) -> int:
    """How many things come of many equal chunks; none of them is kept."""
    return sum(len(one.feed(chunk)) for _ in range(times))


def check_linear(make: Callable[[], Framer], stream: Callable[[int], bytes], chunk: int = 1) -> None:
    """Eight times the bytes may take about eight times as long; were it quadratic, it would be 64 times."""

    def seconds(size: int) -> float:
        one, data = make(), stream(size)
        begin = time.process_time()
        for at in range(0, len(data), chunk):
            one.feed(data[at : at + chunk])
        return time.process_time() - begin

    with untraced():
        small = min(seconds(12_500 * chunk) for _ in range(3))
        assert seconds(100_000 * chunk) < 30 * small
