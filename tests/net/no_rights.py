"""Run as a process of its own: gives up the administrator's rights and starts a server on port 80.

Prints one JSON object: what the engine told, and the lowest port that everyone may use here.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from explorer.core.socket_spec import SocketSpec
from tests.fakes.running_engine import RunningEngine

NOBODY = 65_534


def main() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    with tempfile.TemporaryDirectory() as folder, RunningEngine(Path(folder) / "capture") as running:
        running.listen(SocketSpec("loads what is loaded late"))
        administrator = os.geteuid() == 0
        if administrator:
            os.seteuid(NOBODY)  # of all threads
        number = running.start(SocketSpec("web", port=80))
        failure = running.failed(number).failure
        if administrator:
            os.seteuid(0)
        print(json.dumps({"errno": failure.errno, "sentence": failure.sentence, "lowest": lowest}))


if __name__ == "__main__":
    main()
