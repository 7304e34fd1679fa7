"""Painting of the chunk ruler over 1,000,000 calls of one byte at each end: at any zoom, at the beginning, in the
middle and at the end of the stream.

Each picture is made and painted several times, and the quickest counts: the others tell what else the machine did.
The number is that of the slowest picture. "After a jump" is the same where nothing near had been looked up before.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from explorer.capture.catalog import Catalog
from explorer.capture.chunk_ruler import ChunkRuler, Ends
from explorer.capture.chunk_ruler_lanes import CallLane, MessageLane, _Kept
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from explorer.ui.theme import Theme
from explorer.ui.widgets.ruler_scene import SceneMaker
from explorer.ui.widgets.ruler_view import RulerView
from explorer.ui.widgets.ruler_words import ABSENT, RECEIVED, SENT, lane_words
from tests.bench.row import Row

CALLS = 1_000_000
LIMIT = 8.0  # milliseconds
TIMES = 5
ZOOM = 1.5  # from one picture to the next
SERVER, CLIENT = 1, 2  # and their connections
LINE = b"It is 63 bytes to the end of this line, and each has its call.\n"


def rows() -> Iterator[Row]:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory() as folder:
        writer = make_capture(Path(folder) / "capture")
        reader = Reader.of(writer)
        catalog = Catalog(reader)
        catalog.advance()
        ends = Ends(catalog.connection(CLIENT), catalog.connection(SERVER))
        for framing in (Choice("line", {"ending": "lf"}), Choice("raw")):
            ruler = ChunkRuler(reader, catalog, ends, framing)
            while ruler.advance(1 << 16):
                pass
            yield from measure(app, ruler)
        reader.close()
        writer.close()


def make_capture(folder: Path) -> Writer:
    """A client that sends bytes one by one, and a server that receives them so."""
    writer = Writer(folder)
    for number, name, role in ((SERVER, "echo", "server"), (CLIENT, "client", "client")):
        writer.add_detail(CallKind.socket, number, 0, {"name": name, "transport": "tcp", "role": role})
    here, there = "127.0.0.1:51514", "127.0.0.1:9000"
    writer.add_detail(CallKind.connect, CLIENT, CLIENT, {"address": there, "local": here})
    writer.add_detail(CallKind.accept, SERVER, SERVER, {"peer": here, "local": there})
    ends = (CallKind.send, CLIENT, 1), (CallKind.recv, SERVER, 4096)
    for at in range(CALLS):
        for kind, number, asked in ends:
            room = writer.room(1)
            if room is None:
                raise RuntimeError(writer.full)
            room[:] = LINE[at % len(LINE) : at % len(LINE) + 1]
            writer.add(kind, number, number, size=1, asked=asked)
    return writer


def measure(app: QApplication, ruler: ChunkRuler) -> Iterator[Row]:
    view = RulerView(Theme("light"))
    view.resize(1600, 300)
    view.set_words(
        lane_words(ruler, {SERVER: "echo", CLIENT: "client"}.__getitem__), (ABSENT[SENT], ABSENT[RECEIVED], "")
    )
    view.show_ruler(ruler)
    view.show()
    app.processEvents()
    if ruler.size != CALLS or view.scale.size != CALLS:
        raise RuntimeError(f"The picture shows {view.scale.size:,} of {CALLS:,} bytes.")
    slowest, slowest_cold, pictures = 0.0, 0.0, 0
    view.fit()
    while True:
        before = view.scale.per_pixel
        for place in (0.0, 0.5, 1.0):
            view.scale.scroll_to(view.scale.first + (view.scale.last - view.scale.first) * place)
            slowest_cold = max(slowest_cold, min(paint(view, ruler, cold=True) for _ in range(TIMES)))
            slowest = max(slowest, min(paint(view, ruler) for _ in range(TIMES)))
            pictures += 1
        view.zoom(ZOOM)
        if view.scale.per_pixel >= before:
            break  # no nearer than that
    view.close()
    view.deleteLater()
    app.processEvents()
    name = f"chunk ruler, {ruler.framing.kind}: paint, {CALLS:,} one-byte calls at each end"
    if pictures < 3 * 10:
        raise RuntimeError(f"Only {pictures} pictures were painted.")
    yield Row(name, slowest, "ms", f"<= {LIMIT:g}", slowest <= LIMIT)
    yield Row(f"chunk ruler, {ruler.framing.kind}: the same after a jump", slowest_cold, "ms", "as it is", True)


def paint(view: RulerView, ruler: ChunkRuler, cold: bool = False) -> float:
    """Milliseconds of one whole paint, with all that is shown looked up anew. cold: with the program's caches empty."""
    for lane in ruler.lanes if cold else ():
        if isinstance(lane, CallLane):
            lane.index._cache.clear()
        if isinstance(lane, CallLane | MessageLane):
            lane._kept = _Kept()
    view._maker = SceneMaker(ruler)
    begun = time.perf_counter()
    view.viewport().repaint()
    return (time.perf_counter() - begun) * 1e3


if __name__ == "__main__":
    for row in rows():
        print(row)
