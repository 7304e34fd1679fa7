"""Rows of one fixed size, as many as come, in little memory.

The last rows are held in memory; earlier ones lie in a temporary file that has no name and is gone with
the program. One thread appends, any thread reads.
"""

from __future__ import annotations

import struct
import tempfile
import threading
import weakref
from collections import OrderedDict
from typing import IO

PAGE = 4096  # rows
_CACHED = 8  # pages


class RowFile:
    """Rows packed by `layout`. Raises OSError when the temporary folder takes no more."""

    def __init__(self, layout: struct.Struct) -> None:
        self._layout = layout
        self._tail = bytearray()
        self._spilled = 0  # rows in the file
        self._count = 0
        self._file: IO[bytes] | None = None
        self._pages: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def extend(self, packed: bytes) -> None:
        """Append rows, packed one behind another."""
        page, at = PAGE * self._layout.size, 0
        with self._lock:
            while at < len(packed):
                if len(self._tail) >= page:
                    self._spill()
                part = packed[at : at + page - len(self._tail)]
                self._tail += part
                self._count += len(part) // self._layout.size
                at += len(part)

    def get(self, row: int) -> tuple[int, ...]:
        """Raises IndexError."""
        if not 0 <= row < self._count:
            raise IndexError(row)
        with self._lock:
            if row >= self._spilled:
                return self._layout.unpack_from(self._tail, (row - self._spilled) * self._layout.size)
            page, place = divmod(row, PAGE)
            return self._layout.unpack_from(self._page(page), place * self._layout.size)

    def read(self, first: int, most: int) -> bytes:
        """Rows from `first` on as they are packed: up to `most` of them, no further than to the end of their page.

        Pages that are read through once do not push out those that are looked at. Raises IndexError.
        """
        if not 0 <= first < self._count:
            raise IndexError(first)
        size = self._layout.size
        with self._lock:
            page, place = divmod(first, PAGE)
            rows = memoryview(self._tail) if first >= self._spilled else memoryview(self._page(page, keep=False))
            found = bytes(rows[place * size : (place + most) * size])
            rows.release()  # else the tail could not grow
            return found

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - lives as long as its rows
            weakref.finalize(self, self._file.close)
        self._file.seek(self._spilled * self._layout.size)
        left = memoryview(bytes(self._tail))
        while left:
            left = left[self._file.write(left) :]
        self._spilled += PAGE
        self._tail.clear()

    def _page(self, page: int, keep: bool = True) -> bytes:
        found = self._pages.get(page)
        if found is None:
            assert self._file is not None
            size = PAGE * self._layout.size
            self._file.seek(page * size)
            found = b""
            while len(found) < size:
                part = self._file.read(size - len(found))
                if not part:
                    raise OSError("the temporary file of the messages was cut short")
                found += part
            if keep:
                self._pages[page] = found
                if len(self._pages) > _CACHED:
                    self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return found
