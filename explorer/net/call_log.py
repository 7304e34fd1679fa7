"""Writes the rare calls into the capture, each with its arguments and result as details."""

from __future__ import annotations

import time
from collections.abc import Mapping

from explorer.core.calls import CallFlag, CallKind
from explorer.core.capture_writer import CaptureWriter
from explorer.core.endpoint import Endpoint
from explorer.net.os_errors import error_name, explain, record_number, said

clock = time.perf_counter_ns


def since(started: int) -> int:
    """Microseconds from `started`, a reading of `clock`."""
    return (clock() - started) // 1000


class CallLog:
    """The records of one socket."""

    def __init__(self, writer: CaptureWriter, socket: int) -> None:
        self._writer = writer
        self._socket = socket

    def write(
        self,
        kind: CallKind,
        detail: Mapping[str, object],
        *,
        connection: int = 0,
        error: OSError | None = None,
        flags: CallFlag = CallFlag.NONE,
        started: int | None = None,
        errno: int = 0,
    ) -> int:
        """One record; its number. started: when the call began, by `clock`. errno: for results that are no
        exception."""
        if isinstance(error, OSError):
            errno = record_number(error)
            detail = {**detail, "meaning": _meaning(error, kind, detail)}
            if kind is CallKind.getaddrinfo:
                detail = {**detail, "error": error_name(error), "message": said(error)}
        return self._writer.add_detail(
            kind,
            self._socket,
            connection,
            detail,
            errno=errno,
            flags=flags,
            duration=since(started) if started is not None else 0,
        )

    def note(self, text: str, connection: int = 0) -> int:
        return self.write(CallKind.note, {"text": text}, connection=connection)


def _meaning(error: OSError, kind: CallKind, detail: Mapping[str, object]) -> str:
    """What a failed call means and what to try, kept with it so that a saved capture tells it too."""
    address = detail.get("address")
    where = Endpoint.parse(address) if isinstance(address, str) else None
    return explain(error, kind.name, where).sentence
