"""The first messages of what is captured already, under the framing in the form: seen before it is relied on.

Only the first bytes of one connection are looked at, on the indexer's thread; what they say is shown here.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.capture.first_messages import MOST_FOUND, Beginning, FirstBytes, FirstMessages, first_messages
from explorer.core.socket_spec import Choice
from explorer.ui.first_messages_text import NOTHING, NOTHING_VIEWING, WRONG, Run, message_runs
from explorer.ui.newest_work import NewestWork
from explorer.ui.theme import Theme
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.runs_label import RunsLabel
from explorer.ui.workbench import Workbench

AT_ONCE = 4096  # records that are looked at before anything is painted, which is mostly all there are
EVERY = 0.25  # seconds between two looks while bytes arrive
FOREVER = 1 << 62  # nanoseconds: behind a capture that does not grow any more, there is silence


class FramingPreview(QWidget):
    """`whose`: which connection and direction; `line`: its first messages."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._choice: Choice | None = None
        self._sources: tuple[FirstBytes, ...] = ()  # received, sent
        self._work: NewestWork[FirstMessages] = NewestWork(workbench)
        self._source: FirstBytes | None = None  # that the work under way, or done, is about
        self._begun: Beginning | None = None  # and of it
        self._count = 0  # and how many chunks
        self._found: FirstMessages | None = None
        self._looked = 0.0  # when that was
        self._build()
        workbench.selection.scope_changed.connect(self._on_scope)
        workbench.capture_changed.connect(self._on_scope)
        workbench.socket_changed.connect(self._on_socket_changed)
        workbench.ticked.connect(self._on_tick)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _build(self) -> None:
        self.whose = QLabel()
        self.line = RunsLabel(self._theme)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.line.setObjectName("first messages")
        flow = FlowLayout(self, gap=8, line_gap=2)
        flow.addWidget(self.whose)
        flow.addWidget(self.line)
        self._silence = QTimer(self)  # until it ends a message
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._look)

    def show_choice(self, choice: Choice | None) -> None:
        """Look at the bytes under this framing; None: what stands in the form is none."""
        if choice != self._choice:
            self._choice = choice
            self._look()

    # -- which bytes ----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_scope()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._leave()

    @Slot()
    def _on_scope(self) -> None:
        if not self.isVisible():
            return
        scope, reader = self._workbench.selection.scope, self._workbench.reader
        if self._sources and self._sources[0].scope == scope and self._sources[0].reader is reader:
            return
        self._leave()
        if scope.socket is not None:
            self._sources = tuple(FirstBytes(reader, scope, received) for received in (True, False))
            for source in self._sources:
                source.advance(AT_ONCE)
                self._workbench.indexer.register(source)
        self._workbench.refresh()
        self._look()

    def _leave(self) -> None:
        """Let go of what was looked at."""
        for source in self._sources:
            self._workbench.indexer.unregister(source)
        self._work.give_up()
        self._silence.stop()
        self._sources, self._source, self._begun, self._count, self._found = (), None, None, 0, None

    def _best(self) -> FirstBytes | None:
        """Where there are bytes: rather among the received."""
        return next((source for source in self._sources if source.begun is not None), None)

    # -- looking --------------------------------------------------------------------------------

    @Slot()
    def _on_tick(self) -> None:
        if not self._sources:
            return
        if self._work.under_way:
            self._take()
        elif time.monotonic() - self._looked >= EVERY and self._is_news():
            self._look()

    def _is_news(self) -> bool:
        source = self._best()
        begun = source.begun if source is not None else None
        if source is not self._source or begun is not self._begun or begun is None:
            return source is not self._source or begun is not self._begun
        enough = self._found is not None and len(self._found.found) >= MOST_FOUND
        return len(begun.chunks) > self._count and not enough

    @Slot()
    def _look(self) -> None:
        """Frame what there is, unless there is nothing to frame or no framing."""
        self._looked = time.monotonic()
        self._source = source = self._best()
        self._begun = begun = source.begun if source is not None else None
        self._count = 0
        self._work.give_up()
        self._silence.stop()
        self._found = None
        if begun is None or self._choice is None:
            self._show()
            return
        chunks = tuple(begun.chunks)
        self._count = len(chunks)
        writer = self._workbench.reader.writer
        now = writer.now() if writer is not None else FOREVER
        self._work.begin(first_messages(chunks, self._choice, now))
        self._take()

    def _take(self) -> None:
        found = self._work.take()
        if found is None:
            return
        self._found = found
        self._show()
        writer = self._workbench.reader.writer
        if found.due is not None and writer is not None:
            self._silence.start(max(1, (found.due - writer.now()) // 1_000_000 + 1))

    # -- showing --------------------------------------------------------------------------------

    def _show(self) -> None:
        self.whose.setText(self._whose())
        self.whose.setVisible(bool(self.whose.text()))
        if self._choice is None:
            self.line.show_runs([Run(WRONG, "quiet")])
        elif self._begun is None:
            self.line.show_runs([Run(NOTHING_VIEWING if self._workbench.viewing else NOTHING, "quiet")])
        elif self._found is not None:
            entry = self._workbench.current
            self.line.show_runs(message_runs(self._found, entry.spec.encoding if entry else "utf-8"))

    def _whose(self) -> str:
        source, begun = self._source, self._begun
        if source is None or begun is None or self._choice is None:
            return ""
        what = "Received from" if source.received else "Sent to"
        known = self._workbench.connection(begun.number) or self._workbench.catalog.connection(begun.number)
        if known is None:
            return f"{what} connection {begun.number}:" if begun.number else f"{what.partition(' ')[0]}:"
        return f"{what} {known.remote}:"

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        if self._found is not None and number == self._workbench.selection.scope.socket:
            self._show()  # its encoding may be another

    @Slot()
    def _on_theme(self) -> None:
        palette = self.whose.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.whose.setPalette(palette)
        self.line.update()
