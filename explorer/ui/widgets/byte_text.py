"""What the text column of a byte view shows: the characters of the stream's encoding, over their own bytes.

Text belongs to one connection and direction: a character that two reads or two windows cut apart is one
character, and what other connections or the other direction carry in between does not disturb it. A
datagram is a text of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from explorer.capture.block_index import BlockIndex
from explorer.capture.flow import LOOK, distance, read_back, read_on
from explorer.capture.match import both, carries, of_connections
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.capture.stream import CallPart
from explorer.core.calls import CallFlag
from explorer.ui.widgets.byte_scene import TextKind, Tie, View, WindowText
from explorer.ui.widgets.byte_window import ByteWindow
from explorer.wire.text_cells import (
    LOOK_BACK,
    LOOK_ON,
    TextCell,
    is_enough,
    look_back,
    may_be_cut,
    may_go_on,
    needs_offset,
    text_cells,
)
from explorer.wire.visible import is_seen

DOT = "·"
"""For control characters."""
STAND_IN = "¤"
"""For characters that hide, or that turn the direction of writing."""
BROKEN = "▫"
"""For bytes that are no text."""
_CARRIER = "◌"  # what a mark sits on that belongs to the character before
_STEPS_BACK = (64, 512, LOOK_BACK)  # bytes
_MOST_FLOWS = 8  # whose places are counted


class StreamText:
    """The text of a stream. `advance` is called from the indexer's thread, the rest from the window's.

    UTF-16 must know whether a byte stands on an even place of its connection and direction. For the flows that were
    seen last this is counted by `advance`; until it has come that far, and for datagrams, a call is taken for the
    beginning of a character. settled: whether `of` knew all places it asked for; if not, ask again later.
    """

    def __init__(self, reader: Reader, encoding: str) -> None:
        self.encoding = encoding
        self.settled = True
        self._reader = reader
        self._flows: dict[tuple[int, bool], BlockIndex] = {}
        self._last: tuple[ByteWindow, WindowText] | None = None

    def advance(self, most: int) -> bool:
        """Count on, for up to `most` further calls of each flow. Whether there are more to look at."""
        more = False
        for index in tuple(self._flows.values()):
            more = index.advance(most) or more
        return more

    def decorate(self, view: View) -> View:
        """The same view with its text."""
        return replace(view, text=self.of(view.window))

    def of(self, window: ByteWindow) -> WindowText:
        """The text of a window."""
        if self._last and self._last[0] is window and self.settled:
            return self._last[1]
        self.settled = True
        made = _Writing(len(window.data))
        stretches = list(_stretches(self._reader, window))
        look = max(256, LOOK // max(1, len(stretches)))  # so that many flows take no longer than one
        for parts, datagram in stretches:
            data = b"".join(window.data[part.start - window.start :][: part.size] for part in parts)
            positions = list(
                chain.from_iterable(
                    range(part.start - window.start, part.start - window.start + part.size) for part in parts
                )
            )
            for cell in self._cells(parts, data, datagram, look):
                made.put(cell, positions)
        text = made.done()
        self._last = window, text
        return text

    def _cells(self, parts: list[CallPart], data: bytes, datagram: bool, look: int) -> list[TextCell]:
        first, last, encoding = parts[0], parts[-1], self.encoding
        begin, end = Place(first.call, first.skip), Place(last.call, last.skip + last.size)
        look = 0 if datagram else look
        before = b""
        if may_go_on(data[0], encoding):
            for most in _STEPS_BACK:  # calls may be small: no more is read than is needed
                before = read_back(self._reader, begin, min(most, look_back(encoding)), look)
                if len(before) < most or is_enough(before, encoding):
                    break
        after = b""
        if may_be_cut(before[-LOOK_ON:] + data[-LOOK_ON:], encoding):
            after = read_on(self._reader, end, LOOK_ON, look)
        return text_cells(data, encoding, before, after, self._offset(first, datagram))

    def _offset(self, part: CallPart, datagram: bool) -> int | None:
        """Where in its text a part begins, in bytes."""
        if not needs_offset(self.encoding):
            return None
        if datagram or not part.connection:
            return part.skip
        key = part.connection, part.received
        index = self._flows.pop(key, None)
        if index is None:
            match = both(of_connections([part.connection]), carries(part.received, not part.received))
            index = BlockIndex(self._reader, match)
        self._flows = dict([*self._flows.items(), (key, index)][-_MOST_FLOWS:])
        if index.done > part.call:
            return index.offset(part.call) + part.skip
        self.settled = False
        return part.skip


class _Writing:
    """A window's text while it is put together."""

    def __init__(self, size: int) -> None:
        self._characters = [""] * size
        self._kinds = bytearray(size)
        self._ties = bytearray(size)

    def put(self, cell: TextCell, positions: list[int]) -> None:
        """A character; `positions` are those of the bytes that `cell.start` counts."""
        start, length, character = cell
        if length == 1:
            at = positions[start]
            self._characters[at], self._kinds[at] = shown(character)
            return
        for step in range(max(0, -start), min(length, len(positions) - start)):
            at = positions[start + step]
            if character is None:
                self._characters[at], self._kinds[at] = shown(None)
            else:
                self._ties[at] = Tie.FIRST if step == 0 else Tie.LAST if step == length - 1 else Tie.AMID
                if step == 0:
                    self._characters[at], self._kinds[at] = shown(character)

    def done(self) -> WindowText:
        return WindowText(tuple(self._characters), bytes(self._kinds), bytes(self._ties))


@lru_cache(maxsize=1 << 14)
def shown(character: str | None) -> tuple[str, TextKind]:
    """What is painted for a character (None: bytes that are no text), which must neither hide nor move others."""
    if character is None:
        return BROKEN, TextKind.BROKEN
    if unicodedata.category(character) == "Cc":
        return DOT, TextKind.PLAIN
    if not is_seen(character):
        return STAND_IN, TextKind.STAND_IN
    if unicodedata.category(character) == "Zs":
        return "", TextKind.PLAIN
    if unicodedata.category(character) in {"Mn", "Me", "Mc"}:
        return _CARRIER + character, TextKind.PLAIN
    return character, TextKind.PLAIN


def _stretches(reader: Reader, window: ByteWindow) -> Iterator[tuple[list[CallPart], bool]]:
    """The parts of the window that are one text each, and whether it is a datagram."""
    flows: dict[tuple[int, bool], list[CallPart]] = {}
    for part in window.parts:
        flows.setdefault((part.connection, part.received), []).append(part)
    for parts in flows.values():
        if reader.call(parts[0].call).flags & CallFlag.DATAGRAM:
            yield from (([part], True) for part in parts)
            continue
        begun = 0
        for at in range(1, len(parts)):
            if not _adjoin(reader, window, parts[at - 1], parts[at]):
                yield parts[begun:at], False
                begun = at
        yield parts[begun:], False


def _adjoin(reader: Reader, window: ByteWindow, one: CallPart, other: CallPart) -> bool:
    """Whether one part of a flow goes on where the other ends."""
    if window.in_order:
        return True
    if (one.call, one.skip + one.size) == (other.call, other.skip):
        return True
    if other.call <= one.call:
        return False
    end, begin = Place(one.call, one.skip + one.size), Place(other.call, other.skip)
    return distance(reader, end, begin, one.connection, one.received, 0) == 0
