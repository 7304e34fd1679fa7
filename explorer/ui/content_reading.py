"""The bytes that the Content pane shows, read and rendered: beside the window where there is much of them."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.bridge.jobs import Cancelled, Progress
from explorer.capture.message_spans import span_of
from explorer.capture.messages import Message, Messages
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.span_bytes import SpanBytes, read_span
from explorer.core.calls import Call
from explorer.ui.units import count_text
from explorer.wire.content.api import Hints, Rendered
from explorer.wire.content.registry import choose, find_view

MOST = 1 << 20
"""Bytes that are shown."""
AT_ONCE = 8 << 10
"""Bytes that are shown without a thread of their own: it takes some milliseconds."""
CALLS_AT_ONCE = 256
"""Calls whose bytes are put together without one."""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message, and the list that can read it."""

    messages: Messages
    message: Message

    @property
    def span(self) -> Span:
        return span_of(self.message)

    @property
    def short(self) -> bool:
        """Whether reading it takes no time to speak of."""
        message = self.message
        return message.size <= AT_ONCE and message.call - message.first_call <= CALLS_AT_ONCE


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes and what they are: ``recv #12 · 37 bytes``. whole: nothing behind was left out."""

    what: str
    data: bytes
    whole: bool
    call: Call | None
    """That they begin in; None where there are none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown, and how. source: Content that is read already. view: "" to find out.

    per_row: bytes in hex that there is room for in a row.
    """

    source: Content | HeldMessage | Span
    encoding: str
    view: str
    per_row: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of it. automatic: what the bytes look like."""

    wanted: Wanted
    what: str
    automatic: str
    rendered: Rendered
    facts: tuple[str, ...]


def read_message(reader: Reader, held: HeldMessage) -> Content:
    """Up to `MOST` bytes of a message, without its framing."""
    message = held.message
    data = held.messages.payload(message, MOST)
    size = message.payload_size or len(data)
    what = f"Message {message.number + 1:,} · {_direction(message.received)} · {count_text(size, 'byte')}"
    return Content(what, data, len(data) >= size, reader.call(message.first_call))


def read_bytes(reader: Reader, span: Span) -> Content:
    """Up to `MOST` bytes of a span."""
    read = read_span(reader, span, MOST)
    return Content(_describe(read, span), read.data, read.whole, read.first)


def render(reader: Reader, wanted: Wanted, progress: Progress | None = None) -> Shown:
    """Runs on a thread of its own where there is much to read or show. Raises Cancelled before it has begun."""
    if progress is not None and progress.cancelled:  # many are asked for where keys come fast
        raise Cancelled("")
    source = wanted.source
    if isinstance(source, HeldMessage):
        source = read_message(reader, source)
    elif isinstance(source, Span):
        source = read_bytes(reader, source)
    hints = Hints(wanted.encoding, source.whole, wanted.per_row)
    automatic = choose(source.data, hints)
    rendered = (find_view(wanted.view) or automatic).render(source.data, hints)
    facts = rendered.facts
    if not source.whole:
        only = f"Only the first {len(source.data):,} bytes are shown. Bytes shows all of them, and can save them."
        facts = (only, *facts)
    return Shown(wanted, source.what, automatic.title, rendered, facts)


def _describe(read: SpanBytes, span: Span) -> str:
    """Which bytes these are: ``recv #12 · 37 bytes``."""
    if read.first is None:
        return ""
    number = read.first.number
    calls = f"#{number}" if number == span.last_call else f"#{number} to #{span.last_call}"
    size = count_text(len(read.data), "byte") if read.whole else f"more than {len(read.data):,} bytes"
    only = f" · only what {read.first.kind.name} #{number}'s connection {_direction(read.first.received)}"
    return f"{read.first.kind.name} {calls} · {size}{only if read.others else ''}"


def _direction(received: bool) -> str:
    return "received" if received else "sent"
