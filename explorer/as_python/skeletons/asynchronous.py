"""The style of asyncio: coroutines on an event loop, each of which gives way wherever it awaits."""

TCP = '''
writers = set()  # everybody who is connected  #? sends_to


def send(writer, message):  #? sending
    """Queue one message; asyncio sends it as soon as it can."""  #? sending
    try:  #? checked & sending
        writer.write(encode(message))  #? checked & sending
    except ValueError as error:  #? checked & sending
        print(f"Not sent: {error}")  #? checked & sending
    writer.write($wire)  #? !checked & sending


def send_to_all(message, but=None):  #? sends_to
    for writer in list(writers):  #? sends_to
        if writer is not but:  #? sends_to & tell
            send(writer, message)  #? sends_to & tell
        send(writer, message)  #? sends_to & !tell


def read_keyboard(loop):  #? typing
    """Hand over each line that is typed; in a thread, since reading the keyboard blocks."""  #? typing
    for line in open(0, "rb", buffering=0, closefd=False):  # 0 is the standard input  #? typing
        loop.call_soon_threadsafe(send_to_all, $typed)  #? typing
    loop.call_soon_threadsafe(end_input)  #? typing & client


def end_input():  #? typing & client
    """The end of the input ends what we send; the other side may go on."""  #? typing & client
    for writer in writers:  #? typing & client
        writer.write_eof()  #? typing & client


async def reply(writer, answers):  #? answers
    """Send what the program answers."""  #? answers
    for answer in answers:  #? answers
        if isinstance(answer, float):  #? answers & wait
            await asyncio.sleep(answer)  # a pause, in seconds  #? answers & wait
            continue  #? answers & wait
        if isinstance(answer, ToOthers):  #? answers & tell
            send_to_all(answer, but=writer)  #? answers & tell & server
            continue  # a client has one connection, so there is nobody else  #? answers & tell & client
            continue  #? answers & tell & server
        send(writer, answer)  #? answers
        await writer.drain()  # waits while the other side does not read  #? answers


async def finish(reader, writer):  #? close
    """Close with care: with bytes unread, close would send a reset, which may destroy our last words."""  #? close
    writer.write_eof()  # we send no more; the other side reads the end  #? close
    while await asyncio.wait_for(reader.read(BUFFER_SIZE), 5):  #? close
        pass  #? close


async def converse(reader, writer$program_parameters):
    """Talk until one of the two sides ends it."""
    framer = Framer()  #? framed & messages
    await reply(writer, $p.on_open($peer))  #? opens & answers
    $p.on_open($peer)  #? opens & !answers
    while True:
        # Silence ends a message, so nothing is waited for longer than that once bytes have come.  #? timed
        limit = SILENCE if framer.buffer else $idle  #? timed
        try:  #? timed
            data = await asyncio.wait_for(reader.read(BUFFER_SIZE), limit)  #? timed
            framer.feed(data)  #? timed
            messages = [] if data else framer.silent()  #? timed
        except asyncio.TimeoutError:  #? timed
            if not framer.buffer:  #? timed & idle
                raise  #? timed & idle
            data, messages = None, framer.silent()  #? timed
        for message in messages:  #? timed
            await reply(writer, $p.on_message(message))  #? timed & answers
            $p.on_message(message)  #? timed & !answers
        if data == b"":  # the other side sends no more  #? timed
            return  #? timed
        data = await reader.read(BUFFER_SIZE)  #? !timed & !idle
        data = await asyncio.wait_for(reader.read(BUFFER_SIZE), IDLE_TIMEOUT)  #? !timed & idle
        if not data:  # the other side sends no more  #? !timed
            return  #? !timed
        for message in framer.feed(data):  #? framed & messages & !timed
            await reply(writer, $p.on_message(message))  #? framed & messages & answers & !timed
            $p.on_message(message)  #? framed & messages & !answers & !timed
        await reply(writer, $p.on_message(data))  #? !framed & messages & answers
        $p.on_message(data)  #? !framed & messages & !answers


async def talk(reader, writer$program_parameters):  #? closes
    """Converse, and tell the program when that is over."""  #? closes
    try:  #? closes
        await converse(reader, writer$program_arguments)  #? closes
    finally:  #? closes
        for message in $p.on_close():  #? closes & tell & server
            send_to_all(message, but=writer)  #? closes & tell & server
        for _ in $p.on_close():  #? closes & tell & client
            pass  # a client has one connection, so there is nobody to tell  #? closes & tell & client
        $p.on_close()  #? closes & !tell


async def serve(reader, writer):
    """One conversation, from its beginning to its end."""
    peer = name(writer.get_extra_info("peername"))
    print(f"{peer} is connected.")
    program = $made  #? state
    writers.add(writer)  #? sends_to
    try:
        await converse(reader, writer$program_arguments)  #? !closes
        await talk(reader, writer$program_arguments)  #? closes
    except CloseConnection:  #? close
        writers.discard(writer)  # it gets nothing any more  #? close & sends_to
        try:  #? close
            await finish(reader, writer)  #? close
        except (OSError, asyncio.TimeoutError):  #? close
            pass  # it is over anyway  #? close
    except ResetConnection:  #? reset
        # Without time to linger, close sends a reset.  #? reset
        no_time = struct.pack($linger_format, 1, 0)  #? reset
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)  #? reset
        writer.transport.abort()  #? reset
    except asyncio.TimeoutError:  #? idle
        print(f"{peer} was silent for {IDLE_TIMEOUT} s.")  #? idle
    except OSError as error:
        print(f"{peer}: {error}")
    finally:
        writers.discard(writer)  #? sends_to
        writer.close()  # what is queued is sent before
    try:
        await writer.wait_closed()
    except OSError:
        pass  # it was told above, or the other side is gone
    print(f"{peer} is gone.")


async def main():
    loop = asyncio.get_running_loop()  #? typing
    threading.Thread(target=read_keyboard, args=(loop,), daemon=True).start()  #? typing & server
    server = await asyncio.start_server(serve, sock=open_listener(), backlog=$backlog)  #? server
    print(f"Listening on {name(server.sockets[0].getsockname())}.")  #? server
    async with server:  #? server
        await server.serve_forever()  #? server
    reader, writer = await asyncio.open_connection(sock=await connect())  #? client
    writers.add(writer)  # before the first line is typed  #? client & typing
    threading.Thread(target=read_keyboard, args=(loop,), daemon=True).start()  #? client & typing
    await serve(reader, writer)  #? client
'''

