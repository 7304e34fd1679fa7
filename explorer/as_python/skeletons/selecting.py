"""The style of selectors: one thread waits on all sockets at once, and no call on a socket blocks."""

TCP = '''
selector = selectors.DefaultSelector()
connections = set()  #? all
typed = queue.SimpleQueue()  # lines from the keyboard, which another thread reads  #? typing


class Connection:
    """One connection: its socket, and what has not been sent on it yet."""

    def __init__(self, sock, address):
        self.sock = sock
        self.peer = name(address)
        self.output = b""  # bytes that wait for room
        self.ending = False  # close once everything is sent
        self.finished = False  # our side of the stream is ended, the other side's is not yet  #? close
        self.framer = Framer()  #? framed & messages
        self.program = $made  #? state
        self.answers = $first  # what the program still has to say  #? answers
        $p.on_open(self.peer)  #? opens & !answers
        self.resume_at = None  # when a pause of the program is over  #? wait
        self.silent_at = None  # when what came is a message, if nothing comes before  #? timed
        self.idle_at = time.monotonic() + IDLE_TIMEOUT  #? idle
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ, self)
        connections.add(self)  #? all
        print(f"{self.peer} is connected.")

    def ready(self, events):
        """The system has something for us, or room for what we send."""
        try:
            if events & selectors.EVENT_READ:
                self.receive()
            self.go_on()
        except OSError as error:
            print(f"{self.peer}: {error}")
            self.close()

    def receive(self):
        data = self.sock.recv(BUFFER_SIZE)
        self.idle_at = time.monotonic() + IDLE_TIMEOUT  #? idle
        if not data:  # the other side sends no more
            self.ending = True
            self.answers = self.answers_to(self.framer.silent())  #? timed & answers
            self.answers_to(self.framer.silent())  #? timed & !answers
            self.silent_at = None  #? timed
        elif self.finished:  #? close & messages
            pass  # what comes after our last words is thrown away  #? close & messages
        elif not self.ending:  #? timed & messages
            self.framer.feed(data)  #? timed & messages
            self.silent_at = time.monotonic() + SILENCE  #? timed & messages
        else:  #? !timed & messages
            self.answers = self.answers_to(self.framer.feed(data))  #? framed & !timed & messages & answers
            self.answers_to(self.framer.feed(data))  #? framed & !timed & messages & !answers
            self.answers = iter($p.on_message(data))  #? !framed & messages & answers
            $p.on_message(data)  #? !framed & messages & !answers

    def answers_to(self, messages):  #? framed & messages
        for message in messages:  #? framed & messages
            yield from $p.on_message(message)  #? framed & messages & answers
            $p.on_message(message)  #? framed & messages & !answers

    def go_on(self):
        """Send until nothing is left to say, or until the system takes no more."""
        while self.flush():
            answer = self.next_answer()  #? answers & ends
            answer = next(self.answers, None)  #? answers & !ends
            if answer is None:  #? answers
                break  #? answers & !ending_now
            if isinstance(answer, float):  # a pause, in seconds; nothing is received meanwhile  #? answers & wait
                self.resume_at = time.monotonic() + answer  #? answers & wait
                selector.unregister(self.sock)  #? answers & wait
                return  #? answers & wait
            if isinstance(answer, ToOthers):  #? answers & tell
                send_to_all(answer, but=self)  #? answers & tell
                continue  #? answers & tell
            self.send(answer)  #? answers
            break  #? !answers
        if not self.output and self.ending:
            self.close()

    def next_answer(self):  #? answers & ends
        """The next thing that the program has to say; None when there is nothing."""  #? answers & ends
        try:  #? answers & ends
            return next(self.answers, None)  #? answers & ends
        except CloseConnection:  #? answers & close
            self.finish()  #? answers & close
        except ResetConnection:  #? answers & reset
            # Without time to linger, close sends a reset.  #? answers & reset
            no_time = struct.pack($linger_format, 1, 0)  #? answers & reset
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)  #? answers & reset
            self.ending = True  #? answers & reset
        self.answers = iter(())  #? answers & ends
        return None  #? answers & ends

    def finish(self):  #? close
        """End our side, and close when the other side has: with bytes unread, close would send a reset."""  #? close
        self.finished = True  #? close
        connections.discard(self)  # it gets nothing any more  #? close & sends_to
        self.sock.shutdown(socket.SHUT_WR)  #? close
        self.tell_closed()  #? close & closes

    def send(self, message):  #? sending
        try:  #? checked & sending
            self.output += encode(message)  #? checked & sending
        except ValueError as error:  #? checked & sending
            print(f"Not sent: {error}")  #? checked & sending
        self.output += $wire_message  #? !checked & sending

    def flush(self):
        """Send as much as the system takes. Whether that was everything."""
        try:
            while self.output:
                self.output = self.output[self.sock.send(self.output) :]
                self.idle_at = time.monotonic() + IDLE_TIMEOUT  #? idle
        except BlockingIOError:
            pass  # go on when there is room again
        # While something waits to be sent, nothing is received: the other side has to read first.  #? !sends_to
        wanted = selectors.EVENT_WRITE if self.output else selectors.EVENT_READ  #? !sends_to
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.output else 0)  #? sends_to
        if self.resume_at is None:  #? wait
            selector.modify(self.sock, wanted, self)  #? wait
        selector.modify(self.sock, wanted, self)  #? !wait
        return not self.output

    def deadline(self):  #? clock
        """When something has to be done even if nothing comes; None if never."""  #? clock
        times = [$deadlines]  #? clock
        return min((at for at in times if at is not None), default=None)  #? clock

    def check(self, now):  #? clock
        """Do what its time has come for."""  #? clock
        if self.resume_at is not None and now >= self.resume_at:  #? wait
            self.resume_at = None  #? wait
            selector.register(self.sock, selectors.EVENT_READ, self)  #? wait
            self.ready(0)  #? wait
        if self.silent_at is not None and now >= self.silent_at:  #? timed & messages
            self.silent_at = None  #? timed & messages
            self.answers = self.answers_to(self.framer.silent())  #? timed & messages & answers
            self.answers_to(self.framer.silent())  #? timed & messages & !answers
            self.ready(0)  #? timed & messages & answers
        elif now >= self.idle_at:  #? idle & timed & messages
        if now >= self.idle_at:  #? idle & !timed | idle & !messages
            print(f"{self.peer} was silent for {IDLE_TIMEOUT} s.")  #? idle
            self.close()  #? idle

    def close(self):
        if self.sock.fileno() < 0:  #? many_ways
            return  # closed already  #? many_ways
        if self.resume_at is None:  #? wait
            selector.unregister(self.sock)  #? wait
        selector.unregister(self.sock)  #? !wait
        self.sock.close()
        connections.discard(self)  #? all
        if not self.finished:  #? closes & close
            self.tell_closed()  #? closes & close
        self.tell_closed()  #? closes & !close
        print(f"{self.peer} is gone.")

    def tell_closed(self):  #? closes
        """Tell the program that the conversation is over."""  #? closes
        for message in $p.on_close():  #? closes & tell
            send_to_all(message, but=self)  #? closes & tell
        $p.on_close()  #? closes & !tell


def send_to_all(message, but=None):  #? sends_to
    for connection in list(connections):  #? sends_to
        if connection is not but:  #? sends_to & tell
            connection.send(message)  #? sends_to & tell
            try:  #? sends_to & tell
                connection.flush()  #? sends_to & tell
            except OSError:  #? sends_to & tell
                pass  # gone: the selector tells so, too  #? sends_to & tell
        connection.send(message)  #? sends_to & !tell
        connection.ready(0)  #? sends_to & !tell


def read_keyboard(notify):  #? typing
    """Hand over each line that is typed. (Selectors cannot wait on the keyboard everywhere.)"""  #? typing
    for line in open(0, "rb", buffering=0, closefd=False):  # 0 is the standard input  #? typing
        typed.put($typed)  #? typing
        notify.send(b"!")  # wakes the selector  #? typing
    typed.put(None)  # the end of the input  #? typing & client
    notify.send(b"!")  #? typing & client


def wait():  #? clock
    """How long the selector may wait, in seconds; None for ever."""  #? clock
    deadlines = [connection.deadline() for connection in connections]  #? clock
    soonest = min((at for at in deadlines if at is not None), default=None)  #? clock
    return None if soonest is None else max(0, soonest - time.monotonic())  #? clock


def main():
    listener = open_listener()  #? server
    listener.setblocking(False)  #? server
    selector.register(listener, selectors.EVENT_READ)  #? server
    print(f"Listening on {name(listener.getsockname())}.")  #? server
    sock = connect()  #? client
    connection = Connection(sock, sock.getpeername())  #? client
    connection.ready(0)  #? client & opens & answers
    wake, notify = socket.socketpair()  #? typing
    selector.register(wake, selectors.EVENT_READ)  #? typing
    threading.Thread(target=read_keyboard, args=(notify,), daemon=True).start()  #? typing
    while True:  #? server
    while connection.sock.fileno() >= 0:  # until it is closed  #? client
        for key, events in selector.select($select_timeout):
            if key.fileobj is listener:  #? server
                sock, address = listener.accept()  #? server
                Connection(sock, address)$greeted  #? server
            elif key.fileobj is wake:  #? server & typing
            if key.fileobj is wake:  #? client & typing
                wake.recv(4096)  #? typing
                while not typed.empty():  #? typing
                    send_to_all(typed.get())  #? typing & server
                    message = typed.get()  #? typing & client
                    if message is not None:  #? typing & client
                        send_to_all(message)  #? typing & client
                    else:  # the end of the input ends what we send; the other side may go on  #? typing & client
                        connection.sock.shutdown(socket.SHUT_WR)  #? typing & client
            else:  #? server | typing
                key.data.ready(events)  #? server | typing
            key.data.ready(events)  #? client & !typing
        for connection in list(connections):  #? clock & server
            connection.check(time.monotonic())  #? clock
'''

