"""Which framings the bench shows side by side, and of which direction: remembered between starts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from explorer.core.errors import InputError
from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.framing import registry
from explorer.wire.framing.api import Framer, FramingKind, Part

MOST = 4  # framings side by side
LONGEST = 2000  # characters of a framing that is remembered
_FIRST_TRIED = ("raw", "line", "length")  # what a new column shows: the first of these that none shows yet


def _make_nothing(values: Mapping[str, Value]) -> Framer:
    raise InputError("kind", "The bench asks the socket for its framing first.")


def _no_picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    return ()


OWN = Choice("own")
OWN_KIND = FramingKind(
    "own",
    "The socket’s own",
    "The framing that the socket is set to, whatever that is.",
    (),
    _make_nothing,
    _no_picture,
)
"""Stands at the head of the list of framings of each column."""


class BenchRegistry:
    """All kinds of framing, and the socket's own (see `explorer.ui.choice_draft.ChoiceRegistry`)."""

    def kinds(self) -> Sequence[FramingKind]:
        return (OWN_KIND, *registry.kinds())

    def check_choice(self, given: object, path: str = "$.framing") -> Choice:
        if given == OWN.to_json():
            return OWN
        return registry.check_choice(given, path)


def same_framing(one: Choice, other: Choice) -> bool:
    """Whether two framings do the same: settings left out count as their defaults."""
    if one.kind != other.kind or one == other:
        return one == other
    try:
        fields = registry.find_kind(one.kind).fields
        return check(fields, one.settings) == check(fields, other.settings)
    except InputError:
        return False


def another(shown: Iterable[Choice]) -> Choice:
    """What a further column shows to begin with."""
    kinds = {framing.kind for framing in shown}
    kind = registry.find_kind(next((name for name in _FIRST_TRIED if name not in kinds), "line"))
    return Choice(kind.name, kind.presets[0].settings if kind.presets else {})


class BenchChoices(QObject):
    """Signal: changed(): what is to be remembered is another.

    framings: of the columns, from left to right; `OWN` among them is the socket's own. Empty: nobody chose any yet.
    received: whether received bytes are looked at, rather than sent ones.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.framings: tuple[Choice, ...] = ()
        self.received = True

    def choose(self, framings: Sequence[Choice], received: bool) -> None:
        """Remember these from now on."""
        if (tuple(framings), received) != (self.framings, self.received):
            self.framings, self.received = tuple(framings), received
            self.changed.emit()

    @property
    def lines(self) -> list[str]:
        """For the settings: the direction, then a framing a line."""
        return ["received" if self.received else "sent", *(json.dumps(one.to_json()) for one in self.framings)]

    def load(self, lines: Sequence[str]) -> None:
        """Take what the settings remembered; framings that cannot be read are left out."""
        self.received = lines[:1] != ["sent"]
        found: list[Choice] = []
        for line in lines[1:]:
            try:
                given = json.loads(line) if len(line) <= LONGEST else None
                found.append(BenchRegistry().check_choice(given))
            except (ValueError, RecursionError, InputError):
                continue
        self.framings = tuple(found[:MOST])
