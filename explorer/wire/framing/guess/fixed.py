"""Messages of one size: bytes that repeat, column by column, at a distance."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.evidence import Background, Span, gains, landing, lasting, weigh
from explorer.wire.framing.guess.proposals import Proposal, Stop

LOOKED = 1 << 14  # bytes in which distances are compared
LARGEST = 1024  # bytes of a message
COUNTED_FRONT, COUNTED_BACK = 6 << 10, 2 << 10  # bytes of a sample that evidence is taken from
LEAST = 4  # messages
NEEDED = 24.0  # bits
TRIED = 6


def likely_size(samples: Sequence[bytes], background: Background, ended: bool, stop: Stop) -> tuple[int, float]:
    """The size that the messages have if all have one, and the evidence in bits; (0, 0) where nothing speaks for it."""
    best = (0, 0.0)
    for size in _distances(max(samples, key=len, default=b""), stop):
        bits = _evidence(size, samples, background, ended)
        if bits > max(best[1], NEEDED):
            best = (size, bits)
    return best


def fixed_proposal(size: int, bits: float) -> Proposal:
    """Messages of `size` bytes."""
    return Proposal(
        Choice("fixed", {"size": size}),
        f"Fixed size: {size:,} bytes",
        lambda count: f"The bytes repeat in columns every {size:,} bytes: {count:,} messages of one size.",
        1,
        bits,
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
    wanted: list[int] = []
    for distance in ordered[:TRIED]:
        enough = usual + 0.75 * (same[distance] - usual)
        if same[distance] <= usual:
            break
        smallest = next((part for part in range(2, distance) if not distance % part and same[part] >= enough), distance)
        wanted += [smallest, distance]
    return list(dict.fromkeys(wanted))[:TRIED]


def _evidence(size: int, samples: Sequence[bytes], background: Background, ended: bool) -> float:
    """Bits by which columns of this size tell the bytes better than one column for all does."""
    spans = [span for index, sample in enumerate(samples) for span in _spans(index, len(sample), size)]
    if len(spans) < LEAST:
        return 0.0
    evidence = weigh(spans, samples, size, background)
    if not lasting(evidence.each):
        return 0.0
    values = [value for span in spans for value in samples[span.sample][span.start : span.start + size]]
    alone = sum(gains(values, [background.costs[0][value] for value in values]))
    landed = sum(landing(size, len(sample) % size == 0, ended) for sample in samples)
    return evidence.bits - max(alone, 0.0) + landed - log2(size) - 4


def _spans(index: int, length: int, size: int) -> list[Span]:
    """Messages at the front and at the end of a sample of this length."""
    whole = length // size
    front = min(whole, max(2 * LEAST, COUNTED_FRONT // size))
    back = max(front, whole - max(LEAST, COUNTED_BACK // size))
    numbers = [*range(front), *range(back, whole)]
    return [Span(index, number * size, size) for number in numbers]
