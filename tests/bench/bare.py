"""The limits to compare with: bare receive loops on loopback, fed by a second process, in the same run."""

from __future__ import annotations

import multiprocessing
import os
import socket
import tempfile
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speed:
    """Bytes and recv calls per second."""

    bytes: float
    calls: float


def feed(port: int, total: int, chunk: int) -> None:
    """Send `total` bytes to 127.0.0.1:`port` as fast as they are taken."""
    with socket.create_connection(("127.0.0.1", port)) as peer:
        block, sent = os.urandom(chunk), 0
        while sent < total:
            sent += peer.send(block)


def receive(buffer_size: int, total: int, to_file: bool, chunk: int = 65_536) -> Speed:
    """A bare `recv_into` loop; with `to_file`, each read is also written to a file, unbuffered."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = multiprocessing.get_context("spawn")
    feeder = context.Process(target=feed, args=(listener.getsockname()[1], total, chunk))
    feeder.start()
    peer, _ = listener.accept()
    buffer = bytearray(buffer_size)
    view = memoryview(buffer)
    received = calls = 0
    with peer, listener, tempfile.TemporaryFile(buffering=0) as out:
        start = time.perf_counter()
        while size := peer.recv_into(buffer):
            if to_file:
                out.write(view[:size])
            received += size
            calls += 1
        seconds = time.perf_counter() - start
    feeder.join()
    return Speed(received / seconds, calls / seconds)
