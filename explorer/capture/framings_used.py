"""The framings under which the sockets of a capture are looked at, each with a number that rows can hold."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.capture.catalog import Catalog
from explorer.capture.framed_flow import EachCall, MakeFramer
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import timed
from explorer.wire.framing.registry import framer_maker, payload_place

_IN_FRONT = {"front": True, "end": False, "": None}
_RAW = Choice("raw")


class FramingsUsed:
    """One framing for all sockets (number 0), or with None each socket's own: by `present`, or else by the catalog.

    A socket keeps the framing it had when it was first asked for. Raises InputError when the one for all cannot be
    used; an own one that cannot, gives each call as it is, after an error that says so.
    """

    def __init__(self, catalog: Catalog, framing: Choice | None, present: Mapping[int, Choice]) -> None:
        self._catalog = catalog
        self._present = present
        self._makers: list[MakeFramer] = []
        self._in_front: list[bool | None] = []  # as _makers
        self._timed: list[bool] = []  # as _makers
        self._known: dict[tuple[str, str], int] = {}  # places in them
        self._of: dict[int, int] = {}  # of each socket that was asked for
        self.same = framing is not None
        if framing is not None:
            self._add(framer_maker(framing), framing)

    @property
    def all_timed(self) -> bool:
        """Whether to all sockets times matter."""
        return self.same and self._timed[0]

    @property
    def never_timed(self) -> bool:
        """Whether to no socket times matter, now or later."""
        return self.same and not self._timed[0]

    def of(self, socket: int) -> int:
        if self.same:
            return 0
        found = self._of.get(socket)
        return self._own(socket) if found is None else found

    def is_timed(self, socket: int) -> bool:
        return self._timed[self.of(socket)]

    def maker(self, framing: int) -> MakeFramer:
        return self._makers[framing]

    def in_front(self, framing: int) -> bool | None:
        """Whether payloads are the beginning of the bytes on the wire, or (False) their end; None: neither is sure."""
        return self._in_front[framing]

    def _own(self, socket: int) -> int:
        known = self._catalog.socket(socket)
        framing = self._present.get(socket, known.framing if known else _RAW)
        key = (framing.kind, repr(sorted(framing.settings.items())))
        if key not in self._known:
            made = EachCall if framing.kind == "raw" else _maker_or_raw(socket, framing)
            self._known[key] = self._add(made, framing)
        self._of[socket] = self._known[key]
        return self._of[socket]

    def _add(self, made: MakeFramer, framing: Choice) -> int:
        self._in_front.append(_place(framing))
        self._timed.append(timed(made()) is not None)
        self._makers.append(made)
        return len(self._makers) - 1


def _place(framing: Choice) -> bool | None:
    try:
        return _IN_FRONT[payload_place(framing)]
    except InputError:  # recorded by a later version: such a socket's calls are shown as they came
        return True


def _maker_or_raw(socket: int, framing: Choice) -> MakeFramer:
    try:
        return framer_maker(framing)
    except InputError as error:  # recorded by a later version, or damaged
        sentence = f"The framing {framing.kind!r} of socket {socket} cannot be used: {error.message}"
        return lambda: EachCall(sentence)
