"""Garbage with widgets in it is collected on the window's thread, never on another."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.bridge.garbage import GarbageCollection


class Cycle:
    """Refers to itself, and remembers on which thread it went."""

    def __init__(self, gone: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: gone.append(threading.current_thread()))


@pytest.fixture
def collection(qapp: QApplication) -> Iterator[GarbageCollection]:
    enabled, thresholds = gc.isenabled(), gc.get_threshold()
    owner = QObject()
    yield GarbageCollection(owner)
    owner.deleteLater()
    gc.set_threshold(*thresholds)
    if enabled:
        gc.enable()


def allocate() -> None:
    kept = [Cycle([]) for _ in range(5_000)]
    del kept


def test_another_thread_collects_nothing_and_the_windows_does(qtbot: QtBot, collection: GarbageCollection) -> None:
    gone: list[threading.Thread] = []
    Cycle(gone)
    other = threading.Thread(target=allocate)
    other.start()
    other.join()
    assert gone == []
    qtbot.waitUntil(lambda: gone == [threading.main_thread()])


def test_nothing_is_collected_before_it_is_due(collection: GarbageCollection) -> None:
    gc.collect()
    gc.set_threshold(1_000_000, 10, 10)
    gone: list[threading.Thread] = []
    Cycle(gone)
    collection.collect()
    assert gone == []
