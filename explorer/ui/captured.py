"""A capture from disk, made ready to be looked at: done beside the window, for a large one takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from explorer.bridge.jobs import Cancelled, Progress
from explorer.capture.catalog import CapturedSocket, Catalog
from explorer.capture.library import open_capture
from explorer.capture.reader import Reader
from explorer.capture.views import View, ViewsFile
from explorer.core.errors import InputError
from explorer.core.serving import DEFAULT, check_choice
from explorer.core.socket_spec import DEFAULT_BUFFER_SIZE, Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.ui.connection_book import ConnectionBook
from explorer.ui.entries import ConnectionEntry, SocketEntry

_STEP = 1 << 16  # records between two reports


@dataclass(frozen=True, slots=True)
class Captured:
    """A reader with all that the window lists of it. views: what was chosen for its sockets and lies in views_file."""

    reader: Reader
    catalog: Catalog
    sockets: tuple[SocketEntry, ...]
    connections: ConnectionBook
    views_file: ViewsFile
    views: Mapping[int, View]


def load_captured(folder: Path, progress: Progress) -> Captured:
    """Open, check and list a capture. Raises CaptureError, Cancelled."""
    return list_captured(open_capture(folder, progress), progress)


def list_captured(reader: Reader, progress: Callable[[int, int], bool] = lambda done, total: True) -> Captured:
    """Sockets and connections that the capture's own records tell of. Raises Cancelled."""
    catalog = Catalog(reader)
    while catalog.advance(_STEP):
        if not progress(catalog.done, reader.count):
            raise Cancelled
    if not progress(reader.count, reader.count):
        raise Cancelled
    file = ViewsFile(reader.folder)
    views = file.load()
    sockets = tuple(
        SocketEntry(found.number, _spec(found, views.get(found.number, View()))) for found in catalog.sockets
    )
    book = ConnectionBook()
    for peer in catalog.connections:
        reason = CloseReason(peer.closed) if peer.closed else None
        entry = ConnectionEntry(peer.number, peer.socket, peer.local, peer.remote, peer.accepted)
        book.add(replace(entry, state=State.CLOSED, reason=reason, left_open=reason is None))
    book.take_touched()
    return Captured(reader, catalog, sockets, book, file, views)


def _spec(found: CapturedSocket, view: View) -> SocketSpec:
    """As far as the capture tells; a client whose address it lacks has none, and what else it lacks is as usual.

    view: what was chosen for it since.
    """
    return SocketSpec(
        found.name,
        found.transport,
        found.role,
        host=found.host or "",
        port=found.port or 0,
        buffer_size=found.buffer_size or DEFAULT_BUFFER_SIZE,
        encoding=view.encoding or found.encoding,
        framing=view.framing or found.framing,
        program=found.program,
        serving=_serving(found),
    )


def _serving(found: CapturedSocket) -> Choice:
    """The usual one where the capture names none that is known here, as one of a later version may."""
    try:
        return check_choice(found.serving.to_json())
    except InputError:
        return DEFAULT
