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

from PySide6.QtWidgets import QAbstractButton, QApplication, QDockWidget, QLineEdit, QWidget

from explorer.app import Program, make_application
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.core.commands import Target
from explorer.core.fields import Rows
from explorer.core.pace import Pace
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.settings import Settings
from explorer.ui.dialogs.compare_dialog import CompareDialog
from explorer.ui.dialogs.rules_dialog import RulesDialog
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.framing_bench_pane import FramingBenchPane
from explorer.ui.panes.load_pane import LoadPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.ruler_pane import RulerPane
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.sequence_pane import SequencePane
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
        settings.form_folded = scene not in (first_start, echo, failed, framing, login, rules)
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


def _server(program: Program, spec: SocketSpec) -> Generator[None, None, int]:
    """Its number, when it listens and is chosen."""
    bench = program.workbench
    number = bench.add_socket(spec)
    bench.start(number)
    yield from _until(lambda: _running(program, number))
    bench.selection.choose_scope(Scope(number))
    return number


def _running(program: Program, number: int) -> bool:
    entry = program.workbench.socket(number)
    return entry is not None and entry.running


def _peer(program: Program, number: int) -> socket.socket:
    """A program that connects to a server of ours, without waiting until it is accepted."""
    entry = program.workbench.socket(number)
    assert entry is not None
    assert entry.local is not None
    peer = socket.socket()
    peer.setblocking(False)
    peer.connect_ex((entry.local.host, entry.local.port))
    _PEERS.append(peer)
    return peer


USERS = tuple({"user": name, "password": "sesame", "greeting": "Good morning, NAME!"} for name in ("ada", "grace"))


def login(program: Program) -> Iterator[None]:
    """The settings of a program that asks for a password, and somebody who told it: it is covered."""
    spec = SocketSpec("door", framing=Choice("line", {"ending": "any"}), program=Choice("login", {"users": USERS}))
    number = yield from _server(program, spec)
    peer = _peer(program, number)
    yield from _until(lambda: program.live.tally.sent > 0)  # it has asked
    peer.send(b"ada\n")
    yield from _until(lambda: program.live.tally.received == 4)
    peer.send(b"sesame\n")
    yield from _until(lambda: program.live.tally.received == 11)
    bench = program.workbench
    received = [call for call in bench.reader.calls(0, bench.reader.count) if call.received]
    bench.selection.choose_call(received[-1])
    pane = program.window.panes["settings"]
    assert isinstance(pane, SettingsPane)
    pane.fold(False)


RULES: Rows = (
    {"name": "who are you", "match": "exact", "pattern": "*IDN?", "answer": "Pump 3, version 2.1"},
    {
        "name": "set",
        "match": "regex",
        "pattern": "^SET (?P<what>\\w+) (?P<value>\\d+)$",
        "answer": "{{what}} is {{value}}",
    },
    {"name": "status", "match": "starts", "pattern": "STATUS", "answer": "ok, request {{counter}}", "delay": 200},
    {"name": "binary", "match": "starts", "written": "hex", "pattern": "02 ?? 10", "answer": "06"},
    {"name": "bye", "match": "exact", "pattern": "BYE", "answer": "see you", "then": "send_close"},
)


def rules(program: Program) -> Generator[None, None, QWidget]:
    """Rules that stand in for a device, and a message tried against them."""
    spec = SocketSpec("pump", framing=Choice("line"), program=Choice("rules", {"rules": RULES}))
    program.workbench.selection.choose_scope(Scope(program.workbench.add_socket(spec)))
    yield
    pane = program.window.panes["settings"]
    assert isinstance(pane, SettingsPane)
    editor = pane.program.editor("rules")
    assert isinstance(editor, QAbstractButton)
    editor.click()
    yield from _until(lambda: program.window.findChild(RulesDialog) is not None)
    dialog = program.window.findChild(RulesDialog)
    assert dialog is not None
    dialog.attempt.message.setText("SET speed 1450")
    dialog.resize(1100, 560)
    return dialog


def serving(program: Program) -> Iterator[None]:
    """One client at a time: who is served, who waits in the queue, and for whom it is full."""
    spec = SocketSpec("echo", program=Choice("echo"), serving=Choice("iterative"), options=SocketOptions(backlog=5))
    number = yield from _server(program, spec)
    program.window.panes.bring_to_front("serving")
    _peer(program, number)
    yield from _until(lambda: bool(program.workbench.connections(number)))
    for _ in range(8):
        _peer(program, number)
    yield from _until(lambda: _waiting(program, number) == 8)


def _waiting(program: Program, number: int) -> int:
    entry = program.workbench.socket(number)
    return len(entry.queue.clients) if entry is not None and entry.queue is not None else 0


def load(program: Program) -> Iterator[None]:
    """300 clients, and how long the answers took."""
    number = yield from _server(program, SocketSpec("echo", program=Choice("echo"), options=SocketOptions(backlog=512)))
    program.window.panes.bring_to_front("load")
    pane = program.window.panes["load"]
    assert isinstance(pane, LoadPane)
    assert _running(program, number)
    pane.form.this_server.click()
    yield
    clients = pane.form.settings.editor("clients")
    assert isinstance(clients, QLineEdit)
    clients.setText("300")
    pane.start()
    yield from _until(lambda: pane.running)
    yield from _until(lambda: not pane.running)


def sequence(program: Program) -> Iterator[None]:
    """A sequence that has passed."""
    yield from _talk(program)
    program.window.panes.bring_to_front("sequences")
    pane = program.window.panes["sequences"]
    assert isinstance(pane, SequencePane)
    pane.make_example()
    yield from _until(lambda: pane.sequence is not None)
    pane.run()
    yield from _until(lambda: bool(pane.play.result))


def chat(program: Program) -> Iterator[None]:
    """A room with three people in it."""
    spec = SocketSpec("room", framing=Choice("line", {"ending": "any"}), program=Choice("chat"))
    number = yield from _server(program, spec)
    program.window.panes.bring_to_front("chat")
    people = []
    for name in (b"Ann", b"Bob", b"Cleo"):
        sent = program.live.tally.sent
        people.append(_peer(program, number))
        yield from _until(lambda sent=sent: program.live.tally.sent > sent)  # type: ignore[misc]
        sent = program.live.tally.sent
        people[-1].send(b"/nick " + name + b"\n")
        yield from _until(lambda sent=sent: program.live.tally.sent > sent)  # type: ignore[misc]
    for place, line in ((0, b"Does anybody hear me?\n"), (1, b"Every word.\n"), (2, b"Me too.\n")):
        sent = program.live.tally.sent
        people[place].send(line)
        yield from _until(lambda sent=sent: program.live.tally.sent > sent)  # type: ignore[misc]


def python(program: Program) -> Iterator[None]:
    """An echo server as a script; the line that made the chosen call is marked."""
    yield from _talk(program)
    bench = program.workbench
    program.window.panes.bring_to_front("python")
    server = next(entry for entry in bench.sockets if entry.spec.role == "server")
    bench.selection.choose_scope(Scope(server.number))
    yield
    received = [call for call in bench.reader.calls(0, bench.reader.count) if call.received]
    bench.selection.choose_call(next(call for call in received if call.socket == server.number))
    yield from _until(lambda: bench.indexer.idle)


SCENES = (
    first_start, echo, borders, found, content, compared, framing, framing_bench, ruler, composer, login, rules,
    serving, load, sequence, chat, python, failed, gigabyte,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
