"""The whole of a guess: proposals of all kinds, tried by their framers, the best first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from explorer.wire.framing.guess.coded import coded_proposals
from explorer.wire.framing.guess.description import told
from explorer.wire.framing.guess.endings import delimiter_proposals, line_proposals
from explorer.wire.framing.guess.evidence import Background
from explorer.wire.framing.guess.fixed import fixed_proposal, likely_size
from explorer.wire.framing.guess.lengths import length_proposals
from explorer.wire.framing.guess.proposals import LEAST_MESSAGES, Guess, Proposal, Stop, Trial, try_out
from explorer.wire.framing.guess.trailers import with_checksum

LARGEST_SAMPLE = 1 << 18
MOST_GUESSES = 6
MOST_TRIED = 14
COUNTING = ("length", "varint", "fixed")  # kinds that cut the same bytes in different places by counting
OVERLAP = 0.5  # of the messages: two ways of counting that agree on so many are not both right
OVERWHELMING = 20.0  # times the bits of all lengths: then a delimiter goes before them
FAR_LESS = 1.25  # times fewer bits than a better one has: that one is far better
WEAK = 2  # proposals of this rank are made only where there are no others
RULED = 4  # what has a proposal of this rank obeys the rules of text or of a code: no length is looked for besides


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
    if not streams:
        return ()
    background = Background(streams)
    obeyed = line_proposals(streams) + coded_proposals(streams, background, ended)
    obeyed += delimiter_proposals(streams, background)
    tried = _tried([proposal for proposal in obeyed if proposal.rank >= RULED], streams, stop)
    others = [proposal for proposal in obeyed if proposal.rank < RULED]
    if not tried:
        others = _counting(streams, background, ended, others, stop)
    tried += _tried(others, streams, stop)
    accepted: list[tuple[Proposal, Trial]] = []
    for proposal, trial in _compared(tried, streams, background):
        if all(_other(proposal, trial, *one) for one in accepted):
            accepted.append((proposal, trial))
    best = [_checked(proposal, trial, streams, stop) for proposal, trial in accepted[:MOST_GUESSES]]
    scores = accumulate((proposal.score for proposal, _ in best), min)
    guesses = tuple(_guess(proposal, trial, score) for (proposal, trial), score in zip(best, scores, strict=True))
    return () if stop() else guesses


def _tried(proposals: Sequence[Proposal], samples: Sequence[bytes], stop: Stop) -> list[tuple[Proposal, Trial]]:
    """Those whose framers find messages, and nothing else, in the samples: the best first."""
    tried: list[tuple[Proposal, Trial]] = []
    for proposal in sorted(proposals, key=lambda proposal: -proposal.score)[:MOST_TRIED]:
        trial = None if stop() else try_out(proposal.choice, samples, stop)
        if trial and trial.messages >= LEAST_MESSAGES:
            tried.append((proposal, trial))
    return tried


def _compared(
    tried: Sequence[tuple[Proposal, Trial]], samples: Sequence[bytes], background: Background
) -> list[tuple[Proposal, Trial]]:
    """The best first. Those that no rule of text or of a code decides are compared by how shortly they tell the bytes.

    Of two that cut the same bytes in the same places, the one of the higher rank is the better.
    """
    ruled = [(proposal, trial) for proposal, trial in tried if proposal.rank >= RULED]
    found: dict[frozenset[int], list[tuple[Proposal, Trial]]] = {}
    for proposal, trial in tried:
        if proposal.rank < RULED:
            known = proposal if proposal.header else _told(proposal, trial, samples, background)
            found.setdefault(trial.borders, []).append((known, trial))
    same = sorted(found.values(), key=lambda same: -max(proposal.bits for proposal, _ in same))
    others = [one for ones in same for one in sorted(ones, key=lambda one: (-one[0].rank, one[0].cost))]
    counting = next((proposal.rank for proposal, _ in others if proposal.choice.kind in COUNTING), 0)
    lower = [one for one in others if one[0].choice.kind not in COUNTING and one[0].rank < counting]
    return ruled + [one for one in others if one not in lower] + lower


def _told(proposal: Proposal, trial: Trial, samples: Sequence[bytes], background: Background) -> Proposal:
    """With the bits that lengths have from the beginning."""
    return replace(proposal, bits=told(trial.spans, samples, background, 0) - proposal.cost)


def _counting(
    samples: Sequence[bytes], background: Background, ended: bool, delimiters: Sequence[Proposal], stop: Stop
) -> list[Proposal]:
    """Proposals of lengths and of one size, and these delimiters."""
    size, bits = likely_size(samples, background, ended, stop)
    fixed = [fixed_proposal(size, bits)] if size else []
    lengths = length_proposals(samples, background, ended, size, stop)
    most = max((proposal.bits for proposal in lengths if proposal.rank > WEAK), default=0.0)
    if any(proposal.rank == WEAK and proposal.bits > OVERWHELMING * most for proposal in delimiters):
        lengths = [replace(proposal, rank=min(WEAK, proposal.rank)) for proposal in lengths]
    return [*delimiters, *fixed, *lengths]


def _other(proposal: Proposal, trial: Trial, better: Proposal, better_trial: Trial) -> bool:
    """Whether a proposal says something else than a better one, and is not merely in step with it now and then."""
    kind, known = proposal.choice.kind, better.choice.kind
    if trial.borders == better_trial.borders:
        return kind != known and better.rank < RULED
    if proposal.rank <= WEAK < better.rank and not _ends_lines(proposal, better):
        return False
    if kind not in COUNTING or known not in COUNTING:
        return True
    least = OVERLAP * min(trial.messages, better_trial.messages)
    in_step = len(trial.borders & better_trial.borders) >= OVERLAP * min(len(trial.borders), len(better_trial.borders))
    beside = (trial.sizes & better_trial.sizes).total() >= least  # the same messages, each a few bytes later
    return not in_step and not beside and proposal.bits * FAR_LESS > better.bits


def _ends_lines(proposal: Proposal, better: Proposal) -> bool:
    """Whether it is a delimiter of several lines, such as an empty line, which is worth a thought besides lines."""
    return better.choice.kind == "line" and "0a" in str(proposal.choice.settings.get("hex", ""))[:-2]


def _checked(proposal: Proposal, trial: Trial, samples: Sequence[bytes], stop: Stop) -> tuple[Proposal, Trial]:
    """With the checksum that the messages end with, if they do."""
    checked = with_checksum(proposal, samples, stop)
    again = try_out(checked.choice, samples, stop) if checked else None
    return (checked, again) if checked and again else (proposal, trial)


def _guess(proposal: Proposal, trial: Trial, score: float) -> Guess:
    return Guess(proposal.choice, proposal.label, proposal.reason(trial.messages), trial.messages, score)
