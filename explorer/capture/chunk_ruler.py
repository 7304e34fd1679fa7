"""One stream as its two ends saw it: the calls that sent it, the calls that received it, and the messages in it.

One send is not one recv: TCP carries bytes, and where the calls of either end cut them is nobody's business but
that end's. All that is told here is where the cuts were. Positions are in bytes from the stream's beginning, so the
same byte stands at the same position in every lane.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.capture.catalog import CapturedConnection, Catalog
from explorer.capture.chunk_ruler_datagrams import PairedLane
from explorer.capture.chunk_ruler_lanes import CallLane, Calls, Lane, MessageLane, rows_between
from explorer.capture.messages import open_messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice

BEHIND = 1000  # records that may be looked at for their calls and not yet for their messages without being told


@dataclass(frozen=True, slots=True)
class Ends:
    """The connection that sends and the one that receives; None: that end is not in this capture. At least one is."""

    sender: CapturedConnection | None
    receiver: CapturedConnection | None

    @property
    def known(self) -> CapturedConnection:
        """The receiver, or the only one: its framing counts."""
        found = self.receiver or self.sender
        assert found is not None
        return found

    @property
    def transport(self) -> str:
        return self.known.transport


@dataclass(frozen=True, slots=True)
class Missing:
    """Bytes that were sent and have not been received. size: of them.

    why: "way": they wait in the buffers of the two sockets, or travel; "closed": the receiver is closed and never
    takes them; "lost": these datagrams did not come, and later ones did; "alike": as many did not come, but others
    before them hold the same bytes, which may be the lost ones; "cut": they did not fit into the receiver's buffer.
    """

    start: int
    stop: int
    why: str

    @property
    def size(self) -> int:
        return self.stop - self.start


class ChunkRuler:
    """The lanes of one direction. `advance` from one thread; the rest from any.

    sent, received: None where that end is not in the capture. messages: what the framing finds in what was received
    (sent, where only that is known); without framing each call is one message, and this is the lane of those calls;
    None where the framing cannot be used, which `problem` says.
    """

    def __init__(self, reader: Reader, catalog: Catalog, ends: Ends, framing: Choice) -> None:
        self.reader = reader
        self.ends = ends
        self.framing = framing
        self.problem = ""
        self._catalog = catalog
        self.sent = CallLane(reader, ends.sender.number, received=False) if ends.sender else None
        came = CallLane(reader, ends.receiver.number, received=True) if ends.receiver else None
        self.paired = PairedLane(reader, self.sent, came) if came and self.sent and ends.transport == "udp" else None
        self.received: Calls | None = self.paired or came
        self.messages: Lane | None = self._open_messages()

    def _open_messages(self) -> Lane | None:
        calls, known = self.calls, self.ends.known
        if self.framing.kind == "raw":
            return calls
        scope, received = Scope(known.socket, known.number), known is self.ends.receiver
        try:
            messages = open_messages(self.reader, self._catalog, scope, self.framing, received, not received)
        except InputError as error:
            self.problem = f"This framing cannot be used: {error.message}"
            return None
        return MessageLane(messages, calls)

    @property
    def calls(self) -> Calls:
        """Those whose bytes the messages are found in."""
        found = self.received or self.sent
        assert found is not None
        return found

    @property
    def lanes(self) -> tuple[Lane | None, Lane | None, Lane | None]:
        """From above: sent, received, messages."""
        return self.sent, self.received, self.messages

    @property
    def framed(self) -> bool:
        """Whether messages are something else than calls."""
        return self.messages is not self.calls

    @property
    def size(self) -> int:
        """Bytes from the beginning to the last that was sent or received."""
        return max(lane.stop for lane in (self.sent, self.received) if lane is not None)

    @property
    def done(self) -> int:
        """Records looked at."""
        return min(lane.done for lane in self.lanes if lane is not None)

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at now."""
        more = False
        for lane in self.lanes if self.framed else self.lanes[:2]:  # the sender's first: pairs are found by it
            if lane is not None:
                more = lane.advance(most) or more
        return more

    # -- what has not come, and what is no message yet ----------------------------------------------

    def missing(self, start: int, stop: int) -> Iterator[Missing]:
        """What was sent and not received, of the bytes between two positions; whole, where it reaches farther."""
        if self.paired is not None and self.sent is not None:
            yield from self._missing_datagrams(self.paired, self.sent, start, stop)
        yield from self._outstanding(start, stop)

    def missing_sizes(self, start: int, stop: int) -> tuple[int, int]:
        """The sums of the same, without a look at each: bytes on their way, and bytes that never come."""
        lost = 0
        if self.paired is not None and self.sent is not None:
            rows = rows_between(self.sent, start, stop)
            lost = self.paired.never_came(rows.start, rows.stop)
        way = 0
        for one in self._outstanding(start, stop):
            if one.why == "way":
                way += one.size
            else:
                lost += one.size
        return way, lost

    def _outstanding(self, start: int, stop: int) -> Iterator[Missing]:
        """What was sent behind all that was received."""
        if self.sent is None or self.received is None or (self.paired is not None and self.paired.unpaired):
            return
        # What was sent in calls that were not looked at for what was received in them may have come.
        sent = min(self.sent.stop, self.sent.index.offset(self.received.done))
        arrived = self._arrived(self.received, self.sent)
        if arrived < sent and start < sent and arrived < stop:
            yield Missing(arrived, sent, "closed" if self._is_over() else "way")

    def _arrived(self, received: Lane, sent: CallLane) -> int:
        """Where what has not come begins: of datagrams, with a whole one."""
        if self.paired is None or not self.paired.count:
            return received.stop
        return sent.range(self.paired.sent_row(self.paired.count - 1)).stop

    def _missing_datagrams(self, paired: PairedLane, sent: CallLane, start: int, stop: int) -> Iterator[Missing]:
        rows = rows_between(sent, start, stop)
        for loss in paired.losses(rows.start, rows.stop):
            begin, end = sent.range(loss.first).start, sent.range(loss.stop - 1).stop
            yield Missing(begin, end, "lost" if loss.sure else "alike")
        for cut in paired.cuts(rows.start, rows.stop):
            yield Missing(cut.start, cut.stop, "cut")

    def _is_over(self) -> bool:
        """Whether the receiver is closed, and all that it received before is known."""
        receiver = self.ends.receiver
        known = self._catalog.connection(receiver.number) if receiver else None
        told = self._catalog.done  # behind the line before: it holds that record
        return known is not None and known.closed is not None and self.received is not None and self.done >= told

    @property
    def behind(self) -> bool:
        """Whether messages are still being found in calls that are known already, and many."""
        lane = self.messages
        return lane is not None and self.framed and lane.done + BEHIND < self.calls.done

    @property
    def unfinished(self) -> tuple[int, int]:
        """The bytes at the end that are no whole message yet, and are waited on."""
        lane, calls = self.messages, self.calls
        if not isinstance(lane, MessageLane) or lane.done < calls.done:
            return calls.stop, calls.stop
        pending = lane.pending(self.ends.known)
        return calls.stop - pending, calls.stop

    # -- places of other views ----------------------------------------------------------------------

    def lane_of(self, connection: int, received: bool) -> Calls | None:
        """The lane that the calls of a connection and direction stand in."""
        end = self.ends.receiver if received else self.ends.sender
        if end is None or end.number != connection:
            return None
        return self.received if received else self.sent

    def positions(self, span: Span) -> tuple[int, int] | None:
        """The positions of the bytes that a span means; None if it holds none of these."""
        count = self.reader.count
        if span.last_call >= count:
            return None
        for received in (True, False):
            end = self.ends.receiver if received else self.ends.sender
            if end is None or span.connection not in (None, end.number) or span.received not in (None, received):
                continue
            lane = self.lane_of(end.number, received)
            if lane is None or lane.done <= span.last_call:
                continue
            start = lane.position(Place(span.first_call, span.first_skip))
            stop = lane.position(Place(span.last_call, span.last_skip))
            if start < stop:
                return start, stop
        return None
