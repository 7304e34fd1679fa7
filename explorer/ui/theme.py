"""Colours, fonts and zoom: one light and one dark palette on the Fusion style, chosen explicitly.

Direction colours are Okabe and Ito's blue and vermillion (distinguishable with any colour vision);
a lighter pair of the same hues serves the dark palette.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

Mode = Literal["system", "light", "dark"]
ZOOM_STEPS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


@dataclass(frozen=True, slots=True)
class Colors:
    """What views paint with, beside the palette. Contrast to the background is at least 4.5 : 1 for text."""

    dark: bool
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    received: str  # marks: gutter, arrow, bar
    sent: str
    received_text: str  # the same hues, for text
    sent_text: str
    received_tint: str
    sent_tint: str
    good: str
    warning: str
    error: str
    error_tint: str


LIGHT = Colors(
    dark=False,
    window="#f3f4f6",
    base="#ffffff",
    alternate="#f7f8fa",
    text="#1b1f24",
    muted="#5b6470",
    border="#d3d8de",
    accent="#0b5cad",
    on_accent="#ffffff",
    received="#0072B2",
    sent="#D55E00",
    received_text="#00639C",
    sent_text="#AD4700",
    received_tint="#e6f2fa",
    sent_tint="#fcece2",
    good="#1a7f37",
    warning="#8a5a00",
    error="#b3261e",
    error_tint="#fdecea",
)
DARK = Colors(
    dark=True,
    window="#1f2328",
    base="#16191d",
    alternate="#1b1f24",
    text="#e6e9ed",
    muted="#9aa4b0",
    border="#3a414a",
    accent="#4da3e8",
    on_accent="#0d1117",
    received="#56B4E9",
    sent="#F0894A",
    received_text="#7CC4EE",
    sent_text="#F5A673",
    received_tint="#16293a",
    sent_tint="#38230f",
    good="#4cc16c",
    warning="#e0a93b",
    error="#ff8a80",
    error_tint="#3b1c1a",
)


class Theme(QObject):
    """The looks of the window. Signal: changed(): colours or zoom are different now."""

    changed = Signal()

    def __init__(self, mode: Mode = "system", zoom: float = 1.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mode: Mode = mode
        self.zoom = zoom
        app = _application()
        app.setStyle("Fusion")
        self._base_font = QFont(app.font())
        if self._base_font.pointSizeF() <= 0:
            self._base_font.setPointSizeF(10)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self.apply()

    @property
    def colors(self) -> Colors:
        if self.mode == "system":
            return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self.mode == "dark" else LIGHT

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
        for kind in ("QLineEdit", "QPlainTextEdit"):
            app.setPalette(make_input_palette(self.colors), kind)  # type: ignore[arg-type]  # the stub says bytes
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
    if colors.dark:
        palette.setColor(QPalette.ColorRole.Window, QColor(colors.muted))
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
        role.Button: colors.window,
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
