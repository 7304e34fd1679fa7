from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from explorer.net import reactor as reactor_module
from explorer.net.reactor import READ, WRITE, Reactor, Watch


class Listener:
    """A watcher that calls back."""

    def __init__(self, on_ready: Callable[[int], None]) -> None:
        self._on_ready = on_ready
        self.errors: list[Exception] = []

    def ready(self, events: int) -> None:
        self._on_ready(events)

    def broke(self, error: Exception) -> None:
        self.errors.append(error)


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def loop(errors: list[Exception]) -> Iterator[Reactor]:
    made = Reactor(errors.append)
    yield made
    made.close()


def test_posted_actions_run_in_order_and_wake_the_loop(loop: Reactor) -> None:
    done: list[int] = []

    def from_another_thread() -> None:
        for number in range(100):
            loop.post(lambda n=number: done.append(n))  # type: ignore[misc]
        loop.post(loop.stop)

    thread = threading.Thread(target=from_another_thread)
    loop.post(thread.start)
    loop.run()
    thread.join()
    assert done == list(range(100))


def test_after_close_posting_is_refused(loop: Reactor) -> None:
    loop.post(loop.stop)
    loop.run()
    loop.close()
    assert not loop.post(loop.stop)
    loop._awake = False
    assert not loop.post(loop.stop)


def test_timers_run_by_time_and_can_be_cancelled(loop: Reactor) -> None:
    done: list[str] = []
    loop.call_later(0.03, loop.stop)
    loop.call_later(0.02, lambda: done.append("second"))
    loop.call_later(0.01, lambda: done.append("first"))
    loop.call_later(0.0, lambda: done.append("never")).cancel()
    loop.run()
    assert done == ["first", "second"]


def test_events_come_as_they_are_wanted(loop: Reactor) -> None:
    ours, theirs = socket.socketpair()
    seen: list[int] = []

    def on_ready(events: int) -> None:
        seen.append(events)
        if events == WRITE:
            theirs.send(b"x")
            watch.want(READ)
        else:
            watch.want(0)
            loop.stop()

    watch = loop.watch(ours, Listener(on_ready))
    watch.want(WRITE)
    watch.want(WRITE)
    loop.run()
    assert seen == [WRITE, READ]
    watch.end()
    watch.want(READ)  # ignored: it has ended
    assert watch.wanted == 0
    ours.close()
    theirs.close()


def test_a_watch_that_ended_in_this_round_hears_nothing(loop: Reactor) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    heard: list[int] = []
    watches: list[Watch] = []

    def on_ready(number: int) -> Callable[[int], None]:
        def ready(events: int) -> None:
            heard.append(number)
            watches[1 - number].end()
            loop.stop()

        return ready

    for number, (ours, theirs) in enumerate(pairs):
        watches.append(loop.watch(ours, Listener(on_ready(number))))
        watches[-1].want(READ)
        theirs.send(b"x")
    loop.run()
    assert len(heard) == 1
    for watch in watches:
        watch.end()
    for pair in pairs:
        for sock in pair:
            sock.close()


def test_a_bug_goes_to_its_watcher(loop: Reactor, errors: list[Exception]) -> None:
    ours, theirs = socket.socketpair()

    def broken(events: int) -> None:
        loop.stop()
        raise ZeroDivisionError("on purpose")

    listener = Listener(broken)
    watch = loop.watch(ours, listener)
    watch.want(WRITE)
    loop.run()
    watch.end()
    assert [str(error) for error in listener.errors] == ["on purpose"]
    assert errors == []
    ours.close()
    theirs.close()


def test_a_bug_without_an_owner_and_a_bug_about_a_bug(loop: Reactor, errors: list[Exception]) -> None:
    def broken() -> None:
        raise ZeroDivisionError("first")

    class Worse(Listener):
        def broke(self, error: Exception) -> None:
            raise ZeroDivisionError("second")

    loop.guarded(broken)
    loop.guarded(broken, Worse(lambda events: None))
    assert [str(error) for error in errors] == ["first", "second"]


def test_actions_left_after_stop_are_not_run(loop: Reactor) -> None:
    done: list[int] = []
    loop.post(loop.stop)
    loop.post(lambda: done.append(1))
    loop.call_later(0, lambda: done.append(2))
    loop.run()
    assert 1 not in done


def test_the_limit_of_the_selector_is_known(loop: Reactor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not loop.crowded
    monkeypatch.setattr(reactor_module, "MOST_WATCHED", 1)
    assert loop.crowded
