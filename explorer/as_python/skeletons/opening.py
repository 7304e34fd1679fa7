"""How a script opens its socket: the same calls in all styles, in the order in which the app makes them."""

SERVER = '''
def open_listener():  #? tcp
    """A socket that listens on HOST and PORT."""  #? tcp
def open_socket():  #? udp
    """A socket that receives what is sent to HOST and PORT."""  #? udp
    family, _, _, _, address = socket.getaddrinfo(HOST, PORT, type=socket.$kind)[0]  # HOST is a name  #? named
    sock = socket.socket($family, socket.$kind)
    $options  #? options
    sock.bind($address)
    sock.listen($backlog)  # clients that may wait until they are accepted  #? tcp & !asyncio
    return sock
'''

CLIENT = '''
def connect():  #? !named & !asyncio
async def connect():  #? !named & asyncio
def connect_to(family, address):  #? named & !asyncio
async def connect_to(family, address):  #? named & asyncio
    """A socket that is connected to HOST and PORT."""  #? !named
    """A socket that is connected to this address."""  #? named
    sock = socket.socket($family, socket.$kind)
    $options  #? options
    sock.bind(("$local_host", $local_port))  # the address on our side  #? local
    try:
        sock.settimeout(CONNECT_TIMEOUT)  #? timeout & tcp & !asyncio
        sock.connect($address)  #? !asyncio | udp
        sock.settimeout(None)  # from here on, calls may wait for ever  #? timeout & tcp & !asyncio
        sock.setblocking(False)  #? asyncio & tcp
        connected = asyncio.get_running_loop().sock_connect(sock, $address)  #? asyncio & tcp
        await asyncio.wait_for(connected, CONNECT_TIMEOUT)  #? asyncio & tcp & timeout
        await connected  #? asyncio & tcp & !timeout
    except asyncio.TimeoutError:  #? asyncio & tcp & timeout
        sock.close()  #? asyncio & tcp & timeout
        raise OSError(f"no answer within {CONNECT_TIMEOUT} s") from None  #? asyncio & tcp & timeout
    except OSError:
        sock.close()
        raise
    return sock


def connect():  #? named & !asyncio
async def connect():  #? named & asyncio
    """Try the addresses that HOST stands for, until one of them answers."""  #? named
    problem = None  #? named
    for family, _, _, _, address in socket.getaddrinfo(HOST, PORT, type=socket.$kind):  #? named
        try:  #? named
            return connect_to(family, address)  #? named & !asyncio
            return await connect_to(family, address)  #? named & asyncio
        except OSError as error:  #? named
            problem = error  #? named
    raise problem  #? named
'''

SIGNALS = '''
class CloseConnection(Exception):  #? close
    """The program wants the conversation to end."""  #? close


class ResetConnection(Exception):  #? reset
    """The program wants the connection reset: it ends at once, and what waits is not sent."""  #? reset


class ToOthers(bytes):  #? tell
    """A message that the program has for everybody else."""  #? tell
'''

NAME = '''
def name(address):
    """An address as text, such as 127.0.0.1:9000."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"  #? !four
    return f"{host}:{port}"  #? four
'''

FOOT = """
if __name__ == "__main__":
    try:
        main()  #? !asyncio
        asyncio.run(main())  #? asyncio
    except KeyboardInterrupt:
        print("Stopped.")
    except OSError as error:
        sys.exit(f"$failed {error}")
"""
