"""What the byte pane says: whose bytes these are, where the cursor stands, and why there is nothing to see."""

from __future__ import annotations

from explorer.capture.stream import Ranges, Scope, Stream, size_of
from explorer.ui.copying import counted
from explorer.ui.panes.bytes_source import OF_MESSAGES, BytesSource
from explorer.ui.workbench import Workbench

NOTHING_YET = (
    "Bytes sent and received will appear here, as hex and as text.\n"
    "Start a socket and send something, or press 'Try it'."
)
LEFT_OUT_TIP = "Bytes of messages that have not wholly arrived, or that the framing skips. Rows per call show them all."


def describe_scope(workbench: Workbench) -> str:
    """Whose bytes are shown: ``all sockets``, ``echo`` or ``echo ← 127.0.0.1:51514``."""
    scope = workbench.selection.scope
    socket, connection = workbench.socket(scope.socket), workbench.connection(scope.connection)
    if connection is not None and socket is None:
        socket = workbench.socket(connection.socket)
    if socket is None:
        return "all sockets" if scope.socket is None else "a removed socket"
    if connection is None:
        return socket.spec.name
    return f"{socket.spec.name} {'←' if connection.accepted else '→'} {connection.remote}"


def describe_position(cursor: int, ranges: Ranges, stream: Stream | None = None) -> str:
    """``offset 0x1F4 (500) · 12 bytes selected · ends 0x1FF``; the end is the last selected byte.

    In a stream of messages, offsets count from the beginning of the message that the cursor stands in:
    ``message 3, offset in it 0x2 (2)``.
    """
    base, whose = 0, "offset"
    if isinstance(stream, OF_MESSAGES) and cursor < stream.size:
        number, base, stop = stream.message_at(cursor)
        whose = f"message {number + 1:,}, offset in it"
        if ranges and ranges[-1][1] > stop:
            return f"{whose} 0x{cursor - base:X} · {counted(size_of(ranges))} selected, on into further messages"
    if not ranges:
        return f"{whose} 0x{cursor - base:X} ({cursor - base:,})"
    start, size = ranges[0][0] - base, size_of(ranges)
    if start < 0:
        return f"{whose} 0x{cursor - base:X} · {counted(size)} selected, from earlier messages on"
    said = f"{whose} 0x{start:X} ({start:,}) · {counted(size)} selected"
    if len(ranges) > 1:
        said += f" in {len(ranges):,} parts"
    return f"{said} · ends 0x{ranges[-1][1] - base - 1:X}" if size > 1 else said


def why_empty(workbench: Workbench, source: BytesSource) -> str:
    """Why there is nothing to see, and what to do."""
    if source.problem:
        return f"{source.problem}\nChoose another framing for the socket, or rows that are not per message."
    name = describe_scope(workbench)
    if source.mode == "message" and source.bytes.size:
        return (
            f"No whole message yet: {counted(source.bytes.size)} of unfinished ones are held back. "
            "Rows per call show them."
        )
    if source.direction != "both":
        return f"Nothing was {source.direction} by {name} so far. Choose Both to see the other direction too."
    if workbench.viewing:
        return f"This capture holds no bytes of {name}. Choose another socket, or all sockets."
    if workbench.selection.scope != Scope() and workbench.tally.received + workbench.tally.sent:
        return f"{name} has sent and received nothing so far.\nBytes will appear here, as hex and as text."
    return NOTHING_YET


def describe_counting(cursor: int, stream: Stream | None) -> str:
    """What the offsets of Go to count, where the rows show other ones; else ""."""
    if not isinstance(stream, OF_MESSAGES):
        return ""
    return (
        f"Offsets count the bytes of all messages shown, one after another; the cursor is at 0x{cursor:X} ({cursor:,})."
    )


def describe_left_out(size: int) -> str:
    """What rows per message do not show."""
    return f"{counted(size)} not shown: no whole message yet" if size else ""
