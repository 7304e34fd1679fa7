"""Program `script` in a script: the user's own functions as they are, and what they are called with."""

from __future__ import annotations

import ast

from explorer.as_python.api import Facts, NoScript, ProgramPart
from explorer.as_python.template import fill
from explorer.programs.script import check_source

CODE = '''
numbers = itertools.count(1)


class Link:
    """What the functions get: one connection, and what they want done with it."""

    def __init__(self, peer):
        self.number = next(numbers)
        self.peer = peer
        self.data = {}  # for whatever the functions keep
        self.steps = []

    def send(self, *messages):
        """Send bytes or text."""
        self.steps += [bytes_of(message) for message in messages]

    def tell(self, *messages):  #? tell
        """Send bytes or text to everybody else."""  #? tell
        self.steps += [ToOthers(bytes_of(message)) for message in messages]  #? tell

    def wait(self, seconds):  #? wait
        self.steps.append(float(seconds))  #? wait

    def close(self):
        self.steps.append(CloseConnection())

    def reset(self):  #? reset
        self.steps.append(ResetConnection())  #? reset

    def call(self, function, *more):
        """Call a function, and do what it asked for. A mistake in it ends the conversation."""
        try:
            returned = function(self, *more)
            if isinstance(returned, (bytes, bytearray, memoryview, str)):
                self.send(returned)
            elif returned is not None:
                self.send(*returned)
        except Exception:
            traceback.print_exc()
            self.close()
        steps, self.steps = self.steps, []
        for step in steps:
            if isinstance(step, Exception):
                raise step
            yield step

    def on_open(self, peer):  #? opens
        return self.call(on_open)  #? opens

    def on_message(self, message):  #? messages
        return self.call(on_message, message)  #? messages

    def on_close(self):  #? closes
        return [step for step in self.call(on_close) if isinstance(step, ToOthers)]  #? closes & tell
        for _ in self.call(on_close):  #? closes & !tell
            pass  # nothing can be sent any more  #? closes & !tell


def bytes_of(message):
    return message.encode() if isinstance(message, str) else bytes(message)
'''


def part(facts: Facts) -> ProgramPart:
    source = str(facts.values["source"])
    defined = check_source(source)
    tree = ast.parse(source)
    if any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body):
        raise NoScript(
            "source", "A line with __future__ must be the first of a file, so it cannot stand in this script."
        )
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    uses = frozenset({"tell", "wait", "reset"} & attributes) | {"close"}
    given = (("opens", "on_open"), ("messages", "on_message"), ("closes", "on_close"))
    flags = {flag for flag, name in given if name in defined} | uses
    return ProgramPart(
        "Your own functions answer.",
        f"{source.strip()}\n\n\n{fill(CODE, flags)}",
        made="Link",
        wants_peer=True,
        opens="opens" in flags,
        messages="messages" in flags,
        closes="closes" in flags,
        uses=uses,
        unlike=("(Here nothing limits the time and the memory that they may take.)",),
        own=source,
    )
