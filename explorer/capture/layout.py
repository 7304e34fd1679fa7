"""The capture on disk.

A capture is a folder, readable by its owner only:

    capture.json            the header (see `Header`)
    calls-000000.log        records, `RECORD.size` (48) bytes each, `segment_records` to a file
    bytes-000000.bin        the byte log, `segment_bytes` to a file
    lock                    held by the program that writes

A folder and not one file, because each segment can be preallocated whole, mapped whole, and dropped
whole, and because after a crash the folder is the capture, with nothing to repair.

Files are preallocated with zeros. A record whose kind is 0 has not been written: the log ends with the
last one that was, and the next file of records may stand ready, all zeros. No count is stored that could
disagree with what is there.

Record (little-endian): time u64 ns since the header's start · offset u64 in the byte log · size u32 ·
asked u32 · socket u32 · connection u32 · errno u16 · kind u8 · flags u8 · duration u32 µs ·
extra u32 · worker u32 (reserved, 0).

Records of payload calls (recv, recvfrom, send, sendto) never carry details.
The bytes of one record lie in one segment. Offsets only grow: each record's bytes begin where the
last one's ended, or at the start of the next segment. A record that breaks this is damaged.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from explorer.core.errors import CaptureError

RECORD = struct.Struct("<QQIIIIHBBIII")
KIND_AT = 34  # the byte of a record that holds its kind
FLAGS_AT = 35
VERSION = 1
SEGMENT_BYTES = 32 << 20
SEGMENT_RECORDS = 1 << 17
_MOST_SEGMENT_RECORDS = 1 << 20
HEADER = "capture.json"
LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Header:
    """What must be known to read the rest.

    started: wall clock at time 0 of the records, nanoseconds since 1970 (UTC), below 2^63.
    closed: whether the writer ended it in good order (False after a crash).
    platform: `sys.platform` of the writer, whose error numbers the records hold. Captures of earlier versions
    lack it; they are taken for this system's own.
    """

    version: int
    started: int
    segment_bytes: int
    segment_records: int
    program: str
    closed: bool
    platform: str = sys.platform

    def save(self, folder: Path) -> None:
        """Write it so that a crash leaves the old or the new one, never half."""
        fresh = folder / (HEADER + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self), indent=1) + "\n")
        os.replace(fresh, folder / HEADER)

    @classmethod
    def load(cls, folder: Path) -> Header:
        """Raises CaptureError with a sentence."""
        path = folder / HEADER
        if path.exists() and not path.is_file():
            raise CaptureError(f"The capture's header {path} cannot be read: it is not a regular file.")
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CaptureError(
                f"{folder} is not a capture: it has no {HEADER}. Choose the folder that holds it."
            ) from None
        except RecursionError:
            raise CaptureError(f"The capture's header {path} cannot be read: it is nested too deeply.") from None
        except (OSError, ValueError) as error:
            raise CaptureError(f"The capture's header {path} cannot be read: {error}.") from None
        try:
            if not isinstance(given, dict):
                raise ValueError("it is no JSON object")
            given.setdefault("platform", sys.platform)
            header = cls(**{name: given[name] for name in cls.__slots__})
            header._check()
        except KeyError as error:
            raise CaptureError(f"The capture's header {path} is damaged: {error} is missing.") from None
        except (TypeError, ValueError) as error:
            raise CaptureError(f"The capture's header {path} is damaged: {error}.") from None
        if header.version != VERSION:
            raise CaptureError(
                f"{folder} was written by a later version of Socket Explorer (format {header.version}; "
                f"this program reads format {VERSION}). Open it with that version."
            )
        return header

    def _check(self) -> None:
        """Raises ValueError."""
        numbers = (self.version, self.started, self.segment_bytes, self.segment_records)
        if not all(isinstance(number, int) and number > 0 for number in numbers):
            raise ValueError("a number in it is not a positive whole number")
        if not (isinstance(self.closed, bool) and isinstance(self.program, str) and isinstance(self.platform, str)):
            raise ValueError("a value in it has the wrong type")
        if self.started >= 1 << 63:
            raise ValueError("the time at which it began lies beyond the year 2262")
        if self.segment_records > _MOST_SEGMENT_RECORDS:  # each missing file stands for as many lost calls
            raise ValueError(f"its files would hold {self.segment_records:,} calls each, more than any program writes")
        try:
            self.program.encode()
        except UnicodeEncodeError:
            raise ValueError("the name of the program in it is no text") from None


def calls_file(folder: Path, segment: int) -> Path:
    return folder / f"calls-{segment:06d}.log"


def bytes_file(folder: Path, segment: int) -> Path:
    return folder / f"bytes-{segment:06d}.bin"
