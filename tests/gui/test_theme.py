"""The palettes: whether everything can be read, told apart, and chosen."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QMenu, QRadioButton, QStyle, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.palettes import DARK, DARK_CONTRAST, HIGHLIGHT_NAMES, LIGHT, LIGHT_CONTRAST, Colors
from explorer.ui.theme import Mode, Theme, make_input_palette, make_palette

LOOKS = pytest.mark.parametrize(("mode", "high"), [("light", False), ("dark", False), ("light", True), ("dark", True)])
PALETTES = pytest.mark.parametrize("colors", [LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST])


def linear(color: str) -> list[float]:
    """Red, green and blue of an sRGB colour, in proportion to light."""
    made = QColor(color)
    parts = (made.redF(), made.greenF(), made.blueF())
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def brightness(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    low, high = sorted((brightness(first), brightness(second)))
    return (high + 0.05) / (low + 0.05)


def byte_texts(colors: Colors) -> list[str]:
    """What bytes may be written in."""
    return [
        colors.received_text, colors.sent_text, colors.zero, colors.printable, colors.whitespace, colors.control,
        colors.high, colors.error,
    ]  # fmt: skip


def byte_backgrounds(colors: Colors) -> list[str]:
    return [
        colors.base, colors.received_tint, colors.sent_tint, colors.error_tint, colors.hit, *colors.messages,
        *colors.highlights,
    ]  # fmt: skip


@PALETTES
def test_every_text_can_be_read_on_everything_it_may_stand_on(colors: Colors) -> None:
    least = 7 if colors.contrast else 4.5
    pairs = [(text, back) for text in byte_texts(colors) for back in byte_backgrounds(colors)]
    pairs += [(colors.on_accent, colors.accent), (colors.on_hit_now, colors.hit_now)]
    usual = (colors.text, colors.muted, colors.accent, colors.good, colors.warning, colors.error)
    pairs += [(text, back) for text in usual for back in (colors.window, colors.base, colors.alternate)]
    pairs += [(colors.error, colors.error_tint), (colors.text, colors.error_tint)]
    poor = {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < least}
    assert not poor


@PALETTES
def test_marks_are_seen(colors: Colors) -> None:
    """Of things that are no text, 3 : 1 (WCAG 2.2, 1.4.11)."""
    pairs = [(mark, back) for mark in (colors.received, colors.sent, colors.accent) for back in (colors.base,)]
    pairs += list(zip(colors.highlight_marks, colors.highlights, strict=True))
    if colors.contrast:
        pairs += [(colors.border, colors.window), (colors.accent, colors.window)]
    poor = {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 3}
    assert not poor
    assert len(colors.highlights) == len(HIGHLIGHT_NAMES) == len(set(colors.highlights))


# How colours look with one kind of cone missing (Machado, Oliveira and Fernandes 2009, severity 1), of linear RGB.
VISIONS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red cones": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green cones": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue cones": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def seen(color: str, vision: str) -> tuple[float, float, float]:
    """CIE L*a*b* of a colour as that vision has it."""
    light = linear(color)
    rows = VISIONS[vision]
    red, green, blue = (min(1, max(0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in rows)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(first: str, second: str, vision: str) -> float:
    """Difference of two colours (CIE 1976); 2.3 is just noticeable."""
    pairs = zip(seen(first, vision), seen(second, vision), strict=True)
    return float(sum((one - other) ** 2 for one, other in pairs) ** 0.5)


@PALETTES
@pytest.mark.parametrize("vision", VISIONS)
def test_colours_that_mean_something_are_told_apart_by_any_eye(colors: Colors, vision: str) -> None:
    classes = colors.zero, colors.printable, colors.whitespace, colors.control, colors.high
    for first, second in combinations(classes, 2):
        assert distance(first, second, vision) > 18, (first, second)
    for first, second in combinations(colors.messages, 2):
        assert distance(first, second, vision) > 7, (first, second)
    assert distance(colors.received, colors.sent, vision) > 40
    assert distance(colors.hit, colors.hit_now, vision) > 15


def test_high_contrast_is_chosen_apart_from_light_and_dark(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme("light")
    assert not theme.high_contrast
    with qtbot.waitSignal(theme.changed):
        theme.set_high_contrast(True)
    assert theme.colors is LIGHT_CONTRAST
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == "#ffffff"
    # Fusion draws frames 1.4 times darker than this role.
    assert qapp.palette("QLineEdit").color(QPalette.ColorRole.Window).name() == "#000000"  # type: ignore[call-overload]
    theme.toggle()
    assert theme.colors is DARK_CONTRAST
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_high_contrast(True)
    theme.set_high_contrast(False)
    assert theme.colors is DARK
    assert qapp.palette() == make_palette(DARK)
    assert Theme("dark", high_contrast=True).colors is DARK_CONTRAST
    Theme("light")


@LOOKS
@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
@pytest.mark.parametrize("checked", [False, True])
def test_a_box_to_check_is_seen(
    qapp: QApplication, qtbot: QtBot, mode: Mode, high: bool, kind: type[QCheckBox | QRadioButton], checked: bool
) -> None:
    theme = Theme(mode, high_contrast=high)
    around = QWidget()
    qtbot.addWidget(around)
    box = kind("Wrap lines", around)
    box.setChecked(checked)
    with qtbot.waitExposed(around):
        around.show()
    image = around.grab(box.geometry()).toImage()
    assert image.pixelColor(image.width() - 1, 0).name() == theme.colors.window
    y, side = image.height() // 2, box.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
    edges = [image.pixelColor(x, y).name() for x in range(3)], [image.pixelColor(side - x, y).name() for x in range(3)]
    for edge in edges:
        assert max(contrast(color, theme.colors.window) for color in edge) >= 3
        assert max(contrast(color, theme.colors.base) for color in edge) >= 3


@LOOKS
def test_a_menu_has_an_edge_over_tables(qapp: QApplication, qtbot: QtBot, mode: Mode, high: bool) -> None:
    colors = Theme(mode, high_contrast=high).colors
    menu = QMenu()
    qtbot.addWidget(menu)
    for text in ("Copy", "Wrap lines", "Notes"):
        menu.addAction(text).setCheckable(text == "Wrap lines")
    menu.resize(menu.sizeHint())
    image = menu.grab().toImage()
    y = menu.actionGeometry(menu.actions()[1]).center().y()
    row = [image.pixelColor(x, y).name() for x in range(image.width())]
    for ground in (colors.base, colors.window, colors.alternate):
        assert contrast(row[0], ground) >= 3
        assert contrast(row[-1], ground) >= 3
    box = row[2 : menu.fontMetrics().height() * 2]
    assert max(contrast(color, colors.base) for color in box) >= 3  # the box that is not checked


@LOOKS
def test_other_looks_leave_nothing_behind(qapp: QApplication, mode: Mode, high: bool) -> None:
    Theme("dark", high_contrast=True)
    colors = Theme(mode, high_contrast=high).colors
    expected = make_palette(colors) if not high else make_input_palette(colors)
    role = QPalette.ColorRole.Window
    assert QApplication.palette("QPushButton").color(role) == expected.color(role)  # type: ignore[call-overload]
