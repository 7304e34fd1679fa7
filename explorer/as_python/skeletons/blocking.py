"""The learner's style: one call after the other, each of which waits until it is done."""

TCP = '''
connections = set()  # everybody who is connected  #? everybody
lock = threading.Lock()  # the threads take turns in sending, so that no message is cut in two  #? everybody | typing


def send(connection, message):  #? sending
    """Send one message."""  #? sending
    try:  #? checked & sending
        data = encode(message)  #? checked & sending
    except ValueError as error:  #? checked & sending
        print(f"Not sent: {error}")  #? checked & sending
        return  #? checked & sending
    with lock:  #? locked & checked
        connection.sendall(data)  #? locked & checked
    connection.sendall(data)  #? !locked & checked & answers
    with lock:  #? locked & !checked
        connection.sendall($wire)  #? locked & !checked
    connection.sendall($wire)  #? !locked & !checked & answers


def send_to_all(message, but=None):  #? everybody
    """Send a message to everybody who is connected, but for one."""  #? everybody & tell
    """Send a message to everybody who is connected."""  #? everybody & !tell
    for connection in list(connections):  #? everybody
        if connection is not but:  #? everybody
            try:  #? everybody
                send(connection, message)  #? everybody
            except OSError:  #? everybody
                pass  # gone: whoever serves it notices by itself  #? everybody


def read_keyboard(connection):  #? typing & client
    """Send each line that is typed; the end of the input ends what we send."""  #? typing & client
def read_keyboard():  #? typing & server
    """Send each line that is typed to everybody who is connected."""  #? typing & server
    for line in open(0, "rb", buffering=0, closefd=False):  # 0 is the standard input  #? typing
        send_to_all($typed)  #? typing & server
        send(connection, $typed)  #? typing & client
    connection.shutdown(socket.SHUT_WR)  #? typing & client


def reply(connection, answers):  #? answers
    """Send what the program answers."""  #? answers
    for answer in answers:  #? answers
        if isinstance(answer, float):  #? answers & wait
            time.sleep(answer)  # a pause, in seconds  #? answers & wait
            continue  #? answers & wait
        if isinstance(answer, ToOthers):  #? answers & tell
            send_to_all(answer, but=connection)  #? answers & tell & server
            continue  # a client has one connection, so there is nobody else  #? answers & tell & client
            continue  #? answers & tell & server
        send(connection, answer)  #? answers


def finish(connection):  #? close
    """Close with care: with bytes unread, close would send a reset, which may destroy our last words."""  #? close
    connection.shutdown(socket.SHUT_WR)  # we send no more; the other side reads the end  #? close
    connection.settimeout(5)  #? close
    while connection.recv(BUFFER_SIZE):  #? close
        pass  #? close


def converse(connection$program_parameters):
    """Talk until one of the two sides ends it."""
    framer = Framer()  #? framed & messages
    reply(connection, $p.on_open($peer))  #? opens & answers
    $p.on_open($peer)  #? opens & !answers
    connection.settimeout(IDLE_TIMEOUT)  #? idle & !timed
    while True:
        # Silence ends a message, so nothing is waited for longer than that once bytes have come.  #? timed
        connection.settimeout(SILENCE if framer.buffer else $idle)  #? timed
        try:  #? timed
            data = connection.recv(BUFFER_SIZE)  #? timed
            framer.feed(data)  #? timed
            messages = [] if data else framer.silent()  #? timed
        except socket.timeout:  #? timed
            if not framer.buffer:  #? timed & idle
                raise  #? timed & idle
            data, messages = None, framer.silent()  #? timed
        for message in messages:  #? timed
            reply(connection, $p.on_message(message))  #? timed & answers
            $p.on_message(message)  #? timed & !answers
        if data == b"":  # the other side sends no more  #? timed
            return  #? timed
        data = connection.recv(BUFFER_SIZE)  #? !timed
        if not data:  # the other side sends no more  #? !timed
            return  #? !timed
        for message in framer.feed(data):  #? framed & messages & !timed
            reply(connection, $p.on_message(message))  #? framed & messages & answers & !timed
            $p.on_message(message)  #? framed & messages & !answers & !timed
        reply(connection, $p.on_message(data))  #? !framed & messages & answers
        $p.on_message(data)  #? !framed & messages & !answers


def talk(connection$program_parameters):  #? closes
    """Converse, and tell the program when that is over."""  #? closes
    try:  #? closes
        converse(connection$program_arguments)  #? closes
    finally:  #? closes
        for message in $p.on_close():  #? closes & tell & server
            send_to_all(message, but=connection)  #? closes & tell & server
        for _ in $p.on_close():  #? closes & tell & client
            pass  # a client has one connection, so there is nobody to tell  #? closes & tell & client
        $p.on_close()  #? closes & !tell


def serve(connection, address):
    """One conversation, from its beginning to its end."""
    peer = name(address)
    print(f"{peer} is connected.")
    program = $made  #? state
    connections.add(connection)  #? everybody
    with connection:  # which closes it at the end
        try:
            converse(connection$program_arguments)  #? !closes
            talk(connection$program_arguments)  #? closes
        except CloseConnection:  #? close
            connections.discard(connection)  # it gets nothing any more  #? close & everybody
            try:  #? close
                finish(connection)  #? close
            except OSError:  #? close
                pass  # it is over anyway  #? close
        except ResetConnection:  #? reset
            # Without time to linger, close sends a reset.  #? reset
            no_time = struct.pack($linger_format, 1, 0)  #? reset
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)  #? reset
        except socket.timeout:  #? idle
            print(f"{peer} was silent for {IDLE_TIMEOUT} s.")  #? idle
        except OSError as error:
            print(f"{peer}: {error}")
        finally:  #? everybody
            connections.discard(connection)  #? everybody
    slots.release()  #? slots
    print(f"{peer} is gone.")


def main():
    connection = connect()  #? client
    threading.Thread(target=read_keyboard, args=(connection,), daemon=True).start()  #? client & typing
    serve(connection, connection.getpeername())  #? client
    with open_listener() as listener:  #? server
        print(f"Listening on {name(listener.getsockname())}.")  #? server
        listener.settimeout(ACCEPT_TIMEOUT)  #? server & accept_timeout
        threading.Thread(target=read_keyboard, daemon=True).start()  #? server & typing
        while True:  #? server
            slots.acquire()  # when all are in use, the next client waits in the accept queue  #? server & slots
            while len(multiprocessing.active_children()) >= MOST_CLIENTS:  #? server & process
                time.sleep(0.05)  # meanwhile the next client waits in the accept queue  #? server & process
            try:  #? server & accept_timeout
                connection, address = listener.accept()  #? server & accept_timeout
            except socket.timeout:  #? server & accept_timeout
                print(f"No client came for {ACCEPT_TIMEOUT} s.")  #? server & accept_timeout
                slots.release()  #? server & accept_timeout & slots
                continue  #? server & accept_timeout
            connection, address = listener.accept()  #? server & !accept_timeout
            serve(connection, address)  # the next client waits in the accept queue meanwhile  #? server & iterative
            threading.Thread(target=serve, args=(connection, address), daemon=True).start()  #? server & thread
            multiprocessing.Process(target=serve, args=(connection, address), daemon=True).start()  #? server & process
            connection.close()  # the new process has its own; ours is not needed  #? server & process
'''

