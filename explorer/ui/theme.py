"""Colours, fonts and zoom: light or dark, with usual or high contrast, on the Fusion style, chosen explicitly."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from explorer.ui.palettes import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Colors

__all__ = ["DARK", "LIGHT", "ZOOM_STEPS", "Colors", "Mode", "Theme", "make_input_palette", "make_palette"]

Mode = Literal["system", "light", "dark"]
_FIELDS = ("QLineEdit", "QPlainTextEdit")
_FRAMED = (
    *_FIELDS,
    "QPushButton",
    "QToolButton",
    "QComboBox",
    "QAbstractSpinBox",
    "QCheckBox",
    "QRadioButton",
    "QScrollBar",
    "QSlider",
    "QProgressBar",
    "QTreeView",
    "QTableView",
    "QListView",
    "ByteView",
)
_OUTLINED = ("QCheckBox", "QRadioButton", "QMenu")
"""Fusion draws their outlines 1.4 times darker than the window."""
ZOOM_STEPS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


class Theme(QObject):
    """The looks of the window. Signal: changed(): colours or zoom are different now."""

    changed = Signal()

    def __init__(
        self,
        mode: Mode = "system",
        zoom: float = 1.0,
        parent: QObject | None = None,
        high_contrast: bool = False,
    ) -> None:
        super().__init__(parent)
        self.mode: Mode = mode
        self.zoom = zoom
        self.high_contrast = high_contrast
        app = _application()
        app.setStyle("Fusion")
        self._base_font = QFont(app.font())
        if self._base_font.pointSizeF() <= 0:
            self._base_font.setPointSizeF(10)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self.apply()

    @property
    def colors(self) -> Colors:
        dark = self.mode == "dark"
        if self.mode == "system":
            dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        if self.high_contrast:
            return DARK_CONTRAST if dark else LIGHT_CONTRAST
        return DARK if dark else LIGHT

    @property
    def mono(self) -> QFont:
        """The fixed-width font of byte views and tables, at the present zoom."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self._base_font.pointSizeF() * self.zoom)
        font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode
        self.apply()

    def set_high_contrast(self, high: bool) -> None:
        """Black on white or white on black, with strong edges; light or dark stays as it is."""
        if high != self.high_contrast:
            self.high_contrast = high
            self.apply()

    def toggle(self) -> None:
        """From whatever is seen to the other."""
        self.set_mode("light" if self.colors.dark else "dark")

    def zoom_in(self) -> None:
        self._set_zoom(next((step for step in ZOOM_STEPS if step > self.zoom + 0.01), ZOOM_STEPS[-1]))

    def zoom_out(self) -> None:
        self._set_zoom(next((step for step in reversed(ZOOM_STEPS) if step < self.zoom - 0.01), ZOOM_STEPS[0]))

    def zoom_reset(self) -> None:
        self._set_zoom(1.0)

    def _set_zoom(self, zoom: float) -> None:
        if zoom != self.zoom:
            self.zoom = zoom
            self.apply()

    def _on_system_changed(self) -> None:
        if self.mode == "system":
            self.apply()

    def apply(self) -> None:
        """Give the application its palette and font, and tell the views."""
        app = _application()
        font = QFont(self._base_font)
        font.setPointSizeF(self._base_font.pointSizeF() * self.zoom)
        app.setFont(font)
        app.setPalette(make_palette(self.colors))
        for kind in _FRAMED if self.high_contrast else _FIELDS:
            app.setPalette(make_input_palette(self.colors), kind)  # type: ignore[arg-type]  # the stub says bytes
        for kind in _OUTLINED:
            app.setPalette(make_outlined_palette(self.colors), kind)  # type: ignore[arg-type]
        # Windows learn of the font by an event that waits for them; those told below measure text at once.
        for window in app.topLevelWindows():
            QCoreApplication.sendPostedEvents(window, QEvent.Type.ApplicationFontChange.value)
        self.changed.emit()


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication), "a theme needs an application"
    return app


def make_input_palette(colors: Colors) -> QPalette:
    """For fields to type in. Fusion draws their frame 1.4 times darker than the window, which nobody sees on a
    dark one; a field paints nothing else in this role."""
    palette = make_palette(colors)
    if colors.dark or colors.contrast:
        palette.setColor(QPalette.ColorRole.Window, QColor(colors.text if colors.contrast else colors.muted))
    return palette


def make_outlined_palette(colors: Colors) -> QPalette:
    """For boxes to check, and menus over tables, whose outlines have to be seen: 3 : 1 against what is around them."""
    palette = make_input_palette(colors)
    if not colors.contrast:
        palette.setColor(QPalette.ColorRole.Window, QColor(colors.muted).lighter(125 if colors.dark else 140))
    return palette


def make_palette(colors: Colors) -> QPalette:
    """Every role set, so that no system default shines through."""
    palette = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.base,
        role.AlternateBase: colors.alternate,
        role.ToolTipBase: colors.base,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Text: colors.text,
        role.Button: _button(colors),
        role.ButtonText: colors.text,
        role.BrightText: colors.error,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Light: QColor(colors.window).lighter(115).name(),
        role.Midlight: QColor(colors.window).lighter(107).name(),
        role.Mid: colors.border,
        role.Dark: QColor(colors.border).darker(125).name(),
        role.Shadow: "#000000",
        role.Accent: colors.accent,
    }
    for which, color in pairs.items():
        palette.setColor(which, QColor(color))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, which, QColor(colors.muted))
    palette.setColor(disabled, role.Highlight, QColor(colors.border))
    return palette


def _button(colors: Colors) -> str:
    """Behind the words of a button. With high contrast, apart from the window, so that scroll bars are seen."""
    if not colors.contrast:
        return colors.window
    return "#2a2a2a" if colors.dark else "#e2e2e2"
