"""Streams as devices send them: messages of few bytes that count, tell the time, and hardly change otherwise.

What counts is what misleads a guess: a number that rises by one with each message looks like a length that leads
from one message into another.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from typing import Literal

from explorer.core.socket_spec import Choice
from explorer.wire.framing.registry import make_framer

Part = Callable[[int], bytes]  # what a field holds in the message of this number
Order = Literal["big", "little"]
NAMES = (b"temp=", b"T", b"speed:", b"id", b"p=")


def _number(value: int, width: int, order: Order) -> bytes:
    return (value % (1 << 8 * width)).to_bytes(width, order)


def counter(rng: random.Random) -> Part:
    width, order, first = rng.choice((1, 1, 2, 2, 4)), _order(rng), rng.choice((0, 0, 1, rng.randint(0, 999)))
    step = rng.choice((1, 1, 1, 3))
    return lambda number: _number(first + step * number, width, order)


def clock(rng: random.Random) -> Part:
    """Seconds or milliseconds that rise, not always by as much."""
    width, order, most = rng.choice((4, 4, 8)), _order(rng), rng.choice((1, 5, 120, 2000))
    times = [rng.randint(1 << 30, (1 << 31) - 1)]

    def at(number: int) -> bytes:
        while len(times) <= number:
            times.append(times[-1] + rng.randint(1, most))
        return _number(times[number], width, order)

    return at


def mark(rng: random.Random) -> Part:
    always = rng.choice((b"\xaa", b"\x01", b"\x10", b"\xa5\x5a", b"\x00"))
    return lambda number: always


def sort(rng: random.Random) -> Part:
    """One of a few types, the first far more often."""
    among = rng.sample(range(1, 32), 3)
    return lambda number: bytes([among[0] if rng.random() < 0.8 else rng.choice(among)])


def reading(rng: random.Random) -> Part:
    """A value that changes slowly, as an integer or a float."""
    form, order = rng.choice("BHhf"), rng.choice("<>")
    values = [rng.randint(20, 90)]

    def at(number: int) -> bytes:
        while len(values) <= number:
            values.append(max(0, min(250, values[-1] + rng.choice((-1, 0, 0, 0, 1)))))
        value = values[number]
        return struct.pack(order + form, value / 4 if form == "f" else value)

    return at


def said(rng: random.Random) -> Part:
    """A number in text that rises or changes slowly."""
    name, form = rng.choice(NAMES), rng.choice((b"%d", b"%03d", b"%.1f", b"%d;"))
    rises, first = rng.random() < 0.5, rng.randint(0, 60)
    return lambda number: name + form % (first + number if rises else first + number // 7)


def rest(rng: random.Random) -> Part:
    """A few bytes more or less: flags, or what a message has to say besides."""
    most, few = rng.randint(1, 4), bytes(rng.sample(range(256), 3))
    return lambda number: bytes(rng.choice(few) for _ in range(rng.randint(0, most)))


BINARY = (counter, counter, clock, mark, sort, reading, reading)
VARYING = (*BINARY, said, rest, rest)
LARGEST = 20  # bytes of a message, a few more where the last field needs them


def device(rng: random.Random, least: int = 2, parts: Sequence[Callable[[random.Random], Part]] = VARYING) -> Part:
    """Messages of `least` to about 20 bytes; at least one field of each is none that counts."""
    size, made = rng.randint(max(2, least), max(LARGEST, least + 4)), [rng.choice((mark, sort, reading))(rng)]
    while sum(len(part(0)) for part in made) < size:
        made.append(rng.choice(parts)(rng))
    rng.shuffle(made)
    return lambda number: b"".join(part(number) for part in made)


def talker(rng: random.Random) -> Part:
    """Lines that begin or end with a number that counts."""
    front, end, counts = rng.choice(NAMES), said(rng), rng.choice((b"%d,", b"%05d ", b"#%02x "))
    return lambda number: front + counts % number + end(number) + b" ok" * (number % 5 == 0)


def device_stream(choice: Choice, seed: int, count: int) -> bytes:
    """`count` messages of one device in this framing, at least four of them different."""
    rng = random.Random(seed)
    settings, kind = choice.settings, choice.kind
    numbers = {name: value for name, value in settings.items() if isinstance(value, int)}
    least = numbers.get("offset", 0) + max(0, numbers.get("adjustment", 0))
    most = None
    if kind == "fixed":
        least = most = numbers["size"] - ("checksum" in settings)
    messages: list[bytes] = []
    while len(set(messages)) < 4:
        part = talker(rng) if kind in ("line", "delimiter") else device(rng, least, BINARY if most else VARYING)
        messages = [part(number)[:most].ljust(least, b"\0") for number in range(count)]
    return b"".join(map(make_framer(choice).encode, messages))


def _order(rng: random.Random) -> Order:
    return rng.choice(("big", "little"))
