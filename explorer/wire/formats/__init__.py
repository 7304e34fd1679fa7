"""The formats in which bytes are copied out of the window, saved, and pasted back. One file for each kind."""

from explorer.wire.formats.api import Format
from explorer.wire.formats.hexes import to_hex, to_spaced_hex
from explorer.wire.formats.python import to_python
from explorer.wire.formats.registry import FORMATS, find_format

__all__ = ["FORMATS", "Format", "find_format", "to_hex", "to_python", "to_spaced_hex"]
