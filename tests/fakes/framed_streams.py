"""Streams of messages such as devices and programs send them, for guessing at their framing."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Value, whole
from explorer.core.socket_spec import Choice
from explorer.wire.framing.registry import make_framer

WORDS = ["quick", "brown", "fox", "over", "a", "lazy", "dog", "alpha", "beta", "gamma", "status", "value", "ready"]


def words(rng: random.Random) -> bytes:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 12))).encode()


def jsons(rng: random.Random) -> bytes:
    record = {"id": rng.randint(1, 99_999), "value": rng.random(), "name": rng.choice(["a", "bb", "ccc"])}
    return json.dumps(record).encode()


def values(rng: random.Random) -> bytes:
    """Readings of sensors: a number of its own and a float for each."""
    return b"".join(struct.pack(">Hf", rng.randint(1, 8), rng.gauss(20, 5)) for _ in range(rng.randint(1, 6)))


def noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(0, 60))


def blocks(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(150, 300))


def mixed(rng: random.Random) -> bytes:
    return rng.choice((words, jsons, values, noise))(rng)


CONTENTS: Mapping[str, Callable[[random.Random], bytes]] = {
    made.__name__: made for made in (words, jsons, values, noise, blocks, mixed)
}


def stream(choice: Choice, content: Callable[[random.Random], bytes], count: int, seed: int) -> bytes:
    """`count` messages on the wire; those that the framing cannot carry are made anew."""
    rng = random.Random(seed)
    encode = make_framer(choice).encode
    frames: list[bytes] = []
    while len(frames) < count:
        try:
            frames.append(encode(content(rng)))
        except InputError:
            continue
    return b"".join(frames)


def with_header(settings: Mapping[str, Value], content: Callable[[random.Random], bytes]) -> Callable[..., bytes]:
    """Content behind a header as it stands before a length field: types and flags, of which few are in use."""
    before = whole(settings.get("offset", 0))
    after = max(0, whole(settings.get("adjustment", 0)))

    def made(rng: random.Random) -> bytes:
        header = bytes(rng.choice((1, 2, 3, 17)) for _ in range(before))
        return header + bytes(rng.choice((0, 4)) for _ in range(after)) + content(rng)

    return made


def borders(choice: Choice, samples: list[bytes]) -> list[list[int]]:
    """Where the messages of each sample end."""
    return [[item.offset + (item.size or 0) for item in make_framer(choice).feed(sample)] for sample in samples]
