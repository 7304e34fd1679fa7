"""A message that is kept under a name in the workspace, as it was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["text", "hex", "python"]
MODES: tuple[Mode, ...] = get_args(Mode)
Ending = Literal["none", "lf", "crlf", "cr", "nul"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One named message.

    mode: the way in which `text` is written.
    fields: whether ``{{…}}`` in the text stands for what is filled in at sending (`explorer.wire.templates`).
    ending: what is put behind the message.
    framed: whether the socket's framing goes around it; None leaves that as it is chosen at sending.
    shortcut: keys that send it, e.g. ``Ctrl+1``; "" for none.
    """

    name: str
    mode: Mode = "text"
    text: str = ""
    fields: bool = False
    ending: Ending = "none"
    framed: bool | None = None
    shortcut: str = ""
