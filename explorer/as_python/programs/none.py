"""Program `none` in a script: what comes is printed, and what the user types is sent."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart

CODE = '''
def on_message(message):
    """Show what came: bytes, as Python writes them."""
    print(message)
'''


def part(facts: Facts) -> ProgramPart:
    said = "What comes is printed; each line that you type is sent"
    return ProgramPart(f"{said}.", CODE.strip(), answers=False, types=True)
