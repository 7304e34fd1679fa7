from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.bridge.engine_thread import EngineThread
from explorer.capture.writer import Writer
from explorer.core.commands import Start, Stop
from explorer.core.events import ConnectionClosed, EngineStopped, Event, SocketChanged
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally
from explorer.net.engine import Engine


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(tmp_path / "capture", 1_000_000_000)
    yield made
    made.close()


def test_an_echo_on_the_thread(qtbot: QtBot, writer: Writer) -> None:
    tally, events = Tally(), list[Event]()
    thread = EngineThread(writer, tally)
    thread.start()
    assert thread.post(Start(1, SocketSpec("echo", program=Choice("echo"))))

    def listening() -> SocketChanged | None:
        events.extend(thread.mailbox.drain(100))
        return next((e for e in events if isinstance(e, SocketChanged) and e.state is State.LISTEN), None)

    qtbot.waitUntil(lambda: listening() is not None, timeout=15_000)
    found = listening()
    assert found is not None
    assert found.local is not None
    with socket.create_connection((found.local.host, found.local.port), timeout=15) as peer:
        peer.sendall(b"over the thread")
        assert peer.recv(100) == b"over the thread"
    assert thread.shut_down()
    assert thread.isFinished()
    events.extend(thread.mailbox.drain(100))
    assert isinstance(events[-1], EngineStopped)
    assert any(isinstance(event, ConnectionClosed) and event.received == 15 for event in events)
    assert tally.received == tally.sent == 15
    assert not thread.post(Stop(1))
    assert thread.shut_down()  # once more does no harm


def test_shut_down_right_after_start(qtbot: QtBot, writer: Writer) -> None:
    thread = EngineThread(writer, Tally())
    thread.start()
    assert thread.shut_down()
    assert thread.mailbox.drain(10) == [EngineStopped("")]


def test_a_thread_that_never_ran_leaves_nothing_open(qtbot: QtBot, writer: Writer) -> None:
    thread = EngineThread(writer, Tally())
    assert thread.shut_down()
    assert not thread.post(Stop(1))


def test_an_exception_on_the_thread_is_logged_and_does_not_abort(
    qtbot: QtBot, writer: Writer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = Engine.run

    def broken(self: Engine) -> None:
        real(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "run", broken)
    thread = EngineThread(writer, Tally())
    thread.start()
    assert thread.shut_down()
    assert "ended by a fault" in caplog.text
