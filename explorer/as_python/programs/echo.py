"""Program `echo` in a script."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart

CODE = '''
def on_message(message):
    """Every message goes back as it came."""
    yield message
'''


def part(facts: Facts) -> ProgramPart:
    return ProgramPart("Every message goes back as it came (RFC 862).", CODE.strip(), as_found=True)
