"""All sockets of a sequence on an event loop: a coroutine for each connection, and one for the steps."""

LOOP = '''
async def wait_until(look, seconds):
    """Wait until something holds, or until the time is over."""
    await asyncio.sleep(0)
    deadline = time.monotonic() + seconds
    while not look() and time.monotonic() < deadline:
        news.clear()
        try:
            await asyncio.wait_for(news.wait(), deadline - time.monotonic())
        except asyncio.TimeoutError:
            return
'''

PEERS = '''
class Peer:
    """Somebody who talks with one of the sockets."""

    def __init__(self, owner, address, sender):
        self.owner = owner
        self.name = name(address)
        self.sender = sender  # what sends: a stream's writer, or a function for datagrams
        self.on_open, self.on_message, self.on_close = owner.program(self.name)  #? programs & multi
        self.on_open, self.on_message, self.on_close = program(self.name)  #? programs & !multi
        owner.peers[self.name] = self
        print(f"{owner.name}: {self.name} is there")
        news.set()

    async def came(self, message):
        self.owner.came(message, self.name)  #? many
        self.owner.came(message)  #? !many
        await self.say(self.on_message(message) or ())  #? programs

    async def say(self, answers):  #? programs
        """Send what the program answers."""  #? programs
        for answer in answers:  #? programs
            if isinstance(answer, float):  # a pause, in seconds  #? programs & wait
                await asyncio.sleep(answer)  #? programs & wait
                continue  #? programs & wait
            others = [self]  #? programs & tell
            if isinstance(answer, ToOthers):  #? programs & tell
                others = [peer for peer in self.owner.peers.values() if peer is not self]  #? programs & tell
            for peer in others:  #? programs & tell
                await peer.send_message(answer)  #? programs & tell
            await self.send_message(answer)  #? programs & !tell

    async def send_message(self, message):  #? programs
        try:  #? programs
            await self.send($wire)  #? programs
        except ValueError as error:  #? programs
            print(f"Not sent: {error}")  #? programs

    async def send(self, data):
        self.sender.write(data)  #? tcp & !udp
        await self.sender.drain()  # waits while the other side does not read  #? tcp & !udp
        self.sender(data)  #? udp & !tcp
        if callable(self.sender):  #? tcp & udp
            self.sender(data)  #? tcp & udp
        else:  #? tcp & udp
            self.sender.write(data)  #? tcp & udp
            await self.sender.drain()  # waits while the other side does not read  #? tcp & udp

    async def gone(self, who):
        """It is over; who ended it?"""
        if self.owner.peers.get(self.name) is self:
            del self.owner.peers[self.name]
            self.owner.ended = who
            for message in self.on_close() or ():  #? programs & tell
                for other in list(self.owner.peers.values()):  #? programs & tell
                    await other.send_message(message)  #? programs & tell
            self.on_close()  #? programs & !tell
            print(f"{self.owner.name}: {self.name} is gone, {who} closed")
            news.set()
'''

