"""How a step of a sequence ends, or what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.net.automation.inbox import Inbox


class Failed(Exception):
    """A step did not hold. record: of the call that shows it, or -1."""

    def __init__(self, sentence: str, record: int = -1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.record = record


class Ended(Exception):
    """A step says that the sequence ends here, and has passed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(slots=True)
class Waiting:
    """look: whether what is waited for is there; raises Failed when it cannot come any more. late: called when time
    is over; raises Failed, or returns and the step counts as done. inbox: whose messages are waited for."""

    look: Callable[[], bool]
    seconds: float
    late: Callable[[], None]
    inbox: Inbox | None = None
