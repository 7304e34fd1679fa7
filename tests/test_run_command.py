from __future__ import annotations

import io
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from explorer import run_command, workspace
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
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


def test_a_workspace_sets_the_pace(tmp_path: Path) -> None:
    """A client that answers once its peer is silent, in small pieces."""
    with listener() as listening:

        def talk() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(b"one message")
                assert read(peer, 11) == b"one message"
                peer.sendall(b"the end")
                peer.shutdown(socket.SHUT_WR)
                assert read_all(peer) == b"the end"

        content = {
            "name": "slow", "transport": "tcp", "role": "client", "port": listening.getsockname()[1],
            "framing": {"kind": "idle", "ms": 20}, "program": {"kind": "echo"},
            "pace": {"send_size": 4, "send_pause": 2},
        }  # fmt: skip
        thread = threading.Thread(target=talk)
        thread.start()
        out, folder = Lines(), tmp_path / "capture"
        specs = workspace.parse(json.dumps({"version": 1, "sockets": [content]})).sockets
        assert run_workspace(specs, None, folder, out) == 0
        thread.join()
    [totals] = out.of("totals")
    assert (totals["messages_in"], totals["messages_out"], totals["sent"]) == (2, 2, 18)
    reader = Reader(folder)
    assert [call.size for call in reader.calls(0, reader.count) if call.sent] == [4, 4, 3, 4, 3]
    reader.close()


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


def test_rarer_events_have_lines_too(tmp_path: Path) -> None:
    out = Lines()
    spec = SocketSpec("s")
    writer = Writer(tmp_path / "capture")
    run = run_command._Run([spec], writer, out)
    run._tell(AcceptPaused(1, "no files"))
    run._tell(CaptureFull("no room"))
    run._tell(DatagramsLost(1, 7))
    run._tell(SocketFailed(0, 0, Failure("a command", "", "", "A fault.", "Report it."), fatal=False))
    run._news.put(EngineStopped("It broke."))
    run._tell_rest()
    assert run._failed
    run._engine._reactor.close()
    writer.close()
    assert [(line["event"], line["socket"]) for line in out.all] == [
        ("paused", "s"), ("paused", ""), ("lost", "s"), ("failed", ""), ("failed", ""), ("totals", "s"),
    ]  # fmt: skip


def test_the_engine_ending_by_itself_ends_the_run() -> None:
    out = Lines()
    run = run_command._Run([SocketSpec("s")], None, out)  # type: ignore[arg-type]
    run._news.put(EngineStopped("It broke."))
    run._watch()
    run._tell_rest()
    assert out.of("failed")[0]["message"] == "It broke."
    run._engine._reactor.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", 1)])
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


CHILD = "import sys\nfrom pathlib import Path\nfrom explorer import cli\nsys.exit(cli.main(sys.argv[1:]))\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")


def start_udp(folder: Path, *more: str, **popen: Any) -> tuple[subprocess.Popen[bytes], int]:
    """`run` of a UDP server in a process of its own, with a line for each address that sends to it; and its port."""
    port = unused_port(socket.SOCK_DGRAM)
    spec = {"name": "u", "transport": "udp", "role": "server", "host": "127.0.0.1", "port": port}
    (folder / "w.json").write_text(json.dumps({"version": 1, "sockets": [spec]}))
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, "run", str(folder / "w.json"), *more], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, **popen,
    )  # fmt: skip
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "listening"
    return process, port


def fill_the_pipe(port: int) -> None:
    """New addresses, each of which is a line, until the pipe (64 KiB) and more are full of them."""
    for place in range(3000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind((f"127.0.{place >> 8}.{(place & 255) or 1}", 0))
            peer.sendto(b"x", ("127.0.0.1", port))


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="127.0.0.0/8 is one address there")
@pytest.mark.parametrize("way", ["seconds", "signal"])
def test_an_output_that_nobody_reads_does_not_keep_it_from_ending(tmp_path: Path, way: str) -> None:
    process, port = start_udp(tmp_path, *(["--seconds", "2"] if way == "seconds" else []))
    with process:
        fill_the_pipe(port)
        if way == "signal":
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 1
        assert process.stderr is not None
        (line,) = process.stderr.read().decode().splitlines()
    assert "Nobody read the output" in line