SOCKETS = '''
class Sender(Socket):
    """A socket that can send."""

    async def send(self, data):  #? sends
        """Send these bytes."""  #? sends & !many
        """Send to whom the last message came from; to all, where nobody has said anything yet."""  #? sends & many
        await asyncio.sleep(0)  # somebody may have gone meanwhile  #? sends
        peers = list(self.peers.values())  #? sends & !many
        peers = [self.peers[self.sender]] if self.sender in self.peers else list(self.peers.values())  #? sends & many
        if not peers:  #? sends
            raise Failed(f"Nothing can be sent on {self.name}: nobody is connected.")  #? sends
        print(f"{self.name} -> {shown(data)}")  #? sends
        for peer in peers:  #? sends
            try:  #? sends
                await asyncio.wait_for(peer.send(data), TIMEOUT)  #? sends
            except (OSError, asyncio.TimeoutError) as error:  #? sends
                raise Failed(f"Not everything was sent on {self.name}: {error!r}")  #? sends


class Stream(Sender):  #? tcp
    """What TCP sockets of both kinds have."""  #? tcp

    async def talk(self, reader, writer, peer):  #? tcp
        """One conversation, from its beginning to its end."""  #? tcp
        who = "the other side"  #? tcp
        try:  #? tcp
            await self.converse(reader, peer)  #? tcp
        except CloseConnection:  #? tcp & close
            who = "this side"  #? tcp & close
            await self.finish(reader, writer)  #? tcp & close
        except ResetConnection:  #? tcp & reset
            who = "this side"  #? tcp & reset
            # Without time to linger, close sends a reset.  #? tcp & reset
            no_time = struct.pack($linger_format, 1, 0)  #? tcp & reset
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)  #? tcp & reset
            writer.transport.abort()  #? tcp & reset
        except OSError as error:  # such as a reset  #? tcp
            print(f"{self.name}: {error}")  #? tcp
        writer.close()  #? tcp
        await peer.gone(who)  #? tcp

    async def converse(self, reader, peer):  #? tcp
        """Take messages until the other side sends no more."""  #? tcp
        framer = $framer  #? tcp & framed
        await peer.say(peer.on_open(peer.name) or ())  #? tcp & programs
        while True:  #? tcp
            limit = self.silence if self.silence and framer.buffer else None  #? tcp & timed & multi
            limit = SILENCE if framer.buffer else None  #? tcp & timed & !multi
            try:  #? tcp & timed
                data = await asyncio.wait_for(reader.read($buffer_size), limit)  #? tcp & timed
            except asyncio.TimeoutError:  # silence ends a message  #? tcp & timed
                data = None  #? tcp & timed
            data = await reader.read($buffer_size)  #? tcp & !timed
            messages = $messages if data else []  #? tcp & framed & !alone_timed
            if not data and self.silence:  #? tcp & timed & multi
                messages = framer.silent()  #? tcp & timed & multi
            messages = [] if data else framer.silent()  #? tcp & timed & !multi
            if data:  #? tcp & timed & !multi
                framer.feed(data)  #? tcp & timed & !multi
            for message in messages:  #? tcp & framed
                await peer.came(message)  #? tcp & framed
            if data == b"":  #? tcp
                return  #? tcp
            await peer.came(data)  #? tcp & !framed

    async def finish(self, reader, writer):  #? tcp & close
        """Close with care: with bytes unread, close would send a reset."""  #? tcp & close
        try:  #? tcp & close
            writer.write_eof()  # we send no more; the other side reads the end  #? tcp & close
            while await asyncio.wait_for(reader.read(4096), 5):  #? tcp & close
                pass  #? tcp & close
        except (OSError, asyncio.TimeoutError):  #? tcp & close
            pass  # it is over anyway  #? tcp & close

    async def stop(self):  #? tcp
        """Close all connections."""  #? tcp
        for peer in list(self.peers.values()):  #? tcp
            peer.sender.close()  #? tcp
            await peer.gone("this side")  #? tcp


class Client(Stream):  #? tcp_client
    """A TCP client."""  #? tcp_client

    async def connect(self, seconds=TIMEOUT):  #? tcp_client
        """Connect, unless it is connected."""  #? tcp_client
        if self.peers:  #? tcp_client
            return  #? tcp_client
        try:  #? tcp_client
            reader, writer = await asyncio.open_connection(sock=await $connect(seconds))  #? tcp_client
        except OSError as error:  #? tcp_client
            raise Failed(f"{self.name} could not connect: {error}")  #? tcp_client
        self.ended = ""  #? tcp_client
        self.stream = b""  #? tcp_client & streams & !many
        self.streams = {}  #? tcp_client & streams & many
        peer = Peer(self, writer.get_extra_info("peername"), writer)  #? tcp_client
        peer.task = asyncio.create_task(self.talk(reader, writer, peer))  #? tcp_client


class Server(Stream):  #? tcp_server
    """A TCP server."""  #? tcp_server

    server = None  #? tcp_server

    async def start(self, seconds=TIMEOUT):  #? tcp_server
        """Listen, unless it does."""  #? tcp_server
        if self.server is None:  #? tcp_server
            try:  #? tcp_server
                self.server = await asyncio.start_server(self.accept, sock=$listen(), backlog=$backlog)  #? tcp_server
            except OSError as error:  #? tcp_server
                raise Failed(f"{self.name} cannot listen: {error}")  #? tcp_server
            print(f"{self.name}: listening on {name(self.server.sockets[0].getsockname())}")  #? tcp_server

    def accept(self, reader, writer):  #? tcp_server
        address = writer.get_extra_info("peername")  #? tcp_server
        self.ended = ""  #? tcp_server
        self.streams.pop(name(address), None)  #? tcp_server & streams
        peer = Peer(self, address, writer)  #? tcp_server
        peer.task = asyncio.create_task(self.talk(reader, writer, peer))  #? tcp_server

    async def wait_for_client(self, seconds=TIMEOUT):  #? tcp_server & connects
        """Listen, and wait until somebody is connected."""  #? tcp_server & connects
        await self.start()  #? tcp_server & connects
        await wait_until(self.is_connected, seconds)  #? tcp_server & connects
        if not self.peers:  #? tcp_server & connects
            raise Failed(f"Nobody connected to {self.name} within {seconds} s.")  #? tcp_server & connects

    def is_listening(self):  #? tcp_server
        return self.server is not None  #? tcp_server

    async def stop(self):  #? tcp_server
        """Stop listening, and close all connections."""  #? tcp_server
        if self.server is not None:  #? tcp_server
            self.server.close()  #? tcp_server
            self.server = None  #? tcp_server
        await super().stop()  #? tcp_server


class UdpSocket(Sender, asyncio.DatagramProtocol):  #? udp
    """What UDP sockets of both kinds have."""  #? udp

    transport = None  #? udp

    async def open(self, opener):  #? udp
        """Open it, unless it is open."""  #? udp
        if self.transport is None:  #? udp
            self.queue = asyncio.Queue()  # datagrams that were not looked at yet  #? udp
            loop = asyncio.get_running_loop()  #? udp
            try:  #? udp
                self.transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=opener())  #? udp
            except OSError as error:  #? udp
                raise Failed(f"{self.name} could not be opened: {error}")  #? udp
            print(f"{self.name}: receiving on {name(self.transport.get_extra_info('sockname'))}")  #? udp
            self.task = asyncio.create_task(self.listen())  #? udp

    def datagram_received(self, data, address):  #? udp
        self.queue.put_nowait((data, address))  #? udp

    def error_received(self, error):  #? udp
        print(f"{self.name}: {error}")  # about a datagram that was sent before  #? udp

    async def listen(self):  #? udp
        """Take one datagram after the other."""  #? udp
        while True:  #? udp
            data, address = await self.queue.get()  #? udp
            try:  #? udp & close | udp & reset
                await self.take_datagram(data, address)  #? udp & close | udp & reset
            except $ends:  # UDP has no connection to end  #? udp & close | udp & reset
                await self.peers[name(address)].gone("this side")  #? udp & close | udp & reset
            await self.take_datagram(data, address)  #? udp & !close & !reset

    async def take_datagram(self, data, address):  #? udp
        peer = self.peers.get(name(address)) or await self.met(address)  #? udp
        for message in $datagram:  #? udp & framed
            await peer.came(message)  #? udp & framed
        await peer.came(data)  #? udp & !framed

    async def met(self, address):  #? udp
        """Somebody is there who was not before."""  #? udp
        peer = Peer(self, address, lambda data: self.send_to(data, address))  #? udp
        await peer.say(peer.on_open(peer.name) or ())  #? udp & programs
        return peer  #? udp

    async def stop(self):  #? udp
        """Close it, if it is open."""  #? udp
        if self.transport is not None:  #? udp
            self.task.cancel()  #? udp
            self.transport.close()  #? udp
            self.transport = None  #? udp
            self.peers.clear()  #? udp


class UdpClient(UdpSocket):  #? udp_client
    """A UDP socket with one peer."""  #? udp_client

    async def connect(self, seconds=TIMEOUT):  #? udp_client
        """Open it, unless it is open. (Nothing is sent for that.)"""  #? udp_client
        if self.transport is None:  #? udp_client
            await self.open($udp_connect)  #? udp_client
            await self.met(self.transport.get_extra_info("peername"))  #? udp_client

    def send_to(self, data, address):  #? udp_client
        self.transport.sendto(data)  #? udp_client


class UdpServer(UdpSocket):  #? udp_server
    """A UDP socket that anybody may send to."""  #? udp_server

    async def start(self, seconds=TIMEOUT):  #? udp_server
        """Open it, unless it is open."""  #? udp_server
        await self.open($bind)  #? udp_server

    async def wait_for_client(self, seconds=TIMEOUT):  #? udp_server & connects
        """Open it, and wait until somebody has sent something."""  #? udp_server & connects
        await self.start()  #? udp_server & connects
        await wait_until(self.is_connected, seconds)  #? udp_server & connects
        if not self.peers:  #? udp_server & connects
            raise Failed(f"Nobody sent anything to {self.name} within {seconds} s.")  #? udp_server & connects

    def is_listening(self):  #? udp_server
        return self.transport is not None  #? udp_server

    def send_to(self, data, address):  #? udp_server
        self.transport.sendto(data, address)  #? udp_server
'''
