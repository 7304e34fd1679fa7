"""10,000 TCP clients at once, in processes of their own, each echoed three times by one server, under each way of
serving that takes so many: by clients that share no code with the program, and by a load of the program's own."""

from __future__ import annotations

import multiprocessing
import resource
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from explorer.core.commands import StartLoad
from explorer.core.endpoint import Endpoint
from explorer.core.events import ConnectionClosed, LoadProgress, SocketFailed
from explorer.core.load import LoadPlan
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason
from explorer.net.limits import raise_open_files
from tests.bench.row import Row
from tests.fakes.running_engine import RunningEngine

CLIENTS = 10_000
PROCESSES = 2
ROUNDS = 3
LIMIT = 120.0
SERVING = ("selectors", "asyncio")


def clients(address: str, port: int, count: int, report: Connection) -> None:
    """Connect `count` sockets, send on all and read on all, `ROUNDS` times. Reports how many answers were wrong."""
    raise_open_files()
    wrong = 0
    peers: list[socket.socket] = []
    try:
        for _ in range(count):
            peers.append(socket.create_connection((address, port), timeout=LIMIT))
        for turn in range(ROUNDS):
            for number, peer in enumerate(peers):
                peer.sendall(b"client %d says %d" % (number, turn))
            for number, peer in enumerate(peers):
                wanted, got = b"client %d says %d" % (number, turn), b""
                while len(got) < len(wanted) and (part := peer.recv(len(wanted) - len(got))):
                    got += part
                wrong += got != wanted
    except OSError as error:
        print(f"a client failed: {error!r} after {len(peers)} connections")
        wrong += count
    report.send(wrong)
    report.recv()  # all stay connected until everyone is done
    for peer in peers:
        peer.close()


def rows() -> list[Row]:
    raise_open_files()
    count = min(CLIENTS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
    found = []
    for serving in SERVING:
        what = f"{count:,} TCP clients, each echoed {ROUNDS} times ({serving}"
        for whose, make in (("", _errors_of_clients), (", by Load", _errors_of_load)):
            errors, seconds = _with_server(serving, count, make)
            name = f"{what}{whose}), errors ({seconds:.1f} s)"
            found.append(Row(name, errors, "", "= 0", errors == 0 and count == CLIENTS))
    return found


Errors = Callable[[RunningEngine, Endpoint, int], int]


def _with_server(serving: str, count: int, make: Errors) -> tuple[int, float]:
    """Errors, on either side, and seconds."""
    with tempfile.TemporaryDirectory() as folder, RunningEngine(Path(folder) / "capture") as running:
        spec = SocketSpec("echo", program=Choice("echo"), options=SocketOptions(backlog=4096), serving=Choice(serving))
        _, local = running.listen(spec)
        start = time.perf_counter()
        wrong = make(running, local, count)
        seconds = time.perf_counter() - start
        running.wait(ConnectionClosed, skip=count - 1)
        bad_ends = sum(event.reason is not CloseReason.EOF for event in running.all(ConnectionClosed))
        return wrong + bad_ends + len(running.all(SocketFailed)), seconds


def _errors_of_clients(running: RunningEngine, local: Endpoint, count: int) -> int:
    return run_clients(local.host, local.port, count)


def _errors_of_load(running: RunningEngine, local: Endpoint, count: int) -> int:
    """All stay connected until the last one is done."""
    plan = LoadPlan("tcp", local.host, local.port, clients=count, messages=ROUNDS, hold=True, timeout=int(LIMIT))
    running.post(StartLoad(plan, 1_000_000))
    deadline = time.monotonic() + LIMIT
    while not (over := [event.report for event in running.all(LoadProgress) if event.report.over]):
        if time.monotonic() > deadline:
            return count
        time.sleep(0.05)
    report = over[0]
    return count * ROUNDS - report.answered + report.failed + (count - report.peak)


def run_clients(address: str, port: int, count: int) -> int:
    """All clients, in `PROCESSES` processes. How many answers were wrong."""
    context = multiprocessing.get_context("spawn")
    running = []
    for number in range(PROCESSES):
        ours, theirs = context.Pipe()
        share = count // PROCESSES + (number < count % PROCESSES)
        process = context.Process(target=clients, args=(address, port, share, theirs))
        process.start()
        running.append((process, ours))
    wrong = 0
    for _, pipe in running:
        wrong += pipe.recv() if pipe.poll(LIMIT) else count
    for process, pipe in running:
        pipe.send("end")
        process.join()
    return wrong
