"""Before a load leaves this machine: exactly what will be sent, to whom, and the question whether that is wanted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from explorer.core.load import LoadPlan
from explorer.ui.load_words import will_send

WHY = (
    "This host is not this machine. A load can slow down or stop the server, its network, and whatever else uses them: "
    "send it only to a server that is yours, or whose owner agreed."
)


def ask_to_send(parent: QWidget, plan: LoadPlan, largest: int, agreed: Callable[[], None]) -> QMessageBox:
    """Ask, without holding up the window; `agreed` is told when the answer is yes, before the question is over.
    largest: bytes of a message with its framing."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Send a load to another host")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"Send this to {plan.host}?")
    box.setInformativeText("\n".join([*will_send(plan, largest), "", WHY]))
    box.addButton("Send it", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.accepted.connect(agreed)
    box.open()
    return box
