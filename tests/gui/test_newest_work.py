"""Work of which only the newest is wanted: a little at once, the rest beside the window; given up without waiting."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from explorer.capture.steps import Steps, Work, finish
from explorer.ui import newest_work
from explorer.ui.entries import Notice
from explorer.ui.newest_work import NewestWork
from explorer.ui.workbench import Workbench


def counting(to: int, seen: list[str] | None = None) -> Work[int]:
    for _ in range(to):
        if seen is not None:
            seen.append(threading.current_thread().name)
        yield 1000
    return to


def test_steps_and_all_at_once_find_the_same() -> None:
    steps = Steps(counting(5))
    assert steps.advance(2500)
    assert (steps.over, steps.result) == (False, None)
    assert steps.advance(2000)
    assert not steps.advance()
    assert (steps.over, steps.result, finish(counting(5))) == (True, 5, 5)
    assert not steps.advance()


def test_little_is_done_at_once(workbench: Workbench) -> None:
    work = NewestWork[int](workbench)
    assert (work.under_way, work.take()) == (False, None)
    work.begin(counting(2))
    assert work.under_way
    assert (work.take(), work.under_way, work.take()) == (2, False, None)


def test_the_rest_is_done_beside_the_window_and_only_the_newest(
    workbench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_work, "AT_ONCE", 0.0)
    work = NewestWork[int](workbench)
    held = threading.Event()

    def waiting() -> Work[int]:
        yield 1000
        held.wait(5)
        yield 1000
        return -1

    work.begin(waiting())
    seen: list[str] = []
    work.begin(counting(50, seen))  # while a slice of the other is under way: it is not waited for
    assert work.take() is None
    held.set()
    found: list[int] = []
    workbench.ticked.connect(lambda: found.extend(one for one in [work.take()] if one is not None))
    qtbot.waitUntil(lambda: bool(found))
    assert found == [50]
    assert set(seen) == {threading.current_thread().name, "indexer"}


def test_what_fails_is_told_unless_it_was_given_up(
    workbench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_work, "AT_ONCE", 0.0)
    told: list[Notice] = []
    workbench.noticed.connect(told.append)
    work = NewestWork[int](workbench)
    begun, held = threading.Event(), threading.Event()

    def failing(wait: bool) -> Work[int]:
        yield 1000
        if wait:
            begun.set()
            held.wait(5)
        raise ValueError("damaged")

    work.begin(failing(wait=True))
    assert begun.wait(5)
    work.give_up()
    held.set()
    work.begin(counting(20))
    qtbot.waitUntil(lambda: work.take() == 20)
    assert told == []
    work.begin(failing(wait=False))
    qtbot.waitUntil(lambda: len(told) == 1)
    assert (work.take(), work.under_way) == (None, False)
