"""The thread on which the engine lives while there is a window."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QDeadlineTimer, QObject, QThread

from explorer.bridge.mailbox import Mailbox
from explorer.core.capture_writer import CaptureWriter
from explorer.core.commands import Command, Shutdown
from explorer.core.tally import Tally
from explorer.net.engine import Engine, nothing

_log = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds; the engine closes 1,000 connections in well under one


class EngineThread(QThread):
    """Hosts an `Engine`. `start` it, `post` commands, read `mailbox`, and `shut_down` before it is let go of.

    trusts: whether the user's own code may run.

    It has an event loop of no kind: slots of this object would starve, so it has none.
    """

    def __init__(
        self,
        writer: CaptureWriter,
        tally: Tally,
        parent: QObject | None = None,
        trusts: Callable[[str], bool] = nothing,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("engine")
        self.mailbox = Mailbox()
        self._engine = Engine(writer, self.mailbox.put, tally, counting=False, trusts=trusts)  # views find messages

    def run(self) -> None:
        try:
            self._engine.run()
        except BaseException:  # an exception that leaves run() aborts the process
            _log.exception("the engine's thread ended by a fault")

    def post(self, command: Command) -> bool:
        """Have a command carried out; from any thread. False when the engine has ended."""
        return self._engine.post(command)

    def shut_down(self, timeout: float = PATIENCE) -> bool:
        """Close everything and wait for the thread, at most `timeout` seconds. Whether it has ended."""
        if self.isFinished():
            return True
        if not self.isRunning():
            self._engine.abandon()
            return True
        self._engine.post(Shutdown())
        return self.wait(QDeadlineTimer(int(timeout * 1000)))
