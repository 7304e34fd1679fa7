"""Reads a capture: one that is being written by this program, or one on disk.

Every call is a number from 0 to `count` - 1. Segments are mapped when they are first looked at, and
only a few stay mapped, so a capture of any size costs little memory. Used from any thread.
"""

from __future__ import annotations

import json
import mmap
import operator
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.capture import segments
from explorer.capture.layout import FLAGS_AT, KIND_AT, RECORD, Header, bytes_file, calls_file
from explorer.capture.writer import Writer
from explorer.core.calls import Call, CallFlag, CallKind

MAPPED = 6  # segments of each sort that stay mapped
_KINDS = {int(kind): kind for kind in CallKind}
_KNOWN = bytes(1 if kind in _KINDS else 0 for kind in range(256))


@dataclass(frozen=True, slots=True)
class Columns:
    """Records `start` … `start` + `count` - 1, column by column, for work at the speed of C.

    raw is the records' own memory; each property copies one column out of it.
    """

    start: int
    count: int
    raw: memoryview

    @property
    def kinds(self) -> bytes:
        return self.raw[KIND_AT :: RECORD.size].tobytes()

    @property
    def flags(self) -> bytes:
        return self.raw[FLAGS_AT :: RECORD.size].tobytes()

    @property
    def times(self) -> array[int]:
        return self._wide(0)

    @property
    def offsets(self) -> array[int]:
        return self._wide(1)

    @property
    def sizes(self) -> array[int]:
        return self._narrow(4)

    @property
    def sockets(self) -> array[int]:
        return self._narrow(6)

    @property
    def connections(self) -> array[int]:
        return self._narrow(7)

    @property
    def errnos(self) -> array[int]:
        """errno of each; only the low 16 bits of the word count."""
        return array("H", self.raw.cast("H")[16 :: RECORD.size // 2].tobytes())

    def _wide(self, column: int) -> array[int]:
        return array("Q", self.raw.cast("Q")[column :: RECORD.size // 8].tobytes())

    def _narrow(self, column: int) -> array[int]:
        return array("I", self.raw.cast("I")[column :: RECORD.size // 4].tobytes())


class Reader:
    """A capture to look at.

    warnings: sentences about damage found at opening. Raises CaptureError when there is no capture.
    """

    def __init__(self, folder: Path, live: Writer | None = None) -> None:
        self.folder = folder
        self.header = live.header if live else Header.load(folder)
        self.warnings: list[str] = []
        self._live = live
        self._lock = threading.Lock()
        self._calls: OrderedDict[int, mmap.mmap] = OrderedDict()
        self._bytes: OrderedDict[int, mmap.mmap] = OrderedDict()
        self._damaged: set[int] = set()
        self._count = 0 if live else self._count_records()

    @classmethod
    def of(cls, writer: Writer) -> Reader:
        """The capture that `writer` writes in this program, as it grows."""
        return cls(writer.folder, writer)

    @property
    def is_live(self) -> bool:
        return self._live is not None

    @property
    def count(self) -> int:
        """How many calls there are (by now)."""
        return self._live.count if self._live else self._count

    # -- calls ----------------------------------------------------------------------------------

    def call(self, number: int) -> Call:
        """One call. Raises IndexError."""
        if not 0 <= number < self.count:
            raise IndexError(number)
        segment, place = divmod(number, self.header.segment_records)
        records = self._map(self._calls, calls_file(self.folder, segment), segment)
        fields = RECORD.unpack_from(records, place * RECORD.size) if records else (0,) * 12
        return self._decode(number, fields)

    def calls(self, start: int, stop: int) -> Iterator[Call]:
        """Calls `start` … `stop` - 1, decoded one by one."""
        while start < stop:
            part = self.columns(start, stop)
            for number, fields in enumerate(RECORD.iter_unpack(part.raw), part.start):
                yield self._decode(number, fields)
            start += part.count

    def _decode(self, number: int, fields: tuple[int, ...]) -> Call:
        time, offset, size, asked, socket, connection, errno, kind, flags, duration, extra, _ = fields
        if number in self._damaged or kind not in _KINDS:
            return Call(number, 0, 0, 0, 0, 0, 0, 0, CallKind.note, CallFlag.NONE)
        return Call(
            number, time, offset, size, asked, socket, connection, errno,
            _KINDS[kind], CallFlag(flags), duration, extra,
        )  # fmt: skip

    def columns(self, start: int, stop: int) -> Columns:
        """Records from `start` on as columns: up to `stop`, or to the end of `start`'s segment."""
        segment, place = divmod(start, self.header.segment_records)
        count = min(stop - start, self.header.segment_records - place)
        records = self._map(self._calls, calls_file(self.folder, segment), segment)
        if records is None:
            raise IndexError(start)
        begin = place * RECORD.size
        if self._damaged.isdisjoint(range(start, start + count)):
            return Columns(start, count, memoryview(records)[begin : begin + count * RECORD.size])
        healed = bytearray(memoryview(records)[begin : begin + count * RECORD.size])
        for number in self._damaged.intersection(range(start, start + count)):
            at = (number - start) * RECORD.size
            healed[at : at + RECORD.size] = bytes(RECORD.size)
            healed[at + KIND_AT] = CallKind.note
        return Columns(start, count, memoryview(healed))

    def detail(self, call: Call) -> dict[str, Any]:
        """Arguments and result of a rare call; {} where it has none or they are damaged."""
        if call.number in self._damaged:
            return {"text": "A damaged record stood here."}
        if not call.flags & CallFlag.DETAIL:
            return {}
        try:
            found = json.loads(self.data(call.offset, call.size))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    # -- bytes ----------------------------------------------------------------------------------

    def data(self, offset: int, size: int) -> bytes:
        """A copy of bytes of the byte log; fewer where a damaged capture lacks them."""
        return bytes(self.view(offset, size))

    def view(self, offset: int, size: int) -> memoryview:
        """The same without a copy, within one segment. Let go of it soon: it keeps the segment mapped."""
        segment, place = divmod(offset, self.header.segment_bytes)
        found = self._map(self._bytes, bytes_file(self.folder, segment), segment)
        return memoryview(found)[place : place + size] if found else memoryview(b"")

    def traffic(self, call: Call) -> bytes:
        """The bytes that went through a call; b"" for calls that carry none."""
        return b"" if call.flags & CallFlag.DETAIL else self.data(call.offset, call.size)

    def _map(self, mapped: OrderedDict[int, mmap.mmap], path: Path, segment: int) -> mmap.mmap | None:
        with self._lock:
            found = mapped.get(segment)
            if found is None:
                found = segments.open_readable(path)
                if found is None:
                    return None
                mapped[segment] = found
                if len(mapped) > MAPPED:
                    mapped.popitem(last=False)  # unmapped when the last view of it is gone
            else:
                mapped.move_to_end(segment)
            return found

    def close(self) -> None:
        with self._lock:
            self._calls.clear()
            self._bytes.clear()

    # -- what is there, and whether it is sound ---------------------------------------------------

    def _count_records(self) -> int:
        """Whole records on disk. The log ends at the first record that was not written."""
        total = 0
        for segment in range(1 << 20):
            records = self._map(self._calls, calls_file(self.folder, segment), segment)
            if records is None:
                break
            here = min(len(records) // RECORD.size, self.header.segment_records)
            kinds = memoryview(records)[: here * RECORD.size][KIND_AT :: RECORD.size].tobytes()
            written = len(kinds.rstrip(b"\0"))
            total = segment * self.header.segment_records + written
            if written < self.header.segment_records:
                break
        return total

    def verify(self, progress: Callable[[int, int], bool] = lambda done, total: True) -> None:
        """Check every record against its neighbours; damaged ones become notes, with a warning.

        progress is told (done, total) and stops the check by returning False.
        """
        end = 0
        missing = 0
        start = 0
        sizes = self._segment_sizes()
        while start < self._count:
            part = self.columns(start, min(self._count, start + (1 << 16)))
            offsets, lengths = part.offsets, part.sizes
            ends = array("Q", map(operator.add, offsets, lengths))
            sound = (
                offsets[0] >= end
                and all(map(operator.le, ends, offsets[1:]))
                and not part.kinds.translate(None, _known_kinds())
            )
            if not sound:
                end = self._find_damage(part, offsets, ends, end)
            else:
                end = ends[-1]
            missing += self._missing_bytes(offsets, ends, sizes)
            start += part.count
            if not progress(start, self._count):
                break
        self._warn(missing)

    def _find_damage(self, part: Columns, offsets: array[int], ends: array[int], end: int) -> int:
        """Mark records that break the order. A record is believed when it begins at or after `end`, ends
        within the byte log, and its kind is known."""
        limit = (max(self._segment_sizes(), default=-1) + 1) * self.header.segment_bytes
        for place, (offset, stop, kind) in enumerate(zip(offsets, ends, part.kinds, strict=True)):
            within = offset // self.header.segment_bytes == max(offset, stop - 1) // self.header.segment_bytes
            if offset < end or stop > limit or not within or kind not in _KINDS:
                self._damaged.add(part.start + place)
            else:
                end = stop
        return end

    def _segment_sizes(self) -> dict[int, int]:
        """Bytes present of each byte segment."""
        sizes: dict[int, int] = {}
        for segment in range(1 << 20):
            path = bytes_file(self.folder, segment)
            if not path.exists():
                if segment > max(sizes, default=-1) + 16:
                    break
                continue
            sizes[segment] = path.stat().st_size
        return sizes

    def _missing_bytes(self, offsets: array[int], ends: array[int], sizes: dict[int, int]) -> int:
        """How many of these records have bytes that the byte log lacks."""
        length = self.header.segment_bytes
        first, last = offsets[0] // length, max(offsets[0], ends[-1] - 1) // length
        if all(sizes.get(segment, 0) >= length for segment in range(first, last)) and (
            sizes.get(last, 0) >= ends[-1] - last * length
        ):
            return 0
        return sum(
            1
            for offset, end in zip(offsets, ends, strict=True)
            if end > offset and sizes.get(offset // length, 0) < end - offset // length * length
        )

    def _warn(self, missing: int) -> None:
        if not self.header.closed:
            self.warnings.append("The program ended without closing this capture; every whole record is here.")
        if self._damaged:
            self.warnings.append(
                f"{len(self._damaged):,} damaged records were found and are shown as notes; all others are here."
            )
        if missing:
            self.warnings.append(
                f"The bytes of {missing:,} calls are missing or incomplete, because a file of the capture was "
                "cut short or removed; the calls themselves are here."
            )


def _known_kinds() -> bytes:
    return bytes(kind for kind in range(256) if _KNOWN[kind])
