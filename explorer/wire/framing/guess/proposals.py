"""A framing that is proposed, before and after the framer of the registry has tried it on the bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Framer, FramingError
from explorer.wire.framing.guess.evidence import Span
from explorer.wire.framing.registry import make_framer
from explorer.wire.framing.runs import Run, measuring, runs_of

LEAST_MESSAGES = 2
RANK_SCORE = 100_000.0
COMPARED = 1 << 12  # messages of each sample, or a few more
PIECE = 1 << 14  # bytes fed at once: how often cancelling is looked at

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Guess:
    """A framing that fits what was received.

    label: a few words. reason: one sentence that says what was counted.
    messages: how many whole messages it finds in the samples.
    score: for the order among guesses: bits of evidence against chance, and more for what tells more by its nature.
    """

    choice: Choice
    label: str
    reason: str
    messages: int
    score: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A framing to be tried.

    reason: the sentence, made of how many messages were found.
    rank: how much what it found tells by its nature; proposals of a higher one go before all of a lower one.
    bits: the evidence, for the order among those of one rank.
    cost: bits for how seldom such settings are met.
    header: bytes at the front of a message that say how long it is; 0 where none do.
    """

    choice: Choice
    label: str
    reason: Callable[[int], str]
    rank: int
    bits: float
    cost: float = 0.0
    header: int = 0

    @property
    def score(self) -> float:
        return self.rank * RANK_SCORE + min(self.bits, RANK_SCORE - 1)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a framer found in the samples.

    borders: where messages end, as offsets in all samples in a row; not more than the first `COMPARED` of each sample.
    spans: the messages that end there.
    sizes: bytes on the wire, and how many messages have them.
    """

    borders: frozenset[int]
    spans: tuple[Span, ...]
    sizes: Counter[int]

    @property
    def messages(self) -> int:
        return self.sizes.total()


def try_out(choice: Choice, samples: Sequence[bytes], stop: Stop) -> Trial | None:
    """What the framing finds; None where it meets an error, where too much is left over, or when told to stop."""
    borders: list[int] = []
    spans: list[Span] = []
    sizes: Counter[int] = Counter()
    before = 0  # bytes of the samples before
    for index, sample in enumerate(samples):
        framer = make_framer(choice)
        most, largest = len(borders) + COMPARED, 0
        for at in range(0, len(sample), PIECE):
            if stop():
                return None
            for run in _runs(framer, sample[at : at + PIECE]):
                if isinstance(run, FramingError):
                    return None
                largest = max(largest, *run.sizes)
                sizes.update(run.sizes)
                if len(borders) < most:
                    begins, ends = run.bounds()
                    spans += map(Span, repeat(index), begins, run.sizes)
                    borders += [before + end for end in ends]
        if framer.pending > max(4 * largest, len(sample) // 8):
            return None
        before += len(sample)
    return Trial(frozenset(borders), tuple(spans), sizes)


def _runs(framer: Framer, data: bytes) -> list[Run | FramingError]:
    quick = measuring(framer)
    return quick.measure(data) if quick else runs_of(framer.feed(data))
