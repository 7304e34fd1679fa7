"""Draw the application's icon in the forms the systems want, from its SVG: `.venv/bin/python -m build.icons`.

The results are committed, as the SVG is; run this again after changing it.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"
NAME = "socket-explorer"

PNG_SIZES = (16, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
ICNS_TYPES = {  # a four-letter type per size in pixels; those doubled are for screens of scale 2
    b"icp4": 16,
    b"icp5": 32,
    b"icp6": 64,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic10": 1024,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
}


def ico(images: dict[int, bytes]) -> bytes:
    """A Windows icon file holding these PNG images, by size in pixels (256 at most)."""
    offset = 6 + 16 * len(images)
    entries, pictures = b"", b""
    for size, png in sorted(images.items()):
        side = size % 256  # 256 is written as 0
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), offset + len(pictures))
        pictures += png
    return struct.pack("<HHH", 0, 1, len(images)) + entries + pictures


def icns(images: dict[bytes, bytes]) -> bytes:
    """A macOS icon file holding these PNG images, by four-letter type."""
    body = b"".join(kind + struct.pack(">I", 8 + len(png)) + png for kind, png in images.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def draw(svg: Path, size: int) -> bytes:
    """The picture as a PNG file of that size in pixels. Raises ValueError when it is not valid SVG."""
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"{svg} is not a picture that Qt can draw.")
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    svg = ICONS / f"{NAME}.svg"
    sizes = {*PNG_SIZES, *ICO_SIZES, *ICNS_TYPES.values()}
    images = {size: draw(svg, size) for size in sorted(sizes)}
    for size in PNG_SIZES:
        (ICONS / f"{NAME}-{size}.png").write_bytes(images[size])
    (ICONS / f"{NAME}.ico").write_bytes(ico({size: images[size] for size in ICO_SIZES}))
    (ICONS / f"{NAME}.icns").write_bytes(icns({kind: images[size] for kind, size in ICNS_TYPES.items()}))
    print(f"{len(PNG_SIZES) + 2} files in {ICONS}")


if __name__ == "__main__":
    main()
