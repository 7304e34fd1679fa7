"""Program `discard`: reads everything and never answers (RFC 863)."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Value
from explorer.programs.api import Line, ProgramKind
from explorer.programs.silent import make


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    return Line("peer", "Is anybody there?"), Line("note", "It is read, and nobody answers."), Line("peer", "Hello?")


KIND = ProgramKind("discard", (), make, answers=False, wants_messages=False, picture=picture)
