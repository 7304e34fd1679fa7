from __future__ import annotations

import threading
import time

from explorer.bridge.mailbox import Mailbox
from explorer.core.events import AcceptPaused, Event

SOON = 15.0  # seconds


def numbers(events: list[Event]) -> list[int]:
    return [event.socket for event in events if isinstance(event, AcceptPaused)]


def test_the_oldest_come_first_and_no_more_than_asked_for() -> None:
    box = Mailbox()
    for number in range(5):
        box.put(AcceptPaused(number, ""))
    assert numbers(box.drain(3)) == [0, 1, 2]
    assert numbers(box.drain(100)) == [3, 4]
    assert box.drain(100) == []
    box.put(AcceptPaused(9, ""))
    assert numbers(box.drain(100)) == [9]


def test_nothing_is_lost_between_two_threads() -> None:
    box = Mailbox()

    def fill() -> None:
        for number in range(20_000):
            box.put(AcceptPaused(number, ""))

    thread = threading.Thread(target=fill)
    thread.start()
    got: list[Event] = []
    end = time.monotonic() + SOON
    while len(got) < 20_000 and time.monotonic() < end:
        got += box.drain(500)
    thread.join()
    assert numbers(got) == list(range(20_000))
