"""The whole of a guess: proposals of all kinds, tried by their framers, the best first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.wire.framing.guess.endings import line_proposals
from explorer.wire.framing.guess.proposals import LEAST_MESSAGES, Guess, Proposal, try_out

LARGEST_SAMPLE = 1 << 18
MOST_GUESSES = 6


def guess(
    samples: Sequence[bytes], ended: bool = False, cancelled: Callable[[], bool] | None = None
) -> tuple[Guess, ...]:
    """Likely framings of `samples`, the best first, at most six; none where nothing speaks for any.

    samples: the beginnings of one or more streams of one socket and one direction; of each, at most 256 KiB are used.
    ended: the samples are whole streams, so that a message should end where they do.
    cancelled: asked now and then; as soon as it says True, nothing is guessed.
    """
    stop = cancelled or (lambda: False)
    streams = [bytes(sample[:LARGEST_SAMPLE]) for sample in samples if sample]
    proposals: list[Proposal] = line_proposals(streams)
    proposals.sort(key=lambda proposal: -proposal.score)
    guesses: list[Guess] = []
    for proposal in proposals:
        trial = try_out(proposal.choice, streams, stop)
        if stop():
            return ()
        if trial and trial.messages >= LEAST_MESSAGES:
            said = proposal.reason(trial.messages)
            guesses.append(Guess(proposal.choice, proposal.label, said, trial.messages, proposal.score))
        if len(guesses) == MOST_GUESSES:
            break
    return tuple(guesses)
