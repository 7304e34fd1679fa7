"""The workbench: how often it tells news."""

from __future__ import annotations

import threading
from dataclasses import replace

from pytestqt.qtbot import QtBot

from explorer.core import commands, events
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.pace import FULL_PACE, Pace
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.entries import Notice
from explorer.ui.workbench import Workbench
from explorer.wire.templates import plain
from explorer.workspace import Workspace
from tests.gui.conftest import FakeLink

REFUSED = Failure("accept", "EMFILE", "Too many open files", "No more can be open.", "Close some.")


def test_all_news_of_a_socket_in_a_frame_are_one_change(workbench: Workbench, link: FakeLink) -> None:
    numbers = [workbench.add_socket(SocketSpec(name)) for name in ("one", "two", "gone")]
    heard: list[int] = []
    workbench.socket_changed.connect(heard.append)
    link.news.append(events.SocketChanged(numbers[1], State.LISTEN, Endpoint("127.0.0.1", 9000)))
    link.news.extend(events.SocketFailed(numbers[0], 0, REFUSED, fatal=False) for _ in range(500))
    link.news.append(events.SocketChanged(numbers[0], State.LISTEN, Endpoint("127.0.0.1", 9001)))
    link.news.append(events.SocketChanged(numbers[2], State.LISTEN))
    workbench.failed.connect(lambda event: workbench.put_spec(numbers[2], None))
    workbench.poll()
    assert heard == [numbers[1], numbers[0]]
    entry = workbench.socket(numbers[0])
    assert entry is not None
    assert (entry.state, entry.failure) == (State.LISTEN, REFUSED)
    workbench.poll()
    assert len(heard) == 2


def test_a_full_capture_is_told_once_and_tried_again(workbench: Workbench, link: FakeLink, qtbot: QtBot) -> None:
    told: list[Notice] = []
    workbench.noticed.connect(told.append)
    link.news.append(events.CaptureFull("The disk is full."))
    qtbot.waitUntil(lambda: commands.ResumeCapture() in link.posted, timeout=10_000)
    link.news.append(events.CaptureFull("The disk is full."))  # what the engine answers
    workbench.poll()
    assert [notice.text for notice in told] == ["The disk is full."]
    workbench.resume_capture()
    link.news.append(events.CaptureFull("The disk is full."))
    workbench.poll()
    assert len(told) == 2
    link.news.append(events.CaptureFull(""))
    workbench.poll()
    assert told[-1].text == ""
    assert not workbench._retry.isActive()


def test_what_is_changed_before_the_first_news_of_a_start_is_told_too(workbench: Workbench, link: FakeLink) -> None:
    spec, slow = SocketSpec("new"), Pace(receive_pause=20)
    number = workbench.add_socket(spec)
    workbench.start(number)
    workbench.edit_socket(number, replace(spec, pace=slow))
    workbench.edit_socket(number, replace(spec, pace=slow, program=Choice("echo")))
    assert link.posted == [
        commands.Start(number, spec),
        commands.SetPace(number, slow),
        commands.SetProgram(number, Choice("echo"), spec.framing),
    ]
    link.news.append(events.SocketFailed(number, 0, REFUSED, fatal=True))
    link.news.append(events.SocketChanged(number, State.FAILED))
    workbench.poll()
    workbench.edit_socket(number, spec)
    assert len(link.posted) == 3  # nothing runs: the next start takes it along


def test_a_socket_is_stopped_before_the_first_news_of_its_start(workbench: Workbench, link: FakeLink) -> None:
    kept, removed = (workbench.add_socket(SocketSpec(name)) for name in ("kept", "removed"))
    workbench.start_all()
    workbench.stop(kept)
    workbench.remove_socket(removed)
    assert link.posted[2:] == [commands.Stop(kept), commands.Stop(removed)]
    link.news.append(events.EngineStopped(""))
    workbench.poll()
    workbench.stop(kept)
    assert len(link.posted) == 4


def test_a_running_socket_is_told_its_new_pace_and_no_more(workbench: Workbench, link: FakeLink) -> None:
    slow, spec = Pace(send_size=7, send_pause=20), SocketSpec("slow")
    number = workbench.add_socket(spec)
    workbench.edit_socket(number, replace(spec, pace=slow))
    assert link.posted == []  # it does not run yet: Start takes the pace along
    workbench.start(number)
    assert link.posted == [commands.Start(number, replace(spec, pace=slow))]
    link.posted.clear()
    link.news.append(events.SocketChanged(number, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()
    workbench.edit_socket(number, replace(spec, pace=FULL_PACE))
    assert link.posted == [commands.SetPace(number, FULL_PACE)]
    workbench.undo.undo()
    assert link.posted[1:] == [commands.SetPace(number, slow)]
    workbench.edit_socket(number, replace(spec, pace=slow, encoding="latin-1"))
    assert len(link.posted) == 2


def test_snippets_are_part_of_the_document(workbench: Workbench) -> None:
    heard: list[str] = []
    workbench.snippets_changed.connect(lambda: heard.append("snippets"))
    workbench.document_changed.connect(lambda: heard.append("document"))
    workbench.add_socket(SocketSpec("one"))
    heard.clear()
    workbench.snippets.add(Snippet("poll", "hex", "01"))
    assert heard == ["snippets", "document"]
    assert workbench.document == Workspace((SocketSpec("one"),), (Snippet("poll", "hex", "01"),))
    workbench.undo.undo()
    assert workbench.document.snippets == ()
    workbench.load([SocketSpec("two")], [Snippet("other")])
    assert workbench.document == Workspace((SocketSpec("two"),), (Snippet("other"),))
    assert not workbench.undo.canUndo()
    workbench.load([])
    assert workbench.document == Workspace()


def test_repeating_is_a_job_like_a_send(workbench: Workbench, link: FakeLink) -> None:
    target = commands.Target(1, 2)
    message = plain(b"x")
    send = workbench.send(target, b"y")
    job = workbench.repeat(target, message, 0.001, 5, framing=Choice("line"), first=7)
    assert job != send
    workbench.cancel_send(job)
    repeat = commands.Repeat(target, message, job, 0.001, 5, Choice("line"), 7)
    assert link.posted[1:] == [repeat, commands.CancelSend(job)]
    told: list[events.RepeatProgress] = []
    workbench.repeat_progressed.connect(told.append)
    news = events.RepeatProgress(job, 1, 5, 5, 5, 0.004, 1000.0, 0, 0, end="count")
    link.news.append(news)
    workbench.poll()
    assert told == [news]
    assert news.done


class Slow:
    """An index that is at its end when it is let go."""

    def __init__(self) -> None:
        self.over = False
        self.free = threading.Event()

    def advance(self, most: int) -> bool:
        self.free.wait(10)
        self.over = True
        return False


def test_views_look_again_when_the_indexer_has_come_to_its_end(workbench: Workbench, qtbot: QtBot) -> None:
    """However long that took: what it found last is shown, too."""
    slow = Slow()
    seen: list[bool] = []
    workbench.ticked.connect(lambda: seen.append(slow.over))
    workbench.indexer.register(slow)
    workbench.refresh()
    qtbot.waitUntil(lambda: len(seen) > 40)  # more frames than follow the last news
    assert not workbench.indexer.idle
    slow.free.set()
    qtbot.waitUntil(lambda: workbench.indexer.idle)
    there = len(seen)
    qtbot.waitUntil(lambda: len(seen) > there)
    assert seen[-1]
