"""The ways in which a TCP server can serve its clients, as a form and a workspace know them.

How each of them works is a file in `explorer.net.serving`. Another one is a file there, a line in that
package's registry, and an entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core import kinds as choices
from explorer.core.fields import Field, Value, check
from explorer.core.socket_spec import Choice

DEFAULT = Choice("selectors")


@dataclass(frozen=True, slots=True)
class ServingKind:
    """label: what a list offers. summary: a sentence for whoever sees it for the first time.

    workers: what serves a client, for sentences: "thread", "process"; "" where all clients share one.
    """

    name: str
    label: str
    summary: str
    fields: tuple[Field, ...] = ()
    workers: str = ""

    @property
    def make(self) -> type[dict[str, Value]]:
        """The settings alone: what serves is made by the engine."""
        return dict


def _most(what: str, default: int, maximum: int, why: str) -> Field:
    return Field(
        "most", "int", default, f"Most {what}",
        f"When so many clients are being served, the next ones wait in the accept queue. {why}",
        minimum=1, maximum=maximum,
    )  # fmt: skip


KINDS: tuple[ServingKind, ...] = (
    ServingKind(
        "selectors",
        "Selectors (one thread, all clients)",
        "One thread waits on all sockets at once and serves whichever is ready: thousands of clients, no waiting.",
    ),
    ServingKind(
        "iterative",
        "Iterative (one client at a time)",
        "One thread accepts a client, serves it to the end, then accepts the next, who waits in the backlog till then.",
    ),
    ServingKind(
        "thread",
        "Thread per client",
        "One thread accepts; each client gets a thread of its own, which may block without holding up the others.",
        (
            _most(
                "threads", 256, 2000, "Each thread takes memory for its stack, and all take turns in one interpreter."
            ),
        ),
        workers="thread",
    ),
    ServingKind(
        "process",
        "Process per client",
        "Each client gets a process of its own, with memory of its own: safe from the others, and dear to start.",
        (_most("processes", 32, 256, "Each process takes some 15 MB and a moment to start."),),
        workers="process",
    ),
    ServingKind(
        "asyncio",
        "asyncio (one thread, coroutines)",
        "One thread runs an event loop; each client is a coroutine that gives way wherever it awaits.",
    ),
)


def kinds() -> tuple[ServingKind, ...]:
    """In the order in which a form offers them."""
    return KINDS


def find_kind(name: object, path: str = "$.serving") -> ServingKind:
    """The kind called `name`. Raises InputError at `path`.kind."""
    return choices.find(KINDS, name, "serving", path)


def check_choice(given: object, path: str = "$.serving") -> Choice:
    """A way of serving from JSON, checked whole. Raises InputError with the JSON path."""
    return choices.check_choice(KINDS, given, "serving", path)


def settings(choice: Choice) -> Mapping[str, Value]:
    """All settings, complete. Raises InputError."""
    return check(find_kind(choice.kind).fields, choice.settings, "$.serving")
