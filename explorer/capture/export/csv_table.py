"""CSV (RFC 4180, UTF-8): one row a call.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return as a
formula, and what stands in the cells came from the network. So such cells get an apostrophe in front,
unless that is switched off.
"""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from explorer.capture.describe import CallText, describe, errno_name, preview
from explorer.capture.export.api import ExportFormat, ExportJob
from explorer.core.calls import Call

COLUMNS = (
    "number", "time", "seconds", "socket", "connection", "local", "remote",
    "who", "kind", "call", "result", "bytes", "errno", "microseconds", "preview",
)  # fmt: skip
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str) -> str:
    """`cell` so that a spreadsheet takes it for text."""
    return "'" + cell if cell.startswith(_DANGEROUS) else cell


def write(job: ExportJob, out: BinaryIO) -> None:
    line = io.StringIO()
    table = csv.writer(line)
    table.writerow(COLUMNS)
    for call in job.calls():
        text = describe(call, job.reader.detail(call), job.catalog)
        cells = _cells(job, call, text)
        table.writerow([safe(cell) for cell in cells] if job.options.formula_safe else cells)
        out.write(line.getvalue().encode(errors="backslashreplace"))  # a hostile name may hold half a character
        line.seek(0)
        line.truncate()
    out.write(line.getvalue().encode())


def _cells(job: ExportJob, call: Call, text: CallText) -> list[str]:
    peer = job.catalog.connection(call.connection) if call.connection else None
    socket = job.catalog.socket(call.socket)
    return [
        str(call.number),
        job.at(call),
        f"{call.time / 1e9:.9f}",
        socket.name if socket else str(call.socket),
        str(call.connection or ""),
        str(peer.local) if peer else "",
        str(peer.remote) if peer else "",
        text.who,
        call.kind.name,
        text.call,
        text.result,
        str(call.size) if call.received or call.sent else "",
        errno_name(call, job.reader.detail(call), job.reader.header.platform) if call.errno else "",
        str(call.duration),
        preview(job.reader, call, job.catalog),
    ]


FORMAT = ExportFormat(".csv", "CSV", "A table with one row for each call, for spreadsheets.", write)
