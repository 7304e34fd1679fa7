"""Program `chargen` in a script."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.template import fill
from explorer.core.fields import whole

CODE = '''
PATTERN = bytes(range(0x20, 0x7F))  # the characters of ASCII that are seen


def line(number):
    """Each line begins one character later in the pattern than the one before."""
    begin = number % len(PATTERN)
    return (PATTERN[begin:] + PATTERN)[:72] + b"\\r\\n"


def on_open(peer):  #? tcp
    """Send all lines. Each is made when it can be sent."""  #? tcp
    for number in range(LINES):  #? tcp
        yield line(number)  #? tcp
    raise CloseConnection  #? tcp & closes


def on_message(message):  #? udp
    """One datagram of 0 to 512 characters for each that comes."""  #? udp
    size = random.randint(0, 512)  #? udp
    yield b"".join(line(number) for number in range(7))[:size]  #? udp
'''


def part(facts: Facts) -> ProgramPart:
    tcp, closes = facts.transport == "tcp", facts.values["then"] == "close"
    flags = {facts.transport} | ({"closes"} if closes else set())
    lines = whole(facts.values["lines"])
    said = "Sends lines of characters in a turning pattern (RFC 864)."
    if not tcp:
        return ProgramPart(said, fill(CODE, flags))
    constants = f"LINES = {lines}  # for each connection"
    uses = frozenset(("close",)) if closes else frozenset[str]()
    return ProgramPart(said, fill(CODE, flags), constants, opens=True, messages=False, uses=uses)
