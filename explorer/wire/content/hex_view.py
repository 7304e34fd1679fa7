"""Bytes as a hex dump: the view for whatever no other one knows."""

from __future__ import annotations

from explorer.wire.content.api import Hints, LineMaker, Rendered, TooMuch
from explorer.wire.hexdump import dump_lines


class HexView:
    name = "hex"
    title = "Hex"
    priority = 0

    def accepts(self, data: bytes, hints: Hints) -> bool:
        return True

    def render(self, data: bytes, hints: Hints) -> Rendered:
        made = LineMaker()
        put_dump(made, data, hints.per_row)
        return Rendered(made.finish(), made.facts, by_row=True)


def put_dump(made: LineMaker, data: bytes, per_row: int) -> None:
    """Lines of a dump; stops when there are too many."""
    try:
        for line in dump_lines(data, per_line=per_row):
            offset, rest = line.split("  ", 1)
            made.put(offset, "muted")
            made.put(f"  {rest}")
            made.end()
    except TooMuch:
        return
