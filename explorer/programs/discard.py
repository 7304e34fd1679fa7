"""Program `discard`: reads everything and never answers (RFC 863)."""

from __future__ import annotations

from explorer.programs.api import ProgramKind
from explorer.programs.silent import make

KIND = ProgramKind(
    "discard", "Discard", "Reads everything and never answers (RFC 863).", (), make, answers=False, wants_messages=False
)
