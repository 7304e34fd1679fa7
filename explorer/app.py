"""Start-up of the window: wiring, the exception hook, and the end in good order."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from explorer import __version__
from explorer.bridge.garbage import GarbageCollection
from explorer.capture.library import Library
from explorer.core.errors import ShownError
from explorer.live_session import LiveSession
from explorer.net.limits import raise_open_files
from explorer.paths import captures_dir, data_dir, resource
from explorer.settings import Settings
from explorer.ui.entries import Notice
from explorer.ui.main_window import MainWindow
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench

SWITCH_INTERVAL = 0.0005
"""Seconds after which a thread gives up the interpreter when another waits. The engine's loop seldom
waits by itself, so this bounds how long the window waits for each step of Python."""

_log = logging.getLogger("explorer")


def make_application(arguments: list[str] | None = None) -> QApplication:
    """The one QApplication, named (for the desktop and screen readers) and with its icon."""
    app = QApplication(arguments or sys.argv[:1])
    app.setApplicationName("Socket Explorer")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("socket-explorer")
    app.setWindowIcon(QIcon(str(resource("icons", "socket-explorer.svg"))))
    sys.setswitchinterval(SWITCH_INTERVAL)
    GarbageCollection(app)
    return app


class Program:
    """The window and what lives beside it. Raises ShownError when no capture can be begun."""

    def __init__(self, theme: Theme | None = None, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.library = Library(captures_dir(), self.settings.keep_captures)
        self.live = LiveSession(self.library, self.settings.quota)
        self.theme = theme or Theme(self.settings.theme, self.settings.zoom, high_contrast=self.settings.high_contrast)
        self.workbench = Workbench(self.live.reader, self.live, self.live.tally)
        self.window = MainWindow(self.workbench, self.theme, self.settings, self.library, self)

    def open(self, workspace: Path | None, start: bool) -> None:
        """Fill the window: a workspace, or the sockets of the last session."""
        opened = False
        if workspace is not None:
            opened = self.window.workspace_files.open_path(workspace)
        elif (session := self.settings.session) is not None:
            self.workbench.load(session.sockets, session.snippets, session.sequences)
            self.window.workspace_files.take_session()
        self.window.show()
        if opened and start:
            self.workbench.start_all()
        self.window.capture_files.offer_leftovers()

    def new_capture(self) -> None:
        """Put the present capture away and begin another; what runs is started again on it."""
        running = [entry.number for entry in self.workbench.sockets if entry.running]
        try:
            fresh = LiveSession(self.library, self.settings.quota)
        except ShownError as error:
            self.workbench.notice(str(error), serious=True, key="capture")
            return
        old, self.live = self.live, fresh
        self.workbench.set_capture(fresh.reader, fresh, fresh.tally)
        old.close()
        self.workbench.start_these(running)

    def close(self) -> None:
        """End the engine and the capture in good order."""
        self.live.close()


class ExceptionHook(QObject):
    """Bugs reach the log and one notice, never a modal box. Signal: caught(Notice)."""

    caught = Signal(object)

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _log.error("unexpected", exc_info=(kind, error, trace))
        sentence = (
            f"Something in the program itself went wrong ({kind.__name__}: {error}). Sockets and capture go on. "
            f"Please report it with the log: {log_file()}"
        )
        self.caught.emit(Notice(sentence, serious=True, key="bug"))


def log_file() -> Path:
    return data_dir() / "socket-explorer.log"


def set_up_logging() -> None:
    """A small log of the program's own problems (never of traffic) in the user's data folder."""
    from logging.handlers import RotatingFileHandler

    log_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(log_file(), maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    qInstallMessageHandler(_on_qt_message)


def _on_qt_message(kind: QtMsgType, context: object, message: str) -> None:
    level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
    logging.getLogger("qt").log(level, "%s", message)


def run_window(workspace: Path | None, start: bool) -> int:
    """Open the window and run until it is closed. Exit status."""
    app = make_application()
    try:
        set_up_logging()
        raise_open_files()
        program = Program()
    except (ShownError, OSError) as error:
        QMessageBox.critical(None, "Socket Explorer", f"Socket Explorer cannot start. {error}")
        return 1
    hook = ExceptionHook()
    hook.caught.connect(program.window.notices.show_notice)
    sys.excepthook = hook
    program.open(workspace, start)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: program.window.close())
    status = app.exec()
    sys.excepthook = sys.__excepthook__
    return int(status)
