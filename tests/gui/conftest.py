"""What GUI tests share: a workbench over a capture that the test writes itself, and a link that remembers commands."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import commands, events
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench


class FakeLink:
    """Stands in for the engine's thread: keeps what was asked, hands out what the test tells."""

    def __init__(self) -> None:
        self.posted: list[commands.Command] = []
        self.news: deque[events.Event] = deque()

    def post(self, command: commands.Command) -> None:
        self.posted.append(command)

    def drain(self, most: int) -> list[events.Event]:
        return [self.news.popleft() for _ in range(min(most, len(self.news)))]


@pytest.fixture(autouse=True, scope="session")
def modules_stay() -> None:
    """Collecting after each test need not look through everything that was imported."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def garbage_on_this_thread() -> Iterator[None]:
    """As in the program (see `explorer.bridge.garbage`): a widget that goes on another thread is a crash."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


def set_framing(workbench: Workbench, number: int, framing: Choice) -> None:
    """What the settings form does when another framing is chosen."""
    entry = workbench.socket(number)
    assert entry is not None
    workbench.edit_socket(number, replace(entry.spec, framing=framing))


@pytest.fixture(autouse=True)
def usual_text(qapp: QApplication) -> Iterator[None]:
    """A theme measures its zoom from the application's font: a test that zooms must not enlarge the next one's."""
    font = QFont(qapp.font())
    yield
    qapp.setFont(font)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("light")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(tmp_path / "capture", segment_bytes=4 << 20, segment_records=1 << 12)
    yield made
    made.close()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def workbench(qapp: QApplication, writer: Writer, link: FakeLink) -> Iterator[Workbench]:
    made = Workbench(Reader.of(writer), link)
    yield made
    made.shut_down()
    made.deleteLater()


@pytest.fixture
def send_pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> SendPane:
    """The composer in a window of its own that has the keyboard."""
    made = SendPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 160)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.focus_first()
    return made


@pytest.fixture
def echo_server(workbench: Workbench, link: FakeLink) -> int:
    """A server that runs, chosen, nobody connected."""
    number = workbench.add_socket(SocketSpec("echo", port=9000))
    workbench.selection.choose_scope(Scope(number))
    link.news.append(events.SocketChanged(number, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()
    return number
