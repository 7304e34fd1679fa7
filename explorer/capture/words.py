"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 byte``, ``1,500 bytes``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sized(size: int) -> str:
    """Bytes of disk: ``47.0 MB``, ``20.0 GB``."""
    return f"{size / 1e6:.1f} MB" if size < 999_950_000 else f"{size / 1e9:.1f} GB"
