"""Sentences under a form: what is wrong with which field, or, when nothing is, a quiet hint."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.theme import Theme


class FieldErrors(QWidget):
    """One line a sentence, with the name of its field as a link that moves the keyboard there. The hint takes
    the place of no error, so that the first one moves nothing.

    Signal: wanted(str): the user clicked the name of a field.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._labels: Mapping[str, str] = {}
        self._problems: Mapping[str, str] = {}
        self._hint = ""
        self._lines: list[QLabel] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._show_lines(1)
        theme.changed.connect(self._update)

    @property
    def sentences(self) -> list[str]:
        """What is shown, without marks."""
        return list(self._problems.values()) or ([self._hint] if self._hint else [])

    def show_problems(self, problems: Mapping[str, str], labels: Mapping[str, str], hint: str = "") -> None:
        """problems: sentences by field; labels: what the user calls the fields."""
        if (problems, labels, hint) != (self._problems, self._labels, self._hint):
            self._problems, self._labels, self._hint = dict(problems), dict(labels), hint
            self._update()

    def _show_lines(self, count: int) -> None:
        while len(self._lines) < count:
            line = QLabel()
            line.setWordWrap(True)
            line.setTextFormat(Qt.TextFormat.RichText)
            line.setTextInteractionFlags(
                Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.TextSelectableByMouse
            )
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            line.linkActivated.connect(self.wanted)
            self._lines.append(line)
            self._layout.addWidget(line)
        for place, line in enumerate(self._lines):
            line.setVisible(place < count)

    @Slot()
    def _update(self) -> None:
        colors = self._theme.colors
        self._show_lines(max(1, len(self._problems)))
        if not self._problems:
            self._lines[0].setText(f"<span style='color:{colors.muted}'>{_escaped(self._hint) or '&nbsp;'}</span>")
            self._lines[0].setAccessibleName(self._hint)
        for line, (name, sentence) in zip(self._lines, self._problems.items(), strict=False):
            label = self._labels.get(name, name)
            # Most sentences begin with the field's name; the others get it in front.
            rest = sentence.removeprefix(label) if sentence.startswith(label) else f": {sentence}"
            line.setText(
                f"<span style='color:{colors.error}'>⚠ <a href='{_escaped(name)}' style='color:{colors.error}'>"
                f"{_escaped(label)}</a>{_escaped(rest)}</span>"
            )
            line.setAccessibleName(label + rest)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
