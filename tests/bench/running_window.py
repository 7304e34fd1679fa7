"""The program itself in a window of its own, as a user starts it, with a workspace and an empty data folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psutil

from explorer.settings import Settings
from tests.bench.x11 import visible_windows

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class RunningWindow:
    """Context manager. `window`: its X11 number; `process`: to look at memory; `started`: seconds to the window."""

    def __init__(self, sockets: list[dict[str, object]], bytes_view: dict[str, object] | None = None) -> None:
        """bytes_view: how bytes are shown, as the settings remember it."""
        self._sockets = sockets
        self._bytes_view = bytes_view

    def __enter__(self) -> RunningWindow:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        folder = Path(self._folder.name)
        workspace = folder / "bench.json"
        workspace.write_text(json.dumps({"version": 1, "sockets": self._sockets}), encoding="utf-8")
        if self._bytes_view is not None:
            settings = Settings(folder / "data")
            settings.bytes_view = self._bytes_view
            settings.save()
        before = visible_windows()
        command = [sys.executable, "-m", "explorer", str(workspace), "--start"]
        start = time.monotonic()
        self.child = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "SOCKET_EXPLORER_DATA": str(folder / "data")}
        )
        while not (new := visible_windows() - before):
            if self.child.poll() is not None or time.monotonic() - start > 60:
                raise RuntimeError("the window did not open")
            time.sleep(0.005)
        self.started = time.monotonic() - start
        self.window = new.pop()
        self.process = psutil.Process(self.child.pid)
        for spec in self._sockets:
            self._wait_for(int(str(spec["port"])), start)
        return self

    def _wait_for(self, port: int, start: float) -> None:
        while time.monotonic() - start < 60:
            listening = {c.laddr.port for c in self.process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
            if port in listening:
                return
            time.sleep(0.02)
        raise RuntimeError(f"the window's server on port {port} did not start")

    def private_memory(self) -> int:
        """Anonymous resident bytes: what is the program's alone (mapped capture files can be dropped)."""
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        return int(self.process.memory_full_info().uss)

    def __exit__(self, *unused: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.child.terminate()
        self.child.wait(30)
        self._folder.cleanup()
