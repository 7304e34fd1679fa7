"""Program `greet` in a script."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.programs.speech import LINES
from explorer.as_python.template import fill, quoted
from explorer.core.fields import whole

CODE = '''
def on_open(peer):  #? asks
    """Ask for a name as soon as somebody is there."""  #? asks
    yield QUESTION  #? asks


def on_message(message):
    """Greet whoever gives a name. A name is bytes here: it goes back as it came."""
    for name, ending in lines_of(message):
        if not name:
            yield $empty + ending
        elif len(name) > LONGEST_NAME:
            said = f"A name has at most {LONGEST_NAME} bytes here; yours has {len(name)}."
            yield said.encode() + ending
        else:
            yield ANSWER.replace(b"NAME", name) + ending
            raise CloseConnection  #? closes
'''


def part(facts: Facts) -> ProgramPart:
    values = facts.values
    question = str(values["question"]).encode()
    asks = facts.transport == "tcp" and bool(question)
    closes = bool(values["close"])
    flags = {name for name, holds in (("asks", asks), ("closes", closes)) if holds}
    constants = [
        f"ANSWER = {quoted(str(values['answer']).encode())}  # NAME stands for the name",
        f"LONGEST_NAME = {whole(values['longest'])}  # bytes",
    ]
    if asks:
        constants.insert(0, f"QUESTION = {quoted(question)}")
    code = fill(CODE, flags, {"empty": "QUESTION" if asks else 'b"Your name is empty."'})
    return ProgramPart(
        "Asks for a name and answers with a greeting." if asks else "Takes what comes as a name and greets it.",
        f"{LINES.strip()}\n\n\n{code}",
        "\n".join(constants),
        opens=asks,
        uses=frozenset(("close",)) if closes else frozenset(),
    )
