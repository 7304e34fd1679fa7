"""What is said under the settings of a program: the framing that usually goes with it, where that means something."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from explorer.core.socket_spec import Choice, SocketSpec, Transport
from explorer.ui.spec_draft import SpecDraft
from explorer.ui.theme import Theme
from explorer.ui.widgets.program_note import ProgramNote
from explorer.wire.framing import registry as framings
from explorer.workspace import PROGRAMS


@pytest.mark.parametrize(
    ("program", "transport", "framing", "told"),
    [
        ("log", "udp", "raw", False),  # a datagram is a message
        ("log", "tcp", "raw", True),
        ("log", "tcp", "line", False),
        ("chat", "tcp", "raw", True),
    ],
)
def test_a_framing_is_offered_where_it_is_usual(
    qtbot: QtBot, theme: Theme, program: str, transport: Transport, framing: str, told: bool
) -> None:
    note = ProgramNote(theme)
    qtbot.addWidget(note)
    spec = SocketSpec("one", transport, framing=Choice(framing), program=Choice(program))
    note.show_draft(SpecDraft(spec, framings, PROGRAMS))
    assert note.framing.isHidden() is not told
