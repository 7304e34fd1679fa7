"""``socket-explorer export CAPTURE OUT.(pcapng|csv|jsonl|txt|bin)``: without a window.

Exit status: 0 done, 1 the capture or the file is bad, 2 wrong usage. Sentences go to stderr; nothing goes
to stdout.
"""

from __future__ import annotations

import sys
from pathlib import Path

from explorer.capture.catalog import Catalog
from explorer.capture.export.api import ExportOptions
from explorer.capture.export.registry import export, find_format
from explorer.capture.library import open_capture
from explorer.capture.stream import Scope
from explorer.core.errors import CaptureError, InputError
from explorer.wire.visible import visible_text

DONE, FAILED, WRONG_USAGE = 0, 1, 2


def run_export(
    capture: Path,
    out: Path,
    *,
    socket: str | None = None,
    connection: int | None = None,
    sent: bool = False,
    formula_safe: bool = True,
) -> int:
    """Export a capture to a file whose ending chooses the format. The exit status.

    socket: only the socket of this name; connection: only this connection (its number in the capture).
    sent: `bin` writes the bytes that were sent; else those that were received.
    """
    try:
        find_format(out.suffix)
    except InputError as error:
        return _say(WRONG_USAGE, error.message)
    try:
        reader = open_capture(capture)
        for warning in reader.warnings:
            _say(DONE, warning)
        catalog = Catalog(reader)
        catalog.advance()
        scope = _scope(catalog, socket, connection)
        result = export(reader, catalog, scope, out, options=ExportOptions(not sent, formula_safe))
    except InputError as error:
        return _say(WRONG_USAGE, error.message)
    except CaptureError as error:
        return _say(FAILED, str(error))
    except OSError as error:
        return _say(FAILED, f"The capture {capture} cannot be read: {error.strerror or error}.")
    except KeyboardInterrupt:
        return _say(FAILED, "The export was interrupted; no file was written.")
    for remark in result.remarks:
        _say(DONE, remark)
    return DONE


def _scope(catalog: Catalog, socket: str | None, connection: int | None) -> Scope:
    """Raises InputError when the capture has no such socket or connection."""
    number = None
    if socket is not None:
        found = [one.number for one in catalog.sockets if one.name == socket]
        if not found:
            names = ", ".join(dict.fromkeys(visible_text(one.name) for one in catalog.sockets)) or "none"
            raise InputError("socket", f"The capture has no socket called {socket!r} (it has: {names}).")
        if len(found) > 1:
            raise InputError(
                "socket", f"The capture has {len(found)} sockets called {socket!r}; choose one of its connections."
            )
        number = found[0]
    if connection is not None and catalog.connection(connection) is None:
        last = max((one.number for one in catalog.connections), default=0)
        there = f"they are numbered from 1 to {last}" if last else "it has none"
        raise InputError("connection", f"The capture has no connection {connection} ({there}).")
    return Scope(number, connection)


def _say(status: int, sentence: str) -> int:
    if sys.stderr is not None:  # a windowed program on Windows has none
        print(f"socket-explorer: {sentence}", file=sys.stderr)
    return status
