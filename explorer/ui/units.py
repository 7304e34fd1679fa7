"""Numbers as people read them."""

from __future__ import annotations

UNITS = ("B", "kB", "MB", "GB", "TB")


def size_text(size: float) -> str:
    """Bytes in decimal units: ``0 B``, ``999 B``, ``1.2 MB``."""
    value = float(size)
    for unit in UNITS:
        if value < 999.5 or unit == UNITS[-1]:
            break
        value /= 1000
    if unit == "B":
        return f"{value:.0f} B"
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"


def rate_text(size: float) -> str:
    """Bytes per second: ``12 MB/s``."""
    return f"{size_text(size)}/s"


def count_text(count: int, one: str, many: str = "") -> str:
    """``1 socket``, ``1,000 sockets``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