@posix
def test_a_reader_that_comes_late_gets_every_line(tmp_path: Path) -> None:
    process, port = start_udp(tmp_path)
    with process:
        fill_the_pipe(port)
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        lines = [json.loads(line) for line in process.stdout]
    assert process.returncode == 0
    assert lines[-1]["event"] == "totals"
    assert lines[-1]["connections"] == sum(line["event"] == "accepted" for line in lines) > 0


def test_a_second_signal_ends_it_at_once() -> None:
    run = run_command._Run([], None, Lines())  # type: ignore[arg-type]
    assert not run._ending()
    run._on_signal()
    assert run._ending()
    with pytest.raises(KeyboardInterrupt):
        run._on_signal()
    run._printer.finish()
    run._engine._reactor.close()


@posix
def test_a_hang_up_that_is_ignored_stays_ignored(tmp_path: Path) -> None:
    """As under nohup."""
    process, _ = start_udp(tmp_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    with process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_a_full_capture_is_tried_again_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is small at first; then somebody frees space on it."""
    free = [3 << 20]
    monkeypatch.setattr(run_command, "RETRY", 0.02)
    monkeypatch.setattr(run_command, "Writer", partial(Writer, segment_bytes=1 << 20, segment_records=1 << 12))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free[0]))
    tried: list[int] = []
    real = run_command._quota

    def quota(writer: Writer) -> int:
        tried.append(1)
        if len(tried) == 3:
            free[0] = 1 << 30
        return real(writer)

    monkeypatch.setattr(run_command, "_quota", quota)
    threads: list[threading.Thread] = []

    def on(line: dict[str, Any]) -> None:
        if line["event"] == "listening":
            threads.append(threading.Thread(target=send, args=(line["port"],)))
            threads[-1].start()

    def send(port: int) -> None:
        with connect("127.0.0.1", port) as peer:
            peer.sendall(bytes(8_000_000))

    out = Lines(on)
    assert run_workspace([SocketSpec("server", buffer_size=65_536)], 2.0, tmp_path / "capture", out) == 0
    threads[0].join()
    assert out.of("totals")[0]["received"] == 8_000_000
    full, again = out.of("paused")[:2]
    assert full["message"].startswith("The capture has reached its limit of ")
    assert "goes on by itself" in full["message"]
    assert str(tmp_path) in full["message"]
    assert again["message"] == ""
    assert len(tried) >= 3


def test_a_capture_folder_that_goes_away_is_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "capture"

    def on(line: dict[str, Any]) -> None:
        if line["event"] == "listening":
            shutil.rmtree(folder)

    with pytest.raises(ShownError, match="could not be ended in good order: No such file"):
        run_workspace([SocketSpec("s")], 0.2, folder, Lines(on))


@posix
def test_no_room_for_the_first_files_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('{"version": 1, "sockets": []}')
    small = (
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", small + CHILD, "run", str(tmp_path / "w.json")],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "No capture can be begun" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_place_for_temporary_files_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refused)
    with pytest.raises(ShownError, match="no place for the capture"):
        run_workspace([], None, None, Lines())


def test_lines_are_ascii_whatever_names_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Lines()
    assert run_workspace([SocketSpec("écho → \ud800")], 0.1, None, out) == 0
    assert out.getvalue().isascii()
    assert out.all[0]["socket"] == "écho → \ud800"


def test_waits_are_short_where_signals_do_not_interrupt_them() -> None:
    assert (0.25 if sys.platform == "win32" else 3600.0) == run_command.LONGEST_WAIT
