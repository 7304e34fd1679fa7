"""The text column of the bytes pane, in the encoding of the socket that is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from explorer.ui.widgets.byte_scene import View
from explorer.ui.widgets.byte_text import StreamText
from explorer.ui.workbench import Workbench
from explorer.wire.text_cells import needs_offset


class BytesText(QObject):
    """Keeps what decoding a stream needs, and has it counted by the workbench's indexer where that is needed."""

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._encoding = "utf-8"
        self._text: StreamText | None = None
        workbench.capture_changed.connect(self._let_go)

    @property
    def outdated(self) -> bool:
        """Whether the text last given out may be better now."""
        return self._text is not None and not self._text.settled

    def set_encoding(self, name: str) -> bool:
        """Decode in another encoding from now on. Whether it is another."""
        if name == self._encoding:
            return False
        self._encoding = name
        self._let_go()
        return True

    def decorate(self, view: View) -> View:
        """The same view with its text."""
        reader = view.window.reader
        if reader is None:
            return view
        if self._text is not None and self._text.reader is not reader:
            self._let_go()
        if self._text is None:
            self._text = StreamText(reader, self._encoding)
            if needs_offset(self._encoding):
                self._workbench.indexer.register(self._text)
        return self._text.decorate(view)

    @Slot()
    def _let_go(self) -> None:
        if self._text is not None:
            self._workbench.indexer.unregister(self._text)
            self._text = None
