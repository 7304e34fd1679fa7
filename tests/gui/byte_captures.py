"""Captures for tests of the byte pane: calls written as (direction, bytes)."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind

RECEIVED, SENT = CallKind.recv, CallKind.send


def put(writer: Writer, kind: CallKind, data: bytes, socket: int = 1, connection: int = 1) -> int:
    """One call that carried `data`. Its number."""
    room = writer.room(len(data))
    assert room is not None
    room[:] = data
    return writer.add(kind, socket, connection, size=len(data), asked=4096)


def stream_of(writer: Writer, calls: Iterable[tuple[CallKind, bytes]] = (), scope: Scope | None = None) -> ByteStream:
    """A stream over these calls, indexed to their end."""
    for kind, data in calls:
        put(writer, kind, data)
    stream = ByteStream(Reader.of(writer), scope or Scope())
    stream.index.advance()
    return stream
