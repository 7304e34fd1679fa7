"""The failures these tools expect, and the folders they work in."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""

OUT = ROOT / "build" / "out"
"""Everything made here lies below; ignored by git."""


class Problem(Exception):
    """What went wrong and what to do, in sentences for the person at the terminal."""
