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
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from explorer.app import Program, make_application
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.core.commands import Target
from explorer.core.pace import Pace
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.settings import Settings
from explorer.ui.dialogs.compare_dialog import CompareDialog
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.framing_bench_pane import FramingBenchPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.ruler_pane import RulerPane
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.wire.framing.registry import make_framer
from explorer.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
LOOKS = [(mode, scale) for mode in ("light", "dark") for scale in (1, 2)]
SIZE = (1440, 900)
GIGABYTE = 1_000_000_000
PATIENCE = 60.0
_PEERS: list[socket.socket] = []  # of the picture that is drawn now: they stay connected until it is there


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

    app = make_application()
    for scene in SCENES:
        data = tempfile.mkdtemp(dir=os.environ["SOCKET_EXPLORER_DATA"])
        os.environ["SOCKET_EXPLORER_DATA"] = data  # captures of the pictures before are not there to be told of
        settings = Settings()
        settings.session = Workspace()
        settings.bytes_view = {}  # as nobody has chosen anything yet
        settings.bench = []
        settings.form_folded = scene not in (first_start, echo, failed, framing)
        program = Program(Theme("dark" if mode == "dark" else "light"), settings)
        program.open(None, start=False)
        program.window.resize(*SIZE)
        steps = scene(program)
        shown: QWidget = program.window
        while True:
            try:
                next(steps)
            except StopIteration as end:
                shown = end.value or shown
                break
            app.processEvents()
            time.sleep(0.001)
        settle = time.monotonic() + 0.7  # rates and the status line are refreshed twice a second
        while time.monotonic() < settle:
            app.processEvents()
            time.sleep(0.005)
        suffix = "" if scale == 1 else f"@{scale}x"
        path = folder / f"{scene.__name__.replace('_', '-')}-{mode}{suffix}.png"
        if not shown.grab().save(str(path)):
            raise OSError(f"{path} cannot be written")
        print(path.name, flush=True)
        program.window.close()
        while _PEERS:
            _PEERS.pop().close()
    QApplication.processEvents()


def _until(condition: Callable[[], bool]) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what the picture should show did not happen")
        yield


def first_start(program: Program) -> Iterator[None]:
    """Nothing yet: the welcome page."""
    yield


def echo(program: Program) -> Iterator[None]:
    """Try it, the line has come back, and its bytes are chosen."""
    program.window.socket_actions.try_it()
    yield from _until(lambda: program.live.tally.received == program.live.tally.sent == 30)
    bench = program.workbench
    last = next(call for call in reversed(list(bench.reader.calls(0, bench.reader.count))) if call.received)
    bench.selection.choose_call(last)


def _talk(program: Program, *parts: bytes) -> Iterator[None]:
    """The echo server and its client have exchanged the first line, and then these, one after the other."""
    program.window.socket_actions.try_it()
    tally, wanted = program.live.tally, 30
    yield from _until(lambda: tally.received == tally.sent == wanted)
    bench = program.workbench
    client = next(entry for entry in bench.sockets if entry.spec.role == "client")
    for part in parts:
        bench.send(Target(client.number), part)
        wanted += 2 * len(part)
        yield from _until(lambda wanted=wanted: tally.received == tally.sent == wanted)  # type: ignore[misc]


def _bytes_pane(program: Program) -> BytesPane:
    pane = program.window.panes["bytes"]
    assert isinstance(pane, BytesPane)
    return pane


REPORTS = tuple(f'{{"pump": {number}, "rpm": {1400 + 25 * number}, "alarms": []}}\n'.encode() for number in range(6))


def borders(program: Program) -> Iterator[None]:
    """Rows per call with the borders of messages: they do not coincide."""
    _bytes_pane(program).set_choices({"rows": "call", "messages": True})
    yield from _talk(program, b"".join(REPORTS[:2]), REPORTS[2], b"".join(REPORTS[3:]))


def found(program: Program) -> Iterator[None]:
    """A search with its results, in rows per message."""
    pane = _bytes_pane(program)
    pane.set_choices({"rows": "message", "messages": True, "color": "message"})
    yield from _talk(program, b"".join(REPORTS[:2]), REPORTS[2], b"".join(REPORTS[3:]))
    pane.open_find()
    pane.find_bar.field.setText("rpm")
    pane.find_bar.find_next()
    yield from _until(lambda: program.workbench.finder.count == 12)
    program.window.panes.bring_to_front("found")


def content(program: Program) -> Iterator[None]:
    """A message that is JSON, written out, beside the stream as text; a highlight with a note."""
    _bytes_pane(program).set_choices({"view": "text"})
    report = b'{"name": "pump 3", "rpm": 1450, "alarms": ["hot", null], "ok": false}\n'
    yield from _talk(program, b"status 3\n", report)
    bench = program.workbench
    calls = [call for call in bench.reader.calls(0, bench.reader.count) if call.received]
    bench.notes.add(Span.of_call(calls[1]), 2, "What we asked for")
    bench.selection.choose_call(calls[-1])
    dock = program.window.findChild(QDockWidget, "dock_content")
    assert dock is not None
    dock.raise_()


