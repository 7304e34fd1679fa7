"""What the text column of a byte view shows: the characters of the stream's encoding, over their own bytes.

Text belongs to one connection and direction: a character that two reads or two windows cut apart is one
character, and what other connections or the other direction carry in between does not disturb it. A
datagram is a text of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice

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
    is_bytewise,
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
_MOST_LOOKS = 48  # around a window
_MOST_KEPT = 4096  # connections


class StreamText:
    """The text of a stream. `advance` is called from the indexer's thread, the rest from the window's.

    UTF-16 must know whether a byte stands on an even place of its connection and direction. For the flows in sight
    (the first 8 of them) this is counted by `advance`; until it has come that far, and for the others, a call is
    taken for the beginning of a character. settled: whether all was counted; if not, ask `of` again later.

    Where more than some 40 connections in sight begin amid a character, those lower down are read as if they did not;
    and if 16,384 calls of others stand before a byte, it is taken for the first one.
    """

    def __init__(self, reader: Reader, encoding: str) -> None:
        self.encoding = encoding
        self.settled = True
        self.reader = reader
        self._flows: dict[tuple[int, bool], BlockIndex] = {}
        self._datagrams: dict[int, bool] = {}  # by connection
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
        if is_bytewise(window.data, self.encoding):
            text = _of_bytes(window.data, self.encoding)
            self._last = window, text
            return text
        made = _Writing(len(window.data))
        stretches = list(self._stretches(window))
        self._count_places(parts[0] for parts, datagram in stretches if not datagram)
        looks = _MOST_LOOKS
        for parts, datagram in stretches:
            starts = [part.start - window.start for part in parts]
            data = b"".join(
                window.data[start : start + part.size] for start, part in zip(starts, parts, strict=True)
            )  # fmt: skip
            before, after = b"", b""
            if may_go_on(data[0], self.encoding) and looks and (parts[0].skip or not datagram):
                looks -= 1
                before = self._before(parts[0], 0 if datagram else LOOK // len(stretches))
            ends = parts[-1].start + parts[-1].size == window.stop
            if may_be_cut(before[-LOOK_ON:] + data[-LOOK_ON:], self.encoding) and looks and (ends or not datagram):
                looks -= 1
                end = Place(parts[-1].call, parts[-1].skip + parts[-1].size)
                after = read_on(self.reader, end, LOOK_ON, 0 if datagram else LOOK // len(stretches))
            ranges = (range(start, start + part.size) for start, part in zip(starts, parts, strict=True))
            positions = list(chain.from_iterable(ranges))
            for cell in text_cells(data, self.encoding, before, after, self._offset(parts[0], datagram)):
                made.put(cell, positions)
        text = made.done()
        self._last = window, text
        return text

    def _before(self, part: CallPart, look: int) -> bytes:
        """As much of what stands before a part as matters."""
        before = b""
        for most in _STEPS_BACK:  # calls may be small: no more is read than is needed
            most = min(most, look_back(self.encoding))
            before = read_back(self.reader, Place(part.call, part.skip), most, look)
            if len(before) < most or is_enough(before, self.encoding):
                break
        return before

    def _count_places(self, firsts: Iterable[CallPart]) -> None:
        """Have places counted in the flows that are in sight, the upper ones if they are many."""
        if not needs_offset(self.encoding):
            return
        wanted = dict.fromkeys((part.connection, part.received) for part in firsts if part.connection)
        flows = {key: self._flows.get(key) or self._index_of(*key) for key in islice(wanted, _MOST_FLOWS)}
        kept = ((key, index) for key, index in self._flows.items() if key not in flows)
        self._flows = {**flows, **dict(islice(kept, _MOST_FLOWS - len(flows)))}

    def _index_of(self, connection: int, received: bool) -> BlockIndex:
        return BlockIndex(self.reader, both(of_connections([connection]), carries(received, not received)))

    def _offset(self, part: CallPart, datagram: bool) -> int | None:
        """Where in its text a part begins, in bytes."""
        if not needs_offset(self.encoding):
            return None
        index = self._flows.get((part.connection, part.received))
        if datagram or index is None:
            return part.skip
        if index.done > part.call:
            return index.offset(part.call) + part.skip
        self.settled = False
        return part.skip

    def _stretches(self, window: ByteWindow) -> Iterator[tuple[list[CallPart], bool]]:
        """The parts of the window that are one text each, and whether it is a datagram."""
        flows: dict[tuple[int, bool], list[CallPart]] = {}
        for part in window.parts:
            flows.setdefault((part.connection, part.received), []).append(part)
        for parts in flows.values():
            if self._is_datagram(parts[0]):
                yield from (([part], True) for part in parts)
                continue
            begun = 0
            for at in range(1, len(parts)):
                if not _adjoin(self.reader, window, parts[at - 1], parts[at]):
                    yield parts[begun:at], False
                    begun = at
            yield parts[begun:], False

    def _is_datagram(self, part: CallPart) -> bool:
        found = self._datagrams.get(part.connection)
        if found is None or not part.connection:
            if len(self._datagrams) > _MOST_KEPT:
                self._datagrams.clear()
            found = bool(self.reader.call(part.call).flags & CallFlag.DATAGRAM)
            self._datagrams[part.connection] = found
        return found


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


def _of_bytes(data: bytes, encoding: str) -> WindowText:
    """Text each of whose bytes is a character, or none, whatever stands around it."""
    characters, kinds = _table(encoding)
    return WindowText(tuple([characters[byte] for byte in data]), data.translate(kinds), bytes(len(data)))


@lru_cache(maxsize=32)
def _table(encoding: str) -> tuple[list[str], bytes]:
    cells = [text_cells(bytes([byte]), encoding)[0] for byte in range(256)]
    found = [shown(cell.character) for cell in cells]
    return [character for character, _ in found], bytes(kind for _, kind in found)


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
