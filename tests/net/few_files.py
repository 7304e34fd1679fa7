"""Run as a process of its own, because the limit of open files is a process's: more clients than files.

Prints one JSON object. The clients are sockets of a second process, so that they do not count here.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from explorer.core.calls import CallKind
from explorer.core.events import AcceptPaused, ConnectionOpened
from explorer.core.socket_spec import SocketOptions, SocketSpec
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect

FILES = 96
CLIENTS = 150


def clients(port: int, pipe: Connection) -> None:
    peers = [connect("127.0.0.1", port) for _ in range(CLIENTS)]
    pipe.send("connected")
    pipe.recv()
    peers[0].sendall(bytes(3_000_000))  # more than a segment of the capture
    pipe.send("sent")
    pipe.recv()
    for peer in peers[: CLIENTS - 20]:
        peer.close()
    pipe.recv()
    for peer in peers:
        peer.close()


def main(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with RunningEngine(folder, segment_bytes=1 << 20) as running:
        number, local = running.listen(SocketSpec("few", options=SocketOptions(backlog=CLIENTS)))
        process = context.Process(target=clients, args=(local.port, theirs))
        process.start()
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
        ours.recv()
        why = running.wait(AcceptPaused).why
        ours.send("go")
        ours.recv()
        running.until(lambda: running.tally.received == 3_000_000, "the stream")
        ours.send("close most")
        running.wait(ConnectionOpened, skip=CLIENTS - 1)
        ours.send("end")
        process.join()
        went_on = running.wait(AcceptPaused, lambda event: event.why == "")
        print(
            json.dumps(
                {
                    "why": why,
                    "went_on": went_on.socket == number,
                    "segments_made": len(list(folder.glob("bytes-*"))) - 1,
                    "emfile_records": sum(call.errno == 24 for call in running.calls(CallKind.accept)),
                    "served_in_the_end": len(running.all(ConnectionOpened)),
                    "clients": CLIENTS,
                }
            )
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
