"""File dialogs that do not stop the window: traffic runs on, and the choice arrives later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Chosen = Callable[[str], object]
"""A slot of a living QObject, told the path that was chosen."""


def _show(dialog: QFileDialog, chosen: Chosen) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.show()
    return dialog


def ask_file(parent: QWidget, title: str, start: Path, filters: str, chosen: Chosen) -> QFileDialog:
    """For a file to open."""
    dialog = QFileDialog(parent, title, str(start), filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _show(dialog, chosen)


def ask_folder(parent: QWidget, title: str, start: Path, chosen: Chosen) -> QFileDialog:
    """For a folder to open."""
    dialog = QFileDialog(parent, title, str(start))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _show(dialog, chosen)


def ask_new(parent: QWidget, title: str, start: Path, filters: str, chosen: Chosen, suffix: str = "") -> QFileDialog:
    """For a name to save under; asks before an existing file is replaced. suffix: put behind a name without one."""
    dialog = QFileDialog(parent, title, str(start.parent), filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(start.name)
    return _show(dialog, chosen)
