"""Filtering a million messages: the filter box over the Messages table, without framing and cut into lines."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from explorer.capture.catalog import Catalog
from explorer.capture.filtered_messages import FilteredMessages
from explorer.capture.filters import parse_filter
from explorer.capture.messages import Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from tests.bench.row import Row

MESSAGES = 1_000_000
TARGET = 100.0  # ms
FILTERS = ("size>20", "dir:in", "conn:51514", "socket:echo", "error", "size>20 dir:in conn:51514 -error")
READING = ("hello", "hex:0d0a", "quick")
"""No message contains "hello" or the bytes; a third of them contains "quick". What is read has no target: it depends on
how many bytes there are."""
_LINE = b"The quick brown fox jumps over it\n"


def make(folder: Path, a_call: int) -> Writer:
    """A capture of `MESSAGES` lines of two connections in both directions, so many of them in each call."""
    writer = Writer(folder, quota=1 << 34)
    writer.add_detail(CallKind.socket, 1, 0, {"name": "echo", "transport": "tcp", "role": "server"})
    for connection, port in ((1, 51514), (2, 51515)):
        detail = {"peer": f"127.0.0.1:{port}", "local": "127.0.0.1:9000"}
        writer.add_detail(CallKind.accept, 1, connection, detail)
    lines = [_LINE[number & 15 :] for number in range(16)]
    for number in range(MESSAGES // a_call):
        data = lines[number & 15] if a_call == 1 else b"".join(lines * (a_call // 16))
        room = writer.room(len(data))
        if room is None:
            raise RuntimeError(writer.full)
        room[:] = data
        kind = CallKind.send if number & 1 else CallKind.recv
        writer.add(kind, 1, 1 + (number >> 1 & 1), size=len(data), asked=1024)
    return writer


def measure(messages: Messages, catalog: Catalog, text: str) -> float:
    """Milliseconds to filter all messages; the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        FilteredMessages(messages, parse_filter(text, catalog)).advance()
        best = min(best, time.perf_counter() - begun)
    return best * 1000


def rows() -> list[Row]:
    found = []
    for name, framing, a_call in (("raw", Choice("raw"), 1), ("lines", Choice("line", {"ending": "lf"}), 16)):
        with tempfile.TemporaryDirectory() as folder:
            writer = make(Path(folder) / "capture", a_call)
            reader = Reader.of(writer)
            catalog = Catalog(reader)
            catalog.advance()
            messages = open_messages(reader, catalog, Scope(), framing)
            messages.advance()
            if messages.rows != MESSAGES:
                raise RuntimeError(f"{messages.rows:,} messages found")
            for text in (*FILTERS, *READING):
                value, held = measure(messages, catalog, text), text in FILTERS
                target = f"<= {TARGET:.0f} ms" if held else "as it is"
                title = f"filter 1,000,000 messages ({name}) by {text}"
                found.append(Row(title, value, "ms", target, value <= TARGET or not held))
            del messages
            reader.close()
            writer.close()
    return found
