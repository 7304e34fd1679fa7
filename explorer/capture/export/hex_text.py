"""Plain text: each call as a heading, its bytes below as a hex dump. Offsets are those within the call."""

from __future__ import annotations

from typing import BinaryIO

from explorer.capture.describe import describe
from explorer.capture.export.api import ExportFormat, ExportJob
from explorer.core.calls import PAYLOAD, Call
from explorer.wire.hexdump import dump_lines


def write(job: ExportJob, out: BinaryIO) -> None:
    for call in job.calls():
        out.write(_heading(job, call).encode())
        if call.kind in PAYLOAD and call.size:
            for line in dump_lines(job.reader.traffic(call)):
                out.write(line.encode() + b"\n")
            out.write(b"\n")


def _heading(job: ExportJob, call: Call) -> str:
    text = describe(call, job.reader.detail(call), job.catalog)
    arrow = "<-" if call.received else "->" if call.sent else "  "
    result = f" = {text.result}" if text.result else ""
    return f"#{call.number} {call.time / 1e9:.6f} {arrow} {text.who}  {text.call}{result}\n"


FORMAT = ExportFormat(".txt", "Hex dump", "Every call with its bytes in hex and text, to read or print.", write)
