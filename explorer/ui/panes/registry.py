"""The panes of the window. Adding one is a file of its own and, here, a line and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QWidget

from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench

Area = Literal["left", "top", "tables", "below", "bottom", "right", "base"]


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """name: for saved layouts and tests; title: what the user reads; live: useless without an engine.

    area: left, right and base are docks, tables become tabs; in the middle stand top, below (the user sets its
    height) and bottom. Docks of the base lie along the bottom of the window, as wide as it is, and are hidden until
    somebody wants them.

    late (docks and tabs only): made when it is first looked at. It has to find out then what is chosen, and cannot
    know what happened before. A late pane's file is imported when it is made, not here: together they would take
    a tenth of a second of every start.
    """

    name: str
    title: str
    area: Area
    make: Callable[[Workbench, Theme], QWidget]
    stretch: int = 1
    live: bool = False
    late: bool = False


def _messages(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.messages_pane import MessagesPane

    return MessagesPane(workbench, theme)


def _found(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.found_pane import FoundPane

    return FoundPane(workbench, theme)


def _inspector(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.inspector_pane import InspectorPane

    return InspectorPane(workbench, theme)


def _content(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.content_pane import ContentPane

    return ContentPane(workbench, theme)


def _notes(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.notes_pane import NotesPane

    return NotesPane(workbench, theme)


def _framing_bench(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.framing_bench_pane import FramingBenchPane

    return FramingBenchPane(workbench, theme)


def _ruler(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.ruler_pane import RulerPane

    return RulerPane(workbench, theme)


def _serving(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.serving_pane import ServingPane

    return ServingPane(workbench, theme)


def _load(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.load_pane import LoadPane

    return LoadPane(workbench, theme)


def _chat(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.chat_pane import ChatPane

    return ChatPane(workbench, theme)


def _log_lines(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.log_view_pane import LogViewPane

    return LogViewPane(workbench, theme)


def _python(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.python_pane import PythonPane

    return PythonPane(workbench, theme)


def _sequences(workbench: Workbench, theme: Theme) -> QWidget:
    from explorer.ui.panes.sequence_pane import SequencePane

    return SequencePane(workbench, theme)


PANES = (
    PaneSpec("sockets", "Sockets", "left", SocketsPane),
    PaneSpec("settings", "Settings", "top", SettingsPane),
    PaneSpec("calls", "Calls", "tables", CallsPane),
    PaneSpec("messages", "Messages", "tables", _messages, late=True),
    PaneSpec("found", "Found", "tables", _found, late=True),
    PaneSpec("bytes", "Bytes", "below", BytesPane, stretch=3),
    PaneSpec("send", "Send", "bottom", SendPane, live=True),
    PaneSpec("inspector", "Inspector", "right", _inspector, late=True),
    PaneSpec("content", "Content", "right", _content, late=True),
    PaneSpec("notes", "Notes", "right", _notes, late=True),
    PaneSpec("python", "Python", "right", _python, late=True),
    PaneSpec("framing_bench", "Framing bench", "base", _framing_bench, late=True),
    PaneSpec("ruler", "Chunk ruler", "base", _ruler, late=True),
    PaneSpec("chat", "Chat", "base", _chat, late=True),
    PaneSpec("log_lines", "Log", "base", _log_lines, late=True),
    PaneSpec("load", "Load", "base", _load, live=True, late=True),
    PaneSpec("serving", "Serving", "base", _serving, late=True, live=True),
    PaneSpec("sequences", "Sequences", "base", _sequences, live=True, late=True),
)
