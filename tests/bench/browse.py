"""A large capture from disk in the real window: opening it, jumping about in it, and the memory that takes.

The capture is that of `hex_paint`: whole records over sparse files.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from explorer.bridge.garbage import GarbageCollection
from explorer.bridge.jobs import Progress
from explorer.capture.library import Library
from explorer.settings import Settings
from explorer.ui.captured import load_captured
from explorer.ui.main_window import MainWindow
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.bench.hex_paint import TOTAL, make_capture
from tests.bench.row import Row

JUMPS = 300
PATIENCE = 60.0  # seconds


def rows() -> Iterator[Row]:
    size = f"{TOTAL / 1e9:.0f} GB"
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    GarbageCollection(app)  # as in the program
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_capture(place / "capture", TOTAL, 65_536, connections=1)
        theme, settings, library = Theme("light"), Settings(place / "data"), Library(place / "captures")
        _warm_up(app, theme, settings, library, place / "small")
        begin = time.perf_counter()
        window = _open(app, theme, settings, library, place / "capture", TOTAL // 65_536 * 65_536)
        opened = time.perf_counter() - begin
        yield Row(f"open a capture of {size}", opened, "s", "≤ 1", opened <= 1)
        pane = window.panes["bytes"]
        assert isinstance(pane, BytesPane)
        before = _private_memory()
        end = pane.view.rows.size - 1
        slowest = max(_jump(app, pane, offset) for offset in (end, end // 2, 0) for _ in range(5))
        yield Row(f"jump to the end, middle, start of {size}", slowest, "ms", "≤ 50", slowest <= 50)
        slowest = max(_jump(app, pane, random.randrange(end)) for _ in range(JUMPS))
        yield Row(f"jump anywhere in {size}, the slowest of {JUMPS}", slowest, "ms", "≤ 50", slowest <= 50)
        grown = (_private_memory() - before) / 1e6
        yield Row(f"private memory growth while browsing {size}", grown, "MB", "≤ 50", grown <= 50)
        window.close()
        app.processEvents()


def _warm_up(app: QApplication, theme: Theme, settings: Settings, library: Library, folder: Path) -> None:
    """First-time costs of a window are those of the start, which is measured elsewhere."""
    make_capture(folder, 65_536, 65_536, connections=1)
    _open(app, theme, settings, library, folder, 65_536).close()


def _open(app: QApplication, theme: Theme, settings: Settings, library: Library, folder: Path, size: int) -> MainWindow:
    """As *Open capture* does it, until every byte can be looked at."""
    window = MainWindow(
        Workbench(load_captured(folder, Progress(lambda done, total: None)), None), theme, settings, library, None
    )
    window.resize(1280, 860)
    window.show()
    pane = window.panes["bytes"]
    assert isinstance(pane, BytesPane)
    _until(app, lambda: pane.view.rows.size == size)
    pane.view.viewport().repaint()
    return window


def _jump(app: QApplication, pane: BytesPane, offset: int) -> float:
    """Milliseconds from the wish to the picture, with all that the rest of the window does about it."""
    begin = time.perf_counter()
    pane.go_to(offset)
    pane.view.viewport().repaint()
    app.processEvents()
    return (time.perf_counter() - begin) * 1e3


def _until(app: QApplication, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        app.processEvents()
        time.sleep(0.001)  # as the event loop does, so that other threads have their turn


def _private_memory() -> int:
    """Anonymous resident bytes: mapped files can be dropped at any time."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell")


if __name__ == "__main__":
    for row in rows():
        print(row)
