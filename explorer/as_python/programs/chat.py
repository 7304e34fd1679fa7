"""Program `chat` in a script: what the connections share is a table of who is here."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.programs.speech import LINES
from explorer.as_python.template import fill, quoted
from explorer.core.fields import whole
from explorer.programs.chat import HELP
from explorer.programs.chat_names import LONGEST_LINE, LONGEST_NAME

CODE = '''
members = {}  # who has a name, by what makes two names the same
present = []  # everybody who was let in, with a name or without
guests = itertools.count(1)  #? given


class Chatter:
    """One person. What all others are to read is a ToOthers."""

    turn = None  # whose turn it is; None while somebody is missing  #? pair

    def __init__(self):
        self.name = ""
        self.left = False  # nothing that comes is heard any more

    def on_open(self, peer):
        if len(present) >= MOST:
            self.left = True
            yield note("Two people are talking here already. Come back later.")  #? pair
            yield note(f"The room is full: {MOST} are here. Come back later.")  #? !pair
            raise CloseConnection
        present.append(self)
        yield note("What is your name?")  #? !given
        yield from self.join(free_name())  #? given

    def on_message(self, message):
        for line, ending in lines_of(message):
            if self.left:
                return
            for said in self.hear(clean(line)):
                yield type(said)(said + ending)
            if self.left:
                raise CloseConnection

    def on_close(self):
        """Tell the others who left."""
        if self in present:
            present.remove(self)
            if self.name:  #? pair
                Chatter.turn = None  #? pair
            if members.pop(key_of(self.name), None) is not None:
                yield announce(f"{self.name} left.$waits")

    def join(self, name):
        self.name = name
        members[key_of(name)] = self
        yield note(GREETING.replace("NAME", name))  #? greets
        yield announce(f"{name} joined.")
        other = self.partner()  #? pair
        if other is None:  #? pair
            yield note("You are alone here. Wait for somebody to talk to.")  #? pair
            return  #? pair
        Chatter.turn = other  #? pair
        yield note(f"You talk with {other.name}, who begins.")  #? pair
        yield announce(f"You talk with {name}. It is your turn.")  #? pair

    def hear(self, text):
        """What one line brings."""
        if not text:
            return
        if len(text) > $longest_line:
            yield note(f"Your line has {len(text):,} characters; $longest_shown at most are passed on. Say less.")
            return
        word, _, rest = text.partition(" ")
        command, rest = word.lower(), rest.strip()
        if command == "/nick" and self.name:
            yield from self.rename(rest)
        elif command == "/who":
            names = ", ".join(member.name for member in members.values())
            yield note(f"Here are {names or 'no people with a name yet'}.")
        elif command == "/quit":
            self.left = True
            yield note("Good-bye.")
        elif command == "/help":
            yield note(HELP)
        elif not self.name:
            name = rest if command == "/nick" else text
            problem = self.wrong_with(name)
            if problem:
                yield note(f"{problem} What is your name?")
            else:
                yield from self.join(name)
        elif text.startswith("/"):
            yield note(f"There is no {word[:$shown_word]} here. {HELP}")
        else:
            yield from self.say(text)

    def say(self, text):
        """Pass a line on to the other one, if it is this one's turn."""  #? pair
        """Pass a line on to all others."""  #? !pair
        other = self.partner()  #? pair
        if other is None:  #? pair
            yield note("Nobody is here yet, so your line was not passed on. Wait for somebody to talk to.")  #? pair
        elif Chatter.turn is not self:  #? pair
            yield note(f"It is {other.name}'s turn, so your line was not passed on. Wait for an answer.")  #? pair
        else:  #? pair
            Chatter.turn = other  #? pair
            yield ToOthers(f"{self.name}: {text}".encode())  #? pair
            yield announce("It is your turn.")  #? pair
        yield ToOthers(f"{self.name}: {text}".encode())  #? !pair

    def partner(self):  #? pair
        return next((one for one in members.values() if one is not self), None)  #? pair

    def rename(self, name):
        problem = self.wrong_with(name)
        if problem:
            yield note(f"{problem} You are still {self.name}.")
            return
        old, self.name = self.name, name
        del members[key_of(old)]
        members[key_of(name)] = self
        yield note(f"You are {name} now.")
        yield announce(f"{old} is {name} now.")

    def wrong_with(self, name):
        """Why this one cannot be called so; "" when nothing is wrong."""
        if not name:
            return "A name needs a letter or a digit at least."
        if len(name) > $longest_name:
            return f"A name has at most $longest_name characters; this one has {len(name):,}."
        if any(one.isspace() or one in ":*/," for one in name) or not any(one.isalnum() for one in name):
            return "A name is one word of letters, digits and signs, without : * / and commas."
        if members.get(key_of(name), self) is not self:
            return f"Somebody is called {name} already."
        return ""


def free_name():  #? given
    """A name that nobody has."""  #? given
    for number in guests:  #? given
        if key_of(f"Guest{number}") not in members:  #? given
            return f"Guest{number}"  #? given


def key_of(name):
    """Two names with the same key look the same, or nearly."""
    return unicodedata.normalize("NFKC", name).casefold()


def clean(line):
    """Text that can be shown to anybody: control characters and marks that turn its direction go."""
    text = line.decode("utf-8", "replace").replace("\\t", " ")
    unwanted = set("\\u061c\\u200e\\u200f\\u202a\\u202b\\u202c\\u202d\\u202e\\u2066\\u2067\\u2068\\u2069")
    hidden = ("Cc", "Cs", "Zl", "Zp")
    return "".join(one for one in text if one not in unwanted and unicodedata.category(one) not in hidden).strip()


def note(text):
    """What the program says to one."""
    return f"* {text}".encode()


def announce(text):
    """What the program says to all others."""
    return ToOthers(f"* {text}".encode())
'''


def part(facts: Facts) -> ProgramPart:
    values = facts.values
    pair = values["mode"] == "pair"
    greeting = str(values["greeting"])
    given = (("pair", pair), ("given", values["names"] == "given"), ("greets", greeting))
    flags = {name for name, holds in given if holds}
    texts = {
        "waits": " Wait for somebody else." if pair else "",
        "longest_line": str(LONGEST_LINE),
        "longest_shown": f"{LONGEST_LINE:,}",
        "longest_name": str(LONGEST_NAME),
        "shown_word": str(LONGEST_NAME + 1),
    }
    most = 2 if pair else whole(values["most"])
    constants = [f"MOST = {most}  # people", f"HELP = {quoted(HELP)}"]
    if greeting:
        constants.insert(0, f"GREETING = {quoted(greeting)}")
    return ProgramPart(
        "Two people talk by turns." if pair else "Passes each line that one says on to all others.",
        f"{LINES.strip()}\n\n\n{fill(CODE, flags, texts)}",
        "\n".join(constants),
        made="Chatter",
        opens=True,
        closes=True,
        uses=frozenset(("close", "tell")),
    )
