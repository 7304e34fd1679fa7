"""Program `discard` in a script: there is nothing to write."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart


def part(facts: Facts) -> ProgramPart:
    return ProgramPart("Everything is read, and nothing is ever answered (RFC 863).", messages=False, answers=False)