def compared(program: Program) -> Generator[None, None, QWidget]:
    """Two messages side by side."""
    yield from _talk(program, REPORTS[0], b'{"pump": 0, "rpm": 1425, "alarms": ["hot"]}\n')
    pane = program.window.panes["messages"]
    assert isinstance(pane, MessagesPane)
    program.window.panes.bring_to_front("messages")
    yield from _until(lambda: pane.table.model().rowCount() >= 6)
    pane.table.setFocus()
    pane.table.reveal([range(2, 3), range(4, 5)])  # what was sent
    pane.compare()
    dialog = program.window.findChild(CompareDialog)
    assert dialog is not None
    return dialog


def composer(program: Program) -> Iterator[None]:
    """A message with fields, its next bytes, and the bar for repeating; the hex editor of another one above it."""
    yield from _talk(program)
    pane = program.window.panes["send"]
    assert isinstance(pane, SendPane)
    program.workbench.snippets.add(Snippet("poll", "text", "status\\n", shortcut="Ctrl+1"))
    pane.editors.recall("hex", "aa 55 {{counter:u16be}} 01 {{crc16-modbus:le}}", fields=True)
    pane.repeats.setChecked(True)


MODBUS = Choice("length", {"width": 2, "skip": 2, "checksum": "crc16-modbus", "checksum_order": "little"})


def _readings(program: Program, framing: Choice) -> Iterator[None]:
    """A client of ours reads what a device sends: frames with a checksum, one of which is wrong."""
    encoder = make_framer(MODBUS)
    frames = [encoder.encode(f"temp={20 + number / 4:.2f} n={number}".encode()) for number in range(12)]
    frames[7] = frames[7][:-1] + bytes([frames[7][-1] ^ 0x40])
    bench = program.workbench
    with socket.create_server(("127.0.0.1", 0)) as device:
        number = bench.add_socket(
            SocketSpec("meter", "tcp", "client", "127.0.0.1", device.getsockname()[1], framing=framing)
        )
        bench.selection.choose_scope(Scope(number))
        bench.start(number)
        device.settimeout(PATIENCE)
        yield from _until(lambda: (entry := bench.socket(number)) is not None and entry.state.is_open)
        peer = device.accept()[0]
    _PEERS.append(peer)
    data = b"".join(frames) + frames[0][:9]
    peer.sendall(data)
    yield from _until(lambda: program.live.tally.received == len(data))


def framing(program: Program) -> Iterator[None]:
    """The settings of a framing with its picture, and the messages that it finds, one with a wrong checksum."""
    yield from _readings(program, MODBUS)
    program.window.panes.bring_to_front("messages")
    pane = program.window.panes["messages"]
    assert isinstance(pane, MessagesPane)
    yield from _until(lambda: pane.table.model().rowCount() >= 12)
    pane.table.setFocus()
    pane.table.reveal([range(7, 8)])
    form = program.window.panes["settings"]
    assert isinstance(form, SettingsPane)
    form.fold(False)


def framing_bench(program: Program) -> Iterator[None]:
    """The same bytes under three framings, and what they probably are."""
    yield from _readings(program, Choice("raw"))
    program.window.panes.bring_to_front("framing_bench")
    pane = program.window.panes["framing_bench"]
    assert isinstance(pane, FramingBenchPane)
    pane.show_framing(Choice("line", {"ending": "lf"}))
    pane.show_framing(MODBUS)
    last = pane.columns[-1]
    yield from _until(lambda: last.model.rowCount() >= 12)
    last.table.reveal([range(8, 9)])


def ruler(program: Program) -> Iterator[None]:
    """Sends that are cut every seven bytes, what became of them, and the messages in them."""
    yield from _talk(program)
    bench = program.workbench
    client = next(entry for entry in bench.sockets if entry.spec.role == "client")
    bench.edit_socket(client.number, replace(client.spec, pace=Pace(send_size=7, send_pause=3)))
    program.window.panes.bring_to_front("ruler")
    pane = program.window.panes["ruler"]
    assert isinstance(pane, RulerPane)
    bench.selection.choose_scope(Scope(client.number))
    yield from _until(lambda: pane.source.ruler is not None)
    pane.source.choose_way("up")
    sent = program.live.tally.received
    pane.happen.send_lines()
    yield from _until(lambda: program.live.tally.received >= sent + 2 * 5 * 15)
    pane.view.fit()


def failed(program: Program) -> Iterator[None]:
    """A client that nobody answers, beside a server that runs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    bench = program.workbench
    number = bench.add_socket(SocketSpec("client", "tcp", "client", "127.0.0.1", port))
    bench.selection.choose_scope(Scope(number))
    bench.start(number)
    yield from _until(lambda: (entry := bench.socket(number)) is not None and entry.failure is not None)


def gigabyte(program: Program) -> Iterator[None]:
    """One gigabyte has arrived."""
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


SCENES = (
    first_start, echo, borders, found, content, compared, framing, framing_bench, ruler, composer, failed, gigabyte,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
