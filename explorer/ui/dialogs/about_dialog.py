"""About: version, licence, versions of the parts."""

from __future__ import annotations

import platform

from PySide6 import __version__ as pyside_version
from PySide6.QtWidgets import QMessageBox, QWidget

from explorer import __version__


def show_about(parent: QWidget) -> None:
    box = QMessageBox(parent)
    box.setWindowTitle("About Socket Explorer")
    box.setText(f"<b>Socket Explorer {__version__}</b>")
    box.setInformativeText(
        "Create TCP and UDP servers and clients, and see every socket call and every byte.\n\n"
        f"MIT licence. Python {platform.python_version()}, PySide6 {pyside_version} (LGPL)."
    )
    box.open()
