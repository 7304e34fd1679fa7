"""Framings whose bytes obey rules of their own: `netstring`, `cobs`, `slip`, `stx_etx`, and `varint`.

Each rule is checked wherever it applies; what chance would have to do to obey it is counted in bits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from math import log2

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.description import told
from explorer.wire.framing.guess.endings import LINE_BITS, is_text, spans_before
from explorer.wire.framing.guess.evidence import MOST, Background, Span, counted, weigh
from explorer.wire.framing.guess.lengths import LEAST, evident
from explorer.wire.framing.guess.proposals import Proposal

NEEDED = 24.0  # bits
RANK = 5
COMPARED = 3  # the rank of what may be a length besides, so that the two are compared
VARINT_COST = 7.0
MARK_COST = {("02", "03"): 2.0, ("01", "04"): 3.0}
OTHER_MARK_COST = 8.0
ESCAPES = ("10", "1b", "7d")
CHECKS = (1, 2)  # bytes behind an end mark
_NETSTRING = re.compile(rb"(0|[1-9][0-9]{0,6}):")
COUNTED_PACKETS = 512
LONGEST_CHANCE = 64  # bytes: for longer packets, the chance of decoding is taken for the same


def coded_proposals(samples: Sequence[bytes], background: Background, ended: bool) -> list[Proposal]:
    """Proposals of all the kinds of this file."""
    found = [_netstring(samples), _cobs(samples, background), _slip(samples, background)]
    return [proposal for proposal in (*found, *_marks(samples, background)) if proposal] + _varint(
        samples, background, ended
    )


def _netstring(samples: Sequence[bytes]) -> Proposal | None:
    bits = 0.0
    for sample in samples:
        at = 0
        while header := _NETSTRING.match(sample, at):
            end = header.end() + int(header[1])
            if sample[end : end + 1] != b",":
                if end < len(sample):
                    return None
                break
            bits += 8 + 8 + 4 * len(header[1])  # the colon and the comma in their places, digits in theirs
            at = end + 1
        if at == 0 and sample:
            return None
    if bits < NEEDED:
        return None
    return Proposal(
        Choice("netstring"),
        "Netstrings",
        lambda count: (
            f"Every message begins with its length in decimal digits and a colon, and ends with a comma: "
            f"{count:,} of {count:,}."
        ),
        RANK,
        bits,
    )


def _packets(samples: Sequence[bytes], delimiter: bytes) -> list[bytes]:
    """What stands before each delimiter, without empty ones and repeated ones; not too many."""
    parts = chain.from_iterable(sample.split(delimiter)[:-1] for sample in samples)
    return [part for part in dict.fromkeys(parts) if part][:COUNTED_PACKETS]


def _cobs(samples: Sequence[bytes], background: Background) -> Proposal | None:
    packets = _packets(samples, b"\0")
    if len(packets) < LEAST:
        return None
    chances = _cobs_chances(background.chances)
    bits = -4.0
    for packet in packets:
        at = 0
        while at < len(packet):
            at += packet[at]
        if at != len(packet):
            return None
        bits -= log2(chances[min(len(packet), LONGEST_CHANCE)])
    if bits < NEEDED:
        return None
    # A first message that is empty, and 00 nowhere at the end: those may be the zeros in front of lengths.
    late = any(sample.startswith(b"\0") and not sample.endswith(b"\0") for sample in samples)
    return Proposal(
        Choice("cobs"),
        "COBS",
        lambda count: f"Every message ends with 00 and decodes by COBS without an error: {count:,} of {count:,}.",
        COMPARED if late else RANK,
        bits,
    )


def _cobs_chances(common: Sequence[float]) -> list[float]:
    """The chance that so many bytes other than 00 decode, if bytes are drawn as often as they come."""
    other = 1 - common[0]
    chances = [1.0]
    for size in range(1, LONGEST_CHANCE + 1):
        chances.append(min(1.0, sum(common[code] / other * chances[size - code] for code in range(1, size + 1))))
    return chances


def _slip(samples: Sequence[bytes], background: Background) -> Proposal | None:
    packets = _packets(samples, b"\xc0")
    if len(packets) < LEAST:
        return None
    whole = b"\xc0".join(packets)
    escapes = whole.count(b"\xdb")
    if whole.count(b"\xdb\xdc") + whole.count(b"\xdb\xdd") < escapes:
        return None
    # Single ones, such as Latin-1 letters or pointers of the DNS, are no ends of messages.
    if escapes < LEAST and not all(sample.endswith(b"\xc0") for sample in samples):
        return None
    right = background.chances[0xDC] + background.chances[0xDD]
    bits = -6.0 - escapes * log2(min(1.0, right))
    bits += sum(background.cost(0xC0) for sample in samples if sample.startswith(b"\xc0"))
    bits += sum(background.cost(0xC0) for sample in samples if sample.endswith(b"\xc0"))
    bits += sum(sample.count(b"\xc0\xc0") for sample in samples) * background.cost(0xC0)
    if all(map(is_text, packets)):
        bits += LINE_BITS
    else:
        spans = [span for span in spans_before(samples, b"\xc0") if span.size > 1]
        bits += max(0.0, weigh(counted(spans, samples), samples, 3, background).bits)
    if bits < NEEDED:
        return None
    said = f", and each of {escapes:,} db is followed by dc or dd" if escapes else ""
    return Proposal(
        Choice("slip", {"strict": True}),
        "SLIP",
        lambda count: f"Messages stand between c0{said}, as SLIP has it: {count:,} of {count:,}.",
        RANK,
        bits,
    )


def _marks(samples: Sequence[bytes], background: Background) -> Iterable[Proposal]:
    """`stx_etx` with the usual marks, and with the byte that the samples begin with and what stands before it."""
    first = samples[0][:2]
    pairs = [*MARK_COST, *((first[:1].hex(), last.hex()) for last in _before(first[:1], samples))]
    for start, end in dict.fromkeys(pairs):
        if start != end and not _printable(start) and not _printable(end):
            escape = next(escape for escape in ESCAPES if escape not in (start, end))
            yield from _marked(samples, background, (start, end, escape), False)
    for last in _before(first, samples):
        if len(last) == 2 and first[0] == last[0] and len({first[0], first[1], last[1]}) == 3:
            marks = (first[1:].hex(), last[1:].hex(), first[:1].hex())
            yield from _marked(samples, background, marks, True)
    # A check behind the end hides what stands before the start, so that only the usual marks are looked for.
    for behind in CHECKS:
        for start, end in MARK_COST:
            yield from _marked(samples, background, (start, end, "10"), False, behind)
        yield from _marked(samples, background, ("02", "03", "10"), True, behind)


def _before(start: bytes, samples: Sequence[bytes]) -> list[bytes]:
    """What stands most often before `start`, as many bytes as that has; an escape may stand there more often."""
    around: Counter[bytes] = Counter()
    for sample in samples:
        at = sample.find(start, 2 * len(start))
        while at >= 0 and around.total() < COUNTED_PACKETS:
            around[sample[at - len(start) : at]] += 1
            at = sample.find(start, at + 1)
    return [before for before, _ in around.most_common(3)]


def _printable(mark: str) -> bool:
    return 0x20 <= int(mark, 16) < 0x7F


def _marked(
    samples: Sequence[bytes], background: Background, marks: tuple[str, str, str], prefixed: bool, behind: int = 0
) -> Iterable[Proposal]:
    start, end, escape = map(bytes.fromhex, marks)
    begin, finish = (escape + start, escape + end) if prefixed else (start, end)
    if not all(sample.startswith(begin) for sample in samples):
        return
    cost = sum(background.cost(byte) for byte in begin)
    any_check = b".{%d}" % behind
    border = re.compile(re.escape(finish) + any_check + re.escape(begin), re.DOTALL)
    last = re.compile(re.escape(finish) + any_check + rb"\Z", re.DOTALL)
    borders = sum(len(border.findall(sample)) for sample in samples)
    bits = (borders + len(samples)) * cost - MARK_COST.get((marks[0], marks[1]), OTHER_MARK_COST)
    bits += sum(background.cost(byte) for sample in samples if last.search(sample, _last(sample)) for byte in finish)
    known = (marks[0], marks[1]) in MARK_COST
    if borders < LEAST - 1 or bits < NEEDED or not (known or _vary(samples, finish + begin)):
        return
    settings: dict[str, Value] = {"prefixed": True} if prefixed else {}
    usual = {"start": "02", "end": "03", "escape": "10"}
    settings |= {name: mark for name, mark in zip(usual, marks, strict=True) if mark != usual[name]}
    settings |= {"behind": behind} if behind else {}
    said, closed = begin.hex(" "), finish.hex(" ")
    closed += f" and {behind} byte{'s' if behind > 1 else ''}" if behind else ""
    yield Proposal(
        Choice("stx_etx", settings),
        f"Start {said}, end {closed}",
        lambda count: (
            f"Every message stands between {said} and {closed}, and nothing stands outside: {count:,} of {count:,}."
        ),
        RANK if known or prefixed else COMPARED,
        bits,
    )


def _last(sample: bytes) -> int:
    """From where on an end mark and a check can be the end of the sample."""
    return max(0, len(sample) - 2 - CHECKS[-1])


def _vary(samples: Sequence[bytes], border: bytes) -> bool:
    """Whether different messages stand between borders: what repeats itself has borders wherever one likes."""
    parts = {part for sample in samples for part in sample.split(border, COUNTED_PACKETS)}
    return len(parts) > LEAST


def _varint(samples: Sequence[bytes], background: Background, ended: bool) -> list[Proposal]:
    spans: list[Span] = []
    for index, sample in enumerate(samples):
        at = 0
        while len(spans) < MOST and (whole := _varint_size(sample, at)) and at + whole <= len(sample):
            spans.append(Span(index, at, whole))
            at += whole
    if len(spans) < LEAST:
        return []
    if not evident(spans, samples, 1, background, ended, VARINT_COST):
        return []
    return [
        Proposal(
            Choice("varint"),
            "Length: varint",
            lambda count: f"Every message begins with its own length as a varint: {count:,} of {count:,}.",
            COMPARED,
            told(spans, samples, background, 1) - VARINT_COST,
            VARINT_COST,
            1,
        )
    ]


def _varint_size(sample: bytes, at: int) -> int:
    """Bytes of the frame at `at`, its prefix counted; 0 where its prefix is not whole or too long."""
    value = 0
    for place in range(at, min(at + 5, len(sample))):
        byte = sample[place]
        value |= (byte & 0x7F) << 7 * (place - at)
        if byte < 0x80:
            return place + 1 - at + value
    return 0
