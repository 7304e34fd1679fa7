"""What stands in the direction gutter of a byte view: a lane for either direction, and arrows. No painting."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.ui.widgets.byte_grid import Places
from explorer.ui.widgets.byte_scene import View

_AS_BEGUN = bytes([1, 2]) + bytes(254)  # of a direction: as if its run began there


@dataclass(frozen=True, slots=True)
class Gutter:
    """bars: first and last lines of each bar in a direction's lane. arrows: in a line, those of which directions,
    in the order of the bytes. The keys are whether it was received."""

    bars: dict[bool, list[list[int]]]
    arrows: dict[int, list[bool]]


def gutter_of(places: Places, view: View, directions: bytes) -> Gutter:
    """Arrows stand where a run begins, and in the top row; not below a rule, which has one of its own."""
    found = Gutter({True: [], False: []}, {})
    zero = view.window.start
    begins = bytearray(len(directions))  # 1 where a run begins that was sent, 2 where one was received
    for start, _, received, begun in view.window.runs:
        if begun:
            begins[start - zero] = 2 if received else 1
    above: int | None = None
    for line, start, stop, _ in places.rows:
        here, begun_here = directions[start - zero : stop - zero], begins[start - zero : stop - zero]
        for received in (True, False):
            if received in here:
                goes_on = above is not None and not begun_here[0] and here[0] == received
                _lengthen(found.bars[received], line, above if above is not None and goes_on else line - 1)
        if not (line and view.rows[line - 1].rule):
            firsts = here.translate(_AS_BEGUN) if above is None else begun_here
            at = {True: firsts.find(2), False: firsts.find(1)}
            found.arrows[line] = sorted((side for side in at if at[side] >= 0), key=at.__getitem__)
        above = line
    return found


def _lengthen(bars: list[list[int]], line: int, last: int) -> None:
    """A bar in a line: the last one made longer, if it reaches down to line `last`, or a new one."""
    if bars and bars[-1][1] >= last:
        bars[-1][1] = line
    else:
        bars.append([line, line])
