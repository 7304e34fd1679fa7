"""What a byte view shows at one moment, as values: its lines, the bytes, and every mark on them. No painting.

All places are stream positions, as in the window. Marks may reach beyond the window; they are cut there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, NamedTuple

from explorer.capture.stream import Ranges
from explorer.ui.widgets.byte_layout import Side
from explorer.ui.widgets.byte_window import ByteWindow

Tone = Literal["received", "sent", "error", "muted"]
ColorMode = Literal["direction", "class", "message"]


class VisibleRow(NamedTuple):
    """One line: the bytes `start` … `stop` - 1 from column 0 on, or a rule.

    label: the offset that is shown before the bytes, or None to show none.
    rule: what a rule line says. Its tone says of which direction it is; `strong`: it begins a message, not a call.
    """

    start: int
    stop: int
    label: int | None = None
    rule: str = ""
    tone: Tone = "muted"
    strong: bool = False


class MessagePart(NamedTuple):
    """Bytes of one message that stand together in the stream.

    number: of the message, so that neighbours differ. begins, ends: whether it holds the message's first or last byte.
    """

    start: int
    stop: int
    number: int
    begins: bool = True
    ends: bool = True


class Highlight(NamedTuple):
    """Bytes the user has marked. color: an index into Colors.highlights. note: it carries a note."""

    start: int
    stop: int
    color: int
    note: bool = False


class TextKind(IntEnum):
    """PLAIN: the character itself, or a dot for a control character. STAND_IN: for one that would hide, or turn the
    direction of writing. BROKEN: for a byte that is no text."""

    PLAIN = 0
    STAND_IN = 1
    BROKEN = 2


class Tie(IntEnum):
    """Where a byte stands in a character of several bytes; ALONE: in none."""

    ALONE = 0
    FIRST = 1
    AMID = 2
    LAST = 3


@dataclass(frozen=True, slots=True)
class WindowText:
    """What the text column shows, for each byte of a window.

    characters: "" where nothing is painted: a blank, or a byte that belongs to the character before; one of several
    code points is a mark and what it sits on. kinds: `TextKind`. ties: `Tie`.
    """

    characters: tuple[str, ...]
    kinds: bytes
    ties: bytes


@dataclass(frozen=True, slots=True)
class View:
    """What is to be painted: `rows`, whose bytes are in `window`.

    selection: ranges that ascend and stand apart. cursor: a position, or None to show none.
    hits: what a search found; hit: the one it stands at. covered: what a value shown elsewhere is made of.
    highlights: later ones lie on earlier ones.
    messages: parts of messages, ascending and apart. call_marks, message_marks: whether borders are shown.
    text: None shows printable ASCII, and dots.
    """

    rows: tuple[VisibleRow, ...]
    window: ByteWindow
    selection: Ranges = ()
    cursor: int | None = None
    side: Side = "hex"
    focused: bool = False
    hits: tuple[tuple[int, int], ...] = ()
    hit: Ranges = ()
    covered: Ranges = ()
    highlights: tuple[Highlight, ...] = ()
    messages: tuple[MessagePart, ...] = ()
    call_marks: bool = True
    message_marks: bool = False
    mode: ColorMode = "direction"
    text: WindowText | None = None


def continuous_rows(start: int, stop: int, per_row: int) -> tuple[VisibleRow, ...]:
    """Lines of `per_row` bytes one after the other."""
    return tuple(VisibleRow(at, min(at + per_row, stop), at) for at in range(start, stop, per_row))
