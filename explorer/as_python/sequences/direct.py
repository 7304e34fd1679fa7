"""Clients that are read when a step waits for them: one call after the other, as in the learner's style."""

CLIENTS = '''
class Client(Socket):  #? tcp_client
    """A TCP client."""  #? tcp_client

    def connect(self, seconds=TIMEOUT):  #? tcp_client
        """Connect, unless it is connected."""  #? tcp_client
        if self.sock is not None:  #? tcp_client
            return  #? tcp_client
        try:  #? tcp_client
            self.sock = $connect(seconds)  #? tcp_client
        except OSError as error:  #? tcp_client
            raise Failed(f"{self.name} could not connect: {error}")  #? tcp_client
        self.framer = $framer  #? tcp_client & framed
        self.stream = b""  #? tcp_client & streams
        self.ended = ""  #? tcp_client
        print(f"{self.name}: connected to {name(self.sock.getpeername())}")  #? tcp_client

    def receive(self, seconds):  #? tcp_client
        """Wait for bytes, or for the end of the connection. Whether something came."""  #? tcp_client
        if self.sock is None:  #? tcp_client
            return False  #? tcp_client
        self.sock.settimeout(max(0, seconds))  #? tcp_client
        try:  #? tcp_client
            data = self.sock.recv($buffer_size)  #? tcp_client
        except (socket.timeout, BlockingIOError):  #? tcp_client
            return False  #? tcp_client
        except OSError as error:  # such as a reset  #? tcp_client
            print(f"{self.name}: {error}")  #? tcp_client
            data = b""  #? tcp_client
        if not data:  #? tcp_client
            print(f"{self.name}: the other side closed the connection")  #? tcp_client
            self.close("the other side")  #? tcp_client
            return True  #? tcp_client
        for message in $messages:  #? tcp_client & framed
            self.came(message)  #? tcp_client & framed
        self.came(data)  #? tcp_client & !framed
        return True  #? tcp_client

    def send(self, data):  #? tcp_client & sends
        """Send these bytes."""  #? tcp_client & sends
        while self.receive(0):  # the other side may have closed meanwhile  #? tcp_client & sends
            pass  #? tcp_client & sends
        if self.sock is None:  #? tcp_client & sends
            raise Failed(f"Nothing can be sent on {self.name}: it is not connected.")  #? tcp_client & sends
        print(f"{self.name} -> {shown(data)}")  #? tcp_client & sends
        self.sock.settimeout(TIMEOUT)  #? tcp_client & sends
        try:  #? tcp_client & sends
            self.sock.sendall(data)  #? tcp_client & sends
        except OSError as error:  #? tcp_client & sends
            raise Failed(f"Not everything was sent on {self.name}: {error}")  #? tcp_client & sends

    def close(self, who):  #? tcp_client
        self.sock.close()  #? tcp_client
        self.sock = None  #? tcp_client
        self.ended = who  #? tcp_client

    def stop(self):  #? tcp_client
        """Close the connection, if there is one."""  #? tcp_client
        if self.sock is not None:  #? tcp_client
            self.close("this side")  #? tcp_client


class UdpClient(Socket):  #? udp_client
    """A UDP socket with one peer."""  #? udp_client

    def connect(self, seconds=TIMEOUT):  #? udp_client
        """Open it, unless it is open. (Nothing is sent for that.)"""  #? udp_client
        if self.sock is None:  #? udp_client
            try:  #? udp_client
                self.sock = $connect()  #? udp_client
            except OSError as error:  #? udp_client
                raise Failed(f"{self.name} could not be opened: {error}")  #? udp_client
            print(f"{self.name}: sends to {name(self.sock.getpeername())}")  #? udp_client

    def receive(self, seconds):  #? udp_client
        """Wait for a datagram. Whether one came."""  #? udp_client
        deadline = time.monotonic() + seconds  #? udp_client
        while self.sock is not None:  #? udp_client
            self.sock.settimeout(max(0, deadline - time.monotonic()))  #? udp_client
            try:  #? udp_client
                data = self.sock.recv($buffer_size)  #? udp_client
            except (socket.timeout, BlockingIOError):  #? udp_client
                return False  #? udp_client
            except OSError as error:  # about a datagram that was sent before  #? udp_client
                print(f"{self.name}: {error}")  #? udp_client
                continue  #? udp_client
            for message in $datagram:  #? udp_client & framed
                self.came(message)  #? udp_client & framed
            self.came(data)  #? udp_client & !framed
            return True  #? udp_client
        return False  #? udp_client

    def send(self, data):  #? udp_client & sends
        """Send one datagram."""  #? udp_client & sends
        if self.sock is None:  #? udp_client & sends
            raise Failed(f"Nothing can be sent on {self.name}: it is not open.")  #? udp_client & sends
        print(f"{self.name} -> {shown(data)}")  #? udp_client & sends
        try:  #? udp_client & sends
            self.sock.settimeout(TIMEOUT)  #? udp_client & sends
            self.sock.send(data)  #? udp_client & sends
        except OSError as error:  #? udp_client & sends
            raise Failed(f"The datagram was not sent on {self.name}: {error}")  #? udp_client & sends

    def stop(self):  #? udp_client
        """Close it, if it is open."""  #? udp_client
        if self.sock is not None:  #? udp_client
            self.sock.close()  #? udp_client
            self.sock = None  #? udp_client
'''
