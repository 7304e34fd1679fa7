"""What the chunk ruler shows, in words: for its sentence, its tips, its table and screen readers. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.capture.catalog import CapturedConnection
from explorer.capture.chunk_ruler import ChunkRuler, Missing
from explorer.capture.chunk_ruler_lanes import Lane, MessageLane, Range, rows_between
from explorer.capture.chunk_ruler_summary import Summary
from explorer.capture.words import counted
from explorer.core.calls import Call, CallFlag
from explorer.ui.framing_text import framing_text
from explorer.wire.visible import visible_text

SENT, RECEIVED, MESSAGES = 0, 1, 2
"""The lanes, from above."""
Name = Callable[[int], str]
"""The name of a socket by its number."""

WHY_MISSING = {
    "way": "on the way: sent, and not read by the receiver yet. They wait in the buffers of the two systems.",
    "closed": "never received: the receiver was closed before it read them.",
    "lost": "never received: these datagrams were lost. Later ones arrived, and between two sockets of one machine "
    "none overtakes another.",
    "alike": "as many were never received. Which ones nobody can tell: others before them hold the same bytes.",
    "cut": "cut off: the datagram was longer than the receiver's buffer, and what did not fit is gone.",
}
SHORT_MISSING = {
    "way": "on the way",
    "closed": "never received",
    "lost": "lost",
    "alike": "lost (or one alike)",
    "cut": "cut off",
}
ABSENT = {
    SENT: "The sender is not in this program, so its send calls cannot be seen.",
    RECEIVED: "The receiver is not in this program, so its recv calls cannot be seen.",
}
UNPAIRED = "From here on, what was received does not fit what was sent. Nothing more can be told for sure."


@dataclass(frozen=True, slots=True)
class LaneWords:
    """one: what a range is called; title, whose: what stands beside the lane."""

    one: str
    title: str
    whose: str


def lane_words(ruler: ChunkRuler, name: Name) -> tuple[LaneWords, LaneWords, LaneWords]:
    """Of the three lanes, from above."""
    ends = ruler.ends
    send, receive = ("sendto", "recvfrom") if ends.transport == "udp" else ("send", "recv")
    port = (ends.sender or ends.known).remote.port if ends.sender else ends.known.local.port
    sender = f"of {_end(ends.sender, name)} → {port}" if ends.sender else f"of {_peer(ends.receiver)}"
    receiver = f"of {_end(ends.receiver, name)}" if ends.receiver else f"of {_peer(ends.sender)}"
    framing = framing_text(ruler.framing)
    return (
        LaneWords(send, f"{send} calls", sender),
        LaneWords(receive, f"{receive} calls", receiver),
        LaneWords("message", "messages", framing if ruler.framing.kind != "raw" else "no framing (Raw)"),
    )


def _end(connection: CapturedConnection | None, name: Name) -> str:
    return visible_text(name(connection.socket)) if connection else ""


def _peer(connection: CapturedConnection | None) -> str:
    return f"{connection.remote}" if connection else ""


# -- the sentence ------------------------------------------------------------------------------------


def sentence(ruler: ChunkRuler, found: Summary, zooms: bool = True) -> str:
    """What a stretch shows. zooms: whether the user can zoom where this is said."""
    udp = ruler.ends.transport == "udp"
    send, receive = ("sendto", "recvfrom") if udp else ("send", "recv")
    sends = None if found.sends is None else counted(found.sends, f"{send} call")
    receives = None if found.receives is None else counted(found.receives, f"{receive} call")
    both = bool(sends and receives) and not (found.sends == 0 and found.receives)
    if both and found.receives:
        text = f"{sends} arrived as {receives}"
    elif both:
        text = f"{sends} did not arrive" + (" yet" if found.way or not found.lost else "")
    elif found.receives:
        text = f"{receives}"
    else:
        text = f"{sends or receives}"
    one = found.receives == 1 if (found.receives and not both) or found.sends is None else found.sends == 1
    if found.messages is not None and (found.receives != 0 or not receives):
        text += f"{' and' if both else ''} hold{'s' if one else ''} "
        text += counted(found.messages, "message") if found.messages else "no whole message yet"
        text += _cuts(found, udp, zooms) if not ruler.behind else ", as far as messages were found by now"
    elif ruler.framing.kind == "raw":
        text += f". Without framing each {receive if receives else send} is taken for a message"
    text += "."
    return text + _rest(found)


def _cuts(found: Summary, udp: bool, zooms: bool) -> str:
    """How calls and messages cut each other."""
    if found.several is None or found.split is None:
        return f". {'Zoom' if zooms else 'Leave the table and zoom'} in to see how they cut each other"
    parts = []
    if found.several:
        parts.append(f"{counted(found.several, 'call')} carried parts of more than one message")
    if found.split:
        were = "was" if found.split == 1 else "were"
        parts.append(f"{counted(found.split, 'message')} {were} split over calls")
    if parts:
        return f": {', '.join(parts)}"
    calls = found.receives if found.receives is not None else found.sends
    if not found.messages or calls != found.messages or found.errors:
        return ""
    if udp:
        return ": UDP keeps each datagram whole"
    call = "call" if found.receives is None or found.sends in (None, 0, found.messages) else "recv call"
    return f": here each {call} carried one whole message, which TCP does not promise"


def _rest(found: Summary) -> str:
    text = ""
    if found.way:
        text += f" {counted(found.way, 'byte')} {'is' if found.way == 1 else 'are'} on the way."
    if found.lost:
        text += f" {counted(found.lost, 'byte')} {'was' if found.lost == 1 else 'were'} never received."
    if found.errors:
        text += f" The framing is broken in {counted(found.errors, 'place')}."
    return text


# -- one range ---------------------------------------------------------------------------------------


def listed(word: str, rows: range) -> str:
    """``recv 3``, ``recv 3 and 4``, ``recv 3 to 7``; rows are counted from 1."""
    first, last = rows.start + 1, rows.stop
    if len(rows) == 1:
        return f"{word} {first:,}"
    return f"{word} {first:,} and {last:,}" if len(rows) == 2 else f"{word} {first:,} to {last:,}"


def passed(nanoseconds: int) -> str:
    """``+4.1 ms``."""
    if nanoseconds >= 1_000_000_000:
        return f"+{nanoseconds / 1e9:,.3g} s"
    if nanoseconds >= 1_000_000:
        return f"+{nanoseconds / 1e6:,.3g} ms"
    return f"+{nanoseconds / 1e3:,.3g} µs"


def describe(ruler: ChunkRuler, which: int, row: int) -> str:
    """All about one range, for a tip: parts that follow each other."""
    return " · ".join(parts_of(ruler, which, row))


def parts_of(ruler: ChunkRuler, which: int, row: int) -> list[str]:
    """What there is to be said of one range."""
    lane = ruler.lanes[which]
    if lane is None or not 0 <= row < lane.count:
        return []
    found = lane.range(row)
    if which == MESSAGES and isinstance(lane, MessageLane):
        return _message_parts(ruler, lane, found)
    word = words_of(ruler, which)
    parts = [f"{word} {row + 1:,}", *_call_parts(ruler, lane, found)]
    parts += others_of(ruler, which, found)
    parts.append(f"call #{found.call:,} of the capture")
    return parts


def words_of(ruler: ChunkRuler, which: int) -> str:
    """What a range of a lane is called."""
    if which == MESSAGES and ruler.framed:
        return "message"
    received = which == RECEIVED or (which == MESSAGES and ruler.received is not None)
    if ruler.ends.transport == "udp":
        return "recvfrom" if received else "sendto"
    return "recv" if received else "send"


def _call_parts(ruler: ChunkRuler, lane: Lane, found: Range) -> list[str]:
    call = ruler.reader.call(found.call)
    parts = [_size_text(call)]
    if found.row:
        parts.append(passed(call.time - ruler.reader.call(lane.range(found.row - 1).call).time))
    return parts


def _size_text(call: Call) -> str:
    """Of a recv, the buffer is told; of a send, what the system did not take."""
    if call.received:
        cut = ", cut" if call.flags & CallFlag.CUT else ""
        return f"{call.size:,} B into a buffer of {call.asked:,} B{cut}"
    return f"{call.size:,} of {call.asked:,} B" if call.size < call.asked else f"{call.size:,} B"


def others_of(ruler: ChunkRuler, which: int, found: Range) -> list[str]:
    """How a call meets what stands in the other lanes."""
    parts = []
    sent, received, messages = ruler.lanes
    if which == SENT and received is not None:
        rows = rows_between(received, found.start, found.stop)
        missing = list(ruler.missing(found.start, found.stop))
        parts += [f"arrived in {listed(words_of(ruler, RECEIVED), rows)}"] if rows else []
        parts += [_missing_text(one, found) for one in missing]
    elif which != SENT and sent is not None and ruler.received is not None:
        parts.append(f"sent by {listed(words_of(ruler, SENT), rows_between(sent, found.start, found.stop))}")
    if ruler.framed and messages is not None and (which == RECEIVED or ruler.received is None):
        rows = rows_between(messages, found.start, found.stop)
        parts += [f"carried {listed('message', rows)}{_ends_of(messages, rows, found)}"] if rows else []
    return parts


def _ends_of(lane: Lane, rows: range, found: Range) -> str:
    """Which of the messages in a call reach beyond it."""
    before, behind = lane.range(rows.start).start < found.start, lane.range(rows.stop - 1).stop > found.stop
    if len(rows) == 1:
        return ", a part of it" if before or behind else ", all of it"
    if before and behind:
        return ", of the first and the last a part"
    return ", of the first a part" if before else ", of the last a part" if behind else ", all of them"


def _missing_text(one: Missing, found: Range) -> str:
    size = min(one.stop, found.stop) - max(one.start, found.start)
    return f"{size:,} B {SHORT_MISSING[one.why]}"


def _message_parts(ruler: ChunkRuler, lane: MessageLane, found: Range) -> list[str]:
    message = lane.message(found.row)
    parts = [f"message {found.row + 1:,}"]
    if message.error:
        parts = [f"broken framing at {found.row + 1:,}: {message.error}"]
    elif message.payload_size != message.size:
        parts.append(f"{message.size:,} B, of which {message.payload_size:,} B are the message itself")
    else:
        parts.append(f"{message.size:,} B")
    which = RECEIVED if ruler.received is not None else SENT
    rows = rows_between(ruler.calls, found.start, found.stop)
    if rows:
        word, whole = words_of(ruler, which), "in" if len(rows) == 1 else f"split over {len(rows):,} calls:"
        parts.append(f"{whole} {listed(word, rows)}")
    if which == RECEIVED and ruler.sent is not None and (
        sends := rows_between(ruler.sent, found.start, found.stop)
    ):  # fmt: skip
        parts.append(f"sent by {listed(words_of(ruler, SENT), sends)}")
    return parts
