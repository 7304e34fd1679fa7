"""All sockets of a sequence served by one selector, whenever a step waits."""

LOOP = '''
def wait_until(look, seconds):
    """Serve all sockets until something holds, or until the time is over."""
    serve(0)
    deadline = time.monotonic() + seconds
    while not look() and time.monotonic() < deadline:
        serve(max(0, deadline - time.monotonic()))


def serve(seconds):
    """Wait for what happens on any socket, and deal with it."""
    if timers:  #? clock
        seconds = max(0, min(seconds, min(when for when, _ in timers) - time.monotonic()))  #? clock
    if selector.get_map():
        for key, _ in selector.select(seconds):
            key.data()  # the function that was registered
    else:  # some systems cannot wait for nothing
        time.sleep(seconds)
    for timer in [timer for timer in timers if timer[0] <= time.monotonic()]:  #? clock
        timers.remove(timer)  #? clock
        timer[1]()  #? clock
'''

PEERS = '''
class Peer:
    """Somebody who talks with one of the sockets."""

    def __init__(self, owner, address):
        self.owner = owner
        self.address = address
        owner.peers[name(address)] = self
        print(f"{owner.name}: {name(address)} is there")
        self.heard = []  # messages that the program has not answered yet  #? programs
        self.answers = None  # what it has still to say to one of them  #? programs
        self.paused = False  #? wait
        on_open, self.on_message, self.on_close = owner.program(name(address))  #? programs & multi
        on_open, self.on_message, self.on_close = program(name(address))  #? programs & !multi
        self.answers = iter(on_open(name(address)) or ())  #? programs

    def came(self, message):
        self.owner.came(message, name(self.address))  #? many
        self.owner.came(message)  #? !many
        self.heard.append(message)  #? programs

    def answer(self):  #? programs
        """Say what the program says to the messages that came."""  #? programs
        while (self.answers or self.heard) and not self.is_over():  #? programs & !wait
        while (self.answers or self.heard) and not self.is_over() and not self.paused:  #? programs & wait
            if self.answers is None:  #? programs
                self.answers = iter(self.on_message(self.heard.pop(0)) or ())  #? programs
            try:  #? programs & breaks
                answer = next(self.answers, None)  #? programs & breaks
            except CloseConnection:  #? programs & close
                self.finish()  #? programs & close
                return  #? programs & close
            except ResetConnection:  #? programs & reset
                self.reset()  #? programs & reset
                return  #? programs & reset
            answer = next(self.answers, None)  #? programs & !breaks
            if answer is None:  #? programs
                self.answers = None  #? programs
            elif isinstance(answer, float):  # a pause, in seconds  #? programs & wait
                self.paused = True  #? programs & wait
                timers.append((time.monotonic() + answer, self.go_on))  #? programs & wait
            elif isinstance(answer, ToOthers):  #? programs & tell
                for other in list(self.owner.peers.values()):  #? programs & tell
                    if other is not self:  #? programs & tell
                        other.say(answer)  #? programs & tell
            else:  #? programs
                self.say(answer)  #? programs

    def go_on(self):  #? programs & wait
        self.paused = False  #? programs & wait
        self.answer()  #? programs & wait

    def say(self, message):  #? programs
        try:  #? programs
            self.send($wire)  #? programs
        except ValueError as error:  #? programs
            print(f"Not sent: {error}")  #? programs

    def gone(self, who):
        """It is over; who ended it?"""
        del self.owner.peers[name(self.address)]
        self.owner.ended = who
        for message in self.on_close() or ():  #? programs & tell
            for other in list(self.owner.peers.values()):  #? programs & tell
                other.say(message)  #? programs & tell
        self.on_close()  #? programs & !tell
        print(f"{self.owner.name}: {name(self.address)} is gone, {who} closed")


class Connection(Peer):  #? tcp
    """One TCP connection."""  #? tcp

    def __init__(self, owner, sock):  #? tcp
        self.sock = sock  #? tcp
        self.unsent = b""  #? tcp
        self.finishing = False  # our side has ended, the other has not yet  #? tcp & close
        self.framer = $framer  #? tcp & framed
        self.silent_at = None  # when what came is a message, if nothing comes before  #? tcp & timed
        super().__init__(owner, sock.getpeername())  #? tcp
        sock.setblocking(False)  #? tcp
        selector.register(sock, selectors.EVENT_READ, self.ready)  #? tcp
        self.answer()  #? tcp & programs

    def is_over(self):  #? tcp & programs
        return self.sock.fileno() < 0 or self.finishing  #? tcp & programs & close
        return self.sock.fileno() < 0  #? tcp & programs & !close

    def ready(self):  #? tcp
        """The system has something for us, or room for what we send."""  #? tcp
        if self.sock.fileno() < 0:  #? tcp
            return  # closed a moment ago  #? tcp
        try:  #? tcp
            self.flush()  #? tcp
            data = self.sock.recv($buffer_size)  #? tcp
        except BlockingIOError:  #? tcp
            return  #? tcp
        except OSError as error:  # such as a reset  #? tcp
            print(f"{self.owner.name}: {error}")  #? tcp
            data = b""  #? tcp
        if not data:  #? tcp & !timed
            self.close("the other side")  #? tcp & !timed
            return  #? tcp & !timed
        if not data:  #? tcp & timed
            if self.owner.silence:  #? tcp & timed & multi
                self.silent()  #? tcp & timed & multi
            self.silent()  #? tcp & timed & !multi
            self.close("the other side")  #? tcp & timed
            return  #? tcp & timed
        for message in $messages:  #? tcp & framed & !alone_timed
            self.came(message)  #? tcp & framed & !alone_timed
        self.framer.feed(data)  # which tells no messages before there is silence  #? tcp & timed & !multi
        if self.owner.silence:  #? tcp & timed & multi
            self.silent_at = time.monotonic() + self.owner.silence  #? tcp & timed & multi
            timers.append((self.silent_at, self.check_silence))  #? tcp & timed & multi
        self.silent_at = time.monotonic() + SILENCE  #? tcp & timed & !multi
        timers.append((self.silent_at, self.check_silence))  #? tcp & timed & !multi
        self.came(data)  #? tcp & !framed
        self.answer()  #? tcp & programs

    def check_silence(self):  #? tcp & timed
        if self.sock.fileno() >= 0 and time.monotonic() >= self.silent_at:  #? tcp & timed
            self.silent()  #? tcp & timed
            self.answer()  #? tcp & timed & programs

    def silent(self):  #? tcp & timed
        for message in self.framer.silent():  #? tcp & timed
            self.came(message)  #? tcp & timed

    def send(self, data):  #? tcp
        self.unsent += data  #? tcp
        self.flush()  #? tcp

    def flush(self):  #? tcp
        """Send as much as the system takes."""  #? tcp
        try:  #? tcp
            while self.unsent:  #? tcp
                self.unsent = self.unsent[self.sock.send(self.unsent) :]  #? tcp
        except BlockingIOError:  #? tcp
            pass  # go on when there is room again  #? tcp
        except OSError:  # the other side is gone: that is found in what is read  #? tcp
            self.unsent = b""  #? tcp
            self.owner.broken = True  #? tcp
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.unsent else 0)  #? tcp
        selector.modify(self.sock, events, self.ready)  #? tcp
        if self.finishing and not self.unsent:  #? tcp & close
            self.end_our_side()  #? tcp & close

    def finish(self):  #? tcp & close
        """End our side, and close when the other has: with bytes unread, close would send a reset."""  #? tcp & close
        self.finishing = True  #? tcp & close
        self.flush()  #? tcp & close

    def end_our_side(self):  #? tcp & close
        try:  #? tcp & close
            self.sock.shutdown(socket.SHUT_WR)  #? tcp & close
        except OSError:  #? tcp & close
            pass  # it is over anyway  #? tcp & close

    def reset(self):  #? tcp & reset
        """Without time to linger, close sends a reset."""  #? tcp & reset
        no_time = struct.pack($linger_format, 1, 0)  #? tcp & reset
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)  #? tcp & reset
        self.close("this side")  #? tcp & reset

    def close(self, who):  #? tcp
        selector.unregister(self.sock)  #? tcp
        self.sock.close()  #? tcp
        self.gone("this side" if self.finishing else who)  #? tcp & close
        self.gone(who)  #? tcp & !close


class UdpPeer(Peer):  #? udp
    """Somebody to whom datagrams are sent."""  #? udp

    unsent = b""  # the system takes a datagram at once, or never  #? udp
    over = False  #? udp & close | udp & reset

    def is_over(self):  #? udp & programs
        return self.over  #? udp & close & programs | udp & reset & programs
        return False  #? udp & programs & !close & !reset

    def send(self, data):  #? udp
        try:  #? udp
            self.owner.send_to(data, self.address)  #? udp
        except OSError as error:  #? udp
            print(f"{self.owner.name}: {error}")  #? udp
            self.owner.broken = True  #? udp

    def finish(self):  #? udp & close
        """UDP has no connection to end; what comes next begins a new conversation."""  #? udp & close
        self.over = True  #? udp & close
        self.gone("this side")  #? udp & close

    def reset(self):  #? udp & reset
        self.over = True  #? udp & reset
        self.gone("this side")  #? udp & reset
'''

