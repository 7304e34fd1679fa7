"""How short the bytes can be told if they are cut into messages in a certain way: the measure that compares framings.

Of two ways to cut the same bytes, the one that explains more of them is the better: it lets the bytes be coded in
fewer bits. Each column of the messages is coded in the best of some ways: as bytes that learn from those before, as
steps from the message before (by these, counters, clocks and slow values are told), or not at all. Columns are counted
from the front of the messages, and behind a part of varying size from their ends.

So a chain of lengths that jumps over messages loses against the one that stops at each: it has more columns, of which
each has fewer bytes to learn from. A counter that is taken for a length loses for the same reason. And cutting off
empty messages in front of each loses too, as the columns are less alike then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import sub

from explorer.wire.framing.guess.evidence import LOGS, SUMS, Background, Span

COUNTED = 3 << 11  # bytes of all samples that are told
LEAST_COUNTED = 1 << 9  # bytes of each sample
WAY = 2.0  # bits for choosing how a column is told
EMPTY = 2.0  # bits of a message that has nothing but the header
FAR, FEW = 0.7, 8  # part of the bits that counts where the first of so many messages is far longer than the others
STEP = 9.0  # bits of a step, or of a size, that comes for the first time
MOST_COLUMNS = 64  # from the front and from the end of messages that are not of one size
FRONTS = 3  # sizes of a front that are looked at closely
SHORT = 8  # one in so many messages may be shorter than those whose ends are looked at


def beginnings(samples: Sequence[bytes]) -> list[bytes]:
    """As much of each sample as is told."""
    most = max(LEAST_COUNTED, COUNTED // len(samples))
    return [sample[:most] for sample in samples]


def told(spans: Sequence[Span], samples: Sequence[bytes], background: Background, header: int) -> float:
    """The bits that are saved, against bytes that are told by how often they come, if these are the messages.

    header: so many bytes at the front say how long a message is, and are told before anything that this decides.
    Where it is 0, the sizes are paid for.
    """
    parts = beginnings(samples)
    messages: list[bytes] = []
    for index, part in enumerate(parts):
        low, high = bisect_left(spans, (index,)), bisect_left(spans, (index, len(part)))
        messages += [part[start : start + size] for _, start, size in spans[low:high]]
        done = spans[high - 1].start + spans[high - 1].size if high > low else 0
        if done < len(part):
            messages.append(part[done:])
    sizes = sorted(map(len, messages))
    usual = sizes[len(sizes) // SHORT]
    bases = {min(usual, MOST_COLUMNS), min(sizes[min(1, len(sizes) - 1)], MOST_COLUMNS)}
    if sizes[-1] == usual:
        bases = {usual}
    saved = max(_saved(messages, base, header, background.costs) for base in bases)
    if not header:
        return saved - _entropy(sizes)
    # A header says the size. But that some are small and others large, and that many are empty, is not usual.
    middle = LOGS[sizes[len(sizes) // 2]]
    saved -= _entropy([round(LOGS[size] - middle) for size in sizes]) + EMPTY * sizes.count(header)
    return saved * (FAR if _jumps(messages) else 1.0)


def _jumps(messages: Sequence[bytes]) -> bool:
    """Whether the first message is far longer than all others: so lengths begin that are read at a wrong place."""
    return len(messages) >= FEW and len(messages[0]) > 1.5 * max(map(len, messages[1:]))


def _saved(messages: Sequence[bytes], base: int, header: int, table: Sequence[float]) -> float:
    """Bits saved if `base` bytes of each message, less where it is shorter, are at its front and its end.

    Where the front ends is chosen so that most is saved. What stands between the two follows the front.
    """
    long = [message for message in messages if len(message) >= base]
    if max(map(len, messages)) == base and all(len(message) == base for message in messages[:-1]):
        whole = b"".join(messages)
        return sum([_column(whole[place::base], table) for place in range(base)])
    by_front = [
        _column([message[place] for message in messages if len(message) > place], table) for place in range(base)
    ]
    if all(len(message) == base for message in long):
        return sum(by_front)
    by_end = [_column([message[-place] for message in long], table) for place in range(1, base + 1)]
    before, after = list(accumulate(by_front, initial=0.0)), list(accumulate(by_end, initial=0.0))
    both = [one + other for one, other in zip(before, reversed(after), strict=True)]
    fronts = sorted(range(min(header, base), base + 1), key=lambda front: -both[front])
    return max(both[front] + _between(long, base, front, table) for front in fronts[:FRONTS]) - LOGS[base]


def _between(messages: Sequence[bytes], base: int, front: int, table: Sequence[float]) -> float:
    """Bits saved in what stands behind the first `front` bytes and before the last `base - front`."""
    middles = [message[front : len(message) - base + front] for message in messages]
    most = min(MOST_COLUMNS, max(map(len, middles)))
    columns = ([middle[place] for middle in middles if len(middle) > place] for place in range(most))
    return sum(max(0.0, _column(column, table)) for column in columns)


def _entropy(sizes: Sequence[int]) -> float:
    """Bits that tell sizes, each by how often it comes."""
    counts = Counter(sizes)
    return SUMS[len(sizes) + 1] - sum(SUMS[count - 1] + 1 - STEP for count in counts.values())


def _column(values: Sequence[int], table: Sequence[float]) -> float:
    """Bits that the best way to tell these bytes saves over the background; less than 0 where none does."""
    return max(*_ways(values, table), 0.0) - WAY if len(values) > 1 else 0.0


def _ways(values: Sequence[int], table: Sequence[float]) -> tuple[float, float]:
    """Bits that are saved by learning bytes, and by learning steps.

    As in `evidence.gain`, what learns is computed from the counts: a byte that came k times in n costs
    log2((n + 2) / k), and a new one that and what the background has for it; so do steps, of which all are as likely.
    """
    size = len(values)
    total = learned = stepped = 0.0
    for value, count in Counter(values).items():
        total += count * table[value]
        learned += SUMS[count - 1] + 1 - table[value]
    for count in Counter(_steps(values)).values():
        stepped += SUMS[count - 1] + 1 - STEP
    return total + learned - SUMS[size + 1], total - table[values[0]] + stepped - SUMS[size]


def _steps(values: Sequence[int]) -> Iterator[int]:
    return map(sub, values[1:], values)


def by_message(messages: Sequence[bytes], background: Background) -> list[float]:
    """Of messages of one size: the bits that each saves, if all others are known."""
    each, table = [0.0] * len(messages), background.costs
    for values in zip(*messages, strict=True):
        by_byte, by_step = _ways(values, table)
        if max(by_byte, by_step) <= 0:
            continue
        codes, first = values, [table[value] for value in values]
        if by_step > by_byte:
            codes, first = (values[0], *_steps(values)), [STEP] * len(values)
        counts, all_of_them = Counter(codes), LOGS[len(codes) + 1]
        for index, code in enumerate(codes):
            spent = all_of_them - LOGS[counts[code] - 1] if counts[code] > 1 else all_of_them - 1 + first[index]
            each[index] += table[values[index]] - spent
    return each
