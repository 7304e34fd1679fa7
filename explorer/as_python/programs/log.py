"""Program `log` in a script: what comes is printed, with the time and where it came from."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.template import fill, quoted

CODE = '''
class Log:
    """What one sender says."""

    def __init__(self, peer):
        self.peer = peer

    def on_message(self, message):
        """Print a message with the time and its sender."""  #? !answers
        """Print a message with the time and its sender, and say that it came."""  #? answers
        text = message.decode("utf-8", "backslashreplace").rstrip()
        text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)  # nothing acts on the screen
        print(time.strftime("%Y-%m-%d %H:%M:%S"), self.peer, text)
        yield ACKNOWLEDGEMENT  #? answers
'''


def part(facts: Facts) -> ProgramPart:
    words = str(facts.values["acknowledge"]).encode()
    return ProgramPart(
        "Prints every message with the time and its sender, as a syslog server does.",
        fill(CODE, {"answers"} if words else ()),
        f"ACKNOWLEDGEMENT = {quoted(words)}" if words else "",
        made="Log",
        wants_peer=True,
        answers=bool(words),
    )
