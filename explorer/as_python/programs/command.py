"""Program `command` in a script."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.programs.speech import LINES
from explorer.as_python.template import fill, quoted
from explorer.core.fields import rows_of
from explorer.programs.command import DOES

CODE = '''
def folded(key):  #? any_case
    """A command without capitals; what is no UTF-8 is taken as it is."""  #? any_case
    try:  #? any_case
        return key.decode().casefold().encode()  #? any_case
    except UnicodeDecodeError:  #? any_case
        return key  #? any_case


class Commands:
    """One conversation."""

    def __init__(self$parameters):
        self.peer = peer  #? peer
        self.count = 0  # commands so far  #? count
        # What is done for each command; what this returns is sent.
        self.commands = {
            $table
        }

    def on_message(self, message):
        for line, ending in lines_of(message):
            self.count += 1  #? count
            command = self.commands.get($key)
            if command is None:
                for said in self.unknown(line):
                    yield said + ending
                continue
            for said in command():
                yield said + ending
            if $key in ENDS:  #? close
                raise CloseConnection  #? close

    def unknown(self, line):
        """What is said to somebody who does not know the commands."""
        shown = line[:60] + (b"..." if len(line) > 60 else b"")
        yield b'"' + shown + b'" is no command here. These are:' if shown else b"The commands are:"
        yield from HELP
'''
_DONE = {
    "random": "str(random.randint(1, 10)).encode()",
    "time": 'datetime.datetime.now().astimezone().isoformat(sep=" ", timespec="seconds").encode()',
    "version": 'f"Python {platform.python_version()}".encode()',
    "count": "str(self.count).encode()",
    "peer": "self.peer.encode()",
}


def part(facts: Facts) -> ProgramPart:
    table, ends, explained, flags = [], [], [], set[str]()
    any_case = bool(facts.values["any_case"])
    if any_case:
        flags.add("any_case")
    for row in rows_of(facts.values["commands"]):
        name, does, text = str(row["key"]).strip(), str(row["does"]), str(row["text"])
        key = quoted((name.casefold() if any_case else name).encode())
        said = _DONE.get(does, quoted(text.encode()))
        answer = f"[{said}]" if text or does != "close" else "[]"
        table.append(f"{key}: lambda: {'HELP' if does == 'list' else answer},")
        said_of = f"{name}: {text if does == 'text' else DOES[does][1]}"
        explained.append(f"    {quoted(said_of.encode())},")
        flags.add(does)
        if does == "close":
            ends.append(key)
    constants = ["HELP = [", *explained, "]"]
    if ends:
        constants.append(f"ENDS = [{', '.join(ends)}]  # commands that close the connection")
    texts = {
        "parameters": ", peer" if "peer" in flags else "",
        "table": "\n".join(table),
        "key": "folded(line)" if any_case else "line",
    }
    return ProgramPart(
        "Answers short commands from a table; anything else brings the list of them.",
        f"{LINES.strip()}\n\n\n{fill(CODE, flags, texts)}",
        "\n".join(constants),
        made="Commands",
        wants_peer="peer" in flags,
        uses=frozenset(("close",)) if ends else frozenset(),
    )
