"""The seam between the inspector and its rows: what a row is told, what it gives, and two ways to make one.

A row is a `Kind`. Adding one is a line in `explorer.wire.inspector.registry`, and where a new way of reading is
needed, a function beside the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

Order = Literal["little", "big"]


@dataclass(frozen=True, slots=True)
class Look:
    """How the user looks at the bytes. encoding: of the socket's text, as Python knows it.

    zone: for local times; None: the machine's own.
    """

    encoding: str = "utf-8"
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """What some bytes mean. text: as it is copied; size: bytes that it covers, from the cursor on.

    note: what is said beside it. problem: why there is no value (then text is "" and size 0).
    """

    text: str = ""
    size: int = 0
    note: str = ""
    problem: str = ""

    @property
    def shown(self) -> str:
        """All of it as one line."""
        return self.problem or (f"{self.text} · {self.note}" if self.note else self.text)


Read = Callable[[bytes, Order, Look], Value]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the inspector.

    name: what stands at its left; title: the same in words, for tips and screen readers.
    size: bytes it needs at least. read: gets at least so many, and never raises.
    ordered: the order of the bytes matters; else both columns hold the same value.
    """

    name: str
    title: str
    size: int
    read: Read
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A kind and its values at one place. Of a kind without order, both are the same."""

    kind: Kind
    little: Value
    big: Value

    @property
    def size(self) -> int:
        """Bytes that it covers; 0 if it has no value."""
        return max(self.little.size, self.big.size)


def short(needs: int, left: int) -> Value:
    """There are too few bytes."""
    return Value(problem=f"needs {needs}, {left} left")


def of(kind: Kind, data: bytes, look: Look) -> Row:
    """The row of a kind for the bytes from the cursor on."""
    if len(data) < kind.size:
        lacking = short(kind.size, len(data))
        return Row(kind, lacking, lacking)
    big = kind.read(data, "big", look)
    return Row(kind, kind.read(data, "little", look) if kind.ordered else big, big)


def fixed(name: str, title: str, size: int, text: Callable[[bytes], str]) -> Kind:
    """A kind of exactly `size` bytes. text: what they mean in big endian; in little endian it gets them reversed."""

    def read(data: bytes, order: Order, look: Look) -> Value:
        taken = data[:size]
        return Value(text(taken if order == "big" else taken[::-1]), size)

    return Kind(name, title, size, read, ordered=size > 1)


def unordered(name: str, title: str, size: int, text: Callable[[bytes], str]) -> Kind:
    """A kind of exactly `size` bytes that are always written in the same order."""

    def read(data: bytes, order: Order, look: Look) -> Value:
        return Value(text(data[:size]), size)

    return Kind(name, title, size, read, ordered=False)
