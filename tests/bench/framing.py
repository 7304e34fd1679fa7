"""Framings: how fast messages of 64 bytes are found, what a declared size costs, and a million random inputs a kind.

"Messages" is what the Messages tab does: the captured calls are framed and each message gets its row. "Framer alone"
is the bare framer, which makes an object of each message; "measuring" tells only where they stand.
"""

from __future__ import annotations

import itertools
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from explorer.capture.catalog import Catalog
from explorer.capture.messages import open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Framer, timed
from explorer.wire.framing.registry import make_framer
from explorer.wire.framing.runs import measuring
from tests.bench.row import Row
from tests.fakes.any_framing import KINDS, MS, some_choice

MESSAGE = 64  # bytes on the wire, in the kinds that let one choose
TOTAL = 64 << 20
STEP = 4096  # records that the window looks at in one go
CHUNK = 1 << 16
TARGET = 50.0  # MB/s
HELD = {"line", "length"}  # kinds with a target
BY_CALL = {"raw", "idle"}  # whose messages depend on where calls end, or when they were
LONGEST_FUZZ = 60.0  # seconds, for all kinds
INPUTS = 1_000_000
INPUTS_A_FRAMER = 500

USUAL: dict[str, dict[str, Value]] = {
    "delimiter": {"hex": "0d0a"},
    "fixed": {"size": MESSAGE},
    "length": {"width": 4, "skip": 4},
    "line": {"ending": "lf"},
    "stx_etx": {},
}


def rows() -> Iterator[Row]:
    for kind in KINDS:
        yield from speeds(kind.name)
    yield from checked_speeds()
    yield from growths()
    yield fuzz()


def usual(kind: str) -> Choice:
    return Choice(kind, USUAL.get(kind, {}))


