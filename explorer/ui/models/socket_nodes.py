"""What the rows of the sockets tree say, as frozen values: pure functions of what is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.core.states import CloseReason, State
from explorer.ui.entries import ConnectionEntry, SocketEntry
from explorer.ui.models.log_model import Tone
from explorer.ui.units import count_text, rate_text, size_text

Amounts = tuple[float, float]  # received, sent: bytes, or bytes a second


class Shape(Enum):
    """The mark before a row: its form tells the state without its colour."""

    NONE = "none"
    FULL = "open"
    RING = "closed"
    HALF = "on its way"
    CROSS = "failed"
    LEFT = "close not captured"


@dataclass(frozen=True, slots=True)
class Node:
    """One row, ready to paint.

    title, kind: the first line (kind in grey); detail: a second line, where there is one;
    amount: at the right. more: this row stands for so many connections that are not shown.
    """

    shape: Shape
    tone: Tone
    title: str
    kind: str = ""
    detail: str = ""
    detail_tone: Tone = Tone.MUTED
    amount: str = ""
    tip: str = ""
    grey: bool = False
    bold: bool = False
    more: int = 0

    @property
    def spoken(self) -> str:
        """The whole row in words."""
        parts = (self.title, self.kind, self.shape.value if self.shape is not Shape.NONE else "", self.detail)
        return ", ".join(part for part in (*parts, self.amount) if part)


WARNING = "△ warning"  # stands before what a socket does, while something told of a connection was not read


def everything_node(sockets: int, rates: Amounts) -> Node:
    """The first row. sockets: how many there are."""
    tip = "Calls, messages and bytes of all sockets together"
    kind = count_text(sockets, "socket")
    return Node(Shape.NONE, Tone.TEXT, "Everything", kind, amount=_rates(*rates), tip=tip, bold=True)


def more_node(hidden: int, reachable: bool) -> Node:
    """The row for connections that are not shown. reachable: whether some of them can be."""
    if reachable:
        title = f"… {count_text(hidden, 'more connection')}"
        tip = "Only the newest are shown, open ones first. Enter or a double click shows 1,000 more."
    else:
        title = f"… {count_text(hidden, 'earlier connection')}"
        tip = "They closed long ago and are not listed any more. Their calls and bytes are in the capture."
    return Node(Shape.NONE, Tone.MUTED, title, more=hidden, tip=tip)


def unknown_node(number: int) -> Node:
    """A connection that nothing is known of any more."""
    return Node(Shape.RING, Tone.MUTED, f"#{number}", grey=True)


def captured_node(entry: SocketEntry, connections: int, rates: Amounts) -> Node:
    """A socket of a capture from disk."""
    shape, tone = _socket_mark(entry)
    status = count_text(connections, "connection")
    tip = f"{entry.spec.name}: {entry.spec.title}\n{status}"
    return Node(shape, tone, entry.spec.name, entry.spec.title, status, amount=_rates(*rates), tip=tip, bold=True)


def socket_node(entry: SocketEntry, open_connections: int, rates: Amounts) -> Node:
    """A socket of the workspace."""
    shape, tone = _socket_mark(entry)
    status = entry.status
    failed = entry.failure is not None and not entry.running
    if not entry.running and not failed:
        status = f"not running · {_wanted_address(entry)}"
    elif entry.running and entry.spec.role == "server" and open_connections:
        status += f" · {open_connections:,} open"
    told = entry.trouble is not None and not failed
    problem = failed or told or bool(entry.paused) or entry.lost > 0
    detail_tone = Tone.ERROR if failed else Tone.WARNING if problem else Tone.MUTED
    lines = [f"{entry.spec.name}: {entry.spec.title}", status]
    if entry.failure is not None:
        failure = entry.failure
        lines[1:] = [f"{failure.call} failed: {failure.errno} ({failure.said})", failure.means, failure.advice]
    if entry.trouble is not None:
        lines.append(entry.trouble.failure.sentence)
    if told:
        status = f"{WARNING} · {status}"
    if entry.lost:
        lines.append(f"The system dropped {count_text(entry.lost, 'datagram')} before they could be read.")
        status += f" · {entry.lost:,} lost"
    return Node(
        shape, tone, entry.spec.name, entry.spec.title, status, detail_tone, _rates(*rates), "\n".join(lines), bold=True
    )


def connection_node(entry: ConnectionEntry, totals: tuple[int, int]) -> Node:
    """A connection. totals: bytes received and sent."""
    received, sent = totals
    amount = f"↓{size_text(received)} ↑{size_text(sent)}" if received or sent else ""
    shape, tone, word = _connection_mark(entry)
    way = "accepted from" if entry.accepted else "connected to"
    why = _REASONS[entry.reason] if entry.reason else ""
    if entry.left_open:
        why = " of the capture: no close of it was recorded"
    lines = [f"{way} {entry.remote}, local address {entry.local}", word + why]
    if received or sent:
        lines.append(f"received {received:,} bytes, sent {sent:,} bytes")
    if entry.failure is not None:
        lines.append(f"{entry.failure.call} failed: {entry.failure.errno}. {entry.failure.sentence}")
    return Node(
        shape,
        tone,
        str(entry.remote),
        word,
        amount=amount,
        tip="\n".join(lines),
        grey=not (entry.open or entry.left_open),
    )


_REASONS = {
    CloseReason.EOF: ": the peer had finished",
    CloseReason.RESET: ": the connection was reset",
    CloseReason.LOCAL: ": from this side",
    CloseReason.TIMEOUT: ": nothing came for too long",
}
LEFT_OPEN = "open at the end"
_ON_ITS_WAY = frozenset({State.RESOLVING, State.SYN_SENT})


def _socket_mark(entry: SocketEntry) -> tuple[Shape, Tone]:
    if entry.state in _ON_ITS_WAY:
        return Shape.HALF, Tone.WARNING
    if entry.running:
        return Shape.FULL, Tone.WARNING if entry.paused or entry.trouble is not None else Tone.GOOD
    return (Shape.CROSS, Tone.ERROR) if entry.failure is not None else (Shape.RING, Tone.MUTED)


def _connection_mark(entry: ConnectionEntry) -> tuple[Shape, Tone, str]:
    """Mark and state word."""
    if entry.open:
        if entry.state is State.ESTABLISHED:
            return Shape.FULL, Tone.GOOD if entry.trouble is None else Tone.WARNING, "connected"
        return Shape.HALF, Tone.WARNING, entry.state.value
    if entry.left_open:
        return Shape.LEFT, Tone.MUTED, LEFT_OPEN
    reason = entry.reason.value if entry.reason else ""
    # A UDP address that was only silent for long did not fail.
    if entry.reason is CloseReason.RESET or (entry.reason is CloseReason.TIMEOUT and entry.failure is not None):
        return Shape.CROSS, Tone.ERROR, f"closed ({reason})"
    return Shape.RING, Tone.MUTED, f"closed ({reason})" if reason else "closed"


def _wanted_address(entry: SocketEntry) -> str:
    if entry.spec.port == 0:
        return f"{entry.spec.host}, any free port"
    return str(entry.spec.endpoint)


def _rates(received: float, sent: float) -> str:
    parts = []
    if received >= 1:
        parts.append(f"↓{rate_text(received)}")
    if sent >= 1:
        parts.append(f"↑{rate_text(sent)}")
    return " ".join(parts)
