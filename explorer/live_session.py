"""A capture being written and the engine that writes it: begun together, ended together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer import __version__
from explorer.capture.library import Library
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.commands import Command
from explorer.core.errors import ShownError
from explorer.core.events import Event
from explorer.core.tally import Tally

if TYPE_CHECKING:
    from explorer.bridge.engine_thread import EngineThread


class LiveSession:
    """One capture in the user's folder; one engine thread, from the first command on.

    Raises ShownError when it cannot be begun.
    """

    def __init__(self, library: Library, quota: int | None = None) -> None:
        self._library = library
        self.folder: Path = library.new_folder()
        try:
            self.writer = Writer(self.folder, quota, program=f"Socket Explorer {__version__}")
        except OSError as error:
            raise ShownError(
                f"No capture can be begun in {self.folder.parent}: {error.strerror or error}. "
                "Free some disk space or correct the folder's permissions, then start again."
            ) from None
        self.tally = Tally()
        self.reader = Reader.of(self.writer)
        self._thread: EngineThread | None = None

    def post(self, command: Command) -> None:
        """Hand a command to the engine; it is carried out on the engine's thread."""
        if self._thread is None:
            self._thread = self._start_engine()
        self._thread.post(command)

    def _start_engine(self) -> EngineThread:
        from explorer.bridge.engine_thread import EngineThread  # much that no window waits for: not at its start
        from explorer.trust import is_trusted

        thread = EngineThread(self.writer, self.tally, trusts=is_trusted)
        thread.start()
        return thread

    def drain(self, most: int) -> list[Event]:
        """The engine's news since the last time, at most so many."""
        return self._thread.mailbox.drain(most) if self._thread is not None else []

    def close(self) -> None:
        """End the engine, then close the capture; one without a single call is not kept."""
        ended = self._thread is None or self._thread.shut_down()
        self.reader.close()
        if ended:
            self.writer.close()
            self._library.discard_if_empty(self.folder)
