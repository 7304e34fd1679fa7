"""Streams into the real window, seen from outside: speed against a bare loop, answers to pings, memory."""

from __future__ import annotations

import fcntl
import math
import socket
import struct
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bare import Speed, receive
from tests.bench.row import Row
from tests.bench.running_window import RunningWindow, free_port
from tests.bench.x11 import Pinger

BLOCK = b"The quick brown fox jumps over the lazy dog 0123456789 sphinx.\r\n" * 1024  # 64 KiB


def _unread(port: int, local_port: int) -> int:
    """Bytes in the receiver's kernel queue for this connection (Linux)."""
    for line in Path("/proc/net/tcp").read_text().splitlines():
        parts = line.split()
        if len(parts) > 4 and parts[1].endswith(f":{port:04X}") and parts[2].endswith(f":{local_port:04X}"):
            return int(parts[4].split(":")[1], 16)
    return 0


def blast(port: int, total: int, limit: float = 120.0, pace: float = math.inf) -> float:
    """Send `total` bytes, no faster than `pace` bytes a second, and wait until the peer has read them all. Bytes per
    second."""
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.settimeout(limit)
        local_port = peer.getsockname()[1]
        sent, start = 0, time.monotonic()
        while sent < total and time.monotonic() - start < limit:
            sent += peer.send(BLOCK)
            if (ahead := sent / pace - (time.monotonic() - start)) > 0.001:
                time.sleep(ahead)

        def left() -> int:
            unsent = struct.unpack("i", fcntl.ioctl(peer, termios.TIOCOUTQ, b"\0" * 4))[0]
            return int(unsent) + _unread(port, local_port)

        while left() and time.monotonic() - start < limit:
            time.sleep(0.002)
        return (sent - left()) / (time.monotonic() - start)


def _stream(buffer_size: int, total: int) -> tuple[float, Pinger, int]:
    """(bytes per second, pings during it, growth of private memory in bytes)."""
    port = free_port()
    spec: dict[str, object] = {
        "name": "bench", "transport": "tcp", "role": "server", "port": port, "buffer_size": buffer_size,
    }  # fmt: skip
    with RunningWindow([spec]) as window:
        blast(port, 2_000_000)  # first-time costs are not what is measured
        before = window.private_memory()
        pinger = Pinger(window.window)
        pinger.start()
        speed = blast(port, total)
        pinger.stop()
        return speed, pinger, window.private_memory() - before


def _pings(name: str, pinger: Pinger) -> list[Row]:
    p99, worst = pinger.at(0.99), max(pinger.trips)
    return [
        Row(f"window's answer to a ping, {name}: p99", p99, "ms", "≤ 16", p99 <= 16),
        Row(f"window's answer to a ping, {name}: worst", worst, "ms", "≤ 50", worst <= 50),
    ]


FOLLOWED = 500e6  # bytes a second
SHOWN: dict[str, dict[str, object]] = {
    "continuous rows": {"rows": "continuous"},
    "rows per call, message borders": {"rows": "call", "messages": True},
    "rows per message, coloured by message": {"rows": "message", "color": "message"},
    "text": {"view": "text"},
}
"""How the byte pane shows the stream that it follows."""


def followed() -> Iterator[Row]:
    """Following a live stream of lines in the byte pane, in each of the ways of showing it."""
    for name, bytes_view in SHOWN.items():
        port = free_port()
        spec: dict[str, object] = {
            "name": "bench", "transport": "tcp", "role": "server", "port": port, "buffer_size": 65_536,
            "framing": {"kind": "line", "ending": "lf"},
        }  # fmt: skip
        with RunningWindow([spec], bytes_view) as window:
            blast(port, 2_000_000)
            pinger = Pinger(window.window)
            pinger.start()
            speed = blast(port, 3_000_000_000, pace=FOLLOWED)
            pinger.stop()
        p99 = pinger.at(0.99)
        yield Row(f"ping while following {speed / 1e6:,.0f} MB/s as {name}: p99", p99, "ms", "≤ 16", p99 <= 16)


ROUNDS = 3  # both sides vary widely on a shared machine: the best of each is compared


def rows() -> list[Row]:
    bare, speed, pinger, growth = _rounds(65_536, 1_000_000_000, 2_000_000_000, to_file=True)
    ratio = speed / bare.bytes
    made = [
        Row(
            f"64 KiB buffer, window open ({speed / 1e6:,.0f} of {bare.bytes / 1e6:,.0f} MB/s)",
            ratio, "×", "≥ 0.5", ratio >= 0.5,
        ),
        *_pings("64 KiB buffer", pinger),
        Row("private memory growth while 2 GB arrive", growth / 1e6, "MB", "≤ 50", growth <= 50e6),
    ]  # fmt: skip
    bare, speed, pinger, _ = _rounds(64, 60_000_000, 150_000_000, to_file=False)
    ratio = speed / 64 / bare.calls
    made.append(
        Row(
            f"64-byte buffer, window open ({speed / 64e3:,.0f} of {bare.calls / 1e3:,.0f} thousand calls/s)",
            ratio, "×", "≥ 0.4", ratio >= 0.4,
        )
    )  # fmt: skip
    return [*made, *_pings("64-byte buffer", pinger), *followed()]


def _rounds(buffer_size: int, bare_total: int, total: int, to_file: bool) -> tuple[Speed, float, Pinger, int]:
    """(best bare loop, best speed, the pings of the round with the median p99, worst growth of memory)."""
    bares, streams = [], []
    for _ in range(ROUNDS):
        bares.append(receive(buffer_size, bare_total, to_file))
        streams.append(_stream(buffer_size, total))
    pinger = sorted((pinger for _, pinger, _ in streams), key=lambda one: one.at(0.99))[ROUNDS // 2]
    best = max(bares, key=lambda one: one.bytes)
    return best, max(speed for speed, _, _ in streams), pinger, max(growth for _, _, growth in streams)
