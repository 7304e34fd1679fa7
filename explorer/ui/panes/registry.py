"""The panes of the window. Adding one is a file of its own and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QWidget

from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.content_pane import ContentPane
from explorer.ui.panes.found_pane import FoundPane
from explorer.ui.panes.inspector_pane import InspectorPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.notes_pane import NotesPane
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench

Area = Literal["left", "top", "tables", "below", "bottom", "right"]


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """name: for saved layouts and tests; title: what the user reads; live: useless without an engine.

    area: left and right are docks, tables become tabs; in the middle stand top, below (the user sets its height)
    and bottom.
    """

    name: str
    title: str
    area: Area
    make: Callable[[Workbench, Theme], QWidget]
    stretch: int = 1
    live: bool = False


PANES = (
    PaneSpec("sockets", "Sockets", "left", SocketsPane),
    PaneSpec("settings", "Settings", "top", SettingsPane),
    PaneSpec("calls", "Calls", "tables", CallsPane),
    PaneSpec("messages", "Messages", "tables", MessagesPane),
    PaneSpec("found", "Found", "tables", FoundPane),
    PaneSpec("bytes", "Bytes", "below", BytesPane, stretch=3),
    PaneSpec("send", "Send", "bottom", SendPane, live=True),
    PaneSpec("inspector", "Inspector", "right", InspectorPane),
    PaneSpec("content", "Content", "right", ContentPane),
    PaneSpec("notes", "Notes", "right", NotesPane),
)
