"""Program `time` in a script."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.template import fill

CODE = '''
def now():
    """The time in English whatever the system's language is: strftime would ask for that."""  #? text
    """The time as ISO 8601 writes it."""  #? iso
    """Four bytes: the seconds since 1900, which start again from 0 in 2036 (RFC 868)."""  #? binary
    time_here = datetime.datetime.now().astimezone()  #? text | iso
    day = f"{DAYS[time_here.weekday()]}, {MONTHS[time_here.month - 1]} {time_here.day}, {time_here.year}"  #? text
    return f"{day} {time_here:%H:%M:%S %z}$line_end".encode("ascii")  #? text
    return (time_here.isoformat(timespec="seconds")$ended).encode("ascii")  #? iso & line_end
    return time_here.isoformat(timespec="seconds").encode("ascii")  #? iso & !line_end
    return struct.pack(">I", (int(time.time()) + 2208988800) % (1 << 32))  #? binary


def on_open(peer):  #? once
    """Tell the time at once, and close."""  #? once
    yield now()  #? once
    raise CloseConnection  #? once


def on_message(message):  #? !once
    """Tell the time, whatever was asked."""  #? !once
    yield now()  #? !once
'''

NAMES = """DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()"""


def part(facts: Facts) -> ProgramPart:
    form = str(facts.values["format"])
    once = facts.transport == "tcp" and facts.values["when"] == "connect"
    ends = form != "binary" and bool(facts.values["line_end"])
    given = ((form, True), ("once", once), ("line_end", ends))
    flags = {name for name, holds in given if holds}
    code = fill(CODE, flags, {"line_end": "\\r\\n" if ends else "", "ended": ' + "\\r\\n"'})
    return ProgramPart(
        "Tells the time to whoever connects." if once else "Tells the time in answer to every message.",
        code,
        NAMES if form == "text" else "",
        opens=once,
        messages=not once,
        uses=frozenset(("close",)) if once else frozenset(),
    )
