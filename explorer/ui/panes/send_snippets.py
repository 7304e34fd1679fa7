"""Snippets and the composer: a message becomes one, one is put into the composer, or sent at once past it."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QObject, Signal, Slot

from explorer.core.snippet import ENDINGS as KEPT_ENDINGS
from explorer.core.snippet import Snippet
from explorer.ui.composer import ENDINGS, Composer
from explorer.ui.panes.send_form import SendForm
from explorer.ui.receivers import Receivers
from explorer.ui.send_framing import SendFraming
from explorer.ui.snippet_book import SnippetBook


class SendSnippets(QObject):
    """Signals: used(): the composer holds the message of a snippet. refused(str): why one was not sent.
    send_wanted(bytes, str): send these bytes, of the snippet of this name.
    """

    used = Signal()
    refused = Signal(str)
    send_wanted = Signal(bytes, str)

    def __init__(self, form: SendForm, book: SnippetBook, receivers: Receivers, framing: SendFraming) -> None:
        super().__init__(form)
        self._form = form
        self._receivers = receivers
        self._framing = framing
        self._sent: Counter[Snippet] = Counter()  # how often one was sent so, for its counter field
        book.loaded.connect(self._on_loaded)

    def present_snippet(self, name: str) -> Snippet:
        """The message as a snippet. Raises nothing: whether it can be kept, the list of snippets says."""
        form, composer = self._form, self._form.editors.composer
        ending = KEPT_ENDINGS[list(ENDINGS).index(form.ending.currentData())]
        return Snippet(name, composer.mode, composer.text, composer.fields, ending, form.framed.isChecked())

    @Slot(object)
    def use(self, snippet: Snippet) -> None:
        """Put a snippet into the composer; undo brings back what stood there."""
        form = self._form
        form.editors.recall(snippet.mode, snippet.text, snippet.fields)
        form.ending.choose(_ending_of(snippet))
        if snippet.framed is not None:
            form.framed.setChecked(snippet.framed)
        self.used.emit()

    @Slot(object)
    def send(self, snippet: Snippet) -> None:
        """Send a snippet at once; the composer stays as it is."""
        composer = Composer(snippet.mode, self._form.editors.composer.encoding)
        composer.count_to(self._sent[_message_of(snippet)])
        composer.recall(snippet.mode, snippet.text, snippet.fields)
        framed = self._form.framed.isChecked() if snippet.framed is None else snippet.framed
        found = composer.outgoing(self._framing.framer if framed else None, _ending_of(snippet))
        reason = found.problem or self._receivers.why_not
        if reason or found.data is None:
            self.refused.emit(f"The snippet {snippet.name} was not sent. {reason}")
            return
        self._sent[_message_of(snippet)] += 1
        self.send_wanted.emit(found.data, snippet.name)

    @Slot()
    def _on_loaded(self) -> None:
        """Those of another workspace have not been sent yet, whatever they are called."""
        self._sent.clear()


def _message_of(snippet: Snippet) -> Snippet:
    """What is counted: a snippet that says something else, or is called otherwise, begins anew."""
    return Snippet(snippet.name, snippet.mode, snippet.text, snippet.fields)


def _ending_of(snippet: Snippet) -> str:
    """The name of its ending in the list of the pane."""
    return list(ENDINGS)[KEPT_ENDINGS.index(snippet.ending)]
