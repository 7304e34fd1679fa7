"""Program `login` in a script. Passwords are never written into one: it takes them from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.programs.speech import LINES
from explorer.as_python.template import fill, quoted
from explorer.core.fields import Value, rows_of, whole

CODE = '''
def digest_of(variable):
    """The digest of a password, which is taken from the environment so that it does not stand in this file."""
    password = os.environ.get(variable, "")
    if not password:
        sys.exit(f"Set the environment variable {variable} to the password first.")
    return hashlib.sha256(password.encode()).digest()


PASSWORDS = {user: digest_of(variable) for user, (variable, _) in USERS.items()}


def is_right(user, password):
    """Compare digests of one size in constant time, for an unknown user too: the time tells nothing."""
    known = PASSWORDS.get(user, bytes(32))
    return hmac.compare_digest(hashlib.sha256(password).digest(), known) and user in USERS


class Login:
    """One conversation: who is asking, and how often a password was wrong."""

    def __init__(self):
        self.user = None  # whose password is asked for
        self.wrong = 0
        self.over = False  # nothing is asked any more

    def on_open(self, peer):  #? asks
        yield ASK_USER  #? asks

    def on_message(self, message):
        for line, ending in lines_of(message):
            if not self.over:
                for words in self.take(line):
                    yield words + ending
                if self.over$and_wrong:
                    raise CloseConnection

    def take(self, line):
        """One line came: a user's name or a password. What is said to it."""
        if self.user is None:
            self.user = line
            yield ASK_PASSWORD  #? asks_password
            return
        user, self.user = self.user, None
        if is_right(user, line):
            self.over = True
            _, greeting = USERS[user]
            yield greeting.replace(b"NAME", user)
            return
        self.wrong += 1
        self.over = self.wrong >= ATTEMPTS
        yield REFUSAL
        if self.over:  #? last
            yield LAST_REFUSAL  #? last
        else:  #? last & asks
            yield ASK_USER  #? last & asks
        if not self.over:  #? !last & asks
            yield ASK_USER  #? !last & asks
'''


def part(facts: Facts) -> ProgramPart:
    values = facts.values
    users = []
    for number, row in enumerate(rows_of(values["users"]), 1):
        user, greeting = str(row["user"]).strip().encode(), str(row["greeting"]).encode()
        users.append(f'    {quoted(user)}: ("PASSWORD_{number}", {quoted(greeting)}),')
    constants = ["# Each user: the environment variable that holds the password, and the greeting.", "USERS = {"]
    constants += [*users, "}", f"ATTEMPTS = {whole(values['attempts'])}  # wrong ones, before the connection is closed"]
    flags = set()
    for name, constant, flag in (
        ("ask_user", "ASK_USER", "asks"),
        ("ask_password", "ASK_PASSWORD", "asks_password"),
        ("refusal", "REFUSAL", "refuses"),
        ("last_refusal", "LAST_REFUSAL", "last"),
    ):
        text = str(values[name]).encode()
        if text:
            flags.add(flag)
            constants.append(f"{constant} = {quoted(text)}")
    closes = bool(values["close"])
    names = " and ".join(f"PASSWORD_{number}" for number in (1, len(users))) if len(users) == 2 else "PASSWORD_1"
    if len(users) > 2:
        names = f"PASSWORD_1 to PASSWORD_{len(users)}"
    several = "s" if len(users) > 1 else ""
    return ProgramPart(
        "Asks for a user's name and a password, and greets who knows both.",
        f"{LINES.strip()}\n\n\n{fill(CODE, flags, {'and_wrong': '' if closes else ' and self.wrong >= ATTEMPTS'})}",
        "\n".join(constants),
        made="Login",
        opens="asks" in flags,
        uses=frozenset(("close",)),
        unlike=(f"The password{several} must be in the environment variable{several} {names}: no script holds one.",),
    )


def secrets(values: Mapping[str, Value]) -> dict[str, str]:
    """What the environment has to hold for the script to run: never written down, only handed to a process."""
    return {f"PASSWORD_{number}": str(row["password"]) for number, row in enumerate(rows_of(values["users"]), 1)}
