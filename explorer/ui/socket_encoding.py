"""The encoding in which the text of a socket is shown."""

from __future__ import annotations

from explorer.ui.workbench import Workbench


def encoding_of(workbench: Workbench, socket: int) -> str:
    """That of the socket as it is set now, or was when it was removed, or as the capture recorded it; UTF-8 if none
    tells."""
    entry = workbench.socket(socket)
    if entry is not None:
        return entry.spec.encoding
    view = workbench.views.of(socket)
    if view is not None and view.encoding is not None:
        return view.encoding
    captured = workbench.catalog.socket(socket)
    return captured.encoding if captured is not None else "utf-8"
