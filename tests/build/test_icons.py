"""The icon files that Windows and macOS read hold the pictures they say they hold."""

from __future__ import annotations

import struct

import pytest
from PySide6.QtGui import QImage

from build import icons


def test_each_picture_of_the_windows_icon_has_its_size():
    data = (icons.ICONS / "socket-explorer.ico").read_bytes()
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind, count) == (0, 1, len(icons.ICO_SIZES))
    for number, size in enumerate(icons.ICO_SIZES):
        width, height, _, _, _, depth, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * number)
        assert (width, height, depth) == (size % 256, size % 256, 32)
        picture = QImage.fromData(data[offset : offset + length])
        assert (picture.width(), picture.height()) == (size, size)


def test_each_picture_of_the_macos_icon_has_its_size():
    data = (icons.ICONS / "socket-explorer.icns").read_bytes()
    assert data[:4] == b"icns"
    assert struct.unpack_from(">I", data, 4) == (len(data),)
    found = {}
    offset = 8
    while offset < len(data):
        (length,) = struct.unpack_from(">I", data, offset + 4)
        found[data[offset : offset + 4]] = QImage.fromData(data[offset + 8 : offset + length]).width()
        offset += length
    assert found == icons.ICNS_TYPES


@pytest.mark.parametrize("size", icons.PNG_SIZES)
def test_the_pictures_are_those_of_the_drawing(size):
    kept = QImage(str(icons.ICONS / f"socket-explorer-{size}.png"))
    drawn = QImage.fromData(icons.draw(icons.ICONS / "socket-explorer.svg", size))
    assert kept.size() == drawn.size()
    # Another version of Qt may smooth edges otherwise: colours are compared where there are none.
    for x, y in ((0.5, 0.06), (0.3, 0.5), (0.7, 0.5), (0.5, 0.85)):
        point = (int(x * size), int(y * size))
        assert kept.pixelColor(*point) == drawn.pixelColor(*point)


@pytest.mark.qt_log_ignore("Cannot read file")
def test_what_is_not_a_drawing_is_refused(tmp_path):
    (tmp_path / "wrong.svg").write_text("<not-svg>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong\.svg is not a picture"):
        icons.draw(tmp_path / "wrong.svg", 16)
