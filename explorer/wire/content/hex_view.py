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
        put_dump(made, data)
        return Rendered(made.finish(), made.facts)


def put_dump(made: LineMaker, data: bytes) -> None:
    """Lines of a dump; stops when there are too many."""
    try:
        for line in dump_lines(data):
            offset, rest = line.split("  ", 1)
            made.put(offset, "muted")
            made.put(f"  {rest}")
            made.end()
    except TooMuch:
        return
