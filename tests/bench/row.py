"""One line of the bench table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """name: what was measured; value in unit; target: what must hold, in words; ok: whether it does."""

    name: str
    value: float
    unit: str
    target: str
    ok: bool
