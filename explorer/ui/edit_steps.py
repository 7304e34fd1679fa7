"""The undo history of the composer: one for all its editors, whichever of them made the change."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.ui.written import Written, common_start

MOST_STEPS = 300
MOST_CHARACTERS = 4 << 20  # of all steps together; the oldest go first


@dataclass(frozen=True, slots=True)
class _Change:
    """What typing a character changed: [start, start + taken) became `put`."""

    start: int
    taken: str
    put: str


class EditSteps:
    """States of the message, the first as it was in the beginning, and a place among them."""

    def __init__(self, first: Written) -> None:
        self._states = [first]
        self._place = 0
        self._last: _Change | None = None  # of the newest state, while more typing may join it

    @property
    def can_undo(self) -> bool:
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        return self._place + 1 < len(self._states)

    def add(self, state: Written) -> None:
        """The message was changed. Letters typed one behind the other are one step up to the end of a word."""
        before = self._states[self._place]
        if state == before:
            return
        change = _difference(before.text, state.text) if state.mode == before.mode else None
        joins = self._place > 0 and not self.can_redo and change is not None and self._joins(change)
        del self._states[self._place + 1 :]
        if joins:
            self._states[self._place] = state
        else:
            self._states.append(state)
            self._place += 1
        self._last = change
        self._forget_oldest()

    def rest(self) -> None:
        """What comes next is a step of its own: the message was sent, or another was loaded."""
        self._last = None

    def undo(self) -> Written | None:
        """The state before the last change; None where there is none."""
        if not self.can_undo:
            return None
        self._place -= 1
        self._last = None
        return self._states[self._place]

    def redo(self) -> Written | None:
        """The state that `undo` went back from; None where there is none."""
        if not self.can_redo:
            return None
        self._place += 1
        self._last = None
        return self._states[self._place]

    def _joins(self, change: _Change) -> bool:
        last = self._last
        if last is None:
            return False
        if len(last.put) == 1 and not last.taken and len(change.put) == 1 and not change.taken:
            return change.start == last.start + len(last.put) and not (last.put[-1].isspace() and change.put != " ")
        return bool(len(last.taken) == 1 and not last.put and len(change.taken) == 1 and not change.put) and (
            change.start in (last.start, last.start - 1)
        )

    def _forget_oldest(self) -> None:
        total = sum(len(state.text) for state in self._states)
        while self._place > 1 and (len(self._states) > MOST_STEPS or total > MOST_CHARACTERS):
            total -= len(self._states.pop(0).text)
            self._place -= 1


def _difference(before: str, after: str) -> _Change:
    """What has to be replaced in `before`, as little as possible."""
    start = common_start(before, after)
    tail = common_start(before[start:][::-1], after[start:][::-1])
    return _Change(start, before[start : len(before) - tail], after[start : len(after) - tail])
