"""`--self-test`: proves that this installation works, without a screen and without touching the user's files.

A real exchange on loopback through the same engine, capture and window as ever; then the window is
drawn and what it shows is checked. Guards above all the packaged program, from which parts are trimmed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from explorer import __version__
from explorer.core.errors import ShownError

PATIENCE = 20.0  # seconds for each step


class SelfTestFailed(Exception):
    """A step did not come true; the text says which."""


def run_self_test(picture: Path | None) -> int:
    """Print one line a step. 0 when all held, else 1."""
    from explorer.paths import DATA_VARIABLE

    with tempfile.TemporaryDirectory(prefix="socket-explorer-", ignore_cleanup_errors=True) as folder:
        os.environ[DATA_VARIABLE] = folder
        try:
            _run(picture)
        except (SelfTestFailed, ShownError, OSError) as error:
            print(f"self-test failed: {error}", file=sys.stdout, flush=True)
            return 1
    print(f"self-test passed: socket-explorer {__version__}", flush=True)
    return 0


def _run(picture: Path | None) -> None:
    from PySide6.QtCore import QCoreApplication

    from explorer.app import Program, make_application, set_up_logging
    from explorer.core.states import State
    from explorer.ui.try_it import LINE

    set_up_logging()
    app = make_application()

    def wait(what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise SelfTestFailed(f"{what}: not within {PATIENCE:.0f} s")
            QCoreApplication.processEvents()
            time.sleep(0.002)
        print(f"ok: {what}", flush=True)

    program = Program()
    try:
        bench, tally = program.workbench, program.live.tally
        program.window.show()
        wait("the window opens", program.window.isVisible)
        program.window.socket_actions.try_it()
        wait(
            "an echo server and a client start on loopback",
            lambda: [entry.state for entry in bench.sockets] == [State.LISTEN, State.ESTABLISHED],
        )
        wait("a line goes there and comes back", lambda: (tally.sent, tally.received) == (2 * len(LINE),) * 2)
        calls = list(bench.reader.calls(0, bench.reader.count))
        received = b"".join(bench.reader.traffic(call) for call in calls if call.received)
        if received != 2 * LINE:
            raise SelfTestFailed(f"the capture holds {received!r} instead of the line, twice")
        print(f"ok: the capture holds every call and byte ({len(calls)} calls)", flush=True)
        _check_script()
        _check_picture(program.window, picture, wait)
    finally:
        program.window.close()
        app.processEvents()


def _check_script() -> None:
    """A process of the program's own starts, runs a script and ends; the packaged program starts itself for it."""
    from explorer.core.parcels import Unpacker, pack
    from explorer.net.processes import Process
    from explorer.programs.script import EXAMPLE

    process, unpacker, answers = Process("script"), Unpacker(), list[object]()
    process.sock.settimeout(PATIENCE)
    try:
        process.sock.sendall(pack({"call": "begin", "source": EXAMPLE, "seconds": PATIENCE, "memory": 1 << 28}))
        message = b"there and back".hex()
        process.sock.sendall(pack({"call": "on_message", "connection": 1, "peer": "", "message": message}))
        while len(answers) < 2:
            data = process.sock.recv(65_536)
            if not data:
                break
            answers += [parcel.head["do"] for parcel in unpacker.feed(data) if "done" in parcel.head]
    finally:
        process.kill()
        process.reap()
    if answers != [[], [["send", b"1: THERE AND BACK".hex()]]]:
        raise SelfTestFailed(f"a script in a process of its own answered {answers!r}")
    print("ok: a script answers in a process of its own", flush=True)


def _check_picture(window: object, picture: Path | None, wait: Callable[[str, Callable[[], bool]], None]) -> None:
    """The window as it is painted: large enough, and with the colours of both directions in it."""
    from PySide6.QtGui import QColor, QImage

    from explorer.ui.main_window import MainWindow

    assert isinstance(window, MainWindow)
    marks = {QColor(window.theme.colors.received).rgb(), QColor(window.theme.colors.sent).rgb()}
    image = QImage()

    def painted() -> bool:
        nonlocal image
        image = window.grab().toImage()
        seen = {image.pixel(x, y) for y in range(0, image.height(), 3) for x in range(0, image.width(), 1)}
        return marks <= seen

    wait("the window shows bytes received and sent", painted)
    if picture is not None and not image.save(str(picture)):
        raise SelfTestFailed(f"the picture cannot be saved as {picture}")
