"""How much speaks against chance: bytes that stand where messages begin, compared with bytes anywhere.

If messages really begin at certain places, what stands there is more alike than bytes are elsewhere: types, lengths
with zeros in front, flags. So each column (the first byte of all messages, the second, …) is coded twice. The
background code knows how often each byte comes in the samples. The column's own code learns from the messages before.
The difference in bits is the evidence. It cannot be large by chance: bytes that are drawn at random gain t bits with
a probability of 2^-t at most, whatever is learned on the way (a likelihood ratio whose expectation is 1). A search
that pays for each setting the bits of its rarity (`cost`) keeps that bound over all settings together.

Messages that repeat an earlier one byte for byte count once: in data that repeats itself, any orbit would look lawful.
But leaving messages out is a choice too, which may make the rest look lawful: a length must have its evidence both
with them and without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat
from math import log2
from typing import NamedTuple

KNOWN = 2.0  # how many bytes' worth the background counts at one place of records
COUNTED_FIRST = 160  # messages that are counted from the front of a sample, and from its end
COUNTED_LAST = 96
BLOCKS = 4  # the evidence must hold in every such part of the messages
STRANGE, MOST_STRANGE = -8.0, 0.05  # bits of a message that is not like the others, and how many may be such
CHOICE = log2(3)  # bits for choosing among three codes
LARGEST_FRONT = 1 << 10  # bytes of a message that are looked at
MOST = 1 << 13  # messages that are followed through a sample
LOGS = [0.0, *map(log2, range(1, 1 << 16))]
SUMS = list(accumulate(LOGS))


class Background:
    """How many bits each byte costs where nothing is known but how often it comes."""

    def __init__(self, samples: Sequence[bytes]) -> None:
        counts: Counter[int] = Counter()
        for sample in samples:
            counts.update(sample)
        total = counts.total() + 64
        self.chances = [(counts[byte] + 0.25) / total for byte in range(256)]
        self.costs = [-log2(chance) for chance in self.chances]

    def cost(self, byte: int) -> float:
        """The bits of `byte` anywhere."""
        return self.costs[byte]


class Span(NamedTuple):
    """One message that is supposed: where it stands in which sample, in bytes."""

    sample: int
    start: int
    size: int


def spans_of(sample: int, starts: Iterable[int], sizes: Iterable[int]) -> Iterator[Span]:
    """The messages of one sample, made quickly."""
    return map(Span._make, zip(repeat(sample), starts, sizes, strict=False))


def gain(values: Sequence[int], table: Sequence[float]) -> tuple[float, Callable[[], list[float]]]:
    """Bits that the best of three codes saves over the background for these bytes; and of each, by all others.

    One code learns bytes, one their upper halves (sizes and types are often near each other), and one is the
    background itself, which has the costs of `table`. What it costs to choose among the three (`CHOICE`) is not yet
    taken off. The first two learn as they go, but what they save together does not depend on the order, so that it is
    computed from the counts: a byte that came k times in n costs log2((n + 2) / k), and a new one that and what the
    background has for it.
    """
    size, counts = len(values), Counter(values)
    halves = [0] * 16
    total = by_byte = 0.0
    for value, count in counts.items():
        cost = table[value]
        halves[value >> 4] += count
        total += count * cost
        by_byte += 1 - cost + SUMS[count - 1]
    by_byte += total - SUMS[size + 1]
    by_half = total - 4 * size  # at most
    if by_byte < by_half:
        by_half += sum([SUMS[count] for count in halves if count]) - SUMS[size + 15] + SUMS[15]
    if by_byte <= 0 >= by_half:
        return 0.0, lambda: [0.0] * size

    def each() -> list[float]:
        if by_byte >= by_half:
            new = 1 - LOGS[size + 1]
            saved = {
                value: LOGS[count - 1] - LOGS[size + 1] + table[value] if count > 1 else new
                for value, count in counts.items()
            }
        else:
            saved = {value: table[value] + LOGS[halves[value >> 4]] - LOGS[size + 15] - 4 for value in counts}
        return [saved[value] for value in values]

    return max(by_byte, by_half), each


def limited(spans: Sequence[Span]) -> list[Span]:
    """The messages that evidence is taken from: not too many, the first and the last."""
    if len(spans) > COUNTED_FIRST + COUNTED_LAST:
        return [*spans[:COUNTED_FIRST], *spans[-COUNTED_LAST:]]
    return list(spans)


def counted(spans: Sequence[Span], samples: Sequence[bytes]) -> list[Span]:
    """The same without those that repeat another."""
    known: dict[bytes, Span] = {}
    for span in limited(spans):
        known.setdefault(samples[span.sample][span.start : span.start + min(span.size, LARGEST_FRONT)], span)
    return list(known.values())


@dataclass(frozen=True, slots=True)
class Evidence:
    """Bits that speak for messages: how far each is like all others, and what each column saves."""

    each: tuple[float, ...]
    columns: tuple[float, ...]

    @property
    def bits(self) -> float:
        return sum(self.columns)

    def front(self, columns: int) -> float:
        """The bits of so many columns."""
        return sum(self.columns[:columns])


def weigh(
    spans: Sequence[Span], samples: Sequence[bytes], columns: int, background: Background, judged: int = 0
) -> Evidence:
    """The evidence for these messages in their first `columns` bytes; each is judged by its first `judged` ones.

    A sample begins with a message without any doubt: what the first messages have in common is no evidence.
    """
    fronts = [samples[index][start : start + min(size, columns)] for index, start, size in spans]
    firsts = [front for front, span in zip(fronts, spans, strict=True) if not span.start]
    each = [0.0] * len(spans)
    by_column: list[float] = []
    shortest = min(map(len, fronts))
    for column in range(columns):
        inside: Sequence[int] = range(len(fronts))
        if column >= shortest:
            inside = [index for index, front in enumerate(fronts) if len(front) > column]
        bits, saved = gain([fronts[index][column] for index in inside], background.costs)
        if column < judged:
            for index, more in zip(inside, saved(), strict=True):
                each[index] += more
        if len(firsts) > 1:
            bits -= gain([first[column] for first in firsts if len(first) > column], background.costs)[0]
        by_column.append(bits - CHOICE)
    return Evidence(tuple(each), tuple(by_column))


def trust(each: Sequence[float], firsts: Sequence[int]) -> float:
    """How far the first messages of the samples (`firsts`) are like all others: from 0.25 to 1.

    A length field that is read at the wrong place may fall into step with the messages sooner or later; it is wrong
    at the beginning then.
    """
    usual = sum(each) / len(each)
    first = sum(each[index] for index in firsts) / len(firsts)
    return min(1.0, max(0.25, first / usual)) if usual > 0 else 0.25


def lasting(each: Sequence[float]) -> bool:
    """Whether the evidence comes from all parts of the messages, so that the framing did not break on the way."""
    size = len(each)
    if sum(bits < STRANGE for bits in each) > MOST_STRANGE * size + 1.5:
        return False
    if size < 4 * BLOCKS:
        # With few messages: nowhere from some message on does more speak against it than a rare message costs.
        return min(accumulate(reversed(each)), default=0.0) > -16.0
    edges = [size * block // BLOCKS for block in range(BLOCKS + 1)]
    sums = [sum(each[low:high]) for low, high in pairwise(edges)]
    return all(bits > 0 for bits in sums) and sum(each[-8:]) > 0


def landing(size: float, lands: bool, ended: bool) -> float:
    """The evidence of whether the last whole message ends exactly where its sample does.

    size: mean bytes of a message. ended: the sample is a whole stream, which seldom ends within a message.
    """
    chance = 1 / max(size, 1.0)
    expected = 0.95 if ended else 0.5
    if lands:
        return max(0.0, log2(expected / chance))
    return log2((1 - expected) / (1 - chance)) if chance < 1 else 0.0
