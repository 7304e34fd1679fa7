"""What all scripts of sequences have: messages that fit, what is remembered, and a socket with what came on it.

``$a_def`` and ``$w_`` are for coroutines. direct: the only sockets are clients without a program, each of which is read
when a step waits for it. many: a socket may have more than one peer. s: messages are taken from a stream; ts: from
streams and from others.
"""

FAILED = '''
class Failed(Exception):
    """Something was not as it should be."""


class Passed(Exception):  #? ends
    """The sequence ends here, and all is well."""  #? ends
'''

MATCHING = '''
def shown(data):
    """The beginning of a message, for the screen."""
    return repr(data[:48]) + ("..." if len(data) > 48 else "")


def fits(how, pattern, message):  #? fits
    """What of a message is as it should be, as a match; None where nothing is."""  #? fits
    if how != "fits":  # all others look for these very bytes  #? fits & regex
        pattern = re.escape(pattern)  #? fits & regex
    return re.search(EXPRESSIONS[how] % pattern, message, re.MULTILINE)  #? fits & regex
    return re.search(EXPRESSIONS[how] % re.escape(pattern), message)  #? fits & !regex


def remember(found):  #? groups
    """Keep what the groups of a regular expression fit, by number and by name."""  #? groups
    if found.re.groups:  #? groups
        for name in [name for name in known if name.isdigit()]:  #? groups
            del known[name]  #? groups
        known.update((str(number), group) for number, group in enumerate(found.groups(b""), 1))  #? groups
        known.update(found.groupdict(b""))  #? groups


def remembered(name):  #? remembered
    """What was remembered under a name."""  #? remembered
    if name not in known:  #? remembered
        raise Failed(f"Nothing is remembered as {name!r} yet; a step before this one has to match it.")  #? remembered
    return known[name]  #? remembered


def check(expected, how, pattern, message, what):  #? check
    """Fail unless a message is as it should be."""  #? check
    found = fits(how, pattern, message)  #? check
    if not found:  #? check
        raise Failed(f"Expected: {expected}. {what} is {shown(message)}.")  #? check
    remember(found)  #? check & groups


def check_remembered(expected, name, how="holds", pattern=b""):  #? check_group
    """Fail unless what was remembered under a name is as it should be."""  #? check_group
    if name not in known:  #? check_group
        raise Failed(f"Expected: {expected}. Nothing is remembered as {name!r}.")  #? check_group
    check(expected, how, pattern, known[name], f"What is remembered as {name!r}")  #? check_group
'''

