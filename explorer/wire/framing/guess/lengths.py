"""Messages that say their own length: `length`, and `varint`, which is found the same way.

Every setting that a header may have is followed from message to message through the samples. A chain that can be
followed proves little (any byte is a length of one byte), so what counts is the evidence: what stands at the places
that it leads to, and whether it ends where the samples end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2
from typing import Literal

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.description import told
from explorer.wire.framing.guess.endings import is_text
from explorer.wire.framing.guess.evidence import (
    MOST,
    Background,
    Evidence,
    Span,
    counted,
    landing,
    lasting,
    limited,
    spans_of,
    trust,
    weigh,
)
from explorer.wire.framing.guess.proposals import Proposal, Stop
from explorer.wire.framing.registry import find_kind

Order = Literal["big", "little"]

MOST_OFFSET = 24
ODD_OFFSETS = 8  # up to here, lengths that count unusually much or little are tried too
ODD_ADJUSTMENTS = (*range(1, 17), *range(-12, 0))
BEYOND = 2  # columns behind the field that must have enough evidence together with it
COLUMNS = 8  # that are looked at, at least
FIRST_LOOK = 24  # messages that a first look follows
KEPT = 12  # chains that are looked at closely
BEST = 5  # that are proposed
NEEDED = 14.0  # bits, once the settings are paid for
LEAST = 3  # messages
FEW = 8  # messages, which tell less than many
TEXT_COST = 80.0  # bits: lengths are seldom text

WIDTH_COST = {1: 3.2, 2: 1.5, 4: 1.5, 3: 3.5, 8: 4.0, 5: 9.0, 6: 9.0, 7: 9.0}
OFFSET_COST = {0: 1.0, 1: 3.0, 2: 3.0, 3: 4.0, 4: 4.0}
LEAST_CONFIRMED = 0.6  # of the bytes must be in messages that end where another begins
MOST_AGAINST, FEW_BITS = 0.2, 1.5  # of the messages may be unlike the others, where each has less than so many bits
PRESET_GAIN = 3.0
ALL_COST = 2.0  # makes the chances that the costs stand for, 2^-cost each, less than 1 together


@dataclass(frozen=True, slots=True)
class Header:
    """The settings of `length` that decide where messages begin. cost: bits for how seldom such are met."""

    width: int
    order: Order
    offset: int
    adjustment: int
    cost: float

    @property
    def added(self) -> int:
        """The whole message has this many bytes more than the value says."""
        return self.offset + self.width + self.adjustment


@cache
def headers() -> tuple[Header, ...]:
    """All headers that are tried."""
    return tuple(_headers())


@cache
def fields() -> tuple[tuple[Header, ...], ...]:
    """The same, those together that differ only in what the value counts; the one that adds least first."""
    same: dict[tuple[int, Order, int], list[Header]] = {}
    for header in headers():
        same.setdefault((header.width, header.order, header.offset), []).append(header)
    return tuple(tuple(sorted(ones, key=lambda header: header.adjustment)) for ones in same.values())


def _headers() -> Iterator[Header]:
    presets = _preset_headers()
    for width, width_cost in WIDTH_COST.items():
        orders: tuple[tuple[Order, float], ...] = (("big", 0.5), ("little", 1.5)) if width > 1 else (("big", 0.0),)
        for order, order_cost in orders:
            for offset in range(MOST_OFFSET + 1):
                offset_cost = OFFSET_COST.get(offset, 5 + log2(offset + 1) / 2)
                for adjustment, adjustment_cost in _adjustments(width, offset).items():
                    cost = ALL_COST + width_cost + order_cost + offset_cost + adjustment_cost
                    known = (width, order, offset, adjustment) in presets
                    yield Header(width, order, offset, adjustment, cost - PRESET_GAIN * known)


def _preset_headers() -> set[tuple[Value, ...]]:
    kind = find_kind("length")
    defaults: Mapping[str, Value | None] = {field.name: field.default for field in kind.fields}
    names = ("width", "order", "offset", "adjustment")
    return {tuple({**defaults, **preset.settings}[name] or 0 for name in names) for preset in kind.presets}


def _adjustments(width: int, offset: int) -> dict[int, float]:
    """What may be added to the value, and its cost: nothing, or the field or the header is counted too."""
    found = {-(width + offset): 2.5, -width: 2.0, 0: 1.0}
    if offset <= ODD_OFFSETS and width in (1, 2, 3, 4):
        for odd in ODD_ADJUSTMENTS:
            if odd >= -(width + offset):
                found.setdefault(odd, 6 + log2(abs(odd)))
    return found


def follow(header: Header, samples: Sequence[bytes], most: int) -> list[Span] | None:
    """The messages that this header leads to, at most about `most`; None where one cannot be."""
    spans: list[Span] = []
    front, width, order, added = header.offset, header.width, header.order, header.added
    least = front + width
    for index, sample in enumerate(samples):
        at, end, room = 0, len(sample), most - len(spans)
        starts: list[int] = []
        sizes: list[int] = []
        while at + least <= end and len(sizes) < room:
            whole = int.from_bytes(sample[at + front : at + least], order) + added
            if whole < least:
                return None
            if at + whole > end:
                if at == 0 and whole > 2 * end:
                    return None
                break
            starts.append(at)
            sizes.append(whole)
            at += whole
        spans += spans_of(index, starts, sizes)
    return spans


def _may_begin(same_field: Sequence[Header], sample: bytes) -> bool:
    """Whether any of these headers can stand at the beginning of the sample: a quick look, as most can not."""
    first = same_field[0]
    field = sample[first.offset : first.offset + first.width]
    return len(field) < first.width or int.from_bytes(field, first.order) + first.added <= 2 * len(sample)


def length_proposals(
    samples: Sequence[bytes], background: Background, ended: bool, size: int, stop: Stop
) -> list[Proposal]:
    """Length prefixes that lead from message to message with more evidence than chance gives.

    size: bytes of the records that the samples may be made of, 0 if none.
    """
    chains: dict[tuple[Span, ...], list[Header]] = {}
    for same_field in fields():
        if stop():
            return []
        for header in same_field if _may_begin(same_field, samples[0]) else ():
            spans = follow(header, samples, FIRST_LOOK)
            if spans and len(spans) >= LEAST:
                chains.setdefault(tuple(spans), []).append(header)
    looked: list[tuple[float, Header]] = []
    for spans_seen, same in chains.items():
        if stop():
            return []
        same.sort(key=lambda header: (header.cost, -header.width))
        first = same[0]
        columns = max(COLUMNS, first.offset + first.width)
        # A field far behind has more columns in front of it, which are no better for that.
        bits = weigh(spans_seen, samples, columns, background).bits * COLUMNS / columns - first.cost
        looked += [(bits - later, header) for later, header in enumerate(same[:3])]
    looked.sort(key=lambda item: -item[0])
    if not looked:
        return []
    search = Search(samples, background, size, ended)
    return _close_look([header for _, header in looked[:KEPT]], search, stop)


@dataclass(frozen=True, slots=True)
class Search:
    """What a close look needs. size: bytes of the records that the samples may be made of, 0 if none."""

    samples: Sequence[bytes]
    background: Background
    size: int
    ended: bool


def _close_look(wanted: Sequence[Header], search: Search, stop: Stop) -> list[Proposal]:
    """The headers among `wanted` that hold over the whole samples, one for each way of cutting them."""
    proposals: dict[tuple[Span, ...], Proposal] = {}
    for header in sorted(wanted, key=lambda header: (header.cost, -header.width)):
        if stop():
            return []
        spans = follow(header, search.samples, MOST)
        if spans is None or tuple(spans) in proposals:
            continue
        alike = all(span.size == search.size for span in spans)
        size = header.offset + header.width
        if not evident(spans, search.samples, size, search.background, search.ended, header.cost):
            continue
        # If both cut in the same places, the field never changes. That it says the size is 8 bits of evidence.
        if not alike or header.cost < 10 + 2 * (header.width - 1):
            less = told(spans, search.samples, search.background, size) - header.cost
            proposals[tuple(spans)] = _proposal(header, 2 if len(spans) < FEW else 3, less)
    return sorted(proposals.values(), key=lambda proposal: -proposal.bits)[:BEST]


def evident(
    spans: Sequence[Span], samples: Sequence[bytes], header: int, background: Background, ended: bool, cost: float
) -> bool:
    """Whether more speaks for these messages than chance gives, from their beginning to their end.

    header: bytes up to the end of the length. They and a few more must have enough evidence together. It counts less
    where the first messages are not like the others.
    """
    own = header + BEYOND
    used = counted(spans, samples)
    evidence = weigh(used, samples, max(COLUMNS, own), background, own)
    size = sum(span.size for span in spans) / len(spans)
    landed = 0.0
    if len(spans) < MOST:
        ends = {span.sample: span.start + span.size for span in spans}
        landed = sum(landing(size, ends.get(index) == len(sample), ended) for index, sample in enumerate(samples))
    if all(map(is_text, samples)):
        cost += TEXT_COST
    both = evidence.front(own)
    every = limited(spans)
    if len(used) < len(every):
        both = min(both, weigh(every, samples, own, background).bits)
    bits = both + landed - cost
    against = sum(bits < 0 for bits in evidence.each)
    if against > MOST_AGAINST * len(used) + 1 and sum(evidence.each) < FEW_BITS * len(used):
        return False
    if bits < NEEDED or not lasting(evidence.each) or confirmed(spans, samples, used, evidence) < LEAST_CONFIRMED:
        return False
    first = trust(evidence.each, [index for index, span in enumerate(used) if span.start == 0])
    if first < 0.5 and len({span.size for span in spans}) == 1:
        return False  # a field that never changes, and does not fit the beginning
    return max(bits, evidence.bits + landed - cost) * first >= NEEDED


def confirmed(spans: Sequence[Span], samples: Sequence[bytes], used: Sequence[Span], evidence: Evidence) -> float:
    """The share of the bytes that lie in messages behind which something like a message begins, or the sample ends.

    A length that is misread may be large, and jump over whatever does not fit.
    """
    unlike = {(span.sample, span.start) for span, bits in zip(used, evidence.each, strict=True) if bits < 0}
    begun = {(span.sample, span.start) for span in spans} | {(index, len(data)) for index, data in enumerate(samples)}
    good = begun - unlike
    size = sum(span.size for span in spans if (span.sample, span.start + span.size) in good)
    return size / sum(map(len, samples)) if len(spans) < MOST else 1.0


def _proposal(header: Header, rank: int, bits: float) -> Proposal:
    settings: dict[str, Value] = {"width": header.width, "order": header.order}
    if header.width == 1:
        del settings["order"]
    if header.offset:
        settings["offset"] = header.offset
    if header.adjustment:
        settings["adjustment"] = header.adjustment
    if not header.offset and header.adjustment in (0, -header.width):
        settings["skip"] = header.width
    width = f"{header.width} byte{'s' * (header.width > 1)}"
    order = f" {header.order}-endian" if header.width > 1 else ""
    return Proposal(
        Choice("length", settings),
        f"Length: {width}{order}",
        reason(header, width + order),
        rank,
        bits,
        header.cost,
        header.offset + header.width,
    )


def reason(header: Header, field: str) -> Callable[[int], str]:
    """The sentence for a header, made of how many messages were found."""
    if not header.offset:
        begins = f"Every message begins with its own length, {field}"
    else:
        before = "1 byte" if header.offset == 1 else f"{header.offset} bytes"
        begins = f"Every message holds its own length after {before} of header, {field}"
    if not header.adjustment:
        counts = "not counting itself" if not header.offset else "counting what comes after it"
    elif header.added == 0:
        counts = "counting itself" if not header.offset else "counting the whole message"
    elif header.adjustment == -header.width:
        counts = "counting itself and what comes after it"
    else:
        much = abs(header.adjustment)
        more = f"{much} byte{'s' * (much > 1)} {'less' if header.adjustment > 0 else 'more'}"
        counts = f"which is {more} than what comes after it"
    return lambda count: f"{begins}, {counts}: {count:,} of {count:,}."
