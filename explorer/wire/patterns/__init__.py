"""What can be looked for in bytes: text, hex, regular expressions, numbers. One file and one line here for each."""

from __future__ import annotations

from explorer.wire.patterns.compiled import Pattern
from explorer.wire.patterns.expression import ExpressionKind
from explorer.wire.patterns.hexadecimal import HexKind
from explorer.wire.patterns.kind import PatternKind, PatternOptions
from explorer.wire.patterns.number import NumberKind
from explorer.wire.patterns.text import TextKind

__all__ = ["KINDS", "Pattern", "PatternKind", "PatternOptions", "find_kind"]

KINDS: tuple[PatternKind, ...] = (TextKind(), HexKind(), ExpressionKind(), NumberKind())


def find_kind(name: str) -> PatternKind:
    """The kind of this name. Raises KeyError."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise KeyError(name)
