"""Work in steps of which only the newest is wanted: as for a selection that changes with every move of the mouse.

A little of it is done at once, which is mostly all there is to do; the rest beside the window. What was begun
before is given up when something else is begun.
"""

from __future__ import annotations

import time
from typing import Generic

from explorer.capture.steps import Steps, T, Work
from explorer.ui.workbench import Workbench

AT_ONCE = 0.002  # seconds
_UNITS = 512  # of a step, at least: the clock is looked at after each


class NewestWork(Generic[T]):
    """Whoever waits for it asks `take` at each tick: it sees that there are ticks."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._steps: Steps[T] | None = None

    @property
    def under_way(self) -> bool:
        """Whether something was begun whose result was not taken yet."""
        return self._steps is not None

    def begin(self, work: Work[T]) -> None:
        """Do this, and nothing else that was begun before."""
        self._steps = None
        steps, until = Steps(work), time.perf_counter() + AT_ONCE
        while steps.advance(_UNITS) and time.perf_counter() < until:
            pass
        self._steps = steps
        if not steps.over:
            self._workbench.indexer.register(self, first=True)
            self._workbench.refresh()

    def take(self) -> T | None:
        """What was found, once; None while there is nothing, or when it failed (which the window was told)."""
        steps = self._steps
        if steps is None or not steps.over:
            return None
        self.give_up()
        return steps.result

    def give_up(self) -> None:
        """Nothing is wanted any more. A slice under way is not waited for: the next may be wanted at once."""
        steps, self._steps = self._steps, None
        if steps is not None and steps.over:
            self._workbench.indexer.unregister(self)

    def advance(self, most: int) -> bool:
        """On the indexer's thread, which alone goes on with what is begun."""
        steps = self._steps
        if steps is None or steps.over:
            return False
        try:
            return steps.advance(most)
        except Exception:
            if self._steps is not steps:
                return False  # it was given up meanwhile, as when its capture is closed
            raise
