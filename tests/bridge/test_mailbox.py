from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Slot
from pytestqt.qtbot import QtBot

from explorer.bridge.mailbox import Mailbox
from explorer.core.events import AcceptPaused, Event


class Hearer(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard = 0

    @Slot()
    def on_arrived(self) -> None:
        self.heard += 1


def test_it_tells_once_until_it_is_emptied(qtbot: QtBot) -> None:
    box, hearer = Mailbox(), Hearer()
    box.arrived.connect(hearer.on_arrived)
    for number in range(5):
        box.put(AcceptPaused(number, ""))
    assert hearer.heard == 1
    assert [event.socket for event in box.drain(3) if isinstance(event, AcceptPaused)] == [0, 1, 2]
    assert len(box.drain(100)) == 2
    assert box.drain(100) == []
    box.put(AcceptPaused(9, ""))
    assert hearer.heard == 2


def test_nothing_is_lost_between_two_threads(qtbot: QtBot) -> None:
    box, hearer = Mailbox(), Hearer()
    box.arrived.connect(hearer.on_arrived, Qt.ConnectionType.QueuedConnection)

    def fill() -> None:
        for number in range(20_000):
            box.put(AcceptPaused(number, ""))

    thread = threading.Thread(target=fill)
    thread.start()
    got: list[Event] = []

    def everything() -> bool:
        got.extend(box.drain(500))
        return len(got) == 20_000

    qtbot.waitUntil(everything, timeout=15_000)
    thread.join()
    assert [event.socket for event in got if isinstance(event, AcceptPaused)] == list(range(20_000))
    assert hearer.heard >= 1
