"""What one window keeps for the next start: sockets, what was typed and chosen, the look, the layout."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from explorer.core.errors import InputError
from explorer.settings import Settings
from explorer.ui.pane_areas import PaneAreas
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.window_layout import WindowLayout
from explorer.ui.workbench import Workbench

SAVE_AFTER = 1000  # milliseconds from a change to its being kept, so that a crash does not take the sockets along


class WindowMemory(QObject):
    """Restores at once when it is made. A window on a capture from disk is a second one and leaves no trace."""

    def __init__(
        self, settings: Settings, workbench: Workbench, theme: Theme, panes: PaneAreas, layout: WindowLayout,
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._settings = settings
        self._workbench = workbench
        self._theme = theme
        self._panes = panes
        self._layout = layout
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(SAVE_AFTER)
        self._save_soon.timeout.connect(self._save_session)
        self._restore()
        workbench.document_changed.connect(self._save_soon.start)
        workbench.bench.changed.connect(self._save_soon.start)
        workbench.ruler.changed.connect(self._save_soon.start)
        workbench.load_choices.changed.connect(self._save_soon.start)
        workbench.log_level.changed.connect(self._save_soon.start)
        workbench.chat_choice.changed.connect(self._save_soon.start)
        panes.get_as(BytesPane, "bytes").find_bar.options.changed.connect(self._save_soon.start)

    def _restore(self) -> None:
        settings, panes = self._settings, self._panes
        self._layout.restore()
        form = panes.get_as(SettingsPane, "settings")
        form.set_hosts(settings.hosts)
        form.fold(settings.form_folded)
        panes.get_as(BytesPane, "bytes").set_choices(settings.bytes_view)
        panes.get_as(BytesPane, "bytes").find_bar.options.set_choices(settings.find_choices)
        self._workbench.finder.history.load(settings.patterns)
        self._workbench.bench.load(settings.bench)
        self._workbench.ruler.load(settings.ruler)
        self._workbench.load_choices.load(settings.load)
        self._workbench.log_level.level = settings.log_level
        self._workbench.chat_choice.load(settings.chat)
        if not self._workbench.viewing:
            send = panes.get_as(SendPane, "send")
            send.set_history(settings.history)
            send.set_choices(settings.composer)

    @Slot()
    def _save_session(self) -> None:
        if self._workbench.viewing:
            return
        settings, send = self._settings, self._panes.get_as(SendPane, "send")
        try:
            settings.session = self._workbench.document
        except InputError as error:
            self._workbench.notice(
                f"The next start cannot have these sockets and snippets. {error}", True, key="session"
            )
        else:
            self._workbench.notice("", key="session")
        settings.history = send.history()
        settings.composer = send.choices()
        form = self._panes.get_as(SettingsPane, "settings")
        settings.hosts = form.hosts
        settings.form_folded = form.fold_choice
        settings.find_choices = self._panes.get_as(BytesPane, "bytes").find_bar.options.choices
        settings.patterns = self._workbench.finder.history.lines
        settings.bench = self._workbench.bench.lines
        settings.ruler = self._workbench.ruler.texts
        settings.load = self._workbench.load_choices.text
        settings.log_level = self._workbench.log_level.level
        settings.chat = self._workbench.chat_choice.text
        settings.save()

    def close(self, whole: bool) -> None:
        """The window closes. whole: panes are shown, so their places count too."""
        self._save_soon.stop()
        settings, theme = self._settings, self._theme
        settings.theme = theme.mode
        settings.zoom = theme.zoom
        settings.high_contrast = theme.high_contrast
        if not self._workbench.viewing:
            settings.bytes_view = self._panes.get_as(BytesPane, "bytes").choices
            self._layout.remember(whole)
            self._save_session()
        settings.save()
