"""The steps of one sequence as a tree of items: the sequence itself, its steps, and the cases of branches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from explorer.core.events import SequenceStep
from explorer.core.sequence import BranchStep, Sequence, Step, blocks
from explorer.ui.palettes import Colors
from explorer.ui.sequence_edits import TOP, BlockPlace, StepPlace
from explorer.ui.sequence_words import describe, like

STEP, RESULT = 0, 1
SIGNS = {"waiting": "…", "passed": "✓", "failed": "✗"}
_WORDS = {"waiting": "waiting", "passed": "passed", "failed": "failed"}
PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class CasePlace:
    """A case of a branch, by number; None: what is done otherwise."""

    branch: StepPlace
    case: int | None

    @property
    def path(self) -> str:
        return self.block.path

    @property
    def block(self) -> BlockPlace:
        return BlockPlace(self.branch, "otherwise" if self.case is None else f"cases[{self.case}].steps")


Place = StepPlace | CasePlace | None
"""What an item stands for; None: the sequence itself."""


def fill(tree: QTreeWidget, sequence: Sequence) -> None:
    """Show this sequence in place of what was shown."""
    tree.clear()
    socket = f" on {sequence.socket}" if sequence.socket else ""
    root = _item(f"{sequence.name}{socket}", None)
    tree.addTopLevelItem(root)
    _add(root, TOP, sequence.steps)
    tree.expandAll()


def _item(text: str, place: Place) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text, ""])
    item.setData(STEP, PLACE, place)
    item.setToolTip(STEP, text)
    return item


def _add(parent: QTreeWidgetItem, block: BlockPlace, steps: tuple[Step, ...]) -> None:
    for number, step in enumerate(steps):
        place = StepPlace(block, number)
        item = _item(describe(step), place)
        parent.addChild(item)
        for one in blocks(step):
            if isinstance(step, BranchStep):
                text = "Otherwise" if one.case is None else f"If it {like(step.cases[one.case].match)}"
                case = _item(text, CasePlace(place, one.case))
                item.addChild(case)
                _add(case, BlockPlace(place, one.path), one.steps)
            else:
                _add(item, BlockPlace(place, one.path), one.steps)


def items(tree: QTreeWidget) -> Iterator[tuple[QTreeWidgetItem, Place]]:
    """Every item with what it stands for, from top to bottom."""
    waiting = [tree.topLevelItem(row) for row in reversed(range(tree.topLevelItemCount()))]
    while waiting:
        item = waiting.pop()
        if item is not None:
            yield item, item.data(STEP, PLACE)
            waiting += [item.child(row) for row in reversed(range(item.childCount()))]


def show_marks(tree: QTreeWidget, marks: dict[str, SequenceStep], colors: Colors) -> QTreeWidgetItem | None:
    """Write beside each step how it fared. The item that is waited at, or that failed."""
    shown = {"passed": colors.good, "failed": colors.error, "waiting": colors.muted}
    now = None
    for item, place in items(tree):
        mark = marks.get(place.path) if isinstance(place, StepPlace) else None
        text = (
            ""
            if mark is None
            else f"{SIGNS[mark.state]} {_WORDS[mark.state]}" + (f": {mark.text}" if mark.text else "")
        )
        if item.text(RESULT) != text:
            item.setText(RESULT, text)
            item.setToolTip(RESULT, text)
        if mark is not None:
            item.setForeground(RESULT, QBrush(QColor(shown[mark.state])))
            if mark.state != "passed":
                now = item
    return now
