"""Calls that may block (name look-up, who holds a port) on threads beside the engine's loop.

A thread that waits for a name server cannot be stopped: a cancelled task's answer is ignored, and
the thread is a daemon, so that it never keeps the program from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Task(Generic[Answer]):
    """One call under way. `cancel`: the answer will not be told."""

    def __init__(self, done: Callable[[Answer | Exception], None]) -> None:
        self._done: Callable[[Answer | Exception], None] | None = done

    def cancel(self) -> None:
        self._done = None

    def finish(self, answer: Answer | Exception) -> None:
        if self._done is not None:
            self._done(answer)


class Background:
    """Starts a thread per call. post: hands an action to the loop's thread."""

    def __init__(self, post: Callable[[Callable[[], None]], bool]) -> None:
        self._post = post

    def call(self, name: str, work: Callable[[], Answer], done: Callable[[Answer | Exception], None]) -> Task[Answer]:
        """Do `work` on a thread called `name`; `done` is told its answer, or what it raised, on the loop."""
        task: Task[Answer] = Task(done)

        def run() -> None:
            answer: Answer | Exception
            try:
                answer = work()
            except Exception as error:
                answer = error
            self._post(lambda: task.finish(answer))

        threading.Thread(target=run, name=name, daemon=True).start()
        return task
