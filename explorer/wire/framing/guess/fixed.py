"""Messages of one size: bytes that repeat, column by column, at a distance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from math import log2

from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.description import COUNTED, beginnings, by_message, told
from explorer.wire.framing.guess.evidence import Background, Span, landing, lasting
from explorer.wire.framing.guess.proposals import Proposal, Stop

LOOKED = 1 << 13  # bytes in which distances are compared
LARGEST = 1024  # bytes of a message
FEW = 8  # samples that it is taken from
LEAST = 4  # messages
NEEDED = 24.0  # bits
TRIED = 6
MOST_AGAINST = 0.1  # of the messages may be told worse than without columns
FIRST_LOOK = 1 << 9  # bytes
SMALL = 24  # bytes: all sizes up to this are tried, as numbers that rise never are the same


def likely_size(samples: Sequence[bytes], background: Background, ended: bool, stop: Stop) -> tuple[int, float]:
    """The size that the messages have if all have one, and the evidence in bits; (0, 0) where nothing speaks for it."""
    best = (0, 0.0)
    few = samples[:FEW]

    @cache
    def saved(size: int) -> float:
        return told(_spans(few, size), few, background, 0)

    for size in takewhile(lambda _: not stop(), _distances(max(samples, key=len), stop)):
        if sum(len(sample) // size for sample in few) < LEAST or (size <= SMALL and not _worth(size, few, background)):
            continue
        bits = saved(size) + sum(landing(size, len(sample) % size == 0, ended) for sample in samples) - _cost(size)
        if bits > max(best[1], NEEDED) and not all(sample[size:] == sample[:-size] for sample in few):
            # What columns of other sizes tell as well, such as text and slow values, is not told by the size.
            bits -= max(0.0, saved(1), saved(size - 1), saved(size + 1))
        if bits > max(best[1], NEEDED) and _lasts(size, max(few, key=len), background):
            best = (size, bits)
    return best


def fixed_proposal(size: int, bits: float) -> Proposal:
    """Messages of `size` bytes."""
    return Proposal(
        Choice("fixed", {"size": size}),
        f"Fixed size: {size:,} bytes",
        lambda count: f"Every {size:,} bytes the same or steadily changing values come again: {count:,} of {count:,}.",
        1,
        bits,
        _cost(size),
    )


def _distances(data: bytes, stop: Stop) -> list[int]:
    """Distances at which bytes are often the same, the best first, each with the smallest that it is a multiple of."""
    data = data[:LOOKED]
    same: dict[int, float] = {}
    for distance in range(2, min(LARGEST, len(data) // LEAST) + 1):
        if stop():
            return []
        front, back = data[:-distance], data[distance:]
        differing = int.from_bytes(front, "big") ^ int.from_bytes(back, "big")
        same[distance] = differing.to_bytes(len(front), "big").count(0) / len(front)
    ordered = sorted(same, key=lambda distance: -same[distance])
    usual = same[ordered[len(ordered) // 2]] if ordered else 0.0
    wanted = list(range(2, min(SMALL, len(data) // LEAST) + 1))
    for distance in ordered[:TRIED]:
        enough = usual + 0.75 * (same[distance] - usual)
        if same[distance] <= usual:
            break
        smallest = next((part for part in range(2, distance) if not distance % part and same[part] >= enough), distance)
        wanted += [smallest, distance]
    return list(dict.fromkeys(wanted))


def _worth(size: int, samples: Sequence[bytes], background: Background) -> bool:
    """Whether a first look at few bytes speaks for messages of this size."""
    few = [max(samples, key=len)[:FIRST_LOOK]]
    return told(_spans(few, size), few, background, 0) > 0


def _cost(size: int) -> float:
    """Bits for how seldom messages of this size are met."""
    return log2(size) + 4


def _lasts(size: int, sample: bytes, background: Background) -> bool:
    """Whether columns of this size tell all parts of the sample, and its end: what breaks on the way is no framing.

    Text that repeats itself for a while is in columns, too, but in others a while later.
    """
    whole = len(sample) // size
    some = COUNTED // 2 // size + 1
    numbers = range(whole) if whole <= 2 * some else (*range(some), *range(whole - some, whole))
    messages = [sample[number * size : (number + 1) * size] for number in numbers]
    each = by_message(messages, background)
    return lasting(each) and sum(bits < 0 for bits in each) <= MOST_AGAINST * len(each) + 1


def _spans(samples: Sequence[bytes], size: int) -> list[Span]:
    """Messages of this size at the front of the samples."""
    return [
        Span(index, start, size)
        for index, part in enumerate(beginnings(samples))
        for start in range(0, len(part) - size + 1, size)
    ]
