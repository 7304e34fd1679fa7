"""The shared messages: opened for the first user, found only while somebody looks, anew for another scope."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.tally import Tally
from explorer.ui.workbench import Workbench
from tests.gui.conftest import set_framing
from tests.gui.test_messages_pane import put


@pytest.fixture
def lines(workbench: Workbench) -> int:
    """A socket with framing "line", which is chosen."""
    number = workbench.add_socket(SocketSpec("echo", framing=Choice("line", {"ending": "lf"})))
    workbench.selection.choose_scope(Scope(number))
    return number


def rows(workbench: Workbench) -> int:
    return workbench.messages.messages.rows if workbench.messages.messages is not None else -1


def test_nothing_is_done_while_nobody_looks(workbench: Workbench, lines: int, writer: Writer) -> None:
    heard: list[None] = []
    workbench.messages.changed.connect(lambda: heard.append(None))
    workbench.selection.choose_scope(Scope())
    set_framing(workbench, lines, Choice("raw"))
    assert workbench.messages.messages is None
    assert not workbench.messages.used
    assert heard == []


def test_all_users_share_one_and_the_last_to_leave_ends_the_work(
    workbench: Workbench, lines: int, writer: Writer, qtbot: QtBot
) -> None:
    first, second = QObject(), QObject()
    put(writer, b"one\ntwo\n")
    with qtbot.waitSignal(workbench.messages.changed):
        workbench.messages.use(first)
    found = workbench.messages.messages
    with qtbot.assertNotEmitted(workbench.messages.changed):
        workbench.messages.use(second)
        workbench.messages.use(second)
    assert workbench.messages.messages is found
    qtbot.waitUntil(lambda: rows(workbench) == 2)
    workbench.messages.leave(first)
    put(writer, b"three\n")
    qtbot.waitUntil(lambda: rows(workbench) == 3)
    workbench.messages.leave(second)
    put(writer, b"four\n")
    workbench.refresh()
    qtbot.waitUntil(lambda: workbench.catalog.done == writer.count and workbench.indexer.idle)
    assert rows(workbench) == 3
    with qtbot.assertNotEmitted(workbench.messages.changed):
        workbench.messages.use(first)
    qtbot.waitUntil(lambda: rows(workbench) == 4)  # from where it stood
    workbench.messages.leave(first)


def test_another_scope_framing_or_capture_is_another_object(workbench: Workbench, lines: int, writer: Writer) -> None:
    user, messages = QObject(), workbench.messages
    messages.use(user)
    seen = [messages.messages]
    assert messages.framing == Choice("line", {"ending": "lf"})
    set_framing(workbench, lines, Choice("fixed", {"size": 4}))
    seen.append(messages.messages)
    assert messages.framing == Choice("fixed", {"size": 4})
    workbench.selection.choose_scope(Scope())
    seen.append(messages.messages)
    assert messages.framing is None
    heard: list[None] = []
    messages.changed.connect(lambda: heard.append(None))
    workbench.set_capture(Reader.of(writer), workbench.link, Tally())
    seen.append(messages.messages)
    assert len(heard) == 1
    assert len(set(map(id, seen))) == 4
    messages.leave(user)
    workbench.selection.choose_scope(Scope(lines))
    assert messages.messages is None  # nobody wants them


def test_a_framing_that_cannot_be_used_is_a_sentence(workbench: Workbench, lines: int) -> None:
    user = QObject()
    workbench.messages.use(user)
    set_framing(workbench, lines, Choice("fixed", {"size": 0}))
    assert workbench.messages.messages is None
    assert workbench.messages.problem.startswith("This framing cannot be used: ")
    set_framing(workbench, lines, Choice("raw"))
    assert workbench.messages.messages is not None
    assert workbench.messages.problem == ""
    workbench.messages.leave(user)
