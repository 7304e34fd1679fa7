"""The indexer: everything registered is advanced, nothing unregistered is, no exception is lost."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from explorer.capture import indexer as indexer_module
from explorer.capture.block_index import BlockIndex
from explorer.capture.indexer import Indexer, pause_after
from explorer.capture.match import everything
from explorer.capture.reader import Reader
from explorer.core.calls import CallKind
from tests.capture.making import small_writer, traffic

SOON = 5.0  # seconds


class Counting:
    """Has `units` of work, each of which takes `seconds`; tells when it is finished."""

    def __init__(self, units: int, seconds: float = 0.0) -> None:
        self.left = units
        self.seconds = seconds
        self.finished = threading.Event()
        self.slices: list[int] = []

    def advance(self, most: int) -> bool:
        self.slices.append(min(most, self.left))
        self.left -= self.slices[-1]
        time.sleep(self.slices[-1] * self.seconds)
        if not self.left:
            self.finished.set()
        return self.left > 0


class Broken:
    def advance(self, most: int) -> bool:
        raise ZeroDivisionError("broken index")


def test_everything_is_advanced_in_short_slices():
    indexer = Indexer()
    quick, slow = Counting(1 << 18), Counting(3_000, seconds=1e-5)
    indexer.register(quick)
    indexer.register(slow, first=True)
    indexer.register(quick)
    indexer.start()
    assert quick.finished.wait(SOON)
    assert slow.finished.wait(SOON)
    indexer.stop()
    assert max(quick.slices) > 10 * quick.slices[0]
    assert slow.slices[1] < slow.slices[0]


def test_waking_brings_news(tmp_path):
    writer = small_writer(tmp_path / "capture")
    index = BlockIndex(Reader.of(writer), everything)
    seen = threading.Event()

    class Watch:
        def advance(self, most: int) -> bool:
            if index.rows == 100:
                seen.set()
            return False

    indexer = Indexer()
    indexer.register(index)
    indexer.register(Watch())
    indexer.start()
    for _ in range(100):
        traffic(writer, CallKind.recv, b"x")
        indexer.wake()
    assert seen.wait(SOON)
    indexer.stop()
    writer.close()


def test_what_is_unregistered_rests():
    indexer = Indexer()
    endless, other = Counting(1 << 40), Counting(1)
    indexer.register(endless)
    indexer.start()
    indexer.unregister(endless)
    slices = len(endless.slices)
    indexer.register(other)
    assert other.finished.wait(SOON)
    assert len(endless.slices) == slices
    indexer.stop()


class Held:
    """One slice that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.slices = 0

    def advance(self, most: int) -> bool:
        self.slices += 1
        self.begun.set()
        assert self.let_go.wait(SOON)
        return True


def test_nobody_waits_for_a_long_slice():
    indexer = Indexer()
    held, other = Held(), Counting(1)
    indexer.register(held)
    indexer.start()
    assert held.begun.wait(SOON)
    indexer.unregister(other)  # is not under way: nothing to wait for
    indexer.unregister(held)  # returns, although the slice goes on
    indexer.register(other)
    assert not other.slices
    held.let_go.set()
    assert other.finished.wait(SOON)
    indexer.stop()
    assert held.slices == 1


def test_a_short_slice_under_way_is_waited_for(monkeypatch):
    monkeypatch.setattr(indexer_module, "GRACE", SOON)
    indexer = Indexer()
    held = Held()
    indexer.register(held)
    indexer.start()
    assert held.begun.wait(SOON)
    gone = threading.Thread(target=indexer.unregister, args=[held])
    gone.start()
    gone.join(0.02)
    assert gone.is_alive()
    held.let_go.set()
    gone.join(SOON)
    assert not gone.is_alive()
    indexer.stop()


def test_nothing_is_kept_of_an_index_that_went_while_it_was_under_way():
    indexer = Indexer()
    held, other = Held(), Counting(1)
    indexer.register(held)
    indexer.start()
    assert held.begun.wait(SOON)
    indexer.unregister(held)
    held.let_go.set()
    indexer.register(other)
    assert other.finished.wait(SOON)
    indexer.stop()
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None


def test_an_index_may_unregister_itself():
    indexer = Indexer()

    class Once(Counting):
        def advance(self, most: int) -> bool:
            indexer.unregister(self)
            return super().advance(most)

    once = Once(1)
    indexer.register(once)
    indexer.start()
    assert once.finished.wait(SOON)
    indexer.stop()
    assert len(once.slices) == 1


def test_an_exception_is_told_and_the_others_go_on():
    told: list[tuple[object, Exception]] = []
    indexer = Indexer(lambda index, error: told.append((index, error)))
    broken, work = Broken(), Counting(10)
    indexer.register(broken)
    indexer.register(work)
    indexer.start()
    assert work.finished.wait(SOON)
    indexer.wake()
    indexer.stop()
    [(index, error)] = told
    assert index is broken
    assert isinstance(error, ZeroDivisionError)


def test_an_exception_nobody_is_told_of_comes_out_at_the_end():
    indexer = Indexer()
    work = Counting(1)
    indexer.register(Broken())
    indexer.register(work)
    indexer.start()
    assert work.finished.wait(SOON)
    with pytest.raises(ZeroDivisionError, match="broken index"):
        indexer.stop()


def test_stopping_what_never_started():
    Indexer().stop()


def test_what_cannot_keep_up_leaves_most_of_the_time_to_others_while_much_arrives():
    assert pause_after(0.004, gentle=True) == 0.008
    assert pause_after(0.004, gentle=False) == 0.001
    assert pause_after(0.0004, gentle=True) == pause_after(0.0004, gentle=False)  # it keeps up: no need to wait
    assert pause_after(1.0, gentle=True) == 0.008
    assert pause_after(1.0, gentle=False) == 0.002


class Later:
    """Has something to do again after some seconds, by its own clock."""

    def __init__(self, seconds: float) -> None:
        self.due: float | None = time.monotonic() + seconds
        self.advanced = 0
        self.found = threading.Event()

    @property
    def again_in(self) -> float | None:
        return None if self.due is None else self.due - time.monotonic()

    def advance(self, most: int) -> bool:
        self.advanced += 1
        if self.due is not None and time.monotonic() >= self.due:
            self.due = None
            self.found.set()
        return False


def test_an_index_that_comes_again_is_advanced_when_its_time_has_come():
    indexer = Indexer()
    later, other = Later(0.05), Counting(1)
    indexer.register(later)
    indexer.register(other)
    indexer.start()
    assert later.found.wait(SOON)
    indexer.stop()
    assert indexer.by_itself >= 1
    assert later.advanced < 10  # it is not asked again and again
    assert other.slices
