"""A generated script as a process of its own, for tests: what it prints, and its end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

PATIENCE = 15.0


class RunningScript:
    """Use as a context manager; the process is ended at the end. lines: what it printed so far."""

    def __init__(self, text: str, folder: Path, **environment: str) -> None:
        path = folder / f"script_{len(list(folder.iterdir()))}.py"
        path.write_text(text, encoding="utf-8")
        self.lines: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-I", str(path)] if not environment else [sys.executable, "-u", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env=environment or None,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> RunningScript:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)  # Ctrl+C
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
        self._reader.join(PATIENCE)
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def said(self, pattern: str) -> re.Match[str]:
        """Wait for a line in which the pattern is found."""
        expression = re.compile(pattern)
        found: list[re.Match[str]] = []

        def look() -> bool:
            found[:] = [match for match in map(expression.search, self.lines) if match]
            return bool(found)

        with self._news:
            assert self._news.wait_for(look, PATIENCE), (pattern, self.lines, self.process.poll())
        return found[0]

    def port(self) -> int:
        """Where a server listens or receives."""
        return int(self.said(r"(?:Listening|Receiving) on .*:(\d+)\.")[1])

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ended(self) -> int:
        return self.process.wait(PATIENCE)
