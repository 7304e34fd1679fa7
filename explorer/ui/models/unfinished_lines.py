"""What stands unfinished at the ends of some streams, in words: of each direction by itself, never added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from explorer.capture.messages import Messages
from explorer.capture.reader import Reader
from explorer.capture.unfinished import Unfinished, head_of
from explorer.core.socket_spec import Choice
from explorer.ui.found_text import skipping_text
from explorer.ui.units import count_text
from explorer.ui.waiting_text import HEAD, pending_text, waits_for

MOST_TOLD = 8  # connections that are asked what they wait for
WAYS = ("← received", "→ sent")
BEHIND_THEM = "the next message is looked for behind them"

Flow = tuple[int, int]  # socket, connection


def unfinished_lines(
    reader: Reader, messages: Messages, flows: Iterable[Flow], framing: Callable[[int], Choice]
) -> dict[str, str]:
    """By direction (`WAYS`), where there is something. framing: of a socket."""
    found: tuple[list[tuple[Flow, Unfinished]], ...] = ([], [])
    for flow in flows:
        for place, end in enumerate(messages.unfinished(*flow)):
            if end is not None:
                found[place].append((flow, end))
    lines = {}
    for way, ends in zip(WAYS, found, strict=True):
        said = []
        pending = [(flow, end) for flow, end in ends if not end.skipped]
        if len(pending) == 1:
            [((socket, _), end)] = pending
            text = pending_text(framing(socket), end.size, head_of(reader, end, HEAD), end.start)
            said.append(text)
        elif pending:
            said.append(_several(reader, pending, framing))
        skipped = [end for _, end in ends if end.skipped]
        if len(skipped) == 1:
            said.append(f"{skipping_text(skipped[0])}; {BEHIND_THEM}")
        elif skipped:
            said.append(f"skipping on {count_text(len(skipped), 'connection')}; {BEHIND_THEM}")
        if said:
            lines[way] = " · ".join(said)
    return lines


def _several(reader: Reader, pending: list[tuple[Flow, Unfinished]], framing: Callable[[int], Choice]) -> str:
    """Of several connections: all of one direction together; and what they wait for if that is the same."""
    size = sum(end.size for _, end in pending)
    text = f"pending on {count_text(len(pending), 'connection')}: {count_text(size, 'byte')}"
    if len(pending) > MOST_TOLD:
        return text
    waits = {
        waits_for(framing(socket), end.size, head_of(reader, end, HEAD), end.start) for (socket, _), end in pending
    }
    return f"{text} · each {waits.pop()}" if len(waits) == 1 else text
