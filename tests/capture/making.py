"""Small captures for tests, made by the real writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from explorer.capture.catalog import Catalog
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind

SEGMENT_BYTES = 256 << 10
SEGMENT_RECORDS = 64


def small_writer(folder: Path, quota: int = 1 << 30, segment_bytes: int = SEGMENT_BYTES) -> Writer:
    """A writer whose files are small, so that a test crosses their borders often."""
    return Writer(folder, quota, segment_bytes, SEGMENT_RECORDS)


def traffic(
    writer: Writer,
    kind: CallKind,
    data: bytes,
    connection: int = 1,
    socket: int = 1,
    *,
    asked: int = 0,
    flags: CallFlag = CallFlag.NONE,
    extra: int = 0,
) -> int:
    """One call that carries `data`; its number."""
    room = writer.room(max(1, len(data)))
    assert room is not None, writer.full
    room[: len(data)] = data
    return writer.add(kind, socket, connection, size=len(data), asked=asked or len(data), flags=flags, extra=extra)


def socket_record(
    writer: Writer,
    number: int = 1,
    name: str = "echo",
    transport: str = "tcp",
    role: str = "server",
    framing: Mapping[str, object] | None = None,
) -> int:
    return writer.add_detail(
        CallKind.socket,
        number,
        0,
        {
            "name": name,
            "transport": transport,
            "role": role,
            "family": "AF_INET",
            "type": "SOCK_STREAM" if transport == "tcp" else "SOCK_DGRAM",
            "encoding": "utf-8",
            "framing": framing or {"kind": "raw"},
            "program": {"kind": "echo"},
        },
    )


def accepted(
    writer: Writer, connection: int, peer: str = "127.0.0.1:51514", local: str = "127.0.0.1:9000", socket: int = 1
) -> int:
    return writer.add_detail(CallKind.accept, socket, connection, {"peer": peer, "local": local})


def closed(writer: Writer, connection: int, reason: str = "eof", socket: int = 1) -> int:
    return writer.add_detail(CallKind.close, socket, connection, {"reason": reason})


def catalog_of(reader: Reader) -> Catalog:
    catalog = Catalog(reader)
    assert not catalog.advance()
    return catalog


@dataclass(frozen=True)
class Exchange:
    """A finished capture of an echo server with one TCP client, and what went through it."""

    folder: Path
    received: bytes
    sent: bytes


def echo_exchange(folder: Path, messages: tuple[bytes, ...] = (b"hello\n", b"world\n")) -> Exchange:
    writer = small_writer(folder)
    socket_record(writer, framing={"kind": "line", "ending": "lf"})
    writer.add_detail(CallKind.bind, 1, 0, {"address": "127.0.0.1:0", "local": "127.0.0.1:9000"})
    writer.add_detail(CallKind.listen, 1, 0, {"backlog": 5})
    accepted(writer, 1)
    for message in messages:
        traffic(writer, CallKind.recv, message, asked=1024)
        traffic(writer, CallKind.send, message)
    writer.add(CallKind.recv, 1, 1, asked=1024, flags=CallFlag.END)
    closed(writer, 1)
    writer.add_detail(CallKind.close, 1, 0, {"reason": "local"})
    writer.close()
    whole = b"".join(messages)
    return Exchange(folder, whole, whole)