UDP = '''
selector = selectors.DefaultSelector()
peers = {}  # everybody who sent something, by address  #? server & peers
typed = queue.SimpleQueue()  # lines from the keyboard, which another thread reads  #? typing


def send(sock, message, address):  #? sends
    """Send one datagram. Where there is no room it is lost: UDP promises nothing."""  #? sends
    try:  #? sends
        sock.sendto($wire, address)  #? sends & server
        sock.send($wire)  # the socket is connected: it has one address  #? sends & client
    except ValueError as error:  #? sends & checked
        print(f"Not sent: {error}")  #? sends & checked
    except OSError as error:  #? sends
        print(f"Not sent: {error}")  #? sends


class Peer:  #? peers
    """One address that we talk with, and what is to be said to it."""  #? peers

    def __init__(self, sock, address):  #? peers
        self.sock = sock  #? peers
        self.address = address  #? peers
        self.program = $made  #? peers & state
        self.answers = $first  #? peers & answers
        $p.on_open(name(address))  #? peers & opens & !answers
        self.resume_at = None  # when a pause of the program is over  #? peers & wait
        self.over = False  # the program has ended the conversation  #? over

    def take(self, data):  #? peers & messages
        """One datagram came."""  #? peers & messages
        self.answers = itertools.chain(self.answers, $limited)  #? peers & messages & answers
        self.$go_on()  #? peers & messages & answers
        self.answer(data)  #? peers & messages & !answers

    def answer(self, data):  #? peers & messages
        """What the program answers to a datagram, which holds whole messages."""  #? peers & messages & framed
        for message in Framer().feed(data):  #? peers & messages & framed
            yield from $p.on_message(message)  #? peers & messages & framed & answers
            $p.on_message(message)  #? peers & messages & framed & !answers
        return $p.on_message(data)  #? peers & messages & !framed & answers
        $p.on_message(data)  #? peers & messages & !framed & !answers

    def go_on(self):  #? peers & answers
        """Send what is to be said, up to the next pause."""  #? peers & answers & wait
        """Send what is to be said."""  #? peers & answers & !wait
        if self.resume_at is not None:  #? peers & wait
            return  #? peers & wait
        for answer in self.answers:  #? peers & answers
            if isinstance(answer, float):  # a pause, in seconds  #? peers & wait
                self.resume_at = time.monotonic() + answer  #? peers & wait
                return  #? peers & wait
            if isinstance(answer, ToOthers):  #? peers & tell
                for other in list(peers):  #? peers & tell & server
                    if other != self.address:  #? peers & tell & server
                        send(self.sock, answer, other)  #? peers & tell & server
                continue  #? peers & tell
            send(self.sock, answer, self.address)  #? peers & answers

    def check(self, now):  #? peers & wait
        """Go on when the pause is over."""  #? peers & wait
        if self.resume_at is not None and now >= self.resume_at:  #? peers & wait
            self.resume_at = None  #? peers & wait
            self.$go_on()  #? peers & wait

    def end(self):  #? peers & ends & server
        """UDP has nothing to close; what comes next from there begins a conversation."""  #? peers & ends & server
        self.answers = iter(())  #? peers & ends & server
        peers.pop(self.address, None)  #? peers & ends & server
        $p.on_close()  #? peers & ends & server & closes

    def go_on_or_end(self):  #? peers & ends
        try:  #? peers & ends
            self.go_on()  #? peers & ends
        except $ends:  #? peers & ends
            self.end()  #? peers & ends & server
            self.over = True  #? peers & ends & client


def read_keyboard(notify):  #? typing
    """Hand over each line that is typed. (Selectors cannot wait on the keyboard everywhere.)"""  #? typing
    for line in open(0, "rb", buffering=0, closefd=False):  # 0 is the standard input  #? typing
        typed.put($typed)  #? typing
        notify.send(b"!")  # wakes the selector  #? typing


def wait($wait_parameters):  #? wait
    """How long the selector may wait, in seconds; None for ever."""  #? wait
    times = [peer.resume_at for peer in peers.values() if peer.resume_at is not None]  #? wait & server
    times = [] if peer.resume_at is None else [peer.resume_at]  #? wait & client
    return max(0, min(times) - time.monotonic()) if times else None  #? wait


def receive(sock$receive_parameters):
    """Take one datagram."""
    try:
        data, address = sock.recvfrom(BUFFER_SIZE)  #? server & takes
        sock.recvfrom(BUFFER_SIZE)  #? server & !takes
        data = sock.recv(BUFFER_SIZE)  #? client & takes
        sock.recv(BUFFER_SIZE)  #? client & !takes
    except ConnectionError as error:  # about a datagram that we sent before
        print(f"An earlier datagram was not received: {error}")
        return
    if address not in peers:  #? server & peers
        peers[address] = Peer(sock, address)  #? server & peers
    peers[address].take(data)  #? server & peers & messages
    peer.take(data)  #? client & peers & messages


def main():
    sock = open_socket()  #? server
    sock = connect()  #? client
    sock.setblocking(False)
    selector.register(sock, selectors.EVENT_READ)
    print(f"Receiving on {name(sock.getsockname())}.")
    peer = Peer(sock, sock.getpeername())  #? client & peers
    peer.$go_on()  #? client & opens & answers
    wake, notify = socket.socketpair()  #? typing
    selector.register(wake, selectors.EVENT_READ)  #? typing
    threading.Thread(target=read_keyboard, args=(notify,), daemon=True).start()  #? typing
    while True:  #? !over
    while not peer.over:  #? over
        for _ in selector.select($select_timeout):  #? !typing
        for key, _ in selector.select($select_timeout):  #? typing
            if key.fileobj is wake:  #? typing
                wake.recv(4096)  #? typing
                while not typed.empty():  #? typing
                    message = typed.get()  #? typing
                    for address in list(peers):  #? typing & server
                        send(sock, message, address)  #? typing & server
                    send(sock, message, None)  #? typing & client
            else:  #? typing
                receive(sock$receive_arguments)  #? typing
            receive(sock$receive_arguments)  #? !typing
        for peer in list(peers.values()):  #? wait & server
            peer.check(time.monotonic())  #? wait & server
        peer.check(time.monotonic())  #? wait & client
'''
