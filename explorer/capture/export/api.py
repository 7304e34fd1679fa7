"""What every export format is, and what all of them share: calls of a scope, progress, no half files.

A format is one file in this folder with a `FORMAT`, and one line in `registry`. It writes a job's calls
to a binary file and keeps no more in memory than one call.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import compress
from pathlib import Path
from typing import BinaryIO

from explorer.capture.catalog import Catalog
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import Call
from explorer.core.errors import CaptureError

Progress = Callable[[int, int], bool]
"""Told (calls done, calls in all); returns False to cancel."""

_LOOK = 1024  # calls between two tellings of progress


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """received: which direction `bin` writes. formula_safe: keep spreadsheets from running cells of `csv`."""

    received: bool = True
    formula_safe: bool = True


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export did. calls: looked at; size: bytes written; remarks: sentences worth showing."""

    calls: int
    size: int
    cancelled: bool
    remarks: tuple[str, ...] = ()


class ExportCancelledError(Exception):
    """`progress` returned False."""


@dataclass(slots=True)
class ExportJob:
    """One export. `catalog` has been advanced to the capture's end."""

    reader: Reader
    catalog: Catalog
    scope: Scope
    options: ExportOptions
    progress: Progress
    remarks: list[str] = field(default_factory=list)

    def calls(self) -> Iterator[Call]:
        """Calls of the scope. Raises ExportCancelledError."""
        match = self.scope.match()
        count = self.reader.count
        done = 0
        while done < count:
            columns = self.reader.columns(done, min(count, done + _LOOK))
            span = range(columns.start, columns.start + columns.count)
            mask = match(columns)
            for number in span if mask is None else compress(span, mask):
                yield self.reader.call(number)
            done = span.stop
            if not self.progress(done, count):
                raise ExportCancelledError

    def at(self, call: Call) -> str:
        """When a call returned: ISO 8601 in UTC, with nanoseconds."""
        seconds, rest = divmod(self.reader.header.started + call.time, 1_000_000_000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """suffix: of the file's name, which chooses the format. label: for a list of formats."""

    suffix: str
    label: str
    summary: str
    write: Callable[[ExportJob, BinaryIO], None]


class _Counted:
    """How far a stream that may not know its position has been written."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        self.size += len(data)
        return self.stream.write(data)


def write_export(
    form: ExportFormat,
    reader: Reader,
    catalog: Catalog,
    scope: Scope,
    out: BinaryIO | Path,
    progress: Progress,
    options: ExportOptions,
) -> ExportResult:
    """Raises CaptureError with a sentence when the disk is full or the file cannot be written."""
    job = ExportJob(reader, catalog, scope, options, progress)
    while catalog.advance(1 << 20):
        if not progress(0, reader.count):
            return ExportResult(0, 0, cancelled=True)
    if not isinstance(out, Path):
        return _write(form, job, out)
    half = out.with_name(out.name + ".part")
    try:
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            result = _write(form, job, file)
        if not result.cancelled:
            os.replace(half, out)
    except OSError as error:
        raise CaptureError(_sentence(out, error)) from None
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
    return result


def _write(form: ExportFormat, job: ExportJob, stream: BinaryIO) -> ExportResult:
    counted = _Counted(stream)
    cancelled = False
    try:
        form.write(job, counted)  # type: ignore[arg-type]
    except ExportCancelledError:
        cancelled = True
    return ExportResult(job.reader.count, counted.size, cancelled, tuple(job.remarks))


def _sentence(out: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return (
            f"The disk is full: {out} could not be written to its end, and nothing of it was kept. "
            "Free space there, or choose another disk."
        )
    return f"{out} cannot be written: {error.strerror or error}. Choose another place."
