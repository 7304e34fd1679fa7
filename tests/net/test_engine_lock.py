from __future__ import annotations

import threading
import time

import pytest

from explorer.net.engine_lock import EngineLock


def test_it_goes_to_who_has_waited_longest() -> None:
    lock, order = EngineLock(), list[int]()

    def take(place: int) -> None:
        with lock:
            order.append(place)

    lock.acquire()
    threads = []
    for place in range(8):
        thread = threading.Thread(target=take, args=(place,))
        thread.start()
        while len(lock._waiting) <= place:
            threading.Event().wait(0.001)
        threads.append(thread)
    lock.release()
    with lock:  # whoever just held it gets it after all who were there before
        assert order == list(range(8))
    for thread in threads:
        thread.join()


def test_one_alone_holds_it() -> None:
    lock, counted = EngineLock(), [0]

    def count() -> None:
        for _ in range(300):
            with lock:
                seen = counted[0]
                time.sleep(0)  # others run meanwhile, and must not get in
                counted[0] = seen + 1
                with lock.let_go():
                    pass

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted[0] == 1200


def test_letting_go_of_what_is_not_held_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="not held"):
        EngineLock().release()