SOCKETS = '''
class Sender(Socket):
    """A socket that can send."""

    broken = False  # whether something could not be sent

    def send(self, data):  #? sends
        """Send these bytes."""  #? sends & !many
        """Send to whom the last message came from; to all, where nobody has said anything yet."""  #? sends & many
        serve(0)  # somebody may have gone meanwhile  #? sends
        peers = list(self.peers.values())  #? sends & !many
        peers = [self.peers[self.sender]] if self.sender in self.peers else list(self.peers.values())  #? sends & many
        if not peers:  #? sends
            raise Failed(f"Nothing can be sent on {self.name}: nobody is connected.")  #? sends
        print(f"{self.name} -> {shown(data)}")  #? sends
        self.broken = False  #? sends
        for peer in peers:  #? sends
            peer.send(data)  #? sends
        wait_until(lambda: self.broken or not any(peer.unsent for peer in peers), TIMEOUT)  #? sends
        if self.broken or any(peer.unsent for peer in peers):  #? sends
            raise Failed(f"Not everything was sent on {self.name}.")  #? sends

    def stop(self):
        """Close it, with all of its connections."""
        for peer in list(self.peers.values()):
            peer.close("this side")


class Client(Sender):  #? tcp_client
    """A TCP client."""  #? tcp_client

    def connect(self, seconds=TIMEOUT):  #? tcp_client
        """Connect, unless it is connected."""  #? tcp_client
        if not self.peers:  #? tcp_client
            try:  #? tcp_client
                sock = $connect(seconds)  #? tcp_client
            except OSError as error:  #? tcp_client
                raise Failed(f"{self.name} could not connect: {error}")  #? tcp_client
            self.ended = ""  #? tcp_client
            self.stream = b""  #? tcp_client & streams & !many
            self.streams = {}  #? tcp_client & streams & many
            Connection(self, sock)  #? tcp_client


class Server(Sender):  #? tcp_server
    """A TCP server."""  #? tcp_server

    listener = None  #? tcp_server

    def start(self, seconds=TIMEOUT):  #? tcp_server
        """Listen, unless it does."""  #? tcp_server
        if self.listener is None:  #? tcp_server
            try:  #? tcp_server
                self.listener = $listen()  #? tcp_server
            except OSError as error:  #? tcp_server
                raise Failed(f"{self.name} cannot listen: {error}")  #? tcp_server
            self.listener.setblocking(False)  #? tcp_server
            selector.register(self.listener, selectors.EVENT_READ, self.accept)  #? tcp_server
            print(f"{self.name}: listening on {name(self.listener.getsockname())}")  #? tcp_server

    def accept(self):  #? tcp_server
        try:  #? tcp_server
            sock, address = self.listener.accept()  #? tcp_server
        except OSError:  #? tcp_server
            return  # gone again  #? tcp_server
        self.ended = ""  #? tcp_server
        self.streams.pop(name(address), None)  #? tcp_server & streams
        Connection(self, sock)  #? tcp_server

    def wait_for_client(self, seconds=TIMEOUT):  #? tcp_server & connects
        """Listen, and wait until somebody is connected."""  #? tcp_server & connects
        self.start()  #? tcp_server & connects
        wait_until(self.is_connected, seconds)  #? tcp_server & connects
        if not self.peers:  #? tcp_server & connects
            raise Failed(f"Nobody connected to {self.name} within {seconds} s.")  #? tcp_server & connects

    def is_listening(self):  #? tcp_server
        return self.listener is not None  #? tcp_server

    def stop(self):  #? tcp_server
        """Stop listening, and close all connections."""  #? tcp_server
        if self.listener is not None:  #? tcp_server
            selector.unregister(self.listener)  #? tcp_server
            self.listener.close()  #? tcp_server
            self.listener = None  #? tcp_server
        super().stop()  #? tcp_server


class UdpSocket(Sender):  #? udp
    """What UDP sockets of both kinds have."""  #? udp

    sock = None  #? udp

    def open(self, opener):  #? udp
        """Open it, unless it is open."""  #? udp
        if self.sock is None:  #? udp
            try:  #? udp
                self.sock = opener()  #? udp
            except OSError as error:  #? udp
                raise Failed(f"{self.name} could not be opened: {error}")  #? udp
            self.sock.setblocking(False)  #? udp
            selector.register(self.sock, selectors.EVENT_READ, self.ready)  #? udp
            print(f"{self.name}: receiving on {name(self.sock.getsockname())}")  #? udp

    def ready(self):  #? udp
        if self.sock is None:  #? udp
            return  # closed a moment ago  #? udp
        try:  #? udp
            data, address = self.sock.recvfrom($udp_buffer_size)  #? udp
        except BlockingIOError:  #? udp
            return  #? udp
        except OSError as error:  # about a datagram that was sent before  #? udp
            print(f"{self.name}: {error}")  #? udp
            return  #? udp
        peer = self.peers.get(name(address)) or self.met(address)  #? udp
        for message in $datagram:  #? udp & framed
            peer.came(message)  #? udp & framed
        peer.came(data)  #? udp & !framed
        peer.answer()  #? udp & programs

    def met(self, address):  #? udp
        """Somebody is there who was not before."""  #? udp
        peer = UdpPeer(self, address)  #? udp
        peer.answer()  #? udp & programs
        return peer  #? udp

    def stop(self):  #? udp
        """Close it, if it is open."""  #? udp
        if self.sock is not None:  #? udp
            selector.unregister(self.sock)  #? udp
            self.sock.close()  #? udp
            self.sock = None  #? udp
            self.peers.clear()  #? udp


class UdpClient(UdpSocket):  #? udp_client
    """A UDP socket with one peer."""  #? udp_client

    def connect(self, seconds=TIMEOUT):  #? udp_client
        """Open it, unless it is open. (Nothing is sent for that.)"""  #? udp_client
        if self.sock is None:  #? udp_client
            self.open($udp_connect)  #? udp_client
            self.met(self.sock.getpeername())  #? udp_client

    def send_to(self, data, address):  #? udp_client
        self.sock.send(data)  #? udp_client


class UdpServer(UdpSocket):  #? udp_server
    """A UDP socket that anybody may send to."""  #? udp_server

    def start(self, seconds=TIMEOUT):  #? udp_server
        """Open it, unless it is open."""  #? udp_server
        self.open($bind)  #? udp_server

    def wait_for_client(self, seconds=TIMEOUT):  #? udp_server & connects
        """Open it, and wait until somebody has sent something."""  #? udp_server & connects
        self.start()  #? udp_server & connects
        wait_until(self.is_connected, seconds)  #? udp_server & connects
        if not self.peers:  #? udp_server & connects
            raise Failed(f"Nobody sent anything to {self.name} within {seconds} s.")  #? udp_server & connects

    def is_listening(self):  #? udp_server
        return self.sock is not None  #? udp_server

    def send_to(self, data, address):  #? udp_server
        self.sock.sendto(data, address)  #? udp_server
'''
