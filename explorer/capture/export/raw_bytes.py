"""Raw bytes of one direction: what was received (or sent), one call after the other, and nothing else.

With several connections in the scope their bytes follow each other in the order of the calls, mixed; a
remark says so.
"""

from __future__ import annotations

from typing import BinaryIO

from explorer.capture.export.api import ExportFormat, ExportJob
from explorer.capture.words import counted


def write(job: ExportJob, out: BinaryIO) -> None:
    connections: set[tuple[int, int]] = set()
    lost = 0
    for call in job.calls():
        if (call.received if job.options.received else call.sent) and call.size:
            connections.add((call.socket, call.connection))
            data = job.reader.traffic(call)
            lost += call.size - len(data)
            out.write(data)
    if len(connections) > 1:
        job.remarks.append(
            f"The bytes of {len(connections):,} connections follow each other in the order of the calls; "
            "export one connection alone to keep them apart."
        )
    if lost:
        job.remarks.append(f"Missing from the capture, and so from this file: {counted(lost, 'byte')}.")


FORMAT = ExportFormat(".bin", "Raw bytes", "The bytes of one direction, as they came.", write)
