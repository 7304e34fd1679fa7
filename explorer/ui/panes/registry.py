"""The panes of the window. Adding one is a file of its own and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QWidget

from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench

Area = Literal["left", "tables", "bytes", "send", "dock"]


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """name: for saved layouts and tests; title: what the user reads; area: where it stands."""

    name: str
    title: str
    area: Area
    make: Callable[[Workbench, Theme], QWidget]
    shortcut: str = ""
