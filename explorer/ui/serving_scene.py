"""Who is being served by a server at this moment, by what, and who waits: plain values, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.capture.catalog import CapturedWorker
from explorer.capture.words import counted
from explorer.core import serving

Place = Literal["served", "queued", "knocking"]
NOT_TOLD = "This system does not tell how many clients wait in the accept queue."
EVERY = {
    "selectors": "One thread serves all of them, whichever is ready.",
    "iterative": "One at a time: the next is accepted when this one has gone.",
    "thread": "Each has a thread of its own.",
    "process": "Each has a process of its own.",
    "asyncio": "Each has a coroutine of its own, in one thread.",
}


@dataclass(frozen=True, slots=True)
class Client:
    """A client as the picture and the table show it.

    connection: its number; 0 for one that was not accepted yet. worker: what serves it, e.g. ``thread client-3``.
    seconds: how long it is served, or how long it has been seen waiting.
    """

    place: Place
    remote: str
    connection: int = 0
    worker: str = ""
    seconds: float = 0.0

    @property
    def doing(self) -> str:
        if self.place == "served":
            return f"served by {self.worker}" if self.worker else "served"
        return "waits in the accept queue" if self.place == "queued" else "still connecting: the queue is full"


@dataclass(frozen=True, slots=True)
class ServingScene:
    """kind: of serving. served, queued, knocking: clients, the longest-served first, then those that wait.

    waiting: how many the system says wait in the accept queue, None where it does not tell (the addresses in `queued`
    may be fewer: they are looked up a moment later). room: how many it may hold; None unknown.
    paused: why the server accepts nobody at present, as a sentence.
    """

    kind: str
    served: tuple[Client, ...] = ()
    queued: tuple[Client, ...] = ()
    knocking: tuple[Client, ...] = ()
    waiting: int | None = None
    room: int | None = None
    paused: str = ""

    @property
    def clients(self) -> tuple[Client, ...]:
        return self.served + self.queued + self.knocking

    @property
    def sentence(self) -> str:
        """All of it in a few words."""
        parts = [f"{counted(len(self.served), 'client')} served."]
        if self.served:
            parts.append(EVERY.get(self.kind, ""))
        if self.waiting is None:
            parts.append(NOT_TOLD)
        elif self.waiting:
            verb = "waits" if self.waiting == 1 else "wait"
            parts.append(f"{counted(self.waiting, 'client')} {verb} in the accept queue ({self.fill}).")
        if self.knocking:
            parts.append(f"{len(self.knocking):,} more cannot even connect: the queue is full.")
        if self.paused:
            parts.append(self.paused)
        return " ".join(part for part in parts if part)

    @property
    def fill(self) -> str:
        """E.g. ``6 of 5``: Linux lets one more wait than was asked for (listen(2), its `sk_acceptq_is_full`)."""
        if self.waiting is None:
            return "not told here"
        return f"{self.waiting:,} of {self.room:,}" if self.room is not None else f"{self.waiting:,}"


def kind_label(kind: str) -> str:
    return next((one.label for one in serving.kinds() if one.name == kind), kind)


def duration(seconds: float) -> str:
    """How long, for people: ``0.4 s``, ``12 s``, ``3 min 5 s``, ``2 h 4 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def worker_text(worker: CapturedWorker) -> str:
    """Who serves, with the system's number where it has one: ``thread client-3 (4711)``."""
    if worker.kind == "engine":
        return "the engine's thread"
    name = worker.name if worker.kind in worker.name else f"{worker.kind} {worker.name}"
    return f"{name} ({worker.number})" if worker.number and worker.kind == "process" else name