def wire_of(choice: Choice) -> bytes:
    """About a megabyte of messages, each with `MESSAGE` bytes on the wire where nothing in it needs an escape."""
    framer = make_framer(choice)
    text = bytes(range(0x20, 0x60))
    size = next(size for size in range(MESSAGE, 0, -1) if fits(framer, text[:size]))
    one = framer.encode(text[:size])
    return one * ((1 << 20) // len(one))


def fits(framer: Framer, payload: bytes) -> bool:
    try:
        return len(framer.encode(payload)) <= MESSAGE
    except ValueError:
        return False


def best(work: Callable[[], int], repeats: int = 3) -> float:
    """MB/s of work that returns how many bytes it took."""
    fastest = 0.0
    for _ in range(repeats):
        begun = time.perf_counter()
        size = work()
        fastest = max(fastest, size / (time.perf_counter() - begun) / 1e6)
    return fastest


def speeds(kind: str) -> Iterator[Row]:
    choice = usual(kind)
    block = wire_of(choice)
    for call in (MESSAGE,) if kind in BY_CALL else (CHUNK, 1024):
        value = captured_speed(choice, block, call)
        held = kind in HELD and call == CHUNK
        target = f">= {TARGET:.0f} MB/s" if held else "as it is"
        name = f"Messages: {kind}, {MESSAGE}-byte messages, calls of {call:,}"
        yield Row(name, value, "MB/s", target, value >= TARGET or not held)
    if kind in BY_CALL:
        return
    yield Row(f"framer alone: {kind}", best(partial(feed_new, choice, block)), "MB/s", "as it is", True)
    if measuring(make_framer(choice)):
        yield Row(f"measuring: {kind}", best(partial(measure_new, choice, block)), "MB/s", "as it is", True)


def checked_speeds() -> Iterator[Row]:
    """What a checksum at the end of each message costs."""
    for checksum in ("crc16-modbus", "crc32", "sum8"):
        choice = Choice("length", {"width": 4, "skip": 4, "checksum": checksum})
        block = wire_of(choice)
        value = best(partial(feed_new, choice, block))
        yield Row(f"framer alone: length with {checksum}", value, "MB/s", "as it is", True)
        value = captured_speed(choice, block, CHUNK)
        yield Row(f"Messages: length with {checksum}, calls of {CHUNK:,}", value, "MB/s", "as it is", True)


def feed_new(choice: Choice, block: bytes, repeats: int = 8) -> int:
    framer = make_framer(choice)
    for _ in range(repeats):
        for at in range(0, len(block), CHUNK):
            framer.feed(block[at : at + CHUNK])
    return repeats * len(block)


def measure_new(choice: Choice, block: bytes, repeats: int = 8) -> int:
    measurer = measuring(make_framer(choice))
    if measurer is None:
        raise RuntimeError(f"{choice.kind} cannot measure")
    for _ in range(repeats):
        for at in range(0, len(block), CHUNK):
            measurer.measure(block[at : at + CHUNK])
    return repeats * len(block)


def captured_speed(choice: Choice, block: bytes, call: int) -> float:
    """MB/s of the Messages tab over a capture of one connection that received the block again and again."""
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder) / "capture", quota=1 << 34)
        writer.add_detail(CallKind.socket, 1, 0, {"name": "bench", "transport": "tcp", "role": "server"})
        writer.add_detail(CallKind.accept, 1, 1, {"peer": "127.0.0.1:5000", "local": "127.0.0.1:9000"})
        times = itertools.count(writer._started, 25 * MS)  # so that silence parts the calls where that is the framing
        writer._clock = times.__next__
        total = TOTAL * call // CHUNK if call < 1024 else TOTAL // (1 if call == CHUNK else 4)
        total = max(total, 8 * len(block))
        for _ in range(total // len(block)):
            for at in range(0, len(block), call):
                piece = block[at : at + call]
                room = writer.room(len(piece))
                if room is None:
                    raise RuntimeError(writer.full)
                room[:] = piece
                writer.add(CallKind.recv, 1, 1, size=len(piece), asked=call)
        reader = Reader.of(writer)
        catalog = Catalog(reader)
        catalog.advance()

        def work() -> int:
            messages = open_messages(reader, catalog, Scope(), choice)
            while messages.advance(STEP):
                pass
            if messages.rows < total // MESSAGE * 0.9:
                raise RuntimeError(f"{choice.kind}: {messages.rows:,} messages found in {total:,} bytes")
            return total

        try:
            return best(work)
        finally:
            reader.close()
            writer.close()


def growths() -> Iterator[Row]:
    """The most memory that is taken while 64 MB arrive under a size of 4 GiB, less a byte."""
    declared = (1 << 32) - 1
    for kind, settings, front in (
        ("length", {"width": 4}, declared.to_bytes(4, "big")),
        ("length", {"width": 8, "max": 1 << 30}, declared.to_bytes(8, "big")),
        ("varint", {}, b"\xff\xff\xff\xff\x0f"),
        ("netstring", {}, b"4294967295:"),
    ):
        framer, chunk = make_framer(Choice(kind, settings)), b"x" * CHUNK
        tracemalloc.start()
        framer.feed(front)
        for _ in range((64 << 20) // CHUNK):
            framer.feed(chunk)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        limit = settings.get("max", 1 << 20)
        name = f"memory: {kind}, 2^32-1 declared, max {limit:,}"
        yield Row(name, peak / 1e6, "MB", "< 1 MB", peak < 1e6)


def fuzz() -> Row:
    """Random inputs under random settings, to framers in whatever state the inputs before have left."""
    chance = random.Random(4)
    noise = chance.randbytes(1 << 16) + bytes(
        chance.choice(b"\0\1\2\3\x0a\x0d\x100123:,\xc0\xdb\xff") for _ in range(1 << 16)
    )
    sizes = [chance.randrange(1, 12) for _ in range(997)]
    begun = time.perf_counter()
    for kind in KINDS:
        place = 0
        for _ in range(INPUTS // INPUTS_A_FRAMER):
            framer = make_framer(some_choice(kind, chance))
            told = timed(framer)
            for number in range(INPUTS_A_FRAMER):
                if told:
                    told.at(number * MS)
                size = sizes[number % 997]
                framer.feed(noise[place : place + size])
                place = (place + size) % (len(noise) - 12)
            framer.end()
    seconds = time.perf_counter() - begun
    name = f"{INPUTS:,} random inputs to each of {len(KINDS)} kinds, no exception"
    return Row(name, seconds, "s", f"<= {LONGEST_FUZZ:.0f} s", seconds <= LONGEST_FUZZ)
