"""The text column of the bytes pane follows the encoding of the socket."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import SocketSpec
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.byte_captures import RECEIVED, SENT, put


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> BytesPane:
    made = BytesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def characters(pane: BytesPane) -> tuple[str, ...]:
    text = pane.view.shown_view().text
    return text.characters if text else ()


def test_the_text_is_that_of_the_sockets_encoding(
    pane: BytesPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    number = workbench.add_socket(SocketSpec("one", "tcp", "client", "127.0.0.1", 9, encoding="utf-8"))
    workbench.selection.choose_scope(Scope(number))
    data = "Я!".encode("utf-16-le")
    put(writer, RECEIVED, data[:1], number)
    put(writer, SENT, b"\xc3", number)
    put(writer, RECEIVED, data[1:], number)
    put(writer, SENT, b"\xa9", number)
    qtbot.waitUntil(lambda: pane.view.rows.size == 6)
    assert characters(pane) == ("/", "é", "·", "!", "·", "")
    entry = workbench.socket(number)
    assert entry is not None
    workbench.edit_socket(number, replace(entry.spec, encoding="utf-16-le"))
    qtbot.waitUntil(lambda: characters(pane)[0] == "Я" and not pane.marks.text.outdated)
    assert characters(pane)[1:4:2] == ("꧃", "!")
    workbench.edit_socket(number, replace(entry.spec, encoding="koi8-r"))
    assert characters(pane)[1] == b"\xc3".decode("koi8-r")
