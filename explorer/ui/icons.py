"""Icons: small SVG files whose one colour is the theme's."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from explorer.paths import resource
from explorer.ui.theme import Theme

SIZES = (16, 24, 32, 48, 64)


def themed_icon(name: str, theme: Theme, color: str = "") -> QIcon:
    """The icon called `name` in the theme's text colour (or `color`), greyed where it is disabled."""
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for mode, paint in ((QIcon.Mode.Normal, color or theme.colors.text), (QIcon.Mode.Disabled, theme.colors.border)):
        renderer = QSvgRenderer(QByteArray(source.replace("COLOR", paint).encode()))
        for size in SIZES:
            pixmap = QPixmap(size, size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size, size))
            painter.end()
            icon.addPixmap(pixmap, mode)
    return icon
