"""Writes a capture: receives straight into mapped files, one fixed-size record a call.

Used by the engine's thread alone; readers look at `count`, which grows only after a record is whole.
The loop in `pull` is the hottest of the program: it makes one recv and one record, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import shutil
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from explorer.capture import segments
from explorer.capture.layout import (
    FLAGS_AT,
    LOCK,
    RECORD,
    SEGMENT_BYTES,
    SEGMENT_RECORDS,
    VERSION,
    Header,
    bytes_file,
    calls_file,
)
from explorer.capture.staging import AVAILABLE, LARGE, Staging
from explorer.capture.words import sized
from explorer.core.calls import CallFlag, CallKind
from explorer.core.capture_writer import Pulled

RESERVE = 64 << 10  # bytes of each byte segment kept for rare calls, so that a full capture still logs them
RESERVE_RECORDS = 1024  # records kept for them too: traffic gets no further until the next file is there
_RECV = int(CallKind.recv)
_END = int(CallFlag.END)
MAX_EXTRA = 0xFFFF_FFFF
NO_MORE = 1 << 63  # nanoseconds
_TIME = struct.Struct("<Q")  # the beginning of a record


def default_quota(folder: Path) -> int:
    """Bytes a capture in `folder` may take: the smaller of 20 GB and half of the free disk."""
    return min(20_000_000_000, shutil.disk_usage(folder).free // 2)


class Writer:
    """Implements `explorer.core.capture_writer.CaptureWriter` on a folder.

    quota: bytes the capture may take on disk; None asks `default_quota`.
    Raises OSError when the folder or its first segments cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        quota: int | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        segment_records: int = SEGMENT_RECORDS,
        program: str = "Socket Explorer",
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=False)
        self.folder = folder
        self.quota = default_quota(folder) if quota is None else quota
        self.count = 0
        self.full = ""
        self._making = False  # a record whose time is taken may not be counted yet
        self.unrecorded = 0  # records that found no place at all (disk full to the last reserve)
        self._lock = segments.FolderLock(folder / LOCK)
        self._lock.acquire()
        self._clock = time.perf_counter_ns
        self._started = self._clock()
        self.header = Header(VERSION, time.time_ns(), segment_bytes, segment_records, program, closed=False)
        self._segment_bytes = segment_bytes
        self._segment_records = segment_records
        self._bytes_segment = self._calls_segment = 0
        self._position = 0  # in the byte segment
        self._record = 0  # byte position in the record segment
        self._records_end = segment_records * RECORD.size
        self._reserved = min(RESERVE_RECORDS, segment_records // 4) * RECORD.size
        self._traffic_end = self._records_end - self._reserved
        self._staging = Staging()
        self._spare: mmap.mmap | None = None  # the next record segment, made before it is needed
        self._taken = segment_bytes + self._records_end
        try:
            self._bytes_map = segments.create(bytes_file(folder, 0), segment_bytes)
            self._calls_map = segments.create(calls_file(folder, 0), self._records_end)
            self._bytes = memoryview(self._bytes_map)
            self._calls = memoryview(self._calls_map)
            self.header.save(folder)
        except OSError:
            self._lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @property
    def taken(self) -> int:
        """Bytes of disk the capture holds (preallocated ones included)."""
        return self._taken

    @property
    def used(self) -> int:
        """Bytes of records and traffic written."""
        return self.count * RECORD.size + self._bytes_segment * self._segment_bytes + self._position

    def now(self) -> int:
        """Nanoseconds since the capture began, on the clock of the records."""
        return self._clock() - self._started

    @property
    def last_time(self) -> int:
        """When the last record was added, on the same clock; 0 before there is one."""
        return int(_TIME.unpack_from(self._calls, self._record - RECORD.size)[0]) if self._record else 0

    def known_until(self) -> int:
        """See `Reader.known_until`. Called from any thread."""
        if self.header.closed:
            return NO_MORE
        now = self.now()  # before the next look: a record that is begun after it has a later time
        return 0 if self._making else now

    # -- room -----------------------------------------------------------------------------------

    def room(self, size: int) -> memoryview | None:
        """`size` writable bytes (at most a segment less its reserve); None when the capture is full."""
        if self._record >= self._traffic_end and not self._room_for_records():
            return None
        if self._position + size > self._segment_bytes - RESERVE and not self._next_bytes():
            return None
        return self._bytes[self._position : self._position + size]

    def retry(self) -> bool:
        """Look again whether there is room (the disk or the quota may have grown). Whether there is."""
        self.full = ""
        return self.room(min(1 << 20, self._segment_bytes - RESERVE)) is not None

    def _next_bytes(self) -> bool:
        made = self._grow(bytes_file(self.folder, self._bytes_segment + 1), self._segment_bytes)
        if made is None:
            return False
        self._bytes_map, self._bytes = made, memoryview(made)
        self._bytes_segment += 1
        self._position = 0
        return True

    def _room_for_records(self) -> bool:
        """Make the next record segment while the last few records of this one are still free."""
        if self._spare is None:
            self._spare = self._grow(calls_file(self.folder, self._calls_segment + 1), self._records_end)
            if self._spare is None:
                return False
        self._traffic_end = self._records_end
        return self._record < self._records_end or self._next_calls()

    def _next_calls(self) -> bool:
        made = self._spare or self._grow(calls_file(self.folder, self._calls_segment + 1), self._records_end)
        if made is None:
            return False
        self._calls_map, self._calls = made, memoryview(made)
        self._spare = None
        self._calls_segment += 1
        self._record = 0
        self._traffic_end = self._records_end - self._reserved
        return True

    def _grow(self, path: Path, size: int) -> mmap.mmap | None:
        if self._taken + size > self.quota:
            self.full = (
                f"The capture has reached its limit of {sized(self.quota)}. Reading is paused, so nothing is lost. "
                "Raise the limit, or begin a new capture; reading goes on when there is room."
            )
            return None
        try:
            made = segments.create(path, size)
        except OSError as error:
            self.full = (
                f"The disk that holds the capture takes no more ({error.strerror}). Reading is paused, so nothing is "
                f"lost. Free space on the disk of {self.folder.parent}; reading goes on when there is room."
            )
            return None
        self._taken += size
        self.full = ""
        return made

    # -- records --------------------------------------------------------------------------------

    def add(
        self,
        kind: CallKind,
        socket: int,
        connection: int = 0,
        *,
        size: int = 0,
        asked: int = 0,
        errno: int = 0,
        flags: CallFlag = CallFlag.NONE,
        duration: int = 0,
        extra: int = 0,
    ) -> int:
        if self._record >= self._records_end and not self._next_calls():
            self.unrecorded += 1
            return -1
        self._making = True
        try:
            RECORD.pack_into(
                self._calls, self._record, self._clock() - self._started,
                self._bytes_segment * self._segment_bytes + self._position,
                size, asked, socket, connection, errno, kind, flags,
                min(duration, MAX_EXTRA), min(extra, MAX_EXTRA), 0,
            )  # fmt: skip
            self._record += RECORD.size
            self._position += size
            self.count += 1
        finally:
            self._making = False
        return self.count - 1

    def add_detail(
        self,
        kind: CallKind,
        socket: int,
        connection: int,
        detail: Mapping[str, object],
        *,
        errno: int = 0,
        flags: CallFlag = CallFlag.NONE,
        duration: int = 0,
    ) -> int:
        data = json.dumps(detail, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        end = self._position + len(data)
        if end > self._segment_bytes and not self._next_bytes():
            self.unrecorded += 1
            return -1
        self._bytes[self._position : self._position + len(data)] = data
        return self.add(
            kind, socket, connection, size=len(data), errno=errno, flags=flags | CallFlag.DETAIL, duration=duration
        )

    def pull(
        self, receive: Callable[[memoryview], int], socket: int, connection: int, buffer_size: int, most: int
    ) -> Pulled:
        self._making = True
        begun, first = self._record, self._position
        last = self._segment_bytes - RESERVE - buffer_size
        # Records of this round: up to `most`, and up to the end of the record segment.
        stop = min(begun + most * RECORD.size, self._traffic_end)
        take = self._take_staged if buffer_size >= LARGE and AVAILABLE else self._take
        ended = blocked = False
        try:
            size, error = take(receive, socket, connection, buffer_size, last, stop)
            ended = size == 0 and error is None
            if ended:
                self._calls[self._record - RECORD.size + FLAGS_AT] = _END
        finally:  # whatever was raised: what was received before it is counted, and no reader waits for ever
            made, received = (self._record - begun) // RECORD.size, self._position - first
            self.count += made
            self._making = False
        if error is not None:
            self.add(CallKind.recv, socket, connection, asked=buffer_size, errno=error.errno or 0)
        elif self._position > last or self._record >= self._traffic_end:
            blocked = self.room(buffer_size) is None
        return Pulled(made, received, ended, blocked, error)

    def _take(
        self, receive: Callable[[memoryview], int], socket: int, connection: int, asked: int, last: int, stop: int
    ) -> tuple[int, OSError | None]:
        """Receive straight into the segment, one record each, until a short read, `last` (a position in the byte
        segment) or `stop` (one in the record segment). The last read's size (-1: none), and what failed."""
        view, calls = self._bytes, self._calls
        base = self._bytes_segment * self._segment_bytes
        position, record, size = self._position, self._record, -1
        pack, clock, started = RECORD.pack_into, self._clock, self._started
        error: OSError | None = None
        try:
            while record < stop and position <= last:
                size = receive(view[position : position + asked])
                pack(
                    calls, record, clock() - started, base + position,
                    size, asked, socket, connection, 0, _RECV, 0, 0, 0, 0,
                )  # fmt: skip
                record += 48
                position += size
                if size < asked:
                    break
        except BlockingIOError:
            pass
        except OSError as problem:
            error = problem
        finally:
            self._record, self._position = record, position
        return size, error

    def _take_staged(
        self, receive: Callable[[memoryview], int], socket: int, connection: int, asked: int, last: int, stop: int
    ) -> tuple[int, OSError | None]:
        """The same for large reads, through `Staging`."""
        try:
            buffer = self._staging.begin(bytes_file(self.folder, self._bytes_segment), asked)
        except OSError:  # out of file descriptors, say
            return self._take(receive, socket, connection, asked, last, stop)
        error: OSError | None = None
        size = -1
        try:
            while self._record < stop and self._position <= last:
                size = receive(buffer)
                self._staging.store(self._bytes, self._position, size)
                RECORD.pack_into(
                    self._calls, self._record, self._clock() - self._started,
                    self._bytes_segment * self._segment_bytes + self._position,
                    size, asked, socket, connection, 0, _RECV, 0, 0, 0, 0,
                )  # fmt: skip
                self._record += RECORD.size
                self._position += size
                if size < asked:
                    break
        except BlockingIOError:
            pass
        except OSError as problem:
            error = problem
        return size, error

    # -- the end --------------------------------------------------------------------------------

    def close(self) -> None:
        """Give back the disk space that was not needed and mark the capture as whole."""
        if self.header.closed:
            return
        self._staging.close()
        self._bytes.release()
        self._calls.release()
        for mapped in (self._bytes_map, self._calls_map, self._spare):
            # Somebody may still hold a view, such as the traceback of a failed receive: the last one unmaps.
            with contextlib.suppress(BufferError):
                if mapped is not None:
                    mapped.close()
        # Windows does not cut a file that a reader still maps; the zeros at its end do no harm.
        with contextlib.suppress(OSError):
            os.truncate(bytes_file(self.folder, self._bytes_segment), self._position)
        with contextlib.suppress(OSError):
            os.truncate(calls_file(self.folder, self._calls_segment), self._record)
        if self._spare is not None:
            with contextlib.suppress(OSError):
                calls_file(self.folder, self._calls_segment + 1).unlink()
        self.header = replace(self.header, closed=True)
        self.header.save(self.folder)
        self._lock.release()
