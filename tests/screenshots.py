"""The pictures in resources/screenshots/: python -m tests.screenshots [FOLDER]. Run by `python3 build screenshots`.

Each is the real window with real sockets on loopback, in light and dark, at scale 1 and 2. One process
per look, because Qt reads the scale when it starts.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOOKS = [(mode, scale) for mode in ("light", "dark") for scale in (1, 2)]
SIZE = (1280, 800)
GIGABYTE = 1_000_000_000
PATIENCE = 60.0


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--one"]:
        _draw_all(arguments[1], int(arguments[2]), Path(arguments[3]))
        return 0
    folder = Path(arguments[0]) if arguments else ROOT / "resources" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for mode, scale in LOOKS:
        with tempfile.TemporaryDirectory() as data:
            environment = {**os.environ, "QT_SCALE_FACTOR": str(scale), "SOCKET_EXPLORER_DATA": data}
            command = [sys.executable, "-m", "tests.screenshots", "--one", mode, str(scale), str(folder)]
            done = subprocess.run(command, env=environment, cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    print(f"pictures are in {folder}")
    return 0


def _draw_all(mode: str, scale: int, folder: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from explorer.app import Program, make_application
    from explorer.settings import Settings
    from explorer.ui.theme import Theme
    from explorer.workspace import Workspace

    app = make_application()
    for scene in (first_start, echo, failed, gigabyte):
        settings = Settings()
        settings.session = Workspace()
        program = Program(Theme("dark" if mode == "dark" else "light"), settings)
        program.open(None, start=False)
        program.window.resize(*SIZE)
        for _ in scene(program):
            app.processEvents()
            time.sleep(0.001)
        settle = time.monotonic() + 0.7  # rates and the status line are refreshed twice a second
        while time.monotonic() < settle:
            app.processEvents()
            time.sleep(0.005)
        suffix = "" if scale == 1 else f"@{scale}x"
        path = folder / f"{scene.__name__.replace('_', '-')}-{mode}{suffix}.png"
        if not program.window.grab().save(str(path)):
            raise OSError(f"{path} cannot be written")
        print(path.name, flush=True)
        program.window.close()
    QApplication.processEvents()


def _until(condition: Callable[[], bool]) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what the picture should show did not happen")
        yield


def first_start(program: object) -> Iterator[None]:
    """Nothing yet: the welcome page."""
    yield


def echo(program: object) -> Iterator[None]:
    """Try it, the line has come back, and its bytes are chosen."""
    from explorer.app import Program

    assert isinstance(program, Program)
    program.window.socket_actions.try_it()
    yield from _until(lambda: program.live.tally.received == program.live.tally.sent == 30)
    bench = program.workbench
    last = next(call for call in reversed(list(bench.reader.calls(0, bench.reader.count))) if call.received)
    bench.selection.choose_call(last)


def failed(program: object) -> Iterator[None]:
    """A client that nobody answers, beside a server that runs."""
    from explorer.app import Program
    from explorer.capture.stream import Scope
    from explorer.core.socket_spec import SocketSpec

    assert isinstance(program, Program)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    bench = program.workbench
    number = bench.add_socket(SocketSpec("client", "tcp", "client", "127.0.0.1", port))
    bench.selection.choose_scope(Scope(number))
    bench.start(number)
    yield from _until(lambda: (entry := bench.socket(number)) is not None and entry.failure is not None)


def gigabyte(program: object) -> Iterator[None]:
    """One gigabyte has arrived."""
    from explorer.app import Program
    from explorer.capture.stream import Scope
    from explorer.core.socket_spec import SocketSpec

    assert isinstance(program, Program)
    bench = program.workbench
    number = bench.add_socket(SocketSpec("sink", "tcp", "server", "127.0.0.1", 0, buffer_size=65_536))
    bench.selection.choose_scope(Scope(number))
    bench.start(number)
    yield from _until(lambda: (entry := bench.socket(number)) is not None and entry.local is not None)
    entry = bench.socket(number)
    assert entry is not None
    assert entry.local is not None
    feeder = subprocess.Popen(
        [sys.executable, "-c", f"from tests.bench.bare import feed; feed({entry.local.port}, {GIGABYTE}, 65536)"],
        cwd=ROOT,
    )
    yield from _until(lambda: program.live.tally.received >= GIGABYTE)
    feeder.wait(10)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
