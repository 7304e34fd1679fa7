"""All framings in a script. Another one is a function in a file here, and one line in `_MAKERS`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from explorer.as_python.api import FramingPart, NoScript, Wanted
from explorer.as_python.framings import checksum
from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.registry import find_kind

Maker = Callable[[Mapping[str, Value], Wanted, bool], FramingPart]

_MAKERS: Mapping[str, str] = {
    "line": "ended",
    "delimiter": "ended",
    "slip": "ended",
    "cobs": "ended",
    "fixed": "sized",
    "length": "sized",
    "varint": "sized",
    "netstring": "netstring",
    "stx_etx": "stx_etx",
    "idle": "idle",
}


def framing_part(choice: Choice, wanted: Wanted) -> FramingPart:
    """The framing's code, as much of it as is wanted. Raises InputError for settings that are not valid."""
    values = check(find_kind(choice.kind).fields, choice.settings, "$.framing")
    if choice.kind == "raw" or not (wanted.found or wanted.sends):
        return FramingPart()
    if choice.kind not in _MAKERS:
        raise NoScript("$.framing", f"The framing {choice.kind} cannot be written as a script. Choose another one.")
    make: Maker = getattr(importlib.import_module(f"explorer.as_python.framings.{_MAKERS[choice.kind]}"), choice.kind)
    summed = checksum.size(values) > 0
    part = make(values, wanted, summed)
    if not summed:
        return part
    adds = "with_checksum(" in part.code
    code = f"{checksum.code(values, wanted, adds)}\n\n\n{part.code}"
    return replace(part, code=code)