SOCKET = '''
class Socket:
    """A socket, and what came on it that no step has taken yet."""

    def __init__(self, name$parameters):
        self.name = name
        $keep  #? multi
        self.peers = {}  # who is there, by address  #? !direct
        self.sock = None  # while it is closed  #? direct
        self.messages = []  # oldest first  #? messages & !many
        self.messages = []  # (who sent it, message), oldest first  #? messages & many
        self.passed = []  # messages that did not fit, since one did  #? messages
        self.stream = b""  # what came behind the last match  #? streams & !many
        self.streams = {}  # by sender: what came behind the last match  #? streams & many
        self.last = None  # the message that was taken last  #? keeps_last
        self.sender = None  # who sent the message that was taken last  #? many
        self.count = 0  # messages since the beginning  #? count
        self.ended = ""  # who ended the last connection

    def came(self, message$peer):
        """Keep a message until a step takes it."""
        self.count += 1  #? count
        if self.is_stream:  #? streams & messages
            self.stream += message  #? streams & messages & !many
            self.streams[peer] = self.streams.get(peer, b"") + message  #? streams & messages & many
        else:  #? streams & messages
            self.messages.append(message)  #? streams & messages & !many
            self.messages.append((peer, message))  #? streams & messages & many
        self.stream += message  #? streams & !messages & !many
        self.streams[peer] = self.streams.get(peer, b"") + message  #? streams & !messages & many
        self.messages.append(message)  #? messages & !streams & !many
        self.messages.append((peer, message))  #? messages & !streams & many
        news.set()  #? asyncio

    def take(self, cases):  #? takes
        """The number of the case that what came fits first; what stands before that is let go of."""  #? takes
        while self.messages:  #? takes & messages
            message = self.messages.pop(0)  #? takes & messages & !many
            peer, message = self.messages.pop(0)  #? takes & messages & many
            for number, (how, pattern) in enumerate(cases):  #? takes & messages
                found = fits(how, pattern, message)  #? takes & messages
                if found:  #? takes & messages
                    return self.taken(number, found, message$peer)  #? takes & messages
            self.passed.append(message)  #? takes & messages
        for peer, stream in self.streams.items():  #? s & many
            found = [(fits(how, pattern, stream), number) for number, (how, pattern) in enumerate(cases)]  #? s & many
            found = [(match.end(), number, match) for match, number in found if match]  #? s & many
            if stream and found:  #? s & many
                end, number, match = min(found, key=lambda one: one[0])  # the one that ends first  #? s & many
                self.streams[peer] = stream[end:]  #? s & many
                return self.taken(number, match, stream[:end], peer)  #? s & many
        found = [(fits(how, pattern, self.stream), number) for number, (how, pattern) in enumerate(cases)]  #? s & !many
        found = [(match.end(), number, match) for match, number in found if match]  #? s & !many
        if self.stream and found:  #? s & !many
            end, number, match = min(found, key=lambda one: one[0])  # the one that ends first  #? s & !many
            message, self.stream = self.stream[:end], self.stream[end:]  #? s & !many
            return self.taken(number, match, message)  #? s & !many
        return None  #? takes

    def taken(self, number, found, message$peer):  #? takes
        print(f"{self.name} <- {shown(message)}")  #? takes
        self.passed = []  #? takes & messages
        self.last = message  #? takes & keeps_last
        self.sender = peer  #? takes & many
        remember(found)  #? takes & groups
        return number  #? takes

    $a_def look_for(self, cases, seconds=TIMEOUT):  #? takes
        """Wait for a message that fits a case. The number of the case; None when no such message came."""  #? takes
        found = []  #? takes & !direct
        #? takes & !direct
        def look():  #? takes & !direct
            number = self.take(cases)  #? takes & !direct
            if number is not None:  #? takes & !direct
                found.append(number)  #? takes & !direct
            return bool(found) or not self.is_open()  #? takes & !direct
        #? takes & !direct
        $w_wait_until(look, seconds)  #? takes & !direct
        return found[0] if found else None  #? takes & !direct
        deadline = time.monotonic() + seconds  #? takes & direct
        while True:  #? takes & direct
            number = self.take(cases)  #? takes & direct
            if number is not None or not self.receive(deadline - time.monotonic()):  #? takes & direct
                return number  #? takes & direct

    $a_def wait_for(self, how, pattern, seconds=TIMEOUT):  #? waits
        """Wait for a message that is as it should be."""  #? waits
        if $w_self.look_for([(how, pattern)], seconds) is None:  #? waits
            raise Failed(self.nothing(f"No message that {how} {shown(pattern)} came", seconds))  #? waits

    $a_def wait_for_any(self, seconds=TIMEOUT):  #? waits_any
        """Wait for a message, whatever it is."""  #? waits_any
        if $w_self.look_for([("holds", b"")], seconds) is None:  #? waits_any
            raise Failed(self.nothing("No message came", seconds))  #? waits_any

    def nothing(self, sentence, seconds):  #? tells
        """What is said when a message does not come."""  #? tells
        within = f"within {seconds} s" if self.is_open() else "while it was connected"  #? tells
        seen = self.passed[-4:]  #? tells & messages & !streams
        seen = [self.stream[-64:]] if self.stream else []  #? tells & streams & !messages & !many
        seen = [stream[-64:] for stream in self.streams.values() if stream]  #? tells & streams & !messages & many
        seen = self.passed[-4:] + [stream for stream in [self.stream[-64:]] if stream]  #? ts & !many
        seen = self.passed[-4:] + [stream[-64:] for stream in self.streams.values() if stream]  #? ts & many
        instead = f"Instead came {', '.join(map(shown, seen))}." if seen else "Nothing came."  #? tells
        return f"{sentence} on {self.name} {within}. {instead}"  #? tells

    def check_last(self, expected, how, pattern):  #? check_message
        """Fail unless the message that was taken last is as it should be."""  #? check_message
        if self.last is None:  #? check_message
            raise Failed(f"No message of {self.name} was waited for yet.")  #? check_message
        check(expected, how, pattern, self.last, "The last message")  #? check_message

    $a_def check_count(self, expected, least, most=None, seconds=TIMEOUT):  #? check_count
        """Fail unless so many messages come."""  #? check_count
        $w_self.until(lambda: self.count >= least, seconds)  #? check_count
        if self.count < least or (most is not None and self.count > most):  #? check_count
            raise Failed(f"Expected: {expected}. {self.count} came.")  #? check_count

    $a_def check_open(self, expected):  #? check_open
        """Fail unless somebody is connected."""  #? check_open
        $w_self.until(lambda: False, 0)  # the other side may have closed meanwhile  #? check_open
        if not self.is_connected():  #? check_open
            raise Failed(f"Expected: {expected}. Nobody is.")  #? check_open

    $a_def check_closed(self, expected, seconds=TIMEOUT):  #? check_closed
        """Fail unless the other side closes the connection."""  #? check_closed
        $w_self.until(lambda: self.ended or not self.is_open(), seconds)  #? check_closed
        if self.ended != "the other side":  #? check_closed
            how = f"It was closed by {self.ended}" if self.ended else "It is not"  #? check_closed
            raise Failed(f"Expected: {expected}. {how}.")  #? check_closed

    $a_def until(self, look, seconds):  #? until
        """Wait until something holds, or until the time is over."""  #? until
        $w_wait_until(look, seconds)  #? until & !direct
        deadline = time.monotonic() + seconds  #? until & direct
        while self.receive(0):  # what is there already  #? until & direct
            pass  #? until & direct
        while not look() and self.receive(deadline - time.monotonic()):  #? until & direct
            pass  #? until & direct

    def is_connected(self):
        return bool(self.peers)  #? !direct
        return self.sock is not None  #? direct

    def is_open(self):
        """Whether something may still come."""
        return bool(self.peers) or self.is_listening()  #? !direct & many
        return self.is_connected()  #? direct | !many

    def is_listening(self):  #? many
        return False  #? many
'''
