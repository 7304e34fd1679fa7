"""A filter to type into: applied after a short pause, explained below when it is wrong, completed by known words."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionFrame,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.errors import InputError
from explorer.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
PAUSE = 200  # milliseconds without a key before the filter is applied
FOR_EXAMPLE, BETWEEN = "for example: ", " " * 3
TEXT_MARGIN = 2  # pixels that Qt leaves at either end of a line of text


class OfferedWords(QAbstractListModel):
    """Words that may be meant, each with what it means behind it."""

    def __init__(self, meanings: Mapping[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._meanings = meanings
        self._words: list[str] = []

    def show_words(self, words: Sequence[str]) -> None:
        self.beginResetModel()
        self._words = list(words)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._words)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        word = self._words[index.row()]
        if role == Qt.ItemDataRole.EditRole:
            return word
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            meaning = self._meanings.get(word)
            return f"{word}   {meaning}" if meaning else word
        return None


class FilterEdit(QLineEdit):
    """A line whose last word is completed. Signal: left(): Esc in an empty line."""

    left = Signal()

    def __init__(
        self, words: Sequence[str], meanings: Mapping[str, str] = MappingProxyType({}), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._examples: list[str] = []
        self.words = tuple(words)
        self._offered = OfferedWords(meanings, self)
        self._popup = QListView()
        self._popup.setAccessibleName("Known words")
        self._completer = QCompleter(self._offered, self)
        self._completer.setPopup(self._popup)
        self._completer.setCompletionRole(Qt.ItemDataRole.EditRole)  # the word without what it means
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        # Not the line's own completer: that one would replace the whole line by one word.
        self._completer.setWidget(self)
        self._completer.activated.connect(self._take)
        self.textEdited.connect(self._offer)

    def set_example(self, example: str) -> None:
        """Shown while nothing is typed: "for example: " and filters, with three spaces between them. As much of it as
        there is room for, in whole filters."""
        filters = example.removeprefix(FOR_EXAMPLE).split(BETWEEN)
        self._examples = [FOR_EXAMPLE + BETWEEN.join(filters[:count]) for count in range(len(filters), 0, -1)]
        self._fit_example()

    def _fit_example(self) -> None:
        room = self.width() - self._beside_text
        advance = self.fontMetrics().horizontalAdvance
        self.setPlaceholderText(next((text for text in self._examples if advance(text) <= room), ""))

    @property
    def _beside_text(self) -> int:
        """Pixels of the line that no text stands in."""
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        return self.width() - inner.width() + 2 * TEXT_MARGIN

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_example()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit_example()

    @property
    def completer_popup(self) -> QListView:
        """The list of known words."""
        return self._popup

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._popup
        if popup.isVisible():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and popup.currentIndex().isValid():
                self._take(str(popup.currentIndex().data(Qt.ItemDataRole.EditRole)))
                popup.hide()
                return
            if event.key() == Qt.Key.Key_Escape:
                popup.hide()
                return
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
            return
        if event.key() == Qt.Key.Key_Down and not popup.isVisible():
            self._offer(self.text(), always=True)
            return
        super().keyPressEvent(event)

    def _word(self) -> tuple[int, str]:
        """Where the word at the cursor begins, and its part before the cursor."""
        before = self.text()[: self.cursorPosition()]
        begin = max(before.rfind(mark) for mark in " (-!") + 1
        return begin, before[begin:]

    @Slot(str)
    def _offer(self, text: str, always: bool = False) -> None:
        _, word = self._word()
        found = [known for known in self.words if known.startswith(word.lower()) and known != word]
        popup = self._popup
        if not found or not (word or always):
            popup.hide()
            return
        self._offered.show_words(found)
        self._completer.setCompletionPrefix("")
        self._completer.complete()
        # Return means what was typed, until the arrows choose otherwise.
        popup.clearSelection()
        popup.setCurrentIndex(popup.rootIndex())

    @Slot(str)
    def _take(self, word: str) -> None:
        begin, typed = self._word()
        text = self.text()
        after = text[begin + len(typed) :]
        gap = "" if word.endswith((":", "<", ">", "=")) or after.startswith(" ") else " "
        self.setText(text[:begin] + word + gap + after)
        self.setCursorPosition(begin + len(word) + len(gap))
        self.textEdited.emit(self.text())


class FilterBox(QWidget):
    """A labelled filter line with its error below.

    parse: what the text means; raises InputError (with `position`, where it knows it).
    meanings: of the words, in a few words. examples: words with what they ask for, which a button lists.
    Signals: applied(object): what `parse` made of the text, once it is sound. left(): Esc in an empty line.
    """

    applied = Signal(object)
    left = Signal()

    def __init__(
        self,
        parse: Callable[[str], object],
        words: Sequence[str],
        theme: Theme,
        name: str,
        example: str = "",
        meanings: Mapping[str, str] = MappingProxyType({}),
        examples: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._parse = parse
        self._theme = theme
        self._applied = ""
        self._label = QLabel("Filter")
        self.edit = FilterEdit(words, meanings)
        self.edit.setClearButtonEnabled(True)
        self.edit.setAccessibleName(name)
        self.edit.set_example(example)
        self.edit.setToolTip(
            "Shows only rows that fit every word. Known words:\n" + "  ".join(words) + "\n"
            "Arrow down offers them; Esc clears the filter."
        )
        self.help = QToolButton()
        self.help.setText("?")
        self.help.setAutoRaise(True)
        self.help.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)  # as high as the line
        self.help.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.help.setToolTip("What can be written here, with examples")
        self.help.setAccessibleName(f"{name}: examples")
        if not examples:
            self.help.hide()
        self.help.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.examples = QMenu(self)
        self.help.setMenu(self.examples)
        for text, meaning in examples:
            self.examples.addAction(f"{text}\t{meaning}".replace("&", "&&")).setData(text)
        self.examples.triggered.connect(self._on_example)
        self._label.setBuddy(self.edit)
        self.problem = QLabel()
        self.problem.setAccessibleName("What is wrong with the filter")
        self.problem.setTextFormat(Qt.TextFormat.RichText)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._label)
        self._row.addWidget(self.edit, 1)
        self._row.addWidget(self.help)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self._row)
        layout.addWidget(self.problem)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.apply)
        self.edit.textChanged.connect(self._on_changed)
        self.edit.returnPressed.connect(self.apply)
        self.edit.left.connect(self.left)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def add_beside(self, *widgets: QWidget) -> None:
        """Put further controls to the right of the line."""
        for widget in widgets:
            self._row.addWidget(widget)

    @property
    def applied_text(self) -> str:
        """The text that holds now; while what stands in the line is wrong, the one before it."""
        return self._applied

    @property
    def text(self) -> str:
        return self.edit.text().strip()

    def set_text(self, text: str) -> None:
        """Put a filter in place and apply it at once."""
        self.edit.setText(text)
        self.apply()

    @Slot(QAction)
    def _on_example(self, action: QAction) -> None:
        """Put it behind what stands there, its value selected: another one is typed over it."""
        before = self.edit.text().rstrip()
        text = str(action.data())
        begin = len(before) + 1 if before else 0
        self.edit.setText(f"{before} {text}" if before else text)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        skip = max(text.rfind(mark) for mark in ":<>=") + 1
        self.edit.setSelection(begin + skip, len(text) - skip)

    @Slot(str)
    def _on_changed(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self.apply()  # clearing needs no pause

    @Slot()
    def apply(self) -> None:
        """Apply what stands there now; what is wrong stays unapplied and is explained."""
        self._pause.stop()
        try:
            meaning = self._parse(self.text)
        except InputError as error:
            self._show_problem(error)
            return
        self.problem.hide()
        if self.text != self._applied:
            self._applied = self.text
            self.applied.emit(meaning)

    def _show_problem(self, error: InputError) -> None:
        text, colors = self.text, self._theme.colors
        sentence = html.escape(error.message)
        position = getattr(error, "position", None)
        if isinstance(position, int) and 0 <= position <= len(text):
            end = next((at for at in range(position + 1, len(text)) if text[at].isspace()), len(text))
            wrong = html.escape(text[position:end]) or "&nbsp;"
            sentence = (
                f"{html.escape(text[:position])}<span style='background:{colors.error_tint}; "
                f"text-decoration:underline'>{wrong}</span>{html.escape(text[end:])} – {sentence}"
            )
        self.problem.setText(f"✕ {sentence}")
        self.problem.show()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.problem.setStyleSheet(f"color: {self._theme.colors.error};")
        if self.problem.isVisibleTo(self):
            self.apply()
