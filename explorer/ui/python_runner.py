"""Runs a generated script beside the app, with the user's own Python: never inside the app's process or interpreter."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QStandardPaths, QTemporaryDir, QTimer, Signal, Slot

PATIENCE = 3000  # milliseconds that a script may take to end after Ctrl+C
READ = 50  # milliseconds between looks at what was printed
MOST = 64 << 10  # bytes of output that are taken at once; of more, the last ones
NO_PYTHON = (
    "No Python was found on this computer, so the script cannot be run here. Install Python 3.8 or later from "
    "python.org, or save the script and run it elsewhere."
)


def find_python() -> list[str]:
    """The user's own Python, as the beginning of a command; [] where there is none."""
    wanted = (("py", "-3"), ("python3",), ("python",)) if sys.platform == "win32" else (("python3",), ("python",))
    for name, *options in wanted:
        found = QStandardPaths.findExecutable(name)
        if found:
            return [found, *options]
    return []


def outer_environment(extra: Mapping[str, str]) -> QProcessEnvironment:
    """The environment that the app was started in, with more: a packaged app changes where libraries are found, which
    is not meant for other programs (PyInstaller keeps what was there under …_ORIG)."""
    environment = QProcessEnvironment.systemEnvironment()
    if getattr(sys, "frozen", False):
        for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
            before = environment.value(f"{name}_ORIG")
            if before:
                environment.insert(name, before)
            else:
                environment.remove(name)
    environment.insert("PYTHONIOENCODING", "utf-8")
    for name, value in extra.items():
        environment.insert(name, value)
    return environment


class ScriptRunner(QObject):
    """One script at a time.

    Signals: printed(str): the script wrote this, errors too. changed(): it runs now, or no longer does.
    failed(str): it could not be started, as a sentence.
    """

    printed = Signal(str)
    changed = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._folder: QTemporaryDir | None = None
        self._read = QTimer(self)
        self._read.setInterval(READ)
        self._read.timeout.connect(self._take)
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(PATIENCE)
        self._end.timeout.connect(self._kill)

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, text: str, file: str, environment: Mapping[str, str]) -> None:
        """Run this script under the name `file`."""
        python = find_python()
        if not python:
            self.failed.emit(NO_PYTHON)
            return
        self._folder = QTemporaryDir()
        path = Path(self._folder.path()) / file
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self.failed.emit(f"The script could not be written to {path}: {error.strerror}. Is the disk full?")
            return
        process = self._process = QProcess(self)
        process.setProcessEnvironment(outer_environment(environment))
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.setWorkingDirectory(self._folder.path())
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._on_error)
        process.start(python[0], [*python[1:], "-u", str(path)])
        self._read.start()
        self.changed.emit()

    def type(self, line: str) -> None:
        """Hand the script a line, as if it had been typed."""
        if self._process is not None:
            self._process.write(f"{line}\n".encode())

    @Slot()
    def stop(self) -> None:
        """Press Ctrl+C; a script that does not end then is ended."""
        if self._process is None:
            return
        pid = self._process.processId()
        if sys.platform == "win32" or not pid:  # there Ctrl+C reaches whole consoles only
            self._process.kill()
            return
        os.kill(pid, signal.SIGINT)
        self._end.start()

    def shut_down(self) -> None:
        """End it, and wait until it has ended: the window closes."""
        if self._process is not None:
            self._process.finished.disconnect(self._finished)
            self.stop()
            if not self._process.waitForFinished(PATIENCE):
                self._process.kill()
                self._process.waitForFinished(PATIENCE)
            self._process = None

    @Slot()
    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    @Slot()
    def _take(self) -> None:
        """What was printed since the last look."""
        if self._process is None:
            return
        data = bytes(self._process.readAll().data())
        if len(data) > MOST:
            self.printed.emit(f"… {len(data) - MOST:,} bytes are left out …\n")
            data = data[-MOST:]
        if data:
            self.printed.emit(data.decode("utf-8", "replace").replace("\r\n", "\n"))

    @Slot(int, QProcess.ExitStatus)
    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._take()
        how = "It was ended." if status is QProcess.ExitStatus.CrashExit else f"It ended with exit status {code}."
        self._over()
        self.printed.emit(f"[{how}]\n")

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            said = self._process.errorString()
            self._over()
            self.failed.emit(f"Python could not be started: {said}.")

    def _over(self) -> None:
        self._read.stop()
        self._end.stop()
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        self._folder = None
        self.changed.emit()
