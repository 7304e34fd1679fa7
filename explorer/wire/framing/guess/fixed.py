"""Messages of one size: bytes that repeat, column by column, at a distance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log2

from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.evidence import KNOWN, Background, Span, landing, lasting, weigh
from explorer.wire.framing.guess.proposals import Proposal, Stop

LOOKED = 1 << 14  # bytes in which distances are compared
LARGEST = 1024  # bytes of a message
COUNTED = 1 << 13  # bytes of all samples that evidence is taken from
FEW = 8  # samples that it is taken from
LEAST = 4  # messages
NEEDED = 24.0  # bits
TRIED = 6


def likely_size(samples: Sequence[bytes], background: Background, ended: bool, stop: Stop) -> tuple[int, float]:
    """The size that the messages have if all have one, and the evidence in bits; (0, 0) where nothing speaks for it."""
    best = (0, 0.0)
    sizes = _distances(max(samples, key=len), stop)
    after_others = _after_others(samples, background) if sizes else 0.0
    for size in sizes:
        bits = _evidence(size, samples, background, after_others, ended)
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


def _evidence(size: int, samples: Sequence[bytes], background: Background, after_others: float, ended: bool) -> float:
    """Bits by which columns of this size tell the bytes better than the bytes before them do."""
    spans = _spans(samples, size)
    if len(spans) < LEAST:
        return 0.0
    evidence = weigh(spans, samples, size, background)
    if not lasting(evidence.each):
        return 0.0
    repeats = all(sample[size:] == sample[:-size] for sample in samples)
    known = 0.0 if repeats else after_others * len(spans) * size
    landed = sum(landing(size, len(sample) % size == 0, ended) for sample in samples)
    return evidence.bits - known + landed - log2(size) - 4


def _after_others(samples: Sequence[bytes], background: Background) -> float:
    """Bits of each byte that are saved by looking at the byte before it, as text has it."""
    saved, count = 0.0, 0
    for sample in samples[:FEW]:
        part = sample[: COUNTED // len(samples[:FEW])]
        seen: Counter[tuple[int, int]] = Counter()
        before: Counter[int] = Counter()
        for pair in pairwise(part):
            chance = background.chances[0][pair[1]]
            saved += log2((seen[pair] / chance + KNOWN) / (before[pair[0]] + KNOWN))
            seen[pair] += 1
            before[pair[0]] += 1
        count += len(part)
    return max(0.0, saved / count)


def _spans(samples: Sequence[bytes], size: int) -> list[Span]:
    """Messages at the front and at the end of the samples, not too many."""
    few = samples[:FEW]
    spans: list[Span] = []
    for index, sample in enumerate(few):
        whole = len(sample) // size
        most = max(LEAST, COUNTED // len(few) // size)
        front = min(whole, most - most // 4)
        back = max(front, whole - most // 4)
        spans += [Span(index, number * size, size) for number in (*range(front), *range(back, whole))]
    return spans
