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
from explorer.capture.record_check import KNOWN_KINDS, RecordCheck, Row
from explorer.capture.words import counted
from explorer.capture.writer import NO_MORE, Writer
from explorer.core.calls import Call, CallFlag, CallKind

MAPPED = 6  # segments of each sort that stay mapped
_WIDEST_GAP = 16
_CHECKED = 1 << 16  # records checked in one step
_FETCHED = 1 << 15  # bytes from which on the system is asked to fetch them together
SegmentName = Callable[[Path, int], Path]
_KINDS = {int(kind): kind for kind in CallKind}


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
    def sizes(self) -> list[int]:
        return self.raw.cast("I")[4 :: RECORD.size // 4].tolist()  # a list: they are always gone through one by one

    @property
    def sockets(self) -> array[int]:
        return self._narrow(6)

    @property
    def connections(self) -> array[int]:
        return self._narrow(7)

    @property
    def pairs(self) -> array[int]:
        """Socket and connection in one number each."""
        return self._wide(3)

    @property
    def errnos(self) -> array[int]:
        return array("H", self.raw.cast("H")[16 :: RECORD.size // 2].tobytes())

    @property
    def span(self) -> tuple[int, int]:
        """Where in the byte log the first record's bytes begin, and where the last one's end."""
        first, last = RECORD.unpack_from(self.raw), RECORD.unpack_from(self.raw, (self.count - 1) * RECORD.size)
        return first[1], last[1] + last[2]

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
    def writer(self) -> Writer | None:
        """What writes this capture in this program; None for one from disk."""
        return self._live

    @property
    def count(self) -> int:
        """How many calls there are (by now)."""
        return self._live.count if self._live else self._count

    def known_until(self) -> int:
        """Nanoseconds since the capture began: no record of an earlier time will come any more, beside those that
        `count` tells of when it is asked afterwards. 0 while a record is being made; 2^63 for a capture from disk."""
        return self._live.known_until() if self._live else NO_MORE

    # -- calls ----------------------------------------------------------------------------------

    def call(self, number: int) -> Call:
        """One call. Raises IndexError."""
        if not 0 <= number < self.count:
            raise IndexError(number)
        segment, place = divmod(number, self.header.segment_records)
        records = self._map(self._calls, calls_file, segment)
        if records is None or len(records) < (place + 1) * RECORD.size:
            return self._decode(number, (0,) * 12)
        fields = RECORD.unpack_from(records, place * RECORD.size)
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
        place = start % self.header.segment_records
        count = min(stop - start, self.header.segment_records - place)
        raw = self._raw(start, count)
        if not self._damaged or self._damaged.isdisjoint(range(start, start + count)):
            return Columns(start, count, raw)
        healed = bytearray(raw)
        for number in self._damaged.intersection(range(start, start + count)):
            at = (number - start) * RECORD.size
            healed[at : at + RECORD.size] = bytes(RECORD.size)
            healed[at + KIND_AT] = CallKind.note
        return Columns(start, count, memoryview(healed))

    def _raw(self, start: int, count: int) -> memoryview:
        """Records of one segment as they stand there; zeros where the file is missing or cut short."""
        segment, place = divmod(start, self.header.segment_records)
        records = self._map(self._calls, calls_file, segment)
        begin, size = place * RECORD.size, count * RECORD.size
        found = memoryview(records)[begin : begin + size] if records is not None else memoryview(b"")
        if len(found) == size:
            return found
        whole = len(found) // RECORD.size * RECORD.size
        return memoryview(bytes(found[:whole]).ljust(size, b"\0"))

    def detail(self, call: Call) -> dict[str, Any]:
        """Arguments and result of a rare call; {} where it has none or they are damaged."""
        if call.number in self._damaged:
            return {"text": "A damaged record stood here."}
        if not call.flags & CallFlag.DETAIL:
            return {}
        try:
            found = json.loads(self.data(call.offset, call.size))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    # -- bytes ----------------------------------------------------------------------------------

    def data(self, offset: int, size: int) -> bytes:
        """A copy of bytes of the byte log; fewer where a damaged capture lacks them."""
        return bytes(self.view(offset, size))

    def view(self, offset: int, size: int) -> memoryview:
        """The same without a copy, within one segment. Let go of it soon: it keeps the segment mapped."""
        segment, place = divmod(offset, self.header.segment_bytes)
        found = self._map(self._bytes, bytes_file, segment)
        if found is not None and size >= _FETCHED:
            segments.will_read(found, place, size)
        return memoryview(found)[place : place + size] if found else memoryview(b"")

    def segment(self, number: int) -> memoryview:
        """One file of the byte log, whole and without a copy, for bytes at many places of it. Let go of it soon."""
        found = self._map(self._bytes, bytes_file, number)
        return memoryview(found) if found is not None else memoryview(b"")

    def traffic(self, call: Call) -> bytes:
        """The bytes that went through a call; b"" for calls that carry none."""
        return b"" if call.flags & CallFlag.DETAIL else self.data(call.offset, call.size)

    def _map(self, mapped: OrderedDict[int, mmap.mmap], name: SegmentName, segment: int) -> mmap.mmap | None:
        with self._lock:
            found = mapped.get(segment)
            if found is None:
                found = segments.open_readable(name(self.folder, segment))
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
        """Records on disk: up to the last one written. Holes before it are damage that `verify` finds."""
        total = 0
        for segment in _consecutive(self.folder, calls_file):
            records = self._map(self._calls, calls_file, segment)
            if records is None:
                continue
            here = min(len(records) // RECORD.size, self.header.segment_records)
            kinds = memoryview(records)[: here * RECORD.size][KIND_AT :: RECORD.size].tobytes()
            if written := len(kinds.rstrip(b"\0")):
                total = segment * self.header.segment_records + written
        return total

    def verify(self, progress: Callable[[int, int], bool] = lambda done, total: True) -> None:
        """Check every record against its neighbours; damaged ones become notes, with a warning.

        progress is told (done, total) and stops the check by returning False.
        """
        sizes = self._segment_sizes()
        last = max(sizes, default=-1)
        log_end = last * self.header.segment_bytes + sizes[last] if sizes and self.header.closed else None
        checker = RecordCheck(self.header.segment_bytes, log_end)
        missing = start = 0
        while start < self._count:
            part = self.columns(start, min(self._count, start + _CHECKED))
            stop = start + part.count
            after = self._rows(stop, min(self._count, stop + 1))
            offsets = part.offsets.tolist()
            ends = list(map(operator.add, offsets, part.sizes))
            if part.kinds.translate(None, KNOWN_KINDS) or not checker.chained(offsets, ends, after):
                self._damaged.update(checker.damaged(self._rows, start, stop, self._count))
                part = self.columns(start, stop)
                offsets = part.offsets.tolist()
                ends = list(map(operator.add, offsets, part.sizes))
            missing += self._missing_bytes(offsets, ends, sizes)
            start = stop
            if not progress(start, self._count):
                break
        self._warn(missing, self._records_cut(log_end))

    def _rows(self, start: int, stop: int) -> list[Row]:
        """(offset, end, kind) of records as they stand on disk."""
        rows: list[Row] = []
        while start < stop:
            count = min(stop - start, self.header.segment_records - start % self.header.segment_records)
            for fields in RECORD.iter_unpack(self._raw(start, count)):
                rows.append((fields[1], fields[1] + fields[2], fields[7]))
            start += count
        return rows

    def _records_cut(self, log_end: int | None) -> bool:
        """Whether records are missing at the end: half of one is there, or bytes that no record tells of.

        log_end: where the byte log of a capture that was closed ends.
        """
        segment = max(_consecutive(self.folder, calls_file), default=0)
        path = calls_file(self.folder, segment)
        if not path.is_file() or path.stat().st_size % RECORD.size:
            return True
        if self._count - 1 in self._damaged:
            return False  # what stands behind the last sound one may be its bytes
        call = self.call(self._count - 1) if self._count else None
        end = call.offset + call.size if call else 0
        return log_end is not None and log_end > end and bool(self.data(end, log_end - end).strip(b"\0"))

    def _segment_sizes(self) -> dict[int, int]:
        """Bytes present of each byte segment."""
        return {
            segment: bytes_file(self.folder, segment).stat().st_size
            for segment in _consecutive(self.folder, bytes_file)
        }

    def _missing_bytes(self, offsets: list[int], ends: list[int], sizes: dict[int, int]) -> int:
        """How many of these records have bytes that the byte log lacks."""
        length = self.header.segment_bytes
        first, last = min(offsets) // length, max(0, max(ends) - 1) // length
        if all(sizes.get(segment, 0) >= length for segment in range(first, last)) and (
            sizes.get(last, 0) >= max(ends) - last * length
        ):
            return 0
        return sum(
            1
            for offset, end in zip(offsets, ends, strict=True)
            if end > offset and sizes.get(offset // length, 0) < end - offset // length * length
        )

    def _warn(self, missing: int, cut: bool) -> None:
        if not self.header.closed:
            self.warnings.append("The program ended without closing this capture; every whole record is here.")
        if self._damaged:
            self.warnings.append(
                f"Found {counted(len(self._damaged), 'damaged record')}, shown as notes; all others are here."
            )
        if cut:
            self.warnings.append(
                "The list of calls was cut short at its end, so the last calls are missing; every whole record is here."
            )
        if missing:
            self.warnings.append(
                f"The bytes of {counted(missing, 'call')} are missing or incomplete, because a file of the capture was "
                "cut short or removed; the calls themselves are here."
            )


def _consecutive(folder: Path, name: SegmentName) -> list[int]:
    """Numbers of the segment files that are there, up to a gap too wide to be a few lost files."""
    found: list[int] = []
    segment = 0
    while segment <= (found[-1] if found else -1) + _WIDEST_GAP:
        if name(folder, segment).is_file():
            found.append(segment)
        segment += 1
    return found