UDP = '''
def send(sock, message, peer):  #? sending & server
    """Send one datagram to a peer."""  #? sending & server
def send(sock, message):  #? sending & client
    """Send one datagram."""  #? sending & client
    try:  #? sending
        sock.sendto($wire, peer)  #? sending & server
        sock.send($wire)  #? sending & client
    except ValueError as error:  #? checked & sending
        print(f"Not sent: {error}")  #? checked & sending
    except OSError as error:  #? sending
        print(f"Not sent: {error}")  # the next datagram may get through  #? sending


def read_keyboard(sock$peers_parameter):  #? typing
    """Send each line that is typed to everybody who sent something before."""  #? typing & server
    """Send each line that is typed."""  #? typing & client
    for line in open(0, "rb", buffering=0, closefd=False):  # 0 is the standard input  #? typing
        for peer in list(peers):  #? typing & server
            send(sock, $typed, peer)  #? typing & server
        send(sock, $typed)  #? typing & client


def reply(sock, answers$reply_parameters):  #? answers
    """Send what the program answers."""  #? answers
    for answer in answers:  #? answers & !limited
    for answer in itertools.islice(answers, MOST_ANSWERS):  #? answers & limited
        if isinstance(answer, float):  #? answers & wait
            time.sleep(answer)  # a pause, in seconds; all others wait, too  #? answers & wait
        elif isinstance(answer, ToOthers):  #? answers & wait & tell
        if isinstance(answer, ToOthers):  #? answers & !wait & tell
            for other in list(peers):  #? answers & tell & server
                if other != peer:  #? answers & tell & server
                    send(sock, answer, other)  #? answers & tell & server
            pass  # a client has one peer, so there is nobody else  #? answers & tell & client
        else:  #? answers & wait | answers & tell
            send(sock, answer$peer_argument)  #? answers & wait | answers & tell
        send(sock, answer$peer_argument)  #? answers & !wait & !tell


def answers_to(messages$program_parameters):  #? answers & framed
    """What the program answers to all messages of one datagram."""  #? answers & framed
    for message in messages:  #? answers & framed
        yield from $p.on_message(message)  #? answers & framed


def take(sock, data$take_parameters):  #? takes
    """Answer one datagram."""  #? takes
    if peer not in peers:  #? takes & server & peers
        peers[peer] = $made  #? takes & server & peers & state
        peers.add(peer)  #? takes & server & peers & !state
        reply(sock, $p_of_peer.on_open(name(peer))$reply_arguments)  #? takes & server & opens & answers
        $p_of_peer.on_open(name(peer))  #? takes & server & opens & !answers
    program = peers[peer]  #? takes & server & state & messages
    reply(sock, answers_to(Framer().feed(data)$program_arguments)$reply_arguments)  #? takes & framed & answers
    reply(sock, $p.on_message(data)$reply_arguments)  #? takes & !framed & answers
    for message in Framer().feed(data):  # each datagram holds whole messages  #? takes & framed & !answers
        $p.on_message(message)  #? takes & framed & !answers
    $p.on_message(data)  #? takes & !framed & !answers


def main():
    sock = open_socket()  #? server
    sock = connect()  #? client
    with sock:
        print(f"Receiving on {name(sock.getsockname())}.")
        peers = {}  # everybody who sent something, with their conversation  #? server & peers & state
        peers = set()  # everybody who sent something  #? server & peers & !state
        program = $made  #? client & state
        reply(sock, $p.on_open(name(sock.getpeername())))  #? client & opens & answers
        $p.on_open(name(sock.getpeername()))  #? client & opens & !answers
        threading.Thread(target=read_keyboard, args=(sock$peers_argument,), daemon=True).start()  #? typing
        while True:
            try:
                data, peer = sock.recvfrom(BUFFER_SIZE)  #? server & takes
                sock.recvfrom(BUFFER_SIZE)  #? server & !takes
                data = sock.recv(BUFFER_SIZE)  #? client & takes
                sock.recv(BUFFER_SIZE)  #? client & !takes
            except ConnectionError as error:  # about a datagram that we sent before
                print(f"An earlier datagram was not received: {error}")
                continue
            try:  #? takes & ends
                take(sock, data$take_arguments)  #? takes & ends
            except $ends:  #? takes & ends
                $p_of_peer.on_close()  #? takes & ends & closes
                peers.pop(peer)  # what comes from there is a new conversation  #? takes & ends & server & state
                peers.discard(peer)  # what comes next is a new conversation  #? takes & ends & server & !state & peers
                pass  # UDP has no connection to end  #? takes & ends & server & !peers
                return  #? takes & ends & client
            take(sock, data$take_arguments)  #? takes & !ends

'''
