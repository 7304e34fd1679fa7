"""10,000 TCP clients echoed by a server in the real window, under each way of serving that takes so many, and how
promptly the window answers meanwhile."""

from __future__ import annotations

import time

from explorer.net.limits import raise_open_files
from tests.bench.many_clients import CLIENTS, ROUNDS, SERVING, run_clients
from tests.bench.row import Row
from tests.bench.running_window import RunningWindow, free_port
from tests.bench.x11 import Pinger


def rows() -> list[Row]:
    raise_open_files()
    return [row for serving in SERVING for row in _rows(serving)]


def _rows(serving: str) -> list[Row]:
    port = free_port()
    spec: dict[str, object] = {
        "name": "echo", "transport": "tcp", "role": "server", "port": port, "program": {"kind": "echo"},
        "options": {"backlog": 4096}, "serving": {"kind": serving},
    }  # fmt: skip
    with RunningWindow([spec]) as window:
        pinger = Pinger(window.window)
        pinger.start()
        start = time.perf_counter()
        wrong = run_clients("127.0.0.1", port, CLIENTS)
        seconds = time.perf_counter() - start
        pinger.stop()
    worst = max(pinger.trips)
    what = f"{CLIENTS:,} TCP clients, each echoed {ROUNDS} times ({serving}), window open"
    return [
        Row(f"{what}: errors ({seconds:.1f} s)", wrong, "", "= 0", wrong == 0),
        Row(f"{what}: worst answer to a ping", worst, "ms", "≤ 100", worst <= 100),
    ]
