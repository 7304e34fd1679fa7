"""JSON lines: one object a call, complete: traffic as hex in ``data``, rare calls' details as they were recorded.

Keys: number, time (nanoseconds since the capture began), at (ISO 8601, UTC), socket, name, connection,
call, written (as in code), result, errno, flags, microseconds; traffic also asked, size, data (hex),
cut_from (the whole datagram's size in bytes, where it is known); rare calls also detail.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from explorer.capture.describe import describe, errno_name
from explorer.capture.export.api import ExportFormat, ExportJob
from explorer.core.calls import PAYLOAD, Call, CallFlag

_FLAGS = tuple(flag for flag in (CallFlag.END, CallFlag.CUT, CallFlag.DATAGRAM, CallFlag.PENDING))


def write(job: ExportJob, out: BinaryIO) -> None:
    for call in job.calls():
        line = json.dumps(_object(job, call), ensure_ascii=False, separators=(",", ":"))
        out.write(line.encode(errors="backslashreplace") + b"\n")  # half a character is written as JSON escapes it


def _object(job: ExportJob, call: Call) -> dict[str, Any]:
    detail = job.reader.detail(call)
    text = describe(call, detail, job.catalog)
    socket = job.catalog.socket(call.socket)
    found: dict[str, Any] = {
        "number": call.number,
        "time": call.time,
        "at": job.at(call),
        "socket": call.socket,
        "name": socket.name if socket else "",
        "connection": call.connection,
        "call": call.kind.name,
        "written": text.call,
        "result": text.result,
        "errno": errno_name(call, detail, job.reader.header.platform) if call.errno else "",
        "flags": [str(flag.name).lower() for flag in _FLAGS if flag in call.flags],
        "microseconds": call.duration,
    }
    if call.kind in PAYLOAD:
        found |= {"asked": call.asked, "size": call.size, "data": job.reader.traffic(call).hex()}
        if call.flags & CallFlag.CUT:
            found["cut_from"] = call.extra or None
    else:
        found["detail"] = detail
    return found


FORMAT = ExportFormat(".jsonl", "JSON lines", "One JSON object for each call, with all its bytes.", write)
