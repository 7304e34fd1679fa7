"""Framings of every kind in the registry under settings of every sort, and streams that try them.

All is made from what a kind says of its settings, so that a new kind is tried without a word about it here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, Framer, FramingKind, timed
from explorer.wire.framing.registry import kinds
from explorer.wire.framing.runs import Run, measuring

KINDS = tuple(kinds())
MS = 1_000_000
GAPS = (0, 1, 5, 11, 40)  # ms between what comes; a silence has at most 12

Timed = tuple[int, bytes]
"""Nanoseconds at which bytes came, and the bytes."""

# Marks, digits, escapes and lengths that make frames, half frames and broken ones common in every kind.
SPECIAL = (
    b"", b"\0", b"\1", b"\2", b"\3", b"\4", b"\x0a", b"\x0d", b"\x0d\x0a", b"\x10", b"\x10\2", b"\x10\3", b"\x7f",
    b"\x80", b"\xc0", b"\xdb", b"\xdb\xdc", b"\xdb\xdd", b"\xff", b"0", b"1", b"3:", b",", b"9", b"a", b"ab", b"xyz",
    b"A" * 9,
)  # fmt: skip


def limits(field: Field) -> tuple[int, int]:
    """Small values of a whole number: those near where a field begins, or about zero."""
    low = field.minimum if field.minimum is not None else -12
    high = field.maximum if field.maximum is not None else 12
    low, high = max(low, -12), min(high, 40 if field.name == "max" else 12)
    return (1, 4) if field.name in ("size", "width") else (low, high)


def some_settings(kind: FramingKind, chance: random.Random) -> dict[str, Value]:
    """Any settings; they may not fit together. About half of them have no checksum."""
    made: dict[str, Value] = {}
    for field in kind.fields:
        required = field.default is None or field.name == "max"
        if not required and chance.random() < 0.5:
            continue
        if field.type == "int":
            made[field.name] = chance.randint(*limits(field))
        elif field.type == "bool":
            made[field.name] = chance.random() < 0.5
        elif field.type == "choice":
            made[field.name] = chance.choice(field.choices)
        else:  # a hex; one whose every byte may be any of a few, so that marks meet and overlap
            size = chance.randint(field.minimum or 1, min(field.maximum or 4, 4))
            made[field.name] = bytes(chance.choice(b"\0\2\3\x0a\x10a") for _ in range(size)).hex()
    return made


def some_choice(kind: FramingKind, chance: random.Random) -> Choice:
    """A choice that can be used."""
    while True:
        choice = Choice(kind.name, some_settings(kind, chance))
        if can_be_made(choice):
            return choice


def make(choice: Choice) -> Framer:
    kind = kind_of(choice)
    return kind.make(check(kind.fields, choice.settings))


def can_be_made(choice: Choice) -> bool:
    try:
        make(choice)
    except InputError:
        return False
    return True


def kind_of(choice: Choice) -> FramingKind:
    [kind] = [kind for kind in KINDS if kind.name == choice.kind]
    return kind


def usual_choices(kind: FramingKind) -> list[Choice]:
    """The kind as it is when it is chosen, under its presets, and each of both with a low `max` and a checksum."""
    needed: Mapping[str, Value] = {"hex": "0d0a", "size": 4}
    bare = {field.name: needed[field.name] for field in kind.fields if field.default is None}
    every = [bare, *(dict(preset.settings) for preset in kind.presets)]
    every += [{**settings, "max": 24} for settings in every]
    every += [{**settings, "checksum": "crc16-modbus"} for settings in every if kind.name != "raw"]
    # A fixed size above the max, for one, cannot be.
    return [choice for choice in (Choice(kind.name, settings) for settings in every) if can_be_made(choice)]


def some_payload(chance: random.Random) -> bytes:
    return b"".join(chance.choice(SPECIAL) for _ in range(chance.randint(0, 4)))


def some_stream(choice: Choice, chance: random.Random) -> list[Timed]:
    """Noise and true frames, some of them damaged, with silence in between."""
    framer, now = make(choice), 0
    marks = [bytes.fromhex(str(value)) for name, value in choice.settings.items() if _is_hex(choice, name)]
    stream = []
    for _ in range(chance.randint(0, 12)):
        now += chance.choice(GAPS) * MS
        piece = b"".join(chance.choice((*SPECIAL, *marks)) for _ in range(chance.randint(1, 4)))
        if chance.random() < 0.5:
            try:
                piece = framer.encode(some_payload(chance))
            except InputError:
                continue
            if piece and chance.random() < 0.2:
                piece = piece[: chance.randrange(len(piece))] + piece[chance.randrange(len(piece)) :]
        if piece:
            stream.append((now, piece))
    return stream


def cut_up(stream: list[Timed], chance: random.Random) -> Iterator[Timed]:
    """The same bytes at the same times in other chunks, with times told at which nothing comes."""
    last = 0
    for time, data in stream:
        while chance.random() < 0.3 and last < time:
            last = chance.randint(last, time)
            yield last, b""
        at = 0
        while at < len(data) or chance.random() < 0.2:
            size = chance.choice((0, 1, 1, 2, 3, 1000))
            yield time, data[at : at + size]
            at += size
        last = time


def run(framer: Framer, chunks: Iterator[Timed] | list[Timed]) -> tuple[list[Found], int, int]:
    """What comes of the chunks; how many bytes are pending before and after the end of the stream."""
    found: list[Found] = []
    told = timed(framer)
    for time, data in chunks:
        if told:
            found += told.at(time)
        found += framer.feed(data)
    before = framer.pending
    return [*found, *framer.end()], before, framer.pending


def run_measured(framer: Framer, chunks: Iterator[Timed], chance: random.Random) -> list[object]:
    """Offsets and sizes that come of the chunks, some of them measured, where the framer can; errors as they are."""
    told: list[object] = []
    measurer = measuring(framer)
    for _, data in chunks:
        for item in measurer.measure(data) if measurer and chance.random() < 0.5 else framer.feed(data):
            if isinstance(item, Run):
                at = item.offset
                for size, payload_size in zip(item.sizes, item.payload_sizes, strict=True):
                    told.append((at, size, payload_size))
                    at += size + item.gap
            else:
                told.append(measured(item))
    return [*told, *map(measured, framer.end())]


def measured(item: Found) -> object:
    return (item.offset, item.size, len(item.payload)) if isinstance(item, Frame) else item


def _is_hex(choice: Choice, name: str) -> bool:
    return any(field.name == name and field.type == "hex" for field in kind_of(choice).fields)