UDP = '''
class Protocol(asyncio.DatagramProtocol):
    """asyncio calls these methods."""

    def __init__(self):
        self.over = asyncio.get_running_loop().create_future()  # done when there is nothing left to do
        self.peers = {}  # everybody who sent something, with their conversation  #? server & peers
        self.turns = {}  # a lock for each peer: its answers go out one after the other  #? wait
        self.program = $made  #? client & state

    def connection_made(self, transport):
        self.transport = transport
        print(f"Receiving on {name(transport.get_extra_info('sockname'))}.")
        self.say(None, $p_of_self.on_open(name(transport.get_extra_info("peername"))))  #? client & opens & answers
        $p_of_self.on_open(name(transport.get_extra_info("peername")))  #? client & opens & !answers

    def error_received(self, error):
        print(f"An earlier datagram was not received: {error}")

    def datagram_received(self, data, address):
        # asyncio has a buffer of its own; recvfrom would have cut what does not fit into ours.  #? cut
        data = data[:BUFFER_SIZE]  #? cut
        if address not in self.peers:  #? server & peers
            self.peers[address] = $made_or_none  #? server & peers
            self.say(address, $p_of_peer.on_open(name(address)))  #? server & opens & answers
            $p_of_peer.on_open(name(address))  #? server & opens & !answers
        program = self.peers[address]  #? server & state & messages
        program = self.program  #? client & state & messages
        for message in Framer().feed(data):  # each datagram holds whole messages  #? framed & messages & !answers
            $p.on_message(message)  #? framed & messages & !answers
        $p.on_message(data)  #? !framed & messages & !answers
        self.say(address, answers_to(Framer().feed(data)$program_arguments))  #? framed & messages & answers
        self.say(address, $p.on_message(data))  #? !framed & messages & answers

    def say(self, address, answers):  #? answers
        """Send what the program answers to one datagram."""  #? answers
        answers = itertools.islice(answers, MOST_ANSWERS)  #? answers & limited
        asyncio.ensure_future(self.reply(address, answers))  # it may take its time  #? answers & wait

    async def reply(self, address, answers):  #? answers & wait
        async with self.turns.setdefault(address, asyncio.Lock()):  #? answers & wait

            try:  #? answers & wait & ends
                for answer in answers:  #? answers & wait & ends
                    await self.$act(address, answer)  #? answers & wait & ends
            except $ends:  #? answers & wait & ends
                self.end(address)  #? answers & wait & ends
            for answer in answers:  #? answers & wait & !ends
                await self.act(address, answer)  #? answers & wait & !ends

    async def act(self, address, answer):  #? answers & wait
        if isinstance(answer, float):  # a pause, in seconds  #? answers & wait
            await asyncio.sleep(answer)  #? answers & wait
        elif isinstance(answer, ToOthers):  #? answers & wait & tell
            self.tell(answer, address)  #? answers & wait & tell
        else:  #? answers & wait
            self.send(answer, address)  #? answers & wait
        try:  #? answers & !wait & ends
            for answer in answers:  #? answers & !wait & ends
                self.$act(answer, address)  #? answers & !wait & ends
        except $ends:  #? answers & !wait & ends
            self.end(address)  #? answers & !wait & ends
        for answer in answers:  #? answers & !wait & !ends
            self.$act(answer, address)  #? answers & !wait & !ends

    def send_or_tell(self, answer, address):  #? answers & tell & !wait
        if isinstance(answer, ToOthers):  #? answers & tell & !wait
            self.tell(answer, address)  #? answers & tell & !wait
        else:  #? answers & tell & !wait
            self.send(answer, address)  #? answers & tell & !wait

    def tell(self, message, but):  #? tell
        for address in list(self.peers):  #? tell & server
            if address != but:  #? tell & server
                self.send(message, address)  #? tell & server
        pass  # a client has one peer, so there is nobody else  #? tell & client

    def end(self, address):  #? ends
        """UDP has nothing to close; what comes from there next begins another conversation."""  #? ends & server
        """The conversation is over."""  #? ends & client
        $p_popped  #? ends & server & closes
        self.peers.pop(address, None)  #? ends & server & peers & !closes
        if not self.over.done():  #? ends & client
            self.over.set_result(None)  #? ends & client

    def send(self, message, address):  #? sending
        try:  #? checked & sending
            self.transport.sendto(encode(message), address)  #? checked & server & sending
            self.transport.sendto(encode(message))  # to the address of connect  #? checked & client & sending
        except ValueError as error:  #? checked & sending
            print(f"Not sent: {error}")  #? checked & sending
        self.transport.sendto($wire, address)  #? !checked & server & sending
        self.transport.sendto($wire)  # to the address of connect  #? !checked & client & sending

    def send_typed(self, message):  #? typing
        for address in list(self.peers):  #? typing & server
            self.send(message, address)  #? typing & server
        self.send(message, None)  #? typing & client


def answers_to(messages$program_parameters):  #? answers & framed
    """What the program answers to all messages of one datagram."""  #? answers & framed
    for message in messages:  #? answers & framed
        yield from $p.on_message(message)  #? answers & framed


def read_keyboard(loop, protocol):  #? typing
    """Hand over each line that is typed; in a thread, since reading the keyboard blocks."""  #? typing
    for line in open(0, "rb", buffering=0, closefd=False):  # 0 is the standard input  #? typing
        loop.call_soon_threadsafe(protocol.send_typed, $typed)  #? typing


async def main():
    loop = asyncio.get_running_loop()
    sock = open_socket()  #? server
    sock = await connect()  #? client
    transport, protocol = await loop.create_datagram_endpoint(Protocol, sock=sock)
    threading.Thread(target=read_keyboard, args=(loop, protocol), daemon=True).start()  #? typing
    try:
        await protocol.over
    finally:
        transport.close()
'''
