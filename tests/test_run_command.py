from __future__ import annotations

import io
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer import run_command
from explorer.capture.reader import Reader
from explorer.core.errors import ShownError
from explorer.core.events import AcceptPaused, CaptureFull, DatagramsLost, EngineStopped, SocketFailed
from explorer.core.failure import Failure
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.run_command import run_workspace
from tests.net.peers import PATIENCE, connect, listener, read, read_all, reset, unused_port

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def leave_limits_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_command, "raise_open_files", lambda: (0, 0))


class Lines(io.StringIO):
    """What run prints; `on` reacts to a line on the printing thread."""

    def __init__(self, on: Callable[[dict[str, Any]], None] = lambda line: None) -> None:
        super().__init__()
        self._on = on
        self.flushed = 0

    def write(self, text: str) -> int:
        assert text.endswith("\n")
        self._on(json.loads(text))
        return super().write(text)

    def flush(self) -> None:
        self.flushed += 1

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all if line["event"] == event]


def test_every_line_of_the_contract() -> None:
    """A client of the workspace, refused; an echo server that a peer talks to; what it all came to."""
    threads: list[threading.Thread] = []

    def on(line: dict[str, Any]) -> None:
        if line["event"] == "listening":
            threads.append(threading.Thread(target=talk, args=(line["port"],)))
            threads[-1].start()

    def talk(port: int) -> None:
        with connect("127.0.0.1", port) as peer:
            peer.sendall(b"one\ntwo\n")
            assert read(peer, 8) == b"one\ntwo\n"
        reset(connect("127.0.0.1", port))

    out, closed_port = Lines(on), unused_port()
    specs = [
        SocketSpec("nobody there", role="client", port=closed_port),
        SocketSpec("echo", framing=Choice("line"), program=Choice("echo")),
    ]
    assert run_workspace(specs, 1.0, None, out) == 1
    threads[0].join()
    listening = out.of("listening")[0]
    assert listening == {"event": "listening", "socket": "echo", "host": "127.0.0.1", "port": listening["port"]}
    failed = out.of("failed")[0]
    assert set(failed) == {"event", "socket", "call", "errno", "message", "advice"}
    assert (failed["socket"], failed["call"], failed["errno"]) == ("nobody there", "connect", "ECONNREFUSED")
    accepted = out.of("accepted")
    assert set(accepted[0]) == {"event", "socket", "peer"}
    assert accepted[0]["peer"].startswith("127.0.0.1:")
    assert {line["reason"] for line in out.of("closed")} == {"eof", "reset"}
    totals = {line["socket"]: line for line in out.of("totals")}
    assert totals["echo"] == {
        "event": "totals", "socket": "echo", "received": 8, "sent": 8, "messages_in": 2, "messages_out": 2,
        "connections": 2,
    }  # fmt: skip
    assert totals["nobody there"]["connections"] == 0
    assert out.all[-2:] == out.of("totals")
    assert out.flushed == len(out.all)


def test_it_ends_when_every_socket_is_over(tmp_path: Path) -> None:
    """A client with program none stays until its peer closes; its capture is kept where it was asked for."""
    with listener() as listening:
        port = listening.getsockname()[1]

        def on(line: dict[str, Any]) -> None:
            if line["event"] == "connected":
                assert line == {"event": "connected", "socket": "client", "host": "127.0.0.1", "port": port}
                peer, _ = listening.accept()
                with peer:
                    peer.sendall(b"bye")

        out = Lines(on)
        assert run_workspace([SocketSpec("client", role="client", port=port)], None, tmp_path / "kept", out) == 0
    assert [line["event"] for line in out.all] == ["connected", "closed", "totals"]
    assert out.of("totals")[0]["received"] == 3
    reader = Reader(tmp_path / "kept")
    assert reader.header.closed
    assert any(reader.traffic(call) == b"bye" for call in reader.calls(0, reader.count))
    reader.close()


def test_clients_are_started_after_the_servers_listen() -> None:
    port = unused_port()
    specs = [
        SocketSpec("client", role="client", host="localhost", port=port),
        SocketSpec("server", host="localhost", port=port),
    ]
    out = Lines()
    assert run_workspace(specs, 0.5, None, out) == 0
    assert out.all[0]["event"] == "listening"
    assert out.of("connected")
    assert out.of("accepted")
    assert {line["reason"] for line in out.of("closed")} <= {"local", "eof"}


def test_udp_lines() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(PATIENCE)

        def on(line: dict[str, Any]) -> None:
            if line["event"] == "listening":
                peer.sendto(b"x", (line["host"], line["port"]))

        out = Lines(on)
        port = unused_port(socket.SOCK_DGRAM)
        specs = [
            SocketSpec("server", transport="udp", program=Choice("echo")),
            SocketSpec("client", transport="udp", role="client", port=port),
        ]
        assert run_workspace(specs, 0.5, None, out) == 0
        assert peer.recv(10) == b"x"
    assert out.of("connected") == [{"event": "connected", "socket": "client", "host": "127.0.0.1", "port": port}]
    assert [line["socket"] for line in out.of("accepted")] == ["server"]
    assert {line["socket"]: line["connections"] for line in out.of("totals")} == {"server": 1, "client": 1}


def test_nothing_to_run_ends_at_once() -> None:
    out = Lines()
    assert run_workspace([], None, None, out) == 0
    assert out.all == []


def test_a_capture_folder_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ShownError, match="exists already"):
        run_workspace([], None, tmp_path, Lines())
    (tmp_path / "file").touch()
    with pytest.raises(ShownError, match="No capture can be begun"):
        run_workspace([], None, tmp_path / "file" / "below", Lines())


def test_rarer_events_have_lines_too() -> None:
    out = Lines()
    spec = SocketSpec("s")
    run = run_command._Run([spec], None, out)  # type: ignore[arg-type]
    run._tell(AcceptPaused(1, "no files"))
    run._tell(CaptureFull("no room"))
    run._tell(DatagramsLost(1, 7))
    run._tell(SocketFailed(0, 0, Failure("a command", "", "", "A fault.", "Report it."), fatal=False))
    run._news.put(EngineStopped("It broke."))
    run._tell_rest()
    assert run._failed
    run._engine._reactor.close()
    assert [(line["event"], line["socket"]) for line in out.all] == [
        ("paused", "s"), ("paused", ""), ("lost", "s"), ("failed", ""), ("failed", ""), ("totals", "s"),
    ]  # fmt: skip


def test_the_engine_ending_by_itself_ends_the_run() -> None:
    out = Lines()
    run = run_command._Run([SocketSpec("s")], None, out)  # type: ignore[arg-type]
    run._news.put(EngineStopped("It broke."))
    run._watch(None)
    run._tell_rest()
    assert out.of("failed")[0]["message"] == "It broke."
    run._engine._reactor.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order(tmp_path: Path, number: int) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from explorer.core.socket_spec import SocketSpec\n"
        "from explorer.run_command import run_workspace\n"
        "sys.exit(run_workspace([SocketSpec('s')], None, Path(sys.argv[1]), sys.stdout))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "capture")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        with connect("127.0.0.1", port) as peer:
            assert json.loads(process.stdout.readline())["event"] == "accepted"
            process.send_signal(number)
            assert read_all(peer) == b""
            rest = [json.loads(line) for line in process.stdout]
    assert process.returncode == 0
    assert [line["event"] for line in rest] == ["closed", "totals"]
    reader = Reader(tmp_path / "capture")
    assert reader.header.closed
    reader.close()


def test_off_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run_workspace, args=([], 0.01, None, Lines()))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is before
