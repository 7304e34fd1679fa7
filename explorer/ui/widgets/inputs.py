"""Small inputs that forms are made of: fields as wide as what they hold, lists that the wheel does not change."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QPalette, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.theme import Theme


def show_text(edit: QLineEdit, text: str) -> None:
    """Put `text` into a line without its counting as typed. `textChanged` is what a form listens to: text set
    through the accessibility interface is never `textEdited`."""
    if edit.text() != text:
        blocked = QSignalBlocker(edit)
        edit.setText(text)
        blocked.unblock()


class ShortEdit(QLineEdit):
    """A line of text as wide as `characters` digits at the present zoom."""

    def __init__(self, characters: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._characters = characters
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_characters(self, characters: int) -> None:
        """Be as wide as these from now on."""
        if characters != self._characters:
            self._characters = characters
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        size.setWidth(self.fontMetrics().horizontalAdvance("0") * self._characters + 14)
        return size

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().horizontalAdvance("0") * min(4, self._characters) + 14, self.sizeHint().height()
        )


class PlainCombo(QComboBox):
    """A list that drops down in the colours of a field. Fusion would paint it on what is the window's colour in
    menus, where it is the colour of their edge (see `explorer.ui.theme`)."""

    def showPopup(self) -> None:
        inside, edge, window = QPalette(), QPalette(), QPalette.ColorRole.Window
        inside.setColor(window, QApplication.palette().color(QPalette.ColorRole.Base))
        edge.setColor(window, QApplication.palette("QMenu").color(window))  # type: ignore[call-overload]
        view = self.view()
        around = view.parentWidget()
        if around is not None:
            around.setPalette(edge)
        view.setPalette(inside)
        super().showPopup()


class QuietCombo(PlainCombo):
    """A list that the mouse wheel changes only while it has the keyboard."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def disable_last(self) -> None:
        """Make the last item one that only says something."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self.count() - 1).setEnabled(False)

    def choose(self, data: object) -> None:
        """Show the item with this data, without telling anyone."""
        place = self.findData(data)
        if place != self.currentIndex():
            self.blockSignals(True)
            self.setCurrentIndex(place)
            self.blockSignals(False)


class LabelledField(QWidget):
    """A field with its label above, and the label's mnemonic going to the field.

    buddy: the control inside the field that the label belongs to, where that is not the field itself. A screen
    reader finds a combo box by its label alone, so the label must point at it and not at a widget around it.
    """

    def __init__(
        self, label: str, field: QWidget, theme: Theme, buddy: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.label = QLabel(label)
        self.label.setBuddy(buddy or field)
        self.field = field
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.label)
        layout.addStretch(1)
        layout.addWidget(field)
        self.setSizePolicy(field.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Preferred)
        self.setMaximumWidth(field.maximumWidth())
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        palette = self.label.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.label.setPalette(palette)


def make_bold(widget: QWidget) -> None:
    """Bold at the present zoom; to be called again when that changes. A widget with a style sheet that is not
    shown yet would otherwise keep the size of the moment."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF())
    font.setBold(True)
    widget.setFont(font)


def mark_wrong(field: QWidget, sentence: str, theme: Theme) -> None:
    """Tint a field that holds something wrong and tell screen readers why; "" takes the mark away."""
    shown = field.lineEdit() if isinstance(field, QComboBox) and field.isEditable() else field
    field.setAccessibleDescription(sentence)
    field.setProperty("wrong", bool(sentence))
    if shown is None:
        return
    if sentence:
        palette = QApplication.palette(shown)
        palette.setColor(QPalette.ColorRole.Base, QColor(theme.colors.error_tint))
        palette.setColor(QPalette.ColorRole.Text, QColor(theme.colors.error))
        palette.setColor(QPalette.ColorRole.Button, QColor(theme.colors.error_tint))
        shown.setPalette(palette)
    else:
        shown.setPalette(QPalette())
