"""Program `none`: only the user answers."""

from __future__ import annotations

from explorer.programs.api import ProgramKind
from explorer.programs.silent import make

KIND = ProgramKind("none", (), make, answers=False, wants_messages=False)
