"""A framing that is proposed, before and after the framer of the registry has tried it on the bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame, Found
from explorer.wire.framing.registry import make_framer

LEAST_MESSAGES = 2
PIECE = 1 << 14  # bytes fed at once: how often cancelling is looked at


@dataclass(frozen=True, slots=True)
class Guess:
    """A framing that fits what was received.

    label: a few words. reason: one sentence that says what was counted.
    messages: how many whole messages it finds in the samples.
    score: what speaks for it, in bits of evidence against chance, less for settings that are seldom met.
    """

    choice: Choice
    label: str
    reason: str
    messages: int
    score: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A framing to be tried. reason: the sentence, made of how many messages were found."""

    choice: Choice
    label: str
    reason: Callable[[int], str]
    score: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a framer found in the samples. pending: bytes left over, of all samples together."""

    found: tuple[tuple[Frame, ...], ...]
    pending: int

    @property
    def messages(self) -> int:
        return sum(map(len, self.found))


def try_out(choice: Choice, samples: Sequence[bytes], stop: Callable[[], bool]) -> Trial | None:
    """What the framing finds; None where it meets an error, where too much is left over, or when told to stop."""
    found: list[tuple[Frame, ...]] = []
    pending = 0
    for sample in samples:
        framer = make_framer(choice)
        items: list[Found] = []
        for at in range(0, len(sample), PIECE):
            if stop():
                return None
            items += framer.feed(sample[at : at + PIECE])
        frames = tuple(item for item in items if isinstance(item, Frame))
        if len(frames) < len(items):
            return None
        largest = max((frame.size for frame in frames), default=0)
        if framer.pending > max(4 * largest, len(sample) // 8):
            return None
        pending += framer.pending
        found.append(frames)
    return Trial(tuple(found), pending)
